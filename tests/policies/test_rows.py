"""Each row of what other partnerships ask for, in a case, with its dates. Monday 23 November 2026 is day 0 unless said otherwise."""

from __future__ import annotations

from functools import cache

import pytest

from policies import Policy, load, pack_ids, people, possible_starts
from tests.policies.making import Case, child, make_case
from tests.policies.rows import ROWS
from tests.policies.small import COUNCIL, SCHOOL


@cache
def row(name: str) -> Policy:
    return load(ROWS[name], source=name)


def case_of(name: str, when: str = "2026-11-23 10:00", **facts: object) -> Case:
    return make_case(row(name), when, [SCHOOL, COUNCIL], **facts)


def is_open(case: Case, move: str, now: str = "") -> bool:
    return next(one for one in case.state(now).moves if one.key == move).open


@pytest.mark.parametrize("name", ROWS)
def test_every_row_is_a_good_pack(name: str) -> None:
    assert row(name).id not in pack_ids()


def test_a_phase_that_comes_only_when_the_first_try_failed() -> None:
    case = case_of("a conditional phase").does("1/talk", "2026-11-24 11:00", result="failed")
    assert case.due("1/meet") == "2026-11-26"  # 25, 26
    assert "1/meet" not in case_of("a conditional phase").does("1/talk", "2026-11-24", result="agreed").having()


@pytest.mark.parametrize(
    ("raised", "due"),
    [
        ("2026-11-23 10:00", "2026-11-23 17:00"),
        ("2026-11-23 18:00", "2026-11-24 17:00"),  # 17:00 of that day is over
        ("2026-11-28 10:00", "2026-11-30 17:00"),  # a Saturday
        ("2026-12-25 10:00", "2026-12-29 17:00"),  # Friday is Christmas; 28 is a bank holiday
    ],
)
def test_the_same_working_day_by_five(raised: str, due: str) -> None:
    assert case_of("same working day", raised).due() == due


def test_immediately_has_no_number_and_minutes_have() -> None:
    assert case_of("immediately").owes("1/tell").at_once
    assert case_of("minutes").due("1/ring") == "2026-11-23 10:30"
    assert case_of("minutes", "2027-03-28 00:45").due("1/ring") == "2027-03-28 02:15"  # clocks go from 01:00 to 02:00


def test_a_priority_that_changes_moves_the_limit_and_may_start_its_own() -> None:
    case = case_of("a priority that changes")
    assert case.due() == "2026-11-30"  # green: 24, 25, 26, 27, 30
    case.fact("priority", "2026-11-24 15:00", value="amber")
    assert case.due() == "2026-11-25"  # 24, 25
    case.fact("priority", "2026-11-24 16:00", value="red")
    assert case.due() == "2026-11-24 20:00"  # four hours from when it became red
    case.fact("priority", "2026-11-24 17:00", value="green")
    assert case.due() == "2026-11-30"


def test_a_clock_that_starts_again_counts_from_the_entry_or_from_when_it_became_urgent() -> None:
    name = "a clock that starts again when it becomes urgent"
    before = case_of(name, "2026-11-23 10:00", choices={"priority": "red"}).unresolved("1", "2026-11-24 09:00")
    assert before.due() == "2026-11-24 11:00"  # red since 23, but the stage was entered on 24
    after = case_of(name).unresolved("1", "2026-11-24 09:00")
    assert after.due() == "2026-12-01"  # green: 25, 26, 27, 30, 1
    assert after.fact("priority", "2026-11-24 15:30", value="red").due() == "2026-11-24 17:30"


