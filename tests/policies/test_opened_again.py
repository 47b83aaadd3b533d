"""A case that had ended and is opened again: the time between does not count. Monday 23 November is day 0."""

from __future__ import annotations

import pytest

from policies import Policy
from tests.policies.making import Case, make_case
from tests.policies.small import COUNCIL, SCHOOL, small

CAP = "caps: [{{id: whole, title: The whole, limit: {}, ends: resolved, strength: should, rule: R-1}}]\n"
NO_LIMIT = [(f"    limit: 5 working days\n    rule: {rule}", f"    rule: {rule}") for rule in ("R-1", "R-3")]
OPENS = ("    limit: 5 working days\n    rule: R-1", "    limit: 5 working days\n    time up: opens\n    rule: R-1")
FRIDAY, NEXT_DAY, FEBRUARY = "2026-11-20T15:00:00+00:00", "2026-11-26 10:00", "2027-02-01 10:00"


def case_of(policy: Policy) -> Case:
    return make_case(policy, "2026-11-23 10:00", [SCHOOL, COUNCIL])


def ended(case: Case, settled: str, closed: str = "", again: str = "") -> Case:
    stage, outcome = case.state().stage, next(one.id for one in case.policy.outcomes if not one.neutral)
    case.add("resolved", outcome, settled)
    if closed:
        case.add("closed", outcome, closed)
    return case.add("reopened", stage, again) if again else case


@pytest.mark.parametrize(
    ("limit", "settled", "again", "due"),
    [
        ("15 working days from raised", "2026-11-25 09:00", "2026-11-25 16:00", "2026-12-14"),  # the same day: nothing is lost
        ("15 working days from raised", "2026-11-25 09:00", NEXT_DAY, "2026-12-15"),  # the 26th is day 0 of the thirteen that are left
        ("15 working days from raised", "2026-11-25 09:00", FEBRUARY, "2027-02-18"),
        ("5 working days from raised", "2026-11-30 09:00", FEBRUARY, "2027-02-01"),  # on its last day: it ends with the day it goes on
        ("3 working days from raised", "2026-11-30 09:00", FEBRUARY, "2026-11-26"),  # it had ended, and stays so
        ("10 calendar days from raised", "2026-11-25 09:00", FEBRUARY, "2027-02-09"),
        ("72 hours from raised", "2026-11-25 09:00", FEBRUARY, "2027-02-02 11:00"),  # 47 are gone
    ],
)
def test_the_time_for_which_a_case_had_ended_counts_for_no_cap(limit: str, settled: str, again: str, due: str) -> None:
    case = ended(case_of(small(*NO_LIMIT, more=CAP.format(limit))), settled, "", again)
    assert case.due() == due


def test_the_page_says_which_time_is_not_counted() -> None:
    case = ended(case_of(small(more=CAP.format("6 working days from raised"))), "2026-11-25 09:00", "2026-11-25 12:00", FEBRUARY)
    assert case.ends("overall cap") == "2027-02-05"
    assert "not counting the time from Wednesday 25 November 2026 to Monday 1 February 2027" in case.state().binds_because
    same_day = ended(case_of(small(more=CAP.format("5 working days from raised"))), "2026-11-25 09:00", "", "2026-11-25 16:00")
    assert "not counting" not in same_day.state().binds_because


def test_a_case_may_end_and_be_opened_again_more_than_once() -> None:
    case = ended(case_of(small(more=CAP.format("6 working days from raised"))), "2026-11-25 09:00", "", "2026-12-01 10:00")
    ended(case, "2026-12-03 09:00", "2026-12-04 09:00", "2026-12-14 10:00")
    assert case.ends("overall cap") == "2026-12-16"  # 24, 25; 2, 3 December; 15, 16


def test_a_case_opened_again_does_not_run_to_the_top() -> None:
    case = ended(case_of(small(OPENS, more=CAP.format("15 working days from raised"))), "2026-11-25 09:00", "2026-11-25 12:00", FEBRUARY)
    assert [case.state(now).stage for now in (FEBRUARY, "2027-02-08 23:00", "2027-02-09 09:00")] == ["1", "1", "2"]
    assert case.ends("overall cap") == "2027-02-18"


