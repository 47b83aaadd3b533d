"""What each role at the desk sees of the database, whatever page asks: cases by code and date, never by word; its own agencies alone."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from plugin.extensions import db
from plugin.models import (
    Agency,
    Connection,
    Contact,
    Delivery,
    Disagreement,
    EventRow,
    Invitation,
    MailRow,
    ObligationRow,
    Person,
    Secret,
)
from plugin.models.scope import Desk, ForeignRowError, System, bind
from plugin.services.case import cases
from plugin.services.case.cases import NotFoundError
from tests.plugin.visits import on_sqlite_alone
from tests.world import COUNCIL, SCHOOL, World, uk

AT = uk("2027-03-19 18:10")
OWNER, COORDINATOR = Desk("o", "owner"), Desk("c", "coordinator", partnership_id="demo")
ADMINISTRATOR, STRANGER = Desk("a", "administrator", COUNCIL), Desk("x", "coordinator", partnership_id="another")
HOSPITAL = "vale-hospital"


def _as(who: Desk) -> None:
    db.session.rollback()
    db.session.expunge_all()
    bind(db.session, who)


@on_sqlite_alone
def test_no_desk_reads_what_was_said(world: World) -> None:
    reference = world.make_disagreement(AT)
    for who in (OWNER, COORDINATOR, ADMINISTRATOR, STRANGER):
        _as(who)
        assert db.session.scalars(select(EventRow)).all() == [] == db.session.scalars(select(Contact)).all()
        if who in (OWNER, STRANGER):
            with pytest.raises(NotFoundError):
                cases.open_case(db.session, world.keys, reference=reference)
        else:
            assert cases.open_case(db.session, world.keys, reference=reference).events == []


@on_sqlite_alone
def test_cases_are_seen_by_whose_they_are(world: World) -> None:
    mine = world.make_disagreement(AT)
    other = world.make_disagreement(AT, agency_id=SCHOOL, other_agency=HOSPITAL, other_person=world.people["vh-301"])
    for who, seen in ((OWNER, set()), (COORDINATOR, {mine, other}), (ADMINISTRATOR, {mine}), (STRANGER, set())):
        _as(who)
        assert set(db.session.scalars(select(Disagreement.reference))) == seen, who.role
        assert bool(db.session.scalars(select(ObligationRow)).all()) == bool(seen)
        assert bool(db.session.scalars(select(MailRow)).all()) == bool(seen)
    _as(ADMINISTRATOR)
    assert {row.agency_id for row in db.session.scalars(select(Invitation))} <= {COUNCIL}
    assert {row.agency_id for row in db.session.scalars(select(Delivery))} <= {COUNCIL}


@on_sqlite_alone
def test_agencies_connections_people_and_secrets_are_seen_by_whose_they_are(world: World) -> None:
    ways = {OWNER: {"council", "school"}, COORDINATOR: {"council", "school"}, ADMINISTRATOR: {"council"}, STRANGER: set()}
    for who, seen in ways.items():
        _as(who)
        assert set(db.session.scalars(select(Connection.id))) == seen
        of = set(db.session.scalars(select(Secret.connection_id)))
        assert of == (seen if who.role in ("owner", "administrator") else set())
        agencies = {row.agency_id for row in db.session.scalars(select(Person))}
        assert agencies == {"administrator": {COUNCIL}}.get(who.role, agencies)
        assert bool(agencies) == (who is not STRANGER)


@on_sqlite_alone
def test_an_administrator_changes_nothing_of_another_agency(world: World) -> None:
    way = Connection(id="evil", agency_id=SCHOOL, title="x")
    for row in (way, Person(agency_id=SCHOOL, name="x"), Secret(connection_id="school", name="x", ciphertext=b"x", created_at=AT)):
        for who in (ADMINISTRATOR, STRANGER):
            _as(who)
            db.session.add(row)
            with pytest.raises(ForeignRowError):
                db.session.flush()
            db.session.rollback()
    _as(OWNER)
    school = db.session.get_one(Agency, SCHOOL)
    bind(db.session, ADMINISTRATOR)
    school.name = "Renamed"
    with pytest.raises(ForeignRowError):
        db.session.flush()
    db.session.rollback()


@on_sqlite_alone
def test_a_desk_writes_into_no_case_out_of_its_reach(world: World) -> None:
    world.make_disagreement(AT, agency_id=SCHOOL, other_agency=HOSPITAL, other_person=world.people["vh-301"])
    bind(db.session, System("test"))
    for who in (OWNER, ADMINISTRATOR, STRANGER):
        bind(db.session, System("test"))
        row = db.session.scalars(select(MailRow)).first()
        assert row is not None
        bind(db.session, who)
        row.state = "cancelled"
        with pytest.raises(ForeignRowError):
            db.session.flush()
        db.session.rollback()
