"""The statements by which cases are read: one by its reference or id, several at once, their events with and without what is sealed."""

from __future__ import annotations

from sqlalchemy import bindparam, select

from plugin.models import Disagreement, EventRow
from plugin.models.scope import fixed

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
_CLEAR = (
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
_OF_CASE = EventRow.disagreement_id == bindparam("case")
# What holds a case, and the same with its row locked until the transaction ends (PostgreSQL).
BY_REFERENCE, BY_ID = (fixed(_CASE.where(column == bindparam("wanted"))) for column in (Disagreement.reference, Disagreement.id))
LOCKED = {one: fixed(one.with_for_update()) for one in (BY_REFERENCE, BY_ID)}
BY_IDS = fixed(_CASE.where(Disagreement.id.in_(bindparam("cases", expanding=True))))
EVENTS = fixed(select(*_CLEAR).where(_OF_CASE).order_by(EventRow.seq))
TEXTS = fixed(select(EventRow.seq, EventRow.sealed).where(_OF_CASE, EventRow.sealed.is_not(None)).order_by(EventRow.seq))
_OF_CASES = EventRow.disagreement_id.in_(bindparam("cases", expanding=True))
CLEAR = fixed(select(EventRow.disagreement_id, *_CLEAR).where(_OF_CASES).order_by(EventRow.disagreement_id, EventRow.seq))
# With what is sealed, and whose it is, last.
WHOLE = fixed(select(*_CLEAR, EventRow.sealed, EventRow.disagreement_id).where(_OF_CASES).order_by(EventRow.disagreement_id, EventRow.seq))
