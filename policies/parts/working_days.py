"""Which days are working days in a nation, with an office's own closures, and the days of a zone.

What lives here: setting C1, and counting working days forwards and back. What does not: when a limit ends (`calendars`), the days that a
phrase means (`closures`), the law's holidays (`nations`).

C1 working day: Monday to Friday without the nation's bank holidays and the pack's own closures, with the bank holidays it works on.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from policies.parts.closures import Days
from policies.parts.nations import bank_holidays, stand_for

LAST_MINUTE = time(23, 59, 59)
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, eq=False)
class WorkingDays:
    """The days of one policy. Instants go in and come out as aware UTC; dates are local.

    `closures` are shut besides the bank holidays, `worked` are bank holidays on which offices are open, `school_holidays` matter to
    school days alone. With `also`, other nations, a day is a working day where it is one in all of them. Each is equal to itself alone, so
    that what is kept for it (an answer by its arguments) is found without looking at every closure.
    """

    nation: str = "England and Wales"
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("Europe/London"))
    closures: Days = field(default_factory=Days)
    worked: Days = field(default_factory=Days)
    school_holidays: Days = field(default_factory=Days)
    also: tuple[str, ...] = ()
    _moved: dict[int, frozenset[date]] = field(default_factory=dict, init=False, compare=False, repr=False)
    _ends: dict[tuple[date, int], date] = field(default_factory=dict, init=False, compare=False, repr=False)
    _midnights: dict[date, datetime] = field(default_factory=dict, init=False, compare=False, repr=False)

    def is_working(self, day: date) -> bool:
        """True on Monday to Friday when neither a bank holiday nor a closure (C1)."""
        return self._works(day) and not (self.closures.moving and day in self._moved_closures(day.year))

    def _works(self, day: date) -> bool:
        """The same without the closures that may move to another day."""
        if day.weekday() > 4 or day in self.closures:
            return False
        return not self._is_bank_holiday(day) or day in self.worked or any(one in self.worked for one in self._stood_for(day))

    def _is_bank_holiday(self, day: date) -> bool:
        if day in bank_holidays(self.nation, day.year):
            return True
        return bool(self.also) and any(day in bank_holidays(one, day.year) for one in self.also)

    def _stood_for(self, day: date) -> list[date]:
        """The bank holidays on a weekend that a substitute day stands for: an office that works on them works on it."""
        found = (stand_for(one, day.year).get(day) for one in (self.nation, *self.also))
        return [one for one in found if one is not None]

    def _moved_closures(self, year: int) -> frozenset[date]:
        """The closures "or next working day" of a year: each takes the first day from its own on that is a working day without it."""
        known = self._moved.get(year)
        if known is None:
            december = [day for day in self.closures.moving_from(year - 1) if day.month == 12]
            taken: set[date] = set()
            for day in (*december, *self.closures.moving_from(year)):
                while day in taken or not self._works(day):
                    day += _DAY
                taken.add(day)
            known = self._moved[year] = frozenset(one for one in taken if one.year == year)
        return known

    def is_school_day(self, day: date) -> bool:
        """True on a working day outside the school holidays."""
        return self.is_working(day) and day not in self.school_holidays

    def working_day_after(self, day: date, count: int) -> date:
        """The working day number `count` after `day`, which is day 0 whether it is a working day or not (C2)."""
        known = self._ends.get((day, count))
        if known is None:
            known = self._ends[(day, count)] = stepped(day, count, _DAY, self.is_working)
        return known

    def working_day_before(self, day: date, count: int) -> date:
        """The working day number `count` before `day`, which is day 0 whether it is a working day or not."""
        return stepped(day, count, -_DAY, self.is_working)

    def local(self, instant: datetime) -> datetime:
        """`instant` in the policy's own zone."""
        return instant.astimezone(self.zone)

    def day_of(self, instant: datetime) -> date:
        """The date of `instant` in the policy's own zone."""
        return _day_of(instant, self.zone)

    def end_of(self, day: date) -> datetime:
        """The last second of `day`, in UTC."""
        known = self._midnights.get(day)
        if known is None:
            known = self._midnights[day] = datetime.combine(day, LAST_MINUTE, self.zone).astimezone(UTC)
        return known


@lru_cache(maxsize=8192)
def _day_of(instant: datetime, zone: ZoneInfo) -> date:
    """Kept: a case is evaluated many times, and its instants are always the same few."""
    return instant.astimezone(zone).date()


def stepped(day: date, count: int, step: timedelta, counts: Callable[[date], bool]) -> date:
    """The day number `count` from `day`, of those that count."""
    for _ in range(count):
        day += step
        while not counts(day):
            day += step
    return day
