"""Days and hours against an oracle that shares no code with ours (numpy's busday functions), and the traps of the calendar."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies import PackError
from policies.parts.calendars import Calendar
from policies.parts.closures import days_of
from policies.parts.nations import NATIONS, bank_holidays
from policies.plain import as_text, in_plain_english
from tests.policies.making import LONDON, at, day, make_case
from tests.policies.small import small

DAYS = st.dates(date(2020, 1, 1), date(2034, 12, 31))
INSTANTS = DAYS.flatmap(lambda one: st.times().map(lambda clock: datetime.combine(one, clock, UTC)))
CALENDARS = {nation: Calendar(nation, ZoneInfo(zone)) for nation, (_, _, zone) in NATIONS.items()}


def closed(nation: str) -> list[date]:
    return sorted(holiday for year in range(2019, 2037) for holiday in bank_holidays(nation, year))


ORACLES = {nation: np.busdaycalendar(holidays=[np.datetime64(one) for one in closed(nation)]) for nation in NATIONS}


@given(st.sampled_from(sorted(NATIONS)), DAYS, st.integers(1, 40))
def test_working_days_agree_with_the_oracle(nation: str, start: date, count: int) -> None:
    expected = np.busday_offset(np.datetime64(start), count, roll="backward", busdaycal=ORACLES[nation]).astype(date)
    assert CALENDARS[nation].working_day_after(start, count) == expected


@given(st.sampled_from(sorted(NATIONS)), DAYS, st.integers(1, 40))
def test_working_days_counted_back_agree_with_the_oracle(nation: str, start: date, count: int) -> None:
    expected = np.busday_offset(np.datetime64(start), -count, roll="forward", busdaycal=ORACLES[nation]).astype(date)
    assert CALENDARS[nation].working_day_before(start, count) == expected


@given(DAYS)
def test_a_working_day_is_what_the_oracle_says(one: date) -> None:
    for nation, calendar in CALENDARS.items():
        assert calendar.is_working(one) == bool(np.is_busday(np.datetime64(one), busdaycal=ORACLES[nation]))


@given(INSTANTS, st.integers(1, 400))
def test_elapsed_hours_are_elapsed_hours(start: datetime, count: int) -> None:
    end, precise = CALENDARS["England and Wales"].ends(start, count, "hours")
    assert (end - start, precise) == (timedelta(hours=count), True)


@given(INSTANTS, st.integers(1, 60))
def test_office_hours_never_end_outside_them_and_count_what_they_say(start: datetime, count: int) -> None:
    calendar = CALENDARS["England and Wales"]
    end, _ = calendar.ends(start, count, "working hours")
    local = calendar.local(end)
    assert calendar.is_working(local.date())
    assert time(9) < local.time() <= time(17)
    assert _open_between(calendar, start, end) == timedelta(hours=count)


def _open_between(calendar: Calendar, start: datetime, end: datetime) -> timedelta:
    """Counted afresh, day by day, from opening to shutting."""
    total, one = timedelta(), calendar.local(start).date()
    while one <= calendar.local(end).date():
        if np.is_busday(np.datetime64(one), busdaycal=ORACLES["England and Wales"]):
            opens, shuts = (datetime.combine(one, hour, LONDON).astimezone(UTC) for hour in (time(9), time(17)))
            total += max(min(end, shuts) - max(start, opens), timedelta())
        one += timedelta(days=1)
    return total


@given(INSTANTS, st.integers(1, 40), st.integers(0, 40))
def test_a_longer_limit_never_ends_sooner_and_a_later_start_never_either(start: datetime, count: int, more: int) -> None:
    calendar = CALENDARS["Scotland"]
    for unit in ("working days", "calendar days", "hours", "working hours"):
        end = calendar.ends(start, count, unit)[0]  # type: ignore[arg-type]  # each is a unit
        assert end > start
        assert calendar.ends(start, count + more, unit)[0] >= end  # type: ignore[arg-type]  # as above
        assert calendar.ends(start + timedelta(hours=more), count, unit)[0] >= end  # type: ignore[arg-type]  # as above


def test_the_holidays_of_england_and_wales_in_2026_and_2027() -> None:
    expected = ["2026-01-01", "2026-04-03", "2026-04-06", "2026-05-04", "2026-05-25", "2026-08-31", "2026-12-25", "2026-12-28"]
    expected += ["2027-01-01", "2027-03-26", "2027-03-29", "2027-05-03", "2027-05-31", "2027-08-30", "2027-12-27", "2027-12-28"]
    shut = {one for year in (2026, 2027) for one in bank_holidays("England and Wales", year) if one.weekday() < 5}
    assert shut == {day(one) for one in expected}


def test_the_other_nations_differ_where_they_should() -> None:
    assert day("2027-03-29") not in bank_holidays("Scotland", 2027)
    assert day("2027-01-04") in bank_holidays("Scotland", 2027)
    assert day("2026-08-03") in bank_holidays("Scotland", 2026)
    assert day("2026-11-30") in bank_holidays("Scotland", 2026)
    assert day("2026-03-17") in bank_holidays("Northern Ireland", 2026)
    assert day("2026-07-13") in bank_holidays("Northern Ireland", 2026)
    assert day("2026-07-06") in bank_holidays("Isle of Man", 2026)
    assert day("2025-05-09") in bank_holidays("Jersey", 2025)
    assert day("2025-05-09") in bank_holidays("Guernsey", 2025)
    assert day("2025-05-09") not in bank_holidays("England and Wales", 2025)


@pytest.mark.parametrize(
    ("start", "hours", "end"),
    [
        ("2027-03-27 16:00", 24, "2027-03-28 17:00"),
        ("2026-10-24 16:00", 24, "2026-10-25 15:00"),
        ("2026-12-31 16:00", 24, "2027-01-01 16:00"),
    ],
)
def test_hours_run_through_changes_of_clock_and_holidays(start: str, hours: int, end: str) -> None:
    assert CALENDARS["England and Wales"].ends(at(start), hours, "hours") == (at(end), True)


@pytest.mark.parametrize(
    ("event", "received"),
    [
        ("2026-11-23 09:00", "2026-11-23"),
        ("2026-11-23 16:59", "2026-11-23"),
        ("2026-11-23 17:00", "2026-11-24"),
        ("2026-11-23 08:59", "2026-11-23"),
        ("2026-11-27 17:00", "2026-11-30"),
        ("2026-11-28 12:00", "2026-11-30"),
        ("2026-12-25 10:00", "2026-12-29"),
    ],
)
def test_under_c3b_an_event_out_of_hours_is_received_when_the_doors_open_next(event: str, received: str) -> None:
    assert Calendar(next_day_when_shut=True).day_zero(at(event)) == day(received)
    assert Calendar().day_zero(at(event)) == day(event[:10])


def test_the_day_is_the_local_day() -> None:
    late = datetime(2026, 6, 30, 23, 30, tzinfo=UTC)
    assert Calendar().day_zero(late) == day("2026-07-01")


SCHOOL = "calendar: {nation: Wales, school holidays: [2026-10-26 to 2026-10-30]}\n"


@pytest.mark.parametrize(
    ("limit", "more", "due"),
    [
        ("3 school days", SCHOOL, "2026-11-04"),  # Friday 23 October; half-term from 26 to 30, then a weekend: 2, 3, 4
        ("3 working days", SCHOOL, "2026-10-28"),  # 26, 27, 28
        ("3 working days", SCHOOL + "settings: {school holidays: closures}\n", "2026-11-04"),  # 2, 3, 4
    ],
)
def test_school_holidays_count_as_the_pack_says(limit: str, more: str, due: str) -> None:
    policy = small(("    limit: 5 working days\n    rule: R-1", f"    limit: {limit}\n    rule: R-1"), more=more)
    assert make_case(policy, "2026-10-23 10:00").due() == due


@pytest.mark.parametrize(
    ("phrase", "day_of_2027"),
    [
        ("25 December", "2027-12-25"),
        ("24 December to 2 January", "2027-01-02"),
        ("24 December to 2 January", "2027-12-24"),
        ("Maundy Thursday", "2027-03-25"),
        ("Good Friday", "2027-03-26"),
        ("Easter Monday", "2027-03-29"),
        ("Easter Tuesday", "2027-03-30"),
        ("first Monday of August", "2027-08-02"),
        ("third Monday of September", "2027-09-20"),
        ("last Friday of September", "2027-09-24"),
        ("last Monday of December", "2027-12-27"),
        ("Monday before 25 May", "2027-05-24"),
        ("Monday before 24 May", "2027-05-17"),
        ("29 February", "2027-02-28"),
        ("2027-05-04 to 2027-05-06", "2027-05-05"),
    ],
)
def test_days_of_every_year(phrase: str, day_of_2027: str) -> None:
    days = days_of([phrase])
    assert day(day_of_2027) in days
    assert day("2027-06-15") not in days
    assert bool(days)


def test_an_office_open_on_a_bank_holiday_and_shut_on_another_day() -> None:
    calendar = Calendar("Scotland", closures=days_of(["Easter Monday"]), worked=days_of(["30 November"]))
    assert not calendar.is_working(day("2027-03-29"))
    assert calendar.is_working(day("2027-11-30"))
    assert not Calendar("Scotland").is_working(day("2027-11-30"))


@pytest.mark.parametrize(
    ("on", "raised", "due"),
    [
        ("every day", "2026-12-25 19:00", "2026-12-26 11:00"),  # one hour on Christmas Day, three from 08:00
        ("Monday to Saturday", "2026-12-04 19:00", "2026-12-05 11:00"),  # Friday; Saturday
        ("Monday to Saturday", "2026-12-05 19:00", "2026-12-07 11:00"),  # Saturday; Monday
        ("Monday to Saturday", "2026-12-24 19:00", "2026-12-29 11:00"),  # Christmas, Boxing Day (a Saturday), Sunday, the substitute
        ("Monday to Friday", "2026-12-04 19:00", "2026-12-07 11:00"),  # the same as working days
        ("Thursday to Sunday", "2026-11-25 12:00", "2026-11-26 12:00"),  # not open on that Wednesday
        ("Saturday to Monday", "2026-11-30 18:00", "2026-12-05 10:00"),  # two hours of Monday, two of Saturday
        ("Wednesday", "2026-11-23 12:00", "2026-11-25 12:00"),
        ("Friday", "2026-12-24 12:00", "2027-01-08 12:00"),  # Christmas Day and New Year's Day are Fridays
        ("", "2026-12-04 19:00", "2026-12-07 11:00"),  # working days alone
    ],
)
def test_service_hours_hold_on_the_days_that_are_said(on: str, raised: str, due: str) -> None:
    more = f"settings: {{service hours: '08:00 to 20:00 {on}'}}\n".replace(" '}", "'}")
    policy = small(("    limit: 5 working days\n    rule: R-1", "    limit: 4 service hours\n    rule: R-1"), more=more)
    assert make_case(policy, raised).due() == due


def closed_in(year: int, more: str) -> set[str]:
    """The days from Monday to Friday of a year on which the small policy's offices are shut."""
    calendar = small(more=f"calendar: {{{more}}}\n").calendar
    days = (date(year, 1, 1) + timedelta(days=n) for n in range(365))
    return {str(one) for one in days if one.weekday() < 5 and not calendar.is_working(one)}


