"""Days on which offices are shut, or open, besides those of the law: single dates, spans of dates, and days of every year.

    closures: [2026-12-24, 2026-12-29 to 2026-12-31, 24 December, 27 December to 2 January, Easter Tuesday, third Monday of September,
      Friday before third Monday of July, 13 July or next working day]

What lives here: reading such phrases, and the dates they mean in a year. What does not: bank holidays and counting (`calendars`), and so
the day that "or next working day" comes to.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

import holidays

from policies.parts.words import PhraseError

_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December",
)  # fmt: skip
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
WHICH = {"first": 0, "second": 1, "third": 2, "fourth": 3, "last": -1}
_EASTER = {"Maundy Thursday": -1, "Good Friday": 0, "Easter Monday": 3, "Easter Tuesday": 4}  # days after Good Friday
_DAY = rf"(\d{{1,2}}) ({'|'.join(_MONTHS)})"
_SPAN = re.compile(rf"{_DAY}(?: to {_DAY})?")
_NTH = re.compile(rf"({'|'.join(WHICH)}) ({'|'.join(WEEKDAYS)}) of ({'|'.join(_MONTHS)})")
AT_MOST = 120  # days of every year
_BESIDE = re.compile(rf"({'|'.join(WEEKDAYS)}) (before|after) (.+)")
_MOVES = " or next working day"


@dataclass(frozen=True, slots=True)
class Days:
    """Some days: those of `dates`, and those that the phrases in `yearly` mean in every year.

    `moving` are phrases of every year too: each means the day itself, or the next one that is a working day without it. They are no part of
    `in`: only a calendar knows which day that is.
    """

    dates: frozenset[date] = frozenset()
    yearly: tuple[str, ...] = ()
    moving: tuple[str, ...] = ()

    def __contains__(self, day: date) -> bool:
        return day in self.dates or (bool(self.yearly) and day in _of_year(self.yearly, day.year))

    def with_those_of(self, other: Days) -> Days:
        """These days and the other ones."""
        return Days(self.dates | other.dates, (*self.yearly, *other.yearly), (*self.moving, *other.moving))

    def moving_from(self, year: int) -> list[date]:
        """The days of `year` from which those of `moving` are looked for, in order."""
        return sorted(day for day in _of_year(self.moving, year) if day.year == year)

    def __bool__(self) -> bool:
        return bool(self.dates or self.yearly or self.moving)


def days_of(texts: Iterable[str], *, may_move: bool = True) -> Days:
    """The days that the phrases mean; "or next working day" is read where they `may_move`. Raises PhraseError."""
    dates: set[date] = set()
    yearly, moving = [], []
    for text in texts:
        if re.match(r"\d{4}-", text):
            dates |= _dates(text)
        elif text.endswith(_MOVES):
            if not may_move:
                raise PhraseError(f"'{text}': only 'closures' may say '{_MOVES.strip()}'.")
            _in_year(text.removesuffix(_MOVES), 2028)
            moving.append(text.removesuffix(_MOVES))
        else:
            _in_year(text, 2028)  # a leap year: read it once, so that a slip is found when the pack is loaded
            yearly.append(text)
    if len(_of_year((*yearly, *moving), 2028)) > AT_MOST:
        raise PhraseError(f"These are more than {AT_MOST} days of every year; too few would be left to count.")
    return Days(frozenset(dates), tuple(yearly), tuple(moving))


def _dates(text: str) -> set[date]:
    """One date, or two with "to" between them, both ends included; a year at most."""
    first, _, last = text.partition(" to ")
    try:
        begin, end = date.fromisoformat(first), date.fromisoformat(last or first)
    except ValueError:
        raise PhraseError(f"'{text}' is not a date or a span of dates. Write 2026-12-24 or '2026-12-24 to 2027-01-03'.") from None
    if not 0 <= (end - begin).days <= 366:
        raise PhraseError("A span of closed days ends after it begins, and lasts a year at most.")
    return {begin + timedelta(days=n) for n in range((end - begin).days + 1)}


@lru_cache(maxsize=512)
def _of_year(yearly: tuple[str, ...], year: int) -> frozenset[date]:
    """What these phrases mean in `year`; a span or a "before" over the new year counts at both of its ends."""
    found = {day for text in yearly for start in (year - 1, year, year + 1) for day in _in_year(text, start)}
    return frozenset(day for day in found if day.year == year)


def _in_year(text: str, year: int) -> list[date]:
    if text in _EASTER:
        return [_good_friday(year) + timedelta(days=_EASTER[text])]
    if found := _SPAN.fullmatch(text):
        return _span(text, year, found)
    if found := _NTH.fullmatch(text):
        return [nth_weekday(year, found[1], WEEKDAYS.index(found[2]), _MONTHS.index(found[3]) + 1)]
    if (found := _BESIDE.fullmatch(text)) and not _BESIDE.fullmatch(found[3]):
        return [_beside(_in_year(found[3].removeprefix("the "), year), found[2], WEEKDAYS.index(found[1]))]
    raise PhraseError(
        f"'{text}' is not a day. Write for example 2026-12-24, '2026-12-24 to 2027-01-03', '24 December to 2 January', 'Easter Monday', "
        "'third Monday of September', 'Monday before 25 May', 'Friday before third Monday of July', '13 July or next working day'."
    )


def _beside(days: list[date], which: str, weekday: int) -> date:
    """The last such weekday before some days, or the first one after them."""
    if which == "before":
        eve = days[0] - timedelta(days=1)
        return eve - timedelta(days=(eve.weekday() - weekday) % 7)
    morrow = days[-1] + timedelta(days=1)
    return morrow + timedelta(days=(weekday - morrow.weekday()) % 7)


def _span(text: str, year: int, found: re.Match[str]) -> list[date]:
    begin = _date(text, year, found[1], found[2])
    if not found[3]:
        return [begin]
    end = _date(text, year, found[3], found[4])
    if end < begin:
        end = _date(text, year + 1, found[3], found[4])
    return [begin + timedelta(days=n) for n in range((end - begin).days + 1)]


def _date(text: str, year: int, day: str, month: str) -> date:
    number = _MONTHS.index(month) + 1
    try:
        return date(year, number, int(day))
    except ValueError:
        if (number, int(day)) == (2, 29):
            return date(year, 2, 28)
        raise PhraseError(f"'{text}': {month} has no day {day}.") from None


def nth_weekday(year: int, which: str, weekday: int, month: int) -> date:
    """The first, second, third, fourth or last such weekday (Monday is 0) of a month."""
    if which == "last":
        end = date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)
        return end - timedelta(days=(end.weekday() - weekday) % 7)
    first = date(year, month, 1)
    return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * WHICH[which])


@lru_cache(maxsize=512)
def _good_friday(year: int) -> date:
    known = holidays.country_holidays("GB", subdiv="ENG", years=year)
    return next(day for day, name in known.items() if name == "Good Friday")
