"""Public keys that a host or an identity provider publishes at an address (JWKS): fetched through the guarded client, and kept.

Fresh for ten minutes; asked for once a minute at most, also for a key that is not known yet; the last good ones hold for a day when the
address is silent. In the database, so that any number of processes ask once.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from integrations.http import GuardedClient, NoAnswer, NotSent
from integrations.launch.openid import keys_in
from plugin.models import KeySet, begin_writing, table_of, upsert

FRESH, AT_MOST_EVERY, HOLDS = timedelta(minutes=10), timedelta(minutes=1), timedelta(hours=24)


def keys_at(session: Session, http: GuardedClient, url: str, kid: str, now: datetime) -> list[dict[str, Any]]:
    """The keys at an address, [] where there are none that still hold. `kid` is the one that is wanted. Commits when it fetched.

    The database is let go while it asks. `now` is machine time.
    """
    row = session.get(KeySet, url)
    known = [dict(one) for one in row.keys] if row else []
    fetched, tried = (row.fetched_at, row.tried_at) if row else (None, None)
    session.rollback()
    fresh = fetched is not None and now - fetched < FRESH and (not kid or any(one.get("kid") == kid for one in known))
    if fresh or (tried is not None and now - tried < AT_MOST_EVERY):
        return _held(known, fetched, now)
    found, reason = _fetch(http, url)
    begin_writing(session)
    values: dict[str, Any] = {"url": url, "tried_at": now, "reason": reason}
    kept = {"keys": found, "fetched_at": now} if found else {"keys": known, "fetched_at": fetched}
    upsert(session, table_of(KeySet), "url", {**values, **kept})
    session.commit()
    return found or _held(known, fetched, now)


def _held(known: list[dict[str, Any]], fetched: datetime | None, now: datetime) -> list[dict[str, Any]]:
    return known if fetched is not None and now - fetched < HOLDS else []


def _fetch(http: GuardedClient, url: str) -> tuple[list[dict[str, Any]], str]:
    try:
        answer = http.request("GET", url, {"Accept": "application/json"})
        return (keys_in(answer.body), "") if answer.status == 200 else ([], f"answered {answer.status}")
    except (NotSent, NoAnswer) as fault:
        return [], fault.reason
    except ValueError as fault:
        return [], str(fault)
