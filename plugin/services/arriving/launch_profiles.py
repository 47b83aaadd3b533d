"""How an agency's record system sends people in: the profile as an administrator fills it in, and as the verifier takes it.

What does not live here: the verification (`integrations.launch.signed`), fetching keys from an address (`key_sets`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Literal, Self

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from cryptography.x509 import load_pem_x509_certificate
from joserfc.jwk import ECKey, OKPKey, RSAKey
from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from integrations.launch.keys import algorithm_of, public_key
from integrations.launch.signed import is_origin
from integrations.strict_json import BadJson, parse

_AT_ONCE = 2
_KEY_HELP = "The public key, as your supplier gives it: a JWK (it begins with {) or a PEM block (it begins with -----BEGIN)."


class ProfileKey(BaseModel):
    """One public key of the record system."""

    model_config = ConfigDict(extra="forbid")
    key: str = Field(
        title="Public key",
        description=_KEY_HELP + " Never the private key.",
        examples=['{"kty": "OKP", "crv": "Ed25519", "kid": "2027-a", "x": "…"}'],
        json_schema_extra={"rows": 6},
    )
    kid: str = Field(
        default="",
        max_length=100,
        title="Name of the key (kid)",
        description="What your record system calls this key in each launch. Leave it empty if it stands in the JWK.",
        examples=["2027-a"],
    )
    not_before: str = Field(default="", title="Use it from", description="A date, in UK time; empty: from now on.", examples=["2027-03-01"])
    not_after: str = Field(
        default="", title="Use it until", description="A date, in UK time; empty: until you take it out.", examples=["2027-04-01"]
    )

    @field_validator("not_before", "not_after")
    @classmethod
    def _day(cls, text: str) -> str:
        if text:
            try:
                datetime.fromisoformat(text)
            except ValueError:
                raise ValueError("enter a date as year-month-day, for example 2027-03-01") from None
        return text

    @model_validator(mode="after")
    def _readable(self) -> Self:
        jwk_of(self.key, self.kid)
        return self


class Profile(BaseModel):
    """How the record system sends people in with a signed launch."""

    model_config = ConfigDict(extra="forbid")
    issuer: str = Field(
        min_length=1,
        max_length=300,
        title="Issuer",
        description="The name with which your record system signs (iss in its launches). Your supplier tells you.",
        examples=["https://records.example.gov.uk"],
    )
    algorithm: Literal["Ed25519", "ES256", "RS256"] = Field(
        default="ES256", title="How it signs", description="The one algorithm that is accepted. Ask for Ed25519 or ES256 where you can."
    )
    keys: list[ProfileKey] = Field(
        default=[],
        max_length=_AT_ONCE,
        title="Public keys",
        description="One, or two while your supplier changes to a new key. None where keys are fetched from an address.",
    )
    jwks_url: str = Field(
        default="",
        title="Address of the keys (JWKS)",
        description="Instead of pasting keys: the https address at which your record system publishes them.",
        examples=["https://records.example.gov.uk/.well-known/jwks.json"],
    )
    origins: list[str] = Field(
        default=[],
        max_length=10,
        title="Addresses your staff use",
        description="The beginning of the address of your record system in the browser. Only pages from there may show Accord in a frame.",
        examples=["https://records.example.gov.uk"],
    )
    allow_null_origin: bool = Field(
        default=False,
        title="Accept launches that hide where they come from",
        description="Only if your record system's pages use a strict referrer policy and the launch doctor says so. It is safer without.",
    )
    acting_roles: list[str] = Field(
        default=[],
        max_length=50,
        title="Roles that may act",
        description="Names of your record system's roles whose holders may raise and answer. Empty: everybody who is sent in.",
        examples=["social-worker"],
    )

    @field_validator("origins")
    @classmethod
    def _origins(cls, listed: list[str]) -> list[str]:
        for origin in listed:
            if not is_origin(origin):
                raise ValueError(f"write “{origin[:80]}” like https://records.example.gov.uk: small letters, nothing after the name")
        return listed

    @model_validator(mode="after")
    def _keys_fit(self) -> Self:
        if not self.keys and not self.jwks_url:
            raise ValueError("a launch can only be checked with a key: paste one, or give the address of the keys")
        kids = []
        for number, one in enumerate(self.keys, start=1):
            jwk = jwk_of(one.key, one.kid)
            if algorithm_of(jwk) != self.algorithm:
                raise ValueError(f"key {number} is made for {algorithm_of(jwk)}, and you chose {self.algorithm}. Choose the one that fits.")
            kids.append(jwk["kid"])
        if len(set(kids)) != len(kids):
            raise ValueError("the two keys have the same name. Each needs a name (kid) of its own.")
        return self


def jwk_of(text: str, kid: str) -> dict[str, Any]:
    """A pasted public key (JWK, PEM, certificate) as a JWK with a `kid`. Raises ValueError in words for who pasted it."""
    text = text.strip()
    if "PRIVATE KEY" in text:
        raise ValueError("this is a private key. It must never leave your record system: tell your supplier, and paste the public key")
    jwk = _from_pem(text) if text.startswith("-----BEGIN") else _from_json(text)
    jwk = {**jwk, "kid": kid or str(jwk.get("kid") or "")}
    if not jwk["kid"]:
        raise ValueError("the key has no name. Ask your supplier which name (kid) it has in a launch, and enter it under the key.")
    public_key(jwk, algorithm_of(jwk))
    return jwk


def _from_json(text: str) -> dict[str, Any]:
    try:
        found = parse(text)
    except BadJson:
        raise ValueError("this cannot be read as a key. Paste all of it, from { to } or from -----BEGIN to -----END") from None
    if isinstance(found, dict) and isinstance(found.get("keys"), list) and len(found["keys"]) == 1:
        found = found["keys"][0]
    if not isinstance(found, dict) or "kty" not in found:
        raise ValueError("this is not a public key (JWK): it has no “kty”")
    return {name: value for name, value in found.items() if isinstance(value, str)}


def _from_pem(text: str) -> dict[str, Any]:
    try:
        raw = text.encode("ascii")
        key = load_pem_x509_certificate(raw).public_key() if "CERTIFICATE" in text else load_pem_public_key(raw)
    except (ValueError, UnicodeEncodeError):
        raise ValueError("this PEM block cannot be read. Paste all of it, with its first and last line") from None
    if isinstance(key, RSAPublicKey):
        return dict(RSAKey.import_key(key).as_dict(private=False))
    if isinstance(key, EllipticCurvePublicKey):
        return dict(ECKey.import_key(key).as_dict(private=False))
    if isinstance(key, Ed25519PublicKey):
        return dict(OKPKey.import_key(key).as_dict(private=False))
    raise ValueError("the key is of a kind that is not accepted. Ask for Ed25519, P-256 (ES256) or RSA (RS256)")


def stored(profile: Mapping[str, Any], zone: Any) -> dict[str, Any]:
    """A checked profile as the connection keeps it: keys as JWKs, days as instants of `zone`."""
    kept = {name: value for name, value in profile.items() if name != "keys"}
    kept["keys"] = [_stored_key(one, zone) for one in profile.get("keys", ())]
    return {"algorithm": "ES256", "origins": [], **kept}


def _stored_key(one: Mapping[str, Any], zone: Any) -> dict[str, Any]:
    jwk = jwk_of(str(one["key"]), str(one.get("kid", "")))
    for bound in ("not_before", "not_after"):
        if one.get(bound):
            moment = datetime.fromisoformat(str(one[bound]))
            jwk[bound] = (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC).isoformat()
    return jwk


def shown(launch: Mapping[str, Any], zone: Any) -> dict[str, Any]:
    """A stored profile as the form shows it. What the form does not ask (other ways in) is left out."""
    asked = {name: value for name, value in launch.items() if name in Profile.model_fields and name != "keys"}
    return {**asked, "keys": [_shown_key(one, zone) for one in launch.get("keys", ())]} if launch else {}


def _shown_key(jwk: Mapping[str, Any], zone: Any) -> dict[str, Any]:
    bare = {name: value for name, value in jwk.items() if name not in ("not_before", "not_after", "kid")}
    found = {"key": json.dumps(bare), "kid": str(jwk.get("kid", ""))}
    for bound in ("not_before", "not_after"):
        if jwk.get(bound):
            local = datetime.fromisoformat(str(jwk[bound])).astimezone(zone)
            found[bound] = f"{local:%Y-%m-%d}" if (local.hour, local.minute) == (0, 0) else f"{local:%Y-%m-%dT%H:%M}"
    return found
