"""What came back, acted upon once: mail that failed and absences go on to whoever stands behind; what a person wrote waits to be read.

What lives here: remembering what was seen (a digest), and what follows. What does not: reading bytes (`mail.incoming`), fetching them
(`jobs.returns`), and what follows for a case (`undelivered`).
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import insert, or_, select
from sqlalchemy.orm import Session

from plugin.mail.incoming import Incoming
from plugin.models import Incoming as IncomingRow
from plugin.models import MailRow, begin_writing, table_of
from plugin.services.keeping import sealing
from plugin.services.post import undelivered

# A shared mailbox answers every mail by itself ("thank you for writing"): that says nothing of an absence.
_PEOPLE = ("person:", "contact:")


def take(session: Session, keys: sealing.Keys, came: Incoming, now: datetime, machine_now: datetime) -> bool:
    """Does what follows from a mail that came in; False where it was taken before. Commits."""
    if session.get(IncomingRow, came.digest) is not None:
        session.rollback()
        return False
    session.rollback()
    # First what follows, then that it was seen: a crash between has it looked at again, which changes nothing more.
    if came.letter and came.kind == "failed":
        undelivered.came_back(session, keys, came.letter, came.reason, now, machine_now)
    elif came.letter and came.kind == "away" and _to_a_person(session, came.letter):
        undelivered.is_away(session, keys, came.letter, came.reason, now, machine_now)
    begin_writing(session)
    seen = None if came.kind == "reply" else machine_now
    row = {"digest": came.digest, "kind": came.kind, "mail": came.letter, "reason": came.reason, "at": machine_now, "seen_at": seen}
    session.execute(insert(table_of(IncomingRow)), row)
    session.commit()
    return True


def all_read(session: Session, machine_now: datetime) -> int:
    """Somebody read what people wrote: the alarm ends. Returns how many there were. Commits."""
    begin_writing(session)
    rows = list(session.scalars(select(IncomingRow).where(IncomingRow.seen_at.is_(None))))
    for row in rows:
        row.seen_at = machine_now
    session.commit()
    return len(rows)


def _to_a_person(session: Session, letter: str) -> bool:
    found = session.scalar(select(MailRow.recipient).where(or_(MailRow.letter == letter, MailRow.id == letter)).limit(1))
    return found is not None and found.startswith(_PEOPLE)
