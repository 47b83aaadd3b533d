"""A case while its events are replayed: what is known so far, and the answers conditions ask for.

What lives here: the mutable picture of one case and its questions. What does not: how an event changes it (`replay`), which obligations
it makes (`duties`), when clocks end (`clocks`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypeAlias

from policies.conditions import Moment
from policies.model import Policy, Stage
from policies.schema import Deadline, Event, Party
from policies.terms import Clock, Duty

SENT_BACK = "sent back"  # how a stay ended, of which an earlier stage came again
SECOND = timedelta(seconds=1)  # how long a deadline lasts: one given by a day or a minute is met within its last second


@dataclass(frozen=True, slots=True)
class Member:
    """An agency that takes part."""

    agency: str
    type: str
    side: str
    traits: frozenset[str]


@dataclass(slots=True)
class Child:
    """One child or adult of the case: since when each flag is set, and by role the opaque ids of those who are theirs alone."""

    kind: str = "child"
    flags: dict[str, datetime] = field(default_factory=dict)
    people: dict[str, str] = field(default_factory=dict)


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


@dataclass(slots=True)
class Live:
    """An obligation in the case. `clocks` are kept as they stood when it was done or lapsed.

    `left_undone`: the case went on to another stage then, without it. `passed`: what follows from its deadline's passing was done.
    """

    duty: Duty
    key: str
    epoch: int
    since: datetime
    owner: Party
    to: tuple[Party, ...]
    child: str
    spell: Spell | None
    done_at: datetime | None = None
    done_seq: int | None = None
    facts: dict[str, Any] = field(default_factory=dict)
    waived: bool = False
    ended: str = ""
    left_undone: datetime | None = None
    ends: datetime | None = None
    clocks: tuple[Deadline, ...] | None = None
    round: int = 1
    passed: bool = False

    @property
    def base(self) -> str:
        """The key without the number of its repetition."""
        return self.key.removesuffix(f"/time {self.round}") if self.round > 1 else self.key

    @property
    def clock(self) -> Clock | None:
        """Its own limit: that of its first time, or that from one time to the next."""
        return self.duty.again if self.round > 1 else self.duty.clock

    @property
    def late(self) -> bool:
        """Done after its time had ended. What ends with a day may be done in its last second."""
        return self.done_at is not None and any(one.at + SECOND <= self.done_at for one in self.clocks or ())

    @property
    def met(self) -> bool:
        """Done or set aside: nothing more is asked."""
        return self.done_at is not None or self.waived


# Since when clocks stand still, and until when (None: still).
Span: TypeAlias = tuple[datetime, datetime | None]


@dataclass(slots=True)
class Case:
    """All that is known of a case. It answers `conditions.Facts`.

    `turn` goes up whenever something happens that may change the clocks of a stage, so that they are worked out once between; `gathered`
    whenever an agency, a child or somebody of theirs is added (`counted`: the agencies and sides there were then). `seen` is what each
    duty owed for each child or officer was last asked for.
    """

    policy: Policy
    raised_at: datetime
    clock: datetime
    seq: int = 0
    themes: tuple[str, ...] = ()
    members: list[Member] = field(default_factory=list)
    children: dict[str, Child] = field(default_factory=dict)
    flags: dict[str, datetime] = field(default_factory=dict)
    dates: dict[str, datetime] = field(default_factory=dict)
    answers: dict[str, tuple[str, datetime]] = field(default_factory=dict)
    protective: list[datetime] = field(default_factory=list)
    spells: list[Spell] = field(default_factory=list)
    reached_number: int = -1
    lives: dict[str, Live] = field(default_factory=dict)
    places: dict[str, list[Live]] = field(default_factory=dict)
    early: dict[str, Event] = field(default_factory=dict)
    overridden: dict[str, datetime] = field(default_factory=dict)
    outcome: str = ""
    resolved: datetime | None = None
    resolutions: int = 0
    closed: datetime | None = None
    turn: int = 0
    remarks: list[tuple[str, str, str]] = field(default_factory=list)
    parties: dict[tuple[str, str, str], Party] = field(default_factory=dict)
    stops: dict[str, list[Span]] = field(default_factory=dict)
    gathered: int = 0
    counted: tuple[int, int, int] = (-1, 0, 0)
    seen: dict[int, tuple[object, ...]] = field(default_factory=dict)

    @property
    def spell(self) -> Spell:
        """Where the case is."""
        return self.spells[-1]

    def side(self, side: str) -> list[Member]:
        """The agencies on one side, the first one leading."""
        return [one for one in self.members if one.side == side]

    def last_spell(self, stage: str) -> Spell | None:
        """The latest stay at a stage."""
        for one in reversed(self.spells):
            if one.stage.id == stage:
                return one
        return None

    def latest(self, place: str) -> list[Live]:
        """The obligations of one name, of the latest visit or resolution only, without those that lapsed unmet."""
        several = self.places.get(place)
        if not several:
            return []
        epoch = max(one.epoch for one in several)
        found = [one for one in several if one.epoch == epoch and (one.met or not one.ended)]
        return found if several[0].duty.again is None else _last_times(found)

    def child(self, name: str) -> Child:
        """The child or adult of this id, known from now on."""
        if name not in self.children:
            self.children[name] = Child(self.policy.subjects[0] if self.policy.subjects[0] != "theme" else "child")
        return self.children[name]

    # --- the answers to conditions.Facts ---

    def has_flag(self, flag: str, child: str) -> bool:
        if flag in self.flags:
            return True
        if child:
            return flag in self.children[child].flags
        for one in self.children.values():  # noqa: SIM110  # a loop: this is asked more often than anything else
            if flag in one.flags:
                return True
        return False

    def answer(self, question: str) -> str:
        known = self.answers.get(question)
        return known[0] if known else ""

    def date_known(self, date: str) -> bool:
        return date in self.dates

    def done(self, duty: str, every: bool) -> bool:
        several = self.latest(duty)
        return bool(several) and (all if every else any)(one.met for one in several)

    def done_late(self, duty: str) -> bool:
        return any(one.late for one in self.latest(duty))

    def owed(self, duty: str) -> bool:
        return any(not one.met and not one.ended for one in self.places.get(duty, ()))

    def said(self, duty: str, name: str, value: str) -> bool:
        return any(one.done_at is not None and str(one.facts.get(name, "")) == value for one in self.latest(duty))

    def is_at(self, stage: str) -> bool:
        return self.spell.stage.id == stage

    def reached(self, stage: str) -> bool:
        return self.reached_number >= self.policy.stage_by_id[stage].number

    def left(self, stage: str) -> bool:
        last = self.last_spell(stage)
        return last is not None and last is not self.spell

    def resolved_at(self, stage: str) -> bool:
        return self.resolved is not None and self.spell.stage.id == stage

    def started_at(self, stage: str) -> bool:
        return self.spells[0].stage.id == stage

    def outcome_is(self, outcome: str) -> bool:
        return self.resolved is not None and outcome in ("", self.outcome)

    def is_closed(self) -> bool:
        return self.closed is not None

    def has_party(self, side: str, agency_type: str) -> bool:
        return any(one.type == agency_type and side in ("any", one.side) for one in self.members)

    def party_count(self) -> int:
        return len({one.agency for one in self.members})

    def same_agency(self) -> bool:
        return bool({one.agency for one in self.side("raising")} & {one.agency for one in self.side("responding")})

    def theme_is(self, theme: str) -> bool:
        return theme in self.themes

    def tier(self) -> int:
        return self.spell.tier

    def time_up(self, stage: str) -> bool:
        last = self.last_spell(stage)
        if last is None or last.ends is None:
            return False
        return last.how == "time up" or last.ends < (last.left or self.clock)

    def came_in(self, date: str) -> Moment | None:
        at = self.dates.get(date) if date else self.raised_at
        if at is None:
            return None
        calendar = self.policy.calendar
        return Moment(calendar.local(at), calendar.in_hours(at), calendar.is_working(calendar.local(at).date()))

    def is_about(self, kind: str, child: str) -> bool:
        if kind == "theme":
            return not self.children
        if child:
            return self.children[child].kind == kind
        return any(one.kind == kind for one in self.children.values())

    def overdue(self, duty: str) -> bool:
        return any(self._passed(one) for one in self.places.get(duty, ()) if not one.met)

    def _passed(self, one: Live) -> bool:
        """Whether its time passed while it was owed: it is still, or the case went on without it."""
        if one.ends is None:
            return False
        if one.ended:
            return one.left_undone is not None and one.ends <= one.left_undone
        return one.ends < self.clock


def _last_times(several: list[Live]) -> list[Live]:
    """Of something that repeats, the last time it was done; the first time where it was not done yet."""
    found: dict[str, Live] = {}
    for one in several:
        if one.met or one.base not in found:
            found[one.base] = one
    return list(found.values())
