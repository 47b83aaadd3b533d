"""What other partnerships' policies say and the five bundled ones do not: each as a small pack, with its dates."""

from __future__ import annotations

import pytest

from policies import PackError, Policy, load, people, rungs
from tests.policies.making import Case, at, child, make_case
from tests.policies.small import COUNCIL, SCHOOL, small, small_text

TALK = "      - {id: talk, kind: discussion, title: Talk, by: both, strength: must, rule: R-2}\n"
PRIORITY = "choices:\n  - {id: priority, title: Priority, default: amber, options: [{id: red, title: Red}, {id: amber, title: Amber}]}\n"
HARM = "flags:\n  - {id: harm, title: Harm, of: case}\n"


def duty(line: str, stage: str = "1") -> tuple[str, str]:
    """A replacement that adds an obligation to a stage of the small pack."""
    anchor = TALK if stage == "1" else "      - {id: talk, kind: discussion, title: Talk again, by: each, strength: should, rule: R-4}\n"
    return anchor, f"{anchor}      - {{{line}}}\n"


def case_of(policy: Policy, when: str = "2026-11-23 10:00", **facts: object) -> Case:
    return make_case(policy, when, [SCHOOL, COUNCIL], **facts)


def test_a_phase_that_comes_only_when_the_first_try_failed() -> None:
    meet = duty(
        "id: meet, kind: meeting, title: Meet, by: both, when: talk with result failed, "
        "limit: 2 working days from talk, strength: must, rule: R"
    )
    case = case_of(small(meet))
    assert "1/meet" not in case.having()
    case.does("1/talk", "2026-11-24 11:00", result="failed")
    assert case.due("1/meet") == "2026-11-26"
    assert "1/meet" not in case_of(small(meet)).does("1/talk", "2026-11-24", result="agreed").having()


@pytest.mark.parametrize(
    ("raised", "limit", "due"),
    [
        ("2026-11-23 10:00", "same working day", "2026-11-23"),
        ("2026-11-28 10:00", "same working day", "2026-11-30"),
        ("2026-11-28 10:00", "same day", "2026-11-28"),
        ("2026-12-24 15:00", "next working day", "2026-12-29"),
        ("2026-12-24 15:00", "1 working day by 12:00", "2026-12-29 12:00"),
        ("2026-11-23 10:00", "2 weeks", "2026-12-07"),
        ("2027-01-31 10:00", "1 month", "2027-02-28"),
        ("2026-11-23 10:00", "48 hours", "2026-11-25 10:00"),
        ("2026-11-27 16:00", "4 working hours", "2026-11-30 12:00"),
        ("2026-11-27 18:00", "4 service hours", "2026-11-30 13:00"),
        ("2026-12-24 15:00", "10 service hours", "2026-12-29 17:00"),
    ],
)
def test_limits_of_every_kind(raised: str, limit: str, due: str) -> None:
    case = case_of(small(("    limit: 5 working days\n    rule: R-1", f"    limit: {limit}\n    rule: R-1")), raised)
    assert case.due() == due


def test_at_once_is_a_step_without_a_number() -> None:
    case = case_of(small(duty("id: tell, kind: notice, title: Tell, by: raising, to: own boss, limit: at once, strength: must, rule: R")))
    assert case.owes("1/tell").at_once
    assert case.due("1/tell") == ""


def test_a_limit_that_depends_on_a_priority_which_may_change() -> None:
    limits = "    limit: [1 working day when priority is red, 5 working days otherwise]\n    rule: R-1"
    case = case_of(small(("    limit: 5 working days\n    rule: R-1", limits), more=PRIORITY))
    assert case.due() == "2026-11-30"
    case.fact("priority", "2026-11-23 15:00", value="red")
    assert case.due() == "2026-11-24"
    case.fact("priority", "2026-11-23 16:00", value="amber")
    assert case.due() == "2026-11-30"


