"""An agency's own reminder ladder: by strength, in the words of a pack's `reminders`. Data; it takes the place of the default ladder.

What lives here: reading and checking it. What does not: the instants it gives in a case (`ladders`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from policies.language.compiling_duties import reminder_step
from policies.language.compiling_ladders import STRENGTHS
from policies.language.duty_source import StepSource
from policies.parts.terms import Step
from policies.parts.words import PhraseError


def agency_ladder(said: Mapping[str, Any]) -> Mapping[str, Sequence[Step]]:
    """{"must": [{"id": "before", "at": "2 working days before due", "to": "owner"}, …]} as steps.

    Raises ValueError naming the strength, the rung and what would be right.
    """
    if unknown := set(said) - set(STRENGTHS):
        raise ValueError(f"'{sorted(unknown)[0]}' is not a strength. Write must, should, may or guide.")
    return {strength: tuple(_step(strength, place, one) for place, one in enumerate(steps, start=1)) for strength, steps in said.items()}


def _step(strength: str, place: int, said: Any) -> Step:
    try:
        return reminder_step(StepSource.model_validate(said))
    except ValidationError as wrong:
        first = wrong.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise ValueError(f"{strength}, rung {place}{', ' if where else ''}{where}: {first['msg']}.") from None
    except PhraseError as wrong:
        raise ValueError(f"{strength}, rung {place}: {wrong}") from None