def test_what_outlasts_its_stage_is_asked_for_and_counted_until_the_closing() -> None:
    line = "id: letter, kind: letter, title: Write, by: raising worker, to: responding boss, limit: 5 working days, strength: must, rule: R"
    letter = f"owes: [{{{line}}}]\n"
    settled = ended(case_of(small(more=letter)), "2026-11-25 09:00", "", "2026-12-14 10:00")
    assert (settled.due("case/letter"), settled.owes("case/letter").status) == ("2026-11-30", "overdue")
    closed = ended(case_of(small(more=letter)), "2026-11-24 09:00", "2026-11-25 12:00", "2026-12-14 10:00")
    assert (closed.due("case/letter"), closed.owes("case/letter").status) == ("2026-12-17", "owed")  # 24, 25; 15, 16, 17 December


def test_a_guide_ends_with_the_case_unless_it_is_one_for_after_it() -> None:
    lines = ("id: stays, kind: guide, title: The child stays, when: raised", "id: learn, kind: guide, title: Learn from it, when: closed")
    guides = "".join(f"  - {{{one}, by: raising worker, strength: guide, rule: R}}\n" for one in lines)
    case = case_of(small(more=f"owes:\n{guides}"))
    assert "case/stays" in case.having()
    ended(case, "2026-11-25 09:00", "2026-11-25 12:00")
    assert (case.owes("case/stays").status, case.owes("case/learn").status) == ("no longer applies", "owed")
    case.add("reopened", "1", NEXT_DAY)
    assert (case.owes("case/stays").status, case.owes("case/learn").status) == ("owed", "no longer applies")


def test_a_date_set_to_protect_the_child_does_not_move() -> None:
    case = case_of(small()).fact("protective date", "2026-11-24 09:00", value="2026-11-27T10:00:00+00:00")
    assert ended(case, "2026-11-25 09:00", "", "2026-11-26 10:00").due() == "2026-11-27 10:00"


def test_a_closing_that_was_taken_back_as_a_mistake_moves_nothing() -> None:
    case = ended(case_of(small(*NO_LIMIT, more=CAP.format("4 working days from raised"))), "2026-11-25 09:00")
    case.add("corrected", "2", "2026-11-26 09:00", void=True)
    assert (case.state().status, case.due()) == ("open", "2026-11-27")


@pytest.mark.parametrize(
    ("pack", "again", "clocks"),
    [
        # Five working days from Friday 20 November for the stage, fourteen for all: three of them are gone by the 25th.
        ("birmingham", NEXT_DAY, {"cumulative limit": "2026-11-30", "overall cap": "2026-12-11"}),
        ("birmingham", FEBRUARY, {"cumulative limit": "2027-02-03", "overall cap": "2027-02-16"}),
        # Counted from when the stage is entered: anew.
        ("gloucestershire", NEXT_DAY, {"stage limit": "2026-12-03"}),
        ("gloucestershire", FEBRUARY, {"stage limit": "2027-02-08"}),
        ("havering", FEBRUARY, {}),
        # One working day had ended on the 23rd; of the five in all two are left.
        ("south-gloucestershire", NEXT_DAY, {"stage limit": "2026-11-23", "overall cap": "2026-11-30"}),
        ("south-gloucestershire", FEBRUARY, {"stage limit": "2026-11-23", "overall cap": "2027-02-03"}),
        ("wiltshire", FEBRUARY, {}),
    ],
)
def test_each_bundled_policy_goes_on_with_what_was_left(pack: str, again: str, clocks: dict[str, str]) -> None:
    case = make_case(pack, "2026-11-23 10:00")
    case = make_case(case.policy, "2026-11-23 10:00", dates={one.id: FRIDAY for one in case.policy.dates})
    ended(case, "2026-11-25 09:00", "2026-11-25 12:00", again)
    assert {one.reason: str(one.local_date) for one in case.state().clocks} == clocks