def test_service_hours_with_an_exception() -> None:
    limits = "    limit: [4 hours when flag harm, 4 service hours otherwise]\n    rule: R-1"
    policy = small(("    limit: 5 working days\n    rule: R-1", limits), more=HARM)
    assert case_of(policy, "2026-11-27 16:00").due() == "2026-11-30 12:00"
    assert case_of(policy, "2026-11-27 16:00", flags=["harm"]).due() == "2026-11-27 20:00"


def test_no_answer_in_time_permits_the_next_stage() -> None:
    guard = "    enter: [{id: answered, needs: 1/talk done, text: Talk first., strength: must, rule: R}]\n    rule: R-3"
    for pair in (
        ("    rule: R-1\n", "    rule: R-1\n    time up: permits\n"),
        ("needs: 1/talk done", "needs: 1/talk done or time up at stage 1"),
    ):
        policy = small(("    rule: R-3", guard), pair)
        case = case_of(policy)
        assert not next(one for one in case.state().moves if one.key == "escalate/2").open
        assert not next(one for one in case.state("2026-11-30 20:00").moves if one.key == "escalate/2").open
        assert next(one for one in case.state("2026-12-01 09:00").moves if one.key == "escalate/2").open
        assert case.state("2026-12-01 09:00").stage == "1"
        assert case.unresolved("1", "2026-12-01 09:00").state().stage == "2"


def test_an_overdue_answer_permits_the_next_stage() -> None:
    talk = (TALK, TALK.replace("by: both", "by: responding, limit: 2 working days"))
    guard = "    enter: [{id: answered, needs: 1/talk done or 1/talk overdue, text: Talk first., strength: must, rule: R}]\n    rule: R-3"
    case = case_of(small(talk, ("    rule: R-3", guard)))
    assert not next(one for one in case.state("2026-11-25 20:00").moves if one.key == "escalate/2").open
    assert next(one for one in case.state("2026-11-26 00:00").moves if one.key == "escalate/2").open


def test_no_answer_in_time_opens_the_next_stage_by_itself() -> None:
    case = case_of(small(("    rule: R-1\n", "    rule: R-1\n    time up: opens\n")))
    assert case.state("2026-11-30 23:00").stage == "1"
    opened = case.state("2026-12-01 09:00")
    assert (opened.stage, opened.spells[0].how) == ("2", "time up")
    assert case.due(now="2026-12-01 09:00") == "2026-12-07"
    case.does("2/talk/raising", "2026-12-02")
    assert case.owes("2/talk/raising").status == "done"


def test_what_makes_the_time_of_a_stage_shorter_opens_the_next_one_then_and_not_before() -> None:
    """Wednesday's rating says that Monday was the last day: the second stage has its five working days from Wednesday."""
    shorter = "    limit: [same day when priority is red, 5 working days otherwise]\n    time up: opens\n"
    case = case_of(small(("    limit: 5 working days\n", shorter), more=PRIORITY))
    assert case.state("2026-11-25 09:00").stage == "1"
    case.fact("priority", "2026-11-25 09:30", value="red")
    opened = case.state()
    assert (opened.stage, opened.entered, case.due()) == ("2", at("2026-11-25 09:30"), "2026-12-02")


def test_a_stage_entered_when_it_is_referred_and_not_before() -> None:
    case = case_of(small(more="settings: {stage entry: when referred}\n")).unresolved("1", "2026-11-30")
    assert case.state().stage == "1"
    case.add("moved", "2", "2026-12-02")
    assert case.due() == "2026-12-09"


def test_another_organisation_lends_the_person() -> None:
    policy = small(more="role table:\n  school:\n    2: owner or early years lead of council\n")
    assert [(one.title, one.of) for one in people(policy, "2", "raising", "school")] == [("owner", ""), ("early years lead", "council")]


