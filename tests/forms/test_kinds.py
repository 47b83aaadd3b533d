"""Each kind of field reads what people type, says what to do where it cannot, and gives back what it kept."""

from __future__ import annotations

import types
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forms.definition import Field
from forms.kinds import KINDS, Kind, enter, kind_of
from forms.kinds.base import Raw
from forms.kinds.identifier import nhs_number_holds, upn_holds
from forms.setting import Setting

NOW = datetime(2027, 3, 22, 9, 30, tzinfo=UTC)


def make_field(kind: str, **settings: Any) -> Field:
    return Field.model_validate({"name": "it", "kind": kind, "label": "It", "missing": "Say it", **settings})


def read(field: Field, raw: Raw, setting: Setting | None = None) -> tuple[Any, list[str]]:
    reading = kind_of(field).read(field, raw, setting or Setting(now=NOW))
    return reading.value, [message for _, message in reading.problems]


def boxes(day: str, month: str, year: str, time: str = "") -> Raw:
    return {"-day": [day], "-month": [month], "-year": [year], "-time": [time]}


def test_long_text_takes_ten_thousand_characters_and_says_how_many_there_are_beyond() -> None:
    assert read(make_field("long"), {"": ["é" * 10_000]}) == ("é" * 10_000, [])
    value, problems = read(make_field("long"), {"": ["é" * 10_001]})
    assert (value, problems) == (None, ["Shorten this answer to 10,000 characters or fewer: it has 10,001"])


def test_a_line_break_counts_as_one_character_whatever_the_browser_sends() -> None:
    assert read(make_field("long"), {"": ["a\r\n" * 4_999 + "b"]})[1] == []


@pytest.mark.parametrize("kind", ["short", "long"])
def test_nul_is_refused_with_a_message(kind: str) -> None:
    assert read(make_field(kind), {"": ["a\x00b"]}) == (None, ["Type this answer again: it holds a character that cannot be kept"])


def test_short_text_takes_two_hundred_characters() -> None:
    assert read(make_field("short"), {"": ["x" * 200]})[1] == []
    assert read(make_field("short"), {"": ["x" * 201]})[1] == ["Shorten this answer to 200 characters or fewer: it has 201"]


@pytest.mark.parametrize(("typed", "value"), [("4", 4), ("1,204", 1204), (" 0 ", 0)])
def test_a_number_is_read_as_people_write_it(typed: str, value: int) -> None:
    assert read(make_field("number"), {"": [typed]}) == (value, [])


@pytest.mark.parametrize("typed", ["four", "-1", "1.5", "100001", "²", "١"])
def test_what_is_no_number_is_refused(typed: str) -> None:
    assert read(make_field("number"), {"": [typed]}) == (None, ["Enter a whole number from 0 to 100,000"])


@pytest.mark.parametrize("month", ["3", "03", "Mar", "march"])
def test_a_date_is_read_with_its_month_as_a_number_or_a_name(month: str) -> None:
    assert read(make_field("date"), boxes("19", month, "2027")) == ("2027-03-19", [])


@pytest.mark.parametrize(
    ("typed", "suffix", "message"),
    [
        (("", "3", "2027"), "-day", "Enter the day as well"),
        (("19", "", "2027"), "-month", "Enter the month as well"),
        (("19", "3", "27"), "-year", "Enter the year with 4 numbers, for example 2027"),
        (("32", "3", "2027"), "-day", "Check the day: it must be a real one"),
        (("19", "13", "2027"), "-month", "Check the month: it must be a real one"),
        (("29", "2", "2027"), "-day", "Check the date: February 2027 has no day 29"),
        (("x", "3", "2027"), "-day", "Check the day: it must be a real one"),
        (("19", "ma", "2027"), "-month", "Check the month: it must be a real one"),
    ],
)
def test_a_date_that_is_none_names_the_box_and_what_to_do(typed: tuple[str, str, str], suffix: str, message: str) -> None:
    field = make_field("date")
    assert kind_of(field).read(field, boxes(*typed), Setting()).problems == ((suffix, message),)


def test_a_date_must_be_past_or_future_as_the_definition_says_and_today_is_both() -> None:
    for must in ("past", "future"):
        assert read(make_field("date", **{"must be": must}), boxes("22", "3", "2027"))[1] == []
    assert read(make_field("date", **{"must be": "past"}), boxes("23", "3", "2027"))[1] == ["Enter a date that is today or in the past"]
    assert read(make_field("date", **{"must be": "future"}), boxes("21", "3", "2027"))[1] == ["Enter a date that is today or in the future"]


