"""Birmingham, rule by rule; the worked example SD-B to the minute under both settings of C3."""

from __future__ import annotations

import pytest

from policies import pack, people
from tests.policies.making import CHARITY, COUNCIL, HOSPITAL, POLICE, SCHOOL, Case, changed, child, make_case, out_of_hours_next_day

B = "birmingham"
DECIDED = {"decision received": "2026-12-16T10:00:00+00:00"}


def before_christmas(policy: object = B, raised: str = "2026-12-18 17:40", **facts: object) -> Case:
    given = {"dates": DECIDED, "choices": {"first raised": "spoken"}, **facts}
    return make_case(policy, raised, **given)  # type: ignore[arg-type]  # a policy or its id


def at_stage_4() -> Case:
    case = before_christmas().unresolved("1", "2026-12-23").unresolved("2", "2026-12-29 15:00").unresolved("3a", "2027-01-04 16:00")
    return case.does("3b/exceptional", "2027-01-08 15:00").unresolved("3b", "2027-01-08 16:00")


def test_worked_example_stage_1() -> None:
    case = before_christmas()
    assert case.due("1/raise") == "2026-12-18"
    assert case.owes("1/raise").status == "done"
    assert case.owes("1/put in writing").strength == "should"
    assert case.due("1/speak") == "2026-12-23"
    assert case.ends("own limit", "1/speak") == case.ends("cumulative limit", "1/speak") == "2026-12-23"
    assert case.due("1/read file") == "2026-12-23"


def test_worked_example_when_evenings_count_as_the_next_working_day() -> None:
    case = before_christmas(out_of_hours_next_day(B))
    assert case.ends("own limit", "1/speak") == "2026-12-24"
    assert case.due("1/speak") == "2026-12-23"


def test_resolved_at_stage_1_the_letter_stands_outside_the_time() -> None:
    case = before_christmas().resolved("2026-12-23 15:00")
    assert case.due("case/confirmation 1") == "2026-12-29"
    assert [one.reason for one in case.owes("case/confirmation 1").clocks] == ["own limit"]
    assert case.owes("case/confirmation 1").owner.side == "responding"


def test_worked_example_stages_2_to_3b() -> None:
    case = before_christmas().unresolved("1", "2026-12-23 15:00")
    assert case.due() == case.ends("cumulative limit") == "2026-12-29"
    case.unresolved("2", "2026-12-29 15:00")
    assert case.due("3a/refer") == "2026-12-30 15:00"
    assert {"3a/copy to head of safeguarding", "3a/copy to business manager"} <= case.having()
    assert case.owes("3a/meet").status == "not yet"
    case.does("3a/refer", "2026-12-30 14:00")
    assert case.due("3a/meet") == case.ends("cumulative limit") == "2027-01-04"
    case.unresolved("3a", "2027-01-04 16:00")
    assert case.due("3b/take to director/raising") == "2027-01-06"
    case.does("3b/take to director/raising", "2027-01-06").does("3b/take to director/responding", "2027-01-06")
    assert case.due("3b/write") == case.due("3b/meet") == case.ends("cumulative limit") == "2027-01-08"
    assert case.due() == "2027-01-08"
    assert any("4 days" in text and "2 days" in text for text in case.warned("conflict"))


def test_the_flow_chart_value_of_3b_would_end_earlier() -> None:
    case = before_christmas(changed(B, ("limit: 4 working days", "limit: 2 working days"))).unresolved("1", "2026-12-23")
    case.unresolved("2", "2026-12-29").unresolved("3a", "2027-01-04")
    assert case.due() == "2027-01-06"


def test_worked_example_stage_4() -> None:
    case = at_stage_4()
    assert case.state().stage == "4"
    assert case.due("4/write to chair") == "2027-01-12"
    assert case.owes("4/decide").status == "not yet"
    case.does("4/write to chair", "2027-01-12 09:00")
    assert case.due("4/decide") == case.ends("cumulative limit") == "2027-01-19"
    case.does("4/ask for views", "2027-01-12 12:00")
    assert {"4/views/raising", "4/views/responding"} <= case.having()
    case.resolved("2027-01-19 12:00", "decided")
    assert case.state().binding == "final and binding"
    assert case.owes("4/decide").status == "done"


def test_a_late_raise_opens_and_is_marked_late() -> None:
    case = before_christmas(raised="2026-12-21 10:00")
    assert case.owes("1/raise").status == "done late"
    assert case.state().status == "open"
    assert case.ends("own limit", "1/speak") == "2026-12-24"
    assert case.due("1/speak") == "2026-12-23"
    assert case.owes("1/speak").due.reason == "cumulative limit"  # type: ignore[union-attr]  # there is one


def test_a_date_that_makes_no_sense_is_left_out_and_said() -> None:
    case = before_christmas(dates={"decision received": "the other day"})
    assert case.due("1/raise") == "2026-12-22"
    assert case.warned("unreadable")


def test_an_early_finish_lets_the_stage_s_own_clock_bind() -> None:
    case = before_christmas(raised="2026-12-16 11:00").unresolved("1", "2026-12-16 16:00")
    assert (case.due(), case.ends("cumulative limit")) == ("2026-12-18", "2026-12-29")


def test_hours_that_end_on_a_bank_holiday_are_shown() -> None:
    case = before_christmas().unresolved("1", "2026-12-23").unresolved("2", "2026-12-31 16:00")
    assert case.ends("own limit", "3a/refer") == "2027-01-01"
    assert any("Friday 1 January 2027" in text for text in case.warned("hours"))


