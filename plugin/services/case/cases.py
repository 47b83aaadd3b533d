"""A case in memory, and the one way in which anything is added to it: `append`.

`append` writes the events, the projection and everything that must follow (mails, deliveries, invitations) in one transaction.
It does not commit: the use case that called it does.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm import Session

import policies
from plugin.models import Disagreement, EventRow, begin_writing, table_of
from plugin.models.scope import fixed
from plugin.services.case import chain
from plugin.services.case.policies import policy_of
from plugin.services.keeping import sealing
from policies import Event, Policy, State
from policies.parts.schema import EventKind, Side

T = TypeVar("T")
_TRIES = 3
_CASE = select(
    Disagreement.id,
    Disagreement.reference,
    Disagreement.partnership_id,
    Disagreement.policy_hash,
    Disagreement.key,
    Disagreement.seq,
    Disagreement.head,
    Disagreement.created_at,
)
_BY_REFERENCE, _BY_ID = (fixed(_CASE.where(column == bindparam("wanted"))) for column in (Disagreement.reference, Disagreement.id))
_LOCKED = {one: fixed(one.with_for_update()) for one in (_BY_REFERENCE, _BY_ID)}
_EVENTS = fixed(
    select(
        EventRow.seq,
        EventRow.kind,
        EventRow.at,
        EventRow.recorded_at,
        EventRow.about,
        EventRow.side,
        EventRow.stage,
        EventRow.actor,
        EventRow.agency,
        EventRow.facts,
    )
    .where(EventRow.disagreement_id == bindparam("case"))
    .order_by(EventRow.seq)
)
_TEXTS = fixed(
    select(EventRow.seq, EventRow.sealed)
    .where(EventRow.disagreement_id == bindparam("case"), EventRow.sealed.is_not(None))
    .order_by(EventRow.seq)
)
_BY_IDS = fixed(_CASE.where(Disagreement.id.in_(bindparam("cases", expanding=True))))
_EVENTS_OF = fixed(
    select(
        EventRow.disagreement_id,
        EventRow.seq,
        EventRow.kind,
        EventRow.at,
        EventRow.recorded_at,
        EventRow.about,
        EventRow.side,
        EventRow.stage,
        EventRow.actor,
        EventRow.agency,
        EventRow.facts,
        EventRow.sealed,
    )
    .where(EventRow.disagreement_id.in_(bindparam("cases", expanding=True)))
    .order_by(EventRow.disagreement_id, EventRow.seq)
)
_ADD = insert(table_of(EventRow))
_HEAD = update(table_of(Disagreement)).where(table_of(Disagreement).c.id == bindparam("case"))


class NotFoundError(LookupError):
    """There is no such case for this principal (or none at all: the two must look the same)."""


class NoLongerOpenError(RuntimeError):
    """What somebody was answering is settled already; `by` names who did it, for the page that keeps their text."""

    def __init__(self, by: str = "") -> None:
        super().__init__("no longer open")
        self.by = by


@dataclass(frozen=True, slots=True)
class New:
    """An event to be added: `text` (JSON-able) is sealed, `facts` stay clear and hold codes alone. `at` is None for now."""

    kind: EventKind
    about: str = ""
    side: Side = "none"
    actor: str = ""
    agency: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)
    text: Any = None
    at: datetime | None = None


@dataclass(slots=True)
class Case:
    """A disagreement with its events. `key` is its data key (None once destroyed: the sealed parts are gone)."""

    id: str
    reference: str
    partnership_id: str
    policy: Policy
    key: bytes | None = field(repr=False)
    seq: int
    head: str
    events: list[Event]
    created_at: datetime

    def state(self, now: datetime) -> State:
        """Where it stands; evaluated from all the events."""
        return policies.evaluate(self.policy, self.events, now)


def open_case(session: Session, keys: sealing.Keys, *, reference: str = "", case_id: str = "", lock: bool = False) -> Case:
    """The case with this reference or id, as the session's principal may see it. Raises NotFoundError.

    `lock` is for work that will append: on PostgreSQL the row is held until the transaction ends.
    """
    found = _BY_REFERENCE if reference else _BY_ID
    row = session.execute(_LOCKED[found] if lock else found, {"wanted": reference or case_id}).first()
    if row is None:
        raise NotFoundError(reference or case_id)
    events = clear_events(session, row.id)
    data_key = keys.unwrap(row.key) if row.key else None
    policy = policy_of(session, row.policy_hash)
    return Case(row.id, row.reference, row.partnership_id, policy, data_key, row.seq, row.head, events, row.created_at)


def clear_events(session: Session, case_id: str) -> list[Event]:
    """The events of a case with their clear facts, in order; nothing that is sealed is read."""
    return [Event(*one) for one in session.execute(_EVENTS, {"case": case_id})]


def open_several(session: Session, keys: sealing.Keys, case_ids: Collection[str]) -> dict[str, tuple[Case, dict[int, Any]]]:
    """Several cases with what was said in them (see `texts`), by id, in two statements; those that are not there are left out."""
    wanted = {"cases": sorted(case_ids)}
    found: dict[str, tuple[Case, dict[int, Any]]] = {}
    for row in session.execute(_BY_IDS, wanted).all():
        data_key = keys.unwrap(row.key) if row.key else None
        policy = policy_of(session, row.policy_hash)
        case = Case(row.id, row.reference, row.partnership_id, policy, data_key, row.seq, row.head, [], row.created_at)
        found[row.id] = case, {}
    for case_id, seq, *rest, blob in session.execute(_EVENTS_OF, wanted):
        case, said = found[case_id]
        case.events.append(Event(seq, *rest))
        if blob and case.key is not None:
            said[seq] = sealing.unseal(case.key, event_place(case_id, seq), blob)["text"]
    return found


def add_events(session: Session, case: Case, new: Sequence[New], now: datetime) -> State:
    """Appends `new` to the chain and returns the state after it. Writes the event rows and the case's head; flushes nothing else.

    Raises IntegrityError where another writer took the same seq (`transact` tries again).
    """
    rows = [_row(case, one, now) for one in new]
    session.execute(_ADD, rows)
    state = case.state(now)
    standing = {"seq": case.seq, "head": case.head, "status": state.status, "stage": state.stage, "outcome": state.outcome}
    due_at = state.due.at if state.due and state.status == "open" else None
    session.execute(_HEAD.values({**standing, "due_at": due_at, "closed_at": _closed_at(case, state)}), {"case": case.id})
    return state


def _closed_at(case: Case, state: State) -> datetime | None:
    """Since when it is closed; None while it is not. What is added to a closed case does not close it anew."""
    if state.status != "closed":
        return None
    return next((one.recorded_at for one in reversed(case.events) if one.kind == "closed"), case.events[-1].recorded_at)


def _row(case: Case, new: New, now: datetime) -> dict[str, Any]:
    seq = case.seq + 1
    stage = case.events[-1].stage if case.events else ""
    if new.kind in ("moved", "reopened") and new.about:
        stage = new.about
    elif new.kind == "raised":
        stage = str(new.facts.get("start") or case.policy.stages[0].id)
    event = Event(seq, new.kind, new.at or now, now, new.about, new.side, stage, new.actor, new.agency, dict(new.facts))
    sealed, sealed_hash = None, ""
    if new.text is not None and case.key is not None:
        sealed, sealed_hash = sealing.seal_text(case.key, event_place(case.id, seq), new.text)
    previous, case.head, case.seq = case.head, chain.link(case.head, event, sealed_hash), seq
    case.events.append(event)
    return {
        "disagreement_id": case.id,
        "seq": seq,
        "kind": event.kind,
        "at": event.at,
        "recorded_at": now,
        "about": event.about,
        "side": event.side,
        "stage": stage,
        "actor": event.actor,
        "agency": event.agency,
        "facts": event.facts,
        "sealed": sealed,
        "sealed_hash": sealed_hash,
        "previous": previous,
        "hash": case.head,
    }


def event_place(case_id: str, seq: int) -> str:
    """The place an event's text is sealed for."""
    return f"event|{case_id}|{seq}"


def texts(session: Session, case: Case) -> dict[int, Any]:
    """What was said, by seq: the sealed texts opened. Empty once the case's key is destroyed."""
    if case.key is None:
        return {}
    return {
        seq: sealing.unseal(case.key, event_place(case.id, seq), blob)["text"]
        for seq, blob in session.execute(_TEXTS, {"case": case.id})
        if blob
    }


def transact(session: Session, work: Callable[[], T]) -> T:
    """Runs `work` and commits. Where another writer came first (same seq, a lock, a serialization failure) all of it is done again,
    three times at most; then the last error is raised. `work` must load what it goes by."""
    for left in reversed(range(_TRIES)):
        try:
            begin_writing(session)
            result = work()
            session.commit()
            return result
        except (IntegrityError, OperationalError):
            session.rollback()
            if not left:
                raise
        except BaseException:
            session.rollback()
            raise
    raise AssertionError("unreachable")
