"""Reminders that a policy says for all of a strength, and who hears that something is done."""

import pytest

from policies import PackError, load, rungs, who_waits
from policies.language.agency_ladders import agency_ladder
from policies.plain import as_text, in_plain_english
from tests.policies.making import Case, at, make_case
from tests.policies.small import COUNCIL, SCHOOL, small, small_text

LADDERS = """reminders:
  must:
    - {id: before, at: 2 working days before due, to: owner}
    - {id: duty desk, at: 1 working day after due, to: duty desk}
  should:
    - {id: overdue, at: 2 working days after due, to: owner}
"""
OWN = "reminders: [{id: overdue, at: 3 working days after due, to: owner}]"


def raised(more: str = LADDERS, *pairs: tuple[str, str]) -> Case:
    return make_case(small(*pairs, more=more), "2026-11-23 10:00", [SCHOOL, COUNCIL])


def ladder(case: Case, key: str, **more: object) -> list[tuple[str, str]]:
    now = at("2026-11-23 10:00")
    return [(one.id, f"{one.at:%m-%d}") for one in rungs(case.policy, case.owes(key), now, **more)]  # type: ignore[arg-type]  # test's own


def test_a_strength_has_the_ladder_that_the_policy_says_and_is_asked_first() -> None:
    assert ladder(raised(), "1/talk") == [("ask", "11-23"), ("before", "11-26"), ("duty desk", "12-01")]


def test_a_strength_of_which_nothing_is_said_keeps_the_usual_ladder() -> None:
    should = LADDERS.split("  should:")[0]
    case = raised(should).unresolved("1", "2026-11-23 11:00")
    found = [one.id for one in rungs(case.policy, case.owes("2/talk/raising"), at("2026-11-23 11:00"))]
    assert found == ["ask", "before", "on the day", "overdue", "next person"]


def test_an_obligation_s_own_reminders_go_before_those_of_its_strength() -> None:
    case = raised(LADDERS, ("by: both, strength: must", f"by: both, strength: must, {OWN}"))
    assert ladder(case, "1/talk") == [("overdue", "12-03")]


def test_an_agency_s_own_ladder_goes_before_the_policy_s_for_what_it_speaks_of() -> None:
    own = agency_ladder({"must": [{"id": "on the day", "at": "4 hours before due", "to": "owner"}], "guide": []})
    assert ladder(raised(), "1/talk", own=own) == [("ask", "11-23"), ("on the day", "11-30")]
    should = agency_ladder({"should": [{"id": "overdue", "at": "1 working day after due", "to": "owner"}]})
    assert ladder(raised(), "1/talk", own=should)[-1] == ("duty desk", "12-01")


def test_a_reminder_that_comes_too_late_is_told_where_it_stands() -> None:
    late = "reminders:\n  must: [{id: before, at: 1 working day after due, to: owner}]\n"
    with pytest.raises(PackError, match="reminders, must before, at: This reminder comes after the deadline"):
        load(small_text(more=late))
    with pytest.raises(PackError, match="reminders"):
        load(small_text(more="reminders:\n  always: []\n"))


def test_it_is_said_in_plain_english() -> None:
    said = " ".join(as_text(in_plain_english(small(more=LADDERS))).split())
    assert "For what must be done, unless it says otherwise: “before” 2 working days before it is due, to whoever owes it" in said


# --- who hears that something is done -------------------------------------------------------------------------------------------------


def waits(case: Case, key: str, doer: str, stage: str = "1") -> set[tuple[str, str]]:
    return {(one.side, one.role) for one in who_waits(case.policy, case.owes(key), doer, stage)}  # type: ignore[arg-type]  # a side


def test_the_raiser_hears_what_the_other_side_did_and_the_other_way_round() -> None:
    case = raised("").does("1/talk", "2026-11-24")
    assert waits(case, "1/talk", "responding") == {("raising", "worker")}
    assert waits(case, "1/talk", "raising") == {("responding", "worker")}


def test_at_a_later_stage_the_raiser_hears_besides_whoever_acts_there() -> None:
    case = raised("", ("Talk again, by: each", "Talk again, by: responding, to: raising"))
    case.unresolved("1", "2026-11-24").does("2/talk", "2026-11-25")
    assert waits(case, "2/talk", "responding", "2") == {("raising", "worker"), ("raising", "boss")}


def test_what_is_not_done_or_done_by_nobody_is_told_to_nobody() -> None:
    case = raised("")
    assert waits(case, "1/talk", "responding") == set()
    assert waits(case.does("1/talk", "2026-11-24"), "1/talk", "none") == set()


@pytest.mark.parametrize(
    "changed",
    [
        "{id: talk, kind: discussion, title: Talk, by: both, private: yes, strength: must, rule: R-2}",
        "{id: talk, kind: consideration, title: Think, by: both, strength: must, rule: R-2}",
        "{id: talk, kind: letter, title: Write, by: responding worker, to: own boss, strength: must, rule: R-2}",
    ],
    ids=["private", "for oneself", "to one's own manager"],
)
def test_what_the_other_side_has_no_part_in_is_not_told(changed: str) -> None:
    plain = "{id: talk, kind: discussion, title: Talk, by: both, strength: must, rule: R-2}"
    case = raised("", (plain, changed)).does("1/talk", "2026-11-24")
    assert waits(case, "1/talk", "responding") == set()


def test_what_the_partnership_decided_is_told_to_both_sides() -> None:
    chair = (("  - {id: boss, title: Boss}", "  - {id: boss, title: Boss}\n  - {id: chair, title: Chair, of: partnership}"),)
    decides = (
        "{id: talk, kind: discussion, title: Talk, by: both, strength: must, rule: R-2}",
        "{id: talk, kind: decision, title: Decide, by: partnership chair, strength: must, rule: R-2}",
    )
    case = raised("", *chair, decides).does("1/talk", "2026-11-24")
    assert waits(case, "1/talk", "partnership") == {("raising", "worker"), ("responding", "worker")}


def test_a_policy_may_tell_nobody() -> None:
    case = raised("settings:\n  when done: tell nobody\n").does("1/talk", "2026-11-24")
    assert waits(case, "1/talk", "responding") == set()
    assert "nobody is told when something is done" in as_text(in_plain_english(case.policy))


def test_a_talk_that_is_to_be_held_at_once_does_not_wait_for_the_end_of_its_stage() -> None:
    """The stage has five working days; nobody may read that as the time for what is to be done at once."""
    case = raised("", ("by: both, strength", "by: both, limit: immediately, strength"))
    talk = case.owes("1/talk")
    assert (talk.at_once, talk.due, case.due()) == (True, None, "2026-11-30")
    assert ladder(case, "1/talk")[:3] == [("ask", "11-23"), ("on the day", "11-24"), ("next person", "11-26")]
    assert [one.key for one in case.does("1/talk", "2026-11-23 11:00").state().obligations if one.status == "owed"] == []


def test_what_becomes_urgent_is_to_be_done_at_once_from_then_on() -> None:
    flag = "flags: [{id: danger, title: Danger, of: case}]\n"
    case = raised(flag, ("by: both, strength", "by: both, limit: [at once when flag danger, 2 working days otherwise], strength"))
    assert case.due("1/talk") == "2026-11-25"
    case.fact("danger", "2026-11-24 09:00", value=True)
    assert (case.owes("1/talk").at_once, case.due("1/talk")) == (True, "")
