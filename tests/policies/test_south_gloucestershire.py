"""South Gloucestershire, rule by rule; the worked example SD-SG to the minute under both settings of C3."""

from __future__ import annotations

import pytest

from policies import evaluate, pack, panel_problems, people
from tests.policies.making import CHARITY, COUNCIL, HOSPITAL, SCHOOL, Case, at, changed, child, make_case, out_of_hours_next_day

SG = "south-gloucestershire"
CONSIDERED = {"concern first considered": "2027-05-28T17:45:00+01:00"}


def friday_before_a_bank_holiday(policy: object = SG) -> Case:
    return make_case(policy, "2027-05-28 18:00", dates=CONSIDERED)  # type: ignore[arg-type]  # a policy or its id


def test_worked_example_in_its_own_days() -> None:
    case = friday_before_a_bank_holiday()
    assert case.due("1/discuss") == "2027-05-29 17:45"
    assert case.due() == "2027-06-01"
    assert case.ends("overall cap") == "2027-06-07"
    case.does("1/discuss", "2027-05-29 11:00", result="not agreed")
    case.does("1/report/raising", "2027-06-01 09:30").does("1/report/responding", "2027-06-01 10:00")
    talk = case.owes("1/managers talk/raising")
    assert {(one.reason, str(one.at)[:16]) for one in talk.clocks} >= {
        ("own limit", "2027-06-02 09:00"),
        ("stage limit", "2027-06-01 22:59"),
    }
    assert "1/managers talk/responding" in case.having()
    case.unresolved("1", "2027-06-01 17:00")
    assert case.due() == "2027-06-03"
    case.unresolved("2", "2027-06-03 17:00")
    assert case.ends("stage limit") == "2027-06-08"
    assert case.due() == "2027-06-07"
    assert case.state().due.reason == "overall cap"  # type: ignore[union-attr]  # there is one
    assert "all stages together" in case.state().binds_because
    case.unresolved("3", "2027-06-07 17:00")
    assert (case.state().stage, case.due()) == ("4", "2027-06-14")
    assert not [one for one in case.state().clocks if one.reason == "overall cap"]


def test_worked_example_when_evenings_count_as_the_next_working_day() -> None:
    case = friday_before_a_bank_holiday(out_of_hours_next_day(SG))
    assert case.due() == "2027-06-02"
    assert case.ends("overall cap") == "2027-06-08"
    assert case.due("1/discuss") == "2027-05-29 17:45"


def test_the_cumulative_reading_is_a_change_of_three_phrases() -> None:
    outset = "from concern first considered or raised\n"
    policy = changed(
        SG, ("limit: 2 working days\n", f"limit: 2 working days {outset}"), ("limit: 3 working days\n", f"limit: 3 working days {outset}")
    )
    case = friday_before_a_bank_holiday(policy)
    assert case.due() == "2027-06-01"
    assert case.unresolved("1", "2027-06-01").due() == "2027-06-02"
    assert case.unresolved("2", "2027-06-02").due() == "2027-06-03"
    assert case.ends("overall cap") == "2027-06-07"


def test_hours_that_end_on_a_closed_day_are_shown() -> None:
    assert any("Saturday 29 May 2027" in text for text in friday_before_a_bank_holiday().warned("hours"))


def test_without_the_outside_date_the_clock_starts_when_it_is_raised() -> None:
    case = make_case(SG, "2027-06-01 10:00")
    assert case.due("1/discuss") == "2027-06-02 10:00"
    case.fact("concern first considered", "2027-06-01 10:05", value="2027-05-28T17:45:00+01:00")
    assert case.due("1/discuss", now="2027-06-01 10:06") == "2027-05-29 17:45"
    assert case.owes("1/discuss", "2027-06-01 10:06").status == "overdue"


def test_the_cap_that_passes_is_said_and_moves_nothing() -> None:
    case = friday_before_a_bank_holiday()
    assert case.warned("cap passed", "2027-06-08 09:00")
    assert case.state("2027-06-08 09:00").stage == "1"
    assert not case.warned("cap passed", "2027-06-07 23:00")


def test_at_immediate_risk_the_first_talk_is_not_asked_for_and_a_later_start_is_open() -> None:
    calm = make_case(SG, "2027-06-01 10:00")
    assert not next(one for one in calm.state().moves if one.key == "jump/3").open
    case = make_case(SG, "2027-06-01 10:00", flags=["immediate risk"])
    assert "1/discuss" not in case.having()
    assert next(one for one in case.state().moves if one.key == "jump/3").open
    started = make_case(SG, "2027-06-01 10:00", flags=["immediate risk"], start="3")
    assert started.state().stage == "3"
    assert not started.warned("start")
    assert make_case(SG, "2027-06-01 10:00", start="3").warned("start")


def test_the_form_is_owed_at_stages_3_and_4_only_and_is_sent_on() -> None:
    case = friday_before_a_bank_holiday().unresolved("1", "2027-06-01").unresolved("2", "2027-06-02")
    assert [one.key for one in case.state().obligations if one.form == "monitoring"] == ["3/monitoring form"]
    case.resolved("2027-06-03")
    assert case.owes("3/monitoring form").status == "owed"
    case.does("3/monitoring form", "2027-06-03")
    assert case.owes("3/form to own representative").to[0].role == "executive representative"
    assert case.owes("3/form to strategic manager").to[0].role == "strategic manager"
    case.does("3/form to strategic manager", "2027-06-03 13:00")
    assert case.owes("3/pass on").owner.role == "strategic manager"
    early = friday_before_a_bank_holiday().resolved("2027-05-29")
    assert not [one for one in early.state().obligations if one.form == "monitoring"]


