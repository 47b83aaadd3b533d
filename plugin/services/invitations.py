"""Emailed links: tokens minted when a mail is sent, codes that prove the mailbox, and what a link may still open.

Only hashes are kept. A link opens nothing by itself: a code goes to the mailbox of record, and counts are kept in the database, so
that limits hold with Redis down. Times of codes and tokens are machine time; whether an invitation is live is business.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from datetime import datetime, timedelta

from sqlalchemy import Select, func, insert, select, update
from sqlalchemy.orm import Session

from plugin.models import Code, Invitation, InvitationToken, begin_writing, table_of

LIFE = timedelta(days=21)
CODE_LIFE = timedelta(minutes=10)
TRIES = 5
SENDS, SENDS_WITHIN = 3, timedelta(minutes=15)
PER_DAY = 10


class CodeRefusedError(Exception):
    """The code is not accepted; `why` is not a code, wrong, expired, spent, too many."""

    def __init__(self, why: str, left: int = 0) -> None:
        super().__init__(why)
        self.why = why
        self.left = left


class TooManyCodesError(Exception):
    """No further code is sent for now."""


def mint(session: Session, invitation_id: str, machine_now: datetime) -> str:
    """A fresh link token for this invitation (256 bits); its hash is stored, it is not."""
    token = secrets.token_urlsafe(32)
    row = {"hash": token_hash(token), "invitation_id": invitation_id, "expires_at": machine_now + LIFE}
    session.execute(insert(table_of(InvitationToken)), row)
    return token


def token_hash(token: str) -> str:
    """What is kept of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def find(session: Session, token: str, machine_now: datetime) -> Invitation | None:
    """The live invitation behind a link; None for a token that is unknown or too old, and where the invitation has ended."""
    return session.scalar(
        select(Invitation)
        .join(InvitationToken, InvitationToken.invitation_id == Invitation.id)
        .where(InvitationToken.hash == token_hash(token), InvitationToken.expires_at > machine_now, Invitation.ended_at.is_(None))
    )


def send_code(session: Session, invitation_id: str, browser: str, machine_now: datetime) -> str:
    """A fresh six-digit code for this invitation and this browser; older ones are void. Raises TooManyCodesError. Commits."""
    begin_writing(session)
    # A code that was used is no sign of somebody asking for too many.
    sent = select(func.count()).select_from(Code).where(Code.invitation_id == invitation_id, Code.used_at.is_(None))
    recent = session.scalar(sent.where(Code.created_at > machine_now - SENDS_WITHIN)) or 0
    today = session.scalar(_to_mailbox(invitation_id).where(Code.created_at > machine_now - timedelta(days=1))) or 0
    if recent >= SENDS or today >= PER_DAY:
        raise TooManyCodesError
    session.execute(update(Code).where(Code.invitation_id == invitation_id, Code.used_at.is_(None)).values(expires_at=machine_now))
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


def accept_code(session: Session, invitation: Invitation, typed: str, browser: str, now: datetime, machine_now: datetime) -> None:
    """Spends the code if it is the one sent to this browser. Raises CodeRefusedError. Commits either way: a try counts even when wrong."""
    digits = "".join(typed.split())
    if len(digits) != 6 or not (digits.isascii() and digits.isdigit()):
        raise CodeRefusedError("not a code")  # a slip of the finger costs no try
    begin_writing(session)
    newest = select(Code).where(Code.invitation_id == invitation.id, Code.browser == browser).order_by(Code.created_at.desc()).limit(1)
    code = session.scalar(newest.with_for_update())
    if code is None or code.used_at is not None:
        raise CodeRefusedError("spent")
    if code.expires_at <= machine_now:
        raise CodeRefusedError("expired")
    # Counted before it is looked at, by a conditional update: parallel guesses share the five tries.
    counted = session.execute(update(Code).where(Code.id == code.id, Code.tries < TRIES).values(tries=Code.tries + 1))
    if not counted.rowcount:  # type: ignore[attr-defined]  # an UPDATE's result has it
        session.commit()
        raise CodeRefusedError("too many")
    session.refresh(code)
    if not hmac.compare_digest(_digest(digits, code.salt), code.digest):
        left = TRIES - code.tries
        session.commit()
        raise CodeRefusedError("wrong" if left else "too many", left)
    code.used_at = machine_now
    invitation.opened_at = invitation.opened_at or now
    session.commit()


def _digest(code: str, salt: bytes) -> bytes:
    return hashlib.scrypt(code.encode(), salt=salt, n=2**14, r=8, p=1)
