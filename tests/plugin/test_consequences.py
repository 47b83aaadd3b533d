"""What follows from a case, made again and again: projections equal evaluation, nothing is made twice, what is over is cancelled."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import delete, select, update

from plugin.extensions import db
from plugin.models import Binding, Delivery, Disagreement, EventRow, Invitation, MailRow, ObligationRow, begin_writing
from plugin.models.scope import System, bind
from plugin.services.acting import casework, consequences, moving
from plugin.services.acting.casework import Sent
from plugin.services.acting.rights import Actor
from plugin.services.case import cases, chain
from plugin.services.case.cases import NoLongerOpenError
from plugin.services.keeping.clock import machine_now
from plugin.services.post import mailing, reminders
from policies import State
from tests.plugin.test_at_once import at_once, in_app
from tests.plugin.visits import as_system
from tests.world import World, uk

RAISED = uk("2027-03-19 18:10")
OFFICER = {"name": "Dorothea Kaminski", "email": "d.kaminski@northleigh.example"}
COMPARED = ("kind", "strength", "status", "side", "role", "agency_id", "due_at", "next_act_at")


def rows_of(table: Any, *columns: str) -> list[tuple[Any, ...]]:
    """The rows of a table as plain values, in an order of their own."""
    names = columns or tuple(column.key for column in table.__mapper__.column_attrs)
    session = as_system()
    return sorted((tuple(getattr(row, name) for name in names) for row in session.scalars(select(table))), key=repr)


def projection() -> dict[str, tuple[Any, ...]]:
    """The projected obligations by key."""
    return {row.key: tuple(getattr(row, name) for name in COMPARED) for row in as_system().scalars(select(ObligationRow))}


def look_again(world: World, reference: str, now: datetime) -> State:
    """What a sweep does to one case."""

    def work() -> State:
        case = cases.open_case(db.session, world.keys, reference=reference, lock=True)
        state = case.state(now)
        consequences.carry_out(db.session, case, state, now, machine_now=machine_now())
        return state

    as_system()
    return cases.transact(db.session, work)


def _sent(form: str, number: int, **answers: Any) -> Sent:
    facts = {"flags": answers["flags"]} if "flags" in answers else {}
    return Sent(form, 1, {"why": "We do not agree.", **answers}, facts, f"walk-{number}")


def _actors(world: World) -> list[Actor]:
    plain = [world.actor("nc-1042", "raising"), world.actor("htull", "responding")]
    held = [("nc-0815", "raising", "manager"), ("cpereira", "responding", "manager"), ("nc-0207", "raising", "senior manager")]
    return plain + [world.actor(who, side, role) for who, side, role in held]


def _step(world: World, reference: str, chance: random.Random, now: datetime, number: int) -> str:
    """One thing that somebody could do now; what is not open is refused, and that is a step too."""
    actor = chance.choice(_actors(world))
    bind(db.session, System("walk"))
    state = cases.open_case(db.session, world.keys, reference=reference).state(now)
    able = [one.key for one in state.obligations]
    moves = [one.key for one in state.moves if one.kind != "close"] or [""]
    doings: list[Callable[[], Any]] = [
        lambda: casework.fulfil(db.session, world.keys, reference, chance.choice(able), actor, _sent("done", number), now, machine_now()),
        lambda: moving.make_move(
            db.session, world.keys, reference, chance.choice(moves), actor, _sent("escalate", number), now, machine_now()
        ),
        lambda: casework.add_information(
            db.session,
            world.keys,
            reference,
            actor,
            _sent("changes", number, flags=chance.choice([[], ["looked after"], ["child protection plan"]]), officer=OFFICER),
            now,
            machine_now(),
        ),
        lambda: look_again(world, reference, now),
    ]
    try:
        chance.choices(doings, (5, 2, 1, 1))[0]()
    except NoLongerOpenError:
        return "refused"
    return "done"


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_on_a_random_walk_the_projection_repeats_evaluation_and_rebuilding_changes_nothing(world: World, seed: int) -> None:
    chance = random.Random(seed)
    reference = world.make_disagreement(RAISED, flags=["looked after"], own_people=())
    now, came = RAISED, Counter[str]()
    for number in range(24):
        now += timedelta(minutes=chance.choice([1, 30, 600, 1500, 4000]))
        came[_step(world, reference, chance, now, number)] += 1
        live = look_again(world, reference, now)
        wanted = {one.key: one for one in live.obligations if one.status != "not yet"}
        known = projection()
        assert known.keys() == wanted.keys()
        for key, row in known.items():
            one = wanted[key]
            assert row[:7] == (
                one.kind,
                one.strength,
                one.status,
                one.owner.side,
                one.owner.role,
                one.owner.agency,
                one.due.at if one.due else None,
            )
    assert came["done"] >= 5
    before = projection()
    session = as_system()
    begin_writing(session)
    session.execute(delete(ObligationRow))
    session.commit()
    look_again(world, reference, now)
    assert projection() == before, "rebuilt equals live"
    events = list(as_system().scalars(select(EventRow).order_by(EventRow.seq)))
    assert chain.first_break(events, len(events)) is None
    mails = rows_of(MailRow, "obligation", "rung", "recipient")
    assert len(mails) == len(set(mails))


def test_carrying_out_twice_makes_nothing_twice(world: World) -> None:
    reference = world.make_disagreement(RAISED)
    world.fulfil(reference, "1/answer", world.actor("htull", "responding", "practitioner"), RAISED + timedelta(hours=1), "response")
    later = RAISED + timedelta(days=9)
    tables = (MailRow, Invitation, Delivery, ObligationRow)
    look_again(world, reference, later)
    before = [rows_of(table) for table in tables]
    assert before[0] and before[1]
    for _ in range(3):
        look_again(world, reference, later)
    assert [rows_of(table) for table in tables] == before


def test_the_command_that_rebuilds_changes_nothing_that_is_right(world: World) -> None:
    world.make_disagreement(machine_now() - timedelta(days=1))
    as_system()
    world.app.test_cli_runner().invoke(args=["projections", "rebuild"])
    before = projection()
    session = as_system()
    begin_writing(session)
    session.execute(
        update(ObligationRow).values(status="done", due_at=None, next_act_at=None), execution_options={"synchronize_session": False}
    )
    session.commit()
    assert projection() != before
    result = world.app.test_cli_runner().invoke(args=["projections", "rebuild"])
    assert result.exit_code == 0 and "1 cases" in result.output
    assert projection() == before


def test_two_sweeps_at_once_mail_once(world: World) -> None:
    for _ in range(3):
        world.make_disagreement(RAISED)
    late = uk("2027-04-01 09:30")
    at_once(*[in_app(world.app, lambda: reminders.sweep(db.session, world.keys, late, machine_now()))] * 4)
    mails = rows_of(MailRow, "disagreement_id", "obligation", "rung", "recipient")
    assert len(mails) == len(set(mails))
    overdue = [one for one in mails if one[1:3] == ("1/discuss", "overdue")]
    assert len(overdue) >= 3 and len({one[0] for one in overdue}) == 3


def test_after_an_outage_of_days_everybody_gets_the_newest_reminder_only(world: World) -> None:
    """Nobody swept while the day before, the day itself and the overdue passed."""
    world.make_disagreement(RAISED)
    first = set(rows_of(MailRow, "obligation", "rung", "recipient"))
    as_system()
    reminders.sweep(db.session, world.keys, uk("2027-04-02 10:00"), machine_now())
    fresh = [one for one in rows_of(MailRow, "obligation", "rung", "recipient") if one not in first]
    assert fresh
    assert Counter((key, who) for key, _rung, who in fresh).most_common(1)[0][1] == 1, fresh
    assert not {rung for key, rung, _who in fresh if key == "1/discuss"} & {"before", "on the day"}


def test_what_is_settled_cancels_what_is_queued(world: World) -> None:
    reference = world.make_disagreement(RAISED)
    queued = {key for key, state in rows_of(MailRow, "obligation", "state") if state == "queued"}
    assert "1/answer" in queued
    world.fulfil(reference, "1/answer", world.actor("htull", "responding", "practitioner"), RAISED + timedelta(hours=1), "response")
    told = {key: state for key, rung, state in rows_of(MailRow, "obligation", "rung", "state") if rung == "ask"}
    assert told["1/answer"] == "cancelled"
    state = cases.open_case(as_system(), world.keys, reference=reference).state(RAISED + timedelta(hours=2))
    outcome = next(one.to for one in state.moves if one.kind == "resolve" and one.open)
    world.resolve(reference, outcome, world.actor("nc-1042", "raising"), RAISED + timedelta(hours=2))
    rows = [(key, state) for key, rung, state in rows_of(MailRow, "obligation", "rung", "state") if rung != "answered"]
    state = cases.open_case(as_system(), world.keys, reference=reference).state(RAISED + timedelta(hours=2))
    owed = {one.key for one in state.obligations if one.status in ("owed", "overdue")}
    assert {key for key, mail in rows if mail == "queued"} <= owed
    assert any(mail == "cancelled" for _key, mail in rows)


def test_a_mail_that_is_no_longer_owed_when_its_turn_comes_is_not_sent(world: World) -> None:
    reference = world.make_disagreement(RAISED)
    world.fulfil(reference, "1/answer", world.actor("htull", "responding", "practitioner"), RAISED + timedelta(hours=1), "response")
    session = as_system()
    begin_writing(session)
    again = MailRow.obligation == "1/answer", MailRow.rung == "ask"
    session.execute(
        update(MailRow).where(*again).values(state="queued", next_try_at=machine_now()), execution_options={"synchronize_session": False}
    )
    session.commit()
    letters = mailing.claim(session, world.keys, machine_now(), RAISED + timedelta(hours=2), timedelta(minutes=1), 50)
    assert letters and not [row for one in letters for row in one.rows if (row.obligation, row.rung) == ("1/answer", "ask")]


def test_one_recipient_who_is_gone_holds_up_nobody_else(world: World) -> None:
    """A mailbox of the partnership is retired between the decision and the sending."""
    world.make_disagreement(RAISED)
    session = as_system()
    begin_writing(session)
    row = session.scalars(select(MailRow).where(MailRow.state == "queued")).first()
    assert row is not None
    case = session.scalar(select(Disagreement.id))
    lost = {name: getattr(row, name) for name in ("obligation", "template", "invitation_id", "next_try_at", "created_at")}
    session.add(MailRow(disagreement_id=case, rung="copy", recipient="binding:nobody knows", state="queued", **lost))
    session.commit()
    assert session.scalar(select(Binding.id).where(Binding.name == "nobody knows")) is None
    letters = mailing.claim(session, world.keys, machine_now() + timedelta(seconds=1), RAISED, timedelta(minutes=1), 50)
    assert letters
    states = dict(as_system().execute(select(MailRow.recipient, MailRow.state).where(MailRow.rung == "copy")).all())
    assert states == {"binding:nobody knows": "no address"}
