"""Gloucestershire, rule by rule; the worked example SD-G to the minute under both settings of C3."""

from __future__ import annotations

import pytest

from policies import Viewer, next_steps, pack, panel_problems, people, rungs, view
from tests.policies.making import CHARITY, COUNCIL, HOSPITAL, POLICE, SCHOOL, Case, at, changed, child, make_case, out_of_hours_next_day

G = "gloucestershire"
SIBLINGS = [child("c1", "looked after", officer="p7"), child("c2", "on protection plan", officer="p8")]


def friday_before_easter(policy: object = G) -> Case:
    return make_case(policy, "2027-03-19 18:10", children=SIBLINGS)  # type: ignore[arg-type]  # a policy or its id


def at_stage_3() -> Case:
    return friday_before_easter().unresolved("1", "2027-03-30").unresolved("2", "2027-04-06")


def test_worked_example_in_its_own_days() -> None:
    case = friday_before_easter()
    assert case.due() == "2027-03-30"
    case.unresolved("1", "2027-03-30 16:00")
    assert (case.state().stage, case.due()) == ("2", "2027-04-06")
    assert {"2/tell reviewing officer/p7", "2/tell reviewing officer/p8"} <= case.having()
    case.unresolved("2", "2027-04-06 16:00")
    assert (case.state().stage, case.due()) == ("3", "2027-04-13")
    assert {"3/tell business manager", "3/business manager record", "3/action plan"} <= case.having()
    case.does("3/tell business manager", "2027-04-06 16:05")
    assert "3/pass on" in case.having()
    case.unresolved("3", "2027-04-13 16:00")
    assert case.state().stage == "3"
    for side in ("raising", "responding"):
        case.does(f"3/tiers exhausted/{side}", "2027-04-13 16:10")
    case.does("3/board members involved", "2027-04-13 16:20").add("moved", "4", "2027-04-13 16:30", side="raising")
    assert (case.state().stage, case.due()) == ("4", "2027-04-27")


def test_worked_example_when_evenings_count_as_the_next_working_day() -> None:
    case = friday_before_easter(out_of_hours_next_day(G))
    assert case.due() == "2027-03-31"
    case.unresolved("1", "2027-03-31 16:00")
    assert case.due() == "2027-04-07"


def test_a_protective_date_shortens_and_never_lengthens() -> None:
    case = friday_before_easter().fact("protective date", "2027-03-19 18:15", value="2027-03-22T12:00:00+00:00")
    assert case.due() == "2027-03-22 12:00"
    assert case.state().due.reason == "protective date"  # type: ignore[union-attr]  # there is one
    assert case.due("1/discuss") == "2027-03-22 12:00"
    later = friday_before_easter().fact("protective date", "2027-03-19 18:15", value="2027-04-09T12:00:00+01:00")
    assert later.due() == "2027-03-30"


def test_the_week_is_a_guide_and_binds_nothing() -> None:
    case = friday_before_easter()
    assert case.due("case/week") == "2027-03-30"
    assert case.owes("case/week").strength == "guide"
    case.unresolved("1", "2027-03-30 16:00").unresolved("2", "2027-04-06 16:00")
    assert "case/week" not in case.having("overdue", "2027-04-07")
    assert any("1.6" in text for text in case.warned("conflict"))


def test_immediate_harm_owes_telling_the_own_lead_and_skips_nothing() -> None:
    case = make_case(G, "2026-11-23 10:00", flags=["immediate harm"])
    told = case.owes("case/tell safeguarding lead")
    assert (told.strength, told.at_once, told.due, told.to[0].agency) == ("should", True, None, "school")
    assert case.state().stage == "1"
    assert next_steps(case.state(), case.policy)[0] is not None
    assert next_steps(case.state(), case.policy)[0].id == "tell safeguarding lead"
    theirs = view(case.state(), Viewer("council", "responding"))
    assert "case/tell safeguarding lead" not in {one.key for one in theirs.obligations}
    ours = view(case.state(), Viewer("school", "raising"))
    assert "case/tell safeguarding lead" in {one.key for one in ours.obligations}


def test_inaction_can_be_chosen_and_mail_is_no_way_to_talk() -> None:
    policy = pack(G)
    assert "need for inaction" in {one.id for one in policy.themes}
    assert {one.id for one in policy.modes} == {"face to face", "telephone"}
    assert [one.id for one in policy.redirects] == ["inside one agency"]
    assert policy.emergency is not None
    assert policy.emergency.flag == "immediate harm"


