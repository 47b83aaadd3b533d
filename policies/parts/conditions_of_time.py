"""Conditions on the hour and the day at which something came in: "raised out of hours", "decision received after 15:00".

What lives here: what each asks of a case. What does not: all other conditions (`conditions`), the words (`condition_phrases`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import time
from typing import Literal

from policies.parts.asking import Facts

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@dataclass(frozen=True, slots=True)
class CameIn:
    """When a case was raised, or where `date` names one, what time that outside date has; never true while it is not known.

    `how`: "out of hours" (not in office hours of a working day), "on a closed day" (no working day),
    "in the school holidays" (those that the calendar lists), "after" and "before" the local time
    `at` (the very minute is after), "on" the weekday `at`.
    """

    date: str
    how: Literal["out of hours", "on a closed day", "in the school holidays", "after", "before", "on"]
    at: time | str = ""

    @property
    def triggers(self) -> frozenset[str]:
        return frozenset({f"fact:{self.date}" if self.date else "raised"})

    def holds(self, case: Facts, child: str = "") -> bool:
        found = case.came_in(self.date)
        if found is None:
            return False
        if self.how == "out of hours":
            return not found.in_hours
        if self.how == "on a closed day":
            return not found.working_day
        if self.how == "in the school holidays":
            return found.school_holiday
        if isinstance(self.at, time):
            return (found.local.time() >= self.at) is (self.how == "after")
        return WEEKDAYS[found.local.weekday()] == self.at
