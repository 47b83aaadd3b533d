"""The ledger of write-back: a row a destination, claimed, written with the database let go, and concluded.

A row's truth: `next_try_at` is when somebody must look at it again (for a claimed row: when the lease ends). A row that was claimed and
never concluded may have been written: `must_look` makes the next worker search the peer before it sends again.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.orm import Session

from integrations.contract import Deferred, Delivered, Outcome, Refused, Unknown
from plugin.models import Attempt, Connection, Delivery, Secret, begin_writing, table_of
from plugin.models.scope import fixed
from plugin.services import cases, sealing
from plugin.services.cases import New
from plugin.services.consequences import OWED, carry_out

STATES = ("due", "claimed", "arrived", "on file", "needs a person", "given up")


_TABLE, _TRIED = table_of(Delivery), insert(table_of(Attempt))
_DUE = fixed(
    select(Delivery.id, Delivery.attempt, Delivery.state, Delivery.must_look)
    .where(Delivery.next_try_at <= bindparam("now"))
    .order_by(Delivery.next_try_at)
    .limit(bindparam("at_most"))
)
_TAKE = (
    update(_TABLE)
    .where(_TABLE.c.id == bindparam("of"), _TABLE.c.attempt == bindparam("at"), _TABLE.c.next_try_at <= bindparam("now"))
    .values(state="claimed", attempt=_TABLE.c.attempt + 1, must_look=bindparam("look"), next_try_at=bindparam("until"))
)
_HELD = fixed(
    select(
        Delivery.id,
        Delivery.disagreement_id,
        Delivery.obligation,
        Delivery.agency_id,
        Delivery.connection_id,
        Delivery.record,
        Delivery.seq,
        Delivery.attempt,
        Delivery.must_look,
        Connection.adapter,
        Connection.options,
    )
    .join(Connection, Connection.id == Delivery.connection_id)
    .where(Delivery.id.in_(bindparam("held", expanding=True)))
    .order_by(Delivery.created_at, Delivery.id)
)
_SECRETS = fixed(
    select(Secret.connection_id, Secret.name, Secret.ciphertext).where(Secret.connection_id.in_(bindparam("ways", expanding=True)))
)


@dataclass(frozen=True, slots=True)
class Claimed:
    """A delivery this worker holds until its lease ends: what the adapter needs to know, and nothing of the database."""

    id: str
    case_id: str
    obligation: str
    agency_id: str
    record: str
    seq: int
    attempt: int
    must_look: bool
    lease_ends: datetime
    adapter: str
    options: Mapping[str, Any]
    secrets: Mapping[str, str]

    def __repr__(self) -> str:
        return f"Claimed({self.id}, attempt {self.attempt})"


def claim(session: Session, keys: sealing.Keys, machine_now: datetime, lease: timedelta, limit: int) -> list[Claimed]:
    """Takes up to `limit` rows that are due (or whose holder's lease ended) and commits. Two workers never hold one row."""
    due = {"now": machine_now, "at_most": limit}
    if not session.execute(_DUE, due).first():
        session.rollback()
        return []
    begin_writing(session)
    held = []
    for row in session.execute(_DUE, due).all():
        look = row.must_look or row.state == "claimed"
        taking = {"of": row.id, "at": row.attempt, "now": machine_now, "look": look, "until": machine_now + lease}
        if session.execute(_TAKE, taking).rowcount:  # type: ignore[attr-defined]  # an UPDATE's result has it
            held.append(row.id)
    claimed = _claimed(session, keys, held, machine_now + lease)
    session.commit()
    return claimed


def _claimed(session: Session, keys: sealing.Keys, held: list[str], lease_ends: datetime) -> list[Claimed]:
    rows = session.execute(_HELD, {"held": held}).all()
    secrets: dict[str, dict[str, str]] = {row.connection_id: {} for row in rows}
    for one in session.execute(_SECRETS, {"ways": list(secrets)}):
        secrets[one.connection_id][one.name] = keys.fernet.decrypt(one.ciphertext).decode()
    return [
        Claimed(
            row.id,
            row.disagreement_id,
            row.obligation,
            row.agency_id,
            row.record,
            row.seq,
            row.attempt,
            row.must_look,
            lease_ends,
            row.adapter,
            dict(row.options),
            secrets[row.connection_id],
        )
        for row in rows
    ]


def release(session: Session, held: Claimed) -> None:
    """Lets go of a row that this worker will not get to before its lease ends; nothing was sent. Commits."""
    begin_writing(session)
    mine = Delivery.id == held.id, Delivery.attempt == held.attempt, Delivery.state == "claimed"
    values = {"state": "due", "attempt": held.attempt - 1, "must_look": held.must_look}
    session.execute(update(Delivery).where(*mine).values(values), execution_options={"synchronize_session": False})
    session.commit()


def conclude(
    session: Session,
    keys: sealing.Keys,
    done: Claimed,
    outcome: Outcome,
    *,
    started: datetime,
    machine_now: datetime,
    now: datetime,
    waits: Sequence[int],
    searchable: bool,
) -> None:
    """Writes down what came of an attempt, and if it lies on the file the event that says so. Commits; tries again on conflict.

    A conclusion that comes after the lease ended and another attempt began changes nothing but the log.
    """

    def work() -> None:
        values = _next(done, outcome, machine_now, waits, searchable)
        session.execute(_TRIED, _attempt(done, outcome, started, machine_now))
        mine = _TABLE.c.id == done.id, _TABLE.c.attempt == done.attempt, _TABLE.c.state == "claimed"
        taken = session.execute(update(_TABLE).where(*mine).values(values))
        if taken.rowcount and values["state"] == "on file":  # type: ignore[attr-defined]  # an UPDATE's result has it
            _say_so(session, keys, done, str(values["remote_id"]), now, machine_now)

    cases.transact(session, work)


def _attempt(done: Claimed, outcome: Outcome, started: datetime, ended: datetime) -> dict[str, Any]:
    reason = outcome.remote_id if isinstance(outcome, Delivered) else outcome.reason
    return {
        "delivery_id": done.id,
        "number": done.attempt,
        "started_at": started,
        "ended_at": ended,
        "outcome": type(outcome).__name__.lower(),
        "reason": reason,
    }


def _next(done: Claimed, outcome: Outcome, machine_now: datetime, waits: Sequence[int], searchable: bool) -> dict[str, Any]:
    match outcome:
        case Delivered(remote_id, on_file):
            return {
                "state": "on file" if on_file else "arrived",
                "remote_id": remote_id,
                "reason": "",
                "next_try_at": None,
                "done_at": machine_now,
            }
        case Refused(reason):
            return {"state": "needs a person", "reason": reason, "next_try_at": None}
        case Unknown(reason) if not searchable:
            return {
                "state": "needs a person",
                "reason": f"sent, and no answer came: look whether it is on file. {reason}",
                "next_try_at": None,
            }
    if done.attempt > len(waits):
        return {"state": "needs a person", "reason": f"{outcome.reason}; tried {done.attempt} times", "next_try_at": None}
    wait = waits[done.attempt - 1] * random.uniform(0.8, 1.2)  # noqa: S311  # jitter, not a secret
    if isinstance(outcome, Deferred) and outcome.after is not None:
        wait = max(wait, outcome.after.total_seconds())
    return {
        "state": "due",
        "reason": outcome.reason,
        "must_look": done.must_look or isinstance(outcome, Unknown),
        "next_try_at": machine_now + timedelta(seconds=wait),
    }


def _say_so(session: Session, keys: sealing.Keys, done: Claimed, remote_id: str, now: datetime, machine_now: datetime) -> None:
    case = cases.open_case(session, keys, case_id=done.case_id, lock=True)
    if case.state(now).obligation(done.obligation).status not in OWED:
        return
    facts = {"agency": done.agency_id, "record": done.record, "remote id": remote_id}
    state = cases.add_events(session, case, [New("fulfilled", done.obligation, "none", "system", done.agency_id, facts)], now)
    carry_out(session, case, state, now, machine_now=machine_now)
