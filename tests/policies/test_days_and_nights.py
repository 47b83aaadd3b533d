"""Limits that go by a weekday or a meeting, hours through the night, clocks chosen by when it was raised: all worked by hand."""

from __future__ import annotations

from datetime import time

import pytest

from policies import PackError, Policy, load
from policies.parts.calendars import Calendar
from policies.parts.hours import Hours, service_hours
from tests.policies.making import LONDON, Case, at, make_case
from tests.policies.rows import ROWS, first, second
from tests.policies.small import COUNCIL, SCHOOL, small, small_text


def case_of(name: str, when: str, **facts: object) -> Case:
    return make_case(load(ROWS[name]), when, [SCHOOL, COUNCIL], **facts)


def limited(phrase: str, more: str = "") -> Policy:
    return small(first(f"limit: {phrase}"), more=more)


def due(policy: Policy, raised: str) -> str:
    return make_case(policy, raised, [SCHOOL, COUNCIL]).due()


# --- a weekday, a meeting -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("raised", "ends"),
    [
        ("2026-11-23 10:00", "2026-11-25 14:00"),  # Monday
        ("2026-11-25 13:59", "2026-11-25 14:00"),  # the very day, before the meeting
        ("2026-11-25 14:00", "2026-12-02 14:00"),  # it has begun
        ("2026-12-29 10:00", "2026-12-30 14:00"),  # over the holidays
        ("2027-03-26 10:00", "2027-03-31 14:00"),  # the clocks change on the 28th
    ],
)
def test_by_the_next_wednesday_s_meeting(raised: str, ends: str) -> None:
    assert case_of("a meeting on a weekday", raised).due() == ends


@pytest.mark.parametrize(
    ("phrase", "raised", "ends"),
    [
        ("next Wednesday", "2026-11-23 10:00", "2026-11-25"),
        ("next Wednesday", "2026-11-25 08:00", "2026-12-02"),  # with no time of day, the Wednesday after
        ("next Sunday", "2026-11-23 10:00", "2026-11-29"),
        ("next first Thursday of the month", "2026-11-23 10:00", "2026-12-03"),
        ("next first Thursday of the month", "2026-12-03 10:00", "2027-01-07"),
        ("next last Friday of the month", "2026-11-27 10:00", "2026-12-25"),  # Christmas Day: it stays
        ("next third Tuesday of the month by 09:30", "2026-12-15 09:00", "2026-12-15 09:30"),
        ("5 working days before next first Thursday of the month", "2026-11-23 10:00", "2026-11-26"),  # 2, 1, 30, 27, 26
        ("5 working days before next first Thursday of the month", "2026-11-26 10:00", "2026-11-26"),  # its last day
        ("5 working days before next first Thursday of the month", "2026-11-27 10:00", "2026-12-30"),  # of 7 January: 6, 5, 4, 31, 30
        ("2 working days by 12:00 before next Friday", "2026-11-25 11:00", "2026-11-25 12:00"),
        ("2 working days by 12:00 before next Friday", "2026-11-25 12:00", "2026-12-02 12:00"),
        ("2 working days from next first Thursday of the month", "2026-11-23 10:00", "2026-12-07"),  # of 3 December: 4, 7
        ("1 week from next Monday", "2026-11-23 10:00", "2026-12-07"),  # 30 is the next Monday
        ("3 school days before next Friday", "2026-11-23 10:00", "2026-11-24"),  # 26, 25, 24
    ],
)
def test_limits_that_go_by_a_day_that_comes_again(phrase: str, raised: str, ends: str) -> None:
    assert due(limited(phrase), raised) == ends


def test_a_meeting_on_a_closed_day_moves_on_where_the_policy_says_so() -> None:
    policy = limited("next Friday", "settings: {end on a closed day: next working day}\n")
    assert due(policy, "2026-12-21 10:00") == "2026-12-29"  # 25 Christmas, 26 and 27 the weekend, 28 the substitute day


def test_papers_before_and_a_report_after_the_monthly_panel() -> None:
    case = case_of("a meeting on a weekday", "2026-11-23 10:00")
    assert (case.due("1/papers"), case.due("1/visit")) == ("2026-11-26", "2026-11-27")
    case.unresolved("1", "2026-11-24")
    assert case.due() == "2026-12-07"
    assert "next first Thursday of the month" in case.state().binds_because