def test_an_office_that_works_on_a_bank_holiday_works_on_its_substitute_too() -> None:
    assert "2026-11-30" not in closed_in(2026, "nation: Scotland, open: [30 November]")
    assert "2025-12-01" in closed_in(2025, "nation: Scotland")  # 30 November 2025 is a Sunday
    assert "2025-12-01" not in closed_in(2025, "nation: Scotland, open: [30 November]")
    assert {"2028-01-03", "2028-01-04"} <= closed_in(2028, "nation: Scotland")  # New Year's Day is a Saturday
    assert closed_in(2028, "nation: Scotland") - closed_in(2028, "nation: Scotland, open: [2 January]") == {"2028-01-04"}


@pytest.mark.parametrize(
    ("year", "closure", "shut"),
    [
        (2026, "13 July", set()),  # 12 July is a Sunday: its substitute is the 13th already
        (2026, "13 July or next working day", {"2026-07-14"}),
        (2027, "13 July or next working day", {"2027-07-13"}),
        (2025, "13 July or next working day", {"2025-07-15"}),  # a Saturday 12th, so Monday 14 stands for it
        (2027, "'26 December or next working day, 24 December or next working day'", {"2027-12-24", "2027-12-29"}),
        (2028, "'13 July or next working day, 13 July'", {"2028-07-13"}),  # the fixed one has it, so the other is the 14th
        (2026, "Friday before third Monday of July", {"2026-07-17"}),
        (2026, "Friday before the last Monday of September", {"2026-09-25"}),
        (2026, "Monday after 12 July", set()),
        (2027, "Tuesday after last Monday of May", {"2027-06-01"}),
        (2027, "Wednesday after Easter Monday", {"2027-03-31"}),
        (2027, "Thursday before 2 January", {"2027-12-30"}),  # that of 2028
    ],
)
def test_a_closure_beside_another_day_and_one_that_moves(year: int, closure: str, shut: set[str]) -> None:
    more = f"nation: Northern Ireland, closures: {closure if closure.startswith(chr(39)) else f'[{closure}]'}"
    found = closed_in(year, more) - closed_in(year, "nation: Northern Ireland")
    assert found == shut | ({"2028-07-14"} if year == 2028 else set())


