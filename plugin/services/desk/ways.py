"""A connection as its administrator changes it: profile, options, secrets, on and off. Each change is noted with who made it.

What does not live here: putting one in from a file (`connections`), testing it (`checks`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from urllib.parse import urlsplit

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from integrations.net.outbound import OutboundRules
from plugin.models import Agency, Circuit, Connection, Secret, WebSession, begin_writing
from plugin.services.desk import accounts
from plugin.services.keeping.sealing import Keys

Look = Literal["never tested", "working", "failing", "paused", "retired", "not set up"]
_URLS = ("base_url", "token_url", "url", "jwks_url", "issuer_url")


@dataclass(frozen=True, slots=True)
class Standing:
    """How a connection stands, at a glance. `since` is None where it was always so."""

    look: Look
    since: datetime | None
    why: str = ""


def standing(way: Connection, circuit: Circuit | None, now: datetime) -> Standing:
    """What to say of a connection: switched off or paused after failures, never tested, working or failing since."""
    if way.retired_at is not None:
        return Standing("retired", way.retired_at)
    if not way.enabled:
        return Standing("paused", None, "switched off")
    if circuit is not None and circuit.open_until and circuit.open_until > now:
        return Standing("paused", circuit.failing_since, circuit.reason)
    if not way.adapter and not way.launch:
        return Standing("not set up", None)
    if circuit is not None:
        return Standing("failing", circuit.failing_since, circuit.reason)
    if way.working is None:
        return Standing("never tested", None)
    return Standing("working" if way.working else "failing", way.since)


def circuit_of(session: Session, connection_id: str) -> Circuit | None:
    """The failures in a row of a connection, if there are any."""
    return session.get(Circuit, connection_id)


def create(session: Session, agency_id: str, title: str, now: datetime, *, by: str) -> str:
    """An empty connection of an agency; its id. An agency has one: the one it has is given back. Commits. Raises LookupError."""
    begin_writing(session)
    if session.get(Agency, agency_id) is None:
        raise LookupError(agency_id)
    found = session.scalar(select(Connection.id).where(Connection.agency_id == agency_id))
    if found:
        session.rollback()
        return found
    name, number = agency_id, 1
    while session.get(Connection, name) is not None:
        number += 1
        name = f"{agency_id}-{number}"
    session.add(Connection(id=name, agency_id=agency_id, title=title))
    accounts.note(session, by, agency_id, "connection made", name, "", now)
    session.commit()
    return name


def change(session: Session, connection_id: str, what: str, now: datetime, *, by: str, **values: Any) -> None:
    """Sets columns of a connection (title, launch, adapter, options, enabled …) and notes `what`. Whatever was tested is so no more where
    the way out changes. Commits. Raises LookupError."""
    begin_writing(session)
    row = session.get(Connection, connection_id)
    if row is None:
        raise LookupError(connection_id)
    for name, value in values.items():
        setattr(row, name, value)
    if {"adapter", "options"} & values.keys():
        row.working, row.since, row.findings, row.checked_at = None, None, [], None
    if values.get("enabled") is False:  # whoever came in by it is out at once; drafts are kept
        ended = delete(WebSession).where(WebSession.connection_id == connection_id)
        session.execute(ended, execution_options={"synchronize_session": False})
    accounts.note(session, by, row.agency_id, f"connection: {what}", connection_id, "", now)
    session.commit()


def keep_secret(session: Session, keys: Keys, connection_id: str, name: str, value: str, now: datetime, *, by: str) -> None:
    """Writes a secret over an older one. Commits. Raises LookupError."""
    begin_writing(session)
    way = session.get(Connection, connection_id)
    if way is None:
        raise LookupError(connection_id)
    row = session.scalar(select(Secret).where(Secret.connection_id == connection_id, Secret.name == name))
    if row is None:
        row = Secret(connection_id=connection_id, name=name, ciphertext=b"", created_at=now)
        session.add(row)
    row.ciphertext, row.created_at, row.last_used_at = keys.fernet.encrypt(value.encode()), now, None
    row.fingerprint = fingerprint(value)
    accounts.note(session, by, way.agency_id, "secret set", f"{connection_id} {name}", row.fingerprint, now)
    session.commit()


def forget_secret(session: Session, connection_id: str, name: str, now: datetime, *, by: str) -> None:
    """Takes a secret out. Commits. Raises LookupError."""
    begin_writing(session)
    row = session.scalar(select(Secret).where(Secret.connection_id == connection_id, Secret.name == name))
    way = session.get(Connection, connection_id)
    if row is None or way is None:
        raise LookupError(name)
    session.delete(row)
    accounts.note(session, by, way.agency_id, "secret forgotten", f"{connection_id} {name}", row.fingerprint, now)
    session.commit()


def fingerprint(value: str) -> str:
    """The end of a secret's SHA-256."""
    return hashlib.sha256(value.encode()).hexdigest()[-4:]


def secrets_of(session: Session, connection_id: str) -> dict[str, Secret]:
    """The secrets of a connection by name; what they are stays sealed."""
    return {row.name: row for row in session.scalars(select(Secret).where(Secret.connection_id == connection_id))}


def opened(session: Session, keys: Keys, connection_id: str) -> dict[str, str]:
    """The secrets themselves, for the adapter alone."""
    return {name: keys.fernet.decrypt(row.ciphertext).decode() for name, row in secrets_of(session, connection_id).items()}


def out_of_reach(options: Mapping[str, Any], rules: OutboundRules, path: str = "") -> dict[str, str]:
    """Every address in `options` that this deployment does not let anything call: what to say, by the place of the option."""
    found: dict[str, str] = {}
    for name, value in options.items():
        here = f"{path}.{name}" if path else name
        if isinstance(value, Mapping):
            found |= out_of_reach(value, rules, here)
        elif isinstance(value, list):
            for number, one in enumerate(value):
                if isinstance(one, Mapping):
                    found |= out_of_reach(one, rules, f"{here}.{number}")
        elif isinstance(value, str) and value and (fault := _fault(name, value, options, rules)):
            found[here] = fault
    return found


def _fault(name: str, value: str, options: Mapping[str, Any], rules: OutboundRules) -> str:
    if name == "host":
        port = options.get("port", 443)
        host, port = value.lower(), port if isinstance(port, int) else 443
    elif name in _URLS:
        try:
            parts = urlsplit(value)
            host, port = (parts.hostname or "").lower(), parts.port or (443 if parts.scheme == "https" else 80)
        except ValueError:
            return "This is not an address. Enter it like https://records.example.gov.uk"
    else:
        return ""
    if not host or rules.allows(host, port):
        return ""
    return f"{host}:{port} is not among the places this service may call. {allowed_places(rules)}"


def allowed_places(rules: OutboundRules) -> str:
    """Where the deployment lets anything go, in a sentence."""
    pairs = sorted(rules.public | rules.private)
    named = ", ".join(host if port == 443 else f"{host}:{port}" for host, port in pairs)
    ask = "Ask whoever runs this service to add another (ACCORD_OUTBOUND_HOSTS, or ACCORD_OUTBOUND_LOCAL inside the network)."
    return f"It may call: {named}. {ask}" if named else f"It may call nothing yet. {ask}"
