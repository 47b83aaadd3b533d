"""The page of a closed disagreement says what the policy still asks for, to whoever owes it with a button; and nothing else to do."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select

import forms
import policies
from plugin.extensions import db
from plugin.models import Partnership, begin_writing
from plugin.runtime import runtime
from plugin.services.case.cases import open_case
from plugin.services.case.policies import activate
from plugin.services.keeping.clock import business_now, machine_now
from tests.pages import Page, Visitor
from tests.plugin.visits import as_system, on_sqlite_alone, raise_by_hand, reference_on, start
from tests.world import World, make_world

pytestmark = [pytest.mark.slow, on_sqlite_alone]  # left out of make test-quick

AUDIT = """
owes:
  - id: audit
    kind: debrief
    title: Look at how it went, for the audit
    by: raising practitioner
    when: closed
    limit: 20 working days
    strength: must
    form: debrief
    rule: GSCB-36
"""


def closed(app: Flask, world: World, visitor: Visitor) -> Page:
    """Raised, settled and closed by the worker who raised it."""
    page = raise_by_hand(visitor, world, start(visitor, world))
    reference = reference_on(page)
    session = as_system()
    state = open_case(session, runtime(app).keys, reference=reference).state(business_now(session))
    outcome = next(one.to for one in state.moves if one.kind == "resolve" and one.open)
    raiser = ("nc-1042", "raising", "practitioner")
    state = world.resolve(reference, outcome, world.actor(*raiser), business_now(session))
    for one in state.obligations:
        if one.holds_open and one.status == "owed":
            actor = world.actor("nc-1042", "raising", one.owner.role)
            world.fulfil(reference, one.key, actor, business_now(session), "confirmation", answers={})
    page = visitor.press(visitor.press(page, "All disagreements"), reference)
    page = visitor.press(page, "Close the disagreement")
    page = visitor.press(page, "Check your answers", {"sure": ["yes"]})
    return visitor.press(page, "Send")


def test_what_is_asked_for_after_the_closing_is_on_the_page_with_a_button(app: Flask) -> None:
    world = make_world(app)
    text = policies.pack_text("gloucestershire").replace("\nowes:\n", AUDIT, 1)
    partnership = as_system().scalars(select(Partnership)).one().id
    begin_writing(db.session)
    activate(db.session, partnership, text, machine_now(), forms.ids())
    page = closed(app, world, Visitor(app))
    assert "What happens next" in page.words
    assert "Look at how it went, for the audit" in page.buttons()


def test_where_the_policy_asks_for_nothing_more_the_page_asks_for_nothing(app: Flask) -> None:
    page = closed(app, make_world(app), Visitor(app))
    assert "Closed" in page.words
    assert not [one for one in page.buttons() if one.startswith(("Talk to", "Answer", "Say what"))]
