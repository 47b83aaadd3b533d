"""What has ended and is of no more use, deleted: sessions, links, codes, spent launches, sign-ins, ids of messages, drafts, returned mail;
and lines of the access log and lists of heads that are old enough.

Nothing here belongs to what a case says (that is `services.desk.retention`), and nothing that is still good is touched: how long each is
kept after its end is the deployment's to say. A few rows a transaction, so that nobody waits; begun anew it goes on where it was.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, delete, or_, select
from sqlalchemy.orm import Session

from plugin.models import (
    Access,
    Checkpoint,
    Code,
    Draft,
    Heartbeat,
    Inbound,
    Incoming,
    Invitation,
    InvitationToken,
    MailToken,
    SpentLaunch,
    Ticket,
    WebSession,
    begin_writing,
    table_of,
    upsert,
)

NAME = "purge"
ZONE = ZoneInfo("Europe/London")
MESSAGES_KEPT = timedelta(days=30)  # an id of a record system's message is taken once in so long
LISTS_KEPT = timedelta(days=100)
_AFTER = time(2)
_BATCH = 500


@dataclass(frozen=True, slots=True)
class Keeping:
    """How long what has ended is kept after its end, a draft after it was saved, a line of the access log (None: for good)."""

    ended: timedelta
    drafts: timedelta
    access: timedelta | None = None


def due(session: Session, now: datetime) -> bool:
    """Whether this night's removing is still to be done: once a day, after two in the morning. `now` is business time."""
    return _due(session.scalar(select(Heartbeat.at).where(Heartbeat.name == NAME)), now)


def claim(session: Session, now: datetime) -> bool:
    """Whether it is ours to do: of several workers one gets True. Commits."""
    begin_writing(session)
    if not _due(session.scalar(select(Heartbeat.at).where(Heartbeat.name == NAME).with_for_update()), now):
        session.rollback()
        return False
    upsert(session, table_of(Heartbeat), "name", {"name": NAME, "at": now})
    session.commit()
    return True


def _due(last: datetime | None, now: datetime) -> bool:
    local = now.astimezone(ZONE)
    return local.time() >= _AFTER and (last is None or last.astimezone(ZONE).date() < local.date())


def purge(session: Session, keeping: Keeping, machine_now: datetime) -> dict[str, int]:
    """Deletes what has been over for long enough; how many rows of each table. Commits every few rows."""
    found: dict[str, int] = {}
    for model, gone in _gone(keeping, machine_now):
        found[table_of(model).name] = found.get(table_of(model).name, 0) + _delete(session, model, gone)
    return found


def _gone(keeping: Keeping, now: datetime) -> Iterator[tuple[type[Any], ColumnElement[bool]]]:
    over = now - max(keeping.ended, timedelta(days=1))  # codes are counted for a day
    # An old link of an invitation that is still open gets its owner a new one: it is kept while it can.
    live = select(Invitation.id).where(Invitation.ended_at.is_(None))
    yield InvitationToken, (InvitationToken.expires_at < over) & InvitationToken.invitation_id.not_in(live)
    yield MailToken, MailToken.expires_at < over
    yield Code, Code.expires_at < over
    yield WebSession, WebSession.ends_at < over
    yield Ticket, Ticket.expires_at < over
    yield SpentLaunch, SpentLaunch.expires_at < over
    yield Inbound, Inbound.received_at < now - MESSAGES_KEPT
    # A mail that a person typed is an alarm until somebody has seen it.
    yield Incoming, (Incoming.at < over) & or_(Incoming.kind.not_in(("reply", "other")), Incoming.seen_at.is_not(None))
    yield Draft, Draft.saved_at < now - keeping.drafts
    if keeping.access is not None:
        yield Access, Access.at < now - keeping.access
    # An auditor is given a list a month: of those from long ago the first of each month stays.
    yield Checkpoint, (Checkpoint.made_at < now - LISTS_KEPT) & Checkpoint.day.not_like("%-01")


def _delete(session: Session, model: type[Any], gone: ColumnElement[bool]) -> int:
    key, count = list(table_of(model).primary_key.columns), 0
    while True:
        session.rollback()
        rows = session.execute(select(*key).where(gone).limit(_BATCH)).all()
        if not rows:
            return count
        begin_writing(session)
        for row in rows:
            mine = [column == value for column, value in zip(key, row, strict=True)]
            done: Any = session.execute(delete(model).where(*mine, gone), execution_options={"synchronize_session": False})
            count += done.rowcount
        session.commit()
