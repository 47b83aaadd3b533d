"""A policy as the engine holds it: compiled, immutable, ready to be evaluated.

What lives here: the shapes. What does not: a pack's words (`source`), its phrases (`phrases`, `compiling`), evaluation (`replay`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from zoneinfo import ZoneInfo

from policies.parts.calendars import Calendar
from policies.parts.schema import Side
from policies.parts.stages import Outcome, Panel, Question, Stage
from policies.parts.terms import Cap, Duty, Step, Stop
from policies.parts.vocabulary import Cell, Choice, Conflict, Emergency, Flag, Inside, Note, OutsideDate, Redirect, Role, Rule

LANGUAGE = 1


@dataclass(frozen=True, eq=False)
class Policy:
    """A compiled pack. Equal packs have equal `hash` (SHA-256 of the text, hex)."""

    id: str
    title: str
    partnership: str
    version: str
    language: int
    hash: str
    text: str
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
    statistics: tuple[Note, ...]
    conflicts: tuple[Conflict, ...]
    unresolved: tuple[Note, ...]
    notes: tuple[Note, ...]
    rules: tuple[Rule, ...]
    settings: Mapping[str, str]
    stops: tuple[Stop, ...] = ()
    ladders: Mapping[str, tuple[Step, ...]] = field(default_factory=dict)  # reminders by strength, for what has none of its own
    answers_are_told: bool = True

    inside: Inside | None = None

    def __repr__(self) -> str:
        return f"Policy(id={self.id!r}, version={self.version!r}, hash={self.hash[:12]!r})"

    @property
    def zone(self) -> ZoneInfo:
        """The zone in which a day begins and ends."""
        return self.calendar.zone

    @property
    def inside_allowed(self) -> str:
        """Whether both sides may belong to one agency: "no" (also where the policy does not say), "yes", or "only"."""
        return self.inside.allowed if self.inside else "no"

    @cached_property
    def stage_by_id(self) -> Mapping[str, Stage]:
        """Stages by id."""
        return {one.id: one for one in self.stages}

    @cached_property
    def outcome_by_id(self) -> Mapping[str, Outcome]:
        """Outcomes by id, the neutral ones included."""
        return {one.id: one for one in self.outcomes}

    @cached_property
    def flag_ids(self) -> frozenset[str]:
        """The ids of all flags."""
        return frozenset(one.id for one in self.flags)

    @cached_property
    def date_ids(self) -> frozenset[str]:
        """The ids of all outside dates."""
        return frozenset(one.id for one in self.dates)

    @cached_property
    def question_by_id(self) -> Mapping[str, Question]:
        """What may be chosen, by id."""
        return {one.id: one for one in self.questions}

    @cached_property
    def subjects(self) -> tuple[str, ...]:
        """What a case may be about: of "child", "adult" and "theme" those that the policy is for."""
        return tuple(self.subject.split(" or "))

    @cached_property
    def subject_word(self) -> str:
        """One word for whoever a case is about: "child", "adult", "person" where it may be either, "" where it is nobody."""
        people = [one for one in self.subjects if one != "theme"]
        return "person" if len(people) > 1 else "".join(people)

    @cached_property
    def personal_role(self) -> str:
        """The role that one child or adult has of their own (a reviewing officer, an advocate), the first where there are several."""
        return next((one.id for one in self.roles.values() if one.of in ("child", "adult", "person")), "reviewing officer")

    @cached_property
    def watched(self) -> tuple[str, ...]:
        """The obligations of which anything asks whether they are overdue, so that the case must know when each of them ends."""
        guards = [guard.needs for stage in self.stages for guard in stage.guards]
        offered = [one.when for one in self.outcomes] + [one.when for one in self.questions]
        shown = [one.when for one in self.notes] + [one.when for one in self.conflicts]
        owed = [duty.when for duty in self.duties]
        asked = {trigger for one in (*guards, *offered, *shown, *owed) if one is not None for trigger in one.triggers}
        return tuple(sorted(one.removeprefix("overdue:") for one in asked if one.startswith("overdue:")))

    @cached_property
    def waits_for_time(self) -> bool:
        """Whether an obligation begins when the time of something has passed."""
        return any(duty.when is not None and "time" in duty.when.triggers for duty in self.duties)

    @cached_property
    def opens_by_itself(self) -> bool:
        """Whether any stage opens the next one when its time is up."""
        return any(stage.time_up == "opens" for stage in self.stages)

    @property
    def acts_by_itself(self) -> bool:
        """Whether anything follows from the passing of time alone, so that a case must be looked at when a deadline passes."""
        return self.opens_by_itself or self.waits_for_time

    @cached_property
    def clock_triggers(self) -> frozenset[str]:
        """What may move the deadline of a stage or a cap, as `Condition.triggers` names it."""
        clocks = [clock for stage in self.stages for clock in (stage.limit, stage.cumulative) if clock is not None]
        limits = [limit for clock in (*clocks, *(cap.clock for cap in self.caps)) for limit in clock.limits]
        conditions = [*(limit.when for limit in limits if limit.when is not None), *(cap.ends for cap in self.caps)]
        points = (_TRIGGERS.get(kind, kind).format(word) for limit in limits for kind, word in limit.anchor.tries)
        return frozenset({"raised", *points, *(trigger for one in conditions for trigger in one.triggers)})

    @cached_property
    def clock_places(self) -> frozenset[str]:
        """The full names of the obligations on which the deadline of a stage or a cap hangs."""
        kinds = [one.partition(":") for one in self.clock_triggers]
        return frozenset(place for kind, _, place in kinds if kind in ("done", "owed", "overdue"))

    @cached_property
    def watchers(self) -> Mapping[str, tuple[Duty, ...]]:
        """For each trigger, the duties that may begin, end or be met when it happens, in the pack's order."""
        index: dict[str, list[Duty]] = {}
        for duty in self.duties:
            for trigger in duty.triggers:
                index.setdefault(trigger, []).append(duty)
        return {trigger: tuple(duties) for trigger, duties in index.items()}

    @cached_property
    def posts(self) -> dict[tuple[str, str, str, str], tuple[str, str]]:
        """What was looked up in the table of roles so far (`people.post`); no more than it has cells."""
        return {}

    @cached_property
    def duty_by_place(self) -> Mapping[str, Duty]:
        """Duties by their full names."""
        return {one.place: one for one in self.duties}


SIDES: tuple[Side, ...] = ("raising", "responding")

# What makes a starting point of a clock known, or moves it (a point that is not here is fixed once a stage was entered).
_TRIGGERS = {
    "done": "done:{}", "flag": "fact:{}", "date": "fact:{}", "chosen": "fact:{}",
    "entering": "stage", "ending": "stage", "closed": "resolved",
}  # fmt: skip
