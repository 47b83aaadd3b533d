"""Signing in by an agency's identity provider: begun here, gone to the provider, come back. Three ends: a worker whose record system
speaks SMART, a manager with a link, an administrator at the desk.

Who somebody is, is issuer and subject together. The agency is that of the connection, never of a token. What the flow must know between
the two stands in a ticket; the browser holds its state and a cookie, and both must fit.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import select
from sqlalchemy.orm import Session

from integrations.http import GuardedClient
from integrations.launch import openid
from integrations.launch.context import ChildDetails
from integrations.launch.openid import Client, Flow, Provider, SignOnRefused
from plugin.models import Account, Connection, Identity, Person, begin_writing
from plugin.services import key_sets, ways
from plugin.services.sealing import Keys

Kind = Literal["smart", "link", "desk"]
LIFE = timedelta(minutes=10)
_SCOPE = "openid profile email"


class SsoProfile(BaseModel):
    """How an agency's own sign-in is reached (OpenID Connect)."""

    model_config = ConfigDict(extra="forbid")
    issuer: str = Field(
        min_length=1,
        max_length=300,
        title="Issuer",
        description="The address of your identity provider; behind it stands /.well-known/openid-configuration.",
        examples=["https://login.example.gov.uk/tenant"],
    )
    client_id: str = Field(min_length=1, max_length=300, title="Client id", description="What your provider calls this service.")
    client_auth: Literal["basic", "post", "none"] = Field(
        default="basic", title="How we prove the client id", description="As your provider registered us."
    )
    scope: str = Field(default=_SCOPE, max_length=300, title="Scopes", description="What we ask for; openid must be among them.")
    desk: bool = Field(
        default=False,
        title="Administrators sign in by it, too",
        description="Then your provider must ask for a second factor. Their accounts are found by email address.",
    )


class SmartProfile(BaseModel):
    """How a FHIR record system opens Accord (SMART App Launch 2.2, EHR launch)."""

    model_config = ConfigDict(extra="forbid")
    fhir: str = Field(
        min_length=1,
        max_length=300,
        title="FHIR address (iss)",
        description="The base address of your FHIR server, exactly as it stands in a launch.",
        examples=["https://fhir.example.nhs.uk/r4"],
    )
    client_id: str = Field(min_length=1, max_length=300, title="Client id", description="What your record system calls this app.")
    client_auth: Literal["basic", "post", "none"] = Field(
        default="basic", title="How we prove the client id", description="As your provider registered us."
    )
    scope: str = Field(default="openid fhirUser profile email launch patient/Patient.read", max_length=500, title="Scopes")
    systems: dict[str, str] = Field(
        default={"https://fhir.nhs.uk/Id/nhs-number": "nhs-number"},
        title="Identifiers of the child",
        description="System and what it is: nhs-number or upn.",
    )


