"""Checks a list of steps as a whole: every placeholder can stand for something at the step where it is used.

What does not live here: faults within one step (`options`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

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
    for step in steps:
        own = {f"step.{step.id}.{name}" for name in (*step.save, "id")}
        try:
            _check(step, known, secrets)
            if step.look:
                _check(step.look, known | ({"page"} if step.look.pages else set()), secrets)
            if step.wait:
                _check(step.wait, known | own, secrets)
        except ValueError as error:
            raise ValueError(f"step {step.id}: {error}") from None
        # Where it may be there already, and neither a search nor that answer names it, later steps cannot count on its number.
        lost = step.there and not step.there.found and not step.look
        known |= own - ({f"step.{step.id}.id"} if lost else set())


def _check(ask: Ask, known: set[str], secrets: set[str]) -> None:
    for template in (*ask.places(), *ask.sayings()):
        check_names(template, known)
    for template in ask.templates():
        check_names(template, known | secrets)
