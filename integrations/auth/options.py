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

HTTP_SECRETS = ("password", "api_key", "bearer_token", "client_secret", "client_key", "tls_key")

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

    kind: Literal["basic", "key header", "bearer", "oauth2"] = Field(description="How we prove who we are.")
    username: str = Field(default="", description="For basic: the user name. The password is a secret.")
    header: str = Field(default="X-API-Key", description="For a key header: its name. The key is the secret api_key.")
    token_url: str = Field(default="", description="For OAuth2: where tokens are given.")
    client_id: str = Field(default="", description="For OAuth2: our client id.")
    client_auth: Literal["basic", "post", "private_key_jwt"] = Field(default="basic", description="For OAuth2: how we prove the client id.")
    scope: str = Field(default="", description="For OAuth2: the scope we ask for.")
    audience: str = Field(default="", description="For OAuth2: the audience, where the server wants one.")
    assertion_audience: str = Field(default="", description="For private_key_jwt: whom the assertion is for, if not the token address.")
    algorithm: AssertionAlgorithm = Field(default="RS384", description="For private_key_jwt: how we sign.")
    key_id: str = Field(default="", description="For private_key_jwt: the id of our key (kid).")

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.kind == "basic" and not self.username:
            raise ValueError("basic needs a user name")
        if self.kind == "key header" and not _TOKEN.fullmatch(self.header):
            raise ValueError("a key header needs the header's name")
        if self.kind == "oauth2" and not (self.client_id and checked_url(self.token_url)):
            raise ValueError("OAuth2 needs a client id and the address where tokens are given")
        return self


class PeerOptions(Options):
    """Address, trust and proof: the part that all adapters over HTTP share."""

    base_url: str = Field(description="The address of the system, up to where the paths of the requests begin.")
    auth: list[AuthLayer] = Field(default=[], max_length=2, description="How we prove who we are: none, one or two ways together.")
    authority: str = Field(default="", description="PEM text of the authority that signed their certificate, if it is one of their own.")
    client_certificate: str = Field(default="", description="PEM text of our client certificate, where they want one.")
    check_path: str = Field(default="", description="A path that can be read without changing anything, for testing the connection.")

    _url = field_validator("base_url")(checked_url)

    @model_validator(mode="after")
    def _one_authorization(self) -> Self:
        headers = [layer.header.lower() if layer.kind == "key header" else "authorization" for layer in self.auth]
        if len(set(headers)) != len(headers):
            raise ValueError("the two ways of proof use the same header; only one of them can be an Authorization")
        return self

    def trust(self, tls_key: str) -> Trust:
        """What is needed for TLS. `tls_key` is the secret key to the client certificate, PEM."""
        return Trust(self.authority, self.client_certificate, tls_key if self.client_certificate else "")
