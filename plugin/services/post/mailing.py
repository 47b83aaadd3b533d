"""The ledger of mail: rows let go, claimed, sent with the database let go, and concluded.

A row holds template and ids; rows are made into letters in `gathering`, links are minted as a letter is claimed and only their hashes are
kept. What a sent notice fulfils comes back to the case as an event. A letter's Message-ID is made of its first row's id, kept with its
rows: a second sending after a crash is the same message. What became of mail that was not taken, or came back, is in `undelivered`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from plugin.models import Heartbeat, MailRow, ObligationRow, begin_writing, table_of, upsert
from plugin.models.scope import fixed
from plugin.services.acting.consequences import OWED, carry_out, wake
from plugin.services.case import cases
from plugin.services.case.cases import New
from plugin.services.keeping import sealing
from plugin.services.notices.rows import PENDING, SAYING
from plugin.services.post import undelivered
from plugin.services.post.gathering import Gathering
from plugin.services.post.letters import Letter, Row

_MAIL = table_of(MailRow)
_COLUMNS = (
    MailRow.id,
    MailRow.attempt,
    MailRow.disagreement_id,
    MailRow.obligation,
    MailRow.rung,
    MailRow.recipient,
    MailRow.template,
    MailRow.invitation_id,
    MailRow.letter,
)
_DUE = fixed(
    select(*_COLUMNS).where(MailRow.next_try_at <= bindparam("now")).order_by(MailRow.next_try_at, MailRow.id).limit(bindparam("at_most"))
)
_SAME_PEOPLE = fixed(
    select(*_COLUMNS)
    .where(MailRow.next_try_at <= bindparam("now"), MailRow.recipient.in_(bindparam("people", expanding=True)))
    .order_by(MailRow.next_try_at, MailRow.id)
    .limit(bindparam("at_most"))
)
_THIS_TRY = _MAIL.c.id == bindparam("of"), _MAIL.c.attempt == bindparam("at")
_SENT = (
    update(_MAIL)
    .where(*_THIS_TRY, _MAIL.c.state == "claimed")
    .values(state="sent", sent_at=bindparam("now"), next_try_at=None, reason="", told_due=bindparam("told"))
)
_OVER = fixed(
    select(ObligationRow.disagreement_id, ObligationRow.key).where(
        ObligationRow.disagreement_id.in_(bindparam("cases", expanding=True)),
        ObligationRow.key.in_(bindparam("keys", expanding=True)),
        ObligationRow.status.not_in(OWED),
    )
)
_OTHERS = fixed(
    select(MailRow.id)
    .where(
        MailRow.disagreement_id == bindparam("case"),
        MailRow.obligation == bindparam("obligation"),
        MailRow.rung == "tell",
        MailRow.id != bindparam("not"),
        MailRow.state.in_((*PENDING, "claimed")),
    )
    .limit(1)
)
_LET_GO = (
    update(_MAIL)
    .where(_MAIL.c.state == "waiting", _MAIL.c.send_at <= bindparam("now"))
    .values(state="queued", next_try_at=bindparam("machine"), send_at=None, reason="")
)
_AT_MOST_FOR_ONE = 200


def let_go(session: Session, now: datetime, machine_now: datetime) -> int:
    """Lets go what waited for `now` (business time): an office that opens, the end of a sweep. Returns how many. Within a transaction."""
    done: Any = session.execute(_LET_GO, {"now": now, "machine": machine_now})
    if done.rowcount:
        wake(session, "mail")
    return int(done.rowcount)


def claim(session: Session, keys: sealing.Keys, machine_now: datetime, now: datetime, lease: timedelta, limit: int) -> list[Letter]:
    """Takes up to `limit` rows that are due, with all that is due for the same people, as letters, and commits.

    What is no longer owed by then is cancelled instead; what is due to one mailbox leaves as one letter, unless its owner chose otherwise.
    """
    due = {"now": machine_now, "at_most": limit}
    if not session.execute(_DUE, due).first():
        session.rollback()
        return []
    begin_writing(session)
    rows = list(session.execute(_DUE, due).all())
    people = {"people": sorted({row.recipient for row in rows}), "now": machine_now, "at_most": limit + _AT_MOST_FOR_ONE}
    rows += [row for row in session.execute(_SAME_PEOPLE, people) if row not in rows]
    letters = Gathering(session, keys, now, machine_now).letters(rows, machine_now + lease)
    session.commit()
    return letters


def sent(session: Session, keys: sealing.Keys, letters: Sequence[Letter], now: datetime, machine_now: datetime) -> None:
    """The mail server took these. Commits: what was asked all at once, then each notice given, by its case, which says so."""
    rows = [row for letter in letters for row in letter.rows]
    given = [row for row in rows if row.rung == "tell"]
    over = cases.transact(session, lambda: _note_sent(session, [row for row in rows if row.rung != "tell"], machine_now))
    for case_id in sorted({row.case_id for row in given} | over.keys()):
        mine, ended = [row for row in given if row.case_id == case_id], over.get(case_id, set())
        follow = partial(_follow, session, keys, case_id, mine, ended, now, machine_now)
        cases.transact(session, follow)


def _note_sent(session: Session, rows: Sequence[Row], machine_now: datetime) -> dict[str, set[str]]:
    """Marks rows as sent; gives what was settled while they were under way, by case: whoever got them must hear of it."""
    if not rows:
        return {}
    session.execute(_SENT, [{"of": row.id, "at": row.attempt, "now": machine_now, "told": row.told} for row in rows])
    asked = {(row.case_id, row.obligation) for row in rows if row.rung not in SAYING}
    known = {"cases": sorted({row.case_id for row in rows}), "keys": sorted({row.obligation for row in rows})}
    over: dict[str, set[str]] = {}
    for case_id, key in session.execute(_OVER, known).all():
        if (case_id, key) in asked:
            over.setdefault(case_id, set()).add(key)
    return over


def _follow(
    session: Session, keys: sealing.Keys, case_id: str, given: Sequence[Row], over: set[str], now: datetime, machine_now: datetime
) -> None:
    """What follows in one case: its notices are given, and what is over is said."""
    taken = []
    for row in given:
        done: Any = session.execute(_SENT, {"of": row.id, "at": row.attempt, "now": machine_now, "told": row.told})
        if done.rowcount:
            taken.append(row)
    if not taken and not over:
        return
    case = cases.open_case(session, keys, case_id=case_id, lock=True)
    owed = {one.key for one in case.state(now).obligations if one.status in OWED}
    events = [
        New("fulfilled", row.obligation, "none", "system", "", {"mail": row.id})
        for row in {row.obligation: row for row in taken if row.obligation in owed}.values()
        if not _others_wait(session, row)
    ]
    state = cases.add_events(session, case, events, now) if events else case.state(now)
    carry_out(session, case, state, now, machine_now=machine_now, over=over)


def _others_wait(session: Session, row: Row) -> bool:
    """Whether somebody else is still to be told the same: a notice is given when the last of its mails is sent."""
    return session.execute(_OTHERS, {"case": row.case_id, "obligation": row.obligation, "not": row.id}).first() is not None


def failed(
    session: Session,
    keys: sealing.Keys,
    letter: Letter,
    reason: str,
    *,
    permanent: bool,
    mailbox: bool,
    now: datetime,
    machine_now: datetime,
    waits: Sequence[int],
) -> None:
    """The mail server did not take it: tried again later; or given up, and somebody else is asked. `mailbox`: it is the mailbox that is
    refused. Commits."""
    if permanent or letter.attempt > len(waits):
        undelivered.given_up(session, keys, letter.id, reason, mailbox=permanent and mailbox, now=now, machine_now=machine_now)
        return
    begin_writing(session)
    again = machine_now + timedelta(seconds=waits[letter.attempt - 1])
    for row in letter.rows:
        mine = _MAIL.c.id == row.id, _MAIL.c.attempt == row.attempt, _MAIL.c.state == "claimed"
        session.execute(update(_MAIL).where(*mine).values(state="deferred", next_try_at=again, reason=reason))
    session.commit()


def beat(session: Session, machine_now: datetime) -> None:
    """Notes that mail was sent just now, for whoever watches. Commits."""
    begin_writing(session)
    upsert(session, table_of(Heartbeat), "name", {"name": "mail", "at": machine_now})
    session.commit()


def release(session: Session, letter: Letter, machine_now: datetime) -> None:
    """Gives back a letter that was claimed and not begun: whoever is free may take it at once. Commits."""
    begin_writing(session)
    for row in letter.rows:
        mine = _MAIL.c.id == row.id, _MAIL.c.attempt == row.attempt, _MAIL.c.state == "claimed"
        session.execute(update(_MAIL).where(*mine).values(state="queued", next_try_at=machine_now, attempt=row.attempt - 1))
    wake(session, "mail")
    session.commit()
