"""Days and deadlines as people say them, and why one of several binds.

What lives here: the words. What does not: which clocks run and when they end (`clocks`).
"""

from __future__ import annotations

from datetime import date, datetime
from functools import lru_cache
from typing import Literal

from policies.parts.calendars import Calendar
from policies.parts.schema import Deadline

Reason = Literal["own limit", "stage limit", "cumulative limit", "overall cap", "protective date"]

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_NAMES: dict[Reason, str] = {
    "own limit": "the time for this step",
    "stage limit": "the time for this stage",
    "cumulative limit": "the time counted from the start",
    "overall cap": "the time for all stages together",
}


@lru_cache(maxsize=4096)
def day_words(day: date) -> str:
    """A date as people say it: Tuesday 30 March 2027."""
    return f"{_DAYS[day.weekday()]} {day.day} {_MONTHS[day.month - 1]} {day.year}"


def due_words(calendar: Calendar, due: Deadline) -> str:
    """A deadline as people say it: by the end of a day, or by a minute of it."""
    if not due.precise:
        return f"by the end of {day_words(due.local_date)}"
    return f"by {calendar.local(due.at):%H:%M} on {day_words(due.local_date)}"


def _name(due: Deadline) -> str:
    return f"the time “{due.name}”" if due.name else _NAMES.get(due.reason, due.limit)


def _counted(calendar: Calendar, due: Deadline, started: datetime) -> str:
    """Where a clock starts, in words: the day; the minute too where it ends with a minute."""
    start = day_words(calendar.day_of(started))
    return f", counted{' back' if due.at < started else ''} from {f'{calendar.local(started):%H:%M} on {start}' if due.precise else start}"


def because(calendar: Calendar, clocks: tuple[Deadline, ...], due: Deadline | None) -> str:
    """Why that deadline binds, in one or two plain sentences."""
    if due is None:
        return ""
    counted = _counted(calendar, due, due.started) if due.started is not None else ""
    words = f"{_name(due)} ({due.limit})" if due.reason != "protective date" else due.limit
    text = f"Due {due_words(calendar, due)}: {words}{counted}."
    later = [one for one in clocks if one is not due]
    if later:
        others = "; ".join(f"{_name(one)}, {due_words(calendar, one)}" for one in later)
        text += f" This ends first. Also running: {others}."
    return text
