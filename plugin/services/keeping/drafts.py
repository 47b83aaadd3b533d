"""What somebody typed and has not sent: kept on the server, sealed, so that a session's end, a crash or a second look loses nothing."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from typing import Any

from cryptography.fernet import InvalidToken
from sqlalchemy import bindparam, delete, select
from sqlalchemy.orm import Session

from plugin.models import Draft, begin_writing, table_of, upsert
from plugin.models.scope import fixed
from plugin.services.keeping.sealing import Keys

_DRAFT = table_of(Draft)
_SEALED = fixed(select(Draft.sealed).where(Draft.owner == bindparam("owner")))


def owner(person_id: str, subject: str, form: str) -> str:
    """The key of a draft: one person, one child or case, one form. A hash: the row says nothing of them."""
    return hashlib.sha256(f"{person_id}|{subject}|{form}".encode()).hexdigest()


def save(session: Session, keys: Keys, key: str, content: dict[str, Any], machine_now: datetime) -> None:
    """Keeps `content` (JSON-able), over what was kept before. Commits."""
    sealed = keys.fernet.encrypt(json.dumps(content).encode())
    begin_writing(session)
    upsert(session, _DRAFT, "owner", {"owner": key, "sealed": sealed, "saved_at": machine_now})
    session.commit()


def load(session: Session, keys: Keys, key: str) -> dict[str, Any]:
    """What is kept under this key; empty where nothing is, or a key that is lost sealed it."""
    sealed = session.execute(_SEALED, {"owner": key}).scalar()
    try:
        return dict(json.loads(keys.fernet.decrypt(sealed))) if sealed else {}
    except InvalidToken:
        return {}


def drop(session: Session, key: str) -> None:
    """Forgets it, within the caller's transaction."""
    session.execute(delete(_DRAFT).where(_DRAFT.c.owner == key))


def forget(session: Session, key: str) -> None:
    """Deletes a draft at its owner's wish. Commits."""
    begin_writing(session)
    drop(session, key)
    session.commit()