def test_an_appeal_that_comes_too_late_needs_leave() -> None:
    name = "an appeal that comes too late"  # raised on 23 November: until the end of 25
    in_time = case_of(name).does("1/appeal", "2026-11-25 23:59")
    assert (in_time.owes("1/appeal").status, is_open(in_time, "escalate/2")) == ("done", True)
    assert not is_open(in_time, "resolve/late")
    late = case_of(name).does("1/appeal", "2026-11-26 00:00")
    assert (late.owes("1/appeal").status, is_open(late, "escalate/2")) == ("done late", False)
    assert is_open(late, "resolve/late")
    late.fact("leave", "2026-11-26 09:00", value="allowed")
    assert (is_open(late, "escalate/2"), is_open(late, "resolve/late")) == (True, False)
    waiting = case_of(name).state("2026-11-24 10:00")
    assert [one.open for one in waiting.moves if one.key in ("escalate/2", "resolve/late")] == [False, False]


def test_each_side_of_one_organisation_has_its_own_people() -> None:
    policy = row("each side of one organisation has its own people")
    both = [{**COUNCIL, "side": side} for side in ("raising", "responding")]
    case = make_case(policy, "2026-11-23 10:00", both).unresolved("1", "2026-11-24")
    owners = {one.owner.side: one.owner.title for one in case.state().obligations if one.stage == "2"}
    assert owners == {"raising": "Boss", "responding": "head of service"}  # the table says nobody for those who raise it
    assert [one.title for one in people(policy, "1", "raising", "council")] == ["reviewing officer", "senior practitioner"]
    assert [one.title for one in people(policy, "1", "responding", "council")] == ["team manager", "senior practitioner"]
    assert [one.title for one in people(policy, "1", "raising", "school")] == ["Worker"]


@pytest.mark.parametrize(
    ("raised", "due"),
    [
        ("2026-12-17 15:00", "2027-01-04"),  # Thursday in term: 18 December, 4 January
        ("2026-12-21 09:00", "2026-12-23"),  # the first Monday of the holidays: 22, 23
        ("2026-12-24 16:00", "2026-12-30"),  # 25 and 28 are bank holidays: 29, 30
        ("2026-12-19 10:00", "2027-01-05"),  # the Saturday before is not listed: 4, 5 January
        ("2027-02-19 17:00", "2027-02-23"),  # Friday, their last day: 22, 23
    ],
)
def test_school_days_count_in_term_and_working_days_in_the_holidays(raised: str, due: str) -> None:
    assert case_of("school days in term and working days in the holidays", raised).due() == due


def test_a_theme_may_have_a_way_of_its_own() -> None:
    name = "a way of its own for a theme"
    assert (case_of(name).state().stage, case_of(name).due()) == ("1", "2026-11-30")
    conference = case_of(name)
    conference.events[0].facts["themes"][:] = ["conference"]  # type: ignore[index]  # facts of our own making
    assert (conference.state().stage, conference.due()) == ("2", "2026-11-26 10:00")
    assert conference.warned("start") == []
    for case, other in ((case_of(name), "2"), (conference, "1")):
        facts = {key: value for key, value in case.events[0].facts.items() if key != "start"}
        assert other not in possible_starts(row(name), facts)


def test_service_hours_run_on_their_own_days_and_an_exception_does_not_wait() -> None:
    case = case_of("service hours with an exception", "2026-11-27 18:00")
    assert case.due() == "2026-11-28 12:00"  # 2 hours on Friday, 4 on Saturday from 08:00
    case.fact("harm", "2026-11-27 18:10", value=True)
    assert case.due() == "2026-11-27 20:00"


def test_no_answer_in_time_opens_or_permits_the_next_stage() -> None:
    opens = case_of("no answer opens the next stage")
    assert [opens.state(now).stage for now in ("2026-11-25 23:00", "2026-11-26 09:00")] == ["1", "2"]
    assert opens.due(now="2026-11-26 09:00") == "2026-12-02"  # from the end of 25: 26, 27, 30, 1, 2
    permits = case_of("no answer permits the next stage")
    assert not is_open(permits, "escalate/2", "2026-11-25 23:00")
    assert is_open(permits, "escalate/2", "2026-11-26 09:00")


def test_another_judges_at_each_stage_whether_it_is_settled() -> None:
    case = case_of("others judge whether it is settled")
    assert [one.by[0].side for one in case.state().moves if one.key == "resolve/settled"] == ["raising"]
    case.unresolved("1", "2026-11-24")
    assert [one.by[0].title for one in case.state().moves if one.key == "resolve/settled"] == ["Head of the board"]


