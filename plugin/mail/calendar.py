"""Deadlines as calendar entries (RFC 5545): one for a mail or a page, all of somebody's for a feed. No entry says who the child is.

What lives here: bytes made of what is passed in. What does not: whose deadlines they are (`services.post.feeds`), and when an entry is sent
again (`services.notices.asking`). An obligation's entry has the same UID for ever and the case's number of events as SEQUENCE, so that a
moved deadline moves the entry people already have, and a cancelled one takes it away.

A limit in days is an entry of the whole day (a date, no time: nothing turns up at 00:59 in another zone). A limit to the minute ends at
that minute, in local time with its zone; in the hour that comes twice in October it is said in UTC, where it comes once.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from functools import lru_cache
from typing import Literal
from zoneinfo import ZoneInfo

import icalendar

from policies import Deadline

Method = Literal["PUBLISH", "REQUEST", "CANCEL"]
_NAMESPACE = uuid.UUID("5f0c1d0e-6f0a-4f0b-9a57-0d1f5b6a2c11")
_LENGTH = timedelta(minutes=30)
_DAY = timedelta(days=1)
_ALARM_BEFORE = timedelta(hours=1)
_AWAKE = time(7), time(19)
# Clocks of the United Kingdom and the Crown dependencies since 1996: forward on the last Sunday of March, back on that of October.
_SUMMER_TIME_RULE = {"Europe/London", "Europe/Isle_of_Man", "Europe/Guernsey", "Europe/Jersey"}


@dataclass(frozen=True, slots=True)
class Entry:
    """One deadline: `uid` from `entry_uid`, `sequence` the case's number of events, `link` an address that needs no secret ("": none)."""

    uid: str
    reference: str
    stage: str
    due: Deadline
    sequence: int
    cancelled: bool = False
    link: str = ""


def entry_uid(case_id: str, key: str) -> str:
    """The UID of an obligation's entry: the same for ever, and it says nothing."""
    return f"{uuid.uuid5(_NAMESPACE, f'{case_id}|{key}')}@accord.invalid"


def deadline_entry(entry: Entry, *, stamp: datetime, zone: ZoneInfo) -> bytes:
    """The entry as a file to download from a page (METHOD:PUBLISH). `stamp` is when it was made, aware UTC."""
    return _calendar("PUBLISH", [_event(entry, stamp, zone)], zone)


def invitation(entry: Entry, *, stamp: datetime, zone: ZoneInfo, organizer: str, attendee: str) -> bytes:
    """The entry as a mail carries it (RFC 5546): REQUEST puts it in or moves it, CANCEL takes it away. Both are bare mailboxes.

    No answer is asked for (RSVP=FALSE): the answer belongs on the page behind the link.
    """
    event = _event(entry, stamp, zone)
    event.add("organizer", icalendar.vCalAddress(f"mailto:{organizer}"))
    event.add("attendee", icalendar.vCalAddress(f"mailto:{attendee}"), parameters={"RSVP": "FALSE", "PARTSTAT": "ACCEPTED"})
    return _calendar("CANCEL" if entry.cancelled else "REQUEST", [event], zone)


def feed(entries: Iterable[Entry], *, stamp: datetime, zone: ZoneInfo) -> bytes:
    """All of somebody's deadlines, to be subscribed to: programs ask again every hour."""
    return _calendar("PUBLISH", [_event(one, stamp, zone) for one in entries], zone, name="Accord deadlines")


def _calendar(method: Method, events: list[icalendar.Event], zone: ZoneInfo, name: str = "") -> bytes:
    made = icalendar.Calendar()
    made.add("prodid", "-//Accord//Deadlines//EN")
    made.add("version", "2.0")
    made.add("calscale", "GREGORIAN")
    made.add("method", method)
    if name:  # a feed; the first is what programs before RFC 7986 read
        made.add("x-wr-calname", name)
        made.add("name", name)
        made.add("refresh-interval", timedelta(hours=1), parameters={"VALUE": "DURATION"})
        made.add("x-published-ttl", "PT1H")
    if any(one.get("dtstart").params.get("TZID") for one in events):
        made.add_component(_time_zone(zone.key))
    for one in events:
        made.add_component(one)
    return bytes(made.to_ical())


def _event(entry: Entry, stamp: datetime, zone: ZoneInfo) -> icalendar.Event:
    made = icalendar.Event()
    made.add("uid", entry.uid)
    made.add("dtstamp", stamp.astimezone(UTC))
    made.add("sequence", entry.sequence)
    made.add("summary", f"{'No longer needed' if entry.cancelled else 'Action due'} - reference {entry.reference}")
    made.add("description", f"Stage: {entry.stage}. For safety this entry says nothing about the matter itself.")
    made.add("status", "CANCELLED" if entry.cancelled else "CONFIRMED")
    made.add("transp", "TRANSPARENT")
    made.add("class", "PRIVATE")
    if entry.link:
        made.add("url", entry.link)
    _when(made, entry.due, zone)
    if not entry.cancelled and (before := _alarm(entry.due, zone)) is not None:
        made.add_component(before)
    return made


def _when(event: icalendar.Event, due: Deadline, zone: ZoneInfo) -> None:
    if not due.precise:
        event.add("dtstart", due.local_date)
        event.add("dtend", due.local_date + _DAY)  # the end of a whole day is the next one (RFC 5545, 3.6.1)
        return
    start, end = ((due.at - length).astimezone(zone) for length in (_LENGTH, timedelta()))
    if _comes_twice(start) or _comes_twice(end):
        start, end = start.astimezone(UTC), end.astimezone(UTC)
    event.add("dtstart", start)
    event.add("dtend", end)


def _comes_twice(local: datetime) -> bool:
    """Whether this local time is one of the hour that is repeated when the clocks go back."""
    return local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()


def _alarm(due: Deadline, zone: ZoneInfo) -> icalendar.Alarm | None:
    """At nine on a day; an hour before a minute, unless that would wake somebody."""
    if due.precise:
        rings = (due.at - _LENGTH - _ALARM_BEFORE).astimezone(zone).time()
        if not _AWAKE[0] <= rings < _AWAKE[1]:
            return None
    made = icalendar.Alarm()
    made.add("action", "DISPLAY")
    made.add("description", "Action due")
    made.add("trigger", -_ALARM_BEFORE if due.precise else timedelta(hours=9))
    return made


@lru_cache(maxsize=8)
def _time_zone(name: str) -> icalendar.Timezone:
    """The zone's rules as mail programs want them: two yearly rules where that is all there is, else each change written out."""
    if name not in _SUMMER_TIME_RULE:
        return icalendar.Timezone.from_tzid(name)
    made = icalendar.Timezone()
    made.add("tzid", name)
    winter, summer = timedelta(), timedelta(hours=1)
    for part, first, month, before, after, letters in (
        (icalendar.TimezoneDaylight(), datetime.fromisoformat("1996-03-31T01:00"), 3, winter, summer, "BST"),
        (icalendar.TimezoneStandard(), datetime.fromisoformat("1996-10-27T02:00"), 10, summer, winter, "GMT"),
    ):
        part.add("dtstart", first)  # a local time, as the clocks showed it before they were changed
        part.add("rrule", {"freq": "yearly", "bymonth": month, "byday": "-1su"})
        part.add("tzoffsetfrom", before)
        part.add("tzoffsetto", after)
        part.add("tzname", letters)
        made.add_component(part)
    return made
