"""What a condition is, and what it may ask of a case.

What lives here: the shapes of both. What does not: the kinds of condition (`conditions` and its like), the case that answers (`cases`).
"""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple, Protocol


class Moment(NamedTuple):
    """An instant in the policy's own zone, whether offices are open then, and whether that day is a working day, or a school holiday."""

    local: datetime
    in_hours: bool
    working_day: bool
    school_holiday: bool


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
