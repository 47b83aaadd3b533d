"""The working parts of a policy: who, from when, how long, and the obligations made of them.

What lives here: parties, starting points, limits, caps, obligations and their reminders, compiled. What does not: stages and the policy
itself (`model`), what becomes of them in a case (`duties`, `clocks`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import time, timedelta
from typing import Literal

from policies.parts.calendars import Unit
from policies.parts.conditions import Condition
from policies.parts.recurring import Recurring
from policies.parts.schema import Strength

Lasts = Literal["stage", "until done", "from here on"]
TimeUp = Literal["nothing", "permits", "opens"]


@dataclass(frozen=True, slots=True)
class PartyRef:
    """Who, as a pack says it ("raising manager", "both", "partnership chair"); the case turns it into a Party.

    `side` may also be "each" (one on each side), "every" (one for each agency), "own" or "other" (as seen from the owner), or
    "officer" (the reviewing officer of a child). With a `type` of agency, `side` is "every": one for each
    agency of that type, on either side.
    """

    side: Literal["raising", "responding", "both", "partnership", "each", "every", "own", "other", "officer", "none"]
    role: str
    type: str = ""


@dataclass(frozen=True, slots=True)
class Anchor:
    """An instant a clock starts at: of the points in `tries` (kind and id) that are known, the one that `picks` says."""

    tries: tuple[tuple[str, str], ...]
    text: str
    picks: Literal["first", "earlier", "later"] = "first"


@dataclass(frozen=True, slots=True)
class Limit:
    """A length of time from an anchor, under a condition (None: always). `text` is how long, as the policy says
    it, without the ids of where it starts and when it holds: people read it.

    `day`: it goes by the next such day after the anchor: on it (`count` 0), so long before it (below 0) or after it.
    """

    count: int
    unit: Unit
    anchor: Anchor
    text: str
    by: time | None = None
    when: Condition | None = None
    day: Recurring | None = None


@dataclass(frozen=True, slots=True)
class Clock:
    """Limits of which the first whose condition holds counts, and the rule they come from."""

    limits: tuple[Limit, ...]
    rule: str = ""


@dataclass(frozen=True, slots=True)
class Cap:
    """A limit over several stages, and what ends it."""

    id: str
    title: str
    clock: Clock
    ends: Condition
    strength: Strength


@dataclass(frozen=True, slots=True)
class Stop:
    """A reason for which clocks stand still while `when` holds. `clocks` are "stage:2", "cap:ten days", "duty:2/meet"; empty: all.

    A date set to protect a child never stands still.
    """

    id: str
    title: str
    when: Condition
    clocks: frozenset[str]
    rule: str


@dataclass(frozen=True, slots=True)
class Step:
    """One rung of a reminder ladder as data: so long before ("before") or after the deadline or the asking, to whom."""

    id: str
    from_: Literal["since", "due"]
    working_days: int
    to: str
    urgent: bool
    wait: timedelta = timedelta()


@dataclass(frozen=True, slots=True)
class Duty:
    """The definition of an obligation. `number` counts the policy's duties; `place` ("2/discuss", "case/record") is its full name.

    `each_role` is the role of one person ("reviewing officer") where each of them is told. `again`: it repeats, so long after it was done.
    `by_too` are further kinds of agency of which each owes it, where `by` is one.
    """

    number: int
    id: str
    place: str
    stage: str
    kind: str
    title: str
    rule: str
    strength: Strength
    by: PartyRef
    to: tuple[PartyRef, ...]
    when: Condition | None
    clock: Clock | None
    cumulative: Clock | None
    lasts: Lasts
    inside: bool
    each: Literal["", "officer", "child", "adult", "person"]
    epoch: Literal["once", "visit", "time", "resolution"]
    done_by: Condition | None
    after: tuple[str, ...]
    before: str
    form: str
    part: str
    asks: tuple[str, ...]
    records: tuple[str, ...]
    holds_open: bool
    automatic: bool
    private: bool
    note: str
    ladder: tuple[Step, ...]
    triggers: frozenset[str]
    may_be_at_once: bool
    each_role: str = ""
    again: Clock | None = None
    by_too: tuple[PartyRef, ...] = ()

    @property
    def owners(self) -> tuple[PartyRef, ...]:
        """Everybody who owes it, each their own; more than one only where they are kinds of agency."""
        return (self.by, *self.by_too)