def test_stage_1_asks_both_to_talk_and_the_other_to_answer() -> None:
    case = friday_before_easter()
    assert (case.owes("1/discuss").owner.side, case.owes("1/discuss").strength) == ("both", "must")
    answer = case.owes("1/answer")
    assert (answer.owner.side, answer.owner.agency, answer.form) == ("responding", "council", "response")
    duty = pack(G).duty_by_place["1/discuss"]
    assert len(duty.asks) == 3
    assert duty.asks == pack(G).duty_by_place["2/discuss"].asks


def test_asking_a_supervisor_is_advice_and_is_never_overdue() -> None:
    case = friday_before_easter()
    assert case.owes("1/ask supervisor", "2027-05-01").status == "owed"
    assert case.owes("1/ask supervisor").private


def test_both_line_managers_are_asked() -> None:
    case = friday_before_easter().unresolved("1", "2027-03-30")
    assert {"2/discuss/raising", "2/discuss/responding"} <= case.having()
    assert case.owes("2/discuss/responding").owner.agency == "council"
    assert case.owes("2/tell manager").automatic


def test_the_meeting_is_considered_and_if_held_follows_the_guidance() -> None:
    case = friday_before_easter().unresolved("1", "2027-03-30")
    assert "2/follow guidance" not in case.having()
    case.does("2/consider meeting", "2027-03-31", meeting="held")
    assert case.owes("2/follow guidance").strength == "must"
    no = friday_before_easter().unresolved("1", "2027-03-30").does("2/consider meeting", "2027-03-31", meeting="not held")
    assert "2/follow guidance" not in no.having()
    assert no.owes("2/consider meeting").status == "done"


def test_no_reviewing_officer_is_told_of_a_child_with_neither_flag() -> None:
    case = make_case(G, "2026-11-23 10:00", children=[child("c1", officer="p7")]).unresolved("1", "2026-11-24")
    assert not [key for key in case.having() if "reviewing officer" in key]


def test_a_flag_set_late_owes_its_notice_exactly_once() -> None:
    case = make_case(G, "2026-11-23 10:00", children=[child("c1", officer="p7")])
    case.unresolved("1", "2026-11-24").unresolved("2", "2026-11-25").fact("looked after", "2026-11-26 09:30", value=True, child="c1")
    told = case.owes("2/tell reviewing officer/p7")
    assert (told.since, told.status, told.to[0].person) == (at("2026-11-26 09:30"), "owed", "p7")
    case.does("2/tell reviewing officer/p7", "2026-11-26 09:31")
    case.fact("looked after", "2026-11-27", value=False, child="c1").fact("on protection plan", "2026-11-28", value=True, child="c1")
    assert [one.status for one in case.state().obligations if one.id == "tell reviewing officer"] == ["done"]


def test_a_flag_taken_back_before_the_notice_ends_it_in_the_open() -> None:
    case = make_case(G, "2026-11-23 10:00", children=[child("c1", "looked after", officer="p7")]).unresolved("1", "2026-11-24")
    case.fact("looked after", "2026-11-25", value=False, child="c1")
    told = case.owes("2/tell reviewing officer/p7")
    assert told.status == "no longer applies"
    assert told.note


def test_the_officer_is_told_also_when_stage_2_is_passed_over() -> None:
    case = make_case(G, "2026-11-23 10:00", children=SIBLINGS).add("moved", "3", "2026-11-23 11:00", side="raising")
    assert {"2/tell reviewing officer/p7", "2/tell reviewing officer/p8"} <= case.having()
    assert "2/discuss/raising" not in case.having()


def test_siblings_with_one_officer_owe_one_notice() -> None:
    both = [child("c1", "looked after", officer="p7"), child("c2", "looked after", officer="p7")]
    case = make_case(G, "2026-11-23 10:00", children=both).unresolved("1", "2026-11-24")
    assert [key for key in case.having() if "reviewing officer" in key] == ["2/tell reviewing officer/p7"]


def test_a_child_whose_officer_is_not_known_still_owes_a_notice() -> None:
    case = make_case(G, "2026-11-23 10:00", children=[child("c1", "looked after")]).unresolved("1", "2026-11-24")
    assert "2/tell reviewing officer/of c1" in case.having()
    case.fact("officer", "2026-11-25", child="c1", value="p9")
    assert [key for key in case.having() if "reviewing officer" in key] == ["2/tell reviewing officer/p9"]
    told = make_case(G, "2026-11-23 10:00", children=[child("c1", "looked after")]).unresolved("1", "2026-11-24")
    told.does("2/tell reviewing officer/of c1", "2026-11-24 15:00").fact("officer", "2026-11-25", child="c1", value="p9")
    assert not [key for key in told.having() if "reviewing officer" in key]


