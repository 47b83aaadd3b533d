"""A policy drawn: everything it asks for is in the picture and in its words, and nothing in the picture touches anything else."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest

from policies import Policy, chart, pack, pack_ids
from policies.charting import Drawing
from policies.plain.writing import as_html, as_text
from tests.policies.drawn import DRAWN, PIECE_NAMES, branching, drawn
from tests.policies.geometry import faults, words
from tests.policies.making import child, make_case
from tests.policies.small import small

WIDTHS = pytest.mark.parametrize("narrow", [False, True], ids=["wide", "narrow"])


def squeezed(text: str) -> str:
    """Without spaces, so that the breaks of lines do not matter."""
    return re.sub(r"\s+", "", text)


def said_in(policy: Policy) -> list[str]:
    """What any drawing of this policy must say: each stage, length of time, obligation, guard, outcome, panel and choice."""
    lengths = [
        limit.text.partition(" from ")[0].partition(" when ")[0].partition(" before ")[0].removesuffix(" otherwise")
        for clock in (
            *(one.limit for one in policy.stages),
            *(one.cumulative for one in policy.stages),
            *(one.clock for one in policy.caps),
            *(one.clock for one in policy.duties),
            *(one.cumulative for one in policy.duties),
        )
        if clock is not None
        for limit in clock.limits
    ]
    return [
        *(f"Stage {one.id}: {one.title}" for one in policy.stages),
        *lengths,
        *(one.title for one in policy.duties),
        *(guard.text for one in policy.stages for guard in one.guards),
        *(one.title for one in (*policy.outcomes, *policy.panels, *policy.questions, *policy.caps, *policy.dates)),
        *(one.question for one in policy.redirects),
        *([policy.emergency.question, policy.emergency.text] if policy.emergency else []),
    ]


@WIDTHS
@pytest.mark.parametrize("name", DRAWN)
def test_nothing_in_a_chart_overlaps_leaves_its_box_or_is_crossed(name: str, narrow: bool) -> None:
    assert faults(chart(drawn(name), narrow=narrow).svg) == []


@pytest.mark.slow
@pytest.mark.parametrize("name", PIECE_NAMES)
def test_each_piece_of_the_guide_can_be_drawn_too(name: str) -> None:
    for narrow in (False, True):
        drawing = chart(drawn(name), narrow=narrow)
        assert faults(drawing.svg) == []
        assert [one for one in said_in(drawn(name)) if squeezed(one) not in squeezed(words(drawing.svg))] == []


@WIDTHS
@pytest.mark.parametrize("name", DRAWN)
def test_a_chart_and_its_words_say_every_stage_limit_notice_and_guard(name: str, narrow: bool) -> None:
    policy = drawn(name)
    drawing = chart(policy, narrow=narrow)
    for told in (words(drawing.svg), as_text(drawing.outline)):
        assert [one for one in said_in(policy) if squeezed(one) not in squeezed(told)] == []


@pytest.mark.parametrize("name", DRAWN)
def test_the_words_of_a_chart_leave_out_nothing_that_is_drawn(name: str) -> None:
    drawing = chart(drawn(name))
    told = squeezed(as_text(drawing.outline, width=10_000))
    missing = [one.text for one in drawing.plan.labels if squeezed(one.text) not in told]
    assert missing == []


@pytest.mark.parametrize("name", pack_ids())
def test_every_notice_of_a_policy_says_who_tells_whom(name: str) -> None:
    policy = pack(name)
    told = words(chart(policy).svg)
    for duty in policy.duties:
        for ref in (duty.by, *duty.to):
            assert ref.side == "officer" or policy.roles[ref.role].title.casefold().removeprefix("the ") in told.casefold()


def test_stages_stand_in_order_and_each_asks_whether_it_is_settled() -> None:
    drawing = chart(pack("birmingham"))
    tops = [drawing.plan.box(f"{kind} {stage}").y for stage in ("1", "2", "3a", "3b", "4") for kind in ("stage", "ask")]
    assert tops == sorted(tops)
    assert drawing.plan.box("settled").y > tops[-1]


def ways(drawing: Drawing, kind: str) -> int:
    return sum(one.kind == kind for one in drawing.plan.arrows)


def test_a_tier_loop_a_jump_and_a_way_past_a_stage_have_arrows_of_their_own() -> None:
    assert ways(chart(pack("gloucestershire")), "tier") == 1
    assert ways(chart(pack("south-gloucestershire")), "jump") == 3
    found = chart(branching())
    assert (ways(found, "tier"), ways(found, "jump"), ways(found, "skip")) == (1, 2, 1)
    assert ways(chart(small()), "yes") == 2


def test_the_stage_of_a_case_is_marked_in_the_picture_in_its_words_and_in_its_summary() -> None:
    case = make_case("gloucestershire", "2027-03-19 18:10", children=[child("c1", "looked after")]).unresolved("1", "2027-03-30")
    policy = pack("gloucestershire")
    for narrow in (False, True):
        drawing = chart(policy, case.state(), narrow=narrow)
        assert [one.key for one in drawing.plan.boxes if one.now] == ["stage 2"]
        assert "The case is here, by the end of Tuesday 6 April 2027" in words(drawing.svg)
        assert "Stage 1: Worker to worker (the case has been here)" in words(drawing.svg)
        assert "by the end of Tuesday 6 April 2027: Stage 2: Line managers" in drawing.summary
        assert "The case is here" in as_text(drawing.outline)
        assert faults(drawing.svg) == []
    assert not any(one.now for one in chart(policy).plan.boxes)


def test_a_settled_and_a_closed_case_are_marked_at_the_end() -> None:
    case = make_case("gloucestershire", "2027-03-19 18:10").resolved("2027-03-22", "resolved")
    drawing = chart(case.policy, case.state())
    assert [one.key for one in drawing.plan.boxes if one.now] == ["settled"]
    assert "The case is settled: Resolved" in words(drawing.svg)
    case.add("closed", "resolved", "2027-03-23")
    assert [one.key for one in chart(case.policy, case.state()).plan.boxes if one.now] == ["closed"]


@WIDTHS
@pytest.mark.parametrize("name", pack_ids())
def test_a_chart_needs_no_script_no_style_and_nothing_from_elsewhere(name: str, narrow: bool) -> None:
    root = ElementTree.fromstring(chart(pack(name), narrow=narrow).svg)
    tags = {one.tag.rpartition("}")[2] for one in root.iter()}
    assert tags <= {"svg", "title", "desc", "rect", "polygon", "polyline", "text"}
    attributes = {name for one in root.iter() for name in one.attrib}
    assert not {one for one in attributes if one in ("style", "class", "href") or one.startswith("on")}


def test_a_chart_has_a_title_and_a_description_with_ids_of_its_own() -> None:
    one, two = chart(pack("wiltshire"), prefix="a").svg, chart(pack("wiltshire"), prefix="b").svg
    for prefix, svg in (("a", one), ("b", two)):
        root = ElementTree.fromstring(svg)
        named = {part.attrib["id"]: part.text for part in root.iter() if "id" in part.attrib}
        assert set(named) == {f"{prefix}-title", f"{prefix}-desc"}
        assert root.attrib["aria-labelledby"] == f"{prefix}-title {prefix}-desc"
        assert root.attrib["role"] == "img"
        assert all(named.values())


@pytest.mark.parametrize("name", DRAWN)
def test_the_pieces_for_paper_fit_on_a4_and_cut_through_nothing(name: str) -> None:
    drawing = chart(drawn(name))
    blocks = {one.key: one for one in drawing.plan.boxes if not one.inside}
    at = 0.0
    for piece in drawing.pieces("p"):
        _, top, width, height = (float(one) for one in ElementTree.fromstring(piece).attrib["viewBox"].split())
        assert abs(top - at) < 0.2
        at = top + height
        assert [one for one in faults(piece) if "way" not in one] == []
        assert height <= width * 267 / 186 or height < max(one.height for one in blocks.values()) + 120
        assert not any(one.y < at < one.bottom - 0.2 for one in drawing.plan.boxes)
    assert abs(at - drawing.height) < 0.2


def test_hostile_words_stay_words() -> None:
    policy = small(("title: Talk,", "title: '</text>< script>alert(1)</script> & \"more\"',"))
    drawing = chart(policy, prefix='"><script>')
    assert "script>" not in drawing.svg.replace("script&gt;", "")
    assert "alert(1)" in words(drawing.svg)
    assert "script>" not in as_html(drawing.outline).replace("script&gt;", "")


def test_letters_of_any_script_and_words_of_any_length_stay_in_their_boxes() -> None:
    for title in ("子どもの安全について話し合う" * 5, "مناقشة سلامة الطفل " * 6, "Ö" * 130, "🙂" * 40, "é́" * 50):
        for narrow in (False, True):
            assert faults(chart(small(("title: Talk,", f"title: '{title}',")), narrow=narrow).svg) == []


BOX = '<rect x="{}" y="{}" width="40" height="20" stroke="#000"/>'


@pytest.mark.parametrize(
    ("drawn", "fault"),
    [
        (BOX.format(0, 0) + BOX.format(30, 10), "overlaps"),
        (BOX.format(80, 0), "leaves the sheet"),
        ('<text x="50" y="50" font-size="12">far too long for this</text>', "leaves the sheet"),
        (BOX.format(0, 0) + '<text x="2" y="14" font-size="12">too long</text>', "is cut by"),
        ('<text x="2" y="14" font-size="12">one</text><text x="9" y="16" font-size="12">two</text>', "overlaps"),
        (BOX.format(0, 20) + '<polyline points="20,0 20,60"/>', "crosses"),
        ('<polyline points="0,50 90,50"/><text x="2" y="54" font-size="12">crossed</text>', "crosses"),
        ('<polyline points="0,50 90,50"/><polyline points="40,10 40,90"/>', "cross without a gap"),
        ('<polyline points="0,50 90,50"/><polyline points="10,51 80,51"/>', "run along each other"),
        ('<polyline points="0,50 90,50"/><polygon points="40,52 44,40 36,40"/>', "runs through the head"),
    ],
)
def test_the_measuring_itself_finds_what_is_wrong(drawn: str, fault: str) -> None:
    found = faults(f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 100">{drawn}</svg>')
    assert any(fault in one for one in found)


def test_ways_cross_only_where_they_must_and_then_one_has_a_gap() -> None:
    """Whoever passes stage 2 by must cross the way straight to stage 2; none of them need cross the way straight to stage 3."""
    assert chart(branching()).svg.count('stroke="#ffffff"') == 1
    under = '<polyline points="{}" fill="none" stroke="#ffffff"/>'
    crossing = '<polyline points="0,50 90,50"/>{}<polyline points="40,10 40,90"/>'.format(under.format("40,46 40,54"))
    assert faults(f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 100">{crossing}</svg>') == []


def test_who_owes_a_thing_is_drawn_by_the_table_where_it_is_the_same_everywhere_and_a_way_in_for_all_without_a_condition() -> None:
    row = "{2: raising quality manager or responding head of service}"
    policy = small(
        ("by: both, strength: must", "by: raising boss, strength: must"),
        ("    rule: R-3\n", "    rule: R-3\n    may start here: raised\n"),
        more=f"role table: {{school: {row}, council: {row}}}\n",
    )
    drawn_words = " ".join(words(chart(policy).svg).split())
    assert "Raising side: quality manager" in drawn_words
    assert "quality manager (raising side) or head of service (responding side)" in drawn_words
    assert "A case may start here, or come straight here." in drawn_words


def test_a_panel_among_what_is_told_and_written_is_named_above_it() -> None:
    assert "Who is told, what is written, who sits on the panel" in as_text(chart(drawn("canolbarth")).outline)