def test_who_judges_may_differ_at_each_stage() -> None:
    case = case_of(
        small(("    rule: R-1\n", "    rule: R-1\n    judged by: raising\n"), ("    rule: R-3\n", "    rule: R-3\n    judged by: both\n"))
    )
    assert next(one for one in case.state().moves if one.key == "resolve/settled").by[0].side == "raising"
    case.unresolved("1", "2026-11-24")
    assert next(one for one in case.state().moves if one.key == "resolve/settled").by[0].side == "both"


def test_one_form_with_a_request_and_a_response() -> None:
    ask = "id: ask, kind: form, title: Ask, by: raising, form: letter, part: request, strength: must, rule: R"
    reply = (
        "id: reply, kind: form, title: Reply, by: responding, form: letter, part: response, "
        "after: ask, limit: 3 working days from ask, strength: must, rule: R"
    )
    case = case_of(small(duty(reply), duty(ask)))
    assert (case.owes("1/reply").status, case.owes("1/reply").part) == ("not yet", "response")
    case.does("1/ask", "2026-11-24")
    assert (case.owes("1/reply").status, case.due("1/reply")) == ("owed", "2026-11-27")


def test_a_form_for_each_event() -> None:
    owes = (
        "owes:\n"
        "  - {id: trigger form, kind: form, title: A, by: raising worker, form: a, strength: must, rule: R}\n"
        "  - {id: told form, kind: form, title: B, by: raising boss, form: b, when: reached stage 2, strength: must, rule: R}\n"
        "  - {id: end form, kind: form, title: C, by: both worker, form: c, when: resolved, strength: must, rule: R}\n"
        "  - {id: file copy, kind: record, title: D, by: every worker, form: d, when: closed, strength: must, rule: R}\n"
    )
    case = case_of(small(more=owes))
    assert case.having() == {"case/trigger form", "1/talk"}
    case.unresolved("1", "2026-11-24")
    assert "case/told form" in case.having()
    case.resolved("2026-11-25", "settled")
    assert "case/end form" in case.having()
    case.add("closed", "settled", "2026-11-26")
    assert {"case/file copy/school", "case/file copy/council"} <= case.having()


def test_a_conference_s_dissent_has_its_own_clock_and_the_decision_stands() -> None:
    more = (
        "dates:\n  - {id: conference held, title: When the conference was}\n  - {id: next conference, title: When the next one is}\n"
        "owes:\n"
        "  - {id: dissent, kind: statement, title: Record the dissent, by: raising worker, "
        "when: conference held given, limit: 2 working days from conference held, strength: must, rule: R}\n"
        "  - {id: appeal, kind: form, title: Appeal, by: raising boss, to: partnership head, "
        "when: conference held given, limit: 10 working days from conference held, strength: may, rule: R}\n"
        "  - {id: agenda, kind: agenda item, title: Put it on the agenda, by: partnership head, "
        "when: next conference given, limit: 3 working days before next conference, strength: should, rule: R}\n"
        "notes:\n  - {id: stands, text: The decision stands meanwhile., rule: R, when: conference held given and not resolved}\n"
    )
    policy = small(
        ("  - {id: boss, title: Boss}\n", "  - {id: boss, title: Boss}\n  - {id: head, title: Head, of: partnership}\n"), more=more
    )
    dates = {"conference held": "2026-11-20T14:00:00+00:00", "next conference": "2027-01-05T10:00:00+00:00"}
    case = case_of(policy, dates=dates)
    assert (case.due("case/dissent"), case.due("case/appeal")) == ("2026-11-24", "2026-12-04")
    assert case.due("case/agenda") == "2026-12-30"
    assert case.warned("note") == ["The decision stands meanwhile."]


