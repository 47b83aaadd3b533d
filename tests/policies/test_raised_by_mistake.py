"""A case that should never have been raised: it ends at once, asks nothing more, and is set right where a record lies on a file."""

from __future__ import annotations

import pytest

from policies import next_steps, pack, pack_ids
from policies.language.compiling import MISTAKE
from tests.policies import making
from tests.policies.making import Case, make_case
from tests.policies.small import COUNCIL, SCHOOL, small

RECORD = """owes:
  - {id: record, kind: record, title: Put it on file, by: every worker, when: resolved, automatic: yes, strength: must, rule: R-1}
"""
RAISED, SAID, LATER = "2026-11-23 10:00", "2026-11-23 10:30", "2026-11-24 09:00"


def mistaken(case: Case, when: str = SAID) -> Case:
    return case.add("resolved", MISTAKE, when).add("closed", MISTAKE, when)


@pytest.mark.parametrize("name", pack_ids())
def test_under_every_policy_it_is_closed_and_nothing_is_owed_then_or_later(name: str) -> None:
    case = make_case(pack(name), RAISED, (making.SCHOOL, making.COUNCIL))
    assert next_steps(case.state(), case.policy)
    assert MISTAKE in {one.to for one in case.state().moves if one.open and one.kind == "unmake"}
    mistaken(case)
    for now in (SAID, "2027-03-01 10:00"):
        state = case.state(now)
        assert (state.status, state.outcome, state.unmade) == ("closed", MISTAKE, True)
        assert not next_steps(state, case.policy)
        assert not [one for one in state.obligations if state.is_asked(one)]


def test_a_policy_may_word_it_in_its_own_way() -> None:
    own = small(("  - {id: settled", "  - {id: raised by mistake, title: Sent in error, by: raising worker, rule: R-1}\n  - {id: settled"))
    assert [(one.title, one.unmakes) for one in own.outcomes if one.id == MISTAKE] == [("Sent in error", True)]


def test_where_a_record_lies_on_file_one_more_is_owed_and_nowhere_else() -> None:
    case = make_case(small(more=RECORD), RAISED, [SCHOOL, COUNCIL]).resolved(SAID, "settled")
    first, other = sorted(one.key for one in case.state().obligations if one.id == "record")
    case.add("fulfilled", first, SAID)
    mistaken(case, LATER)
    owed = [one for one in case.state().obligations if one.status == "owed"]
    assert [(one.kind, one.owner.agency, one.automatic) for one in owed] == [("record", case.state().obligation(first).owner.agency, True)]
    assert case.state().obligation(other).status == "no longer applies"
    case.add("fulfilled", other, LATER)  # it was on its way already, and got there
    assert len([one for one in case.state().obligations if one.status == "owed"]) == 2
    for one in owed:
        case.add("fulfilled", one.key, LATER)
    assert len([one for one in case.state().obligations if one.status == "owed"]) == 1, "what sets right is not itself set right"


def test_opened_again_it_asks_again_for_what_it_asked_for() -> None:
    case = make_case(small(more=RECORD), RAISED, [SCHOOL, COUNCIL])
    before = {one.id for one in next_steps(case.state(), case.policy)}
    case = mistaken(case).add("reopened", case.state().stage, LATER)
    assert {one.id for one in next_steps(case.state(), case.policy)} == before
    assert (case.state().status, case.state().unmade) == ("open", False)
