"""Two versions of a policy compared: every change is told in words, and what it would mean for a case."""

from __future__ import annotations

from datetime import date

import pytest

from policies import Policy, Viewer, load, pack, pack_ids, pack_text
from policies.comparing import difference, for_case, for_cases, for_typical_case, look_again
from tests.policies import changing
from tests.policies.drawn import DRAWN, drawn
from tests.policies.making import at, child, make_case
from tests.policies.small import small


def gloucestershire(*pairs: tuple[str, str]) -> Policy:
    text = pack_text("gloucestershire")
    for old, new in pairs:
        assert old in text, old
        text = text.replace(old, new, 1)
    return load(text, source="new.yaml")


@pytest.mark.parametrize("name", DRAWN)
def test_a_policy_does_not_differ_from_itself(name: str) -> None:
    assert difference(drawn(name), drawn(name)) == ()


@pytest.mark.slow
@pytest.mark.parametrize("key", changing.keys())
def test_every_change_to_any_key_is_told(key: str) -> None:
    for path in changing.keys()[key]:
        policy = changing.changed(path)
        if policy is not None:
            assert difference(changing.whole(path), policy) != (), path
            assert difference(policy, changing.whole(path)) != (), path


def test_a_shorter_limit_is_told_under_its_stage_with_both_times() -> None:
    new = gloucestershire(("limit: 5 working days\n    judged by", "limit: 3 working days\n    judged by"))
    (change,) = difference(pack("gloucestershire"), new)
    assert change.where == ("Stage 2: Line managers",)
    assert change.what == "changed"
    assert "5 working days" in change.before
    assert "3 working days" in change.after


def test_what_is_new_and_what_is_gone_are_told_whole() -> None:
    old = pack("gloucestershire")
    new = gloucestershire(("  - {id: redirected,", "  - {id: advised, title: Advice was enough}\n  - {id: redirected,"))
    added = next(one for one in difference(old, new) if one.what == "new")
    assert (added.where, added.before) == (("How it can end",), "")
    assert added.after.startswith("“Advice was enough”.")
    gone = next(one for one in difference(new, old) if one.what == "gone")
    assert gone.before == added.after
    assert "GONE" in str(gone)


def test_a_stage_that_is_gone_is_one_change_with_all_it_asked_for() -> None:
    two, one = small(), small(("  - id: 2\n    title: Second", "  - id: 9\n    title: Second"))
    changes = [change for change in difference(two, one) if change.what == "gone"]
    stage = next(change for change in changes if change.before.startswith("Stage 2: Second."))
    assert "Talk again." in stage.before


@pytest.mark.slow
@pytest.mark.parametrize("old", pack_ids())
@pytest.mark.parametrize("new", pack_ids())
def test_any_two_policies_can_be_compared_and_any_case_looked_at_under_both(old: str, new: str) -> None:
    changes = difference(pack(old), pack(new))
    assert bool(changes) == (old != new)
    assert all(one.before != one.after for one in changes)
    typical = for_typical_case(pack(old), pack(new), at("2027-03-19 18:10"))
    assert len(typical) == len(pack(old).stages)
    assert any(found for _, found in typical) == (old != new)


def test_a_case_is_told_which_dates_would_be_other() -> None:
    old = pack("gloucestershire")
    new = gloucestershire(("limit: 5 working days\n    judged by", "limit: 3 working days\n    judged by"))
    case = make_case(old, "2027-03-19 18:10", children=[child("c1", "looked after", officer="p1")])
    assert for_case(old, new, case.events, at("2027-03-22")) == ()
    case.unresolved("1", "2027-03-30")
    found = for_case(old, new, case.events, at("2027-03-30 13:00"))
    stage = next(one for one in found if one.of == "Stage 2 (Line managers)")
    assert (stage.what, stage.more) == ("other date", "by the end of Friday 2 April 2027 instead of by the end of Tuesday 6 April 2027")
    assert {one.what for one in found} == {"other date"}
    assert not any("Reviewing Officer" in one.of for one in found), "told at once under both"


def test_a_case_is_told_that_its_stage_is_gone_and_what_it_would_owe_instead() -> None:
    old, new = small(), small(("  - id: 2\n    title: Second", "  - id: 9\n    title: Other"))
    case = make_case(old, "2027-03-19 10:00").unresolved("1", "2027-03-22")
    found = for_case(old, new, case.events, at("2027-03-22"))
    assert [(one.what, one.of, one.more) for one in found if one.what == "stage gone"] == [
        ("stage gone", "Stage 2 (Second)", "the case is there")
    ]
    assert "no longer owed" in {one.what for one in found}
    assert str(found[0]) == "Stage 2 (Second): stage gone, the case is there."


