"""What an identity provider says of itself, asked through the guarded client and kept for ten minutes, as its keys are.

When it is silent, what it last said holds for a day; it is asked once a minute at most. In the database, so that any number of processes
ask once. What does not live here: reading its pages (`integrations.launch.oidc_provider`), its keys (`key_sets`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from integrations.http import GuardedClient
from integrations.launch.oidc_provider import Provider, discover, discover_smart
from integrations.launch.openid import SignOnRefused
from plugin.models import ProviderPage, begin_writing, table_of, upsert
from plugin.services.providers.key_sets import AT_MOST_EVERY, FRESH, HOLDS
from plugin.services.providers.oidc_profiles import Which


def provider_of(
    session: Session, http: GuardedClient, which: Which, profile: Mapping[str, Any], now: datetime, *, anew: bool = False
) -> Provider:
    """The provider of a profile; `anew`: as it is now, for whoever sets it up or tests it. Commits when it asked.

    The database is let go while it asks. `now` is machine time. Raises SignOnRefused, saying what it was that failed.
    """
    name = _name(which, profile)
    row = session.get(ProviderPage, name)
    kept, fetched, tried = (dict(row.said), row.fetched_at, row.tried_at) if row else ({}, now, now)
    session.rollback()
    held = bool(kept) and now - fetched < HOLDS and not anew
    if held and (now - fetched < FRESH or now - tried < AT_MOST_EVERY):
        return Provider.of(kept)
    try:
        found = ask(http, which, profile)
    except SignOnRefused as refused:
        if not held or refused.code != "provider-silent":
            raise  # what answers and is not what it was is no provider that is away
        _keep(session, name, kept, fetched, now)
        return Provider.of(kept)
    _keep(session, name, asdict(found), now, now)
    return found


def ask(http: GuardedClient, which: Which, profile: Mapping[str, Any]) -> Provider:
    """The same by asking alone; nothing is kept. Raises SignOnRefused."""
    return discover_smart(http, profile["fhir"], profile["issuer"]) if which == "smart" else discover(http, profile["issuer"])


def _name(which: Which, profile: Mapping[str, Any]) -> str:
    """A SMART provider is what its FHIR server says and, where that names no issuer, what the profile says."""
    return f"smart {profile['fhir']} {profile['issuer']}" if which == "smart" else f"sso {profile['issuer']}"


def _keep(session: Session, name: str, said: dict[str, Any], fetched: datetime, now: datetime) -> None:
    begin_writing(session)
    upsert(session, table_of(ProviderPage), "url", {"url": name, "said": said, "fetched_at": fetched, "tried_at": now})
    session.commit()
