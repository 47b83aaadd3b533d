"""Wiltshire, rule by rule; the worked example SD-W under both readings of "days"."""

from __future__ import annotations

import pytest

from policies import pack
from tests.policies.making import Case, changed, child, make_case

W = "wiltshire"


def before_easter(policy: object = W) -> Case:
    return make_case(policy, "2027-03-24 10:00")  # type: ignore[arg-type]  # a policy or its id


def working() -> object:
    return changed(W, ("days: calendar", "days: working"))


def to_stage_3(case: Case, when: str) -> Case:
    for stage in ("pre", "1", "2"):
        case.unresolved(stage, when)
    return case


def test_worked_example_in_calendar_days_with_the_other_reading_shown() -> None:
    case = before_easter()
    assert case.due("case/five days") == "2027-03-29"
    assert case.owes("case/five days").strength == "guide"
    assert any("Friday 2 April 2027" in text and "Monday 29 March 2027" in text for text in case.warned("days"))
    to_stage_3(case, "2027-03-26").resolved("2027-03-31", "decided")
    assert case.due("case/tell decision") == "2027-04-03"
    assert any("Monday 5 April 2027" in text for text in case.warned("days"))
    assert case.state().binding == "final"


def test_worked_example_in_working_days() -> None:
    case = before_easter(working())
    assert case.due("case/five days") == "2027-04-02"
    to_stage_3(case, "2027-03-26").resolved("2027-03-31", "decided")
    assert case.due("case/tell decision") == "2027-04-05"


def test_the_guide_ends_at_the_referral_to_the_board() -> None:
    case = to_stage_3(before_easter(), "2027-03-26")
    assert case.state().stage == "3"
    assert case.owes("case/five days").status == "done"
    assert case.state().due is None


def test_imminent_and_not_agreed_goes_straight_to_the_board_once_the_lead_was_asked() -> None:
    flags = ["imminent harm", "other agency disagrees"]
    case = make_case(W, "2027-03-24 10:00", flags=flags)
    assert case.owes("case/consult quickly").at_once
    assert "case/five days" not in case.having()
    jump = next(one for one in case.state().moves if one.key == "jump/3")
    assert not jump.open
    case.fact("lead consulted", "2027-03-24 10:10", value=True)
    assert case.owes("case/consult quickly").status == "done"
    assert next(one for one in case.state().moves if one.key == "jump/3").open
    case.add("moved", "3", "2027-03-24 10:15")
    assert case.state().stage == "3"
    assert not make_case(W, "2027-03-24 10:00", flags=[*flags, "lead consulted"], start="3").warned("start")


def test_imminent_alone_opens_no_jump() -> None:
    case = make_case(W, "2027-03-24 10:00", flags=["imminent harm", "lead consulted"])
    jump = next(one for one in case.state().moves if one.key == "jump/3")
    assert [reason.guard for reason in jump.closed_because] == ["3/go straight there"]
    case.add("overridden", "3/go straight there", "2027-03-24 11:00")
    assert next(one for one in case.state().moves if one.key == "jump/3").open


def test_before_escalation_has_two_steps_and_no_limit() -> None:
    case = before_easter()
    assert {"pre/consult", "pre/discuss", "pre/answer", "pre/safe meanwhile"} <= case.having()
    assert case.state().due is None
    assert case.owes("pre/safe meanwhile").strength == "must"


@pytest.mark.parametrize(
    ("stages", "key", "role"),
    [(1, "notification 1", "manager"), (2, "notification 2", "senior manager"), (3, "notification 3", "senior manager")],
)
def test_the_notification_is_owed_by_the_manager_who_resolved(stages: int, key: str, role: str) -> None:
    case = before_easter()
    for stage in ("pre", "1", "2")[:stages]:
        case.unresolved(stage, "2027-03-25")
    case.resolved("2027-03-26")
    owed = [one for one in case.state().obligations if one.form == "notification"]
    assert [(one.id, one.owner.role, one.strength) for one in owed] == [(key, role, "must")]


def test_settled_before_escalation_nobody_owes_the_notification() -> None:
    case = before_easter().resolved("2027-03-25")
    assert not [one for one in case.state().obligations if one.form == "notification"]
    assert case.owes("case/confirmation").holds_open


def test_the_decider_is_recorded_and_the_open_questions_are_shown() -> None:
    case = to_stage_3(before_easter(), "2027-03-26")
    assert [one.to for one in case.state().moves if one.kind == "choose"] == [
        "raising representative",
        "responding representative",
        "both representatives",
    ]
    case.fact("decider", "2027-03-27", value="both representatives")
    assert len([one for one in case.state().moves if one.kind == "choose"]) == 2
    assert case.warned("unresolved")
    assert [one.id for one in case.policy.unresolved] == ["nominated people"]


def test_no_officer_no_panel_no_inaction_and_secure_sending() -> None:
    case = to_stage_3(make_case(W, "2027-03-24 10:00", children=[child("c1", "looked after", officer="p7")]), "2027-03-25")
    assert not [one for one in case.state().obligations if any(party.person for party in one.to)]
    policy = pack(W)
    assert policy.panels == ()
    assert policy.settings["identifiable data"] == "sent by secure means only"
    assert not [one for one in policy.themes if "inaction" in one.id]
    assert "nominated representative of each agency" in policy.contacts


def test_managers_then_senior_managers_try() -> None:
    case = before_easter().unresolved("pre", "2027-03-24 15:00")
    assert {"1/ask manager", "1/discuss/raising", "1/discuss/responding"} <= case.having()
    case.unresolved("1", "2027-03-25")
    assert case.owes("2/discuss/raising").strength == "must"
    assert case.owes("2/report/responding").strength == "must"
