"""A simulated case keeps to the limits as they are when they end, and says what opened by itself."""

from __future__ import annotations

from typing import Any

import pytest

from policies import Policy, load
from policies.trying.happening import happening
from policies.trying.simulating import simulate
from policies.trying.supposing import facts_with, supposed_words
from tests.policies.making import at, make_case
from tests.policies.small import COUNCIL, SCHOOL, small, small_text

LOG = "owes:\n  - {id: log, kind: record, title: Log, by: raising worker, limit: 5 working days, strength: must, rule: R-2}\n"


def test_a_stage_is_left_when_its_time_ends_by_what_was_done_at_it() -> None:
    policy = small(("limit: 5 working days\n", "limit: 20 working days from case/log or raised\n"), more=LOG)
    lines = {one.text: one.local[:10] for one in simulate(policy, at("2026-12-14 10:00"), "late").lines}
    assert lines["Done: Worker (raising): Log"] == "2026-12-21"
    # Twenty working days after 21 December, without Christmas Day, Boxing Day's substitute and New Year's Day.
    assert lines["Not settled at First"] == "2027-01-21"


def test_a_stage_that_opens_by_itself_is_said_before_what_it_asks_for_and_names_whose_time_was_up() -> None:
    policy = small(("agency types:\n", "settings: {time up: opens}\nagency types:\n"))
    texts = [one.text for one in simulate(policy, at("2026-11-23 10:00"), "none").lines]
    opened = texts.index("Time was up at First; this opened by itself: Second")
    assert opened < min(place for place, text in enumerate(texts) if "Talk again" in text)


def test_what_is_asked_for_after_its_time_is_said_to_be_so() -> None:
    cap = "caps:\n  - {id: all, title: All, limit: 24 hours from raised, ends: resolved, strength: must, rule: R-1}\n"
    texts = [one.text for one in simulate(small(more=cap), at("2026-11-23 10:00"), "none").lines]
    talks = [text for text in texts if "Talk" in text]
    assert [text.endswith("(past before it was asked for)") for text in talks if text.startswith(("must", "should"))] == [False, True, True]


@pytest.mark.parametrize(
    ("limit", "goes_on"),
    [
        ("24 hours", "2026-11-24T10:00+00:00"),  # the very minute
        ("1 working day by 12:00", "2026-11-24T12:00+00:00"),
        ("1 working day", "2026-11-25T10:00+00:00"),  # a day ends with the day: the morning after
    ],
)
def test_who_gets_no_answer_goes_on_when_a_limit_in_hours_ends(limit: str, goes_on: str) -> None:
    run = simulate(small(("limit: 5 working days\n", f"limit: {limit}\n")), at("2026-11-23 10:00"), "none")
    (left,) = [one for one in run.lines if one.text == "Not settled at First"]
    assert left.local == goes_on
    assert left.at > run.state.spells[0].due.at  # type: ignore[union-attr]  # the stage has a limit


ASKED = """choices:
  - id: way
    title: How they meet
    when: at stage 1
    options: [{id: soon, title: Soon}, {id: later, title: Later}]
flags: [{id: watched, title: On a plan}]
"""


def urgent() -> Policy:
    return load(small_text(("limit: 5 working days\n", "limit: [1 working day when way is soon, 9 working days otherwise]\n"), more=ASKED))


def test_what_was_chosen_at_the_start_stays_chosen() -> None:
    policy = urgent()
    for option, ends in (("soon", "2026-11-24"), ("later", "2026-12-04")):
        run = simulate(policy, at("2026-11-23 10:00"), "late", facts_with(policy, choices={"way": option}))
        assert [one for one in run.events if one.kind == "fact"] == []
        assert next(one.local[:10] for one in run.lines if one.text == "Not settled at First") == ends


@pytest.mark.parametrize("answers", ["none", "late"])
def test_each_stay_says_when_its_time_ends_before_what_it_asks_for(answers: Any) -> None:
    texts = [one.text for one in simulate(small(), at("2026-12-21 10:00"), answers).lines]
    # 22, 23, 24, 29, 30; those who raised it go on on the morning of 31 (4, 5, 6, 7, 8), or it ends on 30 (31, 4, 5, 6, 7)
    ends = "Friday 8 January 2027" if answers == "none" else "Thursday 7 January 2027"
    assert texts[:3] == ["Raised", "Stage 1: First, by the end of Wednesday 30 December 2026", texts[2]]
    assert texts.index("Not settled at First") + 1 == texts.index(f"Stage 2: Second, by the end of {ends}")
    assert texts.index(f"Stage 2: Second, by the end of {ends}") < min(place for place, one in enumerate(texts) if "Talk again" in one)


