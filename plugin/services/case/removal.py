"""A case whose time is over: its key is destroyed, and what is in clear beside it is taken out. In the caller's transaction.

What stays: the events as codes, dates and opaque ids with their hashes, so that the chain can still be followed and cases can be counted;
who of which agency took part on which side. What goes: every word that was said, who the children are and how they are found again, who
was named for the case, the links, the mails, what was sent where and what came of it.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Select, delete, select, update
from sqlalchemy.orm import Session

from plugin.models import (
    Attempt,
    ChildKey,
    Code,
    Contact,
    Delivery,
    Disagreement,
    EventRow,
    Hold,
    Incoming,
    Invitation,
    InvitationToken,
    MailRow,
    ObligationRow,
    Participant,
    WebSession,
)

_APART = {"synchronize_session": False}


def remove(session: Session, case_id: str, now: datetime) -> None:
    """Destroys the key of a case and takes out what is in clear. `now` is business time."""
    links = select(Invitation.id).where(Invitation.disagreement_id == case_id)
    ways = select(Delivery.id).where(Delivery.disagreement_id == case_id)
    _delete_links(session, links)
    _delete_mails(session, case_id)
    for table in (Contact, ChildKey):
        session.execute(delete(table).where(table.disagreement_id == case_id), execution_options=_APART)
    _clear(session, EventRow, case_id, sealed=None)
    _clear(session, Participant, case_id, person_id="", answering_id="", child_key="")
    _clear(session, Hold, case_id, sealed=None)
    _clear(session, ObligationRow, case_id, next_act_at=None)
    session.execute(update(Attempt).where(Attempt.delivery_id.in_(ways)).values(reason=""), execution_options=_APART)
    quiet: dict[str, Any] = dict.fromkeys(("next_try_at", "asked_at", "check_at"))
    _clear(session, Delivery, case_id, sealed=None, reason="", remote_id="", **quiet)
    gone = update(Disagreement).where(Disagreement.id == case_id).values(key=None, removed_at=now)
    session.execute(gone, execution_options=_APART)


def _clear(session: Session, table: Any, case_id: str, **values: Any) -> None:
    session.execute(update(table).where(table.disagreement_id == case_id).values(**values), execution_options=_APART)


def _delete_links(session: Session, links: Select[Any]) -> None:
    """Invitations with the tokens, codes and sessions that hang on them."""
    ids = list(session.scalars(links))
    for table in (InvitationToken, Code, WebSession):
        session.execute(delete(table).where(table.invitation_id.in_(ids)), execution_options=_APART)
    session.execute(delete(Invitation).where(Invitation.id.in_(ids)), execution_options=_APART)


def _delete_mails(session: Session, case_id: str) -> None:
    rows = session.execute(select(MailRow.id, MailRow.letter).where(MailRow.disagreement_id == case_id)).all()
    letters: Iterable[str] = {one for row in rows for one in row if one}
    session.execute(delete(Incoming).where(Incoming.mail.in_(letters)), execution_options=_APART)
    session.execute(delete(MailRow).where(MailRow.disagreement_id == case_id), execution_options=_APART)
