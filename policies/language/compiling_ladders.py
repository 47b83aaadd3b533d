"""A policy's own reminders by strength, for every obligation that names none of its own.

What lives here: reading and checking them. What does not: an obligation's own reminders (`compiling_duties`), the instants (`ladders`).
"""

from __future__ import annotations

from collections.abc import Mapping

from policies.language.compiler import Compiler
from policies.language.compiling_duties import reminder_step
from policies.language.duty_source import StepSource
from policies.language.problems import Path
from policies.parts.terms import Step

STRENGTHS = ("must", "should", "may", "guide")
_NOTHING = Step("ask", "since", 0, "owner", False)


def ladders_of(maker: Compiler) -> Mapping[str, tuple[Step, ...]]:
    """The pack's `reminders`, by strength; a strength of which it says nothing is left out."""
    written = {strength: getattr(maker.pack.reminders, strength) for strength in STRENGTHS}
    return {strength: _ladder(maker, strength, steps) for strength, steps in written.items() if steps}


def _ladder(maker: Compiler, strength: str, steps: list[StepSource]) -> tuple[Step, ...]:
    return tuple(_step(maker, one, ("reminders", strength, place, "at")) for place, one in enumerate(steps))


def _step(maker: Compiler, written: StepSource, path: Path) -> Step:
    step = maker.read(path, lambda: reminder_step(written), _NOTHING)
    if step.id in ("before", "on the day") and step.from_ == "due" and (step.working_days > 0 or step.wait.total_seconds() > 0):
        maker.fault(path, "This reminder comes after the deadline it is meant to come before.")
    return step
