"""Charts of invented policies: whatever the stages, ways, words and lengths, nothing overlaps and nothing is left out."""

from __future__ import annotations

import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from policies import Policy, chart, load
from policies.plain import as_text, in_plain_english
from tests.policies.geometry import faults, words
from tests.policies.small import HEAD

pytestmark = pytest.mark.slow

# Titles of letters of many scripts, long words, quotes and brackets, but none that YAML or the pack's own <names> would take for its own.
TITLES = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z"), exclude_characters="\"\\<>'"), min_size=1, max_size=60)
KINDS = ("discussion", "meeting", "record", "decision", "plan", "offer", "statement")
YES_NO = st.sampled_from(["yes", "no"])


@st.composite
def duties(draw: st.DrawFn, number: int) -> str:
    """One obligation as a line of a pack."""
    kind, by = draw(st.sampled_from(KINDS)), draw(st.sampled_from(["both", "each"]))
    strength = draw(st.sampled_from(["must", "should", "may"]))
    return f'      - {{id: d{number}, kind: {kind}, title: "{draw(TITLES)}", by: {by}, strength: {strength}, rule: R}}\n'


@st.composite
def stages(draw: st.DrawFn, number: int, nexts: list[str]) -> str:
    """One stage; it may be passed by, repeated, opened by one side, come to straight away, sent back to."""
    lines = [
        f'  - id: {number}\n    title: "{draw(TITLES)}"\n    acts: {"worker" if number == 1 else "boss"}\n    rule: R\n',
        f"    tiers: {draw(st.sampled_from(['yes', 'no']))}\n",
        "    may start here: same agency\n" if number > 1 else "",
        f"    limit: {draw(st.integers(1, 30))} working days\n" if draw(st.booleans()) else "",
        "    opened by: raising\n" if draw(st.booleans()) else "",
    ]
    lines.append(f"    next: {nexts[number - 1]}\n")
    before = [one for one in range(1, number) if number in _after(one, nexts)]
    earlier = sorted(draw(st.sets(st.sampled_from(before), max_size=2))) if before else []
    lines.append("".join(["    goes back:\n", *(f"      - {{to: {one}, rule: R}}\n" for one in earlier)]) if earlier else "")
    lines.append("    owes:\n" + "".join(draw(duties(one)) for one in range(draw(st.integers(1, 5)))))
    return "".join(lines)


def _after(number: int, nexts: list[str]) -> set[int]:
    """The stages that follow this one."""
    found: set[int] = set()
    while nexts[number - 1] != "none":
        number = int(nexts[number - 1])
        found.add(number)
    return found


@st.composite
def policies(draw: st.DrawFn) -> Policy:
    """A policy of two to six stages with any ways between them."""
    count = draw(st.integers(2, 6))
    nexts = [draw(st.sampled_from([str(one), *map(str, range(one, count + 1)), "none"])) for one in range(2, count + 1)] + ["none"]
    return load(HEAD + "stages:\n" + "".join(draw(stages(number, nexts)) for number in range(1, count + 1)), source="drawn.yaml")


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(policies(), st.booleans())
def test_whatever_a_policy_is_its_drawing_is_sound_and_says_it(policy: Policy, narrow: bool) -> None:
    drawing = chart(policy, at=f"stage {policy.stages[-1].id}", narrow=narrow)
    assert faults(drawing.svg) == []
    drawn, told = (re.sub(r"\s+", "", text) for text in (words(drawing.svg), as_text(in_plain_english(policy), width=10_000)))
    for one in (*policy.stages, *policy.duties):
        title = re.sub(r"\s+", "", one.title)
        assert title in drawn
        assert title.rstrip(".") in told
