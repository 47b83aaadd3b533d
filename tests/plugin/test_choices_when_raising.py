"""What a policy lets the raising side choose is asked as a disagreement is raised, counts, and can be read afterwards."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

import forms
from plugin.extensions import db
from plugin.models import EventRow, Partnership
from plugin.models.scope import System, bind
from plugin.services.case.policies import activate
from plugin.services.keeping.clock import machine_now
from plugin.web.child import policy_questions
from policies import Policy, load, pack
from tests.pages import Page, Visitor
from tests.plugin.visits import ANSWERS, as_system, on_sqlite_alone, start, to_where
from tests.policies.rows import STRANGERS
from tests.world import World, make_world


def stranger(id: str) -> Policy:
    """A policy of an area that the bundled packs do not know."""
    return load((STRANGERS / f"{id}.yaml").read_text(encoding="utf-8"))


def make_world_under(app: Flask, id: str) -> World:
    """The demo's people under such a policy."""
    world = make_world(app)
    bind(db.session, System("test"))
    partnership = db.session.scalar(select(Partnership.id)) or ""
    db.session.rollback()
    activate(db.session, partnership, (STRANGERS / f"{id}.yaml").read_text(encoding="utf-8"), machine_now(), forms.ids())
    return world


def _what_counts(page: Page) -> dict[str, Any]:
    facts = as_system().scalar(select(EventRow.facts).where(EventRow.kind == "raised"))
    assert facts is not None, page.words
    return dict(facts)


def _sent(visitor: Visitor, page: Page, world: World, theme: str) -> Page:
    asked = page.form("Check your answers").controls
    answers = {**ANSWERS, "themes": [theme], "person": world.people["htull"], "risk": "Likely, and soon."}
    page = visitor.press(page, "Check your answers", {name: said for name, said in answers.items() if name in asked})
    assert page.h1 == "Check your answers", page.errors()
    return page


def test_only_what_the_raising_side_may_choose_at_the_start_is_asked() -> None:
    asked = {id: [one.id for _, one in policy_questions.choices(pack(id), "")] for id in ("birmingham", "gloucestershire", "wiltshire")}
    assert asked == {"birmingham": ["first raised"], "gloucestershire": [], "wiltshire": []}
    assert [one.id for _, one in policy_questions.choices(stranger("fenbridge"), "")] == ["route"], "offered at the first step"
    assert policy_questions.choices(stranger("harrowdale"), "") == [], "the other side's, and later"


def test_a_page_with_dates_alone_asks_when_it_happened() -> None:
    form = policy_questions.facts(pack("birmingham"), "")
    assert form is not None and form.title == "A few facts"
    dated = [pack(id) for id in ("gloucestershire", "havering", "south-gloucestershire", "wiltshire") if pack(id).dates]
    titles = {form.title for one in dated if (form := policy_questions.facts(one, ""))}
    assert titles <= {"When did it happen?"}


def test_a_choice_that_was_not_offered_is_not_taken() -> None:
    assert policy_questions.choices_given(pack("gloucestershire"), "", {"choice_0": "panel"}) == {}
    assert policy_questions.choices_given(stranger("lough-erran"), "", {"choice_0": "urgent"}) == {"urgency": "urgent"}


@pytest.mark.slow
@on_sqlite_alone
@pytest.mark.parametrize("cookies", [True, False])
def test_how_urgent_it_is_is_asked_counts_and_is_shown(app: Flask, cookies: bool) -> None:
    world = make_world_under(app, "lough-erran")
    visitor = Visitor(app, cookies=cookies)
    page = visitor.press(to_where(visitor, start(visitor, world)), "Continue", {"agency": "hill-top-school"})
    assert page.h1 == "A few facts"
    assert page.form("Continue").sends["choice_0"] == "usual", "what the policy takes where nobody says anything is chosen beforehand"
    page = visitor.press(page, "Continue", {"choice_0": "urgent"})
    page = _sent(visitor, page, world, "plan")
    assert "How urgent it is Urgent" in page.words, "looked over with the rest"
    page = visitor.press(page, "Send and start")
    assert _what_counts(page)["choices"] == {"urgency": "urgent"}
    assert "How urgent it isUrgent" in page.words, "told in the story"
    assert "(2 hours), counted from" in page.words, "and the step's time follows it"


@pytest.mark.slow
@on_sqlite_alone
def test_a_choice_with_nothing_usual_can_be_left_for_later(app: Flask) -> None:
    world = make_world(app, "birmingham")
    visitor = Visitor(app)
    page = visitor.press(to_where(visitor, start(visitor, world)), "Continue", {"agency": "hill-top-school"})
    assert "You can also say this later." in page.words
    dates = {
        name: {"day": "19", "month": "11", "year": "2026", "time": "9:00"}[name.rsplit("-", 1)[1]]
        for name in page.form("Continue").controls
        if name.startswith("date_")
    }
    page = visitor.press(page, "Continue", dates)
    assert page.h1 != "A few facts", page.errors()
    page = _sent(visitor, page, world, next(one.id for one in pack("birmingham").themes if one.id != "other"))
    page = visitor.press(page, "Send and start")
    assert "choices" not in _what_counts(page)
