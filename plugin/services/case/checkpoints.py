"""Signed lists of the chains' heads: what a case's chain alone cannot show, that it was rewritten from its start, or removed as a whole.

    accord checkpoint 1
    service https://accord.example.gov.uk
    made 2027-01-18T03:00:04Z
    previous SHA-256 of the whole text of the day kept before, or -
    cases 2
    PD-7F3K-92HV 14 the hash of event 14
    PD-C84M-TR3X 3 the hash of event 3
    signature KID SIGNATURE

A list names no child and no person. What does not live here: how one is signed and read (`keeping.signing`), the chain itself (`chain`).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from plugin.models import Checkpoint, Disagreement, EventRow, begin_writing, table_of
from plugin.services.keeping.sealing import Keys
from plugin.services.keeping.signing import BadListError, checked, signed

_FIRST = "accord checkpoint 1"
_CASE = re.compile(r"(\S+) ([1-9][0-9]*) ([0-9a-f]{64})")


@dataclass(frozen=True, slots=True)
class Heads:
    """What a list says: of each case how many events it had, and the hash of the last."""

    made: str
    previous: str
    cases: dict[str, tuple[int, str]]


def compose(session: Session, keys: Keys, service: str, now: datetime) -> str:
    """The list as it is now, signed. `now` is machine time. Raises LookupError where the keys' file has no key that signs."""
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
    return signed(keys, body)


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


def read(text: str, keys: Collection[Ed25519PublicKey]) -> Heads:
    """What a list says, if one of these keys signed it. Raises BadListError."""
    return _said(checked(text, _FIRST, "checkpoint", keys))


def _said(lines: list[str]) -> Heads:
    told = dict(line.split(" ", 1) for line in lines[1:5])
    cases = {found[1]: (int(found[2]), found[3]) for line in lines[5:] if (found := _CASE.fullmatch(line))}
    if len(cases) != len(lines) - 5 or told.get("cases") != str(len(cases)):
        raise BadListError("the list does not hold as many cases as it says")
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
