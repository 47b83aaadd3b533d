"""The sweep: whatever is due by now is looked at again, and whatever must follow is made. The schedule is the database.

1. Obligations whose next time to act has come name the cases to look at (an index; the rest is not touched).
2. Each case is evaluated and `carry_out` run, in a transaction of its own: mails are rows before anything is queued.
3. Mails and deliveries that are due but whose wake-up was lost (a queue flushed, a worker killed) are woken.
"""

from __future__ import annotations

import logging
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from plugin.models import Delivery, Heartbeat, MailRow, ObligationRow, begin_writing, table_of, upsert
from plugin.services import cases, sealing
from plugin.services.consequences import carry_out, wake

log = logging.getLogger("accord.sweep")


def sweep(session: Session, keys: sealing.Keys, now: datetime, machine_now: datetime, limit: int = 200) -> int:
    """Looks at every case in which something is due at `now`; returns how many. Commits case by case."""
    due = select(ObligationRow.disagreement_id).where(ObligationRow.next_act_at <= now).distinct().limit(limit)
    found = list(session.execute(due).scalars())
    session.rollback()
    for case_id in found:
        try:
            _look_again(session, keys, case_id, now, machine_now)
        except Exception:  # one case that cannot be looked at must not keep the others waiting; it stays due, and is tried again
            log.exception("case not swept", extra={"kind": case_id})
    begin_writing(session)
    for what, column in (("mail", MailRow.next_try_at), ("delivery", Delivery.next_try_at), ("delivery", Delivery.check_at)):
        if session.execute(select(column).where(column <= machine_now).limit(1)).first():
            wake(session, what)
    upsert(session, table_of(Heartbeat), "name", {"name": "sweep", "at": machine_now})
    session.commit()
    return len(found)


def _look_again(session: Session, keys: sealing.Keys, case_id: str, now: datetime, machine_now: datetime) -> None:
    def work() -> None:
        case = cases.open_case(session, keys, case_id=case_id, lock=True)
        carry_out(session, case, case.state(now), now, machine_now=machine_now)

    cases.transact(session, work)
