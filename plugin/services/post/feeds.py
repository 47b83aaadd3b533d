"""Somebody's deadlines as a private calendar feed: an address with a token of its own, of which only the hash is kept.

What lives here: making and ending the address, and whose deadlines it shows: those of what its owner was asked for and still owes. What
does not: calendar bytes (`mail.calendar`). A feed ends with a new one, with its time, and when its owner can be asked no more.
"""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import delete, exists, insert, or_, select
from sqlalchemy.orm import Session

from plugin.mail.calendar import Entry, entry_uid
from plugin.models import Disagreement, MailRow, MailToken, ObligationRow, begin_writing, table_of
from plugin.services.acting.consequences import OWED
from plugin.services.case import cases
from plugin.services.case.directory import Directory
from plugin.services.keeping import sealing
from plugin.services.notices.invitations import token_hash
from plugin.services.notices.rows import SAYING

# A calendar asks for years; a year is long enough to be no nuisance and short enough for a leaver's programs to fall silent.
LIFE = timedelta(days=365)
_AT_MOST = 200
ZONE = ZoneInfo("Europe/London")


def make(session: Session, recipient: str, machine_now: datetime) -> str:
    """A fresh feed's token for a recipient (a key of the directory); the one before it ends. Commits."""
    token = secrets.token_urlsafe(32)
    begin_writing(session)
    end(session, recipient)
    row = {"hash": token_hash(token), "purpose": "feed", "digest": "", "recipient": recipient, "expires_at": machine_now + LIFE}
    session.execute(insert(table_of(MailToken)), row)
    session.commit()
    return token


def end(session: Session, recipient: str) -> None:
    """Ends a recipient's feed. Within a transaction."""
    mine = MailToken.purpose == "feed", MailToken.recipient == recipient
    session.execute(delete(MailToken).where(*mine), execution_options={"synchronize_session": False})


def entries(session: Session, keys: sealing.Keys, token: str, now: datetime, machine_now: datetime) -> list[Entry] | None:
    """The deadlines behind a feed's address, the soonest first; None for an address that is unknown, too old, or of somebody who left."""
    live = MailToken.hash == token_hash(token), MailToken.purpose == "feed", MailToken.expires_at > machine_now
    recipient = session.scalar(select(MailToken.recipient).where(*live))
    if recipient is None:
        return None
    unfinished = exists().where(ObligationRow.disagreement_id == Disagreement.id, ObligationRow.status.in_(OWED))
    still = or_(Disagreement.status != "closed", unfinished)  # a closed case may ask for something all the same
    asked = (
        select(MailRow.disagreement_id, MailRow.obligation)
        .join(Disagreement, Disagreement.id == MailRow.disagreement_id)
        .where(MailRow.recipient == recipient, MailRow.rung.not_in(SAYING), still)
        .distinct()
    )
    wanted: dict[str, set[str]] = {}
    for case_id, key in session.execute(asked).all():
        wanted.setdefault(case_id, set()).add(key)
    found, gone = [], False
    for case_id, owed in list(wanted.items())[:_AT_MOST]:
        case = cases.open_case(session, keys, case_id=case_id)
        gone = gone or not _is_there(Directory(session, case), recipient)
        state = case.state(now)
        found += [
            Entry(entry_uid(case.id, one.key), case.reference, state.stage_title, one.due, case.seq)
            for one in state.obligations
            if one.key in owed and state.is_asked(one) and one.due is not None
        ]
    # Two things of one case due at one time are one entry to whoever reads it.
    alone = {(entry.reference, entry.due.at): entry for entry in sorted(found, key=lambda entry: entry.uid)}
    return None if gone else sorted(alone.values(), key=lambda entry: entry.due.at)


def _is_there(directory: Directory, recipient: str) -> bool:
    """Whether the feed's owner can still be asked: somebody who left has no mailbox any more."""
    try:
        return bool(directory.named(recipient).email)
    except LookupError:
        return False