@pytest.mark.parametrize("typed", ["14:30", "14.30", "1430", "2.30pm", "2:30 PM", "2 30 pm"])
def test_a_time_is_read_as_people_write_it(typed: str) -> None:
    assert read(make_field("date-time"), boxes("22", "3", "2027", typed)) == ("2027-03-22T14:30:00+00:00", [])


@pytest.mark.parametrize("typed", ["25:00", "2", "13pm", "14:60", "soon", "0am"])
def test_what_is_no_time_is_refused_with_an_example(typed: str) -> None:
    assert read(make_field("date-time"), boxes("22", "3", "2027", typed))[1] == ["Enter the time, for example 14:30 or 2.30pm"]


def test_summer_time_is_kept_as_utc() -> None:
    assert read(make_field("date-time"), boxes("9", "4", "2027", "midday"))[0] == "2027-04-09T11:00:00+00:00"


def test_a_time_that_does_not_come_is_refused() -> None:
    value, problems = read(make_field("date-time"), boxes("28", "3", "2027", "1.30am"))
    assert value is None
    assert problems[0].startswith("Choose another time")


def test_of_an_hour_that_comes_twice_the_first_is_taken_and_gmt_means_the_second() -> None:
    field = make_field("date-time")
    assert read(field, boxes("31", "10", "2027", "1.30am"))[0] == "2027-10-31T00:30:00+00:00"
    assert read(field, boxes("31", "10", "2027", "1:30 GMT"))[0] == "2027-10-31T01:30:00+00:00"


@given(st.integers(0, 3_000_000_000))
def test_every_instant_comes_back_from_its_boxes(seconds: int) -> None:
    field = make_field("date-time")
    kept = datetime.fromtimestamp(seconds - seconds % 60, UTC).isoformat()
    assert read(field, kind_of(field).raw(field, kept, Setting()), Setting()) == (kept, [])


@given(st.dates(min_value=date(1000, 1, 1)))
def test_every_date_comes_back_from_its_boxes(day: date) -> None:
    field = make_field("date")
    assert read(field, kind_of(field).raw(field, day.isoformat(), Setting()), Setting()) == (day.isoformat(), [])


def test_a_person_needs_each_detail_that_is_not_optional() -> None:
    field = make_field("person", ask=["name", "role", "email"], optional=["role"])
    assert read(field, {"-name": ["Ann"]}) == ({"name": "Ann"}, ["Enter the email address"])
    assert [suffix for suffix, _ in kind_of(field).missing(field)] == ["-name", "-email"]


@pytest.mark.parametrize("address", ["a@b", "a b@c.org", "a@b..", "@c.org", "a@b.org, c@d.org", "a@b.org\r\nBcc: c@d.org"])
def test_an_address_that_is_none_or_two_is_refused(address: str) -> None:
    field = make_field("person", ask=["email"])
    assert read(field, {"-email": [address]})[1] == ["Enter an email address in full, like name@example.org"]


@pytest.mark.parametrize("number", ["01632 960 001", "+44 1632 960001", "(01632) 960001 ext 12"])
def test_a_phone_number_is_taken_as_people_write_it(number: str) -> None:
    assert read(make_field("person", ask=["phone"]), {"-phone": [number]}) == ({"phone": number}, [])


def test_a_signature_keeps_when_it_was_made() -> None:
    field = make_field("signature")
    sent = {"-name": ["Ann Example"], "-role": ["Head"], "-organisation": ["Hill School"]}
    value, problems = read(field, sent)
    assert not problems
    assert value["signed_at"] == "2027-03-22T09:30:00+00:00"
    assert kind_of(field).text(field, value, Setting()).endswith("Signed Monday 22 March 2027, 09:30")


@pytest.mark.parametrize("number", ["9990000557", "943 476 5919", "943-476-5919", "9990000565"])
def test_an_nhs_number_whose_check_digit_holds_is_kept_without_spaces(number: str) -> None:
    value, problems = read(make_field("identifier", scheme="nhs-number"), {"": [number]})
    assert (len(value), problems) == (10, [])


