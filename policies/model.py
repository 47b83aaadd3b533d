"""A policy as the engine holds it: compiled, immutable, ready to be evaluated.

What lives here: the shapes. What does not: a pack's words (`source`), its phrases (`phrases`, `compiling`), evaluation (`replay`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from functools import cached_property
from typing import Literal, TypeAlias
from zoneinfo import ZoneInfo

from policies.calendars import Calendar, Unit
from policies.conditions import Condition
from policies.schema import Side, Strength

LANGUAGE = 1

Lasts = Literal["stage", "until done", "from here on"]
TimeUp = Literal["nothing", "permits", "opens"]


@dataclass(frozen=True, slots=True)
class Choice:
    """Something to choose from: the pack's id and plain words."""

    id: str
    title: str


@dataclass(frozen=True, slots=True)
class Flag:
    """Something true or false of a child or of the case; `of` says which."""

    id: str
    title: str
    of: Literal["child", "case"]
    rule: str = ""


@dataclass(frozen=True, slots=True)
class PartyRef:
    """Who, as a pack says it ("raising manager", "both", "partnership chair"); the case turns it into a Party.

    `side` may also be "each" (one on each side), "every" (one for each agency), "own" or "other" (as seen from the owner), or
    "officer" (the reviewing officer of a child).
    """

    side: Literal["raising", "responding", "both", "partnership", "each", "every", "own", "other", "officer", "none"]
    role: str


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
class OutsideDate:
    """A date from outside the case that starts a clock (a decision received, a concern first considered)."""

    id: str
    title: str
    required: bool = False
    rule: str = ""


@dataclass(frozen=True, slots=True)
class Emergency:
    """What is asked first, which flag a yes sets, whom to tell (`tell` is plain text), and what it does not do."""

    question: str
    flag: str
    tell: str
    text: str
    rule: str


@dataclass(frozen=True, slots=True)
class Redirect:
    """A matter that this policy is not for: the question that finds it out, and where to go instead."""

    id: str
    question: str
    text: str
    rule: str

    @property
    def title(self) -> str:
        return self.question


@dataclass(frozen=True, slots=True)
class Role:
    """A role the policy speaks of. `of` is who has one: each "agency", the "partnership", or a "child"."""

    id: str
    title: str
    of: Literal["agency", "partnership", "child"] = "agency"


@dataclass(frozen=True, slots=True)
class Post:
    """One way to fill a role at a stage in an agency of one type. `of` is the agency type that lends the person ("" its own)."""

    title: str
    of: str = ""


# One cell of the role table, in the order of the stage's roles; the posts of a role are alternatives.
Cell: TypeAlias = Mapping[str, tuple[Post, ...]]


@dataclass(frozen=True, slots=True)
class Anchor:
    """An instant a clock starts at. `kinds` are tried in order and the first that is known counts; with `earliest`, the earliest."""

    tries: tuple[tuple[str, str], ...]
    text: str
    earliest: bool = False


@dataclass(frozen=True, slots=True)
class Limit:
    """A length of time from an anchor, under a condition (None: always). `text` is the policy's own phrase."""

    count: int
    unit: Unit
    anchor: Anchor
    text: str
    by: time | None = None
    when: Condition | None = None


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
    """The definition of an obligation. `number` counts the policy's duties; `place` ("2/discuss", "case/record") is its full name."""

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
    each: Literal["", "officer", "child"]
    epoch: Literal["once", "visit", "resolution"]
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


@dataclass(frozen=True, slots=True)
class Guard:
    """What must hold before a stage is entered. `key` is the word an `overridden` event names."""

    key: str
    needs: Condition
    text: str
    strength: Strength
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


@dataclass(frozen=True, slots=True)
class Outcome:
    """A way to finish. `binding` is what the policy says of it; `when` limits where it may be chosen."""

    id: str
    title: str
    closes: bool
    binding: str
    neutral: bool
    by: tuple[PartyRef, ...]
    when: Condition | None
    rule: str