def test_a_new_guard_is_told_as_a_way_that_would_be_closed() -> None:
    old = small()
    guard = "enter:\n      - {id: g, needs: 1/talk done, text: Talk first., strength: must, rule: R-9}\n"
    new = small(("    rule: R-3\n", f"    rule: R-3\n    {guard}"))
    case = make_case(old, "2027-03-19 10:00")
    assert [str(one) for one in for_case(old, new, case.events, at("2027-03-19"))] == ["“Go on to Second”: closed, Talk first."]
    assert [str(one) for one in for_case(new, old, case.events, at("2027-03-19"))] == ["“Go on to Second”: open."]


def test_a_case_keeps_what_it_has_done_out_of_the_comparison() -> None:
    old, new = small(), small(("limit: 5 working days\n    rule: R-1", "limit: 3 working days\n    rule: R-1"))
    case = make_case(old, "2027-03-19 10:00")
    assert [one.of for one in for_case(old, new, case.events, at("2027-03-19"))] == ["Stage 1 (First)", "“Talk” (Worker)"]
    case.does("1/talk", "2027-03-19 11:00")
    assert [one.of for one in for_case(old, new, case.events, at("2027-03-19"))] == ["Stage 1 (First)"]


def test_several_cases_are_counted_by_what_would_be_other() -> None:
    old, new = small(), small(("limit: 5 working days\n    rule: R-1", "limit: 3 working days\n    rule: R-1"))
    cases = [make_case(old, f"2027-03-{day} 10:00") for day in (15, 16, 17)]
    cases[2].does("1/talk", "2027-03-17 11:00")
    found = for_cases(for_case(old, new, one.events, at("2027-03-17 12:00")) for one in cases)
    assert found == (("other date", "Stage 1 (First)", 3), ("other date", "“Talk” (Worker)", 2))


@pytest.mark.parametrize(
    ("pairs", "says"),
    [
        ((), "Both are called version 2018-07"),
        ((("version: 2018-07", "version: 2027-01"),), "Both say that they are in force from Sunday 1 July 2018"),
        ((("from: 2018-07-01", "from: 2017-01-01"),), "is in force from Sunday 1 January 2017, before the old one"),
        ((("effective: {from: 2018-07-01}\n", ""),), "does not say from when it is in force, the old one from Sunday 1 July 2018"),
        ((("from: 2018-07-01", "from: 2027-06-01"),), "and not before, also when it is put in now"),
        ((("{from: 2018-07-01}", "{from: 2018-07-01, until: 2020-01-01}"),), "was in force until Wednesday 1 January 2020"),
        ((("id: gloucestershire\n", "id: elsewhere\n"),), "They are two policies: 'gloucestershire' and 'elsewhere'"),
    ],
)
def test_a_version_or_a_date_that_was_forgotten_is_said(pairs: tuple[tuple[str, str], ...], says: str) -> None:
    old = pack("gloucestershire")
    new = gloucestershire(*pairs, ("title: Resolved", "title: Agreed"))
    assert says in " ".join(look_again(old, new, date(2027, 3, 1)))


def test_a_version_with_a_number_and_a_date_of_its_own_needs_no_second_look() -> None:
    old = pack("gloucestershire")
    new = gloucestershire(("version: 2018-07", "version: 2027-01"), ("from: 2018-07-01", "from: 2027-03-01"))
    assert look_again(old, new, date(2027, 3, 1)) == ()
    assert look_again(old, old, date(2027, 3, 1)) == ()


def test_a_gap_in_which_neither_holds_is_said() -> None:
    old = gloucestershire(("{from: 2018-07-01}", "{from: 2018-07-01, until: 2027-01-31}"))
    new = gloucestershire(("version: 2018-07", "version: 2027-01"), ("from: 2018-07-01", "from: 2027-03-01"))
    assert look_again(old, new, date(2027, 3, 1)) == ("Between Sunday 31 January 2027 and Monday 1 March 2027 neither is in force.",)


def test_one_agency_is_not_told_of_another_s_private_steps() -> None:
    old = small()
    mine = "      - {id: own, kind: offer, title: Ask your own boss, by: raising, strength: should, private: yes, rule: R}\n"
    talk = "      - {id: talk, kind: discussion, title: Talk, by: both, strength: must, rule: R-2}\n"
    new = small((talk, talk + mine))
    events = make_case(old, "2027-03-19 10:00").events
    found = [for_case(old, new, events, at("2027-03-19"), one) for one in (Viewer("school", "raising"), Viewer("council", "responding"))]
    assert [len(one) for one in found] == [1, 0]
