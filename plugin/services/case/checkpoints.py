"""Signed lists of the chains' heads: what a case's chain alone cannot show, that it was rewritten from its start, or removed as a whole.

    accord checkpoint 1
    service https://accord.example.gov.uk
    made 2027-01-18T03:00:04Z
    previous SHA-256 of the whole text of the day kept before, or -
    cases 2
    PD-7F3K-92HV 14 the hash of event 14
    PD-C84M-TR3X 3 the hash of event 3
    signature KID SIGNATURE

The signature (base64) is Ed25519 (RFC 8032) over the bytes of all lines before its own, each with its line feed; KID names the key
(RFC 7638). A list names no child and no person. What does not live here: the chain itself (`chain`).
"""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey
from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from integrations.strict_json import BadJson, parse
from plugin.models import Checkpoint, Disagreement, EventRow, begin_writing, table_of
from plugin.services.keeping.sealing import Keys

_FIRST = "accord checkpoint 1"
_CASE = re.compile(r"(\S+) ([1-9][0-9]*) ([0-9a-f]{64})")


class BadCheckpointError(ValueError):
    """A list that cannot be read, or was not signed by this key. Its text says which."""


@dataclass(frozen=True, slots=True)
class Heads:
    """What a list says: of each case how many events it had, and the hash of the last."""

    made: str
    previous: str
    cases: dict[str, tuple[int, str]]


def compose(session: Session, keys: Keys, service: str, now: datetime) -> str:
    """The list as it is now, signed. `now` is machine time. Raises LookupError where the keys' file has no key that signs."""
    if not keys.checkpoint:
        raise LookupError("the keys' file has no key for checkpoints yet; `python -m plugin.newkeys FILE` adds one to it")
    rows = session.execute(select(Disagreement.reference, Disagreement.seq, Disagreement.head).order_by(Disagreement.reference)).all()
    last = session.scalar(select(Checkpoint.digest).order_by(Checkpoint.day.desc()).limit(1))
    lines = [
        _FIRST,
        f"service {service}",
        f"made {now.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
        f"previous {last or '-'}",
        f"cases {len(rows)}",
    ]
    body = "".join(f"{line}\n" for line in [*lines, *(f"{one.reference} {one.seq} {one.head}" for one in rows)])
    private = OKPKey.import_key(keys.checkpoint).private_key
    assert isinstance(private, Ed25519PrivateKey)
    signature = base64.b64encode(private.sign(body.encode())).decode("ascii")
    return f"{body}signature {keys.checkpoint['kid']} {signature}\n"


def due(session: Session, keys: Keys, now: datetime) -> bool:
    """Whether this day's list is still to be kept. Where the keys' file cannot sign, none is."""
    return bool(keys.checkpoint) and session.get(Checkpoint, _day(now)) is None


def keep(session: Session, keys: Keys, service: str, now: datetime) -> Checkpoint | None:
    """Keeps this day's list; None where another process was quicker. Commits."""
    begin_writing(session)
    text = compose(session, keys, service, now)
    row = {"day": _day(now), "made_at": now, "text": text, "digest": hashlib.sha256(text.encode()).hexdigest()}
    try:
        session.execute(insert(table_of(Checkpoint)), [row])
        session.commit()
    except IntegrityError:
        session.rollback()
        return None
    return session.get(Checkpoint, row["day"])


def lay(kept: Checkpoint, folder: Path) -> None:
    """Lays a day's list in a folder, whole or not at all; one that lies there stays as it is. Raises OSError."""
    place = folder / f"checkpoint-{kept.day}.txt"
    if place.exists():
        return
    beside = folder / f".checkpoint-{kept.day}.part"
    beside.write_text(kept.text, encoding="utf-8")
    beside.replace(place)


def newest(session: Session) -> Checkpoint | None:
    """The list that was kept last."""
    return session.scalars(select(Checkpoint).order_by(Checkpoint.day.desc()).limit(1)).first()


def public_half(keys: Keys) -> dict[str, Any]:
    """What an auditor is given: a public JWK. {} where the keys' file has none."""
    return {name: value for name, value in keys.checkpoint.items() if name != "d"}


def public_key(text: str) -> Ed25519PublicKey:
    """A public key as PEM or JWK. Raises BadCheckpointError."""
    try:
        if text.lstrip().startswith("-----"):
            found: Any = load_pem_public_key(text.strip().encode("ascii"))
        else:
            found = OKPKey.import_key(parse(text)).public_key
    except (ValueError, BadJson, JoseError, KeyError, TypeError) as wrong:
        raise BadCheckpointError("the public key cannot be read: it is a PEM block or a JWK") from wrong
    if not isinstance(found, Ed25519PublicKey):
        raise BadCheckpointError("the public key is of another kind: a checkpoint is signed with Ed25519")
    return found


def read(text: str, key: Ed25519PublicKey) -> Heads:
    """What a list says, if this key signed it. Raises BadCheckpointError."""
    body, mark, last = text.rpartition("signature ")
    parts = last.split()
    if not body.startswith(_FIRST) or not mark or len(parts) != 2 or not body.endswith("\n"):
        raise BadCheckpointError("this is not a checkpoint: its first line is “accord checkpoint 1”, its last “signature …”")
    try:
        key.verify(base64.b64decode(parts[1], validate=True), body.encode())
    except (InvalidSignature, ValueError):
        raise BadCheckpointError("the signature does not fit: it was changed, or signed with another key") from None
    return _said(body.splitlines())


def _said(lines: list[str]) -> Heads:
    told = dict(line.split(" ", 1) for line in lines[1:5])
    cases = {found[1]: (int(found[2]), found[3]) for line in lines[5:] if (found := _CASE.fullmatch(line))}
    if len(cases) != len(lines) - 5 or told.get("cases") != str(len(cases)):
        raise BadCheckpointError("the list does not hold as many cases as it says")
    return Heads(told["made"], told["previous"], cases)


def faults(session: Session, heads: Heads) -> list[str]:
    """What is not any more as the list says, a line for each case; [] where all is. To be asked beside the chains themselves."""
    there = {one.reference: one.id for one in session.execute(select(Disagreement.reference, Disagreement.id))}
    found = []
    for reference, (seq, head) in heads.cases.items():
        if reference not in there:
            found.append(f"{reference}: this case was there on {heads.made} and is gone")
            continue
        now = session.scalar(select(EventRow.hash).where(EventRow.disagreement_id == there[reference], EventRow.seq == seq))
        if now is None:
            found.append(f"{reference}: it had {seq} events on {heads.made} and has fewer")
        elif now != head:
            found.append(f"{reference}: its events up to {seq} are not those of {heads.made}: the chain was written anew")
    return found


def _day(now: datetime) -> str:
    return f"{now.astimezone(UTC):%Y-%m-%d}"
