"""A simulated case drawn day by day: every line of the run is there, in the stay it belongs to, and nothing overlaps."""

from __future__ import annotations

import re
from typing import Any

import pytest

from policies import pack, pack_ids
from policies.charting import timeline_chart
from policies.plain import as_text
from policies.trying.simulating import simulate
from tests.policies.geometry import faults, words
from tests.policies.making import at

ANSWERS = ["none", "late", "prompt"]


def squeezed(text: str) -> str:
    return re.sub(r"\s+", "", text)


@pytest.mark.parametrize("answers", ANSWERS)
@pytest.mark.parametrize("name", pack_ids())
def test_every_line_of_a_run_is_drawn_and_said_and_nothing_overlaps(name: str, answers: Any) -> None:
    run = simulate(pack(name), at("2027-03-19 18:10"), answers)
    for narrow in (False, True):
        drawing = timeline_chart(pack(name), run, narrow=narrow)
        assert faults(drawing.svg) == []
        for told in (squeezed(words(drawing.svg)), squeezed(as_text(drawing.outline, width=10_000))):
            lines = [one.text if one.what != "ends" else one.text.rpartition(", ")[2] for one in run.lines]  # the end heads the stay
            assert [one for one in lines if squeezed(one).casefold() not in told.casefold()] == []


def test_days_are_dated_in_words_and_stand_in_the_stage_they_belong_to() -> None:
    run = simulate(pack("gloucestershire"), at("2027-03-19 18:10"), "late")
    drawing = timeline_chart(pack("gloucestershire"), run)
    stays = {one.title: as_text(one) for one in drawing.outline.parts}
    assert list(stays)[:2] == ["Stage 1: Worker to worker", "Stage 2: Line managers"]
    assert "To be settled by the end of Tuesday 30 March 2027." in stays["Stage 1: Worker to worker"]
    assert "Friday 19 March 2027. 18:10 Raised" in stays["Stage 1: Worker to worker"]
    assert "Not settled at Worker to worker" in stays["Stage 1: Worker to worker"]
    assert "Not settled" not in stays["Stage 2: Line managers"].split("Not settled at Line managers")[0]
    assert any(title.startswith("It is closed") for title in stays)


def test_a_run_that_stays_open_ends_at_its_last_stage() -> None:
    drawing = timeline_chart(pack("havering"), simulate(pack("havering"), at("2026-12-23"), "none"))
    assert drawing.outline.parts[-1].title == "Stage 4: Chair of the partnership"
    assert "the other side never answers" in drawing.summary
    assert "It ends open, at stage 4" in drawing.summary
