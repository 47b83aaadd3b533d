"""A simulated case as it is told: its events, a dated line for each thing that happened, the state it ends in.

What lives here: the shapes, and a stay at a stage in words. What does not: making a run (`simulating`), drawing it (`charting.timeline`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from pydantic import TypeAdapter

from policies.evaluating.due_words import due_words
from policies.parts.model import Policy
from policies.parts.schema import Event, StageSpell, State

Answers = Literal["none", "late", "prompt"]


@dataclass(frozen=True, slots=True)
class Line:
    """One dated line of a run. `at` is aware UTC, `local` the same in the policy's zone (ISO), `rule` the rule behind it.

    `what`: something happened, was asked for, or a stay at a stage began; its end as it stood then.
    """

    at: datetime
    local: str
    what: Literal["event", "owed", "ends"]
    text: str
    rule: str = ""


@dataclass(frozen=True, slots=True)
class Run:
    """A simulated case: its events, what happened line by line, and the state it ends in."""

    policy: str
    answers: Answers
    events: tuple[Event, ...]
    lines: tuple[Line, ...]
    state: State


RUN = TypeAdapter(Run)


def stay_words(policy: Policy, spell: StageSpell, *, now: bool = False) -> str:
    """A stay at a stage and the end of its time: "Stage 2: Line managers, by the end of Tuesday 30 March 2027"; `now` where that is new."""
    tier = f", tier {spell.tier}" if spell.tier > 1 else ""
    stage = policy.stage_by_id[spell.stage]
    unknown = "no time limit yet" if stage.limit is not None or stage.cumulative is not None else "no time limit"
    until = due_words(policy.calendar, spell.due) if spell.due is not None else unknown
    return f"Stage {spell.stage}: {spell.title}{tier}, {'now ' if now else ''}{until}"
