"""The ledger of mail: rows claimed, composed with a fresh link, sent with the database let go, and concluded.

A mail row holds template and ids; the link is minted when the mail is sent and only its hash is kept. What a sent notice fulfils comes
back to the case as an event. Message-IDs are made of the row's id: a second sending after a crash is the same message.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from plugin.models import MailRow, begin_writing
from plugin.services import cases, invitations, sealing
from plugin.services.cases import New
from plugin.services.consequences import OWED, carry_out
from plugin.services.directory import Directory
from policies import Deadline


@dataclass(frozen=True, slots=True)
class Letter:
    """A claimed mail, ready to be composed: nothing here says who the child is. `to` is one mailbox."""

    id: str
    attempt: int
    template: str
    to: str
    reference: str
    token: str
    due: Deadline | None
    stage_title: str
    case_id: str
    obligation: str
    rung: str

    def __repr__(self) -> str:
        return f"Letter({self.id}, {self.template}, attempt {self.attempt})"


def claim(session: Session, keys: sealing.Keys, machine_now: datetime, now: datetime, lease: timedelta, limit: int) -> list[Letter]:
    """Takes up to `limit` mails that are due and commits. What is no longer owed by then is cancelled instead."""
    due = select(MailRow).where(MailRow.next_try_at <= machine_now).order_by(MailRow.next_try_at).limit(limit)
    if not session.execute(due).first():
        session.rollback()
        return []
    begin_writing(session)
    letters = []
    for row in session.scalars(due).all():
        taken = session.execute(
            update(MailRow)
            .where(MailRow.id == row.id, MailRow.attempt == row.attempt, MailRow.next_try_at <= machine_now)
            .values(state="claimed", attempt=row.attempt + 1, next_try_at=machine_now + lease),
            execution_options={"synchronize_session": False},
        )
        if taken.rowcount:  # type: ignore[attr-defined]  # an UPDATE's result has it
            session.expire(row)
            letter = _letter(session, keys, row, machine_now, now)
            if letter:
                letters.append(letter)
    session.commit()
    return letters


def _letter(session: Session, keys: sealing.Keys, row: MailRow, machine_now: datetime, now: datetime) -> Letter | None:
    case = cases.open_case(session, keys, case_id=row.disagreement_id)
    state = case.state(now)
    one = next((one for one in state.obligations if one.key == row.obligation), None)
    if one is None or one.status not in OWED:
        row.state, row.next_try_at, row.reason = "cancelled", None, "no longer owed"
        return None
    who = Directory(session, case).named(row.recipient)
    if not who.email:
        row.state, row.next_try_at, row.reason = "no address", None, "nobody here has a mailbox on record"
        return None
    token = invitations.mint(session, row.invitation_id, machine_now)
    return Letter(
        row.id,
        row.attempt,
        row.template,
        who.email,
        case.reference,
        token,
        one.due,
        state.stage_title,
        case.id,
        row.obligation,
        row.rung,
    )


def sent(session: Session, keys: sealing.Keys, letter: Letter, now: datetime, machine_now: datetime) -> None:
    """The mail server took it. A notice is hereby given: the case says so. Commits."""

    def work() -> None:
        mine = MailRow.id == letter.id, MailRow.attempt == letter.attempt, MailRow.state == "claimed"
        taken = session.execute(
            update(MailRow).where(*mine).values(state="sent", sent_at=machine_now, next_try_at=None, reason=""),
            execution_options={"synchronize_session": False},
        )
        if not taken.rowcount or letter.rung != "tell":  # type: ignore[attr-defined]  # an UPDATE's result has it
            return
        case = cases.open_case(session, keys, case_id=letter.case_id, lock=True)
        one = next((one for one in case.state(now).obligations if one.key == letter.obligation), None)
        if one is None or one.status not in OWED:
            return
        state = cases.add_events(session, case, [New("fulfilled", letter.obligation, "none", "system", "", {"mail": letter.id})], now)
        carry_out(session, case, state, now, machine_now=machine_now)

    cases.transact(session, work)


def failed(session: Session, letter: Letter, reason: str, permanent: bool, machine_now: datetime, waits: Sequence[int]) -> None:
    """The mail server did not take it: tried again later, or for good. Commits."""
    begin_writing(session)
    values: dict[str, Any] = {"state": "failed", "next_try_at": None, "reason": reason}
    if not permanent and letter.attempt <= len(waits):
        values = {"state": "queued", "next_try_at": machine_now + timedelta(seconds=waits[letter.attempt - 1]), "reason": reason}
    mine = MailRow.id == letter.id, MailRow.attempt == letter.attempt, MailRow.state == "claimed"
    session.execute(update(MailRow).where(*mine).values(values), execution_options={"synchronize_session": False})
    session.commit()
