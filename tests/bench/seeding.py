"""Fills a database for a run: the demo's partnership, open cases whose first mails are sent, and a frame session for each client."""

from __future__ import annotations

import itertools
import secrets
from dataclasses import dataclass
from datetime import timedelta

from flask import Flask
from sqlalchemy import select, update

from integrations.launch.context import LaunchContext
from plugin.extensions import db
from plugin.jobs import work
from plugin.models import Connection, Person, begin_writing
from plugin.models.scope import System, bind
from plugin.runtime import runtime
from plugin.services.arriving import launching
from plugin.services.case import cases
from plugin.services.desk import connections
from plugin.services.keeping.clock import business_now, machine_now
from tests.world import CHILD, COUNCIL, World, make_world

SECRET = "whsec_" + "QUNDT1JELUJFTkNILVNJTkstU0VDUkVU"  # base64 of words; known to the sink alone, which does not look


@dataclass(frozen=True, slots=True)
class Seeded:
    """Open cases to be settled, tokens of frame sessions, and the outcome that the policy lets their worker choose."""

    cases: list[str]
    sessions: list[str]
    outcome: str


def seed(app: Flask, sink_port: int, cases_wanted: int, clients: int) -> Seeded:
    """On an empty database with its tables. The council's outcomes go to the sink; the school has no connected system."""
    with app.app_context():
        world = make_world(app)
        point_at_sink(app, sink_port)
        made = _fill(world, cases_wanted, clients)
        db.session.remove()
        db.engine.dispose()
    return made


def seed_beside(app: Flask, cases_wanted: int, clients: int) -> Seeded:
    """On a database that is filled already (a demo's): more cases and sessions; connections stay as they are."""
    with app.app_context():
        bind(db.session, System("bench"))
        people = {row.staff_id: row.id for row in db.session.execute(select(Person.staff_id, Person.id))}
        made = _fill(World(app, {}, people, itertools.count(secrets.randbits(100))), cases_wanted, clients)
        db.session.remove()
        db.engine.dispose()
    return made


def _fill(world: World, cases_wanted: int, clients: int) -> Seeded:
    raised = business_now(db.session) - timedelta(minutes=5)
    references = [world.make_disagreement(raised) for _ in range(cases_wanted)]
    work.send_mail()
    bind(db.session, System("bench"))
    state = cases.open_case(db.session, runtime(world.app).keys, reference=references[0]).state(business_now(db.session))
    outcome = next(move.to for move in state.moves if move.kind == "resolve" and move.open)
    return Seeded(references, [_session(world) for _ in range(clients)], outcome)


def _session(world: World) -> str:
    """A worker's frame session, as a verified launch and the Start button make it."""
    bind(db.session, System("bench"))
    keys, now = runtime(world.app).keys, machine_now()
    way = db.session.scalars(select(Connection).where(Connection.agency_id == COUNCIL)).one()
    limits = launching.Limits(timedelta(hours=1), timedelta(hours=4))
    said = LaunchContext(way.id, "nc-1042", "", ("practitioner",), "4471", CHILD, "", secrets.token_hex(16), now, now)
    token = launching.accept(db.session, keys, way, said, now, limits)
    row = launching.find_session(db.session, token, now, {"frame": limits})
    assert row is not None
    return launching.renew(db.session, row, token, now)


def point_at_sink(app: Flask, port: int) -> None:
    """The council's outcomes go to the sink as signed events; the school has no connected system."""
    bind(db.session, System("bench"))
    way = db.session.scalars(select(Connection).where(Connection.agency_id == COUNCIL)).one()
    given = {"id": way.id, "agency": COUNCIL, "title": way.title, "launch": way.launch, "adapter": "webhook"}
    given["options"] = {"url": f"http://127.0.0.1:{port}/outcomes"}
    connections.load(db.session, runtime(app).keys, given, {"signing_secret": SECRET}, machine_now())
    begin_writing(db.session)
    db.session.execute(update(Connection).where(Connection.agency_id != COUNCIL).values(adapter=""))
    db.session.commit()
