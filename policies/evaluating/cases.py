"""A case while its events are replayed: what is known so far, and the answers conditions ask for.

What lives here: the mutable picture of one case and its questions. What does not: how an event changes it (`replay`), which obligations
it makes (`duties`), when clocks end (`clocks`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple, TypeAlias

from policies.evaluating.lives import Lives
from policies.evaluating.spells import Spell
from policies.parts.asking import Moment
from policies.parts.model import Policy
from policies.parts.schema import Event, Party


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


# Since when clocks stand still, and until when (None: still).
Span: TypeAlias = tuple[datetime, datetime | None]


class Rest(NamedTuple):
    """A time for which a case had ended: since when it was settled, since when closed (None: it was not), when it was opened again,
    and whether all that was on one local day."""

    settled: datetime
    closed: datetime | None
    reopened: datetime
    one_day: bool


@dataclass(slots=True)
class Case:
    """All that is known of a case. It answers `conditions.Facts`.

    `turn` goes up whenever something happens that may change the clocks of a stage, so that they are worked out once between; `gathered`
    whenever an agency, a child or somebody of theirs is added. `spell` is where the case is, `stays` holds the latest stay at each stage.
    `unmade`: it was raised by mistake, and asks for nothing.
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
    spell: Spell = field(init=False)
    spells: list[Spell] = field(default_factory=list)
    reached_number: int = -1
    stays: dict[str, Spell] = field(default_factory=dict)
    lives: Lives = field(default_factory=Lives)
    early: dict[str, Event] = field(default_factory=dict)
    overridden: dict[str, datetime] = field(default_factory=dict)
    outcome: str = ""
    resolved: datetime | None = None
    resolutions: int = 0
    closed: datetime | None = None
    unmade: bool = False
    turn: int = 0
    remarks: list[tuple[str, str, str]] = field(default_factory=list)
    parties: dict[tuple[str, str, str], Party] = field(default_factory=dict)
    stops: dict[str, list[Span]] = field(default_factory=dict)
    rests: list[Rest] = field(default_factory=list)
    gathered: int = 0

    def side(self, side: str) -> list[Member]:
        """The agencies on one side, the first one leading."""
        return [one for one in self.members if one.side == side]

    def stay(self, spell: Spell) -> None:
        """A stay at a stage begins."""
        self.spell = spell
        self.spells.append(spell)
        self.stays[spell.stage.id] = spell
        self.reached_number = max(self.reached_number, spell.stage.number)

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
        several = self.lives.latest(duty)
        return bool(several) and (all if every else any)([one.met for one in several])

    def done_late(self, duty: str) -> bool:
        return any(one.late for one in self.lives.latest(duty))

    def owed(self, duty: str) -> bool:
        return bool(self.lives.open(duty))

    def said(self, duty: str, name: str, value: str) -> bool:
        return any(one.done_at is not None and str(one.facts.get(name, "")) == value for one in self.lives.latest(duty))

    def is_at(self, stage: str) -> bool:
        return self.spell.stage.id == stage

    def reached(self, stage: str) -> bool:
        return self.reached_number >= self.policy.stage_by_id[stage].number

    def left(self, stage: str) -> bool:
        last = self.stays.get(stage)
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
        last = self.stays.get(stage)
        if last is None or last.ends is None:
            return False
        return last.how == "time up" or last.ends < (last.left or self.clock)

    def came_in(self, date: str) -> Moment | None:
        at = self.dates.get(date) if date else self.raised_at
        if at is None:
            return None
        calendar = self.policy.calendar
        local = calendar.local(at)
        day = local.date()
        return Moment(local, calendar.in_hours(at), calendar.is_working(day), day in calendar.school_holidays)

    def is_about(self, kind: str, child: str) -> bool:
        if kind == "theme":
            return not self.children
        if child:
            return self.children[child].kind == kind
        return any(one.kind == kind for one in self.children.values())

    def overdue(self, duty: str) -> bool:
        return self.lives.left_late(duty) or any(one.ends is not None and one.ends < self.clock for one in self.lives.open(duty))
