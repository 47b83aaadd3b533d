"""What follows in a case when a delivery is over, or falls to a person: the case says so, and whoever must act is asked.

An obligation is met once everything it asks for is settled: on file, or given up with a reason. In the caller's transaction.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from plugin.models import Delivery
from plugin.models.scope import System, bind, fixed, principal
from plugin.services.acting.consequences import carry_out
from plugin.services.case import cases, recording
from plugin.services.case.cases import Case, New
from plugin.services.case.recording import OWED
from plugin.services.keeping import sealing
from policies import State

SETTLED = ("on file", "given up")
_OF_OBLIGATION = fixed(
    select(Delivery.record, Delivery.state, Delivery.remote_id, Delivery.agency_id)
    .where(Delivery.disagreement_id == bindparam("case"), Delivery.obligation == bindparam("obligation"))
    .order_by(Delivery.record)
)


def follow(session: Session, keys: sealing.Keys, case_id: str, obligation: str, now: datetime, machine_now: datetime) -> None:
    """What follows from what the service itself found out of a delivery of this obligation."""
    case = cases.open_case(session, keys, case_id=case_id, lock=True)
    said(session, case, case.state(now), obligation, New("fulfilled", actor="system"), now, machine_now)


def said(session: Session, case: Case, state: State, obligation: str, by: New, now: datetime, machine_now: datetime) -> None:
    """The same for who did it and what they wrote: `by` has side, actor, agency, facts and text. Where more is still to be filed for the
    obligation, what they wrote is noted, and the obligation stays open.
    """
    rows = session.execute(_OF_OBLIGATION, {"case": case.id, "obligation": obligation}).all()
    owed = [one for one in state.obligations if one.status in OWED]
    if any(one.key == obligation for one in owed) and all(row.state in SETTLED for row in rows):
        kind = "fulfilled" if any(row.state == "on file" for row in rows) else "waived"
        facts = {**by.facts, **_facts(rows)}
        keys = recording.met_together(owed, obligation)
        new = [New(kind, key, by.side, by.actor, by.agency or rows[0].agency_id, facts, by.text) for key in keys]  # type: ignore[arg-type]  # either is a kind
        state = cases.add_events(session, case, new, now)
    elif by.text is not None:
        state = cases.add_events(session, case, [New("noted", "filing", by.side, by.actor, by.agency, by.facts, by.text)], now)
    _carry_out(session, case, state, by.actor, now, machine_now)


def _facts(rows: Sequence[Any]) -> Mapping[str, Any]:
    """Codes alone: what a person wrote is not among them (their document's number stands in the sealed text)."""
    last = rows[-1]
    facts: dict[str, Any] = {"agency": last.agency_id, "record": last.record, "remote id": last.remote_id}
    if len(rows) > 1:
        facts["records"] = [[row.record, row.state, row.remote_id] for row in rows]
    return facts


def _carry_out(session: Session, case: Case, state: State, actor: str, now: datetime, machine_now: datetime) -> None:
    who = principal(session)
    bind(session, System("filed"))  # what follows concerns everybody in the case
    try:
        carry_out(session, case, state, now, actor=actor, machine_now=machine_now)
    finally:
        bind(session, who)
