"""The council's own sign-in as its administrator would set it up: its identity provider is the one beside its pretend records.

Set up at every start, since its address follows the port. What its last test found stays, where it is the same provider. Whether managers
sign in by it is for whoever looks at the demo to choose, on the agency's page.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from plugin.demo.hosts import provider
from plugin.models import Connection
from plugin.services.desk import ways
from plugin.services.keeping.sealing import Keys

HOST = "council"


def as_tested(session: Session) -> dict[str, Any]:
    """What was set up and found before this start; {} at the first."""
    there = session.get(Connection, HOST)
    return {name: there.launch[name] for name in ("sso", "sso_test") if name in there.launch} if there is not None else {}


def set_up(session: Session, keys: Keys, told: Mapping[str, Any], now: datetime, before: Mapping[str, Any]) -> None:
    """Writes the profile and its secret. `told` is the council's part of hosts.json, `before` what `as_tested` gave. Commits."""
    profile = {"issuer": told["api"] + provider.PATH, "client_id": provider.CLIENT, "desk": True}
    there = dict(session.get_one(Connection, HOST).launch)
    kept = {"sso_test": before["sso_test"]} if before.get("sso") == profile and "sso_test" in before else {}
    ways.change(session, HOST, "sso changed", now, by="demo", launch={**there, "sso": profile, **kept})
    ways.keep_secret(session, keys, HOST, "sso_client_secret", provider.client_secret(told["api_secret"]), now, by="demo")
