"""What one kind of agency owes, is told or may do, on whichever side of a disagreement it stands."""

from __future__ import annotations

import pytest

from policies import PackError, chart
from policies.plain import as_text, in_plain_english
from tests.policies.making import Case, make_case
from tests.policies.small import small

KINDS = "  - {id: council, title: Council}\n"
POLICE = (KINDS, f"{KINDS}  - {{id: council police, title: Police of the council}}\n")
MORE = """owes:
  - {id: inquire, kind: report, title: Inquire, by: council boss, to: both boss, limit: 2 working days, strength: must, rule: R-9}
  - {id: tell school, kind: notice, title: Tell the school, by: council worker, to: school boss, strength: should, rule: R-9}
"""
SETTLED = "  - {id: settled, title: Settled}\n"
DECIDES = (SETTLED, f"{SETTLED}  - {{id: ruled, title: Ruled, by: council boss, binding: final}}\n")


def member(agency: str, kind: str, side: str) -> dict[str, str]:
    return {"agency": agency, "type": kind, "side": side}


def case_of(*members: dict[str, str], pairs: tuple[tuple[str, str], ...] = (), more: str = MORE) -> Case:
    return make_case(small(*pairs, more=more), "2026-11-23 10:00", list(members))


@pytest.mark.parametrize("side", ["raising", "responding"])
def test_the_agency_of_that_kind_owes_it_on_whichever_side_it_is(side: str) -> None:
    other = "responding" if side == "raising" else "raising"
    case = case_of(member("c1", "council", side), member("s1", "school", other))
    found = case.owes("case/inquire/c1")
    assert (found.owner.side, found.owner.agency, case.due("case/inquire/c1")) == (side, "c1", "2026-11-25")
    told = case.owes("case/tell school/c1").to
    assert [(one.side, one.agency, one.role) for one in told] == [(other, "s1", "boss")]


def test_each_agency_of_that_kind_owes_its_own_and_each_is_told() -> None:
    case = case_of(member("c1", "council", "raising"), member("c2", "council", "responding"), member("s1", "school", "responding"))
    case.events[0].facts["parties"].append(member("s2", "school", "responding"))
    assert {"case/inquire/c1", "case/inquire/c2"} <= case.having()
    assert [one.agency for one in case.owes("case/tell school/c2").to] == ["s1", "s2"]


def test_one_that_joins_later_owes_it_from_then_on_and_none_is_asked_where_there_is_none() -> None:
    case = case_of(member("s1", "school", "raising"), member("s2", "school", "responding"))
    assert not [one for one in case.having() if "inquire" in one]
    case.fact("party", "2026-11-24 09:00", agency="c1", type="council", side="responding")
    assert case.due("case/inquire/c1") == "2026-11-26"


def test_only_that_agency_may_decide_and_open_the_next_stage() -> None:
    opened = ("    acts: boss\n", "    acts: boss\n    opened by: council boss\n")
    case = case_of(member("s1", "school", "raising"), member("c1", "council", "responding"), pairs=(DECIDES, opened))
    who = {one.key: [(party.side, party.agency) for party in one.by] for one in case.state().moves}
    assert who["resolve/ruled"] == who["escalate/2"] == [("responding", "c1")]
    assert case.unresolved("1", "2026-11-24 10:00").state().stage == "1"
    assert case.add("unresolved", "1", "2026-11-24 11:00", side="responding").state().stage == "2"


def test_where_no_such_agency_takes_part_the_way_on_is_not_shut_to_everybody() -> None:
    opened = ("    acts: boss\n", "    acts: boss\n    opened by: council boss\n")
    case = case_of(member("s1", "school", "raising"), member("s2", "school", "responding"), pairs=(opened,))
    assert [one.side for move in case.state().moves if move.key == "escalate/2" for one in move.by] == ["both"]
    assert case.unresolved("1", "2026-11-24 10:00").state().stage == "2"


def test_the_longest_kind_is_meant_and_a_kind_alone_is_the_role_that_acts() -> None:
    more = MORE.replace("by: council boss", "by: council police boss")
    case = case_of(member("p1", "council police", "raising"), member("c1", "council", "responding"), pairs=(POLICE,), more=more)
    assert case.owes("case/inquire/p1").owner.role == "boss"
    talk = ("title: Talk, by: both,", "title: Talk, by: council,")
    assert (
        case_of(member("c1", "council", "raising"), member("s1", "school", "responding"), pairs=(talk,)).owes("1/talk/c1").owner.role
        == "worker"
    )


@pytest.mark.parametrize(
    ("by", "says"),
    [
        ("counsil boss", "or with a kind of agency: council, school"),
        ("council chief", "'chief' is not a role of this pack"),
        ("council chair", "The role 'chair' belongs to the partnership"),
    ],
)
def test_a_slip_is_told(by: str, says: str) -> None:
    chair = ("roles:\n", "roles:\n  - {id: chair, title: Chair, of: partnership}\n")
    with pytest.raises(PackError) as found:
        small(chair, more=MORE.replace("by: council boss", f"by: {by}"))
    assert any(says in str(one) for one in found.value.problems), found.value.problems


# --- two kinds of agency owe one thing ------------------------------------------------------------------------------------------------

BOTH = MORE.replace("by: council boss", "by: council boss and school worker")


def test_each_agency_of_either_kind_owes_its_own_in_the_role_said_of_its_kind() -> None:
    members = (member("c1", "council", "raising"), member("s1", "school", "responding"), member("p1", "council police", "responding"))
    case = case_of(*members, pairs=(POLICE,), more=BOTH)
    found = {key: case.owes(key).owner for key in case.having() if "inquire" in key}
    assert {key: (one.agency, one.role) for key, one in found.items()} == {
        "case/inquire/c1": ("c1", "boss"),
        "case/inquire/s1": ("s1", "worker"),
    }
    case.does("case/inquire/s1", "2026-11-24 10:00")
    assert (case.owes("case/inquire/s1").status, case.owes("case/inquire/c1").status) == ("done", "owed")


def test_it_waits_for_both_kinds_and_is_said_and_drawn_of_both() -> None:
    told = BOTH + "  - {id: after, kind: record, title: File it, by: raising worker, when: inquire done, strength: should, rule: R-9}\n"
    case = case_of(member("c1", "council", "raising"), member("s1", "school", "responding"), more=told)
    assert "case/after" not in case.does("case/inquire/c1", "2026-11-24 09:00").having()
    assert "case/after" in case.does("case/inquire/s1", "2026-11-24 10:00").having()
    said = as_text(in_plain_english(case.policy), width=100_000)
    each = (
        "The boss of each agency of the kind “Council” that takes part and the worker of each agency of the kind “School” that takes part"
    )
    assert f"{each} must do this." in said
    assert "“Council”: boss; “School”: worker, to boss, both sides" in as_text(chart(case.policy).outline, width=100_000)


@pytest.mark.parametrize("by", ["council boss and council worker", "council boss and raising worker", "raising boss and responding boss"])
def test_only_kinds_of_agency_each_once_may_owe_one_thing_together(by: str) -> None:
    with pytest.raises(PackError, match="Several kinds of agency may stand with 'and' between"):
        small(more=MORE.replace("by: council boss", f"by: {by}"))


def test_it_is_said_and_drawn() -> None:
    policy = small(more=MORE)
    assert "The boss of each agency of the kind “Council” that takes part must do this." in as_text(in_plain_english(policy), width=100_000)
    drawn = as_text(chart(policy).outline, width=100_000)
    assert "“Council”: worker, to the boss of each agency of the kind “School” that takes part." in drawn
