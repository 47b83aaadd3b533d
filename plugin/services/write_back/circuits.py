"""How a connection fares: after some failures in a row nothing is sent by it for a while. Its deliveries wait; none is lost.

A failure is an answer that says "not now", or none that can be trusted; a record that is refused says nothing of the connection. Once
the pause is over one delivery is tried: if it fails, the pause begins again. What does not live here: the tries themselves (`deliveries`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, case, delete, or_, select
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import Session

from plugin.models import Circuit, Connection, table_of

_TABLE = table_of(Circuit)


@dataclass(frozen=True, slots=True)
class Pause:
    """How many failures in a row begin a pause, and how long it lasts."""

    failures: int = 5
    lasts: timedelta = timedelta(minutes=5)


def may_send(now: Any) -> ColumnElement[bool]:
    """For a statement with `connection` and an outer join of `circuit` in it: the connection is on, and not paused at `now`."""
    return Connection.enabled & or_(Circuit.open_until.is_(None), Circuit.open_until <= now)


def well(session: Session, connection_id: str) -> None:
    """It took something: the count begins anew. In the caller's transaction."""
    session.execute(delete(_TABLE).where(_TABLE.c.connection_id == connection_id))


def failed(session: Session, connection_id: str, reason: str, machine_now: datetime, pause: Pause) -> bool:
    """One more failure; True where nothing may be sent by this connection from here on. In the caller's transaction."""
    until = machine_now + pause.lasts
    into = postgres_insert if session.get_bind().dialect.name == "postgresql" else sqlite_insert
    first = {"connection_id": connection_id, "failures": 1, "failing_since": machine_now, "reason": reason}
    row = into(_TABLE).values(**first, open_until=until if pause.failures <= 1 else None)
    opens = case((_TABLE.c.failures + 1 >= pause.failures, until), else_=_TABLE.c.open_until)
    again = {"failures": _TABLE.c.failures + 1, "open_until": opens, "reason": reason}
    session.execute(row.on_conflict_do_update(index_elements=["connection_id"], set_=again))
    found = session.execute(select(Circuit.open_until).where(Circuit.connection_id == connection_id)).scalar()
    return found is not None and found > machine_now


def close(session: Session, connection_id: str) -> None:
    """Forgets the failures, so that what waits is tried at once: somebody says that it is mended. In the caller's transaction."""
    well(session, connection_id)
