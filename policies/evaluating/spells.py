"""The stays of a case at the stages of its policy.

What lives here: their shape. What does not: entering and leaving a stage (`passing`), when a stay ends (`clocks`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from policies.parts.schema import Deadline
from policies.parts.stages import Stage

SENT_BACK = "sent back"  # how a stay ended, of which an earlier stage came again


@dataclass(slots=True)
class Spell:
    """A stay at one tier of a stage. `began` is when the stage was entered, `entered` when this tier was.

    `clocks` are final once the stay is over; `known` are those last worked out, with the case's `turn` at that time. `sent_back` counts how
    often the case had been sent back by then, `time` the stays at this stage since each of which it was.
    """

    stage: Stage
    began: datetime
    entered: datetime
    visit: int
    tier: int = 1
    left: datetime | None = None
    how: str = ""
    referred: datetime | None = None
    unresolved: datetime | None = None
    ends: datetime | None = None
    passed: bool = False
    clocks: tuple[Deadline, ...] | None = None
    known: tuple[int, tuple[Deadline, ...]] = (-1, ())
    sent_back: int = 0
    time: int = 1
