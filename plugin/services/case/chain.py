"""The hash chain of a case: every event's hash covers its facts, the hash of its sealed text and the hash before it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import cast

import policies
from plugin.models import EventRow
from policies import Event, Side
from policies.parts.schema import EventKind

START = "0" * 64


def link(previous: str, event: Event, sealed_hash: str) -> str:
    """The event's hash (hex SHA-256) after `previous`; `sealed_hash` is "" where nothing was sealed."""
    return hashlib.sha256(previous.encode() + b"\n" + policies.canonical(event) + b"\n" + sealed_hash.encode()).hexdigest()


def event_of(row: EventRow) -> Event:
    """The row as the policy room's event. Kind and side were checked on the way in."""
    kind, side = cast("EventKind", row.kind), cast("Side", row.side)
    return Event(row.seq, kind, row.at, row.recorded_at, row.about, side, row.stage, row.actor, row.agency, row.facts)


def first_break(rows: Iterable[EventRow], seq: int | None = None) -> int | None:
    """The first seq whose hash does not follow, or None where the chain holds. Rows in order of seq.

    `seq` is the case's own count of its events: a chain that was cut off at its end breaks where the first event is missing.
    """
    previous, number = START, 0
    for number, row in enumerate(rows, start=1):
        if row.seq != number or row.previous != previous or row.hash != link(previous, event_of(row), row.sealed_hash):
            return number
        previous = row.hash
    return number + 1 if seq is not None and number != seq else None
