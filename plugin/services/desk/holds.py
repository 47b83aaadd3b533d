"""One case kept although its time is over (a court, an inquiry), or let go although something in it is still owed; with a reason.

What lives here: saying so, and taking it back. What does not: the rule and the list (`retention`), removing (`removing`).
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from plugin.models import Disagreement, Hold, begin_writing, new_id
from plugin.services.desk import accounts
from plugin.services.keeping import sealing

_REASON_LENGTH = 500


class RetentionError(ValueError):
    """What was typed cannot be; `field` is years, reference or reason."""

    def __init__(self, field: str, text: str) -> None:
        super().__init__(text)
        self.field = field
        self.text = text


def live(session: Session, partnership_id: str) -> dict[str, Hold]:
    """What was said and not taken back, by the id of its case."""
    mine = Disagreement.partnership_id == partnership_id, Hold.ended_at.is_(None)
    rows = session.scalars(select(Hold).join(Disagreement, Disagreement.id == Hold.disagreement_id).where(*mine))
    return {row.disagreement_id: row for row in rows}


def reason(keys: sealing.Keys, row: Disagreement, hold: Hold) -> str:
    """Why, in the words of whoever said it; "" where the case was removed."""
    if row.key is None or hold.sealed is None:
        return ""
    return str(sealing.unseal(keys.unwrap(row.key), _place(hold.id), hold.sealed))


def _place(hold_id: str) -> str:
    return f"hold|{hold_id}"


def hold(session: Session, keys: sealing.Keys, reference: str, reason: str, now: datetime, machine_now: datetime, *, by: str) -> None:
    """Keeps a case, open or closed, until somebody lifts it. Raises RetentionError. Commits."""
    _say(session, keys, "hold", reference, reason, now, machine_now, by)


def release(session: Session, keys: sealing.Keys, reference: str, reason: str, now: datetime, machine_now: datetime, *, by: str) -> None:
    """Lets a case go when its time is over although something in it is still owed. Raises RetentionError. Commits."""
    _say(session, keys, "release", reference, reason, now, machine_now, by)


def lift(session: Session, hold_id: str, now: datetime, machine_now: datetime, *, by: str) -> None:
    """Ends a hold or a release; LookupError where it is none that this desk sees, or has ended. Commits."""
    begin_writing(session)
    row = session.scalar(select(Hold).where(Hold.id == hold_id, Hold.ended_at.is_(None)))
    if row is None:
        session.rollback()
        raise LookupError(hold_id)
    row.ended_at = now
    accounts.note(session, by, "", f"{row.kind} lifted", row.disagreement_id, "", machine_now)
    session.commit()


def _say(
    session: Session, keys: sealing.Keys, kind: str, reference: str, reason: str, now: datetime, machine_now: datetime, by: str
) -> None:
    words = " ".join(reason.split())
    begin_writing(session)
    row = session.scalar(select(Disagreement).where(Disagreement.reference == reference.strip().upper()).with_for_update())
    if row is None:
        raise RetentionError("reference", "There is no disagreement with this reference here. It looks like PD-7F3K-92HV.")
    if row.key is None:
        raise RetentionError("reference", "What was said in this disagreement was removed already.")
    if not words or len(words) > _REASON_LENGTH:
        raise RetentionError("reason", f"Say why, in {_REASON_LENGTH} characters at most. Do not name the person it is about.")
    if session.scalar(select(Hold.id).where(Hold.disagreement_id == row.id, Hold.ended_at.is_(None))):
        raise RetentionError("reference", "Somebody has said this of it already; it stands in the list. Lift that first.")
    made = new_id()
    sealed = sealing.seal(keys.unwrap(row.key), _place(made), words)
    session.add(Hold(id=made, disagreement_id=row.id, kind=kind, sealed=sealed, account_id=by, at=now))
    accounts.note(session, by, "", kind, row.id, "", machine_now)
    session.commit()


def of(session: Session, reference: str) -> str:
    """The id of what was said of this case and not taken back. Raises RetentionError where nothing was."""
    said = select(Hold.id).join(Disagreement, Disagreement.id == Hold.disagreement_id)
    found = session.scalar(said.where(Disagreement.reference == reference.strip().upper(), Hold.ended_at.is_(None)))
    if found is None:
        raise RetentionError("reference", "Nobody holds this disagreement, and nobody let it go.")
    return found
