"""What may be done once, soon: kept sealed under the hash of a random token. Sessions a host asks for, and sign-ins on their way."""

from __future__ import annotations

import hashlib
import json
import secrets
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session

from plugin.models import Ticket, begin_writing
from plugin.services.keeping.sealing import Keys


def make(session: Session, keys: Keys, kind: str, connection_id: str, what: Any, life: timedelta, now: datetime) -> str:
    """A fresh token for `what` (JSON-able), good for `life`. Only its hash is kept. Commits. `now` is machine time."""
    token = secrets.token_urlsafe(32)
    keep(session, keys, kind, connection_id, token, what, life, now)
    return token


def keep(session: Session, keys: Keys, kind: str, connection_id: str, token: str, what: Any, life: timedelta, now: datetime) -> None:
    """The same under a random token that is known already. Commits."""
    begin_writing(session)
    sealed = keys.fernet.encrypt(json.dumps(what).encode())
    session.add(Ticket(id=_hash(token), kind=kind, connection_id=connection_id, sealed=sealed, expires_at=now + life))
    session.commit()


def spend(session: Session, keys: Keys, kind: str, connection_id: str, token: str, now: datetime) -> Any:
    """What a token stands for, once; None where it is unknown, of another kind or connection, too old, or spent. Commits."""
    begin_writing(session)
    mine = (Ticket.id == _hash(token), Ticket.kind == kind, Ticket.connection_id == connection_id, Ticket.expires_at > now)
    done = session.execute(
        update(Ticket).where(*mine, Ticket.used_at.is_(None)).values(used_at=now), execution_options={"synchronize_session": False}
    )
    if not done.rowcount:  # type: ignore[attr-defined]  # an UPDATE's result has it
        session.rollback()
        return None
    found = session.get_one(Ticket, _hash(token))
    what = json.loads(keys.fernet.decrypt(found.sealed))
    found.sealed = b""
    session.commit()
    return what


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
