"""The sweep: whatever is due by now is looked at again, and whatever must follow is made. The schedule is the database.

1. Obligations whose next time to act has come name the cases to look at (an index; the rest is not touched).
2. Each case is taken by a conditional update, evaluated and `carry_out` run, in a transaction of its own: mails are rows before anything
   is queued. Two sweeps at once share the cases between them.
3. Mails that waited for an office to open, and those this sweep wrote, are let go together: several to one person become one mail.
4. Mails and deliveries that are due but whose wake-up was lost (a queue flushed, a worker killed) are woken.

A case that cannot be looked at (a fault) stays due, is passed over for the rest of this sweep, and tried again by the next one.
"""

from __future__ import annotations

import logging
from datetime import datetime

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from plugin.models import Delivery, Heartbeat, MailRow, ObligationRow, begin_writing, table_of, upsert
from plugin.models.scope import fixed
from plugin.services.acting.consequences import carry_out, wake
from plugin.services.case import cases
from plugin.services.keeping import clock, sealing
from plugin.services.post import mailing

log = logging.getLogger("accord.sweep")
_BATCH = 200
_DUE = fixed(
    select(ObligationRow.disagreement_id)
    .where(ObligationRow.next_act_at <= bindparam("now"))
    .order_by(ObligationRow.next_act_at)
    .limit(bindparam("at_most"))
)
_OBLIGATION = table_of(ObligationRow)
_TAKE = (
    update(_OBLIGATION)
    .where(_OBLIGATION.c.disagreement_id == bindparam("case"), _OBLIGATION.c.next_act_at <= bindparam("now"))
    .values(next_act_at=None)
)


def sweep(session: Session, keys: sealing.Keys, now: datetime, machine_now: datetime, limit: int = 5000) -> int:
    """Looks at every case in which something is due at `now` (business time), `limit` at most; returns how many. Commits case by case."""
    done, seen = 0, set[str]()
    while done < limit and (found := _due(session, now, seen)):
        for case_id in found:
            seen.add(case_id)
            try:
                done += look_again(session, keys, case_id, now, machine_now)
            except Exception:  # one case that cannot be looked at must not keep the others waiting
                log.exception("case not swept", extra={"kind": case_id})
        _beat(session)
    _finish(session, now, machine_now)
    return done


def look_again(session: Session, keys: sealing.Keys, case_id: str, now: datetime, machine_now: datetime) -> bool:
    """Looks at one case in which something is due; False where another sweep was first. Commits."""

    def work() -> bool:
        case = cases.open_case(session, keys, case_id=case_id, lock=True)  # the case first, as whoever acts in it does
        taken = session.execute(_TAKE, {"case": case_id, "now": now})
        if not taken.rowcount:  # type: ignore[attr-defined]  # an UPDATE's result has it
            return False
        carry_out(session, case, case.state(now), now, machine_now=machine_now, together=True)
        return True

    return cases.transact(session, work)


def _due(session: Session, now: datetime, seen: set[str]) -> list[str]:
    """Cases in which something is due, the longest waiting first, without those seen: what is still due of them failed."""
    at_most = _BATCH
    while True:
        rows = session.execute(_DUE, {"now": now, "at_most": at_most}).scalars().all()
        found = list(dict.fromkeys(one for one in rows if one not in seen))
        if found or len(rows) < at_most:
            session.rollback()
            return found
        at_most *= 2


def _beat(session: Session) -> None:
    """A long sweep shows that it is alive as it goes: in real time, not in that of its beginning."""
    begin_writing(session)
    upsert(session, table_of(Heartbeat), "name", {"name": "sweep", "at": clock.machine_now()})
    session.commit()


def _finish(session: Session, now: datetime, machine_now: datetime) -> None:
    begin_writing(session)
    mailing.let_go(session, now, machine_now)
    for what, column in (("mail", MailRow.next_try_at), ("delivery", Delivery.next_try_at), ("delivery", Delivery.check_at)):
        if session.execute(select(column).where(column <= machine_now).limit(1)).first():
            wake(session, what)
    upsert(session, table_of(Heartbeat), "name", {"name": "sweep", "at": max(machine_now, clock.machine_now())})
    session.commit()