def test_a_closure_that_moves_over_the_new_year_is_shut_in_the_next_one() -> None:
    more = "nation: Scotland, closures: [31 December or next working day]"
    assert "2029-01-03" in closed_in(2029, more)  # 31 December 2028 is a Sunday; 1 and 2 January are holidays
    assert "2028-12-31" not in closed_in(2028, more)


def test_across_a_border_a_day_counts_where_both_nations_work() -> None:
    both = "nation: [Northern Ireland, Republic of Ireland]"
    assert {"2027-07-12", "2027-02-01", "2027-10-25", "2027-03-26"} <= closed_in(2027, both)
    assert closed_in(2027, both) == closed_in(2027, "nation: Northern Ireland") | closed_in(2027, "nation: Republic of Ireland")
    assert "2027-02-01" not in closed_in(2027, f"{both}, open: [first Monday of February]")
    policy = small(more=f"calendar: {{{both}, closures: [third Monday of May, 13 July or next working day]}}\n")
    shown = as_text(in_plain_english(policy), width=1000)
    assert "A bank holiday in any of Northern Ireland and Republic of Ireland is no working day" in shown
    assert "every year on the third Monday of May and 13 July or the next working day" in shown


def test_only_a_closure_may_move() -> None:
    with pytest.raises(PackError, match="only 'closures' may say 'or next working day'"):
        small(more="calendar: {nation: Scotland, open: [30 November or next working day]}\n")
