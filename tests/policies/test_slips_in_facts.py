"""A word in the facts of an event that the policy does not have: said, with what was probably meant, and no date follows from it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.policies.making import Case, child, make_case
from tests.policies.small import COUNCIL, SCHOOL, small

URGENCY = """
choices:
  - id: urgency
    title: How urgent it is
    default: usual
    rule: A-1
    options: [{id: usual, title: Usual}, {id: urgent, title: Urgent}]
dates:
  - {id: concern received, title: When the concern was received, rule: A-1}
owes:
  - id: answer
    kind: letter
    title: Answer
    by: responding worker
    to: raising worker
    limit: [1 working day when urgency is urgent, 5 working days otherwise]
    strength: must
    rule: A-1
"""


def case_with(**facts: Any) -> Case:
    return make_case(small(more=URGENCY), "2026-11-23 10:00", (SCHOOL, COUNCIL), **facts)


@pytest.mark.parametrize(
    ("facts", "says"),
    [
        ({"dates": {"concern recieved": "2026-11-20T10:00:00Z"}}, "The date 'concern recieved' given when it was raised means nothing"),
        ({"dates": {"concern recieved": "2026-11-20T10:00:00Z"}}, "Do you mean 'concern received'?"),
        (
            {"choices": {"urgncy": "urgent"}},
            "The choice 'urgncy' given when it was raised means nothing in this policy. Do you mean 'urgency'?",
        ),
        ({"choices": {"urgency": "urgnt"}}, "'urgnt' is no option of 'urgency' in this policy and was left out (when it was raised)."),
        ({"flags": ["nosuch"]}, "The flag 'nosuch' given when it was raised means nothing in this policy."),
        ({"children": [child("c1", "nosuch")]}, "The flag 'nosuch' given when it was raised means nothing in this policy."),
    ],
)
def test_a_slip_in_what_was_given_when_it_was_raised_is_named(facts: dict[str, Any], says: str) -> None:
    case = case_with(**facts)
    assert any(says in text for text in case.warned("unknown")), case.warned("unknown")


def test_a_theme_and_a_kind_of_agency_that_the_policy_does_not_have_are_named() -> None:
    stranger = {"agency": "a1", "type": "scool", "side": "raising"}
    case = make_case(small(more=URGENCY), "2026-11-23 10:00", [stranger, COUNCIL])
    case.events[0].facts["themes"][:] = ["nosuch"]
    said = " ".join(case.warned("unknown"))
    assert "The theme 'nosuch'" in said
    assert "The kind of agency 'scool' given when it was raised means nothing in this policy. Do you mean 'school'?" in said


def test_an_option_that_is_none_changes_no_date_and_is_named_with_its_event() -> None:
    case = case_with().fact("urgency", "2026-11-23 11:00", value="urgnt")
    assert case.due("case/answer") == "2026-11-30"
    assert any("'urgnt' is no option of 'urgency' in this policy and was left out (event 2). Do you mean 'urgent'?" in one
               for one in case.warned("unknown"))  # fmt: skip
    assert case.fact("urgency", "2026-11-23 12:00", value="urgent").due("case/answer") == "2026-11-24"


def test_nothing_is_said_where_every_word_is_known() -> None:
    facts = {"dates": {"concern received": "2026-11-20T10:00:00Z"}, "choices": {"urgency": "urgent"}}
    assert case_with(**facts).warned("unknown") == []
