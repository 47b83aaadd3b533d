"""How many mails somebody wants, said through the quiet link at the foot of a mail; no sign-in, and nothing about a case behind it.

What lives here: tokens (hashes alone are kept) and the choice. What does not: what may wait for a daily mail (`asking`, `office`).
"""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from plugin.models import Mailbox, MailToken, begin_writing, table_of, upsert
from plugin.services.notices.invitations import LIFE, token_hash

CHOICES = ("together", "single", "daily")
KEEP = insert(table_of(MailToken))


def fresh(digest: str, machine_now: datetime) -> tuple[str, dict[str, Any]]:
    """A fresh quiet link's token for the mailbox with this digest, and the row to `KEEP`."""
    token = secrets.token_urlsafe(32)
    return token, {"hash": token_hash(token), "purpose": "choice", "digest": digest, "recipient": "", "expires_at": machine_now + LIFE}


def chosen(session: Session, token: str, machine_now: datetime) -> str | None:
    """What the mailbox behind a quiet link chose; None for a link that is unknown or too old."""
    digest = _digest(session, token, machine_now)
    if digest is None:
        return None
    return session.scalar(select(Mailbox.choice).where(Mailbox.digest == digest)) or "together"


def choose(session: Session, token: str, choice: str, machine_now: datetime) -> bool:
    """Keeps a choice. False for a link that is unknown or too old; ValueError for a choice there is not. Commits."""
    if choice not in CHOICES:
        raise ValueError(choice)
    begin_writing(session)
    digest = _digest(session, token, machine_now)
    if digest is None:
        session.rollback()
        return False
    known = session.get(Mailbox, digest)
    if known is None:
        upsert(session, table_of(Mailbox), "digest", {"digest": digest, "state": "", "reason": "", "choice": choice})
    else:
        known.choice = choice
    session.commit()
    return True


def _digest(session: Session, token: str, machine_now: datetime) -> str | None:
    live = MailToken.hash == token_hash(token), MailToken.purpose == "choice", MailToken.expires_at > machine_now
    return session.scalar(select(MailToken.digest).where(*live))
