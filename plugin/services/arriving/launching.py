"""A verified launch becomes a session: the nonce is spent, the member of staff known, the child's details sealed, in one transaction."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, delete, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from integrations.launch.context import ChildDetails, LaunchContext, LaunchRefused
from plugin.models import Agency, Connection, Person, SpentLaunch, WebSession, begin_writing, table_of
from plugin.models.scope import fixed
from plugin.services.keeping import sealing

_SESSION = fixed(select(WebSession).where(WebSession.id == bindparam("id")))
_WAY = table_of(Connection)
# Noted for the connection's page, once a minute at most: launches of one agency must not wait for each other.
_CAME_IN = (
    update(_WAY)
    .where(_WAY.c.id == bindparam("way"), (_WAY.c.launched_at < bindparam("before")) | _WAY.c.launched_at.is_(None))
    .values(launched_at=bindparam("at"), skew_seconds=bindparam("skew"))
)


NO_PART = "agency does not take part"


@dataclass(frozen=True, slots=True)
class Limits:
    """How long sessions last."""

    idle: timedelta
    absolute: timedelta


def connection(session: Session, connection_id: str) -> Connection:
    """The enabled connection with this id; raises LaunchRefused."""
    row = session.get(Connection, connection_id)
    if row is None:
        raise LaunchRefused("connection unknown or disabled")
    if session.get_one(Agency, row.agency_id).off_since is not None:
        raise LaunchRefused(NO_PART)
    if not row.enabled:
        raise LaunchRefused("connection unknown or disabled")
    return row


def accept(session: Session, keys: sealing.Keys, way: Connection, launch: LaunchContext, machine_now: datetime, limits: Limits) -> str:
    """Spends the launch and makes a frame session. Returns the session's token; only its hash is kept. Commits.

    Raises LaunchRefused where the launch was used before (the primary key decides, also between two at one instant).
    """
    agency_id, way_id = way.agency_id, way.id
    try:
        return _accept(session, keys, agency_id, way_id, launch, machine_now, limits)
    except IntegrityError:
        session.rollback()  # the same new member of staff was made known by another launch at this instant: now they are known
        return _accept(session, keys, agency_id, way_id, launch, machine_now, limits)


def _accept(
    session: Session, keys: sealing.Keys, agency_id: str, way_id: str, launch: LaunchContext, machine_now: datetime, limits: Limits
) -> str:
    token = secrets.token_urlsafe(32)
    begin_writing(session)
    spent = {"connection_id": way_id, "nonce": launch.nonce, "expires_at": launch.expires_at + timedelta(days=7)}
    try:
        session.execute(insert(SpentLaunch), [spent])
    except IntegrityError:
        session.rollback()
        raise LaunchRefused("launch used before") from None
    person = _member(session, agency_id, launch)
    row = WebSession(
        id=session_id(token),
        kind="frame",
        agency_id=agency_id,
        person_id=person.id,
        connection_id=way_id,
        child_key=keys.child_key(agency_id, launch.child_ref),
        host_session=launch.host_session,
        sealed=keys.fernet.encrypt(_context(launch)),
        created_at=machine_now,
        seen_at=machine_now,
        ends_at=machine_now + limits.absolute,
    )
    session.add(row)
    noted = {"way": way_id, "at": machine_now, "before": machine_now - timedelta(minutes=1), "skew": launch.skew_seconds}
    session.execute(_CAME_IN, noted)
    session.commit()
    return token


def _member(session: Session, agency_id: str, launch: LaunchContext) -> Person:
    """The member of staff behind the host's opaque id; made known at their first launch, renamed when the host says so."""
    found = session.scalar(select(Person).where(Person.agency_id == agency_id, Person.staff_id == launch.staff_id))
    if found is None:
        found = Person(agency_id=agency_id, staff_id=launch.staff_id, name=launch.staff_name or launch.staff_id)
        session.add(found)
        session.flush()
    elif launch.staff_name and found.name != launch.staff_name:
        found.name = launch.staff_name
    if not found.active:
        raise LaunchRefused("this member of staff has left")
    return found


def _context(launch: LaunchContext) -> bytes:
    said = {"child_ref": launch.child_ref, "child": asdict(launch.child), "roles": list(launch.roles), "area": launch.area}
    return json.dumps(said).encode()


