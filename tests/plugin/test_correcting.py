"""A mistake is corrected by a new entry: the old one stays, and what follows is worked out without it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from plugin.extensions import db
from plugin.models import EventRow
from plugin.models.scope import System, bind
from plugin.services.acting import casework
from plugin.services.acting.casework import Sent
from plugin.services.case import casefile, cases, chain
from plugin.services.keeping.clock import machine_now
from tests.world import World, uk

RAISED = uk("2027-03-19 18:10")


def test_what_was_ticked_by_mistake_is_owed_again(world: World) -> None:
    reference = world.make_disagreement(RAISED)
    state = world.fulfil(reference, "1/discuss", world.actor("nc-1042", "raising"), RAISED + timedelta(hours=1), "discussion", answers={})
    assert state.obligation("1/discuss").status == "done"
    done = state.obligation("1/discuss").done_seq
    later = RAISED + timedelta(hours=2)
    sent = Sent("correction", 1, {"why": "We did not talk."}, once="c1")
    actor = world.actor("nc-1042", "raising")
    state = casework.correct(db.session, world.keys, reference, str(done), actor, sent, later, machine_now()).state
    assert state.obligation("1/discuss").status == "owed"
    bind(db.session, System("test"))
    rows = list(db.session.scalars(select(EventRow).order_by(EventRow.seq)))
    assert [row.kind for row in rows][-2:] == ["fulfilled", "corrected"]
    assert chain.first_break(rows) is None


def test_nobody_corrects_another_agencys_entry_nor_one_twice(world: World) -> None:
    reference = world.make_disagreement(RAISED)
    lead = world.actor("htull", "responding", "practitioner")
    state = world.fulfil(reference, "1/answer", lead, RAISED + timedelta(hours=1), "response", answers={"position": "agree"})
    seq = str(state.obligation("1/answer").done_seq)
    with pytest.raises(cases.NoLongerOpenError):
        sent = Sent("correction", 1, {"why": "No."}, once="c2")
        casework.correct(db.session, world.keys, reference, seq, world.actor("nc-1042", "raising"), sent, RAISED, machine_now())


def test_a_wrong_date_is_taken_back_with_the_words_it_came_with(world: World) -> None:
    reference, actor = world.make_disagreement(RAISED), world.actor("nc-1042", "raising")
    added = Sent("changes", 1, {"note": "Sooner."}, {"protective date": "2027-03-22T12:00:00+00:00"}, once="a1")
    state = casework.add_information(db.session, world.keys, reference, actor, added, RAISED + timedelta(hours=1), machine_now()).state
    assert state.due is not None and state.due.at == uk("2027-03-22 12:00")
    bind(db.session, System("test"))
    noted = db.session.scalars(select(EventRow).where(EventRow.kind == "noted")).one()
    sent = Sent("correction", 1, {"why": "The wrong day."}, once="c3")
    done = casework.correct(db.session, world.keys, reference, str(noted.seq), actor, sent, RAISED + timedelta(hours=2), machine_now())
    assert done.state.due is not None and done.state.due.at != uk("2027-03-22 12:00")
    bind(db.session, System("test"))
    case = cases.open_case(db.session, world.keys, reference=reference)
    titles = [one.title for one in casefile.read(db.session, case, case.state(RAISED + timedelta(hours=2))).entries]
    assert titles[-1] == "A mistake: Information added" and titles[-2].startswith("A mistake: To be settled sooner")
