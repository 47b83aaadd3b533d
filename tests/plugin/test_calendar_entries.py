"""Deadlines as calendar entries: the day or the minute they end, in every season, moved and taken away, and nothing about a child."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import icalendar
import pytest

from plugin.mail import calendar
from plugin.mail.calendar import Entry
from policies import Deadline
from policies.parts.calendars import Calendar

UK = ZoneInfo("Europe/London")
STAMP = datetime(2026, 10, 1, 9, tzinfo=UTC)


def to_the_minute(local: str, fold: int = 0) -> Deadline:
    """A limit in hours that ends at this UK time."""
    at = datetime.fromisoformat(local).replace(tzinfo=UK, fold=fold)
    return Deadline(at.astimezone(UTC), at.date(), True, "own limit", "24 hours")


def to_the_day(day: str) -> Deadline:
    """A limit in days that ends with this day."""
    found = date.fromisoformat(day)
    return Deadline(Calendar().end_of(found), found, False, "own limit", "5 working days")


def make_entry(due: Deadline, **more: Any) -> Entry:
    """An entry of an invented case."""
    given: dict[str, Any] = {"uid": calendar.entry_uid("c1", "1/answer"), "reference": "PD-7F3K-92HV", "stage": "Line managers"}
    return Entry(**{**given, "due": due, "sequence": 4, **more})


def only_event(made: bytes) -> icalendar.Event:
    """The one event of a calendar, read back by the library."""
    read = icalendar.Calendar.from_ical(made)
    return read.walk("VEVENT")[0]


@pytest.mark.parametrize("day", ["2026-03-28", "2026-03-29", "2026-10-25", "2026-12-31", "2028-02-29"])
def test_a_limit_in_days_is_a_whole_day_whatever_the_clocks_do(day: str) -> None:
    due = to_the_day(day)
    event = only_event(calendar.deadline_entry(make_entry(due), stamp=STAMP, zone=UK))
    assert event.start == due.local_date and event.end == due.local_date + timedelta(days=1)
    assert type(event.start) is date, "a date, no time: nothing turns up at 00:59"


@pytest.mark.parametrize(
    "local", ["2026-03-28 02:00", "2026-03-29 00:30", "2026-03-29 02:15", "2026-07-01 14:10", "2026-10-25 00:59", "2026-10-25 02:30"]
)
def test_a_limit_to_the_minute_ends_at_that_minute(local: str) -> None:
    due = to_the_minute(local)
    made = calendar.deadline_entry(make_entry(due), stamp=STAMP, zone=UK)
    event = only_event(made)
    assert event.end.astimezone(UTC) == due.at
    assert event.start.astimezone(UTC) == due.at - timedelta(minutes=30)


@pytest.mark.parametrize("fold", [0, 1])
def test_in_the_hour_that_comes_twice_the_right_one_is_meant(fold: int) -> None:
    due = to_the_minute("2026-10-25 01:20", fold)
    made = calendar.deadline_entry(make_entry(due), stamp=STAMP, zone=UK)
    assert only_event(made).end.astimezone(UTC) == due.at
    assert f"DTEND:{due.at:%Y%m%dT%H%M%SZ}".encode() in made, "in UTC, where it comes once"


def test_our_rule_for_summer_time_is_the_zones_own() -> None:
    made = calendar.deadline_entry(make_entry(to_the_minute("2026-07-01 14:10")), stamp=STAMP, zone=UK)
    told = icalendar.Calendar.from_ical(made).timezones[0].to_tz()
    # The library's own zones end in 2038; ours repeats for ever, and until then the two must agree hour by hour round each change.
    for year in range(2020, 2037):
        for month in (3, 10):
            for hour in range(24 * 8):
                local = datetime(year, month, 24) + timedelta(hours=hour)  # noqa: DTZ001  # local by intent: given two zones below
                if local.replace(tzinfo=UK, fold=0).utcoffset() == local.replace(tzinfo=UK, fold=1).utcoffset():
                    assert local.replace(tzinfo=told).utcoffset() == local.replace(tzinfo=UK).utcoffset(), local


def test_a_zone_with_other_rules_is_written_out() -> None:
    zone = ZoneInfo("Europe/Lisbon")
    due = Deadline(datetime(2026, 7, 1, 13, tzinfo=UTC), date(2026, 7, 1), True, "own limit", "24 hours")
    made = calendar.deadline_entry(make_entry(due), stamp=STAMP, zone=zone)
    assert b"TZID:Europe/Lisbon" in made and only_event(made).end.astimezone(UTC) == due.at


def test_a_moved_deadline_moves_the_entry_and_a_cancelled_one_takes_it_away() -> None:
    people: dict[str, Any] = {"stamp": STAMP, "zone": UK, "organizer": "no-reply@accord.example", "attendee": "m.tull@hilltop.example"}
    first = calendar.invitation(make_entry(to_the_day("2026-11-25")), **people)
    moved = calendar.invitation(make_entry(to_the_day("2026-11-27"), sequence=6), **people)
    over = calendar.invitation(make_entry(to_the_day("2026-11-27"), sequence=7, cancelled=True), **people)
    methods = [icalendar.Calendar.from_ical(one)["METHOD"] for one in (first, moved, over)]
    events = [only_event(one) for one in (first, moved, over)]
    assert methods == ["REQUEST", "REQUEST", "CANCEL"]
    assert len({one["UID"] for one in events}) == 1
    assert [one["SEQUENCE"] for one in events] == [4, 6, 7]
    assert [one["STATUS"] for one in events] == ["CONFIRMED", "CONFIRMED", "CANCELLED"]
    assert {str(one["ORGANIZER"]) for one in events} == {"mailto:no-reply@accord.example"}
    assert events[0]["ATTENDEE"].params["RSVP"] == "FALSE"


@pytest.mark.parametrize(
    ("local", "rings"), [("2026-07-01 02:00", 0), ("2026-07-01 08:00", 0), ("2026-07-01 14:10", 1), ("2026-07-01 22:00", 0)]
)
def test_no_calendar_wakes_anybody_at_night(local: str, rings: int) -> None:
    event = only_event(calendar.deadline_entry(make_entry(to_the_minute(local)), stamp=STAMP, zone=UK))
    assert len(event.walk("VALARM")) == rings


def test_a_day_rings_at_nine() -> None:
    event = only_event(calendar.deadline_entry(make_entry(to_the_day("2026-11-25")), stamp=STAMP, zone=UK))
    assert [one["TRIGGER"].dt for one in event.walk("VALARM")] == [timedelta(hours=9)]


def test_a_feed_holds_all_of_them_under_one_name() -> None:
    entries = [make_entry(to_the_day("2026-11-25"), uid=f"u{number}") for number in range(3)]
    read = icalendar.Calendar.from_ical(calendar.feed([*entries, make_entry(to_the_minute("2026-07-01 14:10"))], stamp=STAMP, zone=UK))
    assert len(read.walk("VEVENT")) == 4 and len(read.timezones) == 1
    assert read["METHOD"] == "PUBLISH" and read["X-WR-CALNAME"] == "Accord deadlines"
    assert len(icalendar.Calendar.from_ical(calendar.feed([], stamp=STAMP, zone=UK)).walk("VEVENT")) == 0


def test_an_entry_says_reference_and_stage_and_no_more() -> None:
    made = calendar.deadline_entry(make_entry(to_the_day("2026-11-25"), stage="Line;managers,\r\nBEGIN:VEVENT"), stamp=STAMP, zone=UK)
    assert made.count(b"\r\nBEGIN:VEVENT") == 1, "what stands in a title is text, never a line of its own"
    assert b"1/answer" not in made, "not even the obligation's name"
    assert all(len(line) <= 75 for line in made.split(b"\r\n")), "folded as RFC 5545 asks"