def test_stage_4_is_closed_until_tiers_and_board_members_have_tried() -> None:
    case = at_stage_3()
    escalate = next(one for one in case.state().moves if one.key == "escalate/4")
    assert [reason.guard for reason in escalate.closed_because] == ["4/tiers exhausted", "4/board members involved"]
    assert [who.side for who in escalate.by] == ["raising"]
    case.does("3/tiers exhausted/raising", "2027-04-07")
    assert not next(one for one in case.state().moves if one.key == "escalate/4").open
    case.does("3/tiers exhausted/responding", "2027-04-07").does("3/board members involved", "2027-04-07")
    assert next(one for one in case.state().moves if one.key == "escalate/4").open
    case.unresolved("3", "2027-04-08")
    assert case.state().stage == "4"


def test_the_other_side_cannot_take_it_to_the_chair() -> None:
    case = at_stage_3()
    for key in ("3/tiers exhausted/raising", "3/tiers exhausted/responding", "3/board members involved"):
        case.does(key, "2027-04-07")
    case.add("unresolved", "3", "2027-04-08", side="responding")
    assert case.state().stage == "3"


def test_a_guard_can_be_set_aside_with_a_reason_and_that_is_shown() -> None:
    case = at_stage_3().add("overridden", "4/tiers exhausted", "2027-04-07").add("overridden", "4/board members involved", "2027-04-07")
    assert next(one for one in case.state().moves if one.key == "escalate/4").open
    case.add("moved", "4", "2027-04-07 12:30")
    assert case.state().stage == "4"
    assert len(case.warned("overridden")) == 2


def test_a_move_past_a_guard_is_taken_as_fact_and_remarked_on() -> None:
    case = at_stage_3().add("moved", "4", "2027-04-07")
    assert case.state().stage == "4"
    assert len(case.warned("guard")) == 2


def test_tiers_repeat_the_talk_and_not_the_notices_within_one_limit() -> None:
    case = at_stage_3().does("3/discuss/raising", "2027-04-07").does("3/tell business manager", "2027-04-07")
    case.add("moved", "3", "2027-04-08", tier=2)
    state = case.state()
    assert "3(2)/discuss/raising" in case.having()
    assert "3/discuss/responding" in case.having("no longer applies")
    assert [one.key for one in state.obligations if one.id == "tell business manager"] == ["3/tell business manager"]
    assert case.due() == "2027-04-13"
    assert [spell.tier for spell in state.spells if spell.stage == "3"] == [1, 2]
    case.does("3/tiers exhausted/raising", "2027-04-08").does("3/tiers exhausted/responding", "2027-04-08")
    assert "4/tiers exhausted" in [
        reason.guard for move in case.state().moves if move.key == "escalate/4" for reason in move.closed_because
    ]


def test_the_business_manager_is_told_and_passes_it_on() -> None:
    case = at_stage_3()
    told, record = case.owes("3/tell business manager"), case.owes("3/business manager record")
    assert (told.strength, record.strength) == ("must", "should")
    assert told.owner.side == "raising"
    case.does("3/business manager record", "2027-04-07")
    passed = case.owes("3/pass on")
    assert (passed.owner.role, passed.strength) == ("business manager", "should")
    assert len([text for text in case.warned("conflict") if "Business Manager" in text]) == 3


def test_a_panel_that_cannot_be_formed_says_why() -> None:
    policy = pack(G)
    council = {**COUNCIL, "side": "responding"}
    seats = [COUNCIL, POLICE, HOSPITAL]
    found = panel_problems(policy, "resolution panel", [CHARITY, council], seats)
    assert any("charity" in text and "is not a member of the full Board" in text for text in found)
    assert any("has no seat" in text for text in found)
    case = make_case(G, "2026-11-23 10:00", parties=[CHARITY, COUNCIL]).add("moved", "4", "2026-11-24")
    assert case.warned("panel")
    panel = next(one for one in case.state().moves if one.key == "choose/route/panel")
    assert not panel.open
    case.add("overridden", "choose/route/panel", "2026-11-25")
    assert next(one for one in case.state().moves if one.key == "choose/route/panel").open


