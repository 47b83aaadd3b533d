"""Looking again: some time after a delivery arrived the record system is asked whether it is there.

What is found is noted, what was only "arrived" and now lies on the file is said so in the case, and what is gone is a person's to see to:
the case's entry that it lay on file is corrected, so that the record is owed again. Where a system cannot be asked, the agency's person is.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.orm import Session

from integrations.contract import Delivered, Unknown
from plugin.models import Circuit, Connection, Delivery, DeliveryAct, begin_writing, new_id, table_of
from plugin.models.scope import fixed
from plugin.services.case import cases
from plugin.services.case.cases import New
from plugin.services.keeping import sealing
from plugin.services.write_back import circuits, filed
from plugin.services.write_back.deliveries import Claimed, as_claimed

GONE = "It lay there before and cannot be found any more. Look in the record system, then send it again or file it by hand."
WHERE = "It arrived. Nobody has said yet that it lies on the file."
_GIVE_UP_AFTER = timedelta(days=7)  # a system that cannot be asked for a week will not be asked about this one any more
_TABLE = table_of(Delivery)
_DUE = fixed(
    select(Delivery.id, Delivery.check_at)
    .join(Connection, Connection.id == Delivery.connection_id)
    .outerjoin(Circuit, Circuit.connection_id == Delivery.connection_id)
    .where(Delivery.check_at <= bindparam("now"), circuits.may_send(bindparam("now")))
    .order_by(Delivery.check_at)
    .limit(bindparam("at_most"))
)
_STANDS = fixed(select(Delivery.state, Delivery.done_at).where(Delivery.id == bindparam("of")))


def claim(session: Session, keys: sealing.Keys, machine_now: datetime, lease: timedelta, limit: int) -> list[Claimed]:
    """Takes up to `limit` deliveries that are to be looked for and commits; whoever is lost while looking leaves them to the next."""
    due = {"now": machine_now, "at_most": limit}
    if not session.execute(_DUE, due).first():
        session.rollback()
        return []
    begin_writing(session)
    held = []
    for row in session.execute(_DUE, due).all():
        mine = _TABLE.c.id == row.id, _TABLE.c.check_at == row.check_at
        if session.execute(update(_TABLE).where(*mine).values(check_at=machine_now + lease)).rowcount:  # type: ignore[attr-defined]  # as in `deliveries`
            held.append(row.id)
    claimed = as_claimed(session, keys, held, machine_now + lease)
    session.commit()
    return claimed


def conclude(
    session: Session,
    keys: sealing.Keys,
    one: Claimed,
    found: Delivered | Unknown | None,
    reads_back: bool,
    again: timedelta,
    now: datetime,
    machine_now: datetime,
) -> None:
    """Writes down what was found. `again` is when to ask once more where the system did not answer. Commits; tries again on conflict.

    `found` is what the adapter's `find` says; where the adapter cannot tell (`reads_back` is False) it counts for nothing.
    """

    def work() -> None:
        row = session.execute(_STANDS, {"of": one.id}).one()
        if row.state not in ("arrived", "on file"):
            _write(session, one, {"check_at": None})  # a person was quicker
            return
        if isinstance(found, Unknown) and reads_back and machine_now - (row.done_at or machine_now) < _GIVE_UP_AFTER:
            _write(session, one, {"check_at": machine_now + again})
            return
        values = _seen(row.state, found, reads_back, now, machine_now)
        _write(session, one, {**values, "check_at": None})
        if values.get("reason") == GONE:
            _note(session, one, "gone", machine_now)
            _take_back(session, keys, one, now)
        elif "seen_at" in values:
            _note(session, one, "seen", machine_now)
        if "state" in values or "asked_at" in values:
            filed.follow(session, keys, one.case_id, one.obligation, now, machine_now)

    cases.transact(session, work)


def _seen(state: str, found: Delivered | Unknown | None, reads_back: bool, now: datetime, machine_now: datetime) -> dict[str, Any]:
    if reads_back and found is None:
        return {"state": "needs a person", "reason": GONE, "asked_at": now, "remote_id": "", "done_at": None}
    if reads_back and isinstance(found, Delivered):
        if state == "on file":
            return {"seen_at": machine_now}
        if found.on_file:
            return {"state": "on file", "seen_at": machine_now, "remote_id": found.remote_id}
    return {} if state == "on file" else {"asked_at": now, "reason": WHERE}


def _write(session: Session, one: Claimed, values: dict[str, Any]) -> None:
    session.execute(update(_TABLE).where(_TABLE.c.id == one.id).values(values))


def _note(session: Session, one: Claimed, what: str, machine_now: datetime) -> None:
    row = {"id": new_id(), "disagreement_id": one.case_id, "delivery_id": one.id, "at": machine_now, "actor": "system", "what": what}
    session.execute(insert(table_of(DeliveryAct)), row)


def _take_back(session: Session, keys: sealing.Keys, one: Claimed, now: datetime) -> None:
    """The case said that it lay on file. It does not: that entry is corrected, and the record is owed again."""
    case = cases.open_case(session, keys, case_id=one.case_id, lock=True)
    met = next((duty for duty in case.state(now).obligations if duty.key == one.obligation), None)
    if met is not None and met.done_seq is not None:
        cases.add_events(session, case, [New("corrected", str(met.done_seq), "none", "system", one.agency_id, {"void": True})], now)
