"""Conditions: what must be true of a case, as small objects made once when a pack is loaded.

What lives here: conditions about what is known of a case, and joining several; what can change the answer of each (`triggers`). What
does not: what a condition is (`asking`), those about progress and time (`conditions_of_progress`, `conditions_of_time`), the words they
are written in (`condition_phrases`), and the case itself (`cases`).
"""

from __future__ import annotations

from dataclasses import dataclass

from policies.parts.asking import Condition, Facts
from policies.parts.conditions_of_progress import AtStage, Closed, Done, DoneInTime, FirstTier, HasOutcome, Overdue, Owed, Said, TimeUp

__all__ = [
    "About",
    "All",
    "Answered",
    "Any",
    "AtStage",
    "Closed",
    "Condition",
    "DateGiven",
    "Done",
    "DoneInTime",
    "Facts",
    "FirstTier",
    "HasFlag",
    "HasOutcome",
    "HasParty",
    "MoreParties",
    "Not",
    "Overdue",
    "Owed",
    "Raised",
    "Said",
    "SameAgency",
    "ThemeIs",
    "TimeUp",
]


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
