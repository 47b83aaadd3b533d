"""Who was written to in a case, what for, and what became of it: for the case's page and for alarms. Reads; changes nothing.

What lives here: one line for each thing said to one person at one time. What does not: how a page words it (`web.case.mail_words`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from plugin.models import Invitation, MailRow
from plugin.models.scope import fixed
from plugin.services.case.cases import Case
from plugin.services.case.directory import Directory
from plugin.services.notices.rows import ANSWERED, MOVED
from policies import State

_ROWS = fixed(
    select(
        MailRow.obligation,
        MailRow.rung,
        MailRow.template,
        MailRow.recipient,
        MailRow.state,
        MailRow.created_at,
        MailRow.sent_at,
        MailRow.send_at,
        MailRow.next_try_at,
        MailRow.reason,
        Invitation.opened_at,
        Invitation.answered_at,
    )
    .outerjoin(Invitation, Invitation.id == MailRow.invitation_id)
    .where(MailRow.disagreement_id == bindparam("case"))
    .order_by(MailRow.created_at, MailRow.recipient)
)
# Nothing to tell: never sent, or not by mail.
_HIDDEN = ("cancelled", "on screen")


@dataclass(frozen=True, slots=True)
class Asked:
    """One line. `what` is the mail's name (a template's); `state`: waiting, queued, claimed, deferred, sent, opened, answered, seen, or
    one of those by which nobody was reached. `at` goes with it: sent at (machine time), or when it will be tried or sent."""

    who: str
    recipient: str
    what: str
    state: str
    at: datetime | None
    opened_at: datetime | None = None
    reason: str = ""
    asked_at: datetime | None = None


def mails(session: Session, case: Case) -> list[Any]:
    """Every mail of the case as a row, in the order they were decided: for `listed`, and for what a page says was just decided."""
    return list(session.execute(_ROWS, {"case": case.id}))


def listed(mails: Iterable[Any], case: Case, state: State, directory: Directory, keys: set[str] | None = None) -> list[Asked]:
    """A line for each of `mails` that says something. `keys`: the obligations the reader may see (None: all)."""
    doers = {
        one.key: case.events[one.done_seq - 1].actor for one in state.obligations if one.done_seq is not None and one.done_seq <= case.seq
    }
    found: dict[tuple[str, str, str, datetime], Asked] = {}
    for row in mails:
        if row.state in _HIDDEN or (keys is not None and row.obligation not in keys):
            continue
        made = _line(row, doers.get(row.obligation, ""), directory)
        place = made.recipient, made.what, made.state, row.created_at
        found.setdefault(place, made)
    return list(found.values())


def _line(row: Any, doer: str, directory: Directory) -> Asked:
    opened = row.opened_at if row.opened_at and row.opened_at >= row.created_at else None
    what = MOVED if row.rung.startswith(MOVED) else row.template
    answered = row.answered_at is not None and row.answered_at >= row.created_at
    state, at = _standing(row, opened, answered or (bool(doer) and row.recipient.removeprefix("person:") == doer))
    return Asked(_name(directory, row.recipient), row.recipient, what, state, at, opened, row.reason, row.created_at)


def _standing(row: Any, opened: datetime | None, answered: bool) -> tuple[str, datetime | None]:
    if row.state == "sent":
        state = "seen" if opened and row.rung in ("tell", ANSWERED) else "answered" if answered else "opened" if opened else "sent"
        return state, row.sent_at
    if row.state == "waiting":
        return "waiting", row.send_at
    return row.state, row.next_try_at if row.state == "deferred" else row.sent_at


def _name(directory: Directory, key: str) -> str:
    if key == "nobody":
        return "Nobody"
    try:
        return directory.named(key).name
    except LookupError:
        return "Somebody who is not in the directory any more"
