"""Days that come again: every Wednesday, the first Thursday of the month; and limits that end on the next one, before it or after it.

What lives here: such days, reading them, and when a limit ends that goes by one. What does not: limits that only count (`calendars`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from policies.parts.calendars import Calendar, Unit
from policies.parts.closures import WEEKDAYS, WHICH, nth_weekday

PATTERN = rf"(?:(?:{'|'.join(WEEKDAYS)})|(?:{'|'.join(WHICH)}) (?:{'|'.join(WEEKDAYS)}) of the month)"
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Recurring:
    """A weekday (Monday is 0) of every week, or with `which` (0 the first, -1 the last) that one of every month."""

    weekday: int
    which: str = ""

    def after(self, day: date) -> Iterator[date]:
        """Those after `day`, the soonest first, without end."""
        if not self.which:
            found = day + timedelta(days=(self.weekday - day.weekday() - 1) % 7 + 1)
            while True:
                yield found
                found += 7 * _DAY
        month = day.year * 12 + day.month - 1
        while True:
            found = nth_weekday(month // 12, self.which, self.weekday, month % 12 + 1)
            if found > day:
                yield found
            month += 1

    def __str__(self) -> str:
        day = WEEKDAYS[self.weekday]
        return f"{self.which} {day} of the month" if self.which else day


def recurring(text: str) -> Recurring:
    """The day in `text`, which PATTERN matches: "Wednesday", "first Thursday of the month"."""
    words = re.sub(" of the month$", "", text).split()
    return Recurring(WEEKDAYS.index(words[-1]), words[0] if len(words) > 1 else "")


def ends_by(calendar: Calendar, start: datetime, day: Recurring, count: int, unit: Unit, at: time | None) -> tuple[datetime, bool]:
    """When a limit ends that goes by the next such day after the local day of `start`, in UTC, and whether to the minute.

    `count` 0: on that day, where it has a time of day (`at`) the very first such moment, which may be on the day of `start` itself; on a
    closed day it stays or moves on as the calendar says (setting "end on a closed day"). Counted back from that day (`count` below 0): the
    first one of which the end is not over. Counted on from it (above 0): the first one is day 0.
    """
    here = calendar.local(start)
    for found in day.after(here.date() - _DAY if count <= 0 and (at is not None or count < 0) else here.date()):
        last = _day_of(calendar, found) if count == 0 else calendar.last_day(found, count, unit)
        end = calendar.end_of(last) if at is None else datetime.combine(last, at, calendar.zone).astimezone(UTC)
        if end > start:
            return end, at is not None
    raise AssertionError("a day that comes again never ends")


def _day_of(calendar: Calendar, found: date) -> date:
    moves = calendar.closed_end_moves_on and not calendar.is_working(found)
    return calendar.working_day_after(found, 1) if moves else found
