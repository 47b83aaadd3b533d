"""The ledger of write-back: a row a destination, claimed, written with the database let go, and concluded.

A row's truth: `next_try_at` is when somebody must look at it again (for a claimed row: when the lease ends). A row that was claimed and
never concluded may have been written: `must_look` makes the next worker search the peer before it sends again. What must wait because
its connection is off or paused stays due, and is not claimed (`circuits`). What rows there are is decided in `recording`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, case, select, update
from sqlalchemy.orm import Session

from plugin.models import Circuit, Connection, Delivery, Secret, begin_writing, table_of
from plugin.models.scope import fixed
from plugin.services.keeping import sealing
from plugin.services.write_back import circuits

_TABLE = table_of(Delivery)
_DUE = fixed(
    select(Delivery.id)
    .join(Connection, Connection.id == Delivery.connection_id)
    .outerjoin(Circuit, Circuit.connection_id == Delivery.connection_id)
    .where(Delivery.next_try_at <= bindparam("now"), circuits.may_send(bindparam("now")))
    .order_by(Delivery.next_try_at)
    .limit(bindparam("at_most"))
)
# Still due, or another worker was quicker. What was claimed and never concluded may have been written.
_TAKE = (
    update(_TABLE)
    .where(_TABLE.c.id.in_(bindparam("due", expanding=True)), _TABLE.c.next_try_at <= bindparam("at"))
    .values(
        state="claimed",
        attempt=_TABLE.c.attempt + 1,
        must_look=case((_TABLE.c.state == "claimed", True), else_=_TABLE.c.must_look),
        next_try_at=bindparam("until"),
    )
    .returning(_TABLE.c.id)
)
_HELD = fixed(
    select(
        Delivery.id,
        Delivery.disagreement_id,
        Delivery.obligation,
        Delivery.agency_id,
        Delivery.connection_id,
        Delivery.child,
        Delivery.record,
        Delivery.seq,
        Delivery.attempt,
        Delivery.before,
        Delivery.must_look,
        Delivery.sealed,
        Connection.adapter,
        Connection.options,
        Circuit.failures,
    )
    .outerjoin(Connection, Connection.id == Delivery.connection_id)
    .outerjoin(Circuit, Circuit.connection_id == Delivery.connection_id)
    .where(Delivery.id.in_(bindparam("held", expanding=True)))
    .order_by(Delivery.created_at, Delivery.id)
)
_SECRETS = fixed(
    select(Secret.connection_id, Secret.name, Secret.ciphertext).where(Secret.connection_id.in_(bindparam("ways", expanding=True)))
)


@dataclass(frozen=True, slots=True)
class Claimed:
    """A delivery this worker holds until its lease ends: what the adapter needs to know, and nothing of the database.

    `attempt` counts every try, `before` those of earlier series. `failing`: the connection's last try failed.
    """

    id: str
    case_id: str
    obligation: str
    agency_id: str
    connection_id: str
    child: str
    record: str
    seq: int
    attempt: int
    before: int
    must_look: bool
    lease_ends: datetime
    adapter: str
    failing: bool
    options: Mapping[str, Any]
    secrets: Mapping[str, str]
    sealed: bytes | None = None

    def __repr__(self) -> str:
        return f"Claimed({self.id}, attempt {self.attempt})"


def claim(session: Session, keys: sealing.Keys, machine_now: datetime, lease: timedelta, limit: int) -> list[Claimed]:
    """Takes up to `limit` rows that are due (or whose holder's lease ended) and commits. Two workers never hold one row."""
    due = {"now": machine_now, "at_most": limit}
    if not session.execute(_DUE, due).first():
        session.rollback()
        return []
    begin_writing(session)
    ids = session.execute(_DUE, due).scalars().all()
    held = list(session.execute(_TAKE, {"due": ids, "at": machine_now, "until": machine_now + lease}).scalars()) if ids else []
    claimed = as_claimed(session, keys, held, machine_now + lease)
    session.commit()
    return claimed


def as_read(session: Session, delivery_id: str, machine_now: datetime) -> Claimed:
    """A delivery as its record is made from it, held by nobody and without secrets. Raises IndexError where there is none."""
    return as_claimed(session, None, [delivery_id], machine_now)[0]


def as_claimed(session: Session, keys: sealing.Keys | None, held: list[str], lease_ends: datetime) -> list[Claimed]:
    """What an adapter must know of these deliveries, the oldest first; secrets opened where `keys` are given."""
    rows = session.execute(_HELD, {"held": held}).all()
    secrets: dict[str, dict[str, str]] = {row.connection_id: {} for row in rows}
    if keys is not None:
        for one in session.execute(_SECRETS, {"ways": list(secrets)}):
            secrets[one.connection_id][one.name] = keys.fernet.decrypt(one.ciphertext).decode()
    return [
        Claimed(
            row.id,
            row.disagreement_id,
            row.obligation,
            row.agency_id,
            row.connection_id,
            row.child,
            row.record,
            row.seq,
            row.attempt,
            row.before,
            row.must_look,
            lease_ends,
            row.adapter or "",
            bool(row.failures),
            dict(row.options or {}),
            secrets[row.connection_id],
            row.sealed,
        )
        for row in rows
    ]


def release(session: Session, held: Claimed, machine_now: datetime) -> None:
    """Lets go of a row that this worker will not get to now; nothing was sent, and whoever is free may take it. Commits."""
    begin_writing(session)
    mine = Delivery.id == held.id, Delivery.attempt == held.attempt, Delivery.state == "claimed"
    values = {"state": "due", "attempt": held.attempt - 1, "must_look": held.must_look, "next_try_at": machine_now}
    session.execute(update(Delivery).where(*mine).values(values), execution_options={"synchronize_session": False})
    session.commit()
