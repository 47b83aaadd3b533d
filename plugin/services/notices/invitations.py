"""Emailed links: tokens minted when a mail is sent, codes that prove the mailbox, and what a link may still open.

Only hashes are kept. A link opens nothing by itself: a code goes to the mailbox of record, and counts are kept in the database, so
that limits hold with Redis down. Times of codes and tokens are machine time; whether an invitation is live is business.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, bindparam, func, insert, or_, select, update
from sqlalchemy.orm import Session

from plugin.models import Code, Invitation, InvitationToken, Mailbox, begin_writing, table_of
from plugin.services.notices.reaching import digest_of

LIFE = timedelta(days=21)
KEEP = insert(table_of(InvitationToken))
_BOX = table_of(Mailbox)
_WELL_AGAIN = update(_BOX).where(_BOX.c.digest == bindparam("of"), _BOX.c.state != "").values(state="", reason="", since=None, until=None)
CODE_LIFE = timedelta(minutes=10)
TRIES = 5
SENDS, SENDS_WITHIN = 3, timedelta(minutes=15)
PER_DAY = 10
# Ends that a former recipient is told of; whoever was replaced learns nothing.
TOLD = ("closed", "stage moved")


class CodeRefusedError(Exception):
    """The code is not accepted; `why` is not a code, wrong, expired, spent, too many. `last`: this try was the last one there was."""

    def __init__(self, why: str, left: int = 0, last: bool = False) -> None:
        super().__init__(why)
        self.why = why
        self.left = left
        self.last = last


class TooManyCodesError(Exception):
    """No further code is sent for now."""


def fresh(invitation_id: str, machine_now: datetime) -> tuple[str, dict[str, Any]]:
    """A fresh link token for this invitation (256 bits), and the row to `KEEP`: its hash is stored, it is not."""
    token = secrets.token_urlsafe(32)
    return token, {"hash": token_hash(token), "invitation_id": invitation_id, "expires_at": machine_now + LIFE}


def token_hash(token: str) -> str:
    """What is kept of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def find(session: Session, token: str, machine_now: datetime) -> Invitation | None:
    """The invitation behind a link; None for a token that is unknown or too old, and where somebody else answers instead.

    One that has ended because the case was closed or moved on is found: whoever proves the mailbox is told so (`is_over`).
    """
    known = InvitationToken.hash == token_hash(token), InvitationToken.expires_at > machine_now
    found = select(Invitation).join(InvitationToken, InvitationToken.invitation_id == Invitation.id).where(*known)
    return session.scalar(found.where(or_(Invitation.ended_at.is_(None), Invitation.ended_because.in_(TOLD))))


def is_over(invitation: Invitation) -> bool:
    """Whether nothing can be done with it any more."""
    return invitation.ended_at is not None


def renewed(session: Session, token: str, machine_now: datetime) -> tuple[Invitation, str] | None:
    """For somebody whose link is too old: the live invitation it was for, and a fresh token for its mailbox of record. None where there
    is none, or too many were asked for. Commits."""
    begin_writing(session)
    was = select(Invitation).join(InvitationToken, InvitationToken.invitation_id == Invitation.id)
    found = session.scalar(was.where(InvitationToken.hash == token_hash(token), Invitation.ended_at.is_(None)))
    if found is None:
        return None
    since = machine_now + LIFE - SENDS_WITHIN  # what was minted lately lives longest
    lately = select(func.count()).where(InvitationToken.invitation_id == found.id, InvitationToken.expires_at > since)
    if (session.scalar(lately) or 0) >= SENDS:
        return None
    token, kept = fresh(found.id, machine_now)
    session.execute(KEEP, kept)
    session.commit()
    return found, token


def send_code(session: Session, invitation_id: str, browser: str, machine_now: datetime) -> str:
    """A fresh six-digit code for this invitation and this browser. Those sent before stay good for their own ten minutes, so that whoever
    else asks for one (a scanner) voids none that is about to be typed. Raises TooManyCodesError. Commits."""
    begin_writing(session)
    # A code that was used is no sign of somebody asking for too many.
    sent = select(func.count()).select_from(Code).where(Code.invitation_id == invitation_id, Code.used_at.is_(None))
    recent = session.scalar(sent.where(Code.created_at > machine_now - SENDS_WITHIN)) or 0
    today = session.scalar(_to_mailbox(invitation_id).where(Code.created_at > machine_now - timedelta(days=1))) or 0
    if recent >= SENDS or today >= PER_DAY:
        raise TooManyCodesError
    code, salt = f"{secrets.randbelow(10**6):06d}", secrets.token_bytes(16)
    session.add(
        Code(
            invitation_id=invitation_id,
            browser=browser,
            salt=salt,
            digest=_digest(code, salt),
            created_at=machine_now,
            expires_at=machine_now + CODE_LIFE,
        )
    )
    session.commit()
    return code


def _to_mailbox(invitation_id: str) -> Select[int]:
    """How many codes went to this person's mailbox unused, whichever link they came by."""
    person = select(Invitation.person_id).where(Invitation.id == invitation_id).scalar_subquery()
    links = select(Invitation.id).where(Invitation.person_id == person)
    return select(func.count()).select_from(Code).where(Code.invitation_id.in_(links), Code.used_at.is_(None))


def accept_code(
    session: Session, invitation: Invitation, mailbox: str, typed: str, browser: str, now: datetime, machine_now: datetime
) -> None:
    """Spends a code if it is one of those sent to this browser, at `mailbox`: it is read, so what was held against it is forgotten.

    Raises CodeRefusedError. Commits either way: a try counts even when wrong, for every code that is still good.
    """
    digits = "".join(typed.split())
    if len(digits) != 6 or not (digits.isascii() and digits.isdigit()):
        raise CodeRefusedError("not a code")  # a slip of the finger costs no try
    begin_writing(session)
    sent = select(Code).where(Code.invitation_id == invitation.id, Code.browser == browser, Code.used_at.is_(None))
    codes = list(session.scalars(sent.with_for_update()))
    good = [one for one in codes if one.expires_at > machine_now]
    if not good:
        raise CodeRefusedError("expired" if codes else "spent")
    # Counted before they are looked at, by a conditional update: parallel guesses share the five tries.
    tried = [one for one in good if _count_try(session, one)]
    right = [one for one in tried if hmac.compare_digest(_digest(digits, one.salt), one.digest)]
    left = max((TRIES - one.tries for one in tried), default=0)
    if not right:
        session.commit()
        raise CodeRefusedError("wrong" if left else "too many", left, last=bool(tried) and not left)
    for one in codes:
        one.used_at = machine_now
    if not is_over(invitation):
        invitation.opened_at = invitation.opened_at or now
    session.execute(_WELL_AGAIN, {"of": digest_of(mailbox)})
    session.commit()


def _count_try(session: Session, code: Code) -> bool:
    counted = session.execute(update(Code).where(Code.id == code.id, Code.tries < TRIES).values(tries=Code.tries + 1))
    if not counted.rowcount:  # type: ignore[attr-defined]  # an UPDATE's result has it
        return False
    session.refresh(code)
    return True


def proved(session: Session, invitation: Invitation, now: datetime) -> None:
    """Their agency's own sign-in said who they are: the link counts as opened. Commits."""
    begin_writing(session)
    fresh = update(Invitation).where(Invitation.id == invitation.id, Invitation.opened_at.is_(None)).values(opened_at=now)
    session.execute(fresh, execution_options={"synchronize_session": False})
    session.commit()


def _digest(code: str, salt: bytes) -> bytes:
    return hashlib.scrypt(code.encode(), salt=salt, n=2**14, r=8, p=1)
