"""An agency leaves the partnership as a whole, or is back. Nothing of it is deleted, and nothing that it owed is lost.

While it is off: nobody comes in by its connections, its links open nothing, no disagreement can be raised with it; what it was asked in
open cases is put to whoever coordinates the partnership; what should be written to its files waits. Each change is noted with who made it.
"""

from __future__ import annotations

from datetime import datetime
from functools import partial

from sqlalchemy import ScalarSelect, delete, select, update
from sqlalchemy.orm import Session

from plugin.models import Agency, Connection, Disagreement, MailRow, Participant, WebSession, table_of
from plugin.services.acting import consequences
from plugin.services.case import cases
from plugin.services.desk import accounts
from plugin.services.keeping.sealing import Keys
from plugin.services.notices.reaching import LEFT

_MAIL = table_of(MailRow)
_QUIETLY = {"synchronize_session": False}


def leave(session: Session, keys: Keys, agency_id: str, now: datetime, machine_now: datetime, *, by: str) -> int:
    """Switches an agency off; how many open cases were looked at again. Twice is once. Commits. Raises LookupError.

    To be called on a session that the system is bound to. `now` is business time.
    """

    def work() -> bool:
        row = session.get(Agency, agency_id)
        if row is None:
            raise LookupError(agency_id)
        if row.off_since is not None:
            return False
        on = list(session.scalars(select(Connection.id).where(Connection.agency_id == agency_id, Connection.enabled)))
        row.off_since, row.off_ways = machine_now, on
        session.execute(update(Connection).where(Connection.id.in_(on)).values(enabled=False), execution_options=_QUIETLY)
        ended = delete(WebSession).where(WebSession.agency_id == agency_id, WebSession.account_id == "")
        session.execute(ended, execution_options=_QUIETLY)
        accounts.note(session, by, agency_id, "agency off", agency_id, f"{len(on)} connections paused", machine_now)
        return True

    return _look_again(session, keys, agency_id, now, machine_now) if cases.transact(session, work) else 0


def come_back(session: Session, keys: Keys, agency_id: str, now: datetime, machine_now: datetime, *, by: str) -> int:
    """Switches it on again: the connections that were on go on, and its people are asked what they would have been asked. As `leave`."""

    def work() -> bool:
        row = session.get(Agency, agency_id)
        if row is None:
            raise LookupError(agency_id)
        if row.off_since is None:
            return False
        on = Connection.id.in_(list(row.off_ways)), Connection.retired_at.is_(None)
        session.execute(update(Connection).where(*on).values(enabled=True), execution_options=_QUIETLY)
        row.off_since, row.off_ways = None, []
        # What was not sent because they took no part is decided anew.
        unsent = delete(_MAIL).where(
            _MAIL.c.state == LEFT.problem, _MAIL.c.reason == LEFT.reason, _MAIL.c.disagreement_id.in_(_open(agency_id))
        )
        session.execute(unsent, execution_options=_QUIETLY)
        accounts.note(session, by, agency_id, "agency on", agency_id, "", machine_now)
        return True

    if not cases.transact(session, work):
        return 0
    count = _look_again(session, keys, agency_id, now, machine_now)
    consequences.wake(session, "delivery")
    session.commit()
    return count


def _open(agency_id: str) -> ScalarSelect[str]:
    """The ids of its cases that are not closed."""
    wanted = select(Disagreement.id).join(Participant, Participant.disagreement_id == Disagreement.id)
    return wanted.where(Participant.agency_id == agency_id, Disagreement.status != "closed").scalar_subquery()


def _look_again(session: Session, keys: Keys, agency_id: str, now: datetime, machine_now: datetime) -> int:
    found = select(Participant.disagreement_id).join(Disagreement, Disagreement.id == Participant.disagreement_id).distinct()
    ids = list(session.scalars(found.where(Participant.agency_id == agency_id, Disagreement.status != "closed")))
    for case_id in ids:
        cases.transact(session, partial(_one, session, keys, case_id, now, machine_now))
    return len(ids)


def _one(session: Session, keys: Keys, case_id: str, now: datetime, machine_now: datetime) -> None:
    case = cases.open_case(session, keys, case_id=case_id, lock=True)
    consequences.carry_out(session, case, case.state(now), now, machine_now=machine_now)
