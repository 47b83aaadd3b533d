"""The whole database copied: SQLite's into a file while it is used, or one of any kind into another (SQLite to PostgreSQL, and back).

Rows are read and written as they are, by table and not by case: nobody's session, and nothing decided. What does not live here: making the
tables (the migrations).
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, Engine, Table, create_engine, func, insert, select

from plugin.models import Base

_BATCH = 500


class MoveError(ValueError):
    """The copy cannot be made; its text says why and what to do."""


def copy(source: Engine, url: str) -> dict[str, int]:
    """Copies every row of every table into the database at `url`, in one transaction; how many of each.

    Raises MoveError, or sqlalchemy's ArgumentError or DBAPIError, and then the other database is as it was.
    """
    target = create_engine(url, hide_parameters=True)
    try:
        with source.connect() as old, target.connect().execution_options(writing=True) as new:
            done = _every_table(old, new)
            new.commit()
            return done
    finally:
        target.dispose()


def _every_table(old: Connection, new: Connection) -> dict[str, int]:
    if _version(old) is None or _version(old) != _version(new):
        raise MoveError("the two databases do not have the same tables: bring each up to date with `flask --app wsgi db upgrade` first")
    if full := [table.name for table in Base.metadata.sorted_tables if _count(new, table)]:
        raise MoveError(f"the other database is not empty: there are rows in {', '.join(full)}")
    done = {table.name: _copy(old, new, table) for table in Base.metadata.sorted_tables}
    if wrong := [name for name, count in done.items() if count != _count(new, Base.metadata.tables[name])]:
        raise MoveError(f"not every row of {', '.join(wrong)} arrived; nothing was kept")
    return done


def _version(connection: Connection) -> str | None:
    """Which migration the tables are at; None where there are none."""
    return MigrationContext.configure(connection).get_current_revision()


def _count(connection: Connection, table: Table) -> int:
    return connection.execute(select(func.count()).select_from(table)).scalar() or 0


def _copy(old: Connection, new: Connection, table: Table) -> int:
    count = 0
    for rows in old.execution_options(yield_per=_BATCH).execute(select(table)).mappings().partitions(_BATCH):
        new.execute(insert(table), [dict(row) for row in rows])
        count += len(rows)
    return count


def save(engine: Engine, place: Path) -> None:
    """A whole and consistent copy of a SQLite database in a new file, made while it is used; pages that were deleted are not in it.

    Raises MoveError.
    """
    if engine.dialect.name != "sqlite":
        raise MoveError("this database is not SQLite: save it by the means of its own server, such as pg_dump")
    if place.exists():
        raise MoveError(f"{place} is there already: nothing is written over")
    try:
        with closing(engine.raw_connection()) as raw:
            raw.driver_connection.execute("VACUUM INTO ?", (str(place),))  # type: ignore[union-attr]  # it is there: just made
        with closing(sqlite3.connect(place)) as copied:
            said = copied.execute("PRAGMA integrity_check").fetchone()[0]
    except sqlite3.Error as fault:
        raise MoveError(f"{place} could not be written: {fault}") from fault
    if said != "ok":
        raise MoveError(f"{place} is not whole: do not rely on it")
    place.chmod(0o600)
