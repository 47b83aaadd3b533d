"""What is over because a later record lies on the same file: each version holds all that went before it.

An earlier one that still waits for a person is then asked of nobody: it stays in the ledger with the reason. One that is still being sent
is sent; it comes here once it falls to a person. What does not live here: what the case says of it (`filed`).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from plugin.models import Delivery, table_of
from plugin.models.scope import fixed
from plugin.services.case.children import FIRST
from plugin.services.case.recording import BY_HAND

_TABLE = table_of(Delivery)
_OF_CASE = fixed(
    select(
        Delivery.id,
        Delivery.obligation,
        Delivery.agency_id,
        Delivery.child,
        Delivery.record,
        Delivery.seq,
        Delivery.state,
        Delivery.asked_at,
        Delivery.remote_id,
    )
    .where(Delivery.disagreement_id == bindparam("case"))
    .order_by(Delivery.seq, Delivery.record)
)
REASON = "A later record is on this file, and holds all of this one: {}."


def end_earlier(session: Session, case_id: str, machine_now: datetime) -> dict[str, Any]:
    """Ends what waits for a person though a later record of the same child lies on file at the same agency. By obligation: the row of that
    later record. In the caller's transaction."""
    rows = session.execute(_OF_CASE, {"case": case_id}).all()
    over = [(row, later) for row in rows if _waits(row) for later in [_later(row, rows)] if later is not None]
    for row, later in over:
        ended = {"state": "given up", "reason": REASON.format(later.record), "done_at": machine_now}
        session.execute(update(_TABLE).where(_TABLE.c.id == row.id).values(**ended, next_try_at=None, asked_at=None, check_at=None))
    return {row.obligation: later for row, later in over}


def _waits(row: Any) -> bool:
    return row.state in BY_HAND and row.asked_at is not None


def _later(row: Any, rows: Sequence[Any]) -> Any:
    """The newest record on the same file that was made after this one; None where there is none."""
    file = row.agency_id, row.child or FIRST
    there = [one for one in rows if one.state == "on file" and one.seq > row.seq and (one.agency_id, one.child or FIRST) == file]
    return there[-1] if there else None
