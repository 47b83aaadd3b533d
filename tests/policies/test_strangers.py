"""Whole policies of areas that do not exist, written with the guide alone: each date below was counted by hand first.

Their texts stand at the head of the packs in `strangers/`.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pytest

import forms
from policies import Policy, load, panel_problems, people
from policies.language.local_values import with_values
from tests.policies.making import Case, child, make_case
from tests.policies.rows import STRANGERS


@cache
def stranger(name: str) -> Policy:
    return load((STRANGERS / f"{name}.yaml").read_text(encoding="utf-8"), source=name)


@pytest.mark.parametrize("path", sorted(STRANGERS.glob("*.yaml")), ids=lambda path: path.stem)
def test_it_is_good_with_the_forms_that_there_are(path: Path) -> None:
    assert load(path.read_text(encoding="utf-8"), forms=forms.known()).stages


def party(kind: str, side: str) -> dict[str, Any]:
    return {"agency": f"{kind} {side}", "type": kind, "side": side}


def case_of(name: str, when: str, raising: str, responding: str, theme: str = "", **facts: Any) -> Case:
    case = make_case(stranger(name), when, [party(raising, "raising"), party(responding, "responding")], **facts)
    if theme:
        case.events[0].facts["themes"][:] = [theme]  # type: ignore[index]  # facts of our own making
    return case


def open_moves(case: Case, now: str = "") -> set[str]:
    return {one.key for one in case.state(now).moves if one.open}


# --- Scotland: council holidays, an on-call path, a birth that is near ------------------------------------------------------------------


def strathmar(when: str, theme: str = "threshold", **facts: Any) -> Case:
    return case_of("strathmar", when, "school", "council", theme, **facts)


def test_a_scottish_case_over_new_year_and_the_council_s_own_days() -> None:
    case = strathmar("2026-12-23 15:00")
    assert case.state().stage == "1"  # the on-call path is for another theme
    # Wednesday 23 December: 24 is a working day; the council is closed from 25 December to 4 January.
    assert (case.due("1/talk"), case.due()) == ("2026-12-24 12:00", "2027-01-05")  # 24, 5
    case.does("1/talk", "2026-12-24 11:00").unresolved("1", "2027-01-05 10:00")
    assert case.due() == "2027-01-07"  # 6, 7; the eight days from the talk end later: 5-8, 11-14
    assert case.ends("overall cap") == "2027-01-14"


def test_a_scottish_case_over_worked_bank_holidays() -> None:
    case = strathmar("2027-05-20 16:00")  # Monday 24 May is the council's (before 25 May); 31 May is worked
    assert case.due() == "2027-05-25"  # 21, 25
    case.unresolved("1", "2027-05-25 16:00")
    assert case.due() == "2027-05-27"  # 26, 27
    assert case.ends("overall cap") == "2027-06-02"  # 21, 25, 26, 27, 28, 31, 1, 2
    case.unresolved("2", "2027-05-27 16:00")
    assert case.due() == "2027-06-01"  # 28, 31, 1
    assert "3/tell lead officer" in case.having()
    case.unresolved("3", "2027-06-01 16:00")
    assert case.state().stage == "4"
    assert case.due() == "2027-06-15"  # 2, 3, 4; 7-11; 14, 15
    autumn = strathmar("2026-11-27 10:00")
    assert autumn.due() == "2026-12-01"  # St Andrew's Day, 30 November, is worked: 30, 1


def test_an_interagency_discussion_is_settled_the_same_day_and_the_reporter_is_told() -> None:
    case = strathmar("2027-01-15 14:00", "ird outcome", children=[child("c1", "compulsory measures", officer="r1")])
    assert (case.state().stage, case.due()) == ("ird", "2027-01-15 18:00")
    assert case.owes("case/tell reporter/r1").at_once
    assert case.unresolved("ird", "2027-01-15 18:30").state().stage == "3"
    assert people(case.policy, "ird", "raising", "school")[0].of == "council"


def test_near_a_birth_every_day_counts_and_a_family_at_risk_is_not_asked() -> None:
    case = strathmar("2027-01-15 14:00", children=[child("c1", "birth near")]).unresolved("1", "2027-01-16 12:00")
    assert case.due() == "2027-01-18"  # Saturday: 17, 18
    assert case.owes("2/meet").status == "not yet"
    case.does("2/chronology read/raising", "2027-01-16 13:00").does("2/chronology read/responding", "2027-01-16 13:00")
    assert case.owes("2/meet").status == "not yet"  # the family is to be asked first
    case.fact("unsafe to ask", "2027-01-16 14:00", value=True)
    assert case.owes("2/meet").status == "owed"


# --- adults: curiosity first, an advocate, clocks that wait for the police --------------------------------------------------------------


def fenbridge(when: str = "2027-03-19 18:10", **facts: Any) -> Case:
    adults = [{**child("a1", "lacks capacity"), "officer": "v1"}, child("a2")]
    return case_of("fenbridge", when, "housing", "care provider", children=adults, **facts)


def test_an_adult_s_case_on_a_friday_evening_before_easter() -> None:
    case = fenbridge()  # after hours: received on Monday 22 March
    assert (case.due("A/session"), case.due()) == ("2027-03-31", "2027-04-05")  # 23, 24, 25, 30, 31; 1, 2, 5
    assert case.due("case/tell advocate/v1") == "2027-03-23"
    assert {"case/wishes/a1", "case/wishes/a2"} <= case.having()
    assert case.owes("A/answer").status == "not yet"
    case.does("A/session", "2027-03-30 11:00")
    assert case.due("A/answer") == "2027-04-02"  # 31, 1, 2
    danger = fenbridge(flags=["danger today"])
    assert (danger.due(), danger.due("A/answer")) == ("2027-03-25", "2027-03-25")
    assert "A/session" not in danger.having()


def test_silence_tells_the_board_and_opens_the_next_step() -> None:
    case = fenbridge(choices={"route": "challenge"})
    assert "escalate/B" not in open_moves(case, "2027-03-25 20:00")
    assert "escalate/B" in open_moves(case, "2027-03-30 09:00")
    assert case.due("A/silence", "2027-03-30 09:00") == "2027-03-30"  # from the end of Thursday 25, a working day
    case.unresolved("A", "2027-03-30 09:00")
    assert case.state().stage == "B"
    assert case.owes("A/silence").status == "owed"  # the case went on without the answer; the board is still to be told


def test_the_police_stop_the_clock_but_not_a_date_for_the_adult_s_safety() -> None:
    case = fenbridge("2027-02-01 10:00", choices={"route": "challenge"})  # Monday: 2, 3, 4
    case.fact("police hold", "2027-02-03 10:00", value=True)
    assert (case.due(), case.warned("stopped")[0][:5]) == ("", "The p")
    assert case.state("2027-02-20").obligation("A/answer").status == "owed"
    case.fact("protective date", "2027-02-10 10:00", value="2027-02-12T12:00:00+00:00")
    assert case.due() == "2027-02-12 12:00"
    case.fact("police hold", "2027-02-15 09:30", value=False)
    assert case.ends("stage limit") == "2027-02-16"  # 2 and 3 had counted


def test_the_risk_is_looked_at_again_until_it_is_settled_and_the_chair_has_ten_working_days() -> None:
    case = fenbridge("2027-02-01 10:00", choices={"route": "challenge"})
    case.does("A/answer", "2027-02-02 10:00").add("overridden", "B/curious", "2027-02-02 10:30").unresolved("A", "2027-02-02 11:00")
    case.does("B/answer", "2027-02-03 10:00").unresolved("B", "2027-02-03 11:00")
    assert (case.due(), case.due("C/risk/raising")) == ("2027-02-10", "2027-02-10")
    case.does("C/risk/raising", "2027-02-09 10:00").does("C/answer", "2027-02-10 10:00").unresolved("C", "2027-02-10 11:00")
    assert case.due("C/risk/raising/time 2") == "2027-02-16"  # 10, 11, 12, 15, 16
    assert case.due() == "2027-02-24"  # "ten days" are working days here: 11, 12; 15-19; 22-24
    case.resolved("2027-02-11", "to review group")
    assert case.state().status == "open"  # noted, and the difference goes on
    case.resolved("2027-02-12", "decided")
    assert (case.state().binding, case.owes("C/risk/raising/time 2").status) == ("final", "no longer applies")
    assert case.due("case/outcome to adult/a1") == "2027-02-17"  # 15, 16, 17


# --- Northern Ireland: hours by urgency, silence that opens, a child seen every week ------------------------------------------------------


def erran(when: str, **facts: Any) -> Case:
    return case_of("lough-erran", when, "school", "trust", children=[child("c1")], **facts)


def test_usual_times_over_the_twelfth_and_over_easter() -> None:
    assert erran("2027-07-08 16:00").due() == "2027-07-15"  # Thursday: 9; 12 and 13 closed; 14, 15
    assert erran("2027-03-25 16:00").due() == "2027-04-02"  # 26, 29, 30 closed; 31, 1, 2
    assert erran("2027-03-16 16:00").due() == "2027-03-22"  # 17 is St Patrick's Day: 18, 19, 22
    assert erran("2026-12-22 16:00").due() == "2027-01-05"  # 23; closed from 24 to 2 January; 4, 5


def test_urgent_hours_run_at_night_and_start_again_when_it_becomes_urgent() -> None:
    case = erran("2027-03-27 23:30", choices={"urgency": "urgent"})
    assert case.due() == "2027-03-28 02:30"  # clocks go forward at one
    case = erran("2027-03-22 10:00", choices={"urgency": "soon"})
    assert case.due() == "2027-03-23 17:00"
    case.fact("urgency", "2027-03-23 15:00", value="urgent")
    assert case.due() == "2027-03-23 17:00"  # two hours from then
    case.fact("urgency", "2027-03-23 16:00", value="usual")
    assert case.due() == "2027-03-31"  # from 23: 24, 25, 31


def test_nobody_answers_and_the_case_climbs_by_itself_while_directors_are_told() -> None:
    case = erran("2027-03-22 10:00", choices={"urgency": "urgent"})
    state = case.state("2027-03-22 13:00")
    assert [(one.stage, one.how) for one in state.spells] == [("1", "time up"), ("2", "")]
    assert case.due(now="2027-03-22 13:00") == "2027-03-22 16:00"  # four hours from noon
    assert case.due("1/tell directors/raising", "2027-03-22 13:00") == "2027-03-22 14:00"
    assert case.owes("2/answer", "2027-03-22 13:00").owner.side == "both"
    later = case.state("2027-03-23 17:00")
    assert (later.stage, later.due) == ("4", None)  # no time is set for the director
    assert {"1/tell directors/raising", "2/tell directors/raising", "3/tell directors/raising"} <= {one.key for one in later.obligations}


def test_the_child_is_seen_every_day_while_it_is_urgent_and_every_week_otherwise() -> None:
    case = erran("2027-02-01 10:00")
    assert case.due("case/see the child/raising") == "2027-02-08"
    case.fact("urgency", "2027-02-02 10:00", value="urgent")
    assert case.due("case/see the child/raising") == "2027-02-02 10:00"  # 24 hours since it was first owed
    case.does("case/see the child/raising", "2027-02-02 10:00")
    case.fact("got worse", "2027-02-02 10:00")
    assert case.due("case/see the child/raising/time 2") == "2027-02-03 10:00"
    assert case.owes("case/worse/raising").at_once
    case.fact("urgency", "2027-02-02 12:00", value="usual")
    assert case.due("case/see the child/raising/time 2") == "2027-02-09"


# --- Wales: one text, values of each area --------------------------------------------------------------------------------------------


def canolbarth(when: str, **facts: Any) -> Case:
    return case_of("canolbarth", when, "small charity", "local authority", **facts)


def test_a_welsh_case_with_the_area_s_own_values() -> None:
    case = canolbarth("2026-12-18 16:00", children=[child("c1", "welsh")])
    assert (case.due(), case.ends("overall cap")) == ("2026-12-22", "2027-01-19")  # 21, 22; the office is shut from 24 to 1 January
    case.unresolved("1", "2026-12-22 16:00")
    assert case.due() == "2027-01-05"  # 23, 4, 5
    case.unresolved("2", "2027-01-05 16:00")
    assert case.due() == "2027-01-12"  # 6, 7, 8, 11, 12
    assert {"3/language", "3/copy child"} <= case.having()
    assert "3/copy adult" not in case.having()
    assert case.owes("3/who chairs").owner.title == "head of children's and adults' services"
    assert people(case.policy, "2", "raising", "small charity")[1].of == "voluntary council"


def test_another_area_of_the_region_has_its_own_pack_of_the_same_text() -> None:
    text = (STRANGERS / "canolbarth.yaml").read_text(encoding="utf-8")
    values = {"area": "arfordir", "area name": "Arfordir", "talk limit": "1 working day", "whole limit": "3 weeks"}
    other = load(with_values(text, values))
    case = make_case(other, "2026-12-18 16:00", [party("school", "raising"), party("health board", "responding")])
    assert (other.id, other.partnership) == ("canolbarth-arfordir", "Canolbarth Regional Safeguarding Board, Arfordir")
    assert (case.due(), case.ends("overall cap")) == ("2026-12-21", "2027-01-08")


def test_an_attempt_already_made_goes_straight_on_and_the_board_s_sitting_sets_the_dates() -> None:
    case = canolbarth("2027-02-01 10:00", children=[{**child("a1"), "is": "adult"}], flags=["tried"])
    assert "jump/2" not in open_moves(case)  # it is the next stage anyway
    assert "escalate/2" in open_moves(case)
    assert not [one for one in case.having() if one == "1/talk"]
    case.unresolved("1", "2027-02-01 11:00").unresolved("2", "2027-02-04 10:00").unresolved("3", "2027-02-11 10:00")
    assert (case.due("4/papers/raising"), case.due("4/sit")) == ("", "")
    case.fact("board sits", "2027-02-11 11:00", value="2027-03-02T10:00:00+00:00")
    assert (case.due("4/papers/raising"), case.due("4/sit")) == ("2027-02-23", "2027-03-02")  # back from Tuesday 2: 1, 26, 25, 24, 23
    assert case.owes("3/copy adult").status == "owed"


def test_nobody_who_disagrees_may_sit_on_the_resolution_meeting() -> None:
    parties = [party("school", "raising"), party("local authority", "responding")]
    seats = [{"agency": "police", "type": "police"}, {"agency": "local authority responding", "type": "local authority"}]
    found = panel_problems(stranger("canolbarth"), "resolution meeting", parties, seats)
    assert found == ("Local authority (local authority responding) is one of those who disagree and may not sit on it.",)
    assert (
        panel_problems(stranger("canolbarth"), "resolution meeting", parties, [seats[0], {"agency": "health", "type": "health board"}])
        == ()
    )


# --- A reviewing officer inside one council: one-sided, with a guardian and a cap that may be made longer ---------------------------------


def harrowdale(when: str, *flags: str, **facts: Any) -> Case:
    children = [{**child("c1", *flags), "officer": "g1", "people": {"advocate": "v1"}}]
    parties = [{"agency": "council", "type": "council", "side": side} for side in ("raising", "responding")]
    return make_case(stranger("harrowdale"), when, parties, children=children, **facts)


def test_a_dispute_inside_one_council_over_its_christmas_closure() -> None:
    case = harrowdale("2026-12-09 14:00", "in proceedings", "wants advocate")
    assert case.due() == "2026-12-14"  # 10, 11, 14
    assert case.due("case/what the child wants/c1") == "2026-12-14"  # before the talk, which has the stage's time
    assert case.owes("case/tell advocate/v1").to[0].person == "v1"
    assert case.warned("note")[1] == "Both sides work for the council."
    case.does("1/talk", "2026-12-11 10:00").unresolved("1", "2026-12-14 10:00")
    assert case.due() == "2026-12-21"  # 15-18, 21
    assert case.due("2/tell guardian/g1") == "2026-12-15"
    assert case.ends("overall cap") == "2027-01-19"  # from the talk: 14-18, 21-23; closed from 24 to 1; 4-8, 11-15, 18, 19
    case.unresolved("2", "2026-12-21 10:00")
    assert case.due() == "2027-01-06"  # 22, 23, 4, 5, 6
    case.unresolved("3", "2027-01-06 10:00").fact("more time", "2027-01-06 11:00", value="allowed")
    assert (case.due(), case.ends("overall cap")) == ("2027-01-27", "2027-02-02")  # fifteen for the step; thirty in all


def test_the_child_s_safety_is_said_again_every_ten_working_days() -> None:
    case = harrowdale("2026-12-09 14:00").does("case/safe", "2026-12-23 10:00")
    assert case.due("case/safe/time 2") == "2027-01-15"  # 4-8, 11-15
    case.resolved("2027-01-04", "settled")
    assert case.owes("case/safe/time 2").status == "no longer applies"


# --- A border: two nations, local days of each area, what one kind of agency owes on either side ------------------------------------------


def two_shores(when: str, raising: str = "school", responding: str = "social service", **facts: Any) -> Case:
    return case_of("two-shores", when, raising, responding, **facts)


def test_a_border_case_over_the_twelfth_and_the_august_holidays_of_both_shores() -> None:
    case = two_shores("2027-07-08 16:00")  # a Thursday; Monday 12 July is a holiday in the north, 13 its closure
    assert (case.due(), case.ends("overall cap")) == ("2027-07-14", "2027-08-03")  # 9, 14; 9, 14-16, 19-23, 26-30, 3 (2 August is one)
    assert case.due("case/plan goes on/social service responding") == "2027-07-15"  # 9, 14, 15
    case.add("unresolved", "1", "2027-07-27 10:00", side="raising")
    assert case.due() == "2027-08-03"  # the whole; the stage's own five days are 28, 29, 30, 3, 4
    assert case.ends("stage limit") == "2027-08-04"
    assert case.due("case/tell school/social service responding") == "2027-07-27"


def test_the_day_after_a_sunday_twelfth_moves_and_the_irish_february_holiday_counts() -> None:
    assert two_shores("2026-07-10 10:00").due() == "2026-07-16"  # 12 July is a Sunday: 13 stands for it, the closure is 14; 15, 16
    assert two_shores("2027-01-29 10:00").due() == "2027-02-03"  # 1 February is a holiday in the south: 2, 3
    assert two_shores("2026-03-16 10:00").due() == "2026-03-19"  # 17 March on both shores: 18, 19
    assert two_shores("2027-03-25 10:00").due() == "2027-04-01"  # Good Friday in the north, Monday on both, Tuesday: 31, 1


def test_an_area_of_the_border_with_days_of_its_own() -> None:
    text = (STRANGERS / "two-shores.yaml").read_text(encoding="utf-8")
    own = ["last Monday of June", "Friday before last Monday of June"]
    south = load(with_values(text, {"area": "south", "area name": "Far Shore", "own days": own}))
    case = make_case(south, "2027-06-24 10:00", [party("school", "raising"), party("social service", "responding")])
    assert (south.id, case.due()) == ("two-shores-south", "2027-06-30")  # 25 and 28 are its own: 29, 30
    assert two_shores("2027-06-24 10:00").due() == "2027-06-28"


def test_whichever_side_the_social_service_is_on_it_decides() -> None:
    case = two_shores("2027-02-02 10:00", "social service", "police", children=[child("c1", "moved away")])
    assert case.due() == "2027-02-04"  # two working days; the 96 hours end on the 6th at ten
    assert [str(one.local_date) for one in case.state().clocks if one.precise] == ["2027-02-06"]
    case.unresolved("1", "2027-02-04 15:00")
    assert case.due() == "2027-02-06 10:00"
    assert not [one for one in case.having() if "tell school" in one]
    case.unresolved("2", "2027-02-05 15:00")
    assert (case.state().stage, case.due()) == ("3", "2027-02-19")  # 8-12, 15-19; the fifteen days end on the 23rd
    assert case.ends("overall cap") == "2027-02-23"
    assert case.owes("3/decide/social service raising").owner.title == "director of social services"
    other = two_shores("2027-02-02 10:00", "police", "social service").unresolved("1", "2027-02-04 15:00")
    assert other.unresolved("2", "2027-02-05 15:00").state().stage == "2"  # the raising police cannot open the director's step
