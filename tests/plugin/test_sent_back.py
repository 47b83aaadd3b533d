"""A disagreement that a policy lets be sent back: by a form with a reason, its people asked again; and one that goes up a tier."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select

import forms
import policies
from plugin.extensions import db
from plugin.models import MailRow, Partnership, begin_writing
from plugin.services.acting import moving
from plugin.services.acting.casework import Sent
from plugin.services.case import cases
from plugin.services.case.policies import activate
from plugin.services.keeping.clock import machine_now
from tests.pages import Visitor
from tests.plugin.visits import as_system, fill_raise, on_sqlite_alone, start
from tests.world import World, make_world, uk

pytestmark = [pytest.mark.slow, on_sqlite_alone]  # left out of make test-quick

BACK = """    goes back:
      - {to: 1, title: Ask the workers to try again, by: either practitioner, rule: GSCB-15}
    rule: "GSCB-15, GSCB-20"
"""


def sending_back(app: Flask) -> World:
    """The demo's world, under its policy with a way back from the managers to the workers."""
    world = make_world(app)
    text = policies.pack_text("gloucestershire")
    assert '    rule: "GSCB-15, GSCB-20"\n' in text
    partnership = as_system().scalars(select(Partnership)).one().id
    begin_writing(db.session)
    activate(db.session, partnership, text.replace('    rule: "GSCB-15, GSCB-20"\n', BACK, 1), machine_now(), forms.ids())
    return world


def test_it_is_sent_back_from_the_page_with_a_reason_that_everybody_sees(app: Flask) -> None:
    world = sending_back(app)
    visitor = Visitor(app)
    page = fill_raise(visitor, world, start(visitor, world))
    page = visitor.press(page, "Send and start")
    page = visitor.press(page, "Go on to Line managers")
    page = visitor.press(page, "Check your answers", {"why": "No.", "next_person": world.people["nc-0815"], "safe_meanwhile": "At home."})
    page = visitor.press(page, "Send")
    assert "Line managers" in page.words
    page = visitor.press(page, "Ask the workers to try again")
    assert "The time for that step starts again" in page.words
    missing = visitor.press(page, "Check your answers", {"why": " ", "safe_meanwhile": "At home."})
    assert missing.errors() == {"why": "Say why it goes back"}
    page = visitor.press(missing, "Check your answers", {"why": "A visit was not tried yet."})
    page = visitor.press(page, "Send")
    assert "Sent back to Worker to worker" in page.words
    assert "A visit was not tried yet." in page.words


def test_its_people_are_asked_again_and_the_time_starts_again(app: Flask) -> None:
    world = sending_back(app)
    reference = world.make_disagreement(uk("2027-03-22 10:00"))
    worker = world.actor("nc-1042", "raising", "practitioner")
    world.escalate(reference, "2", worker, uk("2027-03-24 10:00"))
    sent = Sent("send-back", 1, {"why": "A visit was not tried yet.", "safe_meanwhile": "At home."}, once="back")
    now = uk("2027-03-25 10:00")
    state = moving.make_move(
        db.session, world.keys, reference, "back/1", world.actor("nc-1042", "raising", "practitioner"), sent, now, now
    ).state
    assert (state.stage, str(state.due.local_date if state.due else "")) == ("1", "2027-04-05")  # 30, 31, 1, 2, 5: after Easter
    asked = as_system().scalars(select(MailRow.recipient).where(MailRow.obligation == "1(2)/discuss", MailRow.rung == "ask")).all()
    assert f"person:{world.people['htull']}" in asked
    managers = select(MailRow.state).where(MailRow.obligation.like("2/%"), MailRow.rung == "ask")
    assert set(as_system().scalars(managers).all()) == {"cancelled"}, "what had not left yet is not sent"


def test_the_next_tier_of_management_is_one_tier_up(app: Flask) -> None:
    world = make_world(app)
    reference = world.make_disagreement(uk("2027-03-22 10:00"))
    for number, role in (("2", "practitioner"), ("3", "manager")):
        state = world.escalate(reference, number, world.actor("nc-1042", "raising", role), uk(f"2027-03-{22 + int(number)} 10:00"))
    assert state.stage == "3"
    sent = Sent("escalate", 1, {"why": "No.", "safe_meanwhile": "At home."}, once="tier")
    now = uk("2027-03-25 15:00")
    actor = world.actor("nc-1042", "raising", "senior manager")
    state = moving.make_move(db.session, world.keys, reference, "tier/3", actor, sent, now, now).state
    assert (state.stage, state.spells[-1].tier, state.spells[-2].how) == ("3", 2, "next tier")
    assert cases.open_case(as_system(), world.keys, reference=reference).state(now).spells[-1].tier == 2
