"""Where a case begins: what guards its first stage is not asked for, and is said."""

from __future__ import annotations

import pytest

from policies import Policy
from tests.policies.making import make_case
from tests.policies.small import COUNCIL, SCHOOL, small

GUARDED = """  - id: 3
    title: A meeting with the adult
    acts: boss
    may start here: theme is neglect
    limit: 5 working days
    rule: R-5
    enter: [{id: consent, needs: not flag refuses, text: The adult must agree to it., strength: must, rule: R-6}]
"""


@pytest.fixture(scope="module")
def policy() -> Policy:
    themes = (
        "themes:\n",
        "subject: adult\nflags: [{id: refuses, title: Refuses, of: adult}]\nthemes:\n  - {id: neglect, title: Neglect}\n",
    )
    return small(themes, ("    title: First\n", "    title: First\n    may start here: not theme is neglect\n"), more=GUARDED)


@pytest.mark.parametrize(
    ("flags", "says"), [(["refuses"], ["It began at stage 3 although: The adult must agree to it."]), ([], [])], ids=["refuses", "agrees"]
)
def test_a_case_that_begins_past_a_guard_says_so(policy: Policy, flags: list[str], says: list[str]) -> None:
    """The way in is never barred: whoever raised it has to know what the policy would have asked first."""
    case = make_case(policy, "2026-11-23 10:00", [SCHOOL, COUNCIL], start="3", children=[{"child": "a1", "flags": flags}])
    state = case.state()
    assert (state.stage, [one.text for one in state.warnings]) == ("3", says)
