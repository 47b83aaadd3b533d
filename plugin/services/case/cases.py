"""A case in memory, and the one way in which anything is added to it: `append`.

`append` writes the events, the projection and everything that must follow (mails, deliveries, invitations) in one transaction.
It does not commit: the use case that called it does.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import bindparam, insert, update
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm import Session

import policies
from plugin.models import Disagreement, EventRow, begin_writing, table_of
from plugin.services.case import case_statements, chain
from plugin.services.case.policies import policy_of
from plugin.services.keeping import sealing
from policies import Event, Policy, State
from policies.parts.schema import EventKind, Side

T = TypeVar("T")
_TRIES = 3
_ADD = insert(table_of(EventRow))
_STANDING = ("seq", "head", "status", "stage", "outcome", "due_at", "closed_at")
_HEAD = (
    update(table_of(Disagreement))
    .where(table_of(Disagreement).c.id == bindparam("case"))
    .values({name: bindparam(f"new_{name}") for name in _STANDING})
)


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
    """A disagreement with its events. `key` is its data key (None once destroyed: the sealed parts are gone).

    `said` is what was said, by seq, where it was read (`texts`); what is added to the case is added to it.
    """

    id: str
    reference: str
    partnership_id: str
    policy: Policy
    key: bytes | None = field(repr=False)
    seq: int
    head: str
    events: list[Event]
    created_at: datetime
    said: dict[int, Any] | None = field(default=None, repr=False)
    _stood: tuple[datetime, int, State] | None = field(default=None, init=False, repr=False)

    def state(self, now: datetime) -> State:
        """Where it stands; evaluated from all the events. Asked again for the same moment, with nothing added, it is the same."""
        if self._stood is None or self._stood[:2] != (now, len(self.events)):
            self._stood = now, len(self.events), policies.evaluate(self.policy, self.events, now)
        return self._stood[2]


def open_case(
    session: Session, keys: sealing.Keys, *, reference: str = "", case_id: str = "", lock: bool = False, read: Case | None = None
) -> Case:
    """The case with this reference or id, as the session's principal may see it. Raises NotFoundError.

    `lock` is for work that will append: on PostgreSQL the row is held until the transaction ends. `read`: the same case as it was read
    before; where nobody has added to it since (the end of its chain says so) its events are not read again.
    """
    found = case_statements.BY_REFERENCE if reference else case_statements.BY_ID
    row = session.execute(case_statements.LOCKED[found] if lock else found, {"wanted": reference or case_id}).first()
    if row is None:
        raise NotFoundError(reference or case_id)
    if read is not None and (read.id, read.head, read.key is None) == (row.id, row.head, row.key is None):
        return read
    case = _case(session, keys, row)
    case.events = clear_events(session, row.id)
    return case


def clear_events(session: Session, case_id: str) -> list[Event]:
    """The events of a case with their clear facts, in order; nothing that is sealed is read."""
    return [Event(*one) for one in session.execute(case_statements.EVENTS, {"case": case_id})]


def clear_events_of(session: Session, case_ids: Collection[str]) -> dict[str, list[Event]]:
    """The same of several cases, by id, in one statement."""
    found: dict[str, list[Event]] = {}
    for case_id, *clear in session.execute(case_statements.CLEAR, {"cases": sorted(case_ids)}):
        found.setdefault(case_id, []).append(Event(*clear))
    return found


def open_whole(session: Session, keys: sealing.Keys, reference: str) -> Case:
    """The same for a page: with what was said in it. Raises NotFoundError."""
    row = session.execute(case_statements.BY_REFERENCE, {"wanted": reference}).first()
    if row is None:
        raise NotFoundError(reference)
    case = _case(session, keys, row)
    _fill(session, {case.id: case})
    return case


def open_several(session: Session, keys: sealing.Keys, case_ids: Collection[str], *, whole: bool = True) -> dict[str, Case]:
    """Several cases by id, in two statements; those that are not there are left out. `whole`: with what was said in them."""
    found = {row.id: _case(session, keys, row) for row in session.execute(case_statements.BY_IDS, {"cases": sorted(case_ids)}).all()}
    if whole:
        _fill(session, found)
    else:
        for case_id, events in clear_events_of(session, found).items():
            found[case_id].events = events
    return found


def _case(session: Session, keys: sealing.Keys, row: Any) -> Case:
    """A case without its events."""
    data_key = keys.unwrap(row.key) if row.key else None
    policy = policy_of(session, row.policy_hash)
    return Case(row.id, row.reference, row.partnership_id, policy, data_key, row.seq, row.head, [], row.created_at)


def _fill(session: Session, cases: Mapping[str, Case]) -> None:
    """Reads the events of these cases (by id), and what was said in them."""
    for case in cases.values():
        case.said = {}
    for *clear, blob, case_id in session.execute(case_statements.WHOLE, {"cases": sorted(cases)}):
        case = cases[case_id]
        case.events.append(Event(*clear))
        if blob and case.key is not None and case.said is not None:
            case.said[clear[0]] = sealing.unseal(case.key, event_place(case_id, clear[0]), blob)["text"]


def add_events(session: Session, case: Case, new: Sequence[New], now: datetime) -> State:
    """Appends `new` to the chain and returns the state after it. Writes the event rows and the case's head; flushes nothing else.

    Raises IntegrityError where another writer took the same seq (`transact` tries again).
    """
    rows = [_row(case, one, now) for one in new]
    session.execute(_ADD, rows)
    state = case.state(now)
    due_at = state.due.at if state.due and state.status == "open" else None
    standing = (case.seq, case.head, state.status, state.stage, state.outcome, due_at, _closed_at(case, state))
    session.execute(_HEAD, {"case": case.id, **{f"new_{name}": value for name, value in zip(_STANDING, standing, strict=True)}})
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
        if case.said is not None:
            case.said[seq] = new.text
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
    """What was said, by seq: the sealed texts opened, read once. Empty once the case's key is destroyed."""
    if case.said is None:
        case.said = {
            seq: sealing.unseal(case.key, event_place(case.id, seq), blob)["text"]
            for seq, blob in (session.execute(case_statements.TEXTS, {"case": case.id}) if case.key is not None else ())
            if blob and case.key is not None
        }
    return case.said


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