@dataclass(frozen=True, slots=True)
class Begun:
    """A sign-in on its way. `ticket` is to be kept sealed under `flow.state`; `url` is where the browser goes."""

    url: str
    flow: Flow
    ticket: dict[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Arrived:
    """Somebody who came back. `child` and `patient` are those of a SMART launch."""

    kind: Kind
    connection_id: str
    agency_id: str
    issuer: str
    subject: str
    name: str
    email: str
    about: str
    patient: str = ""
    child: ChildDetails = field(default_factory=ChildDetails)


def begin(
    session: Session,
    keys: Keys,
    http: GuardedClient,
    connection_id: str,
    kind: Kind,
    origin: str,
    browser: str,
    *,
    about: str = "",
    launch: str = "",
) -> Begun:
    """Prepares a sign-in. `about` is what it is for (a link's token), `browser` the value of the flow's cookie, `launch` a SMART launch's
    handle. Raises SignOnRefused. Lets go of the database while it asks the provider."""
    way, profile, client = _client(session, keys, connection_id, kind, origin)
    session.rollback()
    provider = openid.discover_smart(http, profile["fhir"]) if kind == "smart" else openid.discover(http, profile["issuer"])
    flow = Flow.fresh()
    more = {"launch": launch, "aud": profile["fhir"]} if kind == "smart" else {}
    ticket = {
        "kind": kind,
        "connection": way,
        "provider": asdict(provider),
        "flow": asdict(flow),
        "about": about,
        "browser": hashlib.sha256(browser.encode()).hexdigest(),
    }
    return Begun(openid.address(provider, client, flow, **more), flow, ticket)


def _client(session: Session, keys: Keys, connection_id: str, kind: Kind, origin: str) -> tuple[str, dict[str, Any], Client]:
    way = session.get(Connection, connection_id)
    name = "smart" if kind == "smart" else "sso"
    profile = dict(way.launch.get(name, {})) if way is not None and way.enabled else {}
    if not profile or (kind == "desk" and not profile.get("desk")):
        raise SignOnRefused("not set up")
    secret = ways.opened(session, keys, connection_id).get(f"{name}_client_secret", "")
    model: type[BaseModel] = SmartProfile if kind == "smart" else SsoProfile
    whole = model.model_validate(profile).model_dump()
    client = Client(whole["client_id"], whole["client_auth"], f"{origin}/sign-on/back", whole["scope"], secret)
    return connection_id, whole, client


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
    """Who came back, with the provider's `answer` (code, iss or error). Raises SignOnRefused. Commits fetched keys."""
    if not hmac.compare_digest(hashlib.sha256(browser.encode()).hexdigest(), str(ticket["browser"])):
        raise SignOnRefused("other browser")
    if answer.get("error"):
        raise SignOnRefused("provider refused")
    kind, connection_id = ticket["kind"], ticket["connection"]
    provider, flow = Provider(**ticket["provider"]), Flow(**ticket["flow"])
    # RFC 9207: an answer of another provider must not be taken to this one.
    if answer.get("iss") and provider.issuer and answer["iss"] != provider.issuer:
        raise SignOnRefused("mixed up")
    _id, profile, client = _client(session, keys, connection_id, kind, origin)
    agency_id = session.get_one(Connection, connection_id).agency_id
    session.rollback()
    told = openid.exchange(http, provider, client, answer.get("code", ""), flow)
    token = told.get("id_token")
    if not isinstance(token, str):
        raise SignOnRefused("no id token")
    known = key_sets.keys_at(session, http, provider.keys, openid.kid_of(token), now)
    said = openid.identity(token, known, provider.issuer, client.id, flow.nonce, now)
    child, patient = _child(http, profile, told) if kind == "smart" else (ChildDetails(), "")
    return Arrived(
        kind=kind,
        connection_id=connection_id,
        agency_id=agency_id,
        issuer=provider.issuer,
        subject=said["sub"],
        name=str(said.get("name") or "")[:255],
        email=_email(said),
        about=str(ticket["about"]),
        patient=patient,
        child=child,
    )


def _email(said: Mapping[str, Any]) -> str:
    """The email address, where the provider does not say that it is unproved."""
    email = said.get("email")
    return email.strip().casefold()[:254] if isinstance(email, str) and said.get("email_verified", True) is not False else ""


def _child(http: GuardedClient, profile: Mapping[str, Any], told: Mapping[str, Any]) -> tuple[ChildDetails, str]:
    found, access = told.get("patient"), told.get("access_token")
    if not isinstance(found, str) or not isinstance(access, str) or not found:
        raise SignOnRefused("no patient")
    return openid.patient(http, profile["fhir"], found, access, profile["systems"]), found


def person_of(session: Session, arrived: Arrived, now: datetime) -> Person:
    """The member of staff behind an identity, made known at their first sign-in: by their email address if the agency has it, else as
    somebody new. Raises SignOnRefused where they have left or belong to another agency. Commits."""
    begin_writing(session)
    known = session.get(Identity, (arrived.issuer, arrived.subject))
    found = session.get(Person, known.person_id) if known and known.person_id else None
    if found is None and arrived.email:
        same = select(Person).where(Person.agency_id == arrived.agency_id, Person.email == arrived.email, Person.active)
        found = session.scalar(same.order_by(Person.id))
    if found is None:
        found = Person(agency_id=arrived.agency_id, name=arrived.name or arrived.email or "Somebody", email=arrived.email)
        session.add(found)
        session.flush()
    if found.agency_id != arrived.agency_id:
        raise _undone(session, "another agency")
    if not found.active:
        raise _undone(session, "this member of staff has left")
    if not found.staff_id:
        found.staff_id = f"{arrived.issuer} {arrived.subject}"
    if known is None:
        known = Identity(issuer=arrived.issuer, subject=arrived.subject, agency_id=arrived.agency_id, known_since=now)
        session.add(known)
    known.person_id = found.id
    session.commit()
    return found


def account_of(session: Session, arrived: Arrived, now: datetime) -> Account:
    """The administrator's account behind an identity. Raises SignOnRefused where there is none at this agency, or it is off. Commits."""
    begin_writing(session)
    known = session.get(Identity, (arrived.issuer, arrived.subject))
    found = session.get(Account, known.account_id) if known and known.account_id else None
    if found is None and arrived.email:
        found = session.scalar(select(Account).where(Account.email == arrived.email))
    if found is None or not found.active or found.role != "administrator" or found.agency_id != arrived.agency_id:
        raise _undone(session, "no account")
    if known is None:
        known = Identity(issuer=arrived.issuer, subject=arrived.subject, agency_id=arrived.agency_id, known_since=now)
        session.add(known)
    known.account_id = found.id
    session.commit()
    return found


def _undone(session: Session, code: str) -> SignOnRefused:
    session.rollback()
    return SignOnRefused(code)


def of_agency(session: Session, agency_id: str) -> str:
    """The connection by which people of an agency sign in; "" where none is set up."""
    rows = session.scalars(select(Connection).where(Connection.agency_id == agency_id, Connection.enabled).order_by(Connection.id))
    return next((row.id for row in rows if row.launch.get("sso")), "")


def for_the_desk(session: Session) -> list[tuple[str, str]]:
    """(connection, title) of those by which administrators may sign in."""
    rows = session.scalars(select(Connection).where(Connection.enabled).order_by(Connection.title))
    return [(row.id, row.title) for row in rows if (row.launch.get("sso") or {}).get("desk")]
