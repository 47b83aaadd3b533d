"""The base of every row, the UTC column, ids, and how SQLite is set up. No table lives here."""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, cast

from sqlalchemy import JSON, DateTime, Insert, MetaData, Table, event
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.engine import Dialect, Engine
from sqlalchemy.orm import DeclarativeBase, registry
from sqlalchemy.types import TypeDecorator

# Unambiguous when read aloud over a telephone: no 0/O, 1/I/L, 5/S, 2/Z, no vowels that make words.
_ALPHABET = "346789BCDFGHJKMNPQRTVWXY"


class UTCDateTime(TypeDecorator[datetime]):
    """An aware UTC instant on every engine (SQLite gives naive ones back). Refuses a naive one with ValueError."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant without a time zone")
        return value.astimezone(UTC).replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


# Names of constraints are fixed so that migrations can name them.
_METADATA = MetaData(
    naming_convention={
        "ix": "ix_%(column_0_N_label)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class Base(DeclarativeBase):
    """Every table. Flask-SQLAlchemy makes its own class of this one, hence the registry spelt out."""

    registry = registry(metadata=_METADATA, type_annotation_map={datetime: UTCDateTime, dict[str, Any]: JSON, list[Any]: JSON})


def table_of(row: type[Base]) -> Table:
    """The table of a class, for rows that are put in or changed many at a time: without the mapper that takes a fifth of the time."""
    return cast(Table, row.__table__)


class OfCase:
    """Mixin of every row that belongs to one disagreement (`disagreement_id`): who may see it is decided in `plugin.models.scope`."""


def new_id() -> str:
    """A fresh opaque id (UUID4, 32 hex digits)."""
    return uuid.uuid4().hex


def new_reference() -> str:
    """A fresh reference such as PD-7F3K-92HV: random, says nothing, can be read aloud."""
    letters = "".join(secrets.choice(_ALPHABET) for _ in range(8))
    return f"PD-{letters[:4]}-{letters[4:]}"


@event.listens_for(Engine, "connect")
def _set_up_sqlite(connection: Any, _record: Any) -> None:
    if type(connection).__module__.startswith("sqlite3"):
        connection.isolation_level = None  # we say BEGIN ourselves, below
        cursor = connection.cursor()
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=10000", "cache_size=-16000"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()


@event.listens_for(Engine, "connect")
def _set_up_psycopg(connection: Any, _record: Any) -> None:
    """A request of ours has up to thirty statements, all together a few hundred: more than psycopg keeps prepared (100) before it forgets
    the oldest, so that PostgreSQL would plan most of them anew."""
    if type(connection).__module__.startswith("psycopg"):
        connection.prepared_max = 1000


@event.listens_for(Engine, "begin")
def _begin_sqlite(connection: Any) -> None:
    # A transaction that will write takes SQLite's one write lock at once, so that none is refused in its middle because another
    # wrote first. One that only reads takes none, and pages never wait for a writer.
    if connection.dialect.name == "sqlite":
        writing = connection.get_execution_options().get("writing", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN DEFERRED")


def upsert(session: Any, table: Any, key: str, row: dict[str, Any]) -> None:
    """Writes a row over the one with the same `key`, in one statement: two writers at one instant do not collide."""
    upsert_all(session, table, (key,), [row])


def upsert_all(session: Any, table: Any, key: Collection[str], rows: Sequence[Mapping[str, Any]]) -> None:
    """The same for several rows (one at least, all with the same columns) with a key of one column or more."""
    session.execute(_upserting(session.get_bind().dialect.name, table, tuple(key), tuple(rows[0])), list(rows))


@lru_cache(maxsize=64)
def _upserting(dialect: str, table: Table, key: tuple[str, ...], columns: tuple[str, ...]) -> Insert:
    """The statement for rows of these columns; made once."""
    fresh = (postgres_insert if dialect == "postgresql" else sqlite_insert)(table)
    return fresh.on_conflict_do_update(index_elements=list(key), set_={name: fresh.excluded[name] for name in columns if name not in key})


def begin_writing(session: Any) -> None:
    """Starts the session's transaction as one that writes; whatever was read before is let go. Every use case that commits begins so."""
    session.rollback()
    session.connection(execution_options={"writing": True})