def test_while_its_clock_stands_still_the_meetings_go_by() -> None:
    case = case_of("a meeting on a weekday", "2026-11-23 10:00").fact("waiting", "2026-11-24", value=True)
    assert case.due(now="2026-12-04") == ""
    case.fact("waiting", "2026-12-04 10:00", value=False)
    assert case.due() == "2026-12-09 14:00"
    late = case_of("a meeting on a weekday", "2026-11-23 10:00").fact("waiting", "2026-11-26", value=True)
    assert late.due(now="2026-12-04") == "2026-11-25 14:00", "it had ended before it was stopped"


def test_days_from_the_meeting_that_was_held_count_from_when_it_was() -> None:
    policy = small(second("limit: 3 working days from 1/talk"))
    case = make_case(policy, "2026-11-23 10:00", [SCHOOL, COUNCIL]).does("1/talk", "2026-11-26 15:00").unresolved("1", "2026-11-27")
    assert case.due() == "2026-12-01"  # 27, 30, 1


# --- through the night ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("raised", "ends"),
    [
        ("2026-11-27 20:00", "2026-11-27 22:00"),  # Friday evening
        ("2026-11-27 23:30", "2026-11-28 01:30"),  # over midnight
        ("2026-11-28 23:30", "2026-11-29 01:30"),  # from Saturday to Sunday
        ("2026-11-30 08:00", "2026-11-30 18:15"),  # 45 minutes until the day team comes, the rest when it has gone
        ("2026-12-25 10:00", "2026-12-25 12:00"),  # Christmas Day
        ("2027-03-28 00:30", "2027-03-28 03:30"),  # clocks go from 01:00 to 02:00
        ("2026-11-23 10:00", "2026-11-24"),  # in hours: the day team has until the end of the next working day
        ("2026-11-23 17:00", "2026-11-23 19:00"),  # the very minute at which the office shuts
    ],
)
def test_the_duty_team_has_two_of_its_own_hours_and_the_day_team_a_day(raised: str, ends: str) -> None:
    assert case_of("the duty team by night", raised).due() == ends


@pytest.mark.parametrize(
    ("hours", "count", "start", "ends"),
    [
        ("outside office hours", 64, "2026-11-27 17:00", "2026-11-30 17:15"),  # 7 + 24 + 24 + 8.75 until Monday 08:45
        ("17:00 to 08:45 every day, all day on closed days", 64, "2026-11-27 17:00", "2026-11-30 17:15"),
        ("17:00 to 08:45, all day on weekends", 64, "2026-11-27 17:00", "2026-12-01 02:00"),  # nothing of Monday morning: 55 by then
        ("22:00 to 06:00 on working days", 8, "2026-11-27 23:00", "2026-11-30 23:00"),  # seven hours to Saturday at 6
        ("22:00 to 06:00 every day", 8, "2026-11-28 07:00", "2026-11-29 06:00"),
        ("09:00 to 12:00 and 13:00 to 17:00", 8, "2026-11-23 10:00", "2026-11-24 11:00"),  # 10 to 12, 13 to 17, and 9 to 11
        ("08:00 to 20:00, every day", 6, "2026-11-27 18:00", "2026-11-28 12:00"),
        ("09:00 to 17:15 Monday to Thursday, 09:00 to 17:00 Friday", 24, "2026-11-26 09:00", "2026-11-30 16:45"),  # 8.25, 8, then 7.75
        ("09:00 to 17:00, Monday to Thursday and 09:00 to 12:00 on Friday", 8, "2026-11-27 10:00", "2026-11-30 15:00"),  # two, then six
        ("all day", 30, "2026-11-27 18:00", "2026-11-29 00:00"),
    ],
)
def test_service_hours_of_several_parts(hours: str, count: int, start: str, ends: str) -> None:
    calendar = Calendar(opens=time(8, 45), service=service_hours(hours, (time(8, 45), time(17))))
    found, precise = calendar.ends(at(start), count, "service hours")
    assert (f"{found.astimezone(LONDON):%Y-%m-%d %H:%M}", precise) == (ends, True)
    assert calendar.time_between(at(start), found, "service hours").total_seconds() == count * 3600


