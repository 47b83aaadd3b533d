"""A case that is sent back to an earlier stage: its clocks begin anew, what it asks for is asked again, and nothing of it is forgotten."""

from __future__ import annotations

from itertools import combinations, pairwise

import pytest

from policies import PackError, Policy, chart, load
from policies.charting.placing import Arrow
from policies.plain import as_text, in_plain_english
from tests.policies.geometry import faults, words
from tests.policies.making import Case, make_case
from tests.policies.rows import ROWS, second
from tests.policies.small import COUNCIL, SCHOOL, small, small_text


@pytest.fixture(scope="module")
def policy() -> Policy:
    return load(ROWS["sent back"])


def at_the_board(policy: Policy) -> Case:
    """Raised on Monday 23 November 2026; the talk was on the 24th, the board has it on Friday the 27th."""
    case = make_case(policy, "2026-11-23 10:00", [SCHOOL, COUNCIL]).does("1/talk", "2026-11-24 09:00").unresolved("1", "2026-11-24 10:00")
    return case.does("2/talk/raising", "2026-11-26").unresolved("2", "2026-11-27 10:00")


def move(case: Case, key: str, now: str = "") -> str:
    """Whether a move is "open", or the reason for which it is closed."""
    found = next(one for one in case.state(now).moves if one.key == key)
    return "open" if found.open else " ".join(one.text for one in found.closed_because)


def test_the_clocks_of_the_stage_begin_anew_and_those_of_the_whole_go_on(policy: Policy) -> None:
    case = make_case(policy, "2026-11-23 10:00", [SCHOOL, COUNCIL]).does("1/talk", "2026-11-24 09:00").unresolved("1", "2026-11-24 10:00")
    assert case.due() == "2026-11-27"  # three working days: 25, 26, 27
    case.add("moved", "1", "2026-11-26 12:00")
    assert (case.state().stage, case.due()) == ("1", "2026-12-03")  # five anew: 27, 30, 1, 2, 3
    assert case.ends("overall cap") == "2026-12-14"  # fifteen from the 23rd all the same
    case.does("1(2)/talk", "2026-11-27").unresolved("1", "2026-11-30")
    assert case.due() == "2026-12-03"  # 1, 2, 3


def test_what_the_stage_asks_for_is_asked_again_and_what_was_done_stays_done(policy: Policy) -> None:
    case = at_the_board(policy).add("moved", "1", "2026-11-30 10:00")
    assert case.owes("1/talk").status == "done"
    assert case.owes("1(2)/talk").status == "owed"
    assert move(case, "escalate/2") == "Talk first."
    case.does("1(2)/talk", "2026-12-01")
    assert move(case, "escalate/2") == "open"


def test_what_was_left_of_the_first_time_ends_when_it_is_asked_for_again(policy: Policy) -> None:
    case = at_the_board(policy)
    assert case.owes("1/note").status == "overdue"  # it stays owed after its stage
    case.add("moved", "1", "2026-11-30 10:00")
    assert case.owes("1/note").status == "no longer applies"
    assert "The case was sent back, and it is asked for again." in case.owes("1/note").note
    case.does("1(2)/talk", "2026-12-01 09:00")
    assert case.due("1(2)/note") == "2026-12-03"  # 2, 3


def test_what_lasts_from_there_on_is_asked_for_once(policy: Policy) -> None:
    case = at_the_board(policy).add("moved", "1", "2026-11-30 10:00")
    assert [one.key for one in case.state().obligations if one.id == "minutes"] == ["1/minutes"]


def test_the_stage_that_sent_it_back_is_left_and_comes_again(policy: Policy) -> None:
    case = at_the_board(policy)
    assert case.due("3/reply") == "2026-12-03"  # four from Friday 27: 30, 1, 2, 3
    case.does("3/reply", "2026-11-30 09:00").add("moved", "2", "2026-11-30 10:00")
    assert (case.owes("3/hear").status, case.owes("3/hear").note) == ("no longer applies", "The case was sent back before it was done.")
    assert case.due() == "2026-12-03"  # 1, 2, 3
    case.unresolved("2", "2026-12-01")
    assert (case.state().stage, case.due("3(2)/reply"), case.owes("3(2)/hear").status) == ("3", "2026-12-07", "owed")  # 2, 3, 4, 7
    assert case.owes("3/reply").status == "done"


def test_the_way_back_has_its_people_and_its_condition_and_can_be_set_aside_from(policy: Policy) -> None:
    case = at_the_board(policy)
    assert [(one.key, one.by[0].title) for one in case.state().moves if one.kind == "send back"] == [
        ("back/2", "Head of the board"),
        ("back/1", "Head of the board"),
    ]
    assert "only in some circumstances" in move(case, "back/2")
    assert move(case, "back/1") == "open"
    case.add("overridden", "3/back to 2", "2026-11-27 11:00")
    assert move(case, "back/2") == "open"


def test_one_that_was_sent_back_against_the_policy_is_at_that_stage_and_it_is_said(policy: Policy) -> None:
    case = at_the_board(policy).add("moved", "2", "2026-11-27 11:00")
    assert case.state().stage == "2"
    assert case.warned("back") == ["It was sent back to Second at a point at which the policy does not have that."]


