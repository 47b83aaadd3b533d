"""The access log: who looked at a case, and who was refused. Ids and codes only, apart from the case's own chain."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import insert
from sqlalchemy.orm import Session

from plugin.models import Access, begin_writing, new_id, table_of

_NOTE = insert(table_of(Access))


def note(session: Session, actor: str, agency: str, action: str, subject: str, result: str, machine_now: datetime) -> None:
    """Writes one line. Commits."""
    row = {"id": new_id(), "at": machine_now, "actor": actor, "agency": agency, "action": action, "subject": subject, "result": result}
    begin_writing(session)
    session.execute(_NOTE, row)
    session.commit()