def test_a_one_sided_alert_with_a_guard_on_a_flag() -> None:
    more = "flags:\n  - {id: in court, title: In court proceedings, of: child}\n"
    guard = (
        "    enter: [{id: court, needs: flag in court, "
        "text: Only where the child is in proceedings., strength: must, rule: R}]\n    rule: R-3"
    )
    case = make_case(small(("    rule: R-3", guard), more=more), "2026-11-23 10:00", [SCHOOL], children=[child("c1")])
    assert not next(one for one in case.state().moves if one.key == "escalate/2").open
    case.fact("in court", "2026-11-24", value=True, child="c1").unresolved("1", "2026-11-24 13:00")
    assert case.having() == {"2/talk/raising"}


def test_approval_before_it_is_sent() -> None:
    approve = "id: approve, kind: approval, title: Approve, by: raising boss, before: send, strength: must, rule: R"
    send = (
        "id: send, kind: letter, title: Send, by: raising, to: responding, after: approve, limit: 3 working days, strength: must, rule: R"
    )
    case = case_of(small(duty(approve), duty(send)))
    assert (case.owes("1/send").status, case.due("1/approve")) == ("not yet", "2026-11-26")
    case.does("1/approve", "2026-11-24")
    assert case.owes("1/send").status == "owed"


def test_raised_by_a_family_and_the_family_told_before() -> None:
    types = ("  - {id: school, title: School}\n", "  - {id: school, title: School}\n  - {id: family, title: Parent or carer}\n")
    tell = duty(
        "id: tell family, kind: notice, title: Tell the family and record their views, "
        "by: responding, to: other, when: not raising agency is family, strength: should, rule: R"
    )
    policy = small(types, tell, more="role table:\n  family:\n    1: parent\n")
    parent = {"agency": "parent of c1", "type": "family", "side": "raising"}
    case = make_case(policy, "2026-11-23 10:00", [parent, COUNCIL])
    assert "1/tell family" not in case.having()
    assert "1/tell family" in case_of(policy).having()
    assert people(policy, "1", "raising", "family")[0].title == "parent"


def test_an_adult_or_a_theme_may_be_the_subject() -> None:
    more = (
        "flags:\n  - {id: lacks capacity, title: Lacks capacity, "
        "of: adult}\nowes:\n  - {id: advocate, kind: notice, title: Tell the advocate, "
        "by: raising worker, to: own boss, for each: adult, when: flag lacks capacity, strength: must, rule: R}\n"
    )
    policy = small(("version: 1\n", "version: 1\nsubject: adult\n"), more=more)
    case = case_of(policy, children=[child("a1", "lacks capacity"), child("a2")])
    assert policy.subject == "adult"
    assert "case/advocate/a1" in case.having()
    assert "case/advocate/a2" not in case.having()
    assert small(("version: 1\n", "version: 1\nsubject: theme\n")).subject == "theme"


def test_good_practice_is_recorded_and_a_challenge_is_logged() -> None:
    more = (
        "owes:\n"
        "  - {id: praise, kind: record, title: Record the good practice, by: raising worker, when: theme is need, strength: may, rule: R}\n"
        "  - {id: log, kind: record, title: Enter it in the challenge log, by: partnership head, "
        "when: raised, strength: must, records: [challenge log], rule: R}\n"
    )
    case = case_of(
        small(("  - {id: boss, title: Boss}\n", "  - {id: boss, title: Boss}\n  - {id: head, title: Head, of: partnership}\n"), more=more)
    )
    assert {"case/praise", "case/log"} <= case.having()


def test_whichever_is_sooner_of_two_limits() -> None:
    both = duty(
        "id: reply, kind: letter, title: Reply, by: responding, to: raising, "
        "limit: 5 working days, cumulative: 6 calendar days from raised, strength: must, rule: R"
    )
    assert case_of(small(both)).due("1/reply") == "2026-11-29"


