"""Clocks that stand still, obligations that come again, and what becomes owed because time has passed. Monday 23 November is day 0."""

from __future__ import annotations

import pytest

from policies import Policy, load, rungs
from policies.trying.simulating import simulate
from tests.policies.making import Case, at, child, make_case
from tests.policies.rows import ROWS, first, owed
from tests.policies.small import COUNCIL, SCHOOL, small

FLAG = "flags: [{id: waiting, title: Waiting, of: case}, {id: harm, title: Harm, of: case}]\n"
STOP = "stops: [{id: court, title: The court is asked, while: flag waiting, rule: R}]\n"


def case_of(policy: Policy, when: str = "2026-11-23 10:00", **facts: object) -> Case:
    return make_case(policy, when, [SCHOOL, COUNCIL], **facts)


def waits(case: Case, off: str, on: str = "") -> Case:
    case.fact("waiting", off, value=True)
    return case.fact("waiting", on, value=False) if on else case


# --- clocks that stand still ----------------------------------------------------------------------------------------------------------


def test_days_on_which_a_clock_stood_still_do_not_count() -> None:
    case = waits(case_of(load(ROWS["a clock that stands still"])), "2026-11-25 15:00")
    assert (case.due(), case.ends("overall cap")) == ("2026-12-14", "2026-12-14")  # the cap goes on: fifteen from 23 November
    assert [one.reason for one in case.state().clocks] == ["overall cap"]
    assert case.warned("stopped") == ["The court is asked: since Wednesday 25 November 2026 this time does not count for: First."]
    case.fact("waiting", "2026-11-30 09:00", value=False)
    assert case.due() == "2026-12-03"  # 24 and 25 had counted; three are left: 1, 2, 3
    assert case.warned("stopped") == []
    assert "not counting the time from Wednesday 25 November 2026 to Monday 30 November 2026" in case.state().binds_because


@pytest.mark.parametrize(
    ("limit", "off", "on", "due"),
    [
        ("5 working days", "2026-11-23 12:00", "2026-11-23 16:00", "2026-11-30"),  # the same day: nothing is lost
        ("5 working days", "2026-11-27 12:00", "2026-12-07 12:00", "2026-12-08"),  # 24 to 27 counted; one is left
        (
            "5 working days",
            "2026-11-30 12:00",
            "2026-12-07 12:00",
            "2026-12-07",
        ),  # on the last day: what is left ends with the day it goes on
        ("5 working days", "2026-12-01 12:00", "2026-12-07 12:00", "2026-11-30"),  # it had ended
        ("5 calendar days", "2026-11-25 12:00", "2026-12-01 12:00", "2026-12-04"),  # 24, 25; then 2, 3, 4
        ("1 month", "2026-12-03 12:00", "2026-12-13 12:00", "2027-01-02"),  # to 23 December; twenty days are left on 3 December
        ("24 hours", "2026-11-23 12:00", "2026-11-25 09:30", "2026-11-26 07:30"),  # two hours gone, 22 are left
        ("8 working hours", "2026-11-23 12:00", "2026-11-25 09:30", "2026-11-25 15:30"),  # two gone, six are left
        ("90 minutes", "2026-11-23 11:00", "2026-11-23 11:20", "2026-11-23 11:50"),
        ("1 working day by 12:00", "2026-11-23 12:00", "2026-11-25 09:30", "2026-11-26 12:00"),
        ("same working day", "2026-11-23 12:00", "2026-11-25 09:30", "2026-11-25"),
    ],
)
def test_each_kind_of_limit_stands_still(limit: str, off: str, on: str, due: str) -> None:
    case = waits(case_of(small(first(f"limit: {limit}"), more=FLAG + STOP)), off, on)
    assert case.due() == due