def test_another_organisation_lends_the_person() -> None:
    policy = row("another organisation stands in")
    assert [(one.title, one.of) for one in people(policy, "2", "raising", "school")] == [
        ("head teacher", ""),
        ("education lead", "council"),
    ]
    assert [one.title for one in people(policy, "2", "raising", "health board")] == ["named doctor"]


def test_a_form_for_each_event_and_a_line_in_the_challenge_log() -> None:
    case = case_of("forms by event")
    assert case.having() == {"case/trigger form", "case/logged", "1/talk"}
    assert case.due("case/logged") == "2026-11-25"  # 24, 25
    case.unresolved("1", "2026-11-24")
    assert case.due("case/told form") == "2026-11-25"
    case.resolved("2026-11-26", "settled")
    assert case.due("case/end form") == "2026-12-01"  # 27, 30, 1
    case.add("closed", "settled", "2026-11-27")
    assert {"case/file copy/school", "case/file copy/council"} <= case.having()


def test_one_form_with_a_request_and_a_response() -> None:
    case = case_of("one form, two halves")
    assert [(case.owes(key).part, case.owes(key).status) for key in ("1/ask", "1/reply")] == [("request", "owed"), ("response", "not yet")]
    case.does("1/ask", "2026-11-24 16:00")
    assert (case.owes("1/reply").status, case.due("1/reply")) == ("owed", "2026-11-27")  # 25, 26, 27


def test_a_conference_s_dissent_has_its_own_clocks_and_the_decision_stands_meanwhile() -> None:
    case = case_of("a conference's dissent and appeal", dates={"conference held": "2026-11-20T14:00:00+00:00"})
    assert (case.due("case/dissent"), case.due("case/lodge")) == ("2026-11-24", "2026-12-04")  # from Friday 20: 23, 24; … 4
    assert case.warned("note") == []
    case.does("case/lodge", "2026-12-03")
    assert case.due("case/hear") == "2027-01-05"  # 4; 7-11; 14-18; 21-24; 29-31; 4, 5: twenty, without 25, 28 and 1
    assert case.warned("note") == ["The decision of the conference stands until the appeal is heard."]
    case.does("case/hear", "2026-12-18")
    assert case.warned("note") == []
    assert is_open(case, "choose/appeal/upheld")
    case.fact("appeal", "2026-12-18 13:00", value="upheld").fact("next conference", "2026-12-18 13:01", value="2027-01-12T10:00:00+00:00")
    assert case.due("case/again") == "2027-01-07"  # back from Tuesday 12: 11, 8, 7
    assert case.state().stage == "1"  # beside the stages, not in their place


def test_a_one_sided_alert_needs_its_flag_and_tells_each_guardian() -> None:
    children = [{**child("c1"), "officer": "g1"}, {**child("c2"), "officer": "g2"}]
    case = make_case(row("a one-sided alert"), "2026-11-23 10:00", [SCHOOL], children=children)
    assert not is_open(case, "escalate/2")
    case.fact("in court", "2026-11-24", value=True, child="c2")
    assert case.due("1/alert/g2") == "2026-11-25"
    assert is_open(case, "escalate/2")
    assert "1/alert/g1" not in case.having()


def test_approval_comes_before_it_is_sent_and_sending_before_the_next_stage() -> None:
    case = case_of("approval before it is sent")
    assert (case.owes("1/send").status, case.due("1/approve")) == ("not yet", "2026-11-26")
    case.does("1/approve", "2026-11-24")
    assert (case.owes("1/send").status, is_open(case, "escalate/2")) == ("owed", False)
    assert is_open(case.does("1/send", "2026-11-25"), "escalate/2")


