"""Removing by schedule: every closed case whose time is over, and advice that is as old. What is taken out of one: `case.removal`.

When one goes is the partnership's rule (`retention`). Each is a line of the access log. Times are business time.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from plugin.models import Advice, Disagreement, EventRow, Hold, Partnership, begin_writing
from plugin.services.case import cases, removal
from plugin.services.desk import accounts
from plugin.services.desk.retention import closed_of, goes_at, waits_for


def remove_due(session: Session, now: datetime, machine_now: datetime) -> int:
    """Removes every case whose time is over, one transaction each, and advice that is as old; how many cases. For the service itself."""
    _note_closing(session)
    rules = list(session.execute(select(Partnership.id, Partnership.keep_years, Partnership.keep_since).where(Partnership.keep_years > 0)))
    session.rollback()
    done = 0
    for partnership_id, years, since in rules:
        closed = session.execute(closed_of(partnership_id).with_only_columns(Disagreement.id, Disagreement.closed_at)).all()
        for case_id, closed_at in closed:
            at = goes_at(closed_at, years, since)
            if at is not None and at <= now:
                done += _remove(session, case_id, now, machine_now)
        _remove_advice(session, partnership_id, years, since, now)
    return done


def _note_closing(session: Session) -> None:
    """Since when those are closed of which that was not noted when they were."""
    begin_writing(session)
    at = select(func.max(EventRow.recorded_at)).where(EventRow.disagreement_id == Disagreement.id, EventRow.kind == "closed")
    unknown = Disagreement.status == "closed", Disagreement.closed_at.is_(None)
    session.execute(
        update(Disagreement).where(*unknown).values(closed_at=at.scalar_subquery()), execution_options={"synchronize_session": False}
    )
    session.commit()


def _remove(session: Session, case_id: str, now: datetime, machine_now: datetime) -> bool:
    """One case, looked at afresh under its lock: somebody may have opened it again, or holds it."""

    def work() -> bool:
        row = session.scalar(
            select(Disagreement).where(Disagreement.id == case_id).with_for_update().execution_options(populate_existing=True)
        )
        live = set(session.scalars(select(Hold.kind).where(Hold.disagreement_id == case_id, Hold.ended_at.is_(None))))
        if row is None or row.status != "closed" or row.removed_at or "hold" in live or waits_for(session, case_id, "release" in live):
            return False
        removal.remove(session, case_id, now)
        accounts.note(session, "system", "", "removed", case_id, row.reference, machine_now)
        return True

    return cases.transact(session, work)


def _remove_advice(session: Session, partnership_id: str, years: int, since: datetime | None, now: datetime) -> None:
    """Advice that was asked for without raising anything: kept as long, from the day it was asked for."""
    begin_writing(session)
    for advice_id, at in session.execute(select(Advice.id, Advice.at).where(Advice.partnership_id == partnership_id)).all():
        over = goes_at(at, years, since)
        if over is not None and over <= now:
            session.execute(delete(Advice).where(Advice.id == advice_id), execution_options={"synchronize_session": False})
    session.commit()
