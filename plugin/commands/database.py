"""`flask database …`: a safe copy of SQLite's file while the service runs, and the move to another database. The tables themselves are
made and changed by `flask db`."""

from __future__ import annotations

from pathlib import Path

import click
from flask.cli import AppGroup
from sqlalchemy.exc import ArgumentError, DBAPIError

from plugin.extensions import db
from plugin.services.keeping import moving
from plugin.services.keeping.moving import MoveError

database = AppGroup("database", help="The database as a whole: saved, moved.")


@database.command("save")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def save(file: Path) -> None:
    """Write a whole copy of a SQLite database to FILE, while the service runs. PostgreSQL has pg_dump for it."""
    try:
        moving.save(db.engine, file)
    except MoveError as wrong:
        raise SystemExit(str(wrong)) from None
    click.echo(f"{file} holds the whole database ({file.stat().st_size:,} bytes). Its keys' file is to be kept apart from it.")


@database.command("move")
@click.argument("url")
def move(url: str) -> None:
    """Copy every row into the empty database at URL. End web, worker and clock before; both must have the tables of this release."""
    try:
        done = moving.copy(db.engine, url)
    except (MoveError, ArgumentError) as wrong:
        raise SystemExit(str(wrong)) from None
    except DBAPIError as fault:
        raise SystemExit(f"the move failed, and nothing was kept: {type(fault.orig).__name__}") from None
    click.echo(f"{sum(done.values()):,} rows of {len(done)} tables are in the other database. Set ACCORD_DATABASE_URL to it, and start.")
