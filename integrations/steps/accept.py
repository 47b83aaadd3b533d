"""Whether an answer is a success by the rules of its step; and whether the child found is the child meant.

What does not live here: keeping values of the answer (`run`), the table of statuses (`answer.verdict`).
"""

from __future__ import annotations

from collections.abc import Mapping

from integrations.answer.person import not_one, not_surely
from integrations.answer.pointer import NotThere, Pointer, Unreadable
from integrations.answer.verdict import NOT_WRITTEN, Stopped, of_status, retry_after
from integrations.contract import Deferred, Refused, Unknown
from integrations.http import Response
from integrations.steps.options import Step
from integrations.template.language import Template, Value


def accept(step: Step, response: Response) -> None:
    """Raises `Stopped` unless status, place and body all say success: a 200 alone says little."""
    if step.later_place:
        _check_later(step, response)
    if response.status not in step.success_statuses:
        if 200 <= response.status < 300:
            raise Stopped(odd(step, f"status {response.status} is not among those that mean success"))
        if response.status in step.refused_statuses:
            raise Stopped(Refused(f"The record system answered {response.status} to the step {step.id}, by which it refuses for good."))
        raise Stopped(of_status(response, step.writes, NOT_WRITTEN | frozenset(step.not_written)))
    _check_body(step, response)
    if step.failure_place:
        _check_failure(step, response)
    if step.success_place:
        _check_place(step, response)


def _check_body(step: Step, response: Response) -> None:
    if step.success_body == "empty" and response.body:
        raise Stopped(odd(step, "its body should be empty"))
    if step.success_body == "not empty" and not response.body:
        raise Stopped(odd(step, "its body is empty"))
    if step.failure_contains and step.failure_contains.encode() in response.body:
        raise Stopped(_failed(step, response))
    if step.success_contains and step.success_contains.encode() not in response.body:
        raise Stopped(odd(step, "its body does not hold the text of success"))


def _check_later(step: Step, response: Response) -> None:
    try:
        said = Pointer.parse(step.later_place).text(response)
    except NotThere:
        return
    if said in step.later_equals:
        reason = f"The record system says to the step {step.id} that it cannot take this now."
        raise Stopped(Deferred(reason, after=retry_after(response)))


def confirm(step: Step, response: Response, values: Mapping[str, Value]) -> None:
    """Raises `Stopped` unless exactly one child was found and what is known of it agrees. Never picks one of several."""
    if step.only_one:
        _check_only_one(step, response)
    for place, text in step.confirm.items():
        wanted = Template.parse(text).fill(values, str)
        try:
            there = Pointer.parse(place).text(response)
        except NotThere:
            there = ""
        if _plain(there) != _plain(wanted) or not _plain(wanted):
            raise not_surely(f"what it says of them ({place})")


def _check_only_one(step: Step, response: Response) -> None:
    try:
        count = len(Pointer.parse(step.only_one).all(response))
    except NotThere:
        count = 0
    if count != 1:
        raise not_one(count)


def _check_failure(step: Step, response: Response) -> None:
    try:
        said = Pointer.parse(step.failure_place).value(response)
    except Unreadable as error:
        raise Stopped(odd(step, str(error))) from None
    except NotThere:
        return
    if said not in (None, False, "", [], {}):
        raise Stopped(_failed(step, response))


def _failed(step: Step, response: Response) -> Refused:
    said = f"The record system answered {response.status} and says itself that the step {step.id} failed."
    return Refused(said, where="credentials" if step.does == "sign in" else None)


def _check_place(step: Step, response: Response) -> None:
    try:
        said = Pointer.parse(step.success_place).text(response)
    except NotThere as error:
        raise Stopped(odd(step, str(error))) from None
    if said not in step.success_equals:
        raise Stopped(_failed(step, response))


def odd(step: Step, why: str) -> Refused | Unknown:
    """A success by its status that is not what it should be: after a write nobody knows, before one it is a fault to look at."""
    said = f"The record system's answer to the step {step.id} is not what it should be: {why}."
    return Unknown(said) if step.writes else Refused(said)


def _plain(text: str) -> str:
    return " ".join(text.split()).casefold()
