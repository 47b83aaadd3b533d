"""How an agency's identity provider, or the FHIR server that launches, is reached: what the administrator fills in, and the client made
of it.

What does not live here: signing in (`sign_on`), our own key pair (`signing_keys`), trying a set-up out (`sign_on_checks`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator
from sqlalchemy.orm import Session

from integrations.launch.oidc_flow import Client, Proof
from integrations.launch.openid import SignOnRefused
from integrations.launch.signed import is_origin
from plugin.models import Connection
from plugin.services.desk import ways
from plugin.services.keeping.sealing import Keys
from plugin.services.providers import signing_keys

Which = Literal["sso", "smart"]


class _Client(BaseModel):
    """What both have: how we are registered, and which claims say what."""

    model_config = ConfigDict(extra="forbid")
    client_id: str = Field(
        min_length=1, max_length=300, title="Client id", description="What your provider calls this service.", examples=["accord"]
    )
    client_auth: Proof = Field(
        default="basic",
        title="How we prove the client id",
        description="As your provider registered us. “basic” and “post” send a client secret, in a header or in the form; "
        "“private_key_jwt” signs with a key that we make for you here; “none” is a public client. "
        "Not sure? “Look it up” chooses one that your provider takes.",
        examples=["basic"],
        json_schema_extra={"common": True},
    )
    email_claim: str = Field(
        default="email",
        max_length=120,
        title="Claim that holds the email address",
        description="Some providers send it under another name. The page “Try to sign in” shows all that yours sends.",
        examples=["preferred_username"],
    )
    trust_email: bool = Field(
        default=False,
        title="Your organisation gives out the addresses itself",
        description="An address lets somebody in only if the provider marks it as checked (email_verified). Tick this if yours marks none, "
        "and nobody can change their own address there. Microsoft Entra and AD FS mark none.",
        json_schema_extra={"common": True},
    )
    only: dict[str, str] = Field(
        default={},
        max_length=10,
        title="Only people with these claims",
        description="For a provider that several organisations share: a claim, a colon, a space and its value. Everybody else is refused.",
        examples=[{"organisation": "A1234"}],
    )
    role_claim: str = Field(
        default="",
        max_length=120,
        title="Claim that holds roles",
        description="A text or a list. A dot leads into a group: realm_access.roles",
        examples=["roles"],
    )


class _Issuer(BaseModel):
    issuer: str = Field(
        min_length=1,
        max_length=300,
        title="Issuer",
        description="The address of your identity provider. Behind it stands /.well-known/openid-configuration.",
        examples=["https://login.example.gov.uk/tenant"],
    )


# pydantic takes the fields of the last base first: the address stands at the top of the form.
class SsoProfile(_Client, _Issuer):
    """How an agency's own sign-in is reached (OpenID Connect)."""

    scope: str = Field(
        default="openid profile email",
        max_length=300,
        title="Scopes",
        description="What we ask for, with spaces between; openid must be among them.",
        examples=["openid profile email"],
    )
    acr: str = Field(
        default="",
        max_length=300,
        title="Level of sign-in (acr_values)",
        description="If your provider knows several levels: the ones that will do, with spaces between. People who signed in otherwise are "
        "refused.",
        examples=["urn:example:two-factor"],
    )
    desk: bool = Field(
        default=False,
        title="Administrators may sign in by it, too",
        description="Besides their password. Their accounts are found by email address at their first sign-in.",
    )
    desk_role: str = Field(
        default="",
        max_length=120,
        title="Role of administrators",
        description="If filled in, only who has this role (in the claim above) may sign in as an administrator.",
        examples=["accord-admin"],
    )
    two_factors: bool = Field(
        default=False,
        title="It always asks for a second factor",
        description="Otherwise we ask administrators for a code of their app as well, unless the provider says that it asked (amr: mfa).",
    )

    @field_validator("scope")
    @classmethod
    def _openid(cls, scope: str) -> str:
        if "openid" not in scope.split():
            raise ValueError("openid must be among the scopes, for example: openid profile email")
        return " ".join(scope.split())


