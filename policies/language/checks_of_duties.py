"""Mistakes in one obligation that no single key of it shows.

What lives here: the checks of a compiled obligation. What does not: keys (`source`), phrases (`phrases`), the policy as a whole (`checks`).
"""

from __future__ import annotations

from collections.abc import Iterator

from policies.language.compiling_duties import Written
from policies.language.problems import Problem
from policies.language.reading import Document
from policies.parts import conditions as c
from policies.parts.model import Policy
from policies.parts.terms import Duty, Limit

_NO_RECEIVER = (
    "A {} needs someone it goes to. Add a line 'to: …'. For a child or a family, who have no account here, write 'kind: discussion': "
    "somebody tells them, and says so."
)
_INFORMING = frozenset({"notice", "copy", "letter", "report", "referral", "hand-off"})


def check_duty(policy: Policy, duty: Duty, one: Written, document: Document) -> Iterator[Problem]:
    """Every mistake in one obligation, but for its form (`checks_of_forms`)."""
    path = one.path
    yield from _parties(policy, duty, one, document)
    for key, condition in (("when", duty.when), ("done by", duty.done_by)):
        if condition is not None and any(trigger.startswith("owed:") for trigger in condition.triggers):
            yield document.problem(
                (*path, key), "'owed' is for guards, clocks and notes. Write for example 'not talk done', or 'talk overdue'."
            )
    if duty.part and not duty.form:
        yield document.problem((*path, "part"), f"'{duty.part}' is a part of what? Name its form: add a line 'form: …'.")
    yield from _waiting_for_itself(duty, one, document)
    yield from _in_a_circle(policy, duty, one, document)
    yield from _automatic(duty, one, document)
    yield from _repeating(duty, one, document)
    yield from _reminders(duty, one, document)


def _parties(policy: Policy, duty: Duty, one: Written, document: Document) -> Iterator[Problem]:
    """Who owes it, and to whom."""
    path = one.path
    if duty.kind in _INFORMING and not duty.to:
        yield document.problem((*path, "to"), _NO_RECEIVER.format(duty.kind))
    if duty.by.side in ("own", "other", "officer"):
        yield document.problem(
            (*path, "by"),
            "Someone who owes a thing is named by side (raising, responding, both, each, every, partnership) or by a kind of agency.",
        )
    if {duty.each_role, *(ref.role for ref in duty.to if ref.side == "officer")} - {"", *policy.roles}:
        yield document.problem((*path, "to"), "Declare a role with the id 'reviewing officer' of a child first.")
    for ref in duty.to:
        if ref.side == "officer" and ref.role != duty.each_role:
            yield document.problem((*path, "for each"), f"What goes to '{ref.role}' is one for each of them: write 'for each: {ref.role}'.")


def _waiting_for_itself(duty: Duty, one: Written, document: Document) -> Iterator[Problem]:
    """A clock that starts when the thing is done has no end before, and what is owed once it is done is never owed."""
    itself = ("done", duty.place)
    for key, clock in (("limit", duty.clock), ("cumulative", duty.cumulative)):
        if key == "limit" and clock is duty.again:
            continue
        for place, limit in enumerate(clock.limits if clock is not None else ()):
            if all(point == itself for point in limit.anchor.tries):
                yield document.problem(
                    (*one.path, key, place),
                    f"This counts from when '{duty.id}' itself was done, so it would never be due. "
                    "Name what comes before it, or take 'from …' out.",
                )
    if duty.when is not None and needs_first(duty.when, duty.place):
        yield document.problem((*one.path, "when"), f"'{duty.id}' would be owed only once it was done. Name what comes before it.")


def _in_a_circle(policy: Policy, duty: Duty, one: Written, document: Document) -> Iterator[Problem]:
    """Steps of which each waits for the other: none of them could ever be done."""
    seen: set[str] = set()
    ahead = list(duty.after)
    while ahead:
        place = ahead.pop()
        if place == duty.place:
            yield document.problem(
                (*one.path, "after"), f"'{duty.id}' waits for what waits for it, so neither could be done. Take one 'after' out."
            )
            return
        if place not in seen and place in policy.duty_by_place:
            seen.add(place)
            ahead += policy.duty_by_place[place].after


def needs_first(condition: c.Condition, place: str) -> bool:
    """Whether the condition cannot hold before the obligation at `place` was done."""
    if isinstance(condition, c.All):
        return any(needs_first(one, place) for one in condition.parts)
    if isinstance(condition, c.Any):
        return all(needs_first(one, place) for one in condition.parts)
    return isinstance(condition, c.Done | c.DoneInTime | c.Said) and condition.duty == place


def _automatic(duty: Duty, one: Written, document: Document) -> Iterator[Problem]:
    """The service itself can tell somebody something and write to an agency's files; all else is for people."""
    if not duty.automatic:
        return
    path = (*one.path, "automatic")
    if duty.kind != "record" and duty.kind not in _INFORMING:
        yield document.problem(
            path, f"The service can send a notice or write a record by itself; a {duty.kind} is for people. Take this line out."
        )
    if duty.kind == "record" and duty.by.side in ("partnership", "both"):
        yield document.problem(path, "Only agencies have files that the service can write to: write 'by: every …', or take this line out.")


def _repeating(duty: Duty, one: Written, document: Document) -> Iterator[Problem]:
    """What comes again and again must come to an end, and may neither be met by itself nor keep the case open."""
    if duty.again is None:
        return
    path = (*one.path, "repeats")
    if duty.lasts != "stage" and duty.when is None:
        yield document.problem(path, "Say how long it goes on: add 'when: not resolved', or 'lasts: stage'.")
    if duty.done_by is not None:
        yield document.problem(path, "What repeats is done each time by somebody: take 'done by' out.")
    if duty.holds_open:
        yield document.problem(path, "What repeats can never be done once for all: take 'holds open' out.")
    if any(limit.unit == "at once" or limit.count < 0 for limit in duty.again.limits):
        yield document.problem(path, "Write how long after it was done it comes again, such as '1 week' or '5 working days'.")


def _reminders(duty: Duty, one: Written, document: Document) -> Iterator[Problem]:
    limit = duty.clock.limits[0] if duty.clock is not None else None
    for place, step in enumerate(duty.ladder):
        path = (*one.path, "reminders", place, "at")
        ahead = step.id in ("ask", "before", "on the day")
        if ahead and step.from_ == "due" and (step.working_days > 0 or step.wait.total_seconds() > 0):
            yield document.problem(path, "This reminder comes after the deadline it is meant to come before.")
        if ahead and step.from_ == "since" and limit is not None and _longer(step.working_days, limit):
            yield document.problem(path, "This reminder comes after the deadline it is meant to come before.")


def _longer(working_days: int, limit: Limit) -> bool:
    return limit.unit == "working days" and working_days > limit.count
