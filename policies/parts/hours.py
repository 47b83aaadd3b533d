"""Opening hours: from when to when, on which days, through the night where they end earlier than they begin.

    09:00 to 17:00 | 08:00 to 20:00 every day | 17:00 to 08:45 every day, all day on closed days | outside office hours
    09:00 to 17:15 Monday to Thursday, 09:00 to 17:00 Friday

What lives here: reading such phrases, and what they say of one day. What does not: which days are working days, and counting hours
(`calendars`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from policies.parts.closures import WEEKDAYS
from policies.parts.words import PhraseError

MIDNIGHT = time(0)
_DAY = timedelta(days=1)
_NAME = "|".join(WEEKDAYS)
_ON = rf"working days|every day|weekdays|weekends|closed days|(?:{_NAME})(?: to (?:{_NAME}))?"
_OFFICE = (
    "office hours. Write for example '09:00 to 17:00'. Where they are other hours on some days, count 'service hours' and say them there"
)
_PART = re.compile(rf"(?:(all day)|(\d\d:\d\d) to (\d\d:\d\d)),?(?: (?:on )?({_ON}))?(?:, | and |$)")


@dataclass(frozen=True, slots=True)
class Hours:
    """One part of a service's opening hours, local. Where `shuts` is not after `opens` it is that of the next day: midnight to midnight is
    the whole day. Closed days are those that are no working days: weekends, bank holidays, closures. `on` may also be a day of the week
    or from one to another: no bank holiday nor closure is meant by those."""

    opens: time = time(9)
    shuts: time = time(17)
    on: str = "working days"

    def of_day(self, day: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
        """When the doors open and shut that open on `day`, in the zone."""
        until = day if self.shuts > self.opens else day + _DAY
        return datetime.combine(day, self.opens, zone), datetime.combine(until, self.shuts, zone)

    def __str__(self) -> str:
        if self.opens == self.shuts == MIDNIGHT:
            return f"all day on {self.on}"
        night = "" if self.shuts > self.opens else " on the next day"
        return f"from {self.opens:%H:%M} to {self.shuts:%H:%M}{night}, {self.on}"


@cache
def days_of_week(on: str) -> frozenset[int]:
    """The days that "Monday to Thursday" or "Friday" name, Monday 0; none for other words."""
    first, _, last = on.partition(" to ")
    if first not in WEEKDAYS:
        return frozenset()
    start = WEEKDAYS.index(first)
    return frozenset((start + n) % 7 for n in range((WEEKDAYS.index(last or first) - start) % 7 + 1))


def office_hours(text: str) -> tuple[time, time]:
    """When offices open and shut on a working day. Raises PhraseError."""
    found = re.fullmatch(r"(\d\d:\d\d) to (\d\d:\d\d)", text)
    opens, shuts = _times(found[1] if found else "", found[2] if found else "", text, _OFFICE)
    if opens >= shuts:
        raise PhraseError("Office hours must end later than they begin.")
    return opens, shuts


def service_hours(text: str, office: tuple[time, time]) -> tuple[Hours, ...]:
    """The parts of a service's hours, "" for none; `office` is when offices open and shut. Raises PhraseError."""
    if text == "outside office hours":
        return Hours(office[1], office[0], "every day"), Hours(MIDNIGHT, MIDNIGHT, "closed days")
    parts, at = [], 0
    while at < len(text):
        found = _PART.match(text, at)
        if found is None or found.end() == at:
            raise PhraseError(
                f"'{text}' are not service hours. Write for example '08:00 to 20:00', '08:00 to 20:00 every day', "
                "'09:00 to 17:15 Monday to Thursday, 09:00 to 17:00 Friday', '17:00 to 08:45 every day, all day on closed days', "
                "'outside office hours'."
            )
        parts.append(_part(found, text))
        at = found.end()
    return tuple(parts)


def _part(found: re.Match[str], text: str) -> Hours:
    on = found[4] or ("every day" if found[1] else "working days")
    if found[1]:
        return Hours(MIDNIGHT, MIDNIGHT, on)
    opens, shuts = _times(found[2], found[3], text, "service hours. Write for example '08:00 to 20:00 every day'")
    if opens == shuts:
        raise PhraseError(f"'{text}' begins and ends at one time. Write 'all day' where that is meant.")
    return Hours(opens, shuts, on)


def _times(first: str, last: str, text: str, right: str) -> tuple[time, time]:
    try:
        return time.fromisoformat(first), time.fromisoformat(last)
    except ValueError:
        raise PhraseError(f"'{text}' are not {right}.") from None