class _Fhir(BaseModel):
    fhir: str = Field(
        min_length=1,
        max_length=300,
        title="FHIR address (iss)",
        description="The base address of your FHIR server, as it stands in a launch.",
        examples=["https://fhir.example.nhs.uk/r4"],
    )


class SmartProfile(_Client, _Fhir):
    """How a FHIR record system opens Accord (SMART App Launch 2.2, EHR launch)."""

    issuer: str = Field(
        default="",
        max_length=300,
        title="Issuer of ID tokens",
        description="Only if your server's /.well-known/smart-configuration does not say who signs people in.",
        examples=["https://login.example.nhs.uk"],
    )
    scope: str = Field(
        default="openid fhirUser profile email launch patient/Patient.read",
        max_length=500,
        title="Scopes",
        description="What we ask for, with spaces between; openid and launch must be among them, and one by which the patient may be read. "
        "Newer servers write patient/Patient.rs",
        examples=["openid fhirUser launch patient/Patient.rs"],
    )
    systems: dict[str, str] = Field(
        default={"https://fhir.nhs.uk/Id/nhs-number": "nhs-number"},
        max_length=10,
        title="Identifiers of the person",
        description="The system of an identifier, a colon, a space, and what it is here: nhs-number, upn or local.",
        examples=[{"https://fhir.nhs.uk/Id/nhs-number": "nhs-number"}],
    )
    origins: list[str] = Field(
        default=[],
        max_length=10,
        title="Addresses your staff use",
        description="The beginning of the address of your record system in the browser, if it shows Accord inside its own pages. There we "
        "show a button that opens a tab.",
        examples=["https://records.example.nhs.uk"],
    )

    @field_validator("scope")
    @classmethod
    def _launch(cls, scope: str) -> str:
        if not {"openid", "launch"} <= set(scope.split()):
            raise ValueError("openid and launch must be among the scopes, for example: openid fhirUser launch patient/Patient.read")
        return " ".join(scope.split())

    @field_validator("systems")
    @classmethod
    def _known(cls, systems: dict[str, str]) -> dict[str, str]:
        for word in systems.values():
            if word not in ("nhs-number", "upn", "local"):
                raise ValueError(f"“{word[:40]}” is not known here: write nhs-number, upn or local")
        return systems

    @field_validator("origins")
    @classmethod
    def _origins(cls, listed: list[str]) -> list[str]:
        for origin in listed:
            if not is_origin(origin):
                raise ValueError(f"write “{origin[:80]}” like https://records.example.nhs.uk: small letters, nothing after the name")
        return listed


MODELS: Mapping[Which, type[SsoProfile] | type[SmartProfile]] = {"sso": SsoProfile, "smart": SmartProfile}


def profile_of(way: Connection, which: Which) -> dict[str, Any]:
    """What an administrator filled in, with the defaults; {} where nothing was."""
    kept = way.launch.get(which)
    return MODELS[which].model_validate(kept).model_dump() if kept else {}


def back_address(origin: str, connection_id: str) -> str:
    """Where a provider sends people back to: each connection has its own, so that one provider's answer is never taken for another's
    (RFC 9700, section 4.4)."""
    return f"{origin}/sign-on/{connection_id}/back"


def client(session: Session, keys: Keys, connection_id: str, which: Which, origin: str) -> tuple[dict[str, Any], Client]:
    """The profile and the client made of it. Raises SignOnRefused where there is none, or the connection is off."""
    way = session.get(Connection, connection_id)
    profile = profile_of(way, which) if way is not None and way.enabled else {}
    if not profile:
        raise SignOnRefused("not-set-up", "This is not set up, or the connection is paused.", "settings")
    opened = ways.opened(session, keys, connection_id)
    return profile, Client(
        profile["client_id"],
        profile["client_auth"],
        back_address(origin, connection_id),
        profile["scope"],
        opened.get(f"{which}_client_secret", ""),
        signing_keys.newest(opened, which),
    )
