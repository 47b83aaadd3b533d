"""Waiting for a write that a system takes at once and does later: asking how far it is until it is done, has failed, or time is up.

What does not live here: what the settings may say of it (`ask.Wait`).
"""

from __future__ import annotations

import time
from collections.abc import Mapping

from integrations.answer.pointer import NotThere, Pointer
from integrations.answer.verdict import Stopped
from integrations.contract import Refused, Unknown
from integrations.http import Response
from integrations.steps.ask import Wait
from integrations.steps.exchange import Exchange
from integrations.steps.options import Step
from integrations.template.language import Value


def waited_for(step: Step, wait: Wait, exchange: Exchange, values: Mapping[str, Value]) -> str | None:
    """The remote id that the answer names when it is done ("" if it names none); None where it takes longer and counts as arrived.

    Raises `Stopped`: refused where the system says that it failed, unknown where it takes longer or cannot be asked.
    """
    end = time.monotonic() + wait.at_most_seconds
    while True:
        response = _asked(wait, exchange, values)
        said = _said(wait, response) if response else ""
        if response and said in wait.done:
            return _id_in(wait, response)
        if response and said in wait.failed:
            raise Stopped(Refused(f"The record system took the step {step.id} and says that it failed."))
        if time.monotonic() + wait.every_seconds > end:
            break
        time.sleep(wait.every_seconds)
    if wait.late == "arrived":
        return None
    raise Stopped(Unknown(f"The record system took the step {step.id} and has not said in time that it is done."))


def _asked(wait: Wait, exchange: Exchange, values: Mapping[str, Value]) -> Response | None:
    """None for a question that failed: the next may come off."""
    try:
        response = exchange.send(wait, values, writes=False)
    except Stopped:
        return None
    return response if response.status in wait.success_statuses else None


def _said(wait: Wait, response: Response) -> str:
    try:
        return Pointer.parse(wait.place).text(response)
    except NotThere:
        return ""


def _id_in(wait: Wait, response: Response) -> str:
    try:
        return Pointer.parse(wait.remote_id).text(response) if wait.remote_id else ""
    except NotThere:
        return ""
