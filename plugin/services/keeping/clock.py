"""Business time: what deadlines, invitations and reminders go by. Machine time (tokens, codes, leases) is the machine's own.

The demo's clock can be moved: one row, read by every process. On a live service the row is not there.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from plugin.models import ClockOffset, begin_writing
from plugin.models.scope import fixed

_OFFSET = fixed(select(ClockOffset.seconds))


def machine_now() -> datetime:
    """The machine's time, aware UTC."""
    return datetime.now(UTC)


def business_now(session: Session) -> datetime:
    """Machine time and the demo's offset, aware UTC."""
    return machine_now() + timedelta(seconds=session.execute(_OFFSET).scalar() or 0)


def move(session: Session, seconds: int) -> None:
    """Sets business time `seconds` ahead of the machine's; never backwards (ValueError), since events are already recorded. Commits."""
    begin_writing(session)
    row = session.get(ClockOffset, 1)
    if row is None:
        row = ClockOffset(id=1, seconds=0)
        session.add(row)
    if seconds < row.seconds:
        raise ValueError("the clock only goes forward")
    row.seconds = seconds
    session.commit()