def test_every_stay_is_in_the_history(policy: Policy) -> None:
    case = at_the_board(policy).add("moved", "1", "2026-11-30 10:00").does("1(2)/talk", "2026-12-01").unresolved("1", "2026-12-02")
    assert [(one.stage, one.how) for one in case.state().spells] == [
        ("1", "unresolved"), ("2", "unresolved"), ("3", "sent back"), ("1", "unresolved"), ("2", ""),
    ]  # fmt: skip


def test_time_that_ran_out_the_first_time_is_not_up_the_second(policy: Policy) -> None:
    waits = small(
        second("limit: 3 working days", "goes back: [{to: 1, rule: R}]"),
        ("    limit: 5 working days\n    rule: R-1", "    limit: 2 working days\n    time up: opens\n    rule: R-1"),
    )
    case = make_case(waits, "2026-11-23 10:00", [SCHOOL, COUNCIL])
    assert [case.state(now).stage for now in ("2026-11-25 23:00", "2026-11-26 09:00")] == ["1", "2"]
    case.add("moved", "1", "2026-11-27 10:00")
    assert [case.state(now).stage for now in ("2026-12-01 23:00", "2026-12-02 09:00")] == ["1", "2"]  # 30, 1
    assert case.due(now="2026-12-02 09:00") == "2026-12-04"  # from the end of the 1st: 2, 3, 4


def test_a_closed_case_that_was_sent_back_can_be_opened_again_where_it_was(policy: Policy) -> None:
    case = (
        at_the_board(policy).add("moved", "1", "2026-11-30 10:00").resolved("2026-12-01", "settled").add("closed", "settled", "2026-12-02")
    )
    case.add("reopened", "1", "2026-12-03 10:00")
    assert (case.state().status, case.state().stage, case.due()) == ("open", "1", "2026-12-10")  # 4, 7, 8, 9, 10


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("goes back: [{to: 4, rule: R}]", "'4' is not a stage of this pack"),
        ("goes back: [{to: 2, rule: R}]", "Stage 2 does not come before stage 2"),
        ("goes back: [{to: 1, rule: R}, {to: 1, rule: R}]", "This stage goes back to stage 1 twice"),
    ],
)
def test_a_way_back_that_leads_nowhere_is_a_mistake(line: str, says: str) -> None:
    with pytest.raises(PackError, match=says):
        load(small_text(second("limit: 3 working days", line)))


def test_a_way_forward_is_no_way_back() -> None:
    first = ("    limit: 5 working days\n    rule: R-1", "    goes back: [{to: 2, rule: R}]\n    rule: R-1")
    with pytest.raises(PackError, match="Stage 2 does not come before stage 1"):
        load(small_text(first))


# --- in words and drawn -----------------------------------------------------------------------------------------------------------------


def test_it_is_said_in_plain_english(policy: Policy) -> None:
    told = as_text(in_plain_english(policy), width=10_000)
    assert (
        "“Ask the managers to try again”. The Head of the board may say so. It is offered only if “Answer in writing” is done. The case is "
        "then at stage 2 (Second) again: its time starts again, and what it asks for is asked for again. [R-6]"
    ) in told
    assert "“Send it back to First”." in told


@pytest.mark.parametrize("narrow", [False, True], ids=["wide", "narrow"])
def test_the_ways_back_are_drawn_and_cross_nothing(policy: Policy, narrow: bool) -> None:
    drawing = chart(policy, narrow=narrow)
    assert sum(one.kind == "back" for one in drawing.plan.arrows) == 3
    assert faults(drawing.svg) == []
    assert crossings(drawing.plan.arrows) == []
    assert "Ask the managers to try again: it may be sent back to stage 2 by the Head of the board" in words(drawing.svg)
    assert "Or back to: Stage 1: First." in as_text(drawing.outline)


@pytest.mark.parametrize("narrow", [False, True], ids=["wide", "narrow"])
def test_a_way_back_and_a_way_straight_there_do_not_cross(narrow: bool) -> None:
    found = small(second("limit: 3 working days", "may start here: same agency", "goes back: [{to: 1, rule: R}]"))
    assert crossings(chart(found, narrow=narrow).plan.arrows) == []


def crossings(arrows: list[Arrow]) -> list[tuple[str, str]]:
    """The kinds of each two ways that cross or touch. Those that end in one place run together on purpose."""
    return [(one.kind, two.kind) for one, two in combinations(arrows, 2) if one.points[-1] != two.points[-1] and _meet(one, two)]


def _meet(one: Arrow, two: Arrow) -> bool:
    together = one.kind == two.kind in ("yes", "jump")
    for (ax, ay), (bx, by) in pairwise(one.points):
        for (cx, cy), (dx, dy) in pairwise(two.points):
            across = min(ax, bx) <= max(cx, dx) and min(cx, dx) <= max(ax, bx)
            if across and min(ay, by) <= max(cy, dy) and min(cy, dy) <= max(ay, by) and not together:
                return True
    return False