def test_opening_hours_are_said() -> None:
    assert [str(one) for one in service_hours("17:00 to 08:45 every day, all day on closed days", (time(9), time(17)))] == [
        "from 17:00 to 08:45 on the next day, every day",
        "all day on closed days",
    ]
    assert str(service_hours("09:00 to 12:00 Friday", (time(9), time(17)))[0]) == "from 09:00 to 12:00, Friday"
    assert str(Hours()) == "from 09:00 to 17:00, working days"


# --- by when it was raised ------------------------------------------------------------------------------------------------------------


def test_whom_to_call_depends_on_when_it_was_raised() -> None:
    assert {"1/call"} <= case_of("the duty team by night", "2026-11-23 20:00").having()
    day = case_of("the duty team by night", "2026-11-23 14:59")
    assert ("1/call" in day.having(), day.due("1/ring")) == (False, "2026-11-23 17:00")
    assert case_of("the duty team by night", "2026-11-23 15:00").due("1/ring") == "2026-11-24 12:00"


def test_the_hour_is_that_of_the_place_in_summer_too() -> None:
    assert case_of("the duty team by night", "2027-06-01 15:30").due("1/ring") == "2027-06-02 12:00"
    assert case_of("the duty team by night", "2027-06-01 14:30").due("1/ring") == "2027-06-01 17:00"


def test_a_date_can_be_asked_for_its_day_and_hour_too() -> None:
    name = "the duty team by night"
    assert "1/weekend" in case_of(name, "2026-11-28 10:00").having()  # a Saturday
    assert "1/weekend" not in case_of(name, "2026-11-23 10:00").having()
    assert "1/weekend" not in case_of(name, "2026-11-23 10:00", dates={"decision": "2026-11-20T11:59:00+00:00"}).having()
    assert "1/weekend" in case_of(name, "2026-11-23 10:00", dates={"decision": "2026-11-20T12:00:00+00:00"}).having()
    late = case_of(name, "2026-11-23 10:00").fact("decision", "2026-11-23 11:00", value="2026-11-20T16:00:00+00:00")
    assert "1/weekend" in late.having()


# --- hours that leave out weekends ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("phrase", "raised", "ends"),
    [
        ("24 hours on working days", "2026-11-23 10:00", "2026-11-24 10:00"),  # Monday
        ("24 hours on working days", "2026-11-27 16:30", "2026-11-30 16:30"),  # Friday to Monday
        ("24 hours on working days", "2026-11-28 11:00", "2026-11-30"),  # Saturday: all of Monday
        ("24 hours on working days", "2026-12-24 12:00", "2026-12-29 12:00"),  # Christmas, Boxing Day's Monday
        ("24 hours on weekdays", "2026-12-24 12:00", "2026-12-25 12:00"),  # not counting weekends alone
        ("24 hours on weekdays", "2026-12-25 12:00", "2026-12-28 12:00"),
        ("72 hours on weekdays", "2026-11-27 00:30", "2026-12-02 00:30"),
        ("24 hours on working days", "2026-03-27 12:00", "2026-03-30 12:00"),  # the clocks change on the Sunday between
    ],
)
def test_hours_that_leave_out_weekends_count_all_night_on_the_other_days(phrase: str, raised: str, ends: str) -> None:
    assert due(limited(phrase), raised) == ends


def test_hours_on_working_days_stand_still_like_any_other() -> None:
    more = "flags: [{id: court, title: Court, of: case}]\nstops: [{id: court, title: A court is asked, while: flag court, rule: R-9}]\n"
    case = make_case(limited("24 hours on working days", more), "2026-11-26 10:00", [SCHOOL, COUNCIL])
    case.fact("court", "2026-11-26 16:00", value=True).fact("court", "2026-11-27 22:00", value=False)
    assert case.due() == "2026-11-30 16:00"  # 6 hours on Thursday, 2 on Friday night, 16 on Monday


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("24 hours, not counting weekends", "24 hours on weekdays"),
        ("24 hours (excluding weekends and bank holidays)", "24 hours on working days"),
        ("48 hours excluding weekends or holidays", "48 hours on working days"),
    ],
)
def test_it_is_found_as_people_say_it(said: str, meant: str) -> None:
    with pytest.raises(PackError, match=f"Do you mean '{meant}'"):
        load(small_text(("limit: 5 working days", f'limit: "{said}"')))


def test_hours_on_some_days_cannot_be_counted_back() -> None:
    with pytest.raises(PackError, match="can be counted back"):
        load(small_text(first("limit: 4 hours on working days before raised")))
