"""Signing in by a provider: begun here, gone to the provider, come back. Four ends: a worker whose record system speaks SMART, a manager
with a link, an administrator at the desk, and an administrator who tries the set-up.

The agency is that of the connection, never of a token. What the flow must know between the two stands in a ticket; the browser holds its
state and a cookie, and both must fit. What does not live here: whom an identity belongs to (`identities`).
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from integrations.http import GuardedClient
from integrations.launch import oidc_flow, openid, smart
from integrations.launch.context import ChildDetails
from integrations.launch.oidc_flow import Client, Flow
from integrations.launch.oidc_provider import Provider
from integrations.launch.openid import SignOnRefused
from plugin.models import Connection
from plugin.services.keeping.sealing import Keys
from plugin.services.providers import claims, discovery, key_sets, oidc_profiles
from plugin.services.providers.oidc_profiles import Which

Kind = Literal["smart", "link", "desk", "trial"]
LIFE = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Begun:
    """A sign-in on its way. `ticket` is to be kept sealed under `flow.state`; `url` is where the browser goes."""

    url: str
    flow: Flow
    ticket: dict[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Arrived:
    """Somebody who came back. `email` is one that proves a mailbox, else ""; `two_factors` whether their provider asked for a second one.

    `patient` and `child` are those of a SMART launch; `said` is what the provider said, for whoever tries the set-up.
    """

    kind: Kind
    connection_id: str
    agency_id: str
    issuer: str
    subject: str
    name: str
    email: str
    about: str
    roles: tuple[str, ...] = ()
    two_factors: bool = False
    patient: str = ""
    child: ChildDetails = field(default_factory=ChildDetails, repr=False)
    said: dict[str, Any] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Wish:
    """What a sign-in is for. `about`: a link's token, or who tries; `launch`: a SMART launch's handle; `again`: they must sign in anew."""

    kind: Kind
    about: str = ""
    launch: str = ""
    again: bool = False

    @property
    def which(self) -> Which:
        """Which part of a connection it goes by."""
        return "smart" if self.kind == "smart" else "sso"


def begin(
    session: Session, keys: Keys, http: GuardedClient, connection_id: str, wish: Wish, origin: str, browser: str, now: datetime
) -> Begun:
    """Prepares a sign-in; `browser` is the value of the flow's cookie. Raises SignOnRefused. Lets go of the database while it asks the
    provider, and commits what that said. A trial asks anew."""
    profile, client = oidc_profiles.client(session, keys, connection_id, wish.which, origin)
    if wish.kind == "desk" and not profile["desk"]:
        raise SignOnRefused("not-set-up", "Administrators do not sign in by it.", "settings")
    provider = discovery.provider_of(session, http, wish.which, profile, now, anew=wish.kind == "trial")
    flow = Flow.fresh()
    more = {"launch": wish.launch, "aud": profile["fhir"]} if wish.kind == "smart" else {"acr_values": profile["acr"]}
    ticket = {
        "kind": wish.kind,
        "connection": connection_id,
        "provider": asdict(provider),
        "flow": asdict(flow),
        "about": wish.about,
        "browser": hashlib.sha256(browser.encode()).hexdigest(),
    }
    return Begun(oidc_flow.address(provider, client, flow, **more, prompt="login" if wish.again else ""), flow, ticket)


def finish(
    session: Session,
    keys: Keys,
    http: GuardedClient,
    ticket: Mapping[str, Any],
    answer: Mapping[str, str],
    origin: str,
    browser: str,
    now: datetime,
) -> Arrived:
    """Who came back, with the provider's `answer` (code, iss, error, and the connection whose address it came to). Raises SignOnRefused.
    Commits fetched keys."""
    provider = Provider.of(ticket["provider"])
    _fits(ticket, answer, provider, browser)
    which: Which = "smart" if ticket["kind"] == "smart" else "sso"
    profile, client = oidc_profiles.client(session, keys, ticket["connection"], which, origin)
    agency_id = session.get_one(Connection, ticket["connection"]).agency_id
    session.rollback()
    told = oidc_flow.exchange(http, provider, client, answer.get("code", ""), Flow(**ticket["flow"]))
    said = _said(session, http, provider, client, told, ticket["flow"]["nonce"], profile, now)
    claims.hold(said, profile)
    child, patient, name = _of_launch(http, profile, told, said) if which == "smart" else (ChildDetails(), "", "")
    return Arrived(
        kind=ticket["kind"],
        connection_id=ticket["connection"],
        agency_id=agency_id,
        issuer=provider.issuer,
        subject=said["sub"],
        name=claims.name(said) or name,
        email=claims.email(said, profile),
        about=str(ticket["about"]),
        roles=claims.roles(said, profile),
        two_factors=claims.two_factors(said, profile),
        patient=patient,
        child=child,
        said=said,
    )


def _fits(ticket: Mapping[str, Any], answer: Mapping[str, str], provider: Provider, browser: str) -> None:
    """The browser is the one that left, the answer came to this provider's address and says no other name (RFC 9207), and is no refusal."""
    if not hmac.compare_digest(hashlib.sha256(browser.encode()).hexdigest(), str(ticket["browser"])):
        raise SignOnRefused("other-browser", "The answer came with another browser than the one that left.")
    if answer.get("connection") != ticket["connection"]:
        raise SignOnRefused("mixed-up", "The answer came to the address of another connection.")
    issuer = answer.get("iss", "")
    if (issuer and issuer != provider.issuer) or (provider.sends_issuer and not issuer):
        raise SignOnRefused("mixed-up", "The answer is not from this provider (iss).")
    if error := answer.get("error", ""):
        known = error if error in _ERRORS else "an error we do not know"
        raise SignOnRefused("cancelled" if error in _THEIRS else "provider-refused", f"The provider let nobody in ({known}).")


