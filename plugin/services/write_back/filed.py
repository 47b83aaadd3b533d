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
from plugin.services.write_back import later
from policies import Obligation, State

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
    over = {} if state.unmade else later.end_earlier(session, case.id, machine_now)
    lapsed = ("no longer applies",) if state.unmade else ()  # it was under way as the case ended: that it lies there must be known
    owed = [one for one in state.obligations if one.status in (*OWED, *lapsed)]
    new = _settled(session, case, owed, obligation, by, over.pop(obligation, None))
    if not new and by.text is not None:
        new = [New("noted", "filing", by.side, by.actor, by.agency, by.facts, by.text)]
    for key, row in over.items():
        new += _settled(session, case, owed, key, New("fulfilled", actor="system"), row)
    if new:
        state = cases.add_events(session, case, new, now)
    _carry_out(session, case, state, by.actor, now, machine_now)


def _settled(session: Session, case: Case, owed: Sequence[Obligation], obligation: str, by: New, behind: Any) -> list[New]:
    """That an obligation is met, where all that it asks for is settled; `behind`: the later record in which an earlier one is (`later`)."""
    rows = session.execute(_OF_OBLIGATION, {"case": case.id, "obligation": obligation}).all()
    if obligation not in {one.key for one in owed} or not all(row.state in SETTLED for row in rows):
        return []
    kind = "fulfilled" if behind or any(row.state == "on file" for row in rows) else "waived"
    facts = {**by.facts, **_facts([behind] if behind else rows)}
    keys = recording.met_together(owed, obligation)
    return [New(kind, key, by.side, by.actor, by.agency or rows[0].agency_id, facts, by.text) for key in keys]  # type: ignore[arg-type]  # either is a kind


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
