"""What an administrator says about reaching a peer over HTTP: its address, its certificate, one or two layers of proof.

What does not live here: secrets, which are kept apart under the names in `HTTP_SECRETS`; how proof is made (`layers`, `oauth`).
"""

from __future__ import annotations

import re
from typing import Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, field_validator, model_validator

from integrations.contract import Options
from integrations.http import Trust

HTTP_SECRETS = ("password", "api_key", "bearer_token", "client_secret", "client_key", "tls_key", "second_secret")
_USUAL = {
    "basic": "password",
    "key header": "api_key",
    "key parameter": "api_key",
    "bearer": "bearer_token",
    "oauth2": "client_secret",
}

AssertionAlgorithm = Literal["RS256", "RS384", "RS512", "PS256", "ES256", "ES384", "Ed25519"]
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")


def checked_url(url: str) -> str:
    """A base address: http(s), a host, no user name, no query. Raises ValueError."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or "@" in parts.netloc or parts.query or parts.fragment:
        raise ValueError("an address like https://records.example.org/api, without user name, ? and #")
    return url.rstrip("/")


class AuthLayer(Options):
    """One way of proof. Two may stand together: a gateway's key beside a system's own token."""

    kind: Literal["basic", "key header", "key parameter", "bearer", "oauth2"] = Field(
        title="Kind of proof", description="How we prove who we are.", examples=["oauth2"]
    )
    secret: Literal["", "password", "api_key", "bearer_token", "client_secret", "second_secret"] = Field(
        default="",
        title="Which secret",
        description="Which of the secrets it uses, if not its usual one (two keys together need two).",
        examples=["second_secret"],
    )
    username: str = Field(
        default="", title="User name", description="For basic: the user name. The password is a secret.", examples=["accord"]
    )
    header: str = Field(
        default="X-API-Key",
        title="Header of the key",
        description="For a key header: its name. The key is the secret api_key.",
        examples=["Ocp-Apim-Subscription-Key"],
    )
    prefix: str = Field(
        default="", title="Before the key", description="For a key header: what stands before the key, with its space.", examples=["Token "]
    )
    parameter: str = Field(
        default="",
        title="Parameter of the key",
        description="For a key parameter: its name in the address. Only where they take no header: addresses are written down on the way.",
        examples=["sig"],
    )
    token_url: str = Field(
        default="",
        title="Token address",
        description="For OAuth2: where tokens are given.",
        examples=["https://login.example.org/oauth2/token"],
    )
    client_id: str = Field(default="", title="Client id", description="For OAuth2: our client id.", examples=["accord"])
    client_auth: Literal["basic", "post", "private_key_jwt"] = Field(
        default="basic", title="Proof of the client id", description="For OAuth2: how we prove the client id.", examples=["private_key_jwt"]
    )
    scope: str = Field(
        default="", title="Scope", description="For OAuth2: the scope we ask for.", examples=["https://records.example.org/.default"]
    )
    audience: str = Field(
        default="",
        title="Audience",
        description="For OAuth2: the audience, where the server wants one.",
        examples=["https://records.example.org"],
    )
    token_fields: dict[str, str] = Field(
        default={},
        title="Further fields",
        description="For OAuth2: further fields that the token server wants, none of them secret.",
        examples=[{"resource": "https://records.example.org"}],
    )
    assertion_audience: str = Field(
        default="",
        title="Audience of the assertion",
        description="For private_key_jwt: whom the assertion is for, if not the token address.",
        examples=["https://login.example.org"],
    )
    algorithm: AssertionAlgorithm = Field(
        default="RS384", title="Algorithm", description="For private_key_jwt: how we sign.", examples=["RS512"]
    )
    key_id: str = Field(default="", title="Key id", description="For private_key_jwt: the id of our key (kid).", examples=["accord-2026"])
    key_certificate: str = Field(
        default="",
        title="Certificate of the key",
        description="For private_key_jwt where the key is known by a certificate: its PEM text. Its thumbprint goes into the assertion.",
        examples=["-----BEGIN CERTIFICATE-----"],
    )

    @property
    def secret_name(self) -> str:
        """The secret that this layer uses (an assertion is signed with client_key)."""
        return self.secret or _USUAL[self.kind]

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.kind == "basic" and not self.username:
            raise ValueError("basic needs a user name")
        if self.kind == "key header" and not _TOKEN.fullmatch(self.header):
            raise ValueError("a key header needs the header's name")
        if self.kind == "key parameter" and not re.fullmatch(r"[A-Za-z0-9_.$-]+", self.parameter):
            raise ValueError("a key parameter needs the parameter's name")
        if self.kind == "oauth2" and not (self.client_id and checked_url(self.token_url)):
            raise ValueError("OAuth2 needs a client id and the address where tokens are given")
        return self


class PeerOptions(Options):
    """Address, trust and proof: the part that all adapters over HTTP share."""

    base_url: str = Field(
        title="Base address",
        description="The address of the system, up to where the paths of the requests begin.",
        examples=["https://records.example.org/api/v1"],
    )
    auth: list[AuthLayer] = Field(
        default=[],
        max_length=2,
        title="Proof of who we are",
        description="How we prove who we are: none, one or two ways together.",
        examples=[[{"kind": "key header", "header": "X-API-Key"}]],
    )
    headers: dict[str, str] = Field(
        default={},
        title="Headers of every request",
        description="Headers with fixed values that every request carries, none of them secret.",
        examples=[{"applicationId": "4f1c"}],
    )
    authority: str = Field(
        default="",
        title="Their authority",
        description="PEM text of the authority that signed their certificate, if it is one of their own.",
        examples=["-----BEGIN CERTIFICATE-----"],
    )
    client_certificate: str = Field(
        default="",
        title="Our certificate",
        description="PEM text of our client certificate, where they want one; its key is the secret tls_key.",
        examples=["-----BEGIN CERTIFICATE-----"],
    )
    check_path: str = Field(
        default="",
        title="Path for testing",
        description="A path that can be read without changing anything, for testing the connection.",
        examples=["/ping"],
    )

    _url = field_validator("base_url")(checked_url)

    @field_validator("headers")
    @classmethod
    def _sendable(cls, value: dict[str, str]) -> dict[str, str]:
        for name, text in value.items():
            if not _TOKEN.fullmatch(name) or not text.isascii() or not text.isprintable():
                raise ValueError(f"the header {name!r} has a name or a value that cannot be sent")
        return value

    @model_validator(mode="after")
    def _one_authorization(self) -> Self:
        names = [_carried_by(layer) for layer in self.auth]
        if len(set(names)) != len(names):
            raise ValueError("the two ways of proof use the same header; only one of them can be an Authorization")
        secrets = [layer.secret_name for layer in self.auth]
        if len(set(secrets)) != len(secrets):
            raise ValueError("the two ways of proof use the same secret; give one of them another (second_secret)")
        return self

    def trust(self, tls_key: str) -> Trust:
        """What is needed for TLS. `tls_key` is the secret key to the client certificate, PEM."""
        return Trust(self.authority, self.client_certificate, tls_key if self.client_certificate else "")


def _carried_by(layer: AuthLayer) -> str:
    if layer.kind == "key parameter":
        return f"?{layer.parameter}"
    return layer.header.lower() if layer.kind == "key header" else "authorization"
