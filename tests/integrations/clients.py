"""A guarded client for tests, by the machine's clock unless a test says otherwise."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from integrations.http import GuardedClient, OutboundRules


def machine_now() -> datetime:
    """The machine's time, aware UTC."""
    return datetime.now(UTC)


def guarded(rules: OutboundRules, **settings: Any) -> GuardedClient:
    """A client under `rules`; everything else as `GuardedClient` takes it."""
    return GuardedClient(rules, **{"clock": machine_now, **settings})
