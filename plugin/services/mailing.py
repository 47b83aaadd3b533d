"""The ledger of mail: rows claimed, composed with a fresh link, sent with the database let go, and concluded.

A mail row holds template and ids; the link is minted when the mail is sent and only its hash is kept. What a sent notice fulfils comes
back to the case as an event. Message-IDs are made of the row's id: a second sending after a crash is the same message.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from plugin.models import MailRow, begin_writing, table_of
from plugin.models.scope import fixed
from plugin.services import cases, invitations, sealing
from plugin.services.cases import New
from plugin.services.consequences import OWED, carry_out
from plugin.services.directory import Directory
from policies import Deadline

_MAIL = table_of(MailRow)
_DUE = fixed(
    select(
        MailRow.id,
        MailRow.attempt,
        MailRow.disagreement_id,
        MailRow.obligation,
        MailRow.rung,
        MailRow.recipient,
        MailRow.template,
        MailRow.invitation_id,
    )
    .where(MailRow.next_try_at <= bindparam("now"))
    .order_by(MailRow.next_try_at)
    .limit(bindparam("at_most"))
)
_THIS_TRY = _MAIL.c.id == bindparam("of"), _MAIL.c.attempt == bindparam("at")
_TAKE = (
    update(_MAIL)
    .where(*_THIS_TRY, _MAIL.c.next_try_at <= bindparam("now"))
    .values(state="claimed", attempt=_MAIL.c.attempt + 1, next_try_at=bindparam("until"))
)
_SENT = (
    update(_MAIL).where(*_THIS_TRY, _MAIL.c.state == "claimed").values(state="sent", sent_at=bindparam("now"), next_try_at=None, reason="")
)


@dataclass(frozen=True, slots=True)
class Letter:
    """A claimed mail, ready to be composed: nothing here says who the child is. `to` is one mailbox.

    `decides`: what is due is to say how a step ended (settled, or on to the next), not an answer.
    """

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
    decides: bool = False

    def __repr__(self) -> str:
        return f"Letter({self.id}, {self.template}, attempt {self.attempt})"


def claim(session: Session, keys: sealing.Keys, machine_now: datetime, now: datetime, lease: timedelta, limit: int) -> list[Letter]:
    """Takes up to `limit` mails that are due and commits. What is no longer owed by then is cancelled instead."""
    due = {"now": machine_now, "at_most": limit}
    if not session.execute(_DUE, due).first():
        session.rollback()
        return []
    begin_writing(session)
    letters = []
    for row in session.execute(_DUE, due).all():
        taken = session.execute(_TAKE, {"of": row.id, "at": row.attempt, "now": machine_now, "until": machine_now + lease})
        if taken.rowcount:  # type: ignore[attr-defined]  # an UPDATE's result has it
            letter = _letter(session, keys, row, machine_now, now)
            if letter:
                letters.append(letter)
    session.commit()
    return letters


def _letter(session: Session, keys: sealing.Keys, row: Any, machine_now: datetime, now: datetime) -> Letter | None:
    case = cases.open_case(session, keys, case_id=row.disagreement_id)
    state = case.state(now)
    one = next((one for one in state.obligations if one.key == row.obligation), None)
    if one is None or one.status not in OWED or (state.status == "closed" and not one.automatic):
        _not_sent(session, row.id, "cancelled", "no longer owed")
        return None
    try:
        who = Directory(session, case).named(row.recipient)
    except LookupError:  # gone since it was decided: one such row must not hold up everybody else's mail
        who = None
    if who is None or not who.email:
        _not_sent(session, row.id, "no address", "nobody here has a mailbox on record")
        return None
    token = invitations.mint(session, row.invitation_id, machine_now)
    return Letter(
        row.id,
        row.attempt + 1,
        row.template,
        who.email,
        case.reference,
        token,
        one.due,
        state.stage_title,
        case.id,
        row.obligation,
        row.rung,
        one.kind == "decision",
    )


def _not_sent(session: Session, mail_id: str, state: str, reason: str) -> None:
    session.execute(update(_MAIL).where(_MAIL.c.id == mail_id).values(state=state, next_try_at=None, reason=reason))


def sent(session: Session, keys: sealing.Keys, letter: Letter, now: datetime, machine_now: datetime) -> None:
    """The mail server took it. A notice is hereby given: the case says so. Commits."""

    def work() -> None:
        taken = session.execute(_SENT, {"of": letter.id, "at": letter.attempt, "now": machine_now})
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
