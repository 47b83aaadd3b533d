"""Dates, and dates with a time, as people type them: three boxes, and a fourth for the time."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from forms.definition import Field
from forms.earliest import Earliest, faults_of
from forms.kinds.base import NOT_ANSWERED, Kind, Problem, Raw, Reading, first
from forms.setting import Setting
from forms.words import MONTHS, one_line, say_date

_TIME = re.compile(r"(\d{1,2})(?:[:. ]?([0-5]\d))?\s*(am|pm)?", re.IGNORECASE)
_DAY = re.compile(r"[1-9]\d{3}-\d\d-\d\d", re.ASCII)
_INSTANT = re.compile(r"[1-9]\d{3}-\d\d-\d\dT\d\d:\d\d(:00(\.0+)?)?(Z|[+-]\d\d:\d\d)", re.ASCII)
_NAMED = re.compile(r"\s(GMT|BST)$", re.IGNORECASE)
_BOXES = (("-day", "day"), ("-month", "month"), ("-year", "year"))


def _is(parse: Callable[[str], object], text: str) -> bool:
    """Whether the text can be parsed."""
    try:
        parse(text)
    except ValueError:
        return False
    return True


def _number(typed: str, suffix: str) -> int | None:
    """A box as a number; months may be named ("Mar")."""
    if suffix == "-month" and len(typed) >= 3 and typed.isalpha():
        named = [at for at, month in enumerate(MONTHS, 1) if month.lower().startswith(typed.lower())]
        return named[0] if named else None
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 6 else None


def _wrong_box(typed: dict[str, str]) -> Problem | None:
    """The first box that is empty or holds no possible number."""
    for suffix, name in _BOXES:
        if not typed[suffix]:
            return Problem(suffix, f"Enter the {name} as well")
        number = _number(typed[suffix], suffix)
        if suffix == "-year" and (number is None or not 1000 <= number <= 9999):
            return Problem(suffix, "Enter the year with 4 numbers, for example 2027")
        if number is None or (suffix == "-month" and not 1 <= number <= 12) or (suffix == "-day" and not 1 <= number <= 31):
            return Problem(suffix, f"Check the {name}: it must be a real one")
    return None


def read_date(raw: Raw) -> tuple[date | None, Problem | None]:
    """The day in the three boxes; (None, None) where all are empty."""
    typed = {suffix: one_line(first(raw, suffix)) for suffix, _ in _BOXES}
    if not any(typed.values()):
        return None, None
    if problem := _wrong_box(typed):
        return None, problem
    day, month, year = (_number(typed[suffix], suffix) or 0 for suffix, _ in _BOXES)
    try:
        return date(year, month, day), None
    except ValueError:
        return None, Problem("-day", f"Check the date: {MONTHS[month - 1]} {year} has no day {day}")


def read_time(typed: str) -> time | None:
    """A time of day: 14:30, 14.30, 1430, 2.30pm, 2 pm, midday, midnight. None where it is none."""
    text = one_line(typed).lower()
    if text in {"midday", "noon", "midnight"}:
        return time(0 if text == "midnight" else 12)
    found = _TIME.fullmatch(text)
    if not found or (found[2] is None and found[3] is None):
        return None
    hour, minute = int(found[1]), int(found[2] or 0)
    if found[3]:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if found[3] == "pm" else 0)
    return time(hour, minute) if hour < 24 else None


class Day(Kind):
    """A date, kept as 2027-03-19. `must_be`: past (today counts) or future (today counts). `not_before`: a moment of the case."""

    id = "date"
    settings = frozenset({"must be", "not before"})
    coded = True

    def suffixes(self, spec: Field) -> tuple[str, ...]:
        """Day, month, year."""
        return ("-day", "-month", "-year")

    def read(self, spec: Field, raw: Raw, setting: Setting) -> Reading:
        """The date, within what it must be."""
        day, problem = read_date(raw)
        if day and not problem:
            problem = self._beyond(spec, day, setting)
        return Reading(None, (problem,)) if problem else Reading(day.isoformat() if day else None)

    def _beyond(self, spec: Field, day: date, setting: Setting) -> Problem | None:
        today = setting.now.astimezone(setting.zone).date() if setting.now else None
        if today and spec.must_be == "past" and day > today:
            return Problem("-day", "Enter a date that is today or in the past")
        if today and spec.must_be == "future" and day < today:
            return Problem("-day", "Enter a date that is today or in the future")
        bound = Earliest.read(spec.not_before)
        earliest = bound.moment(setting) if bound else None
        if bound and earliest and day < earliest.astimezone(setting.zone).date():
            return bound.problem(setting, "-day", with_time=False)
        return None

    def faults(self, spec: Field) -> Iterator[tuple[str, str]]:
        """A bound that names nothing."""
        return faults_of(spec)

    def raw(self, spec: Field, value: Any, setting: Setting) -> Raw:
        """Three boxes."""
        if value is None:
            return {}
        day = date.fromisoformat(value)
        return {"-day": [str(day.day)], "-month": [str(day.month)], "-year": [f"{day.year:04}"]}

    def fits(self, spec: Field, value: Any) -> bool:
        """A date as 2027-03-19."""
        return isinstance(value, str) and bool(_DAY.fullmatch(value)) and _is(date.fromisoformat, value)

    def text(self, spec: Field, value: Any, setting: Setting) -> str:
        """With the day of the week."""
        return NOT_ANSWERED if value is None else say_date(date.fromisoformat(value))

    def schema(self, spec: Field, setting: Setting | None) -> dict[str, Any]:
        """RFC 3339 full-date."""
        return {"type": "string", "format": "date"}


class Moment(Kind):
    """A date and a time of day, typed in the setting's zone, kept as an instant in UTC (2027-03-22T12:00:00+00:00)."""

    id = "date-time"
    settings = frozenset({"must be", "not before"})
    coded = True

    def suffixes(self, spec: Field) -> tuple[str, ...]:
        """Day, month, year, time."""
        return ("-day", "-month", "-year", "-time")

    def read(self, spec: Field, raw: Raw, setting: Setting) -> Reading:
        """The instant. Of an hour that comes twice the first is taken, unless GMT stands beside it; one that does not come is refused."""
        day, problem = read_date(raw)
        typed = first(raw, "-time").strip()
        if problem is None and day is None and not typed:
            return Reading(None)
        clock = read_time(_NAMED.sub("", typed))
        if problem is None and day is None:
            problem = Problem("-day", "Enter the date as well")
        no_time = None if clock else Problem("-time", "Enter the time, for example 14:30 or 2.30pm")
        if day is None or clock is None:
            return Reading(None, tuple(one for one in (problem, no_time) if one))
        named = _NAMED.search(typed)
        return self._placed(spec, datetime.combine(day, clock), named[1].upper() if named else "", setting)

    def _placed(self, spec: Field, local: datetime, named: str, setting: Setting) -> Reading:
        placed = local.replace(tzinfo=setting.zone)
        if placed.replace(fold=1).tzname() == named:
            placed = placed.replace(fold=1)
        instant = placed.astimezone(UTC)
        problem = self._beyond(spec, instant, setting)
        if instant.astimezone(setting.zone).replace(tzinfo=None) != local:
            problem = Problem("-time", "Choose another time: the clocks go forward that night, and this time does not come")
        return Reading(None, (problem,)) if problem else Reading(instant.isoformat())

    def _beyond(self, spec: Field, instant: datetime, setting: Setting) -> Problem | None:
        if setting.now and spec.must_be == "past" and instant > setting.now:
            return Problem("-day", "Enter a date and time in the past")
        if setting.now and spec.must_be == "future" and instant < setting.now - timedelta(minutes=1):
            return Problem("-day", "Enter a date and time in the future")
        bound = Earliest.read(spec.not_before)
        earliest = bound.moment(setting) if bound else None
        return bound.problem(setting, "-day", with_time=True) if bound and earliest and instant < earliest else None

    def faults(self, spec: Field) -> Iterator[tuple[str, str]]:
        """A bound that names nothing."""
        return faults_of(spec)

    def raw(self, spec: Field, value: Any, setting: Setting) -> Raw:
        """Four boxes, in the setting's zone."""
        if value is None:
            return {}
        local = datetime.fromisoformat(value).astimezone(setting.zone)
        clock = f"{local:%H:%M} {local.tzname()}" if local.fold else f"{local:%H:%M}"
        return {"-day": [str(local.day)], "-month": [str(local.month)], "-year": [f"{local.year:04}"], "-time": [clock]}

    def fits(self, spec: Field, value: Any) -> bool:
        """An instant with its offset from UTC, to the minute: seconds are not asked, so none may be lost."""
        return isinstance(value, str) and bool(_INSTANT.fullmatch(value)) and _is(datetime.fromisoformat, value)

    def text(self, spec: Field, value: Any, setting: Setting) -> str:
        """With the day of the week and the time."""
        if value is None:
            return NOT_ANSWERED
        local = datetime.fromisoformat(value).astimezone(setting.zone)
        return f"{say_date(local.date())}, {local:%H:%M}"

    def schema(self, spec: Field, setting: Setting | None) -> dict[str, Any]:
        """RFC 3339 date-time."""
        return {"type": "string", "format": "date-time"}