def test_a_clock_may_stand_still_more_than_once_and_for_several_reasons() -> None:
    more = FLAG + STOP.replace("rule: R}]", "rule: R}, {id: other, title: Other, while: flag harm, rule: R}]")
    case = waits(case_of(small(more=more)), "2026-11-24 12:00", "2026-11-26 12:00")
    assert case.due() == "2026-12-02"  # 24; then 27, 30, 1, 2
    case.fact("harm", "2026-11-27 12:00", value=True)
    case = waits(case, "2026-11-27 13:00", "2026-11-30 12:00").fact("harm", "2026-12-02 12:00", value=False)
    assert case.due() == "2026-12-07"  # 24, 27 counted; from 2 December: 3, 4, 7


def test_what_stood_still_before_the_clock_began_starts_when_it_goes_on() -> None:
    case = case_of(small(more=FLAG + STOP), flags=["waiting"])
    assert (case.due(), case.owes("1/talk").status) == ("", "owed")
    assert case.state("2027-03-01 10:00").obligation("1/talk").status == "owed"
    case.fact("waiting", "2026-12-01 12:00", value=False)
    assert case.due() == "2026-12-08"  # 2, 3, 4, 7, 8


def test_a_protective_date_never_stands_still() -> None:
    case = waits(case_of(small(more=FLAG + STOP)), "2026-11-24 12:00")
    case.fact("protective date", "2026-11-24 12:30", value="2026-11-26T10:00:00+00:00")
    assert case.due() == "2026-11-26 10:00"


def test_one_step_may_stand_still_while_another_thing_is_owed() -> None:
    policy = small(
        owed(
            "id: report, kind: report, title: Send the report, by: responding, to: raising, limit: 2 working days, strength: must",
            "id: answer, kind: letter, title: Answer, by: raising, to: responding, limit: 3 working days, strength: must",
        ),
        more="stops: [{id: report, title: The report is not there, while: report owed, clocks: [answer], rule: R}]\n",
    )
    case = case_of(policy)
    assert (case.due("1/answer"), case.owes("1/answer").status, case.due()) == ("", "owed", "2026-11-30")
    case.does("1/report", "2026-11-24 12:00")
    assert case.due("1/answer") == "2026-11-27"  # 25, 26, 27


def test_what_is_done_while_its_clock_stands_still_is_not_late() -> None:
    case = waits(case_of(small(more=FLAG + STOP)), "2026-11-24 12:00").does("1/talk", "2027-02-01 12:00")
    assert case.owes("1/talk").status == "done"


# --- what comes again -----------------------------------------------------------------------------------------------------------------


def reviewed(**facts: object) -> Case:
    children = [child("c1", "at risk"), child("c2")]
    return case_of(load(ROWS["a review every week"]), children=children, **facts)


def test_a_review_comes_again_a_week_after_each_time_until_it_is_settled() -> None:
    case = reviewed()
    assert case.due("case/review/raising") == "2026-11-25"  # 24, 25
    case.does("case/review/raising", "2026-11-24 16:00")
    assert (case.owes("case/review/raising").status, case.due("case/review/raising/time 2")) == ("done", "2026-12-01")
    assert (case.owes("case/review/raising/time 2").round, case.due("case/review/responding")) == (2, "2026-11-25")
    case.does("case/review/raising/time 2", "2026-12-03 09:00")  # late by two days
    assert (case.owes("case/review/raising/time 2").status, case.due("case/review/raising/time 3")) == ("done late", "2026-12-10")
    case.resolved("2026-12-04", "settled")
    assert case.owes("case/review/raising/time 3").status == "no longer applies"


def test_what_repeats_waits_for_somebody_and_does_not_pile_up() -> None:
    case = reviewed()
    assert [key for key in case.having("overdue", "2027-02-01") if "review" in key] != []
    assert sum("case/review/raising" in one.key for one in case.state("2027-02-01").obligations) == 1


def test_a_review_stops_and_begins_again_with_its_condition() -> None:
    case = reviewed().does("case/review/raising", "2026-11-24 16:00")
    case.fact("at risk", "2026-11-25", value=False, child="c1")
    assert case.owes("case/review/raising/time 2").status == "no longer applies"
    case.fact("at risk", "2026-12-01", value=True, child="c2")
    assert (case.owes("case/review/raising/time 2").status, case.due("case/review/raising/time 2")) == ("owed", "2026-12-08")


