"""Checks a list of steps as a whole: every placeholder can stand for something at the step where it is used.

What does not live here: faults within one step (`options`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from integrations.steps.options import Step
from integrations.template.language import Template
from integrations.template.values import DOCUMENT_NAMES, RECORD_NAMES, check_names


def check_steps(steps: Sequence[Step], secret_names: Iterable[str]) -> None:
    """Raises ValueError naming the step. A step knows what the steps before it kept.

    Secrets are for the headers and bodies of signing in alone: an address is written into every log on its way.
    """
    if not any(step.does == "create" for step in steps):
        raise ValueError("one step at least must create the record")
    if len({step.id for step in steps}) != len(steps):
        raise ValueError("two steps have the same id")
    saved: set[str] = set()
    for step in steps:
        known = {*RECORD_NAMES, *DOCUMENT_NAMES, *saved}
        try:
            check_names(Template.parse(step.path), known)
            if step.does == "sign in":
                known |= {f"secret.{name}" for name in secret_names}
            for template in step.templates():
                check_names(template, known)
            for template in step.look.templates() if step.look else []:
                check_names(template, known)
        except ValueError as error:
            raise ValueError(f"step {step.id}: {error}") from None
        saved |= {f"step.{step.id}.{name}" for name in (*step.save, "id")}