def test_raised_for_a_parent_the_parent_is_told_before_it_is_closed() -> None:
    case = case_of("raised for a child, a parent or an advocate", choices={"raised for": "parent"}).resolved("2026-11-24", "settled")
    assert (case.due("case/say back"), is_open(case, "close")) == ("2026-11-26", False)
    plain = case_of("raised for a child, a parent or an advocate").resolved("2026-11-24", "settled")
    assert is_open(plain, "close")


def test_the_family_is_told_before_the_talk_unless_that_is_not_safe() -> None:
    case = case_of("the family is told before")
    assert case.owes("1/first talk").status == "not yet"
    case.fact("unsafe to tell", "2026-11-23 11:00", value=True)
    assert (case.owes("1/tell family").status, case.owes("1/first talk").status) == ("no longer applies", "owed")


def test_an_adult_has_an_advocate_who_is_told_of_each_of_theirs() -> None:
    adults = [{**child("a1", "lacks capacity"), "officer": "p1"}, child("a2")]
    case = case_of("an adult", children=adults)
    assert case.policy.subject_word == "adult"
    assert {"1/tell advocate/p1", "1/consent/a1", "1/consent/a2"} <= case.having()
    assert case.owes("1/tell advocate/p1").to[0].title == "Independent advocate"
    case.fact("lacks capacity", "2026-11-24", value=True, child="a2").fact("child", "2026-11-24 12:01", child="a2", officer="p2")
    assert case.due("1/tell advocate/p2") == "2026-11-26"


def test_a_case_may_be_about_a_child_an_adult_or_nobody() -> None:
    name = "a child or an adult"
    both = case_of(name, children=[child("c1"), {**child("a1"), "is": "adult"}])
    assert {"1/child lead", "1/adult lead", "1/ask adult/a1"} <= both.having()
    assert "1/ask adult/c1" not in both.having()
    assert case_of(name, children=[child("c1")]).having() == {"1/talk", "1/child lead"}
    assert case_of(name).having() == {"1/talk", "1/theme lead"}
    assert (row(name).subjects, row(name).subject_word) == (("child", "adult", "theme"), "person")
    assert (row("a theme").subjects, row("a theme").subject_word, case_of("a theme").due()) == (("theme",), "", "2026-12-23")


def test_good_practice_is_thanked_for_and_shared() -> None:
    policy = row("good practice")
    case = make_case(policy, "2026-11-23 10:00", [SCHOOL, COUNCIL])
    assert not is_open(case, "resolve/shared")
    case.events.clear()
    case.add("raised", "", "2026-11-23 10:00", side="raising", themes=["good practice"], parties=[SCHOOL, COUNCIL])
    assert "1/thank" in case.having()
    assert is_open(case, "resolve/shared")


def test_one_text_serves_areas_with_values_of_their_own() -> None:
    north = row("one text, two areas")
    assert (north.id, north.partnership) == ("small-north", "North")
    assert case_of("one text, two areas").due() == "2026-11-30"  # 25, 27, 30: 24 and 26 are closed there
    text = ROWS["one text, two areas"]
    south = load(text.replace("north", "south").replace("3 working days", "8 calendar days"))
    assert (south.id, make_case(south, "2026-11-23 10:00", [SCHOOL, COUNCIL]).due()) == ("small-south", "2026-12-01")


def test_an_item_for_the_board_is_due_before_it_meets() -> None:
    case = case_of("an item for the next meeting", dates={"board meets": "2027-01-05T10:00:00+00:00"}).unresolved("1", "2026-11-24")
    assert case.due("case/item") == "2026-12-24"  # back from Tuesday 5: 4, 31, 30, 29, 24; 1, 28 and 25 are holidays
    assert "case/ask all" not in case.having()
    case.does("1/talk", "2026-11-24 13:00", mode="meeting")
    assert case.owes("case/ask all").strength == "guide"


def test_an_alert_has_no_clock_of_the_other_side() -> None:
    case = make_case(row("a one-sided alert"), "2026-11-23 10:00", [SCHOOL], children=[child("c1", "in court")])
    case.unresolved("1", "2026-11-24")
    assert case.having() == {"2/talk/raising", "1/alert/of c1"}