def test_a_panel_of_three_board_members_with_both_sides_fits() -> None:
    assert panel_problems(pack(G), "resolution panel", [SCHOOL, COUNCIL], [SCHOOL, COUNCIL, POLICE]) == ()
    assert panel_problems(pack(G), "resolution panel", [SCHOOL, COUNCIL], [SCHOOL, COUNCIL]) != ()
    assert panel_problems(pack(G), "resolution panel", [SCHOOL, COUNCIL], [SCHOOL, COUNCIL, COUNCIL]) != ()
    four = [SCHOOL, COUNCIL, POLICE, HOSPITAL]
    assert any("4 agencies" in text for text in panel_problems(pack(G), "resolution panel", four))


def test_the_reading_of_the_panel_rule_can_be_changed_in_the_pack() -> None:
    fixed = changed(G, ("    seats: 3\n", "    seats: 3\n    fixed: [local authority, police, secondary health]\n"))
    found = panel_problems(fixed, "resolution panel", [SCHOOL, COUNCIL])
    assert any("fixed" in text for text in found)


def test_the_chair_chooses_between_talking_and_a_panel() -> None:
    case = make_case(G, "2026-11-23 10:00").add("moved", "4", "2026-11-24")
    assert case.owes("4/refer").strength == "must"
    case.fact("route", "2026-11-25", value="panel")
    assert "4/panel" in case.having()
    assert "4/chair talks" not in case.having()
    assert case.owes("4/choose route").status == "done"
    case.fact("route", "2026-11-26", value="direct")
    assert "4/chair talks" in case.having()
    assert "4/panel" in case.having("no longer applies")
    case.resolved("2026-11-27", "decided")
    assert case.state().binding == ""


@pytest.mark.parametrize("outcome", ["resolved", "reasons understood", "partly resolved"])
def test_settled_is_not_closed_before_the_written_confirmation(outcome: str) -> None:
    case = friday_before_easter().resolved("2027-03-24", outcome)
    state = case.state()
    assert (state.status, state.outcome, state.due) == ("settled", outcome, None)
    close = next(one for one in state.moves if one.kind == "close")
    assert [reason.guard for reason in close.closed_because] == ["close/case/confirmation"]
    case.does("case/confirmation", "2027-03-25")
    assert next(one for one in case.state().moves if one.kind == "close").open
    case.add("closed", outcome, "2027-03-25 13:00")
    assert case.state().status == "closed"
    assert "case/debrief" in case.having()


def test_the_outcome_is_owed_on_the_file_of_every_agency() -> None:
    case = friday_before_easter().resolved("2027-03-24")
    assert {"case/record/school", "case/record/council"} <= case.having()
    assert case.owes("case/record/council").automatic
    assert case.owes("case/record/council").owner.agency == "council"
    case.does("case/record/council", "2027-03-24")
    assert case.owes("case/record/school").status == "owed"


def test_what_was_decided_is_written_down_and_shared_at_each_stage() -> None:
    case = friday_before_easter()
    assert "1/written record/raising" not in {one.key for one in case.state().obligations}
    case.does("1/discuss", "2027-03-22")
    record = case.owes("1/written record/responding")
    assert (record.status, record.done_seq, record.strength) == ("done", 2, "must")
    assert record.to[0].agency == "school"
    case.unresolved("1", "2027-03-23").does("2/discuss/raising", "2027-03-24")
    assert case.owes("2/written record/raising").status == "done"


def test_a_withdrawn_case_owes_no_confirmation_and_still_a_record() -> None:
    case = friday_before_easter().resolved("2027-03-24", "withdrawn")
    assert "case/confirmation" not in case.having()
    assert "case/record/school" in case.having()
    assert next(one for one in case.state().moves if one.kind == "close").open


def test_an_expired_stage_stays_open_and_says_so() -> None:
    case = friday_before_easter()
    late = case.state("2027-06-01")
    assert (late.status, late.stage) == ("open", "1")
    assert {"1/discuss", "1/settle"} <= case.having("overdue", "2027-06-01")
    assert all(one.owner.side != "none" for one in late.obligations)


def test_closing_too_early_or_with_the_wrong_outcome_is_taken_and_said() -> None:
    case = friday_before_easter().resolved("2027-03-24", "decided").add("closed", "decided", "2027-03-24 13:00")
    assert case.state().status == "closed"
    assert any("point of the process" in text for text in case.warned("outcome"))
    assert any("still to do" in text for text in case.warned("closed"))