@given(st.integers(0, 999_999_999), st.integers(1, 9))
def test_a_wrong_check_digit_of_an_nhs_number_is_always_seen(first_nine: int, shift: int) -> None:
    holding = [digit for digit in range(10) if nhs_number_holds(f"{first_nine:09}{digit}")]
    assert len(holding) <= 1
    if holding:
        assert not nhs_number_holds(f"{first_nine:09}{(holding[0] + shift) % 10}")


@given(st.integers(0, 10**12 - 1))
def test_a_pupil_number_has_just_one_check_letter(digits: int) -> None:
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    holding = [letter for letter in letters if upn_holds(f"{letter}{digits:012}")]
    assert len(holding) == 1
    assert holding[0] not in "IOS"


def test_a_temporary_pupil_number_ends_with_a_letter() -> None:
    assert sum(upn_holds(f"{letter}80120000001A") for letter in "ABCDEFGHJKLMNPQRTUVWXYZ") == 1


def test_a_choice_that_was_not_offered_is_refused() -> None:
    field = make_field("choice", options=[{"value": "a", "label": "A"}])
    assert read(field, {"": ["b"]}) == (None, ["Choose one of the answers shown"])
    several = make_field("several", options=[{"value": "a", "label": "A"}, {"value": "b", "label": "B"}])
    assert read(several, {"": ["b", "a", "b"]}) == (["a", "b"], [])
    assert read(several, {"": ["a", "x"]})[1] == ["Choose only from the answers shown"]


def test_every_kind_says_what_settings_it_has_and_gives_a_schema() -> None:
    for kind in KINDS.values():
        assert isinstance(kind.settings, frozenset)
    assert set(KINDS) >= {"short", "long", "choice", "several", "yes-no", "date", "date-time", "person", "signature", "attestation"}
    assert {"identifier", "group", "number"} <= set(KINDS)


def test_a_date_and_a_time_that_are_both_wrong_are_both_told_each_at_its_own_control() -> None:
    field = make_field("date-time")
    assert kind_of(field).read(field, boxes("31", "2", "2027", "25:00"), Setting(now=NOW)).problems == (
        ("-day", "Check the date: February 2027 has no day 31"),
        ("-time", "Enter the time, for example 14:30 or 2.30pm"),
    )
    assert [suffix for suffix, _ in kind_of(field).read(field, boxes("", "", "", "soon"), Setting()).problems] == ["-day", "-time"]


RAISED = Setting(context={"moments": {"raised": datetime(2027, 3, 19, 18, 10, 42, tzinfo=UTC)}}, now=NOW)


def test_a_date_before_the_case_was_raised_is_refused_with_the_day_it_was() -> None:
    field = make_field("date", not_before="raised")
    assert read(field, boxes("19", "3", "2027"), RAISED) == ("2027-03-19", [])
    assert read(field, boxes("18", "3", "2027"), RAISED)[1] == ["Enter a date not before it was raised (Friday 19 March 2027)"]
    assert read(field, boxes("18", "3", "2027"), Setting(now=NOW))[1] == []  # a case that is not there yet bounds nothing


def test_a_time_in_the_minute_of_the_raise_is_not_before_it() -> None:
    field = make_field("date-time", not_before="raised", must_be="past")
    assert read(field, boxes("19", "3", "2027", "18:10"), RAISED)[1] == []
    assert read(field, boxes("19", "3", "2027", "18:09"), RAISED)[1] == [
        "Enter a date and time not before it was raised (Friday 19 March 2027, 18:10)"
    ]


def test_a_talk_of_last_year_is_refused_where_some_days_before_are_allowed() -> None:
    field = make_field("date-time", not_before="60 days before raised", must_be="past")
    assert read(field, boxes("1", "2", "2027", "9am"), RAISED)[1] == []
    assert read(field, boxes("19", "3", "2026", "9am"), RAISED)[1] == [
        "Enter a date not more than 60 days before it was raised (Friday 19 March 2027)"
    ]


def test_a_kind_that_does_not_say_how_it_is_read_cannot_be_entered() -> None:
    module = types.ModuleType("half")

    class Half(Kind):
        id = "half"

    Half.__module__ = "half"
    module.Half = Half  # type: ignore[attr-defined]  # a module made by hand
    with pytest.raises(TypeError, match="read"):
        enter(module)
    assert "half" not in KINDS
