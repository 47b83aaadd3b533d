"""What becomes of mail that reaches nobody: refused for good, come back, or answered by an automatic reply.

The rows say so, the mailbox is remembered as bad or away, its links end, a notice counts as not given, and the case is looked at again:
whoever stands behind is asked at once (`asking`). Reading what came back is in `incoming`.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from plugin.models import Invitation, Mailbox, MailRow, table_of, upsert
from plugin.services.acting.consequences import carry_out
from plugin.services.case import cases
from plugin.services.case.cases import Case, New
from plugin.services.case.directory import Directory
from plugin.services.keeping import sealing
from plugin.services.notices.reaching import digest_of

# How long somebody is taken to be away after an automatic reply: nothing in one says until when.
AWAY_FOR = timedelta(days=7)
_MAIL = table_of(MailRow)


def given_up(
    session: Session, keys: sealing.Keys, letter: str, reason: str, *, mailbox: bool, now: datetime, machine_now: datetime
) -> None:
    """A letter will not be taken: its rows fail, and others are asked. `mailbox`: because the mailbox is refused. Commits."""
    _none_reached(session, keys, letter, "failed", reason, "bad" if mailbox else "", now, machine_now)


def came_back(session: Session, keys: sealing.Keys, letter: str, reason: str, now: datetime, machine_now: datetime) -> bool:
    """A letter that was sent came back. False where there is no such letter. Commits."""
    return _none_reached(session, keys, letter, "bounced", reason, "bad", now, machine_now)


def is_away(session: Session, keys: sealing.Keys, letter: str, reason: str, now: datetime, machine_now: datetime) -> bool:
    """An automatic reply to a letter says that nobody reads it just now. False where there is no such letter. Commits."""
    return _none_reached(session, keys, letter, "away", reason, "away", now, machine_now)


def _none_reached(
    session: Session, keys: sealing.Keys, letter: str, state: str, reason: str, box: str, now: datetime, machine_now: datetime
) -> bool:
    of_letter = or_(MailRow.letter == letter, MailRow.id == letter)
    found = list(session.execute(select(MailRow.disagreement_id).where(of_letter).distinct().order_by(MailRow.disagreement_id)).scalars())
    for case_id in found:
        cases.transact(
            session,
            lambda case_id=case_id: _in_case(session, keys, letter, case_id, (state, reason, box), now, machine_now),  # type: ignore[misc]  # bound now
        )
    return bool(found)


def _in_case(
    session: Session, keys: sealing.Keys, letter: str, case_id: str, said: tuple[str, str, str], now: datetime, machine_now: datetime
) -> None:
    state, reason, box = said
    case = cases.open_case(session, keys, case_id=case_id, lock=True)
    open_rows = MailRow.disagreement_id == case_id, MailRow.state.in_(("claimed", "sent", "deferred", "queued"))
    rows = list(session.execute(select(MailRow).where(*open_rows, or_(MailRow.letter == letter, MailRow.id == letter))).scalars())
    if not rows:
        return
    ids = [row.id for row in rows]
    people = {row.recipient for row in rows}
    undone = [row for row in rows if row.rung == "tell"]
    links = [row.invitation_id for row in rows if row.invitation_id]
    session.execute(update(_MAIL).where(_MAIL.c.id.in_(ids)).values(state=state, reason=reason, next_try_at=None))
    if box:
        _remember(session, Directory(session, case), people, box, reason, now)
    if box == "bad":
        _end_links(session, links, now)
    void = _notices_undone(case, {row.id for row in undone})
    standing = cases.add_events(session, case, void, now) if void else case.state(now)
    carry_out(session, case, standing, now, machine_now=machine_now)


def _remember(session: Session, directory: Directory, people: set[str], box: str, reason: str, now: datetime) -> None:
    for key in sorted(people):
        try:
            address = directory.named(key).email
        except LookupError:
            continue
        if address:
            until = now + AWAY_FOR if box == "away" else None
            row: dict[str, Any] = {"digest": digest_of(address), "state": box, "reason": reason, "since": now, "until": until}
            upsert(session, table_of(Mailbox), "digest", {**row})


def _end_links(session: Session, links: list[str], now: datetime) -> None:
    """Whoever reads a mailbox that is not its owner's any more must not get in by what was sent there."""
    if links:
        mine = Invitation.id.in_(links), Invitation.ended_at.is_(None)
        over = update(Invitation).where(*mine).values(ended_at=now, ended_because="mail came back")
        session.execute(over, execution_options={"synchronize_session": False})


def _notices_undone(case: Case, mails: set[str]) -> list[New]:
    """Notices that counted as given by mails that reached nobody are owed again."""
    void = {event.about for event in case.events if event.kind == "corrected"}
    given = [one for one in case.events if one.kind == "fulfilled" and one.facts.get("mail") in mails and str(one.seq) not in void]
    return [New("corrected", str(one.seq), "none", "system", "", {"void": True}) for one in given]
