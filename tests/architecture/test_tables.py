"""The tables: the migrations make what the models say, on both engines, and can be taken back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask import Flask
from flask_migrate import downgrade, upgrade
from sqlalchemy import DateTime, inspect

from plugin.app import create_app
from plugin.config import Settings
from plugin.extensions import db
from plugin.models import Base, UTCDateTime
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
