"""Settings and calendar, compiled: the choices that no policy text makes.

What lives here: the calendar of a pack, and its settings in words that can be printed in the case file. What does not: what they do
(`calendars`, `clocks`).
"""

from __future__ import annotations

from datetime import time
from zoneinfo import ZoneInfo

from policies.language import source
from policies.language.compiler import Compiler
from policies.parts.calendars import Calendar
from policies.parts.closures import Days, days_of
from policies.parts.hours import office_hours, service_hours
from policies.parts.nations import NATIONS


def calendar_of(maker: Compiler) -> Calendar:
    """The working days and hours of the pack (settings C1 to C5)."""
    settings, pack = maker.pack.settings, maker.pack.calendar
    opens, shuts = maker.read(("settings", "office hours"), lambda: office_hours(settings.office_hours), (time(9), time(17)))
    closures, school = _days(maker, "closures", pack.closures), _days(maker, "school holidays", pack.school_holidays)
    return Calendar(
        nation=pack.nation[0],
        zone=ZoneInfo(NATIONS[pack.nation[0]][2]),
        closures=closures.with_those_of(school) if settings.school_holidays == "closures" else closures,
        worked=_days(maker, "open", pack.open),
        school_holidays=school,
        opens=opens,
        shuts=shuts,
        next_day_when_shut=settings.out_of_hours == "next working day",
        hours_are_working=settings.hours == "working",
        days_are_working=settings.days == "working",
        closed_end_moves_on=settings.end_on_a_closed_day == "next working day",
        service=maker.read(("settings", "service hours"), lambda: service_hours(settings.service_hours, (opens, shuts)), ()),
        also=tuple(pack.nation[1:]),
    )


def _days(maker: Compiler, key: str, texts: list[str]) -> Days:
    """The days listed under one key of the calendar; each mistake is told where it stands."""
    good, may_move = [], key == "closures"
    for number, text in enumerate(texts):
        if maker.read(("calendar", key, number), lambda text=text: days_of([text], may_move=may_move), None) is not None:  # type: ignore[misc]  # the value is bound by default: mypy reads no such lambda
            good.append(text)
    return maker.read(("calendar", key), lambda: days_of(good), Days())


def settings_of(pack: source.PackSource) -> dict[str, str]:
    """The choices that no policy text makes, in words that can be printed in the case file."""
    chosen = pack.settings
    hours = chosen.office_hours
    return {
        "C1 working day": _working_day(pack.calendar),
        "C2 day count": "the day of the event is day 0; a limit in days ends with its last day",
        "C3 out of hours": "an event out of hours keeps its own day"
        if chosen.out_of_hours == "same day"
        else f"an event outside {hours} counts as received on the next working day (before opening: the same day)",
        "C4 hours": "elapsed hours, nights and holidays included" if chosen.hours == "elapsed" else f"working hours, {hours}",
        "C5 days": f"'days' alone means {chosen.days} days",
        "closed last day": "a limit in calendar days may end on a closed day"
        if chosen.end_on_a_closed_day == "stays"
        else "a limit in calendar days that would end on a closed day ends on the next working day",
        "C6 stage entry": "the next stage is entered when people say that this one is not settled"
        if chosen.stage_entry == "when unresolved"
        else "the next stage is entered when it is referred to it",
        "C7 binding deadline": "the earliest of the stage's limit, every cap and the protective date",
        "C8 bank holidays": f"{' and '.join(pack.calendar.nation)}, substitute days included",
        "C9 late step": "never refused; done, and marked late",
        "time up": {
            "nothing": "a limit that passes moves nothing; people are told",
            "permits": "a limit that passes lets the next stage be opened",
            "opens": "a limit that passes opens the next stage by itself",
        }[chosen.time_up],
        "identifiable data": "the policy does not say how to send it"
        if chosen.identifiable_data == "not said"
        else "sent by secure means only",
        "school holidays": _school_holidays(pack),
        "when done": "whoever waits on the other side is told when something is done"
        if chosen.when_done == "tell the other side"
        else "nobody is told when something is done; they see it on the page",
        **({"service hours": chosen.service_hours} if chosen.service_hours else {}),
    }


def _working_day(calendar: source.CalendarSource) -> str:
    parts = [f"Monday to Friday, without the bank holidays of {' and of '.join(calendar.nation)}"]
    if calendar.open:
        parts.append(f"except those on which offices are open ({', '.join(calendar.open)})")
    if calendar.closures:
        closures = "closure" if len(calendar.closures) == 1 else f"{len(calendar.closures)} closures"
        parts.append(f"and without the {closures} of its own")
    return ", ".join(parts)


def _school_holidays(pack: source.PackSource) -> str:
    if pack.settings.school_holidays == "closures":
        return "closed days, as the calendar lists"
    return "working days like others" + (", but no school days" if pack.calendar.school_holidays else "")