def test_an_event_that_makes_no_sense_breaks_nothing_and_is_said() -> None:
    case = friday_before_easter().fact("protective date", "2027-03-20", value="soon").fact("party", "2027-03-20").fact("moon", "2027-03-20")
    case.add("moved", "17", "2027-03-20").add("resolved", "love", "2027-03-21").does("1/sing", "2027-03-21")
    case.fact("protective date", "2027-03-21", value="9999-12-31T23:00:00+00:00")
    assert case.state().status == "settled"
    case.add("moved", "1", "2027-03-21", tier="high")
    assert case.state().status == "settled"
    assert len(case.warned("unreadable")) == 4
    assert len(case.warned("unknown")) == 4


def test_a_panel_that_was_held_is_compared_with_the_rule() -> None:
    case = make_case(G, "2026-11-23 10:00").add("moved", "4", "2026-11-24").fact("route", "2026-11-25", value="panel")
    good = Case(case.policy, [*case.events]).does("4/panel", "2026-11-26", seats=[SCHOOL, COUNCIL, POLICE])
    assert good.warned("panel") == []
    assert len(Case(case.policy, [*case.events]).does("4/panel", "2026-11-26", seats=[SCHOOL, POLICE]).warned("panel")) == 2
    assert Case(case.policy, [*case.events]).does("4/panel", "2026-11-26", seats=[7, {}]).warned("panel")
    assert Case(case.policy, [*case.events]).does("4/panel", "2026-11-26", seats="all").warned("panel")


def test_a_case_may_begin_higher_up_only_where_the_policy_says_so() -> None:
    assert make_case(G, "2026-11-23 10:00", start="3").warned("start")
    assert make_case(G, "2026-11-23 10:00", start="17").warned("unknown")
    assert not make_case(G, "2026-11-23 10:00", start="1").warned("start")


def test_reopening_goes_on_with_new_clocks_and_owes_a_new_confirmation() -> None:
    case = friday_before_easter().resolved("2027-03-24").does("case/confirmation", "2027-03-24").add("closed", "resolved", "2027-03-24")
    case.add("reopened", "2", "2027-04-01")
    assert (case.state().status, case.state().stage, case.due()) == ("open", "2", "2027-04-08")
    case.resolved("2027-04-02")
    assert case.owes("case/confirmation").status == "done"
    assert case.owes("case(2)/confirmation").status == "owed"


def test_a_mistake_is_corrected_and_the_record_of_it_stays() -> None:
    case = friday_before_easter().fact("protective date", "2027-03-19 18:15", value="2027-03-22T12:00:00+00:00")
    case.add("corrected", "2", "2027-03-20", void=True)
    assert case.due() == "2027-03-30"
    case.does("1/discuss", "2027-04-01").add("corrected", "4", "2027-04-02", at="2027-03-29T10:00:00+01:00")
    assert case.owes("1/discuss").status == "done"
    assert len(case.events) == 5


def test_done_late_is_marked_late_and_stays_so_when_dates_change_afterwards() -> None:
    case = friday_before_easter().does("1/discuss", "2027-03-30 23:59").does("1/answer", "2027-03-31 00:00")
    assert (case.owes("1/discuss").status, case.owes("1/answer").status) == ("done", "done late")
    case.fact("protective date", "2027-03-31 09:00", value="2027-03-31T12:00:00+00:00")
    assert case.owes("1/discuss").status == "done"


def test_a_binding_date_is_explained() -> None:
    state = friday_before_easter().state()
    assert "Due by the end of Tuesday 30 March 2027" in state.binds_because
    assert "5 working days" in state.binds_because
    assert "Friday 19 March 2027" in state.binds_because


def test_several_agencies_may_raise_and_several_respond() -> None:
    third = {**CHARITY, "traits": ["board member"]}
    case = make_case(G, "2026-11-23 10:00", parties=[SCHOOL, third, COUNCIL, POLICE])
    assert case.owes("1/discuss").owner.agency == ""
    case.fact("party", "2026-11-24", **HOSPITAL)
    case.resolved("2026-11-25")
    records = {one.key for one in case.state().obligations if one.id == "record"}
    assert records == {f"case/record/{name}" for name in ("school", "charity", "council", "police", "hospital")}


def test_who_acts_is_looked_up_by_stage() -> None:
    found = people(pack(G), "2", "responding", "school")
    assert [(one.role, one.side) for one in found] == [("manager", "responding")]


