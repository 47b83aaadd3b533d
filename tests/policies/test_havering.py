"""Havering, rule by rule; the worked example SD-H; and what this policy does not ask for."""

from __future__ import annotations

from policies import pack, panel_problems, rungs
from tests.policies.making import CHARITY, COUNCIL, POLICE, SCHOOL, Case, at, child, make_case

H = "havering"


def before_christmas() -> Case:
    return make_case(H, "2026-12-23 10:00", children=[child("c1", "looked after", officer="p7")])


def test_worked_example() -> None:
    case = before_christmas()
    assert case.due("case/week") == "2027-01-04"
    assert case.state().due is None
    case.unresolved("1", "2026-12-29")
    assert case.state().due is None
    assert case.owes("2/tell reviewing officer/p7").strength == "must"
    case.unresolved("2", "2026-12-30")
    assert not next(one for one in case.state().moves if one.key == "escalate/4").open
    case.does("3/engage members", "2026-12-31").does("3/tiers exhausted/raising", "2026-12-31").does(
        "3/tiers exhausted/responding", "2026-12-31"
    )
    assert next(one for one in case.state().moves if one.key == "escalate/4").open


def test_a_protective_date_shortens_the_guide() -> None:
    case = before_christmas().fact("protective date", "2026-12-23 10:05", value="2026-12-24T12:00:00+00:00")
    assert case.due("case/week") == "2026-12-24 12:00"
    assert case.due() == "2026-12-24 12:00"


def test_no_stage_has_a_limit_and_none_rests_unseen() -> None:
    case = before_christmas()
    again = case.owes("1/look again")
    assert (again.strength, case.due("1/look again")) == ("guide", "2027-01-04")
    assert [one.id for one in rungs(case.policy, again, at("2026-12-23 10:00"))] == ["on the day"]
    talk = rungs(case.policy, case.owes("1/discuss"), at("2026-12-23 10:00"))
    assert [one.id for one in talk] == ["ask", "on the day", "next person", "duty desk", "partnership"]
    assert case.owes("1/discuss", "2027-06-01").status == "owed"


def test_duties_of_its_cousin_are_not_owed_here() -> None:
    case = (
        before_christmas()
        .unresolved("1", "2026-12-29")
        .unresolved("2", "2026-12-30")
        .resolved("2026-12-31")
        .add("closed", "resolved", "2026-12-31")
    )
    ids = {one.id for one in case.state().obligations}
    assert not ids & {"consider meeting", "tell business manager", "business manager record", "action plan", "confirmation", "debrief"}
    assert pack(H).duty_by_place["1/discuss"].asks == ()
    assert pack(H).statistics == ()


def test_settled_closes_without_a_confirmation() -> None:
    case = before_christmas().resolved("2026-12-29")
    assert next(one for one in case.state().moves if one.kind == "close").open
    assert {"case/record/school", "case/record/council", "case/tell raiser"} <= case.having()


def test_advice_alone_is_an_outcome_of_the_first_stage() -> None:
    case = before_christmas()
    assert next(one for one in case.state().moves if one.to == "advice only").open
    case.unresolved("1", "2026-12-29")
    assert not next(one for one in case.state().moves if one.to == "advice only").open
    assert case.owes("case/ask advice").strength == "may"


def test_immediate_harm_support_and_redirect() -> None:
    case = make_case(H, "2026-12-23 10:00", flags=["immediate harm"])
    assert case.owes("case/tell safeguarding lead").at_once
    assert case.owes("case/offer support").private
    assert [one.id for one in pack(H).redirects] == ["inside one agency"]
    assert [one.id for one in pack(H).modes] == ["telephone", "face to face"]


def test_the_chair_or_a_panel_of_three_decides_and_nothing_binds() -> None:
    case = make_case(H, "2026-12-23 10:00").add("moved", "4", "2026-12-24")
    assert case.owes("4/refer").strength == "must"
    case.fact("route", "2026-12-29", value="panel").resolved("2026-12-30", "decided")
    assert case.state().binding == ""
    assert panel_problems(pack(H), "resolution panel", [SCHOOL, COUNCIL], [SCHOOL, COUNCIL, POLICE]) == ()
    assert panel_problems(pack(H), "resolution panel", [CHARITY, COUNCIL])


def test_tiers_repeat_at_stage_3() -> None:
    case = before_christmas().unresolved("1", "2026-12-29").unresolved("2", "2026-12-30").add("moved", "3", "2026-12-31", tier=2)
    assert "3(2)/discuss/raising" in case.having()
    assert any("Named Safeguarding Professional" in text for text in case.warned("conflict"))


def test_managers_speak_and_senior_managers_must_try() -> None:
    case = before_christmas().unresolved("1", "2026-12-29")
    assert {"2/discuss/raising", "2/discuss/responding"} <= case.having()
    case.unresolved("2", "2026-12-30")
    assert case.owes("3/discuss/raising").strength == "must"
