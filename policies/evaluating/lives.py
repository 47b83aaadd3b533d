"""The obligations of one case, and where to find them: by key, by name, those still open, the latest time of one that repeats.

What lives here: keeping them. What does not: what makes one begin, be met or lapse (`duties`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple, TypeAlias

from policies.evaluating.spells import Spell
from policies.parts.schema import Deadline, Party, Side
from policies.parts.terms import Clock, Duty

SECOND = timedelta(seconds=1)  # how long a deadline lasts: one given by a day or a minute is met within its last second


@dataclass(slots=True, eq=False)
class Live:
    """An obligation in the case. `clocks` are kept as they stood when it was done or lapsed.

    `base` is its key without the number of its repetition. `met`: it was done or set aside, nothing more is asked. `passed`: what
    follows from its deadline's passing was done.
    """

    duty: Duty
    key: str
    base: str
    epoch: int
    since: datetime
    owner: Party
    to: tuple[Party, ...]
    child: str
    spell: Spell
    done_at: datetime | None = None
    done_seq: int | None = None
    met: bool = False
    facts: dict[str, Any] = field(default_factory=dict)
    waived: bool = False
    ended: str = ""
    ends: datetime | None = None
    clocks: tuple[Deadline, ...] | None = None
    round: int = 1
    passed: bool = False

    @property
    def late(self) -> bool:
        """Done after its time had ended. What ends with a day may be done in its last second."""
        return self.done_at is not None and any(one.at + SECOND <= self.done_at for one in self.clocks or ())

    @property
    def clock(self) -> Clock | None:
        """Its own limit: that of its first time, or that from one time to the next."""
        return self.duty.again if self.round > 1 else self.duty.clock


class Wanted(NamedTuple):
    """An obligation the case asks for now: its key, for which visit or resolution, the side and agency that owe it ("" where it is not
    one agency), and about whom."""

    key: str
    epoch: int
    side: Side
    agency: str
    child: str
    person: str


# What a duty asks for, in short: for which visit or resolution, among which agencies and people (`Case.gathered`), about whom. As long
# as this stays the same, so does `wanted`.
Asked: TypeAlias = tuple[int, int, tuple[str, ...]]


@dataclass(slots=True, eq=False)
class Series:
    """All that one duty has asked for in a case: those to be done and the latest time of each by `base`, those of the latest visit or
    resolution and those of earlier ones in their order; the keys of those that were late when the case went on without them (`left_late`);
    what it asks for now, in short, and in full as last worked out.
    """

    asked: Asked | None = None
    known: Asked | None = None
    wanted: dict[str, Wanted] = field(default_factory=dict)
    open: dict[str, Live] = field(default_factory=dict)
    left_late: set[str] = field(default_factory=set)
    newest: dict[str, Live] = field(default_factory=dict)
    latest: list[Live] = field(default_factory=list)
    earlier: list[Live] = field(default_factory=list)

    def add(self, live: Live) -> None:
        """One that comes up."""
        self.open[live.base] = self.newest[live.base] = live
        several = self.latest
        if several and several[0].epoch != live.epoch:
            if several[0].epoch > live.epoch:
                several = self.earlier
            else:
                self.earlier += several
                several.clear()
        several.append(live)


_NEVER = Series()


class Lives:
    """All obligations of a case, in the order in which they came up, and by the name of their duty."""

    def __init__(self) -> None:
        self.by_key: dict[str, Live] = {}
        self.of: dict[str, Series] = {}

    def __iter__(self) -> Iterator[Live]:
        return iter(self.by_key.values())

    def open(self, place: str) -> list[Live]:
        """Those of one name that are to be done."""
        return list(self.of.get(place, _NEVER).open.values())

    def left_late(self, place: str) -> bool:
        """Whether the case went on without one of this name after its time had passed."""
        return bool(self.of.get(place, _NEVER).left_late)

    def asked_for(self, place: str) -> bool:
        """Whether one of this name ever came up."""
        return bool(self.of.get(place, _NEVER).latest)

    def ever(self, place: str) -> list[Live]:
        """All of one name, those of earlier visits and resolutions first."""
        mine = self.of.get(place, _NEVER)
        return [*mine.earlier, *mine.latest]

    def latest(self, place: str) -> list[Live]:
        """Those of the latest visit or resolution that did not lapse; of one that repeats, the last time it was done, or its first."""
        found = [one for one in self.of.get(place, _NEVER).latest if one.met or not one.ended]
        return found if not found or found[0].duty.again is None else _last_times(found)


def _last_times(several: list[Live]) -> list[Live]:
    found: dict[str, Live] = {}
    for one in several:
        if one.met or one.base not in found:
            found[one.base] = one
    return list(found.values())