@dataclass(frozen=True, slots=True)
class Panel:
    """Who must sit on a panel: so many agencies with a trait, those in disagreement among them; when it is called for."""

    id: str
    title: str
    seats: int
    exactly: bool
    trait: str
    trait_title: str
    disputants: bool
    fixed: tuple[str, ...]
    when: Condition
    rule: str


@dataclass(frozen=True, slots=True)
class Conflict:
    """Where the source says two things: the readings with their places, the one chosen, and why."""

    id: str
    about: str
    readings: tuple[str, ...]
    chosen: str
    rule: str
    when: Condition | None = None


@dataclass(frozen=True, slots=True)
class Note:
    """A statement about the text that a reader should know; with a condition, shown in the cases it touches."""

    id: str
    text: str
    rule: str
    when: Condition | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of the register: its number, its own short words, its strength, and the places of the pack that answer it."""

    id: str
    says: str
    strength: str
    answered: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Policy:
    """A compiled pack. Equal packs have equal `hash` (SHA-256 of the text, hex)."""

    id: str
    title: str
    partnership: str
    version: str
    language: int
    hash: str
    text: str = field(repr=False)
    effective_from: date | None
    effective_until: date | None
    subject: str
    calendar: Calendar
    moved_on_referral: bool
    themes: tuple[Choice, ...]
    flags: tuple[Flag, ...]
    questions: tuple[Question, ...]
    dates: tuple[OutsideDate, ...]
    modes: tuple[Choice, ...]
    emergency: Emergency | None
    redirects: tuple[Redirect, ...]
    agency_types: tuple[Choice, ...]
    roles: Mapping[str, Role]
    table: Mapping[tuple[str, str], Cell]
    stages: tuple[Stage, ...]
    caps: tuple[Cap, ...]
    duties: tuple[Duty, ...]
    outcomes: tuple[Outcome, ...]
    panels: tuple[Panel, ...]
    contacts: tuple[str, ...]
    statistics: tuple[str, ...]
    conflicts: tuple[Conflict, ...]
    unresolved: tuple[Note, ...]
    notes: tuple[Note, ...]
    rules: tuple[Rule, ...]
    settings: Mapping[str, str]

    @property
    def zone(self) -> ZoneInfo:
        """The zone in which a day begins and ends."""
        return self.calendar.zone

    @cached_property
    def stage_by_id(self) -> Mapping[str, Stage]:
        return {one.id: one for one in self.stages}

    @cached_property
    def outcome_by_id(self) -> Mapping[str, Outcome]:
        return {one.id: one for one in self.outcomes}

    @cached_property
    def flag_ids(self) -> frozenset[str]:
        return frozenset(one.id for one in self.flags)

    @cached_property
    def date_ids(self) -> frozenset[str]:
        return frozenset(one.id for one in self.dates)

    @cached_property
    def question_by_id(self) -> Mapping[str, Question]:
        return {one.id: one for one in self.questions}

    @cached_property
    def asks_overdue(self) -> bool:
        """Whether a guard asks if something is overdue, so that the case must know when each thing ends."""
        return any("time" in guard.needs.triggers for stage in self.stages for guard in stage.guards)

    @cached_property
    def watchers(self) -> Mapping[str, tuple[Duty, ...]]:
        """For each trigger, the duties that may begin, end or be met when it happens, in the pack's order."""
        index: dict[str, list[Duty]] = {}
        for duty in self.duties:
            for trigger in duty.triggers:
                index.setdefault(trigger, []).append(duty)
        return {trigger: tuple(duties) for trigger, duties in index.items()}

    @cached_property
    def duty_by_place(self) -> Mapping[str, Duty]:
        """Duties by their full names."""
        return {one.place: one for one in self.duties}

    @cached_property
    def side_roles(self) -> Mapping[str, str]:
        """The speaking role of each stage."""
        return {one.id: one.acts[0] for one in self.stages}


SIDES: tuple[Side, ...] = ("raising", "responding")