def test_a_missed_must_climbs_and_a_should_stops_at_the_deputy() -> None:
    case = friday_before_easter()
    must = rungs(case.policy, case.owes("1/discuss"), at("2027-03-19 18:11"))
    assert [one.id for one in must] == ["ask", "before", "on the day", "overdue", "next person", "duty desk", "partnership"]
    assert [str(one.at)[:16] for one in must] == [
        "2027-03-19 18:10", "2027-03-25 09:00", "2027-03-30 08:00", "2027-03-31 08:00", "2027-04-01 08:00", "2027-04-02 08:00",
        "2027-04-05 08:00",
    ]  # fmt: skip
    should = rungs(case.policy, case.owes("1/answer"), at("2027-03-19 18:11"))
    assert [one.to for one in should][-2:] == ["owner", "deputy"]
    guide = rungs(case.policy, case.owes("case/week"), at("2027-03-19 18:11"))
    assert [one.id for one in guide] == ["on the day"]


def test_nobody_is_asked_for_an_offer_or_for_an_end_before_its_time() -> None:
    case = friday_before_easter()
    assert rungs(case.policy, case.owes("1/ask supervisor"), at("2027-03-19 18:11")) == ()
    assert rungs(case.policy, case.owes("1/settle"), at("2027-03-19 18:11"))[0].id == "before"
    chair = make_case(G, "2026-11-23 10:00").add("moved", "4", "2026-11-24").owes("4/choose route")
    assert [one.id for one in rungs(case.policy, chair, at("2026-11-24 12:00"))] == ["ask"]


def test_an_automatic_notice_only_tells_and_nothing_chases_what_is_done() -> None:
    case = friday_before_easter().unresolved("1", "2027-03-30")
    told = rungs(case.policy, case.owes("2/tell reviewing officer/p7"), at("2027-03-30 12:00"))
    assert [(one.id, one.to, one.urgent) for one in told] == [("tell", "recipient", True)]
    case.does("2/tell reviewing officer/p7", "2027-03-30 12:01")
    assert rungs(case.policy, case.owes("2/tell reviewing officer/p7"), at("2027-03-30 12:02")) == ()


def test_after_a_silence_nobody_gets_every_reminder_at_once() -> None:
    case = friday_before_easter()
    late = rungs(case.policy, case.owes("1/discuss", "2027-06-01"), at("2027-06-01 10:00"))
    assert [one.id for one in late] == ["ask", "overdue", "next person", "duty desk", "partnership"]


def test_the_coordinator_sees_every_step_and_no_officer_or_child() -> None:
    case = friday_before_easter().unresolved("1", "2027-03-30")
    seen = view(case.state(), Viewer("board", "partnership", coordinator=True))
    notices = [one for one in seen.obligations if one.id == "tell reviewing officer"]
    assert len(notices) == 2
    assert all(not one.child and not one.to[0].person for one in notices)
    assert not any(one.private for one in seen.obligations)


def test_stage_3_asks_for_a_plan_and_may_meet_again() -> None:
    case = at_stage_3()
    assert (case.owes("3/action plan").strength, case.owes("3/action plan").form) == ("should", "action-plan")
    assert case.owes("3/consider meeting").strength == "may"
    assert pack(G).duty_by_place["3/action plan"].asks == ("actions", "who will do each", "by when")


def test_a_case_settled_the_same_day_still_leaves_a_record() -> None:
    case = make_case(G, "2026-11-23 10:00").does("1/discuss", "2026-11-23 10:30", mode="telephone").resolved("2026-11-23 10:35")
    assert [spell.stage for spell in case.state().spells] == ["1"]
    assert {"case/record/school", "case/record/council"} <= case.having()
    assert "counts" in pack(G).statistics[0].text


def test_what_is_owed_is_read_soonest_first_and_what_may_be_done_last() -> None:
    case = make_case(G, "2026-11-23 10:00", flags=["immediate harm"], children=SIBLINGS).unresolved("1", "2026-11-24")
    case.fact("protective date", "2026-11-24 12:30", value="2026-11-26T12:00:00+00:00")
    steps = next_steps(case.state(), case.policy)
    assert [one.id for one in steps[:3]] == ["tell reviewing officer", "tell reviewing officer", "tell safeguarding lead"]
    dated = [one.due.at for one in steps if one.due is not None and one.strength in ("must", "should")]
    assert dated == sorted(dated)
    assert [one.strength for one in steps][-1] in ("may", "guide")
    with pytest.raises(ValueError, match="made under"):
        next_steps(case.state(), pack("havering"))
