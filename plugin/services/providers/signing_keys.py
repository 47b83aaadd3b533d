"""The key pair by which we prove who we are to an identity provider (private_key_jwt, RFC 7523): made here, its private half never leaves.

Two are published, the newest signs: a provider that fetches them, or is given the new one in time, notices no gap.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from joserfc.jwk import RSAKey
from sqlalchemy.orm import Session

from plugin.services.desk import ways
from plugin.services.keeping.sealing import Keys

_BITS, _KEPT = 3072, 2


def make(session: Session, keys: Keys, connection_id: str, which: str, now: datetime, *, by: str) -> str:
    """A fresh key pair beside the one before it; its name (kid). Commits. Raises LookupError."""
    made = RSAKey.generate_key(_BITS, {"kid": f"accord-{now:%Y-%m-%d}-{secrets.token_hex(3)}"})
    known = _all(ways.opened(session, keys, connection_id), which)
    kept = json.dumps([made.as_dict(private=True), *known][:_KEPT])
    ways.keep_secret(session, keys, connection_id, _name(which), kept, now, by=by)
    return str(made.kid)


def newest(opened: Mapping[str, str], which: str) -> dict[str, Any]:
    """The private key that signs, as a JWK, out of a connection's opened secrets; {} where none was made."""
    return next(iter(_all(opened, which)), {})


def published(opened: Mapping[str, str], which: str) -> list[dict[str, Any]]:
    """The public halves, newest first, as a provider takes them."""
    return [{**{name: one[name] for name in ("kty", "n", "e", "kid")}, "use": "sig", "key_ops": ["verify"]} for one in _all(opened, which)]


def _all(opened: Mapping[str, str], which: str) -> list[dict[str, Any]]:
    return list(json.loads(opened.get(_name(which), "[]")))


def _name(which: str) -> str:
    return f"{which}_client_key"