def test_a_question_of_several_agencies_or_of_one() -> None:
    more = (
        "owes:\n"
        "  - {id: circulate, kind: copy, title: Circulate, by: raising worker, to: both worker, "
        "when: more than 2 agencies, strength: should, rule: R}\n"
        "  - {id: own route, kind: guide, title: Use your own route, by: raising worker, when: same agency, strength: guide, rule: R}\n"
    )
    policy = small(more=more)
    assert "case/circulate" not in case_of(policy).having()
    three = make_case(policy, "2026-11-23 10:00", [SCHOOL, COUNCIL, {"agency": "third", "type": "school", "side": "responding"}])
    assert "case/circulate" in three.having()
    assert "case/own route" in make_case(policy, "2026-11-23 10:00", [{**COUNCIL, "side": "raising"}, COUNCIL]).having()


@pytest.mark.parametrize(
    ("nation", "raised", "due"),
    [
        ("England and Wales", "2027-03-25 10:00", "2027-04-05"),
        ("Scotland", "2027-03-25 10:00", "2027-04-02"),
        ("Scotland", "2026-11-27 10:00", "2026-12-07"),
        ("England and Wales", "2026-11-27 10:00", "2026-12-04"),
        ("Scotland", "2026-12-31 10:00", "2027-01-11"),
        ("England and Wales", "2026-12-31 10:00", "2027-01-08"),
        ("Northern Ireland", "2027-07-08 10:00", "2027-07-16"),
        ("Jersey", "2027-05-07 10:00", "2027-05-14"),
        ("Guernsey", "2027-05-07 10:00", "2027-05-14"),
        ("Isle of Man", "2027-06-10 10:00", "2027-06-17"),
    ],
)
def test_each_nation_has_its_own_holidays(nation: str, raised: str, due: str) -> None:
    assert case_of(small(more=f"calendar: {{nation: {nation}}}\n"), raised).due() == due


def test_local_closure_days_and_office_hours() -> None:
    closed = "calendar: {nation: Scotland, closures: [2026-12-24, 2026-12-29 to 2026-12-31]}\n"
    assert case_of(small(more=closed), "2026-12-22 10:00").due() == "2027-01-08"
    hours = "settings: {office hours: '08:00 to 16:00', out of hours: next working day}\n"
    assert case_of(small(more=hours), "2026-11-23 16:30").due() == "2026-12-01"
    assert case_of(small(more=hours), "2026-11-23 07:30").due() == "2026-11-30"


def test_one_regional_text_with_local_values() -> None:
    text = small_text(
        ("partnership: Somewhere", "partnership: <area> Partnership"),
        ("    limit: 5 working days\n    rule: R-1", "    limit: <first limit>\n    rule: R-1"),
    )
    north = load(text + "values:\n  area: North\n  first limit: 2 working days\n")
    south = load(text + "values:\n  area: South\n  first limit: 3 working days\n")
    assert (north.partnership, south.partnership) == ("North Partnership", "South Partnership")
    assert (case_of(north).due(), case_of(south).due()) == ("2026-11-25", "2026-11-26")
    with pytest.raises(PackError, match="<first limit> has no value"):
        load(text + "values:\n  area: North\n")
    with pytest.raises(PackError, match="Nothing in the pack uses"):
        load(text + "values:\n  area: North\n  first limit: 1 working day\n  lost: x\n")


def test_a_mistake_in_the_shape_of_values_is_said() -> None:
    with pytest.raises(PackError, match="name: text"):
        load(small_text(more="values: [a, b]\n"))


def test_reminders_may_be_the_pack_s_own() -> None:
    own = TALK.replace(
        "rule: R-2",
        "rule: R-2, reminders: [{id: ask, at: asked, to: owner}, {id: before, "
        "at: 2 working days before due, to: owner}, {id: overdue, at: 4 hours after due, to: deputy, urgent: yes}]",
    )
    case = case_of(small((TALK, own)))
    found = rungs(case.policy, case.owes("1/talk"), at("2026-11-23 10:00"))
    assert [(one.id, str(one.at)[:16], one.to, one.urgent) for one in found] == [
        ("ask", "2026-11-23 10:00", "owner", False),
        ("before", "2026-11-26 09:00", "owner", False),
        ("overdue", "2026-12-01 03:59", "deputy", True),
    ]