_THEIRS = ("access_denied", "login_required", "interaction_required", "consent_required", "account_selection_required")
_ERRORS = (*_THEIRS, "invalid_request", "invalid_scope", "unauthorized_client", "server_error", "temporarily_unavailable", "invalid_target")


def _said(
    session: Session,
    http: GuardedClient,
    provider: Provider,
    client: Client,
    told: Mapping[str, Any],
    nonce: str,
    profile: Mapping[str, Any],
    now: datetime,
) -> dict[str, Any]:
    """The claims of the ID token, with those of userinfo where the token lacks what is looked for."""
    token = told.get("id_token")
    if not isinstance(token, str):
        raise SignOnRefused("no-id-token", "It gave no ID token: is openid among the scopes it allows us?", "permission")
    known = key_sets.keys_at(session, http, provider.keys, openid.kid_of(token), now)
    said = openid.identity(token, known, provider.issuer, client.id, nonce, now)
    if claims.lacking(said, profile):
        said = {**oidc_flow.more_claims(http, provider, told.get("access_token"), said["sub"]), **said}
    return said


def _of_launch(
    http: GuardedClient, profile: Mapping[str, Any], told: Mapping[str, Any], said: Mapping[str, Any]
) -> tuple[ChildDetails, str, str]:
    """The child, their id there, and the name of the member of staff where the token does not say it."""
    found, access = told.get("patient"), told.get("access_token")
    if not isinstance(found, str) or not isinstance(access, str) or not found or not access:
        raise SignOnRefused("no-patient", "The launch is about no patient: is launch among the scopes it allows us?", "permission")
    child = smart.patient(http, profile["fhir"], found, access, profile["systems"])
    name = "" if claims.name(said) else smart.practitioner(http, profile["fhir"], said.get("fhirUser"), access)
    return child, found, name


def of_agency(session: Session, agency_id: str) -> str:
    """The connection by which people of an agency sign in; "" where none is set up."""
    rows = session.scalars(select(Connection).where(Connection.agency_id == agency_id, Connection.enabled).order_by(Connection.id))
    return next((row.id for row in rows if row.launch.get("sso")), "")


def for_the_desk(session: Session) -> list[tuple[str, str]]:
    """(connection, title) of those by which administrators may sign in."""
    rows = session.scalars(select(Connection).where(Connection.enabled).order_by(Connection.title))
    return [(row.id, row.title) for row in rows if (row.launch.get("sso") or {}).get("desk")]
