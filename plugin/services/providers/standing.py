"""Whether the people of an agency that signs in by its own provider can sign in: told before anybody stands before a closed door.

What does not live here: the test itself (`sign_on_checks`).
"""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from plugin.models import Agency, Connection
from plugin.services.providers import sign_on_checks


def why_closed(session: Session, agency: Agency) -> str:
    """Why managers of an agency whose sign-in is its own provider cannot open their links, in words; "" where they can, or get codes."""
    return why_not(session, agency.id) if agency.assurance == "sso" else ""


def why_not(session: Session, agency_id: str) -> str:
    """Why an agency's own sign-in is not to be relied on, in words; "" where its last test found it well."""
    rows = session.scalars(select(Connection).where(Connection.agency_id == agency_id).order_by(Connection.id)).all()
    there = [row for row in rows if row.launch.get("sso")]
    if not there:
        return "its own sign-in is not set up"
    live = next((row for row in there if row.enabled), None)
    if live is None:
        return "the connection that its own sign-in belongs to is paused"
    tested = sign_on_checks.tested(live, "sso")
    if not tested:
        return "its own sign-in was never tested as it is now"
    return "" if tested["well"] else "its own sign-in did not work when it was last tested"