def test_no_officer_is_told_even_of_a_looked_after_child() -> None:
    case = before_christmas(children=[child("c1", officer="p7")]).unresolved("1", "2026-12-23").unresolved("2", "2026-12-29")
    assert not [one for one in case.state().obligations if any(party.person for party in one.to)]


def test_written_first_owes_no_second_letter() -> None:
    assert "1/put in writing" not in before_christmas(choices={"first raised": "written"}).having()


def test_both_flags_refer_and_immediate_risk_tells_the_lead_too() -> None:
    harm = before_christmas(flags=["significant harm"])
    assert "case/refer to front door" in harm.having()
    assert "case/tell safeguarding lead" not in harm.having()
    risk = before_christmas(flags=["immediate risk"])
    assert {"case/refer to front door", "case/tell safeguarding lead"} <= risk.having()
    assert risk.state().stage == "1"


@pytest.mark.parametrize(
    ("stages", "stage", "role"), [(0, "1", "practitioner"), (1, "2", "manager"), (2, "3a", "senior manager"), (3, "3b", "director")]
)
def test_the_receiving_side_confirms_at_every_stage_within_two_working_days(stages: int, stage: str, role: str) -> None:
    case = before_christmas()
    for name in ("1", "2", "3a")[:stages]:
        case.unresolved(name, "2026-12-21")
    case.resolved("2026-12-22")
    owed = [one for one in case.state().obligations if one.kind == "confirmation"]
    assert [(one.id, one.owner.side, one.owner.role) for one in owed] == [(f"confirmation {stage}", "responding", role)]
    assert case.due(owed[0].key) == "2026-12-24"


def test_only_the_raising_director_opens_stage_4_and_only_with_a_reason() -> None:
    case = before_christmas().unresolved("1", "2026-12-23").unresolved("2", "2026-12-29").unresolved("3a", "2027-01-04")
    move = next(one for one in case.state().moves if one.key == "escalate/4")
    assert ([(one.side, one.role) for one in move.by], move.open) == ([("raising", "director")], False)
    case.does("3b/exceptional", "2027-01-05")
    case.add("unresolved", "3b", "2027-01-05", side="responding")
    assert case.state().stage == "3b"
    case.add("unresolved", "3b", "2027-01-05 13:00", side="raising")
    assert case.state().stage == "4"


def test_a_move_after_the_guard_opened_keeps_the_director_s_two_days() -> None:
    case = before_christmas().unresolved("1", "2026-12-23").unresolved("2", "2026-12-29").unresolved("3a", "2027-01-04")
    case.unresolved("3b", "2027-01-08 16:00").does("3b/exceptional", "2027-01-11").add("moved", "4", "2027-01-11")
    assert case.due("4/write to chair") == "2027-01-12"


def test_head_teachers_leads_and_police_ranks_come_from_the_table() -> None:
    policy = pack(B)
    for stage in ("2", "3a", "3b"):
        assert [one.title for one in people(policy, stage, "raising", "school")] == ["head teacher", "principal"]
        assert [one.title for one in people(policy, stage, "raising", "self-employed")] == ["safeguarding lead"]
    assert [one.title for one in people(policy, "3b", "responding", "police")] == ["Superintendent", "Chief Superintendent"]
    case = make_case(B, "2026-12-18", [SCHOOL, POLICE]).unresolved("1", "2026-12-18").unresolved("2", "2026-12-18")
    assert case.owes("3a/meet").owner.side == "both"
    assert case.owes("3a/written record/responding").owner.title == "Detective Inspector"


def test_several_agencies_may_raise_it_against_one() -> None:
    case = make_case(B, "2026-12-18", [SCHOOL, CHARITY, {**HOSPITAL, "side": "raising"}, COUNCIL]).resolved("2026-12-18 15:00")
    assert len([one for one in case.state().obligations if one.id == "record"]) == 4
    assert case.owes("1/raise").owner.agency == ""


def test_the_headline_is_a_cap_that_ends_at_stage_4() -> None:
    case = before_christmas()
    assert case.ends("overall cap") == "2027-01-08"
    assert not [one for one in at_stage_4().state().clocks if one.reason == "overall cap"]


def test_gaps_go_to_both_addressees() -> None:
    case = before_christmas().resolved("2026-12-22")
    assert [party.role for party in case.owes("case/policy gap").to] == ["business manager", "chair"]
    assert case.owes("case/policy gap").strength == "should"


def test_a_protective_date_shortens_every_stage() -> None:
    case = before_christmas().fact("protective date", "2026-12-18 17:45", value="2026-12-21T12:00:00+00:00")
    assert case.due() == case.due("1/speak") == "2026-12-21 12:00"
    case.unresolved("1", "2026-12-22")
    assert case.due() == "2026-12-24"


def test_each_discussion_is_recorded_approved_and_dated() -> None:
    duty = pack(B).duty_by_place["3a/written record"]
    assert (duty.strength, duty.records) == ("must", ("child file",))
    assert "approved and dated by the writer" in duty.asks


def test_each_practitioner_goes_to_the_own_manager() -> None:
    case = before_christmas().unresolved("1", "2026-12-23")
    assert {"2/tell manager/raising", "2/tell manager/responding"} <= case.having()
    assert case.owes("case/involve lead").private
    assert "designated safeguarding lead of each agency" in case.policy.contacts


def test_a_settlement_between_directors_is_not_called_binding() -> None:
    case = before_christmas().unresolved("1", "2026-12-23").unresolved("2", "2026-12-29").unresolved("3a", "2027-01-04")
    assert case.resolved("2027-01-05").state().binding == ""
