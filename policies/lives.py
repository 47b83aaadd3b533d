"""The obligations of one case, and where to find them: by key, by name, those still open, the latest time of one that repeats.

What lives here: keeping them. What does not: what makes one begin, be met or lapse (`duties`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple, TypeAlias

from policies.schema import Deadline, Party, Side
from policies.spells import Spell
from policies.terms import Clock, Duty

SECOND = timedelta(seconds=1)  # how long a deadline lasts: one given by a day or a minute is met within its last second


@dataclass(slots=True, eq=False)
class Live:
    """An obligation in the case. `clocks` are kept as they stood when it was done or lapsed.

    `base` is its key without the number of its repetition. `met`: it was done or set aside, nothing more is asked. `left_undone`: the
    case went on to another stage then, without it. `passed`: what follows from its deadline's passing was done.
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
    left_undone: datetime | None = None
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


class Lives:
    """All obligations of a case, in the order in which they came up."""

    def __init__(self) -> None:
        self._by_key: dict[str, Live] = {}
        self._newest: dict[str, Live] = {}
        self._open: dict[str, dict[str, Live]] = {}
        self._latest: dict[str, list[Live]] = {}
        self._earlier: dict[str, list[Live]] = {}

    def __iter__(self) -> Iterator[Live]:
        return iter(self._by_key.values())

    def add(self, live: Live) -> None:
        """One that comes up."""
        place = live.duty.place
        self._by_key[live.key] = self._newest[live.base] = live
        several = self._latest.setdefault(place, [])
        if several and several[0].epoch < live.epoch:
            self._earlier.setdefault(place, []).extend(several)
            several.clear()
        later = several and several[0].epoch > live.epoch
        (self._earlier[place] if later else several).append(live)
        self.now_open(live)

    def now_open(self, live: Live) -> None:
        """One that is to be done."""
        self._open.setdefault(live.duty.place, {})[live.key] = live

    def now_over(self, live: Live) -> None:
        """One that was met, or is not wanted any more."""
        self._open[live.duty.place].pop(live.key, None)

    def get(self, key: str) -> Live | None:
        """The one with this key."""
        return self._by_key.get(key)

    def newest(self, base: str) -> Live | None:
        """The one with this key; of one that repeats, its latest time."""
        return self._newest.get(base)

    def open(self, place: str) -> tuple[Live, ...]:
        """Those of one name that are to be done."""
        found = self._open.get(place)
        return tuple(found.values()) if found else ()

    def asked_for(self, place: str) -> bool:
        """Whether one of this name ever came up."""
        return place in self._latest

    def ever(self, place: str) -> tuple[Live, ...]:
        """All of one name, those of earlier visits and resolutions first."""
        return (*self._earlier.get(place, ()), *self._latest.get(place, ()))

    def of_now(self, place: str) -> list[Live]:
        """Those of one name that belong to the latest visit or resolution."""
        return self._latest.get(place, [])

    def latest(self, place: str) -> list[Live]:
        """The same without those that lapsed unmet; of one that repeats, the last time it was done, or the first where it was not yet."""
        found = [one for one in self._latest.get(place, ()) if one.met or not one.ended]
        return found if not found or found[0].duty.again is None else _last_times(found)


def _last_times(several: list[Live]) -> list[Live]:
    found: dict[str, Live] = {}
    for one in several:
        if one.met or one.base not in found:
            found[one.base] = one
    return list(found.values())
