"""The main journey through the services alone, on both databases: every mail and record is a row before anything is sent."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from plugin.extensions import db
from plugin.jobs import work
from plugin.models import Delivery, Disagreement, EventRow, MailRow, ObligationRow
from plugin.models.scope import System, bind
from plugin.services.case import cases, chain
from plugin.services.keeping import clock
from plugin.services.post import reminders
from tests.world import COUNCIL, SCHOOL, World, uk, use_trial_adapter

RAISED = uk("2027-03-19 18:10")


def _mails() -> list[tuple[str, str, str, str]]:
    bind(db.session, System("test"))
    rows = db.session.execute(select(MailRow.obligation, MailRow.rung, MailRow.recipient, MailRow.state).order_by(MailRow.created_at))
    return [tuple(row) for row in rows]


def test_raising_asks_the_other_side_and_says_when_the_stage_ends(world: World) -> None:
    reference = world.make_disagreement(RAISED)
    case = cases.open_case(db.session, world.keys, reference=reference)
    state = case.state(RAISED)
    assert state.due is not None
    assert state.due.at == uk("2027-03-30 23:59:59")
    asked = {(rung, who) for _key, rung, who, state in _mails() if state == "queued"}
    assert ("ask", f"person:{world.people['htull']}") in asked
    assert not any(who == f"person:{world.people['nc-1042']}" and rung == "ask" for rung, who in asked)


def test_the_projection_repeats_what_evaluation_says(world: World) -> None:
    reference = world.make_disagreement(RAISED)
    case = cases.open_case(db.session, world.keys, reference=reference)
    state = case.state(RAISED)
    bind(db.session, System("test"))
    rows = {row.key: row for row in db.session.scalars(select(ObligationRow))}
    wanted = {one.key: one for one in state.obligations if one.status != "not yet"}
    assert rows.keys() == wanted.keys()
    for key, row in rows.items():
        due = wanted[key].due
        assert (row.status, row.due_at) == (wanted[key].status, due.at if due else None)


def test_the_whole_journey_ends_on_both_files(world: World) -> None:
    use_trial_adapter()
    clock.move(_system(), round((RAISED - clock.machine_now()).total_seconds()))
    reference = world.make_disagreement(RAISED)
    worker = world.actor("nc-1042", "raising", "practitioner")
    lead = world.actor("htull", "responding", "practitioner")
    world.fulfil(reference, "1/answer", lead, RAISED + timedelta(hours=2), "response", answers={"position": "disagree", "reasons": "No."})
    worker = world.actor("nc-1042", "raising", "practitioner")
    later = RAISED + timedelta(days=3)
    officer = {"name": "Dorothea Kaminski", "email": "d.kaminski@northleigh.example"}
    state = world.escalate(reference, "2", worker, later, flags=["looked after"], officer=officer)
    assert state.stage == "2"
    told = [row for row in _mails() if "reviewing officer" in row[0]]
    assert len(told) == 1, "the reviewing officer is told once (GSCB-18)"
    assert {who for _key, rung, who, _state in _mails() if rung == "ask"} >= {
        f"person:{world.people['nc-0815']}",
        f"person:{world.people['cpereira']}",
    }
    state = world.resolve(reference, "reasons understood", world.actor("nc-1042", "raising"), later + timedelta(hours=1))
    assert state.status == "settled"
    owed = next(one for one in state.obligations if one.kind == "confirmation")
    role = owed.owner.role
    state = world.fulfil(
        reference, owed.key, world.actor("nc-1042", "raising", role), later + timedelta(hours=2), "confirmation", answers={}
    )
    assert any(move.kind == "close" and move.open for move in state.moves)
    work.deliver()
    bind(db.session, System("test"))
    rows = {row.agency_id: row for row in db.session.scalars(select(Delivery))}
    assert {agency: row.state for agency, row in rows.items()} == {COUNCIL: "on file", SCHOOL: "on file"}
    events = list(db.session.scalars(select(EventRow).order_by(EventRow.seq)))
    assert chain.first_break(events) is None
    assert db.session.scalar(select(Disagreement.seq)) == len(events)


def test_the_overdue_reminder_comes_once_and_the_deputy_is_told(world: World) -> None:
    world.make_disagreement(RAISED)
    bind(db.session, System("sweep"))
    for late in (uk("2027-04-01 09:30"), uk("2027-04-01 09:30"), uk("2027-04-06 09:30")):
        reminders.sweep(db.session, world.keys, late, late)
    rungs = [(rung, who) for key, rung, who, _state in _mails() if key == "1/discuss"]
    lead, deputy = f"person:{world.people['htull']}", f"person:{world.people['osayed']}"
    assert rungs.count(("overdue", lead)) == 1
    assert rungs.count(("next person", deputy)) == 1


def _system() -> object:
    bind(db.session, System("test"))
    return db.session
