"""The demo's data: put in once, fit for the pack, its connections as the hosts told them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import create_engine, func, select
from sqlalchemy.orm import Session

import policies
from integrations.rest import RestOptions
from plugin.demo import seed
from plugin.demo.hosts import keys, people
from plugin.demo.places import HOSTS, Places
from plugin.models import Agency, Base, Binding, Connection, Partnership, Person, PolicyVersion, RoleHolder, Secret
from plugin.models.scope import System, bind
from plugin.services.case.policies import current_policy
from plugin.services.keeping.sealing import Keys
from tests.policies.small import small_text

NOW = datetime(2024, 11, 25, 9, 0, tzinfo=UTC)


@pytest.fixture
def places(tmp_path: Path) -> Places:
    there = Places(tmp_path, 8400)
    keys.provide(there)
    return there


@pytest.fixture
def session(places: Places) -> Iterator[Session]:
    engine = create_engine(f"sqlite:///{places.data / 'seed.db'}")
    Base.metadata.create_all(engine)
    with Session(engine) as session:
        bind(session, System("test"))
        fill(session, places)
        yield session
    engine.dispose()


def fill(session: Session, places: Places, policy: str = "") -> None:
    seed.fill(session, Keys.read(str(places.secrets_file)), json.loads(places.hosts_file.read_text()), NOW, policy)


def count(session: Session) -> list[int]:
    tables = Partnership, Agency, Person, RoleHolder, Binding, Connection, Secret, PolicyVersion
    return [session.scalar(select(func.count()).select_from(table)) or 0 for table in tables]


def test_a_second_start_adds_nothing(session: Session, places: Places) -> None:
    before = count(session)
    fill(session, places)
    assert count(session) == before
    assert before[0] == 1 and min(before) > 0


def test_what_somebody_changed_stays(session: Session, places: Places) -> None:
    worker = session.scalars(select(Person).where(Person.staff_id == "nc-1042")).one()
    worker.email = "moved@northleigh.example"
    session.commit()
    fill(session, places)
    assert session.scalars(select(Person.email).where(Person.staff_id == "nc-1042")).one() == "moved@northleigh.example"


@pytest.mark.parametrize("pack", policies.pack_ids())
def test_the_same_people_can_act_under_each_policy(session: Session, places: Places, pack: str) -> None:
    fill(session, places, pack)
    partnership = session.scalars(select(Partnership)).one()
    policy = current_policy(session, partnership.id)
    assert (policy.id, policy.partnership) == (pack, partnership.title)
    assert set(policy.contacts) <= set(session.scalars(select(Binding.name)))
    agencies = session.scalars(select(Agency)).all()
    assert {agency.type for agency in agencies} <= {one.id for one in policy.agency_types}
    for agency in agencies:
        held = set(session.scalars(select(RoleHolder.role).where(RoleHolder.agency_id == agency.id)))
        for stage in policy.stages:
            for party in policies.people(policy, stage.id, "raising", agency.type):
                assert party.role in held or party.side == "partnership", (agency.name, stage.id, party.role)


def test_a_policy_that_is_not_there_is_refused_with_those_that_are(session: Session, places: Places) -> None:
    with pytest.raises(ValueError, match=f"there is no policy nowhere; there are {policies.pack_ids()[0]}"):
        fill(session, places, "nowhere")


def test_a_policy_of_one_s_own_is_a_file_and_what_somebody_put_in_force_stays(session: Session, places: Places, tmp_path: Path) -> None:
    file = tmp_path / "own.yaml"
    file.write_text(small_text(), encoding="utf-8")
    fill(session, places, str(file))
    partnership = session.scalars(select(Partnership)).one()
    assert (current_policy(session, partnership.id).id, partnership.title) == ("small", "Somewhere")
    fill(session, places)
    assert (current_policy(session, partnership.id).id, partnership.title) == ("small", "Somewhere")
    fill(session, places, "havering")
    fill(session, places)
    assert current_policy(session, partnership.id).id == "gloucestershire", "of the bundled ones the file's own"


def test_everybody_has_a_mailbox_nobody_could_own(session: Session) -> None:
    mailboxes = [*session.scalars(select(Person.email)), *session.scalars(select(Agency.duty_desk_email))]
    mailboxes += session.scalars(select(Binding.email))
    assert all(mailbox.endswith(".example") for mailbox in mailboxes)
    assert len(set(mailboxes)) == len(mailboxes)


def test_every_worker_has_a_deputy(session: Session) -> None:
    holders = session.scalars(select(RoleHolder).where(RoleHolder.role == "practitioner")).all()
    assert holders and all(holder.deputy_id and holder.deputy_id != holder.person_id for holder in holders)


@pytest.mark.parametrize("host", HOSTS)
def test_who_can_raise_in_a_host_is_in_the_directory_by_the_same_id_and_name(session: Session, host: str) -> None:
    agency = session.get_one(Connection, host).agency_id
    known = dict(session.execute(select(Person.staff_id, Person.name).where(Person.agency_id == agency)).all())
    for one in people.load(host).staff:
        if {"social-worker", "dsl", "teacher"} & set(one.roles):
            assert known[one.id] == one.name


@pytest.mark.parametrize("host", HOSTS)
def test_connections_follow_the_hosts_addresses_and_hide_their_secrets(session: Session, places: Places, host: str) -> None:
    moved = Places(places.data, 9400)
    keys.provide(moved)
    fill(session, moved)
    way = session.get_one(Connection, host)
    assert way.launch["origins"] == [moved.host_url(host)]
    assert RestOptions.model_validate(way.options).base_url == moved.host_api(host)
    told = json.loads(moved.hosts_file.read_text())[host]["api_secret"]
    held = session.scalars(select(Secret).where(Secret.connection_id == host)).one()
    assert told.encode() not in held.ciphertext and told not in json.dumps([way.launch, way.options])
    assert Keys.read(str(places.secrets_file)).fernet.decrypt(held.ciphertext).decode() == told
