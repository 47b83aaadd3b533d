"""What comes of tries, written down: on file, arrived, tried again later, or a person's; and what follows in the case.

What does not live here: claiming (`deliveries`), and what a case says when a record lies on its file (`filed`).
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, insert, update
from sqlalchemy.orm import Session

from integrations.contract import Deferred, Delivered, Outcome, Refused, Unknown
from plugin.models import Attempt, Delivery, table_of
from plugin.services.case import cases
from plugin.services.keeping import sealing
from plugin.services.write_back import circuits, filed
from plugin.services.write_back.circuits import Pause
from plugin.services.write_back.deliveries import Claimed

_TABLE, _TRIED = table_of(Delivery), insert(table_of(Attempt))
_THIS_TRY = _TABLE.c.id == bindparam("of"), _TABLE.c.attempt == bindparam("at"), _TABLE.c.state == "claimed"


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


def conclude(session: Session, keys: sealing.Keys, done: Sequence[Done], now: datetime) -> frozenset[str]:
    """Writes down what came of tries, and what follows in their cases: that it lies on file, or that a person must see to it. `now` is
    business time. Commits all of it at once; tries again on conflict. Returns the connections by which nothing may be sent for a while.

    A conclusion that comes after the lease ended and another try began changes nothing but the log.
    """

    def work() -> frozenset[str]:
        session.execute(_TRIED, [_attempt(held, tried) for held, tried, _terms in done])
        followed = [(held, _next(held, tried, terms, now)) for held, tried, terms in done]
        plain = [{"of": held.id, "at": held.attempt, **_named(values)} for held, values in followed if not _matters(values)]
        if plain:
            session.execute(_THIS_TRY_ENDS, plain)
        # Cases are locked in one order, so that two workers never wait for each other.
        for held, values in sorted((one for one in followed if _matters(one[1])), key=lambda one: one[0].case_id):
            if session.execute(_THIS_TRY_ENDS, {"of": held.id, "at": held.attempt, **_named(values)}).rowcount:  # type: ignore[attr-defined]  # an UPDATE's result has it
                filed.follow(session, keys, held.case_id, held.obligation, now, machine_now)
        well = [_fares(session, held, tried, terms.pause) for held, tried, terms in done]
        return frozenset(one[0].connection_id for one, fine in zip(done, well, strict=True) if not fine)

    machine_now = done[-1][1].ended
    return cases.transact(session, work)


# What a try may change of a row; what it does not say becomes as it is here.
_ENDS: dict[str, Any] = {
    "state": "",
    "reason": "",
    "remote_id": "",
    "must_look": False,
    "next_try_at": None,
    "asked_at": None,
    "check_at": None,
    "done_at": None,
}
_THIS_TRY_ENDS = update(_TABLE).where(*_THIS_TRY).values({name: bindparam(f"new_{name}") for name in _ENDS})


def _named(values: dict[str, Any]) -> dict[str, Any]:
    return {f"new_{name}": value for name, value in {**_ENDS, **values}.items()}


def _matters(values: dict[str, Any]) -> bool:
    """Whether something follows from it in the case."""
    return values["state"] == "on file" or values.get("asked_at") is not None


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
