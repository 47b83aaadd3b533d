"""One way to write an event as bytes, for a hash chain.

What lives here: the canonical form. What does not: hashing, and what is sealed (the service's business).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

from policies.parts.schema import Event


def canonical(event: Event) -> bytes:
    """The event as JSON in UTF-8: keys sorted, no spaces, instants in UTC to the microsecond with a Z.

    Equal events give equal bytes on every machine. Raises ValueError for an instant without a zone, TypeError for a fact that is
    not plain data.
    """
    body = {
        "about": event.about,
        "actor": event.actor,
        "agency": event.agency,
        "at": _instant(event.at),
        "facts": _plain(event.facts),
        "kind": event.kind,
        "recorded_at": _instant(event.recorded_at),
        "seq": event.seq,
        "side": event.side,
        "stage": event.stage,
    }
    return json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()


def _instant(value: datetime) -> str:
    if value.tzinfo is None:
        raise ValueError("An instant of an event must have a time zone.")
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return _instant(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return value
