"""An agency's connection: put in from a file (screens are made of the same model), its secrets sealed and never given back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import delete
from sqlalchemy.orm import Session

from integrations.launch.signed import is_origin
from integrations.net.outbound import OutboundRules
from integrations.reading import check_secrets, read_options
from integrations.registry import UnknownAdapter, installed
from plugin.models import Agency, Connection, Secret, begin_writing
from plugin.services.desk import ways
from plugin.services.keeping.sealing import Keys


def load(
    session: Session,
    keys: Keys,
    given: Mapping[str, Any],
    secrets: Mapping[str, str],
    now: datetime,
    *,
    allowed: OutboundRules | None = None,
) -> str:
    """Writes a connection (id, agency, title, launch, adapter, options) over an older one of the same id, and the secrets named.

    `allowed` is what this deployment lets anything call (None: whoever calls has seen to that). Returns the id. Raises LookupError for an
    agency or adapter that is not there, KeyError for what is missing, ValueError for options or origins that could never work, or for
    hosts that are not allowed (its text says which, and where). Commits.
    """
    for origin in given.get("launch", {}).get("origins", ()):
        if not is_origin(origin):
            raise ValueError(f"launch.origins: {origin!r} is no origin; write https://records.example.gov.uk, without a path")
    options = _checked_options(given, secrets) if given.get("adapter") else {}
    if allowed is not None:
        _check_reach({"launch": given.get("launch", {}), "options": options}, allowed)
    begin_writing(session)
    if session.get(Agency, given["agency"]) is None:
        raise LookupError(f"no agency has the id {given['agency']}")
    row = Connection(
        id=given["id"],
        agency_id=given["agency"],
        title=given["title"],
        launch=dict(given.get("launch", {})),
        adapter=given.get("adapter", ""),
        options=dict(given.get("options", {})),
    )
    session.merge(row)
    session.flush()
    for name, value in secrets.items():
        session.execute(delete(Secret).where(Secret.connection_id == given["id"], Secret.name == name))
        sealed = keys.fernet.encrypt(value.encode())
        end = ways.fingerprint(value)
        session.add(Secret(connection_id=given["id"], name=name, ciphertext=sealed, created_at=now, fingerprint=end))
    session.commit()
    return str(given["id"])


def _check_reach(told: Mapping[str, Any], allowed: OutboundRules) -> None:
    """Raises ValueError with a line for each address that may not be called, in the words of the desk."""
    if refused := ways.out_of_reach(told, allowed):
        raise ValueError("\n".join(f"{_from_one(place)}: {said}" for place, said in refused.items()))


def _from_one(place: str) -> str:
    """Entries of lists count from 1 in what a file's faults are called."""
    return ".".join(str(int(part) + 1) if part.isdecimal() else part for part in place.split("."))


def _checked_options(given: Mapping[str, Any], secrets: Mapping[str, str]) -> dict[str, Any]:
    """The options with their defaults (a port that is not named is the adapter's). Raises LookupError, ValueError."""
    try:
        adapter = installed().get(given["adapter"])
    except UnknownAdapter:
        raise LookupError(f"adapter: there is no {given['adapter']}; there are {', '.join(one.id for one in installed())}") from None
    options = read_options(adapter, given.get("options") or {})
    # What signs messages that come in, and what proves us to a provider, belongs to the way in; the adapter knows nothing of it.
    check_secrets(adapter, [name for name in secrets if not name.startswith("hook_") and not name.endswith("_client_secret")])
    return options.model_dump(mode="json")
