"""The tables: the migrations make what the models say, on both engines, and can be taken back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask import Flask
from flask_migrate import downgrade, upgrade
from sqlalchemy import DateTime, MetaData, inspect, select

from plugin.app import create_app
from plugin.config import Settings
from plugin.extensions import db
from plugin.models import Base, Participant, Person, UTCDateTime, table_of
from tests.servers import PostgresServer


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)])
def bare(request: pytest.FixtureRequest, tmp_path: Path, secrets_file: Path) -> Iterator[Flask]:
    """The service on a database with nothing in it."""
    url, server, name = f"sqlite:///{tmp_path / 'bare.db'}", None, f"bare_{tmp_path.name.lower().replace('-', '_')[:40]}"
    if request.param == "postgresql":
        server: PostgresServer | None = request.getfixturevalue("postgres_server")
        server.create(name)
        url = server.url(name)
    app = create_app(Settings(database_url=url, secrets_file=str(secrets_file)))
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()
    if server:
        server.drop(name)


def _tables() -> set[str]:
    return set(inspect(db.engine).get_table_names()) - {"alembic_version"}


def test_migrations_make_what_the_models_say(bare: Flask) -> None:
    upgrade()
    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "render_as_batch": True})
        assert compare_metadata(context, Base.metadata) == []
    assert _tables() == set(Base.metadata.tables)


def test_migrations_go_down_to_nothing_and_up_again(bare: Flask) -> None:
    upgrade()
    downgrade(revision="base")
    assert _tables() == set()
    upgrade()
    assert _tables() == set(Base.metadata.tables)


def test_every_instant_is_kept_with_its_zone() -> None:
    naive = [
        f"{table.name}.{column.name}"
        for table in Base.metadata.tables.values()
        for column in table.columns
        if isinstance(column.type, DateTime) or (isinstance(column.type, UTCDateTime) and not column.type.impl.timezone)  # type: ignore[attr-defined]
    ]
    assert naive == []


def test_constraints_have_names_that_migrations_can_name() -> None:
    assert [one for table in Base.metadata.tables.values() for one in table.constraints if len(one.columns) and not one.name] == []


AT = datetime(2027, 3, 19, 18, 10, tzinfo=UTC)
OLD_ROWS: dict[str, dict[str, Any]] = {
    "partnership": {"id": "p", "title": "A partnership", "duty_desk_email": "", "coordinator_email": "", "areas": []},
    "policy_version": {
        "hash": "h", "partnership_id": "p", "pack_id": "x", "version": "1", "language": 1, "text": "", "activated_at": AT,
    },
    "agency": {"id": "a", "partnership_id": "p", "name": "An agency", "type": "school", "traits": [], "duty_desk_email": ""},
    "person": {"id": "w", "agency_id": "a", "name": "Ebele Moran", "job_title": "", "email": "", "phone": "", "active": True},
    "disagreement": {
        "id": "d", "reference": "PD-TEST-0002", "partnership_id": "p", "policy_hash": "h", "created_at": AT, "seq": 1, "head": "0",
        "status": "open", "stage": "1", "outcome": "",
    },
    "participant": {"disagreement_id": "d", "agency_id": "a", "side": "raising", "person_id": "w", "child_key": "k"},
}  # fmt: skip


def test_rows_that_were_there_are_kept_and_mean_what_they_meant(bare: Flask) -> None:
    """Somebody who takes part before there was a disagreement inside one organisation is on one side, and of no team."""
    upgrade(revision="0002")
    with db.engine.begin() as connection:
        tables = MetaData()
        tables.reflect(connection)
        for name, row in OLD_ROWS.items():
            connection.execute(tables.tables[name].insert(), row)
    upgrade()
    with db.engine.connect() as connection:
        taking_part = connection.execute(select(table_of(Participant))).one()
        assert (taking_part.side, taking_part.person_id, taking_part.answering_id) == ("raising", "w", "")
        assert connection.execute(select(table_of(Person).c.team)).scalar_one() == ""
    downgrade(revision="0002")
    upgrade()
    with db.engine.connect() as connection:
        assert connection.execute(select(table_of(Participant).c.child_key)).scalar_one() == "k"
