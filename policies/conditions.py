"""Conditions: what must be true of a case, as small objects made once when a pack is loaded.

What lives here: the kinds of condition, how each is asked of a case, and what can change its answer (`triggers`). What does not:
the words they are written in (`phrases`), and the case itself (`cases`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, Protocol


class Moment(NamedTuple):
    """An instant in the policy's own zone, whether offices are open then, and whether that day is a working day."""

    local: datetime
    in_hours: bool
    working_day: bool


class Facts(Protocol):
    """What a condition may ask of a case."""

    def has_flag(self, flag: str, child: str) -> bool:
        """Whether a flag is set for the case, or for this child ("": for any child)."""

    def answer(self, question: str) -> str:
        """The option chosen last, "" where none is."""

    def date_known(self, date: str) -> bool:
        """Whether an outside date is known."""

    def done(self, duty: str, every: bool) -> bool:
        """Whether the obligations of this place are done or set aside: every one that was asked for, or any."""

    def done_late(self, duty: str) -> bool:
        """Whether one of this place was done after its time had ended."""

    def owed(self, duty: str) -> bool:
        """Whether something of this place was asked for and is not done."""

    def said(self, duty: str, name: str, value: str) -> bool:
        """Whether one of this place is done and the facts of its event have this value under this name."""

    def is_at(self, stage: str) -> bool:
        """Whether the case is at this stage."""

    def reached(self, stage: str) -> bool:
        """Whether it is or was at this stage or a later one."""

    def left(self, stage: str) -> bool:
        """Whether its latest stay at this stage has ended."""

    def resolved_at(self, stage: str) -> bool:
        """Whether it is settled, and was at this stage then."""

    def outcome_is(self, outcome: str) -> bool:
        """Whether it is settled with this outcome ("": with any)."""

    def is_closed(self) -> bool:
        """Whether it is closed."""

    def has_party(self, side: str, agency_type: str) -> bool:
        """Whether an agency of this type takes part on this side ("any": on either)."""

    def party_count(self) -> int:
        """How many agencies take part."""

    def same_agency(self) -> bool:
        """Whether one agency stands on both sides."""

    def theme_is(self, theme: str) -> bool:
        """Whether it is about this theme."""

    def started_at(self, stage: str) -> bool:
        """Whether it began at this stage."""

    def came_in(self, date: str) -> Moment | None:
        """When it was raised ("") or what time this outside date has, None while that is not known."""

    def is_about(self, kind: str, child: str) -> bool:
        """Whether it is about a "child" or an "adult" (this one, or ""), or about nobody ("theme")."""

    def tier(self) -> int:
        """The tier of management of the present stage, from 1."""

    def time_up(self, stage: str) -> bool:
        """Whether the deadline of the latest stay at this stage has passed."""

    def overdue(self, duty: str) -> bool:
        """Whether something of this place is not done and its time has passed."""


class Condition(Protocol):
    """Something that holds of a case or not; `child` narrows it to one child ("" the whole case)."""

    @property
    def triggers(self) -> frozenset[str]:
        """What may change the answer: "fact:ID", "done:ID", "stage", "resolved", "raised"."""

    def holds(self, case: Facts, child: str = "") -> bool:
        """Whether it holds now."""


@dataclass(frozen=True, slots=True)
class All:
    """Every part holds."""

    parts: tuple[Condition, ...]

    @property
    def triggers(self) -> frozenset[str]:
        return frozenset().union(*(one.triggers for one in self.parts))

    def holds(self, case: Facts, child: str = "") -> bool:
        for one in self.parts:  # noqa: SIM110  # a loop: this is asked at every event, and a generator takes half as long again
            if not one.holds(case, child):
                return False
        return True


@dataclass(frozen=True, slots=True)
class Any:
    """At least one part holds."""

    parts: tuple[Condition, ...]

    @property
    def triggers(self) -> frozenset[str]:
        return frozenset().union(*(one.triggers for one in self.parts))

    def holds(self, case: Facts, child: str = "") -> bool:
        for one in self.parts:  # noqa: SIM110  # as above
            if one.holds(case, child):
                return True
        return False


@dataclass(frozen=True, slots=True)
class Not:
    """The part does not hold."""

    part: Condition

    @property
    def triggers(self) -> frozenset[str]:
        return self.part.triggers

    def holds(self, case: Facts, child: str = "") -> bool:
        return not self.part.holds(case, child)


@dataclass(frozen=True, slots=True)
class Raised:
    """`raised`: the case has begun, which is so as soon as anything can be asked of it."""

    @property
    def triggers(self) -> frozenset[str]:
        return frozenset({"raised"})

    def holds(self, case: Facts, child: str = "") -> bool:
        return True


@dataclass(frozen=True, slots=True)
class HasFlag:
    """`flag looked after`: set for the case, for any child, or for the one child asked about."""

    flag: str

    @property
    def triggers(self) -> frozenset[str]:
        return frozenset({f"fact:{self.flag}"})

    def holds(self, case: Facts, child: str = "") -> bool:
        return case.has_flag(self.flag, child)


@dataclass(frozen=True, slots=True)
class Answered:
    """`route is panel`: the choice made last."""

    question: str
    option: str

    @property
    def triggers(self) -> frozenset[str]:
        return frozenset({f"fact:{self.question}"})

    def holds(self, case: Facts, child: str = "") -> bool:
        return case.answer(self.question) == self.option


@dataclass(frozen=True, slots=True)
class DateGiven:
    """`decision received given`: an outside date is known."""

    date: str

    @property
    def triggers(self) -> frozenset[str]:
        return frozenset({f"fact:{self.date}"})

    def holds(self, case: Facts, child: str = "") -> bool:
        return case.date_known(self.date)


