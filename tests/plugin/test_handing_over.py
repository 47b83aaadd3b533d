"""Somebody asked by mail hands it to a colleague, says it is not theirs, or is away: the next person is asked, the old link ends."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from plugin.extensions import db
from plugin.models import Disagreement, Invitation, MailRow
from plugin.models.scope import System, bind
from plugin.services.acting import handing
from plugin.services.acting.casework import Sent
from plugin.services.case import cases
from plugin.services.case.directory import Directory
from plugin.services.keeping.clock import machine_now
from plugin.services.post import reminders
from tests.world import World, uk

RAISED = uk("2027-03-19 18:10")
LATER = uk("2027-03-22 09:10")


def _asked(world: World) -> tuple[str, str]:
    reference = world.make_disagreement(RAISED)
    bind(db.session, System("test"))
    found = db.session.scalars(select(Invitation).where(Invitation.person_id == f"person:{world.people['htull']}")).one()
    return reference, found.id


def _hand(world: World, reference: str, invitation_id: str, to: str, why: str = "colleague", until: str = "") -> None:
    actor = world.actor("htull", "responding", "practitioner")
    sent = Sent("hand-over", 1, {"why": why, "person": to, "until": until}, {"hand over": why}, f"once-{to}-{why}")
    handing.hand_over(db.session, world.keys, reference, invitation_id, actor, sent, LATER, machine_now())


def test_a_colleague_is_asked_and_the_old_link_ends(world: World) -> None:
    reference, invitation_id = _asked(world)
    _hand(world, reference, invitation_id, world.people["osayed"])
    bind(db.session, System("test"))
    ended = db.session.get(Invitation, invitation_id)
    assert ended is not None
    assert ended.ended_because == "handed over"
    asked = set(db.session.scalars(select(MailRow.recipient).where(MailRow.rung == "ask", MailRow.state == "queued")))
    assert f"person:{world.people['osayed']}" in asked
    case = cases.open_case(db.session, world.keys, reference=reference)
    owner = next(one.owner for one in case.state(LATER).obligations if one.key == "1/answer")
    assert [who.name for who in Directory(db.session, case).recipients(owner)] == ["Idris O'Sayed"]


def test_where_nobody_is_known_the_duty_desk_is_asked(world: World) -> None:
    reference, invitation_id = _asked(world)
    _hand(world, reference, invitation_id, handing.DUTY_DESK, "not me")
    bind(db.session, System("test"))
    assert "duty:hill-top-school" in set(db.session.scalars(select(MailRow.recipient).where(MailRow.rung == "ask")))


def test_nobody_of_another_agency_can_be_named(world: World) -> None:
    reference, invitation_id = _asked(world)
    with pytest.raises(cases.NoLongerOpenError):
        _hand(world, reference, invitation_id, world.people["nc-0815"])
    bind(db.session, System("test"))
    still = db.session.get(Invitation, invitation_id)
    assert still is not None
    assert still.ended_at is None


def test_a_link_that_has_ended_hands_nothing_over(world: World) -> None:
    reference, invitation_id = _asked(world)
    _hand(world, reference, invitation_id, world.people["osayed"])
    with pytest.raises(cases.NoLongerOpenError):
        _hand(world, reference, invitation_id, world.people["bvance"], "away")


def test_whoever_says_that_they_are_away_has_somebody_asked_in_their_other_cases_too(world: World) -> None:
    reference, invitation_id = _asked(world)
    other = world.make_disagreement(RAISED)
    mine, deputy = f"person:{world.people['htull']}", f"person:{world.people['osayed']}"
    _hand(world, reference, invitation_id, world.people["osayed"], "away", "2027-04-06")
    bind(db.session, System("test"))
    there = select(MailRow.recipient).join(Disagreement, Disagreement.id == MailRow.disagreement_id).where(Disagreement.reference == other)
    assert mine in set(db.session.scalars(there))
    assert deputy not in set(db.session.scalars(there))
    reminders.sweep(db.session, world.keys, LATER + timedelta(minutes=1), machine_now())
    assert deputy in set(db.session.scalars(there))
