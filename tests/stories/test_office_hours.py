"""Mail arrives in working time: no mail at midnight, at the weekend or in the holidays, unless it is urgent or would come too late."""

from __future__ import annotations

from datetime import datetime

import pytest

from plugin.services.notices import office
from policies import Deadline
from policies.parts.calendars import Calendar
from tests.stories.telling import Story
from tests.world import UK, uk

pytestmark = pytest.mark.slow  # a story moves the clock through days

NIGHTS = ["2027-03-20 02:00", "2027-03-21 23:59", "2027-03-28 01:30", "2027-10-31 01:30", "2027-05-31 12:00", "2028-02-29 00:00"]


def in_the_office(at: datetime) -> bool:
    return Calendar().in_hours(at)


@pytest.mark.parametrize("raised", NIGHTS)
def test_whenever_it_is_raised_nobody_gets_mail_out_of_hours(story: Story, raised: str) -> None:
    story.raised(raised)
    story.until(f"{raised[:4]}-{int(raised[5:7]) + 1:02d}-27 12:00")
    assert len(story.mails) >= 8
    assert [one for one in story.mails if not in_the_office(one.at)] == []


def test_when_a_child_is_in_danger_nobody_waits_for_an_office(story: Story) -> None:
    story.raised("2027-03-20 02:00", case_flags=["immediate harm"])
    assert story.said("m.tull") == ["Sat 20 Mar 02:00 ask"]


def test_a_school_that_is_shut_for_the_holidays_is_mailed_when_it_is_not(story: Story) -> None:
    story.says("hill-top-school", hours={"opens": "08:00", "shuts": "16:00", "closed": ["2027-03-22 to 2027-03-24"]})
    story.raised("2027-03-22 10:00")
    story.until("2027-03-26 12:00")
    assert story.said("m.tull")[0] == "Thu 25 Mar 08:00 ask"


def test_an_agency_that_works_at_all_hours_is_mailed_at_all_hours(story: Story) -> None:
    story.says("hill-top-school", hours={"always": True})
    story.raised("2027-03-20 02:00")
    assert story.said("m.tull") == ["Sat 20 Mar 02:00 ask"]


def test_what_ends_before_the_office_opens_goes_out_at_once() -> None:
    hours = office.hours_of(Calendar(), {})
    friday, saturday = uk("2027-03-19 18:10"), uk("2027-03-20 18:10")
    by_saturday = Deadline(saturday, saturday.astimezone(UK).date(), True, "own limit", "24 hours")
    assert office.send_time(hours, friday, by_saturday, urgent=False) == friday
    tuesday = uk("2027-03-23 18:10")
    by_tuesday = Deadline(tuesday, tuesday.astimezone(UK).date(), True, "own limit", "4 days")
    assert office.send_time(hours, friday, by_tuesday, urgent=False) == uk("2027-03-22 09:00")
    assert office.send_time(hours, friday, by_tuesday, urgent=True) == friday


def test_nine_is_nine_on_both_sides_of_a_clock_change() -> None:
    hours = office.hours_of(Calendar(), {})
    assert hours.next_open(uk("2027-03-27 12:00")) == uk("2027-03-30 09:00")  # Easter Monday is the 29th
    assert hours.next_open(uk("2027-10-30 12:00")) == uk("2027-11-01 09:00")
    assert uk("2027-10-29 09:00").hour == 8 and uk("2027-11-01 09:00").hour == 9


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"opens": "nine"}, "opens: 'nine' is not a time"),
        ({"opens": "17:00", "shuts": "09:00"}, "shut later than it opens"),
        ({"closed": ["2026-02-30"]}, "is not a date"),
        ({"closed": ["2026-12-31 to 2026-12-24"]}, "ends before it begins"),
        ({"days": ["Caturday"]}, "not a day of the week"),
        ({"open": "09:00"}, "'open' is not known"),
    ],
)
def test_hours_that_cannot_be_are_refused_in_words(said: dict[str, object], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        office.checked(said)


def test_an_office_open_at_weekends_says_its_days() -> None:
    hours = office.hours_of(Calendar(), {"days": ["Saturday", "Sunday", "Monday"], "opens": "10:00", "shuts": "12:00"})
    assert hours.next_open(uk("2027-03-19 18:10")) == uk("2027-03-20 10:00")
    assert hours.next_open(uk("2027-03-28 13:00")) == uk("2027-04-03 10:00"), "a bank holiday on a Monday is still one"


def test_an_office_that_never_opens_keeps_nothing_for_ever() -> None:
    hours = office.hours_of(Calendar(), {"closed": ["2027-01-01 to 2029-12-31"]})
    now = uk("2027-03-19 18:10")
    assert hours.next_open(now) == now