@dataclass(frozen=True, slots=True)
class Done:
    """`discussion done`: every one of that name that was asked for is done (`any of …`: at least one)."""

    duty: str
    every: bool = True

    @property
    def triggers(self) -> frozenset[str]:
        return frozenset({f"done:{self.duty}"})

    def holds(self, case: Facts, child: str = "") -> bool:
        return case.done(self.duty, self.every)


@dataclass(frozen=True, slots=True)
class DoneInTime:
    """`appeal done in time`, `appeal done late`: it is done, and none (or one at least) was done after its time had ended."""

    duty: str
    late: bool = False

    @property
    def triggers(self) -> frozenset[str]:
        return frozenset({f"done:{self.duty}"})

    def holds(self, case: Facts, child: str = "") -> bool:
        return case.done(self.duty, True) and case.done_late(self.duty) is self.late


@dataclass(frozen=True, slots=True)
class Owed:
    """`report owed`: one of that name is asked for and not done. For guards, clocks and notes, which look whenever something happens."""

    duty: str

    @property
    def triggers(self) -> frozenset[str]:
        return frozenset({f"done:{self.duty}", f"owed:{self.duty}"})

    def holds(self, case: Facts, child: str = "") -> bool:
        return case.owed(self.duty)


@dataclass(frozen=True, slots=True)
class Said:
    """`raise with mode spoken`: it was done, and the facts of its event say so."""

    duty: str
    name: str
    value: str

    @property
    def triggers(self) -> frozenset[str]:
        return frozenset({f"done:{self.duty}"})

    def holds(self, case: Facts, child: str = "") -> bool:
        return case.said(self.duty, self.name, self.value)


@dataclass(frozen=True, slots=True)
class AtStage:
    """`at stage 3`, `reached stage 3`, `left stage 3`, `resolved at stage 3`, `started at stage 3`."""

    how: str
    stage: str

    @property
    def triggers(self) -> frozenset[str]:
        return frozenset({"resolved", "stage"})

    def holds(self, case: Facts, child: str = "") -> bool:
        if self.how == "at":
            return case.is_at(self.stage)
        if self.how == "reached":
            return case.reached(self.stage)
        if self.how == "left":
            return case.left(self.stage)
        if self.how == "started at":
            return case.started_at(self.stage)
        return case.resolved_at(self.stage)


@dataclass(frozen=True, slots=True)
class HasOutcome:
    """`resolved` (any outcome), `outcome is advice only`."""

    outcome: str = ""

    @property
    def triggers(self) -> frozenset[str]:
        return frozenset({"resolved"})

    def holds(self, case: Facts, child: str = "") -> bool:
        return case.outcome_is(self.outcome)


@dataclass(frozen=True, slots=True)
class Closed:
    """`closed`: nothing more happens unless it is opened again."""

    @property
    def triggers(self) -> frozenset[str]:
        return frozenset({"resolved"})

    def holds(self, case: Facts, child: str = "") -> bool:
        return case.is_closed()


@dataclass(frozen=True, slots=True)
class HasParty:
    """`responding agency is school`, `any agency is school`."""

    side: str
    agency_type: str

    @property
    def triggers(self) -> frozenset[str]:
        return frozenset({"fact:party"})

    def holds(self, case: Facts, child: str = "") -> bool:
        return case.has_party(self.side, self.agency_type)


@dataclass(frozen=True, slots=True)
class MoreParties:
    """`more than 2 agencies`."""

    than: int

    @property
    def triggers(self) -> frozenset[str]:
        return frozenset({"fact:party"})

    def holds(self, case: Facts, child: str = "") -> bool:
        return case.party_count() > self.than


@dataclass(frozen=True, slots=True)
class SameAgency:
    """`same agency`: one organisation stands on both sides."""

    @property
    def triggers(self) -> frozenset[str]:
        return frozenset({"fact:party"})

    def holds(self, case: Facts, child: str = "") -> bool:
        return case.same_agency()


@dataclass(frozen=True, slots=True)
class ThemeIs:
    """`theme is levels of need`."""

    theme: str

    @property
    def triggers(self) -> frozenset[str]:
        return frozenset({"raised"})

    def holds(self, case: Facts, child: str = "") -> bool:
        return case.theme_is(self.theme)


@dataclass(frozen=True, slots=True)
class About:
    """`about a child`, `about an adult`, `about a theme` (about nobody in particular)."""

    kind: str

    @property
    def triggers(self) -> frozenset[str]:
        return frozenset({"raised", "fact:officer"})

    def holds(self, case: Facts, child: str = "") -> bool:
        return case.is_about(self.kind, child)


@dataclass(frozen=True, slots=True)
class FirstTier:
    """`first tier`: the stage has not been repeated at a higher tier of management."""

    @property
    def triggers(self) -> frozenset[str]:
        return frozenset({"stage"})

    def holds(self, case: Facts, child: str = "") -> bool:
        return case.tier() == 1


@dataclass(frozen=True, slots=True)
class TimeUp:
    """`time up at stage 2`: the deadline of the latest stay there passed before it was left."""

    stage: str

    @property
    def triggers(self) -> frozenset[str]:
        return frozenset({"time", "stage"})

    def holds(self, case: Facts, child: str = "") -> bool:
        return case.time_up(self.stage)


@dataclass(frozen=True, slots=True)
class Overdue:
    """`answer overdue`: one of that name is not done and its time has passed."""

    duty: str

    @property
    def triggers(self) -> frozenset[str]:
        return frozenset({"time", f"done:{self.duty}", f"overdue:{self.duty}"})

    def holds(self, case: Facts, child: str = "") -> bool:
        return case.overdue(self.duty)
