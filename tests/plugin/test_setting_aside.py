"""What the policy says should be done may be set aside, with a reason that everybody sees; what must be done may not."""

from __future__ import annotations

import pytest
from flask import Flask

from plugin.runtime import runtime
from plugin.services.case import cases
from plugin.services.keeping.clock import business_now
from policies import State
from tests.pages import Page, Visitor
from tests.plugin.visits import ANSWERS, as_system, on_sqlite_alone, reference_on, start, to_the_question
from tests.world import World, make_world

pytestmark = [pytest.mark.slow, on_sqlite_alone]  # left out of make test-quick


def _state(app: Flask, reference: str) -> State:
    session = as_system()
    return cases.open_case(session, runtime(app).keys, reference=reference).state(business_now(session))


def _raised(visitor: Visitor, world: World) -> Page:
    """The page of a disagreement just raised, under a policy that has things that should be done."""
    page = to_the_question(visitor, start(visitor, world))
    page = visitor.press(page, "Continue", {"date_0-day": "19", "date_0-month": "11", "date_0-year": "2026", "date_0-time": "9:00"})
    asked = page.form("Check your answers").controls
    answers = {**ANSWERS, "themes": ["other"], "other_theme": "Who collects her", "risk": "High.", "person": world.people["htull"]}
    page = visitor.press(page, "Check your answers", {name: answer for name, answer in answers.items() if name in asked})
    return visitor.press(page, "Send and start")


def test_it_is_set_aside_with_a_reason_and_asked_no_more(app: Flask) -> None:
    visitor = Visitor(app)
    page = _raised(visitor, make_world(app, "birmingham"))
    reference = reference_on(page)
    should = next(one for one in _state(app, reference).obligations if one.strength == "should" and one.status == "owed")
    before = page.words.count(should.title)
    page = visitor.press(page, "Set it aside, with a reason")
    assert should.title in page.h1
    missing = visitor.press(page, "Check your answers", {"why": " "})
    assert missing.errors() == {"why": "Say why it is not done"}
    page = visitor.press(missing, "Check your answers", {"why": "The lead is away and was told by telephone."})
    page = visitor.press(page, "Send")
    assert {one.key: one.status for one in _state(app, reference).obligations}[should.key] == "waived"
    assert "The lead is away and was told by telephone." in page.words and f"Set aside: {should.title}" in page.words
    assert before and "Set it aside, with a reason " + should.title not in page.words


def test_what_must_be_done_is_nobodys_to_set_aside(app: Flask) -> None:
    visitor = Visitor(app)
    page = _raised(visitor, make_world(app, "birmingham"))
    reference = reference_on(page)
    must = next(one for one in _state(app, reference).obligations if one.strength == "must" and one.status == "owed")
    form = page.form("Set it aside, with a reason")
    sends = {**form.sends.to_dict(), "what": f"aside {must.key}", "do": "open"}
    page = visitor.post(f"/case/{reference}/do", sends)
    page = visitor.press(page, "Check your answers", {"why": "No time."})
    page = visitor.press(page, "Send")
    assert page.status == 409
    assert {one.key: one.status for one in _state(app, reference).obligations}[must.key] == "owed"
