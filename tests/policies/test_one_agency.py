"""One agency on both sides: who owes what, what is private to a side, what the policy says of it, and what a run supposes."""

from __future__ import annotations

import pytest

from policies import Policy, Viewer, chart, view
from policies.plain import as_text, in_plain_english
from policies.trying.simulating import simulate
from policies.trying.supposing import plain_facts
from tests.policies.making import Case, at, make_case
from tests.policies.small import small

OWES = """owes:
  - {id: file, kind: record, title: Put it on the file, by: every worker, records: [file], automatic: yes, strength: must, rule: R}
  - {id: ask, kind: discussion, title: Ask your own boss, by: each worker, private: yes, strength: should, rule: R}
"""
INSIDE = "inside one agency: {allowed: yes, rule: R}\n"
BOTH = [{"agency": "council", "type": "council", "side": side} for side in ("raising", "responding")]


def inside(more: str = "") -> Case:
    return make_case(small(more=OWES + INSIDE + more), "2026-11-23 10:00", BOTH)


def test_what_every_agency_owes_is_owed_once_and_by_either_side() -> None:
    owed = inside().owes("case/file/council")
    assert (owed.owner.side, owed.owner.agency) == ("both", "council")
    assert [one.key for one in inside().state().obligations if one.id == "file"] == ["case/file/council"]


def test_what_each_side_owes_is_owed_twice() -> None:
    case = inside()
    parties = [case.owes(f"case/ask/{side}").owner for side in ("raising", "responding")]
    assert [(one.side, one.agency) for one in parties] == [("raising", "council"), ("responding", "council")]


@pytest.mark.parametrize(
    ("side", "seen"),
    [("raising", {"raising"}), ("responding", {"responding"}), ("both", {"raising", "responding"}), ("none", set())],
)
def test_what_is_private_is_private_to_a_side(side: str, seen: set[str]) -> None:
    shown = view(inside().state(), Viewer("council", side))  # type: ignore[arg-type]  # a side
    assert {one.owner.side for one in shown.obligations if one.private} == seen
    assert "1/talk" in {one.key for one in shown.obligations}


def test_somebody_above_both_sides_opens_a_stage_that_one_side_opens() -> None:
    opened = ("    acts: boss\n", "    acts: boss\n    opened by: raising boss\n")
    case = make_case(small(opened, more=INSIDE), "2026-11-23 10:00", BOTH)
    assert case.add("unresolved", "1", "2026-11-24 10:00", side="responding").state().stage == "1"
    assert case.add("unresolved", "1", "2026-11-24 11:00", side="both").state().stage == "2"


def said(policy: Policy) -> str:
    return " ".join(as_text(in_plain_english(policy)).split())


def test_a_policy_says_who_may_disagree_with_whom() -> None:
    assert "Both sides may belong to one organisation. [R]" in said(small(more=INSIDE))
    only = small(more="inside one agency: {allowed: only, text: Ask the board, rule: R}\n")
    assert "Both sides belong to one organisation. To whoever needs it otherwise: Ask the board. [R]" in said(only)
    never = small(more="inside one agency: {allowed: no, text: Use your own way, rule: R}\n")
    assert "The two sides are different organisations. To whoever needs it otherwise: Use your own way. [R]" in said(never)
    assert "Use your own way" in " ".join(as_text(chart(never).outline).split())
    assert "Whether both sides may belong to one organisation. Here they do not." in said(small())
    assert [one.inside_allowed for one in (small(), never, small(more=INSIDE), only)] == ["no", "no", "yes", "only"]


def test_a_run_of_a_policy_for_one_organisation_supposes_one() -> None:
    only = small(more=OWES + "inside one agency: {allowed: only, rule: R}\n")
    assert len({one["agency"] for one in plain_facts(only)["parties"]}) == 1
    run = simulate(only, at("2026-11-23 10:00"), "late")
    assert [one.key for one in run.state.obligations if one.id == "file"] == ["case/file/the agency"]
