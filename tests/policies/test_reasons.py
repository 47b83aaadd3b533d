"""Why a deadline binds, in words that its reader can count after."""

from __future__ import annotations

import pytest

from tests.policies.making import make_case
from tests.policies.small import COUNCIL, SCHOOL, small

LATER = "settings: {out of hours: next working day, office hours: '08:30 to 17:00'}\n"
ONE_DAY = ("limit: 5 working days\n", "limit: 1 working day\n")


@pytest.mark.parametrize(
    ("raised", "received", "due"),
    [
        ("2026-11-22 07:34", "Monday 23 November 2026", "2026-11-24"),  # a Sunday
        ("2026-11-25 18:30", "Thursday 26 November 2026", "2026-11-27"),  # a Wednesday evening
        ("2026-12-24 18:00", "Tuesday 29 December 2026", "2026-12-30"),  # Christmas Eve; 28 December stands for Boxing Day
        ("2026-11-23 07:00", "", "2026-11-24"),  # before opening: on the day itself
        ("2026-11-23 10:00", "", "2026-11-24"),
    ],
)
def test_what_came_out_of_hours_says_on_which_day_it_counts_as_received(raised: str, received: str, due: str) -> None:
    case = make_case(small(ONE_DAY, more=LATER), raised, (SCHOOL, COUNCIL))
    assert case.due() == due
    words = f"(1 working day, out of hours and so received on {received})" if received else "(1 working day)"
    assert words in case.state().binds_because


def test_hours_that_run_through_the_night_say_nothing_of_office_hours() -> None:
    case = make_case(small(("limit: 5 working days\n", "limit: 2 hours\n"), more=LATER), "2026-11-22 20:00", (SCHOOL, COUNCIL))
    assert (case.due(), "received" in case.state().binds_because) == ("2026-11-22 22:00", False)


def test_the_limit_that_holds_otherwise_is_said_without_that_word() -> None:
    flags = "flags: [{id: danger, title: Danger, of: case}]\n"
    policy = small(("limit: 5 working days\n", "limit: [4 hours when flag danger, 5 working days otherwise]\n"), more=flags)
    because = make_case(policy, "2026-11-23 10:00", (SCHOOL, COUNCIL)).state().binds_because
    assert because == (
        "Due by the end of Monday 30 November 2026: the time for this stage (5 working days), counted from Monday 23 November 2026."
    )
