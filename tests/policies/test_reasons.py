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


@pytest.mark.parametrize(
    ("limit", "words"),
    [
        (
            "[4 hours from later of entry and urgency when urgency is high, 5 working days otherwise]",
            "(4 hours), counted from 10:00 on Monday 23",
        ),
        ("2 working days by 12:00 from raised when urgency is high", "(2 working days by 12:00), counted from 10:00 on Monday 23"),
        ("2 working days before hearing", "(2 working days before a date), counted back from Friday 4 December 2026."),
        (
            "2 working days from next Wednesday from raised when urgency is high",
            "(2 working days from next Wednesday), counted from Monday 23",
        ),
        (
            "5 working days before next first Thursday of the month",
            "(5 working days before next first Thursday of the month), counted from",
        ),
    ],
)
def test_why_a_time_ends_is_said_without_an_id_of_the_pack(limit: str, words: str) -> None:
    choice = "{id: urgency, title: How urgent, default: high, rule: R-1, options: [{id: high, title: High}, {id: low, title: Low}]}"
    more = f"choices: [{choice}]\ndates: [{{id: hearing, title: When the hearing is, rule: R-1}}]\n"
    policy = small(("limit: 5 working days\n", f"limit: {limit}\n"), more=more)
    assert (
        words in make_case(policy, "2026-11-23 10:00", (SCHOOL, COUNCIL), dates={"hearing": "2026-12-04T09:00:00Z"}).state().binds_because
    )


@pytest.mark.parametrize(
    ("raised", "said"),
    [
        ("2026-11-23 10:00", []),
        (
            "2026-11-27 10:00",
            ["Tell: '1 day' counts as calendar days, to Saturday 28 November 2026; as working days it would be Monday 30 November 2026."],
        ),
    ],
)
def test_two_readings_of_a_limit_are_said_only_where_they_differ(raised: str, said: list[str]) -> None:
    tell = "{id: tell, kind: notice, title: Tell, by: raising worker, to: responding worker, limit: 1 day, strength: must, rule: R-1}"
    assert make_case(small(more=f"owes: [{tell}]\n"), raised, (SCHOOL, COUNCIL)).warned("days") == said


def test_of_several_times_over_the_stages_each_is_called_by_its_title() -> None:
    caps = """caps:
  - {id: whole, title: From raising to the meeting, limit: 9 working days from raised, ends: resolved, strength: should, rule: R-9}
  - {id: hours, title: The first three days, limit: 72 hours from raised, ends: resolved, strength: must, rule: R-9}
"""
    because = make_case(small(more=caps), "2026-11-23 10:00", (SCHOOL, COUNCIL)).state().binds_because
    assert "the time “The first three days” (72 hours), counted from 10:00 on Monday 23 November 2026" in because
    assert "the time “From raising to the meeting”, by the end of Friday 4 December 2026" in because
    one = make_case(small(more=caps.rpartition("  - {id: hours")[0]), "2026-11-23 10:00", (SCHOOL, COUNCIL)).state().binds_because
    assert "the time for all stages together" in one


def test_going_straight_to_a_stage_that_the_policy_does_not_let_it_is_remarked_on() -> None:
    third = "  - {id: 3, title: Third, acts: boss, may start here: theme is other, rule: R-5}\n"
    policy = small(("  - {id: need, title: Need}\n", "  - {id: need, title: Need}\n  - {id: other, title: Other}\n"), more=third)
    case = make_case(policy, "2026-11-23 10:00", (SCHOOL, COUNCIL)).add("moved", "3", "2026-11-24 10:00")
    assert case.warned("straight") == ["It went straight to Third, which the policy does not allow in this case."]
    set_aside = make_case(policy, "2026-11-23 10:00", (SCHOOL, COUNCIL)).add("overridden", "3/go straight there", "2026-11-24 10:00")
    assert set_aside.add("moved", "3", "2026-11-24 10:00").warned("straight") == []
    next_one = make_case(policy, "2026-11-23 10:00", (SCHOOL, COUNCIL)).add("moved", "2", "2026-11-24 10:00")
    assert next_one.warned("straight") == []
