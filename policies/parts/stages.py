"""Stages and what stands at them, compiled: questions, guards, ways back, outcomes, panels.

What lives here: the shapes. What does not: the policy that they make together (`model`), limits and obligations (`terms`).
"""

from __future__ import annotations

from dataclasses import dataclass

from policies.parts.conditions import Condition
from policies.parts.schema import Strength
from policies.parts.terms import Clock, PartyRef, TimeUp
from policies.parts.vocabulary import Choice


@dataclass(frozen=True, slots=True)
class Question:
    """Something to be chosen during a case (a route, a priority, who decides): `fact` events about `id` name one of `options`."""

    id: str
    title: str
    options: tuple[Choice, ...]
    default: str = ""
    rule: str = ""
    by: tuple[PartyRef, ...] = ()
    when: Condition | None = None


@dataclass(frozen=True, slots=True)
class Guard:
    """What must hold before a stage is entered. `key` is the word an `overridden` event names."""

    key: str
    needs: Condition
    text: str
    strength: Strength
    rule: str


@dataclass(frozen=True, slots=True)
class WayBack:
    """A stage to which a case may be sent back: by whom, and when (None: at any time). `key` is the word an `overridden` event names."""

    key: str
    to: str
    title: str
    by: tuple[PartyRef, ...]
    when: Condition | None
    rule: str


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage: who acts (role ids, the first is the one who speaks), its clocks, what lets a case in, and what comes next."""

    id: str
    number: int
    title: str
    summary: str
    acts: tuple[str, ...]
    limit: Clock | None
    cumulative: Clock | None
    opened_by: tuple[PartyRef, ...]
    judged_by: tuple[PartyRef, ...]
    guards: tuple[Guard, ...]
    tiers: bool
    time_up: TimeUp
    direct: Condition | None
    next: str
    rule: str
    back: tuple[WayBack, ...] = ()

    def way_back(self, to: str) -> WayBack | None:
        """The way back from here to that stage, None where the policy has none."""
        return next((one for one in self.back if one.to == to), None)


@dataclass(frozen=True, slots=True)
class Outcome:
    """A way to finish. `binding` is what the policy says of it; `when` limits where it may be chosen.

    `unmakes`: it should never have been raised. The case ends at once, asks nothing more and goes on no file.
    """

    id: str
    title: str
    closes: bool
    binding: str
    neutral: bool
    by: tuple[PartyRef, ...]
    when: Condition | None
    rule: str
    unmakes: bool = False


@dataclass(frozen=True, slots=True)
class Panel:
    """Who must sit on a panel: so many agencies with a trait, those in disagreement among them or none of them; when it is called for."""

    id: str
    title: str
    seats: int
    exactly: bool
    trait: str
    trait_title: str
    all_who_disagree: bool
    fixed: tuple[str, ...]
    when: Condition
    rule: str
    none_who_disagree: bool = False