def test_what_a_review_said_last_counts() -> None:
    case = reviewed().does("case/review/raising", "2026-11-24 16:00", result="worse")
    assert "case/worse" in case.having()
    case.does("case/review/raising/time 2", "2026-11-30 16:00", result="better")
    assert case.owes("case/worse").status == "no longer applies"


def test_each_repetition_has_reminders_of_its_own_and_may_be_set_aside() -> None:
    case = reviewed().does("case/review/raising", "2026-11-24 16:00")
    again = case.owes("case/review/raising/time 2")
    assert [one.id for one in rungs(case.policy, again, at("2026-11-24 16:00"))][:3] == ["ask", "before", "on the day"]
    case.add("waived", "case/review/raising/time 2", "2026-11-30 16:00")
    assert case.due("case/review/raising/time 3") == "2026-12-07"


def test_a_simulated_case_does_what_repeats_as_often_as_it_comes_up() -> None:
    run = simulate(load(ROWS["a review every week"]), at("2026-11-23 10:00"), "late")
    done = [line.local[:10] for line in run.lines if line.what == "event" and "Ask again" in line.text]
    # Each side on 25 November; then a week after each time, until it is settled on the last day of the second stage.
    assert done == [day for day in ("2026-11-25", "2026-12-02") for _ in ("raising", "responding")]
    assert run.state.status == "closed"


# --- what becomes owed because time has passed ------------------------------------------------------------------------------------------


def test_no_answer_in_time_makes_another_thing_owed() -> None:
    case = case_of(load(ROWS["no answer makes another thing owed"]))
    assert "1/tell board" not in case.having(now="2026-11-25 23:00")
    assert case.due("1/tell board", "2026-11-26 09:00") == "2026-11-26"  # owed from the end of 25: one working day
    assert case.state("2026-11-26 09:00").obligation("1/tell board").since == at("2026-11-25 23:59:59")
    case.does("1/answer", "2026-11-26 10:00")
    assert case.owes("1/tell board").status == "no longer applies"


def test_what_was_told_stays_told_when_the_answer_comes_later() -> None:
    case = case_of(load(ROWS["no answer makes another thing owed"])).does("1/tell board", "2026-11-26 09:00")
    case.does("1/answer", "2026-11-27 10:00")
    assert (case.owes("1/tell board").status, case.owes("1/answer").status) == ("done", "done late")


def test_an_answer_written_down_late_does_not_undo_what_was_owed_when_it_was_written_down() -> None:
    case = case_of(load(ROWS["no answer makes another thing owed"]))
    case.does("1/answer", "2026-11-25 10:00")
    late = case.events.pop()
    case.events.append(type(late)(late.seq, "fulfilled", late.at, at("2026-11-27 10:00"), about=late.about))
    assert case.owes("1/answer", "2026-11-27 11:00").status == "done"
    assert case.owes("1/tell board", "2026-11-27 11:00").status == "no longer applies"


def test_a_case_raised_late_owes_at_once_what_follows_from_a_time_that_had_passed() -> None:
    policy = small(
        owed(
            "id: answer, kind: letter, title: Answer, by: responding, to: raising, limit: 2 working days from decision, strength: must",
            "id: tell, kind: notice, title: Tell, by: raising, to: own boss, when: answer overdue, strength: must",
        ),
        more="dates: [{id: decision, title: The decision}]\n",
    )
    case = case_of(policy, dates={"decision": "2026-11-02T10:00:00+00:00"})
    assert case.state().obligation("1/tell").since == at("2026-11-23 10:00")


def test_time_up_at_a_stage_may_make_something_owed_and_leaving_it_in_time_does_not() -> None:
    line = "{id: tell, kind: notice, title: Tell, by: raising worker, to: own boss, when: time up at stage 1, strength: must, rule: R}"
    tell = f"owes: [{line}]\n"
    assert "case/tell" in case_of(small(more=tell)).having(now="2026-12-01 09:00")
    assert "case/tell" not in case_of(small(more=tell)).unresolved("1", "2026-11-24").having(now="2026-12-02 09:00")
