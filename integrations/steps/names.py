"""Checks a list of steps as a whole: every placeholder can stand for something at the step where it is used.

What does not live here: faults within one step (`options`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from integrations.steps.ask import Ask
from integrations.steps.options import Step
from integrations.template.values import DOCUMENT_NAMES, RECORD_NAMES, REQUEST_NAMES, check_names


def check_steps(steps: Sequence[Step], secret_names: Iterable[str]) -> None:
    """Raises ValueError naming the step. A step knows what the steps before it kept, its wait also what it kept itself.

    Secrets are for headers and bodies alone: an address is written into every log on its way.
    """
    if not any(step.does == "create" for step in steps):
        raise ValueError("one step at least must create the record")
    if len({step.id for step in steps}) != len(steps):
        raise ValueError("two steps have the same id")
    secrets = {f"secret.{name}" for name in secret_names}
    known = {*RECORD_NAMES, *DOCUMENT_NAMES, *REQUEST_NAMES}
    lost: dict[str, str] = {}
    for step in steps:
        own = {f"step.{step.id}.{name}" for name in (*step.save, "id")}
        try:
            _check_kept((step, *([step.look] if step.look else []), *([step.wait] if step.wait else [])), lost)
            _check(step, known, secrets)
            if step.look:
                _check(step.look, known | ({"page"} if step.look.pages else set()), secrets)
            if step.wait:
                _check(step.wait, known | own, secrets)
        except ValueError as error:
            raise ValueError(f"step {step.id}: {error}") from None
        known |= own
        lost |= _lost(step)


def _lost(step: Step) -> dict[str, str]:
    """What a step keeps of its own answer alone: where it is found to be done, later steps cannot count on it. With what must keep it too.

    Its own wait may use it: it waits only for what it wrote itself.
    """
    if step.look:
        return {f"step.{step.id}.{name}": "its look" for name in set(step.save) - set(step.look.save) - {"id"}}
    if step.there:
        gone = set(step.save) - set(step.there.save) - {"id"} | (set() if step.there.found else {"id"})
        return {f"step.{step.id}.{name}": "“when it is there already”" for name in gone}
    return {}


def _check_kept(asks: Iterable[Ask], lost: Mapping[str, str]) -> None:
    for ask in asks:
        for template in (*ask.places(), *ask.templates(), *ask.sayings()):
            for place in template.places:
                if place.name in lost:
                    raise ValueError(f"{place.name} is not known where that step is found done: {lost[place.name]} must keep it too")


def _check(ask: Ask, known: set[str], secrets: set[str]) -> None:
    for template in (*ask.places(), *ask.sayings()):
        check_names(template, known)
    for template in ask.templates():
        check_names(template, known | secrets)
