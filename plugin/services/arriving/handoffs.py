"""A session that goes on under another token: Start pressed twice, and a frame that is continued in a tab of its own.

One short-lived secret a session, of which the SHA-256 is kept in `handoff`: after Start the launch page's own token, so that a second
press goes on; afterwards a code that takes the frame into a tab, once, within a minute.
"""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from plugin.models import WebSession, begin_writing
from plugin.models.scope import fixed
from plugin.services.arriving.launching import Limits, session_id

LIFE = timedelta(seconds=60)
_BY_HANDOFF = fixed(select(WebSession).where(WebSession.handoff == bindparam("handoff"), WebSession.kind == "frame"))


def find_started(session: Session, token: str, current: str, machine_now: datetime, limits: Limits) -> WebSession | None:
    """The session that was begun with this launch page's token: for a minute, or where `current` (the browser's cookie) is its present
    token. None otherwise."""
    row: WebSession | None = session.scalar(_BY_HANDOFF, {"handoff": session_id(token)})
    if row is None or row.handoff_until is None or row.ends_at <= machine_now or row.seen_at + limits.idle <= machine_now:
        return None
    if row.handoff_until <= machine_now and row.id != session_id(current):
        return None
    session.expunge(row)
    return row


def mint(session: Session, row: WebSession, machine_now: datetime) -> str:
    """A code that takes this frame's session into a tab. The one before it is void. Commits."""
    code = secrets.token_urlsafe(32)
    begin_writing(session)
    mine = update(WebSession).where(WebSession.id == row.id).values(handoff=_of_tab(code), handoff_until=machine_now + LIFE)
    session.execute(mine, execution_options={"synchronize_session": False})
    session.commit()
    return code


def spend(session: Session, code: str, machine_now: datetime) -> str | None:
    """The token of the tab that goes on with the frame's session, which ends; None for a code that is unknown, old or spent. Commits."""
    token = secrets.token_urlsafe(32)
    begin_writing(session)
    live = WebSession.handoff == _of_tab(code), WebSession.handoff_until > machine_now, WebSession.kind == "frame", WebSession.started
    fresh = {"id": session_id(token), "kind": "tab", "handoff": "", "handoff_until": None, "seen_at": machine_now}
    spent = session.execute(update(WebSession).where(*live).values(fresh), execution_options={"synchronize_session": False})
    session.commit()
    return token if spent.rowcount else None  # type: ignore[attr-defined]  # an UPDATE's result has it


def _of_tab(code: str) -> str:
    """What is kept of a tab's code: never equal to what is kept of a launch page's token."""
    return session_id(f"tab|{code}")