def test_no_reviewing_officer_is_ever_told() -> None:
    case = make_case(SG, "2027-06-01 10:00", children=[child("c1", "looked after", officer="p7")]).unresolved("1", "2027-06-01")
    assert not [one for one in case.state().obligations if any(party.person for party in one.to)]


@pytest.mark.parametrize(("route", "outcome"), [("mediation", "mediated"), ("panel", "decided")])
def test_both_routes_of_the_executive_bind(route: str, outcome: str) -> None:
    case = make_case(SG, "2027-06-01 10:00", flags=["immediate risk"], start="4").fact("route", "2027-06-02", value=route)
    assert f"4/{route}" in case.having()
    assert case.owes("4/choose route").status == "done"
    case.resolved("2027-06-04", outcome)
    assert case.state().binding == "final and binding"


def test_an_agency_outside_the_executive_cannot_be_seated_and_that_is_said() -> None:
    council = {**COUNCIL, "traits": ["executive member"]}
    found = panel_problems(pack(SG), "resolution panel", [CHARITY, council])
    assert len(found) == 1
    assert "(charity) is one of those who disagree" in found[0]
    assert "not a member of the Executive" in found[0]
    case = make_case(SG, "2027-06-01 10:00", [CHARITY, council], flags=["immediate risk"], start="4")
    assert not next(one for one in case.state().moves if one.key == "choose/route/panel").open
    assert next(one for one in case.state().moves if one.key == "choose/route/mediation").open


def test_who_acts_comes_from_the_table_with_pairs_alternatives_and_a_fallback() -> None:
    policy = pack(SG)
    assert [one.title for one in people(policy, "2", "responding", "school")] == ["line manager", "head teacher"]
    police = people(policy, "2", "responding", "police")
    assert [(one.role, one.title) for one in police] == [
        ("manager", "Detective Sergeant"),
        ("second-tier manager", "SCU manager"),
        ("second-tier manager", "Detective Chief Inspector"),
        ("second-tier manager", "Detective Inspector"),
    ]
    assert [one.title for one in people(policy, "1", "raising", "other")] == ["Practitioner", "Line manager"]
    case = make_case(policy, "2027-06-01 10:00", [SCHOOL, HOSPITAL]).unresolved("1", "2027-06-01")
    assert case.owes("2/discuss/raising").owner.title == "head teacher"
    assert case.owes("2/discuss/responding").owner.title == "child protection safeguarding lead or supervisor"


def test_the_next_person_must_be_named_and_silence_holds_nothing_up() -> None:
    case = make_case(SG, "2027-06-01 10:00")
    assert case.owes("1/hand-off/responding").strength == "must"
    case.unresolved("1", "2027-06-01 12:00")
    assert case.state().stage == "2"
    assert case.owes("1/hand-off/responding").status == "no longer applies"


def test_both_sides_may_belong_to_one_organisation() -> None:
    inside = [{**COUNCIL, "side": "raising"}, COUNCIL]
    case = make_case(SG, "2027-06-01 10:00", inside).resolved("2027-06-01 15:00")
    assert [one.key for one in case.state().obligations if one.id == "record"] == ["case/record/council"]


def test_a_day_and_a_night_count_in_real_hours_through_the_change_of_clocks() -> None:
    case = make_case(SG, "2027-03-27 16:00")
    assert case.due("1/discuss") == "2027-03-28 17:00"
    back = make_case(SG, "2026-10-24 16:00")
    assert back.due("1/discuss") == "2026-10-25 15:00"


def test_what_was_agreed_goes_back_at_once_and_everyone_is_told() -> None:
    case = make_case(SG, "2027-06-01 10:00").does("1/discuss", "2027-06-01 11:00", result="not agreed")
    case.does("1/report/raising", "2027-06-01 11:05").does("1/report/responding", "2027-06-01 11:06")
    case.does("1/managers talk/raising", "2027-06-01 15:00", result="satisfied")
    assert case.owes("1/tell practitioners/raising").at_once
    case.resolved("2027-06-01 16:00")
    assert {"case/tell everyone", "case/policy gap", "case/confirmation"} <= case.having()
    assert evaluate(case.policy, case.events, at("2027-06-01 16:01")).status == "settled"


def test_stage_3_is_recorded_in_the_case_file_and_in_supervision_notes() -> None:
    policy = pack(SG)
    assert policy.duty_by_place["3/discuss"].records == ("case file", "supervision notes")
    assert len(policy.duty_by_place["3/monitoring form"].asks) == 7


def test_mediation_is_offered_at_once() -> None:
    case = make_case(SG, "2027-06-01 10:00", flags=["immediate risk"], start="4").fact("route", "2027-06-02", value="mediation")
    assert case.owes("4/mediation").at_once
    assert case.owes("4/mediation").form == "mediation"


def test_done_on_the_minute_is_in_time_and_a_minute_later_is_late() -> None:
    assert friday_before_a_bank_holiday().does("1/discuss", "2027-05-29 17:45").owes("1/discuss").status == "done"
    assert friday_before_a_bank_holiday().does("1/discuss", "2027-05-29 17:46").owes("1/discuss").status == "done late"
