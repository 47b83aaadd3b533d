"""Trying a provider's set-up without a person: is it there, are its keys, does it know us? Each answer says which part is not well.

Nothing here holds the database while it talks to the provider. What was found is kept beside the profile. Whether a person gets through
is for a person to try (`sign_on`, kind "trial").
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from joserfc.errors import JoseError
from sqlalchemy import select
from sqlalchemy.orm import Session

from integrations.contract import Finding
from integrations.http import GuardedClient
from integrations.launch import oidc_flow, openid
from integrations.launch.oidc_flow import Client
from integrations.launch.oidc_provider import Provider, fetch
from integrations.launch.openid import SignOnRefused
from integrations.net.outbound import OutboundRules
from plugin.models import Connection, begin_writing
from plugin.services.desk import accounts, ways
from plugin.services.keeping.sealing import Keys
from plugin.services.providers import discovery, oidc_profiles
from plugin.services.providers.oidc_profiles import Which


def run(
    session: Session, keys: Keys, http: GuardedClient, connection_id: str, which: Which, origin: str, now: datetime, *, by: str
) -> bool:
    """Tries it and keeps what was found; whether all is well. Commits. Raises LookupError. `now` is machine time."""
    found = examine(session, keys, http, connection_id, which, origin, now)
    begin_writing(session)
    row = session.get(Connection, connection_id)
    if row is None:
        raise LookupError(connection_id)
    well = all(one.ok for one in found)
    said = {"at": now.isoformat(), "findings": [{"what": one.what, "ok": one.ok, "text": one.text} for one in found]}
    before = tested(row, which)
    since = before["since"] if before and before["well"] is well else now.isoformat()
    row.launch = {**row.launch, f"{which}_test": {**said, "well": well, "since": since}}
    accounts.note(session, by, row.agency_id, f"{which} tested", connection_id, "well" if well else "not well", now)
    session.commit()
    return well


def run_all(session: Session, keys: Keys, http: GuardedClient, origin: str, now: datetime) -> None:
    """Tries every provider of every connection that is on, as the nightly test does. Commits."""
    ways_in = session.scalars(select(Connection).where(Connection.enabled).order_by(Connection.id))
    wanted: list[tuple[str, Which]] = [(row.id, which) for row in ways_in for which in oidc_profiles.MODELS if row.launch.get(which)]
    for connection_id, which in wanted:
        run(session, keys, http, connection_id, which, origin, now, by="nightly")


def tested(way: Connection, which: Which) -> dict[str, Any]:
    """What the last test found: at, since (ISO instants), well, findings (what, ok, text); {} where it was never tested as it is now."""
    return dict(way.launch.get(f"{which}_test") or {})


def examine(
    session: Session, keys: Keys, http: GuardedClient, connection_id: str, which: Which, origin: str, now: datetime
) -> list[Finding]:
    """What was found, in the order in which it was looked at; it ends at the first thing that makes the rest pointless."""
    try:
        profile, client = oidc_profiles.client(session, keys, connection_id, which, origin)
        provider = discovery.provider_of(session, http, which, profile, now, anew=True)
    except SignOnRefused as refused:
        return [_wrong(refused, http.allowed)]
    found = [Finding("name", True, f"The provider is there and calls itself {provider.issuer or 'by no name'}.")]
    found += _places(provider, http.allowed, which)
    return [*found, _keys(http, provider), *_credentials(http, provider, client)]


def _wrong(refused: SignOnRefused, rules: OutboundRules) -> Finding:
    more = f" {ways.allowed_places(rules)}" if refused.code == "not-allowed" else ""
    return Finding(refused.where, False, f"{refused.text}{more}")


def _places(provider: Provider, rules: OutboundRules, which: Which) -> list[Finding]:
    """The addresses that this service must call itself; the browser goes to the sign-in page by its own way."""
    found = []
    for what, url in (("tokens", provider.token), ("keys", provider.keys), ("claims (userinfo)", provider.userinfo)):
        parts = urlsplit(url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
        if url and not rules.allows((parts.hostname or "").lower(), port):
            text = f"It gives {what} at {parts.hostname}:{port}, which this service may not call. {ways.allowed_places(rules)}"
            found.append(Finding("settings", False, text))
    if which == "smart" and not provider.issuer:
        found.append(Finding("settings", False, "It does not say who signs its ID tokens. Fill in the issuer under “More options”."))
    return found


def _keys(http: GuardedClient, provider: Provider) -> Finding:
    try:
        usable = [one for one in openid.keys_in(fetch(http, provider.keys).body) if _reads(one)]
    except SignOnRefused as refused:
        return _wrong(refused, http.allowed)
    except ValueError as fault:
        return Finding("answer", False, f"Its keys cannot be read: {fault}.")
    if not usable:
        return Finding("answer", False, "It publishes no key that we take: RSA of 2048 bits or more, P-256 and its like, Ed25519.")
    return Finding("answer", True, f"It publishes {len(usable)} key{'s' if len(usable) > 1 else ''} that we can use.")


def _reads(jwk: dict[str, object]) -> bool:
    try:
        openid.public_key_of(jwk)
    except (JoseError, ValueError, TypeError, KeyError):
        return False
    return True


def _credentials(http: GuardedClient, provider: Provider, client: Client) -> list[Finding]:
    if client.auth == "none":
        return [Finding("credentials", True, "A public client has nothing to prove. Try to sign in to see whether it knows us.")]
    try:
        oidc_flow.try_credentials(http, provider, client)
    except SignOnRefused as refused:
        finding = _wrong(refused, http.allowed)
        other = _other_way(http, provider, client) or _said(provider, client) if refused.code == "client-not-known" else ""
        return [Finding(finding.what, False, f"{finding.text}{other}")]
    return [Finding("credentials", True, "It knows us: client id and proof are right.")]


def _said(provider: Provider, client: Client) -> str:
    able = oidc_flow.proofs(provider)
    return "" if client.auth in able or not able else f" It says that it takes: {', '.join(able)}."


def _other_way(http: GuardedClient, provider: Provider, client: Client) -> str:
    """Whether the secret is right and only the way in which we show it is wrong."""
    if client.auth not in ("basic", "post"):
        return ""
    other: oidc_flow.Proof = "post" if client.auth == "basic" else "basic"
    try:
        oidc_flow.try_credentials(http, provider, Client(client.id, other, client.redirect_uri, client.scope, client.secret))
    except SignOnRefused:
        return ""
    return f" With “{other}” it does: choose that above."
