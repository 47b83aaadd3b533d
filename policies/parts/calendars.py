"""Days and hours: when a limit that starts at an instant ends.

What lives here: the arithmetic of settings C2 to C5. What does not: which days are working days (`working_days`, C1), which instant a limit
starts at (`clocks`), and what the words of a limit mean (`phrases`). Everything works offline.

C1 working day: Monday to Friday without the nation's bank holidays and the pack's own closures, with the bank holidays it works on.
C2 the day of the event is day 0; a limit in days ends with its last day, 23:59:59 local.
C3 an event out of hours keeps its own day, or counts as received on the next working day (a setting).
C4 hours are elapsed hours, counted in UTC, or office hours (a setting).
C5 "days" without a qualifier are calendar or working days (a setting).
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal

from policies.parts.hours import MIDNIGHT, Hours, days_of_week
from policies.parts.working_days import WorkingDays, stepped

Unit = Literal[
    "working days", "school days", "calendar days", "days", "months", "minutes", "hours", "working hours", "service hours",
    "hours on working days", "hours on weekdays", "same working day", "at once",
]  # fmt: skip

TIMED = frozenset({"minutes", "hours", "working hours", "service hours", "hours on working days", "hours on weekdays"})
_ROUND_THE_CLOCK = {
    "hours on working days": (Hours(MIDNIGHT, MIDNIGHT, "working days"),),
    "hours on weekdays": (Hours(MIDNIGHT, MIDNIGHT, "weekdays"),),
}

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, eq=False)
class Calendar(WorkingDays):
    """The working days and hours of one policy. Instants go in and come out as aware UTC; dates are local.

    `service` are the hours that "service hours" count, where they are not the office's.
    """

    opens: time = time(9)
    shuts: time = time(17)
    next_day_when_shut: bool = False
    hours_are_working: bool = False
    days_are_working: bool = False
    closed_end_moves_on: bool = False
    service: tuple[Hours, ...] = ()

    def in_hours(self, instant: datetime) -> bool:
        """True when `instant` falls in office hours on a working day."""
        here = self.local(instant)
        return self.opens <= here.time() < self.shuts and self.is_working(here.date())

    def day_zero(self, instant: datetime) -> date:
        """The date that counts as day 0 for an event at `instant` (C3). Where a time that ended with a day is counted on from, that day:
        nothing came in out of hours then.
        """
        day = self.day_of(instant)
        if self.next_day_when_shut and not self.in_hours(instant) and instant != self.end_of(day):
            return day if self._before_opening(instant) else self.working_day_after(day, 1)
        return day

    def _before_opening(self, instant: datetime) -> bool:
        """An event before the doors open on a working day is received when they do, on that day."""
        here = self.local(instant)
        return here.time() < self.opens and self.is_working(here.date())

    def ends(self, start: datetime, count: int, unit: Unit, at: time | None = None) -> tuple[datetime, bool]:
        """When a limit of `count` `unit` from `start` ends, in UTC, and whether that is a minute (True) or the end of a day.

        `at` is a local time of the last day ("by 12:00"); where that is over already when the clock starts, it is that of the next such
        day. "at once" ends where it starts. A negative count is counted back.
        """
        if unit == "at once":
            return start, True
        if unit in TIMED:
            return self._minute(self.time_after(start, length(count, unit), unit), unit)
        day = self.last_day(self.day_zero(start), count, unit)
        if at is None:
            return self.end_of(day), False
        end = datetime.combine(day, at, self.zone).astimezone(UTC)
        if end <= start and count >= 0:
            later = day + _DAY if unit == "calendar days" else self.working_day_after(day, 1)
            end = datetime.combine(later, at, self.zone).astimezone(UTC)
        return end, True

    def _minute(self, end: datetime, unit: Unit) -> tuple[datetime, bool]:
        """The end of a limit in hours. Of days that count as a whole, midnight is the end of the day before: people say it so."""
        if unit in _ROUND_THE_CLOCK and self.local(end).time() == MIDNIGHT:
            return self.end_of(self.day_of(end) - _DAY), False
        return end, True

    # --- days -----------------------------------------------------------------------------------------------------------------------

    def counted_in(self, unit: Unit) -> Unit:
        """The unit that counts where `unit` leaves it to a setting (C4, C5)."""
        if unit == "days":
            return "working days" if self.days_are_working else "calendar days"
        if unit == "hours" and self.hours_are_working:
            return "working hours"
        return unit

    def last_day(self, zero: date, count: int, unit: Unit) -> date:
        """The last day of a limit in days whose day 0 is `zero`."""
        unit = self.counted_in(unit)
        if unit == "same working day":
            return zero if self.is_working(zero) else self.working_day_after(zero, 1)
        if unit == "working days":
            return self.working_day_after(zero, count) if count >= 0 else self.working_day_before(zero, -count)
        if unit == "school days":
            return stepped(zero, abs(count), _DAY if count >= 0 else -_DAY, self.is_school_day)
        last = _months_after(zero, count) if unit == "months" else zero + timedelta(days=count)
        if self.closed_end_moves_on and count > 0 and not self.is_working(last):
            return self.working_day_after(last, 1)
        return last

    def days_counted(self, zero: date, last: date, unit: Unit) -> int:
        """How many days that count lie after `zero`, up to and with `last`."""
        unit = self.counted_in(unit)
        days = [zero + timedelta(days=n) for n in range(1, (last - zero).days + 1)]
        if unit in ("working days", "school days"):
            return sum(1 for day in days if (self.is_working(day) if unit == "working days" else self.is_school_day(day)))
        return len(days)

    # --- hours ----------------------------------------------------------------------------------------------------------------------

    def time_after(self, start: datetime, left: timedelta, unit: Unit) -> datetime:
        """The instant at which `left` has passed since `start`; of hours at an office, of a service or on some days only those count."""
        if self.counted_in(unit) in ("hours", "minutes"):
            return start + left
        for opens, shuts in self._open(unit, start):
            if opens + left <= shuts:
                return opens + left
            left -= shuts - opens
        raise AssertionError("opening hours never end")

    def time_between(self, start: datetime, until: datetime, unit: Unit) -> timedelta:
        """How much time that counts lies between two instants."""
        if self.counted_in(unit) in ("hours", "minutes"):
            return until - start
        found = timedelta()
        for opens, shuts in self._open(unit, start):
            if opens >= until:
                break
            found += min(shuts, until) - opens
        return found

    def _open(self, unit: Unit, start: datetime) -> Iterator[tuple[datetime, datetime]]:
        """When the doors are open from `start` on, in order and without overlap: pairs of instants, without end."""
        hours = self.service if unit == "service hours" and self.service else _ROUND_THE_CLOCK.get(unit, (Hours(self.opens, self.shuts),))
        day, done = self.day_of(start) - _DAY, start  # what opened yesterday may be open through the night
        while True:
            today = (one.of_day(day, self.zone) for one in hours if self._opens_on(one, day))
            for opens, shuts in sorted((opens.astimezone(UTC), shuts.astimezone(UTC)) for opens, shuts in today):
                if shuts > done:
                    yield max(opens, done), shuts
                    done = shuts
            day += _DAY

    def _opens_on(self, hours: Hours, day: date) -> bool:
        if hours.on == "every day":
            return True
        if hours.on in ("weekdays", "weekends"):
            return (day.weekday() > 4) == (hours.on == "weekends")
        if hours.on == "closed days":
            return not self.is_working(day)
        if named := days_of_week(hours.on):
            at_weekend = day.weekday() > 4 and day not in self.closures and not self._is_bank_holiday(day)
            return day.weekday() in named and (at_weekend or self.is_working(day))
        return self.is_working(day)


def length(count: int, unit: Unit) -> timedelta:
    """A limit in hours or minutes as a length of time."""
    return timedelta(minutes=count) if unit == "minutes" else timedelta(hours=count)


def _months_after(day: date, count: int) -> date:
    """The same day of a later month, or the month's last day where it has no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + count, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