def context(keys: sealing.Keys, row: WebSession) -> dict[str, Any]:
    """What the launch said of the child, opened: child_ref, child {name, born, identifiers}, roles. Empty for other sessions."""
    return dict(json.loads(keys.fernet.decrypt(row.sealed))) if row.sealed else {}


def child_details(said: dict[str, Any]) -> ChildDetails:
    """The child's details out of `context`."""
    child = said.get("child") or {}
    identifiers = tuple((system, value) for system, value in child.get("identifiers", ()))
    return ChildDetails(child.get("name", ""), child.get("born", ""), identifiers)


def child_keys(keys: sealing.Keys, row: WebSession, said: dict[str, Any]) -> list[str]:
    """Every key under which this agency's cases about the child on screen may stand: its own reference, and the shared numbers.

    `said` is the launch's `context`.
    """
    shared = keys.shared_child_keys(row.agency_id, child_details(said).identifiers)
    return [one for one in (row.child_key, *shared) if one]


def may_act(profile: Mapping[str, Any], said: dict[str, Any]) -> bool:
    """Whether the host's roles of this launch (its `context`) are among those that the connection's profile lets act. One that lists
    none lets all act."""
    allowed = profile.get("acting_roles", ())
    return not allowed or bool(set(allowed) & set(said.get("roles", ())))


def session_id(token: str) -> str:
    """What is kept of a session's token."""
    return hashlib.sha256(token.encode()).hexdigest()


def find_session(session: Session, token: str, machine_now: datetime, limits: dict[str, Limits]) -> WebSession | None:
    """The live session with this token, its last use noted (once a minute at most); None where it ended or never was."""
    row: WebSession | None = session.scalar(_SESSION, {"id": session_id(token)})
    if row is None or row.ends_at <= machine_now or row.seen_at + limits[row.kind].idle <= machine_now:
        return None
    session.expunge(row)  # plain values from here on: no later commit or rollback of the request asks for them again
    return row


def connection_of(session: Session, token: str) -> str:
    """The connection by which the session with this token came, though it may have ended; "" where there is none."""
    return session.execute(select(WebSession.connection_id).where(WebSession.id == session_id(token))).scalar() or ""


def start_link_session(
    session: Session, *, invitation_id: str, agency_id: str, person_id: str, machine_now: datetime, limits: Limits
) -> str:
    """A session for somebody who proved a mailbox. Returns its token. Commits."""
    token = secrets.token_urlsafe(32)
    begin_writing(session)
    session.add(
        WebSession(
            id=session_id(token),
            kind="link",
            agency_id=agency_id,
            person_id=person_id,
            invitation_id=invitation_id,
            started=True,
            created_at=machine_now,
            seen_at=machine_now,
            ends_at=machine_now + limits.absolute,
        )
    )
    session.commit()
    return token


def end_host_session(session: Session, connection_id: str, host_session: str) -> None:
    """Ends whatever came by this connection in this session of the record system; what was typed is kept. Commits."""
    begin_writing(session)
    theirs = WebSession.connection_id == connection_id, WebSession.host_session == host_session
    session.execute(delete(WebSession).where(*theirs), execution_options={"synchronize_session": False})
    session.commit()


def renew(session: Session, row: WebSession, old: str, machine_now: datetime) -> str:
    """A new token for a session that begins in earnest (the Start button): the `old` one is dead, but for a second press. Commits."""
    token = secrets.token_urlsafe(32)
    begin_writing(session)
    again = {"handoff": session_id(old), "handoff_until": machine_now + timedelta(minutes=1)}
    fresh = update(WebSession).where(WebSession.id == row.id)
    fresh = fresh.values(id=session_id(token), started=True, seen_at=machine_now, **again)
    session.execute(fresh, execution_options={"synchronize_session": False})
    session.commit()
    return token


def note_use(session: Session, row: WebSession, machine_now: datetime) -> None:
    """The session is in use: its idle time starts anew. Commits."""
    begin_writing(session)
    session.execute(
        update(WebSession).where(WebSession.id == row.id).values(seen_at=machine_now), execution_options={"synchronize_session": False}
    )
    session.commit()