def test_a_run_says_what_it_supposes() -> None:
    policy = urgent()
    plain = supposed_words(policy, facts_with(policy))
    assert plain == "Supposed: it is about “Need”; School (raising) and Council (responding); noted: “On a plan”."
    wished = facts_with(policy, flags=[], choices={"way": "soon"}, parties=("council", "school"))
    assert supposed_words(policy, wished) == (
        "Supposed: it is about “Need”; Council (raising) and School (responding); nothing is noted; “How they meet” is “Soon”."
    )


def test_a_run_without_a_date_that_must_be_given_says_so() -> None:
    dates = "dates:\n  - {id: received, title: When it was received, required: yes}\n  - {id: met, title: When they met}\n"
    policy = small(more=dates)
    lost = "“When it was received” is not known, though it must be given, and no clock counts from it."
    assert lost in supposed_words(policy, facts_with(policy))
    given = supposed_words(policy, facts_with(policy, dates={"received": at("2026-11-20 10:00")}))
    assert given.endswith("“When it was received” is known.")


def test_a_stage_whose_time_was_up_before_it_came_there_is_not_gone_back_to() -> None:
    third = "  - {id: 3, title: Third, acts: boss, limit: 2 working days, rule: R-5}\n"
    cap = "caps:\n  - {id: day, title: The first day, limit: 24 hours from raised, ends: reached stage 3, strength: must, rule: R-9}\n"
    policy = small(("    title: Second\n", "    title: Second\n    time up: opens\n"), more=third + cap)
    run = simulate(policy, at("2026-11-27 10:00"), "none")  # a Friday: those who raised it go on on the Saturday
    assert [one.text for one in run.lines if not one.text.startswith(("must", "should"))] == [
        "Raised",
        "Stage 1: First, by 10:00 on Saturday 28 November 2026",
        "Not settled at First",
        "Stage 2: Second, by 10:00 on Saturday 28 November 2026",
        "Time was up at Second; this opened by itself: Third",
        "Stage 3: Third, by the end of Tuesday 1 December 2026",
    ]
    assert not [one for one in run.events if one.kind == "moved"]
    assert [one.stage for one in run.state.spells] == ["1", "2", "3"]


LATER = """choices:
  - id: route
    title: How the head goes on
    when: at stage 2
    options: [{id: alone, title: Alone}, {id: panel, title: With a panel}]
  - id: heard
    title: Whether the appeal is heard
    default: open
    when: case/appeal done
    options: [{id: open, title: Not said yet}, {id: heard, title: It is heard}]
owes:
  - {id: appeal, kind: letter, title: Appeal, by: raising worker, to: other worker, limit: 3 working days, strength: must, rule: R-8}
  - {id: hear, kind: meeting, title: Hear it, by: responding worker, when: heard is heard, limit: 10 working days from heard,
     strength: must, rule: R-9}
"""


def test_what_is_offered_only_later_is_chosen_when_it_is_offered() -> None:
    policy = small(more=LATER)
    run = simulate(policy, at("2026-11-23 10:00"), "late", facts_with(policy, choices={"route": "panel", "heard": "heard"}))
    assert "choices" not in run.events[0].facts or not run.events[0].facts["choices"]
    lines = {one.text: one.local[:10] for one in run.lines}
    assert lines["Whether the appeal is heard: It is heard"] == lines["Done: Worker (raising): Appeal"] == "2026-11-26"
    # Ten working days after Thursday 26 November 2026
    assert "must: Worker (responding): Hear it, by the end of Thursday 10 December 2026" in lines
    assert lines["How the head goes on: With a panel"] >= lines["Not settled at First"]


URGENT = """choices: [{id: risk, title: How high the risk is, default: usual, options: [{id: usual, title: Usual}, {id: high, title: High}]}]
owes:
  - {id: answer, kind: letter, title: Answer, by: responding worker, to: raising worker, limit: [4 hours from risk when risk is high, 9 working days otherwise], strength: must, rule: R-2}
"""  # noqa: E501  # one obligation a line is easier to read


def test_an_end_is_told_as_it_stands_and_again_when_it_changes() -> None:
    policy = small(
        ("limit: 5 working days\n", "limit: [1 working day from risk when risk is high, 5 working days otherwise]\n"), more=URGENT
    )
    run = simulate(policy, at("2026-11-23 10:00"), "none", None, [happening(policy, "2026-11-24 09:00 risk is high")])
    ends = [f"{one.local[:16]} {one.text}" for one in run.lines if "Stage 1" in one.text or "Answer" in one.text]
    assert ends == [
        "2026-11-23T10:00 Stage 1: First, by the end of Monday 30 November 2026",
        "2026-11-23T10:00 must: Worker (responding): Answer, by the end of Friday 4 December 2026",
        "2026-11-24T09:00 Stage 1: First, now by the end of Wednesday 25 November 2026",
        "2026-11-24T09:00 Worker (responding): Answer, now by 13:00 on Tuesday 24 November 2026",
    ]


