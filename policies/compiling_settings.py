"""Settings and calendar, compiled: the choices that no policy text makes.

What lives here: the calendar of a pack, and its settings in words that can be printed in the case file. What does not: what they do
(`calendars`, `clocks`).
"""

from __future__ import annotations

import re
from datetime import date, time, timedelta
from zoneinfo import ZoneInfo

from policies import source
from policies.calendars import NATIONS, Calendar
from policies.compiler import Compiler
from policies.words import PhraseError


def calendar_of(maker: Compiler) -> Calendar:
    """The working days and hours of the pack (settings C1 to C5)."""
    settings, pack = maker.pack.settings, maker.pack.calendar
    closures: set[date] = set()
    for number, text in enumerate(pack.closures):
        closures |= maker.read(("calendar", "closures", number), lambda text=text: _days(text), set())  # type: ignore[misc]  # the value is bound by default: mypy reads no such lambda
    opens, shuts = maker.read(("settings", "office hours"), lambda: _hours(settings.office_hours), (time(9), time(17)))
    return Calendar(
        nation=pack.nation,
        zone=ZoneInfo(NATIONS[pack.nation][2]),
        closures=frozenset(closures),
        opens=opens,
        shuts=shuts,
        next_day_when_shut=settings.out_of_hours == "next working day",
        hours_are_working=settings.hours == "working",
        days_are_working=settings.days == "working",
        closed_end_moves_on=settings.end_on_a_closed_day == "next working day",
    )


def _days(text: str) -> set[date]:
    """One date, or two with "to" between them, both ends included; a year at most."""
    first, _, last = text.partition(" to ")
    try:
        begin, end = date.fromisoformat(first), date.fromisoformat(last or first)
    except ValueError:
        raise PhraseError(f"'{text}' is not a date or a span of dates. Write 2026-12-24 or '2026-12-24 to 2027-01-03'.") from None
    if not 0 <= (end - begin).days <= 366:
        raise PhraseError("A span of closed days ends after it begins, and lasts a year at most.")
    return {begin + timedelta(days=n) for n in range((end - begin).days + 1)}


def _hours(text: str) -> tuple[time, time]:
    found = re.fullmatch(r"(\d\d:\d\d) to (\d\d:\d\d)", text)
    try:
        opens, shuts = time.fromisoformat(found[1] if found else ""), time.fromisoformat(found[2] if found else "")
    except ValueError:
        raise PhraseError(f"'{text}' are not office hours. Write for example '09:00 to 17:00'.") from None
    if opens >= shuts:
        raise PhraseError("Office hours must end later than they begin.")
    return opens, shuts


def settings_of(pack: source.PackSource) -> dict[str, str]:
    """The choices that no policy text makes, in words that can be printed in the case file."""
    chosen = pack.settings
    closed = f", and without {len(pack.calendar.closures)} closures of its own" if pack.calendar.closures else ""
    hours = chosen.office_hours
    return {
        "C1 working day": f"Monday to Friday, without the bank holidays of {pack.calendar.nation}{closed}",
        "C2 day count": "the day of the event is day 0; a limit in days ends with its last day",
        "C3 out of hours": "an event out of hours keeps its own day"
        if chosen.out_of_hours == "same day"
        else f"an event outside {hours} counts as received on the next working day (before opening: the same day)",
        "C4 hours": "elapsed hours, nights and holidays included" if chosen.hours == "elapsed" else f"working hours, {hours}",
        "C5 days": f"'days' alone means {chosen.days} days",
        "closed last day": "a limit in calendar days may end on a closed day"
        if chosen.end_on_a_closed_day == "stays"
        else "a limit in calendar days that would end on a closed day ends on the next working day",
        "C6 stage entry": f"a stage is entered {chosen.stage_entry}",
        "C7 binding deadline": "the earliest of the stage's limit, every cap and the protective date",
        "C8 bank holidays": f"{pack.calendar.nation}, substitute days included",
        "C9 late step": "never refused; done, and marked late",
        "time up": {
            "nothing": "a limit that passes moves nothing; people are told",
            "permits": "a limit that passes lets the next stage be opened",
            "opens": "a limit that passes opens the next stage by itself",
        }[chosen.time_up],
        "identifiable data": "the policy does not say how to send it"
        if chosen.identifiable_data == "not said"
        else "sent by secure means only",
        "school holidays": "working days like others" if chosen.school_holidays == "working days" else "closed days, as the calendar lists",
    }
