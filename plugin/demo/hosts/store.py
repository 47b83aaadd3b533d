"""A pretend record system's storage: the documents filed in it, in a SQLite file of its own.

Like the real ones that were looked at, it does not de-duplicate: the same document written twice is there twice.
"""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

TABLES = """
create table if not exists document (
    id text primary key, child text not null, title text not null, category text not null, reference text not null,
    file_name text not null, media_type text not null, content blob not null, received_at text not null
);
create index if not exists document_of_child on document (child, reference);
create table if not exists visit (token text primary key, began_at text not null);
create table if not exists fault (
    only integer primary key check (only = 1), mode text not null, status integer not null, times integer not null, seconds real not null
);
"""


@dataclass(frozen=True, slots=True)
class Filed:
    """A document on a child's file. `child` is the host's own id of the child; `received_at` is aware UTC."""

    id: str
    child: str
    title: str
    category: str
    reference: str
    file_name: str
    media_type: str
    content: bytes
    received_at: datetime


class Store:
    """The documents of one host, in the file `path`. A connection a call: safe between threads and processes."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        with self.connect() as db:
            db.execute("pragma journal_mode=wal")
            db.executescript(TABLES)

    @contextmanager
    def connect(self) -> Iterator[sqlite3.Connection]:
        """A connection that commits at the end, or rolls back on an error, and is closed."""
        db = sqlite3.connect(self.path, timeout=10)
        db.row_factory = sqlite3.Row
        try:
            with db:
                yield db
        finally:
            db.close()

    def add(self, child: str, *, title: str, category: str, reference: str, file_name: str, media_type: str, content: bytes) -> str:
        """Files a document and answers its number, which says nothing."""
        number = str(100_000 + secrets.randbelow(900_000))
        row = (number, child, title, category, reference, file_name, media_type, content, datetime.now(UTC).isoformat())
        with self.connect() as db:
            db.execute("insert into document values (?, ?, ?, ?, ?, ?, ?, ?, ?)", row)
        return number

    def documents(self, child: str, reference: str | None = None) -> list[Filed]:
        """What is on a child's file, newest first; with `reference`, only what bears it."""
        query = "select * from document where child = ? and (? is null or reference = ?) order by received_at desc"
        with self.connect() as db:
            return [_filed(row) for row in db.execute(query, (child, reference, reference))]

    def document(self, child: str, number: str) -> Filed | None:
        """One document of a child's file."""
        with self.connect() as db:
            row = db.execute("select * from document where child = ? and id = ?", (child, number)).fetchone()
        return _filed(row) if row else None

    def begin_visit(self) -> str:
        """A token for someone who has signed in to the write interface."""
        token = secrets.token_urlsafe(24)
        with self.connect() as db:
            db.execute("insert into visit values (?, ?)", (token, datetime.now(UTC).isoformat()))
        return token

    def knows_visit(self, token: str) -> bool:
        """Whether the token was given out by `begin_visit`."""
        with self.connect() as db:
            return db.execute("select 1 from visit where token = ?", (token,)).fetchone() is not None


def _filed(row: sqlite3.Row) -> Filed:
    return Filed(**{**row, "received_at": datetime.fromisoformat(row["received_at"])})