FROM_RAISED = ("    limit: 5 working days\n    rule: R-1", "    limit: 5 working days from raised\n    rule: R-1")


def test_what_was_late_before_it_was_owed_climbs_from_the_asking() -> None:
    case = case_of(small(FROM_RAISED)).add("closed", "settled", "2026-12-10 10:00").add("reopened", "1", "2026-12-16 10:00")
    talk = case.owes("1(2)/talk")
    assert (talk.status, str(talk.due.local_date) if talk.due else "") == ("overdue", "2026-11-30")
    found = rungs(case.policy, talk, at("2026-12-16 10:00"))
    assert [(one.id, str(one.at)[:16], one.to) for one in found] == [
        ("ask", "2026-12-16 10:00", "owner"),
        ("overdue", "2026-12-17 09:00", "owner"),
        ("next person", "2026-12-18 09:00", "deputy"),
        ("duty desk", "2026-12-21 09:00", "duty desk"),
        ("partnership", "2026-12-22 09:00", "partnership"),
    ]


def test_a_pack_s_own_ladder_climbs_from_the_asking_too() -> None:
    own = TALK.replace(
        "rule: R-2",
        "rule: R-2, reminders: [{id: ask, at: asked, to: owner}, {id: before, at: 2 working days before due, to: deputy}, "
        "{id: overdue, at: 4 hours after due, to: duty desk}, {id: partnership, at: 1 working day after due, to: partnership}]",
    )
    case = case_of(small(FROM_RAISED, (TALK, own))).add("closed", "settled", "2026-12-10 10:00")
    case.add("reopened", "1", "2026-12-16 10:00")
    found = rungs(case.policy, case.owes("1(2)/talk"), at("2026-12-16 10:00"))
    assert [(one.id, str(one.at)[:16]) for one in found] == [
        ("ask", "2026-12-16 10:00"),
        ("overdue", "2026-12-16 14:00"),
        ("partnership", "2026-12-17 09:00"),
    ]


def test_a_policy_is_short_to_print() -> None:
    policy = small()
    assert repr(policy) == f"Policy(id='small', version='1', hash='{policy.hash[:12]}')"


def test_a_stage_may_count_from_the_end_of_the_one_before_and_an_end_may_move_on() -> None:
    policy = small(("    limit: 5 working days\n    rule: R-3", "    limit: 5 working days from end of stage 1\n    rule: R-3"))
    assert case_of(policy).unresolved("1", "2026-11-24").due() == "2026-12-07"
    days = ("    limit: 5 working days\n    rule: R-1", "    limit: 5 calendar days\n    rule: R-1")
    assert case_of(small(days)).due() == "2026-11-28"
    assert case_of(small(days, more="settings: {end on a closed day: next working day}\n")).due() == "2026-11-30"


def test_a_limit_may_count_from_a_flag_which_counts_from_when_it_was_first_set() -> None:
    more = "flags:\n  - {id: missing, title: Missing, of: child}\n"
    tell = duty(
        "id: tell, kind: notice, title: Tell, by: raising, to: other, for each: child, when: flag missing, "
        "limit: 2 hours from flag missing, strength: must, rule: R"
    )
    case = case_of(small(tell, more=more), children=[child("c1"), child("c2", "missing")])
    case.fact("missing", "2026-11-24 09:00", value=True, child="c1").fact("missing", "2026-11-24 10:30", value=True, child="c1")
    assert (case.due("1/tell/c1"), case.due("1/tell/c2")) == ("2026-11-24 11:00", "2026-11-23 12:00")
    case.fact("child", "2026-11-24 10:40", child="c1", flags=["missing"]).fact("child", "2026-11-24 10:45", child="c3", flags=["missing"])
    assert (case.due("1/tell/c1"), case.due("1/tell/c3")) == ("2026-11-24 11:00", "2026-11-24 12:45")
