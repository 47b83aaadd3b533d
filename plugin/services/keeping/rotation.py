"""Everything that the deployment's keys sealed, sealed anew by the newest of them, so that an old one can be thrown away.

Row by row and safe to begin again: what the newest key sealed already is sealed once more and is the same. Text of cases needs none of
it: only the key of each case is wrapped by the deployment's.
"""

from __future__ import annotations

from typing import Any

from cryptography.fernet import InvalidToken
from sqlalchemy import Column, Table, select, update
from sqlalchemy.orm import Session

from plugin.models import Account, Advice, Disagreement, Draft, Secret, begin_writing, table_of
from plugin.services.keeping.sealing import Keys

# What outlives a day: sessions and tickets are sealed anew by being made anew.
_SEALED: tuple[tuple[type[Any], str], ...] = (
    (Secret, "ciphertext"),
    (Account, "totp"),
    (Disagreement, "key"),
    (Advice, "sealed"),
    (Draft, "sealed"),  # last: what is half typed is no reason not to start
)


def rotate(session: Session, keys: Keys) -> dict[str, int]:
    """Seals anew; how many of each table. Raises ValueError naming the first row that no key of ours opens. Commits each row."""
    return {table_of(model).name: _rotate(session, keys, table_of(model), column) for model, column in _SEALED}


def unreadable(session: Session, keys: Keys, at_most: int | None = None) -> list[str]:
    """The rows (table and id) that no key of ours opens; `at_most` so many of each table are tried, and no drafts. Reads only."""
    found = []
    for model, column in _SEALED if at_most is None else _SEALED[:-1]:
        table = table_of(model)
        rows = select(_id(table), table.c[column]).where(table.c[column].is_not(None)).order_by(_id(table)).limit(at_most)
        for row_id, sealed in session.execute(rows):
            try:
                keys.fernet.decrypt(sealed)
            except InvalidToken:
                found.append(f"{table.name} {row_id}")
    return found


def _id(table: Table) -> Column[Any]:
    found: Column[Any] = next(iter(table.primary_key.columns))
    return found


def _rotate(session: Session, keys: Keys, table: Table, column: str) -> int:
    ids = list(session.execute(select(_id(table)).where(table.c[column].is_not(None)).order_by(_id(table))).scalars())
    session.rollback()
    for row_id in ids:
        begin_writing(session)
        sealed = session.execute(select(table.c[column]).where(_id(table) == row_id)).scalar()
        if sealed is not None:
            try:
                fresh = keys.fernet.rotate(sealed)
            except InvalidToken:
                session.rollback()
                raise ValueError(f"{table.name} {row_id} was sealed by a key that is not in the keys' file") from None
            session.execute(update(table).where(_id(table) == row_id).values({column: fresh}))
        session.commit()
    return len(ids)
