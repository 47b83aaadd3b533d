"""Cases in which somebody is waited for, made due to be looked at: their absence begins, they left, their mailbox was put right.

Both are used inside a transaction, and reach every such case, whatever the session's principal may see: nothing of one is read or told.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, or_, select, update
from sqlalchemy.orm import Session

from plugin.models import Disagreement, MailRow, ObligationRow, Participant, table_of
from plugin.services.notices.reaching import UNREACHED

_MAIL, _SEAT, _OBLIGATION, _CASE = (table_of(one) for one in (MailRow, Participant, ObligationRow, Disagreement))
_OWED = _OBLIGATION.c.status.in_(("owed", "overdue"))


def look_soon(session: Session, recipient: str, at: datetime) -> None:
    """Has every case in which this recipient was asked for something that is owed looked at from `at` on."""
    asked = select(_MAIL.c.disagreement_id).where(
        _MAIL.c.recipient == recipient,
        _MAIL.c.rung != "tell",
        _MAIL.c.disagreement_id == _OBLIGATION.c.disagreement_id,
        _MAIL.c.obligation == _OBLIGATION.c.key,
    )
    _wake(session, at, asked.exists())


def look_where_lost(session: Session, agency_id: str, at: datetime) -> None:
    """Has every case of this agency in which a mail reached nobody looked at from `at` on: its people or its duty desk were put right."""
    lost = select(_MAIL.c.disagreement_id).where(_MAIL.c.state.in_(UNREACHED))
    theirs = select(_SEAT.c.disagreement_id).where(_SEAT.c.agency_id == agency_id)
    _wake(session, at, _OBLIGATION.c.disagreement_id.in_(lost), _OBLIGATION.c.disagreement_id.in_(theirs))


def look_where_partnership_lost(session: Session, partnership_id: str, at: datetime) -> None:
    """The same for every case of a partnership: its own mailboxes were put right."""
    lost = select(_MAIL.c.disagreement_id).where(_MAIL.c.state.in_(UNREACHED))
    theirs = select(_CASE.c.id).where(_CASE.c.partnership_id == partnership_id)
    _wake(session, at, _OBLIGATION.c.disagreement_id.in_(lost), _OBLIGATION.c.disagreement_id.in_(theirs))


def _wake(session: Session, at: datetime, *mine: ColumnElement[Any]) -> None:
    later = or_(_OBLIGATION.c.next_act_at.is_(None), _OBLIGATION.c.next_act_at > at)
    session.execute(update(_OBLIGATION).where(*mine, _OWED, later).values(next_act_at=at))
