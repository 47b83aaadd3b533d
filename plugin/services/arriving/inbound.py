"""Messages from a record system: whose they are, whether they came before, and what they are answered (Standard Webhooks 1.0.0).

The ledger is the table: thirty days, by connection and message id, with the hash of the body. What a message does is in `told`, and can
be done twice without being done twice; so a message that broke off between the two is simply done again.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from pydantic import BaseModel, ValidationError
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from integrations.auth import standard_webhooks
from integrations.auth.standard_webhooks import BadSignature
from integrations.strict_json import BadJson, parse
from plugin.models import Access, Connection, Inbound, Secret, begin_writing, new_id
from plugin.services.arriving.messages_in import KINDS, Message
from plugin.services.keeping.sealing import Keys

LARGEST = 64 * 1024
SECRETS = ("hook_secret", "hook_secret_next")
log = logging.getLogger("accord.hooks")


class RefusedError(Exception):
    """A message that is not taken. `status` is HTTP's; `faults` are (JSON pointer, what is wrong) and never repeat what was sent."""

    def __init__(self, status: int, code: str, faults: tuple[tuple[str, str], ...] = (), retry_after: int = 0) -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.faults = faults
        self.retry_after = retry_after


@dataclass(frozen=True, slots=True)
class Signed:
    """A message whose sender is known. `body` is shown in no repr."""

    connection_id: str
    agency_id: str
    message_id: str
    profile: Mapping[str, Any] = field(repr=False)
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Receipt:
    """What was made of a message."""

    id: str
    state: str
    reference: str


def authenticate(session: Session, keys: Keys, connection_id: str, headers: Mapping[str, str], body: bytes, now: datetime) -> Signed:
    """Who sent it. `headers` have lower-case names; `now` is machine time.

    Raises RefusedError 401 for an unknown connection, a bad signature and a stale time alike; 410 for a retired one and 503 for a paused
    one, to nobody but their own sender. Commits when a secret was last used.
    """
    way = session.get(Connection, connection_id)
    kept = select(Secret).where(Secret.connection_id == connection_id, Secret.name.in_(SECRETS)).order_by(Secret.name)
    for secret in session.scalars(kept) if way is not None else ():
        try:
            known = keys.fernet.decrypt(secret.ciphertext).decode()
            message_id, _at = standard_webhooks.verify(headers, body, [known], now)
        except BadSignature:
            continue
        assert way is not None
        if way.retired_at is not None:
            raise RefusedError(410, "retired")
        if not way.enabled:
            raise RefusedError(503, "paused", retry_after=3600)
        found = Signed(way.id, way.agency_id, message_id, dict(way.launch), body)
        _used(session, secret.id, secret.last_used_at, now)
        return found
    raise RefusedError(401, "signature")


def _used(session: Session, secret_id: str, last: datetime | None, now: datetime) -> None:
    if last is None or now - last > timedelta(minutes=1):
        begin_writing(session)
        session.execute(update(Secret).where(Secret.id == secret_id).values(last_used_at=now))
        session.commit()


def read(body: bytes, model: type[BaseModel] | None = None) -> Any:
    """The message in a body; without a `model` one of KINDS, by its type. Raises RefusedError 400 or 422."""
    try:
        said = parse(body)
    except BadJson:
        raise RefusedError(400, "not JSON") from None
    if not isinstance(said, dict):
        raise RefusedError(422, "message", (("", "The message is a JSON object."),))
    if _holds_nul(said):
        raise RefusedError(422, "message", (("", "A text holds the character NUL, which no record can keep."),))
    wanted = model or (KINDS.get(said["type"]) if isinstance(said.get("type"), str) else None)
    if wanted is None:
        raise RefusedError(422, "message", (("/type", f"One of: {', '.join(KINDS)}."),))
    try:
        return wanted.model_validate_json(body)
    except ValidationError as error:
        faults = error.errors(include_url=False, include_input=False, include_context=False)
        raise RefusedError(422, "message", tuple((pointer(one["loc"]), _plain(one["type"])) for one in faults)) from None


def _holds_nul(value: Any) -> bool:
    """Whether a text anywhere in it holds NUL: PostgreSQL takes none. `parse` has bounded its depth."""
    if isinstance(value, dict):
        return any(_holds_nul(one) for pair in value.items() for one in pair)
    return any(map(_holds_nul, value)) if isinstance(value, list) else isinstance(value, str) and "\0" in value


def pointer(loc: tuple[Any, ...]) -> str:
    """A JSON pointer (RFC 6901)."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in loc)


def _plain(kind: str) -> str:
    return {
        "missing": "This is missing.",
        "extra_forbidden": "This is not expected here.",
        "string_too_long": "This is too long.",
        "string_too_short": "This must not be empty.",
    }.get(kind, "This is not of the right form.")


def receive(session: Session, signed: Signed, do: Callable[[Message, str], str], now: datetime) -> Receipt:
    """Takes a message once. `do` does what it says and gives back the disagreement's reference; it is told a token that is the same each
    time this message comes. Raises RefusedError: 409 for the same id with another body. Commits."""
    digest = hashlib.sha256(signed.body).hexdigest()
    earlier = _earlier(session, signed)
    if earlier is not None:
        return _same(session, earlier, digest, signed, now)
    message = read(signed.body)
    once = hashlib.sha256(f"{signed.connection_id}\0{signed.message_id}".encode()).hexdigest()[:32]
    reference = do(message, once)
    begin_writing(session)
    earlier = _earlier(session, signed)
    if earlier is not None:  # the same message came twice at one instant: both did one thing, and one keeps the ledger
        return _same(session, earlier, digest, signed, now)
    row = Inbound(
        connection_id=signed.connection_id,
        message_id=signed.message_id,
        receipt_id=new_id(),
        body_hash=digest,
        kind=message.type,
        state="done",
        reference=reference,
        received_at=now,
    )
    session.add(row)
    receipt = Receipt(row.receipt_id, row.state, reference)
    session.commit()
    return receipt


def _earlier(session: Session, signed: Signed) -> Inbound | None:
    return session.get(Inbound, (signed.connection_id, signed.message_id), populate_existing=True)


def _same(session: Session, row: Inbound, digest: str, signed: Signed, now: datetime) -> Receipt:
    receipt, same = Receipt(row.receipt_id, row.state, row.reference), row.body_hash == digest
    session.rollback()
    if same:
        return receipt
    log.error("a message id came again with another body", extra={"connection": signed.connection_id})
    begin_writing(session)
    session.add(Access(at=now, actor="", agency=signed.agency_id, action="message", subject=signed.connection_id, result="id used twice"))
    session.commit()
    raise RefusedError(409, "id used before")


def status(session: Session, signed: Signed, receipt_id: str) -> Receipt:
    """What became of a message of this connection. Raises RefusedError 404."""
    mine = Inbound.receipt_id == receipt_id, Inbound.connection_id == signed.connection_id
    row = session.scalar(select(Inbound).where(*mine))
    if row is None:
        raise RefusedError(404, "not found")
    return Receipt(row.receipt_id, row.state, row.reference)
