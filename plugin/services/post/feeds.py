"""Somebody's deadlines as a private calendar feed: an address with a token of its own, of which only the hash is kept.

What lives here: making and ending the address, and whose deadlines it shows: those of what its owner was asked for and still owes. What
does not: calendar bytes (`mail.calendar`). A feed ends with a new one, with its time, and when its owner can be asked no more. That of an
office (a chair, a duty desk, a coordinator) is its mailbox's: whoever holds that office in another partnership, or later, has their own.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import delete, exists, insert, or_, select
from sqlalchemy.orm import Session

from plugin.mail.calendar import Entry, entry_uid
from plugin.models import Disagreement, MailRow, MailToken, ObligationRow, begin_writing, table_of
from plugin.services.acting.consequences import OWED
from plugin.services.case import cases
from plugin.services.case.cases import Case
from plugin.services.case.directory import Directory
from plugin.services.keeping import sealing
from plugin.services.notices.invitations import token_hash
from plugin.services.notices.reaching import digest_of
from plugin.services.notices.rows import SAYING

# A calendar asks for years; a year is long enough to be no nuisance and short enough for a leaver's programs to fall silent.
LIFE = timedelta(days=365)
_AT_MOST = 200
ZONE = ZoneInfo("Europe/London")


def make(session: Session, keys: sealing.Keys, recipient: str, case_id: str, machine_now: datetime) -> str:
    """A fresh feed's token for a recipient (a key of the directory, as it is meant in that case); the one before it ends. Commits."""
    token, mailbox = secrets.token_urlsafe(32), ""
    if not _is_person(recipient):
        mailbox = digest_of(Directory(session, cases.open_case(session, keys, case_id=case_id)).named(recipient).email)
    begin_writing(session)
    mine = MailToken.purpose == "feed", MailToken.recipient == recipient, MailToken.digest.in_(("", mailbox))
    session.execute(delete(MailToken).where(*mine), execution_options={"synchronize_session": False})
    row = {"hash": token_hash(token), "purpose": "feed", "digest": mailbox, "recipient": recipient, "expires_at": machine_now + LIFE}
    session.execute(insert(table_of(MailToken)), row)
    session.commit()
    return token


def _is_person(recipient: str) -> bool:
    """Whether a key is one person's; the others stand for an office, and may mean another mailbox in another case."""
    return recipient.startswith("person:")


def entries(session: Session, keys: sealing.Keys, token: str, now: datetime, machine_now: datetime) -> list[Entry] | None:
    """The deadlines behind a feed's address, the soonest first; None for an address that is unknown, too old, or of somebody who left."""
    live = MailToken.hash == token_hash(token), MailToken.purpose == "feed", MailToken.expires_at > machine_now
    owner = session.execute(select(MailToken.recipient, MailToken.digest).where(*live)).first()
    if owner is None or not (owner.digest or _is_person(owner.recipient)):
        return None
    found: list[Entry] = []
    for case, owed in islice(_of_owner(session, keys, owner), _AT_MOST):
        if case is None:
            return None
        state = case.state(now)
        found += [
            Entry(entry_uid(case.id, one.key), case.reference, state.stage_title, one.due, case.seq)
            for one in state.obligations
            if one.key in owed and state.is_asked(one) and one.due is not None
        ]
    # Two things of one case due at one time are one entry to whoever reads it.
    alone = {(entry.reference, entry.due.at): entry for entry in sorted(found, key=lambda entry: entry.uid)}
    return sorted(alone.values(), key=lambda entry: entry.due.at)


def _of_owner(session: Session, keys: sealing.Keys, owner: Any) -> Iterator[tuple[Case | None, set[str]]]:
    """The cases in which the feed's owner was asked for something, with the keys of what; None for somebody who left."""
    for case_id, owed in _asked(session, owner.recipient).items():
        case = cases.open_case(session, keys, case_id=case_id)
        mailbox = _mailbox(Directory(session, case), owner.recipient)
        if not owner.digest and not mailbox:
            yield None, set()
        elif mailbox and owner.digest in ("", digest_of(mailbox)):
            yield case, owed


def _asked(session: Session, recipient: str) -> dict[str, set[str]]:
    """What somebody was asked for, by the id of its case."""
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
    return wanted


def _mailbox(directory: Directory, recipient: str) -> str:
    """Where the feed's owner can be asked in this case; "" where they cannot: somebody who left has no mailbox any more."""
    try:
        return directory.named(recipient).email
    except LookupError:
        return ""
