"""Days and hours: which days are working days in a nation, and when a limit that starts at an instant ends.

What lives here: the arithmetic of settings C1 to C5. What does not: which instant a limit starts at (`clocks`), and what the words of a
limit mean (`phrases`). Everything works offline.

C1 working day: Monday to Friday without the nation's bank holidays and the pack's own closures.
C2 the day of the event is day 0; a limit in days ends with its last day, 23:59:59 local.
C3 an event out of hours keeps its own day, or counts as received on the next working day (a setting).
C4 hours are elapsed hours, counted in UTC, or office hours (a setting).
C5 "days" without a qualifier are calendar or working days (a setting).
"""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Literal
from zoneinfo import ZoneInfo

import holidays

Unit = Literal["working days", "calendar days", "days", "months", "hours", "working hours", "same working day", "at once"]

NATIONS: dict[str, tuple[str, str | None, str]] = {
    "England and Wales": ("GB", "ENG", "Europe/London"),
    "Scotland": ("GB", "SCT", "Europe/London"),
    "Northern Ireland": ("GB", "NIR", "Europe/London"),
    "Isle of Man": ("IM", None, "Europe/Isle_of_Man"),
    "Guernsey": ("GG", None, "Europe/Guernsey"),
    "Jersey": ("JE", None, "Europe/Jersey"),
}

LAST_MINUTE = time(23, 59, 59)
_DAY = timedelta(days=1)


@lru_cache(maxsize=512)
def bank_holidays(nation: str, year: int) -> frozenset[date]:
    """The bank holidays of `nation` (a key of NATIONS) in `year`, substitutes included."""
    country, part, _ = NATIONS[nation]
    return frozenset(holidays.country_holidays(country, subdiv=part, years=year))


@dataclass(frozen=True, slots=True)
class Calendar:
    """The working days and hours of one policy. Instants go in and come out as aware UTC; dates are local."""

    nation: str = "England and Wales"
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("Europe/London"))
    closures: frozenset[date] = frozenset()
    opens: time = time(9)
    shuts: time = time(17)
    next_day_when_shut: bool = False
    hours_are_working: bool = False
    days_are_working: bool = False
    closed_end_moves_on: bool = False
    _ends: dict[tuple[date, int], date] = field(default_factory=dict, compare=False, repr=False)
    _midnights: dict[date, datetime] = field(default_factory=dict, compare=False, repr=False)

    def is_working(self, day: date) -> bool:
        """True on Monday to Friday when neither a bank holiday nor a closure (C1)."""
        return day.weekday() < 5 and day not in self.closures and day not in bank_holidays(self.nation, day.year)

    def working_day_after(self, day: date, count: int) -> date:
        """The working day number `count` after `day`, which is day 0 whether it is a working day or not (C2)."""
        known = self._ends.get((day, count))
        if known is None:
            known = day
            for _ in range(count):
                known += _DAY
                while not self.is_working(known):
                    known += _DAY
            self._ends[(day, count)] = known
        return known

    def working_day_before(self, day: date, count: int) -> date:
        """The working day number `count` before `day`, which is day 0 whether it is a working day or not."""
        for _ in range(count):
            day -= _DAY
            while not self.is_working(day):
                day -= _DAY
        return day

    def local(self, instant: datetime) -> datetime:
        """`instant` in the policy's own zone."""
        return instant.astimezone(self.zone)

    def end_of(self, day: date) -> datetime:
        """The last second of `day`, in UTC."""
        known = self._midnights.get(day)
        if known is None:
            known = self._midnights[day] = datetime.combine(day, LAST_MINUTE, self.zone).astimezone(UTC)
        return known

    def in_hours(self, instant: datetime) -> bool:
        """True when `instant` falls in office hours on a working day."""
        here = self.local(instant)
        return self.opens <= here.time() < self.shuts and self.is_working(here.date())

    def day_zero(self, instant: datetime) -> date:
        """The date that counts as day 0 for an event at `instant` (C3)."""
        day = self.local(instant).date()
        if self.next_day_when_shut and not self.in_hours(instant):
            return day if self._before_opening(instant) else self.working_day_after(day, 1)
        return day

    def _before_opening(self, instant: datetime) -> bool:
        """An event before the doors open on a working day is received when they do, on that day."""
        here = self.local(instant)
        return here.time() < self.opens and self.is_working(here.date())

    def ends(self, start: datetime, count: int, unit: Unit, at: time | None = None) -> tuple[datetime, bool]:
        """When a limit of `count` `unit` from `start` ends, in UTC, and whether that is a minute (True) or the end of a day.

        `at` is a local time of the last day ("by 12:00"). "at once" ends where it starts. A negative count is counted back.
        """
        if unit == "at once":
            return start, True
        if unit == "working hours" or (unit == "hours" and self.hours_are_working):
            return self._office_hours_after(start, timedelta(hours=count)), True
        if unit == "hours":
            return start + timedelta(hours=count), True
        day = self._last_day(self.day_zero(start), count, unit)
        if at is not None:
            return datetime.combine(day, at, self.zone).astimezone(UTC), True
        return self.end_of(day), False

    def _last_day(self, zero: date, count: int, unit: Unit) -> date:
        if unit == "same working day":
            return zero if self.is_working(zero) else self.working_day_after(zero, 1)
        if unit == "working days" or (unit == "days" and self.days_are_working):
            return self.working_day_after(zero, count) if count >= 0 else self.working_day_before(zero, -count)
        last = _months_after(zero, count) if unit == "months" else zero + timedelta(days=count)
        if self.closed_end_moves_on and count > 0 and not self.is_working(last):
            return self.working_day_after(last, 1)
        return last

    def _office_hours_after(self, start: datetime, left: timedelta) -> datetime:
        """Counts only the time between opening and shutting on working days."""
        here = self.local(start)
        day = here.date()
        while True:
            if self.is_working(day):
                opens = datetime.combine(day, self.opens, self.zone).astimezone(UTC)
                shuts = datetime.combine(day, self.shuts, self.zone).astimezone(UTC)
                begin = max(opens, start)
                if begin + left <= shuts:
                    return begin + left
                left -= max(shuts - begin, timedelta())
            day += _DAY


def _months_after(day: date, count: int) -> date:
    """The same day of a later month, or the month's last day where it has no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + count, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
