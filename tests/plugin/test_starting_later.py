"""A disagreement that starts at a later step, where the policy lets it: asked only there, with the reason, and kept on the record."""

from __future__ import annotations

import pytest
from flask import Flask

from plugin.runtime import runtime
from plugin.services.case import cases
from plugin.services.keeping.clock import business_now
from tests.pages import Page, Visitor
from tests.plugin.visits import ANSWERS, as_system, on_sqlite_alone, reference_on, start
from tests.world import World, make_world

pytestmark = [pytest.mark.slow, on_sqlite_alone]  # left out of make test-quick


def _on(visitor: Visitor, page: Page, **answers: str) -> Page:
    return visitor.press(page, "Continue", answers)


def _in_danger(visitor: Visitor, world: World) -> Page:
    """From the list to the first page after the organisation and the dates: a child in danger."""
    page = visitor.press(start(visitor, world), "Raise professional disagreement")
    page = _on(visitor, page, immediate_harm="yes")
    page = visitor.press(page, "I have read this. Continue")
    if page.h1 == "Is this the right way?":
        page = visitor.press(page, "Continue", dict.fromkeys(page.form("Continue").controls, "no"))
    page = _on(visitor, page, agency="hill-top-school")
    if page.h1 in ("When did it happen?", "A few facts"):
        page = visitor.press(page, "Continue", {"date_0-day": "19", "date_0-month": "11", "date_0-year": "2026", "date_0-time": "9:00"})
    return page


def _sent(visitor: Visitor, page: Page, world: World) -> Page:
    asked = page.form("Check your answers").controls
    answers = {**ANSWERS, "themes": ["other"], "other_theme": "Who collects her", "person": world.people["htull"]}
    page = visitor.press(page, "Check your answers", {name: answer for name, answer in answers.items() if name in asked})
    assert page.h1 == "Check your answers", page.errors()
    assert "Where should it start? Not answered" not in page.main, "only what was asked is looked over"
    return visitor.press(page, "Send and start")


def _stage(app: Flask, reference: str) -> str:
    session = as_system()
    return cases.open_case(session, runtime(app).keys, reference=reference).state(business_now(session)).stage


def test_a_child_in_danger_lets_it_start_higher_with_the_reason(app: Flask) -> None:
    world = make_world(app, "south-gloucestershire")
    visitor = Visitor(app)
    page = _in_danger(visitor, world)
    assert page.h1 == "Where it starts"
    missing = _on(visitor, page, start="3")
    assert missing.errors() == {"start_why": "Say why it cannot wait"}
    page = _on(visitor, missing, start="3", start_why="His father is out of prison tonight.")
    page = _sent(visitor, page, world)
    assert _stage(app, reference_on(page)) == "3"
    assert "His father is out of prison tonight." in page.words


def test_a_child_in_danger_may_start_at_the_first_step_all_the_same(app: Flask) -> None:
    world = make_world(app, "south-gloucestershire")
    visitor = Visitor(app)
    page = _on(visitor, _in_danger(visitor, world), start="1")
    page = _sent(visitor, page, world)
    assert _stage(app, reference_on(page)) == "1"


@pytest.mark.parametrize(("flags", "asked"), [(["other agency disagrees", "lead consulted"], True), (["lead consulted"], False)])
def test_what_else_must_be_true_is_asked_first_and_decides(app: Flask, flags: list[str], asked: bool) -> None:
    world = make_world(app, "wiltshire")
    visitor = Visitor(app)
    page = _in_danger(visitor, world)
    assert "Is any of this true?" in page.words
    page = visitor.press(page, "Continue", {"case_flags": flags})
    assert (page.h1 == "Where it starts") is asked
    if asked:
        page = _on(visitor, page, start="3", start_why="She goes home at three.")
    page = _sent(visitor, page, world)
    assert _stage(app, reference_on(page)) == ("3" if asked else "pre")
    assert "The designated safeguarding lead or deputy was asked first" in page.words


def test_no_danger_no_question(app: Flask) -> None:
    world = make_world(app, "south-gloucestershire")
    visitor = Visitor(app)
    page = visitor.press(start(visitor, world), "Raise professional disagreement")
    page = _on(visitor, page, immediate_harm="no")
    if page.h1 == "Is this the right way?":
        page = visitor.press(page, "Continue", dict.fromkeys(page.form("Continue").controls, "no"))
    page = _on(visitor, page, agency="hill-top-school")
    if page.h1 in ("When did it happen?", "A few facts"):
        page = visitor.press(page, "Continue", {"date_0-day": "19", "date_0-month": "11", "date_0-year": "2026", "date_0-time": "9:00"})
    assert page.h1.startswith("Raise a disagreement")
    page = _sent(visitor, page, world)
    assert "Where should it start?" not in page.words