def test_a_time_that_is_not_known_yet_is_told_when_it_is() -> None:
    policy = small(("limit: 5 working days\n", "limit: 5 working days from 1/talk\n"))
    texts = [one.text for one in simulate(policy, at("2026-11-23 10:00"), "late").lines if one.text.startswith("Stage 1")]
    assert texts == ["Stage 1: First, no time limit yet", "Stage 1: First, now by the end of Monday 7 December 2026"]


NIGHT = "settings: {out of hours: next working day, office hours: '08:30 to 16:45'}\n"


def test_what_is_done_on_its_last_day_is_done_before_the_office_shuts() -> None:
    lines = simulate(small(more=NIGHT), at("2026-11-23 10:00"), "late").lines
    assert next(one.local[:16] for one in lines if one.text == "Not settled at First") == "2026-11-30T16:44"
    assert next(one.text for one in lines if one.text.startswith("Stage 2")) == "Stage 2: Second, by the end of Monday 7 December 2026"


def test_a_stage_that_opens_as_a_day_ends_came_in_on_that_day() -> None:
    policy = small(("agency types:\n", "settings: {time up: opens, out of hours: next working day}\nagency types:\n"))
    lines = simulate(policy, at("2026-11-23 10:00"), "none").lines
    # The first ends on Monday 30 November; five working days after that are 1, 2, 3, 4 and 7 December.
    assert next(one.text for one in lines if one.text.startswith("Stage 2")) == "Stage 2: Second, by the end of Monday 7 December 2026"


DAILY = """owes:
  - {id: plan, kind: plan, title: Keep them safe, by: both worker, limit: 1 working day, strength: must, rule: R-2}
  - {id: look, kind: consideration, title: Look again, by: both worker, when: plan done, limit: 24 hours, repeats: 24 hours, strength: must, rule: R-2}
  - {id: after, kind: feedback, title: Ask how it is, by: raising worker, when: closed, limit: 1 week, repeats: 1 week, strength: must, rule: R-2}
"""  # noqa: E501  # one obligation a line is easier to read


def test_what_comes_again_ends_with_the_closing_unless_it_began_with_it() -> None:
    case = make_case(small(more=DAILY), "2026-11-23 10:00", (SCHOOL, COUNCIL)).does("case/plan", "2026-11-23 11:00")
    case.does("case/look", "2026-11-24 10:00").resolved("2026-11-24 12:00", "settled").add("closed", "settled", "2026-11-24 13:00")
    case.does("case/look/time 2", "2026-11-24 14:00").does("case/after", "2026-11-30 10:00")
    assert {one.key for one in case.state().obligations if case.state().is_asked(one)} == {"case/after/time 2"}
    case.add("reopened", "1", "2026-12-01 10:00")
    assert case.state().is_asked(case.owes("case/look/time 3"))


def test_a_run_in_which_something_comes_again_comes_to_an_end() -> None:
    policy = small(more=DAILY.rpartition("  - {id: after")[0])
    texts = [one.text for one in simulate(policy, at("2026-11-23 10:00"), "prompt").lines]
    assert texts[-1] == "Closed"


def test_a_stage_that_something_else_opened_says_whose_time_was_up_too() -> None:
    choice = URGENT.split("owes:")[0]
    policy = small(
        ("limit: 5 working days\n", "limit: [same day when risk is high, 5 working days otherwise]\n    time up: opens\n"), more=choice
    )
    run = simulate(policy, at("2026-11-23 10:00"), "late", None, [happening(policy, "2026-11-24 09:00 risk is high")])
    said = [f"{one.local[:16]} {one.text}" for one in run.lines if "Time was up" in one.text or one.what == "ends"]
    assert said[1:] == [
        "2026-11-24T09:00 Time was up at First; this opened by itself: Second",
        "2026-11-24T09:00 Stage 2: Second, by the end of Tuesday 1 December 2026",
    ]


def test_who_gets_no_answer_does_what_follows_from_it_at_the_last_stage_too() -> None:
    more = """owes:
  - {id: answer, kind: letter, title: Answer, by: responding worker, to: raising worker, limit: 20 working days, strength: must, rule: R-2}
  - {id: warn, kind: notice, title: Warn the boss, by: raising worker, to: own boss, when: answer overdue, limit: 1 working day, strength: must, rule: R-2}
"""  # noqa: E501  # one obligation a line is easier to read
    run = simulate(small(more=more), at("2026-11-23 10:00"), "none")
    assert run.state.stage == "2"  # whose time ended on 8 December
    # Twenty working days after 23 November end with Monday 21 December.
    assert [one.local[:10] for one in run.lines if "Warn the boss" in one.text] == ["2026-12-21", "2026-12-22"]
