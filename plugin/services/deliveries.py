"""The ledger of write-back: a row a destination, claimed, written with the database let go, and concluded.

A row's truth: `next_try_at` is when somebody must look at it again (for a claimed row: when the lease ends). A row that was claimed and
never concluded may have been written: `must_look` makes the next worker search the peer before it sends again. What must wait because
its connection is off or paused stays due, and is not claimed (`circuits`). What rows there are is decided in `recording`.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.orm import Session

from integrations.contract import Deferred, Delivered, Outcome, Refused, Unknown
from plugin.models import Attempt, Circuit, Connection, Delivery, Secret, begin_writing, table_of
from plugin.models.scope import fixed
from plugin.services import cases, circuits, filed, sealing
from plugin.services.circuits import Pause

STATES = ("due", "claimed", "arrived", "on file", "needs a person", "given up")


_TABLE, _TRIED = table_of(Delivery), insert(table_of(Attempt))
_DUE = fixed(
    select(Delivery.id, Delivery.attempt, Delivery.state, Delivery.must_look)
    .join(Connection, Connection.id == Delivery.connection_id)
    .outerjoin(Circuit, Circuit.connection_id == Delivery.connection_id)
    .where(Delivery.next_try_at <= bindparam("now"), circuits.may_send(bindparam("now")))
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


@dataclass(frozen=True, slots=True)
class Tried:
    """What came of a try: when it began and ended (machine time), whether the peer was searched first, its last HTTP status."""

    outcome: Outcome
    started: datetime
    ended: datetime
    looked: bool = False
    status: int | None = None


@dataclass(frozen=True, slots=True)
class Terms:
    """How tries are followed up. `waits` are the seconds between tries.

    Of the adapter: `searchable`, whether it can find an earlier write; `by_hand`, whether a person does the filing; `reads_back`, whether
    it can tell later that a record is gone. `look_after` is when we look.
    """

    waits: Sequence[int]
    searchable: bool
    by_hand: bool = False
    reads_back: bool = False
    look_after: timedelta = timedelta(days=1)
    pause: Pause = field(default_factory=Pause)


Done = tuple[Claimed, Tried, Terms]


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


def conclude(session: Session, keys: sealing.Keys, done: Sequence[Done], now: datetime) -> frozenset[str]:
    """Writes down what came of tries, and what follows in their cases: that it lies on file, or that a person must see to it. `now` is
    business time. Commits all of it at once; tries again on conflict. Returns the connections by which nothing may be sent for a while.

    A conclusion that comes after the lease ended and another try began changes nothing but the log.
    """

    def work() -> frozenset[str]:
        session.execute(_TRIED, [_attempt(held, tried) for held, tried, _terms in done])
        paused = set()
        # Cases are locked in one order, so that two workers never wait for each other.
        for held, tried, terms in sorted(done, key=lambda one: one[0].case_id):
            if not _conclude(session, keys, held, tried, terms, now):
                paused.add(held.connection_id)
        return frozenset(paused)

    return cases.transact(session, work)


def _conclude(session: Session, keys: sealing.Keys, done: Claimed, tried: Tried, terms: Terms, now: datetime) -> bool:
    values = _next(done, tried, terms, now)
    mine = _TABLE.c.id == done.id, _TABLE.c.attempt == done.attempt, _TABLE.c.state == "claimed"
    taken = session.execute(update(_TABLE).where(*mine).values(values))
    if taken.rowcount and (values["state"] == "on file" or "asked_at" in values):  # type: ignore[attr-defined]  # an UPDATE's result has it
        filed.follow(session, keys, done.case_id, done.obligation, now, tried.ended)
    return _fares(session, done, tried, terms.pause)


def _fares(session: Session, done: Claimed, tried: Tried, pause: Pause) -> bool:
    match tried.outcome:
        case Deferred(reason) | Unknown(reason):
            return not circuits.failed(session, done.connection_id, reason, tried.ended, pause)
        case Delivered() if done.failing:
            circuits.well(session, done.connection_id)
    return True


def _attempt(done: Claimed, tried: Tried) -> dict[str, Any]:
    outcome = tried.outcome
    return {
        "delivery_id": done.id,
        "number": done.attempt,
        "started_at": tried.started,
        "ended_at": tried.ended,
        "outcome": type(outcome).__name__.lower(),
        "reason": outcome.remote_id if isinstance(outcome, Delivered) else outcome.reason,
        "looked": tried.looked,
        "status": tried.status,
        "ms": round((tried.ended - tried.started).total_seconds() * 1000),
    }


def _next(done: Claimed, tried: Tried, terms: Terms, now: datetime) -> dict[str, Any]:
    outcome, tries = tried.outcome, done.attempt - done.before
    match outcome:
        case Delivered():
            return _arrived(outcome, tried.ended, terms, now)
        case Refused(reason):
            return _asked(reason, now, must_look=done.must_look)
        case Unknown(reason) if not terms.searchable:
            return _asked(reason, now, must_look=True)
    must_look = done.must_look or isinstance(outcome, Unknown)
    if tries > len(terms.waits):
        return _asked(f"{outcome.reason} Tried {tries} times.", now, must_look=must_look)
    wait = terms.waits[tries - 1] * random.uniform(0.8, 1.2)  # noqa: S311  # jitter, not a secret
    if isinstance(outcome, Deferred) and outcome.after is not None:
        wait = max(wait, outcome.after.total_seconds())
    return {
        "state": "due",
        "reason": outcome.reason,
        "must_look": must_look,
        "next_try_at": tried.ended + timedelta(seconds=wait),
    }


def _arrived(outcome: Delivered, at: datetime, terms: Terms, now: datetime) -> dict[str, Any]:
    """On file, or only arrived: then it is looked for again, or a person says where it lies."""
    values: dict[str, Any] = {
        "state": "on file" if outcome.on_file else "arrived",
        "remote_id": outcome.remote_id,
        "reason": "",
        "must_look": False,
        "next_try_at": None,
        "done_at": at,
    }
    if terms.by_hand and not outcome.on_file:
        return {**values, "asked_at": now}
    return {**values, "check_at": at + terms.look_after if terms.reads_back or not outcome.on_file else None}


def _asked(reason: str, now: datetime, *, must_look: bool) -> dict[str, Any]:
    return {"state": "needs a person", "reason": reason, "must_look": must_look, "next_try_at": None, "asked_at": now}
