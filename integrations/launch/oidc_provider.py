"""What an identity provider says of itself (OpenID Connect Discovery 1.0; SMART App Launch 2.2, section 2.0.8), asked through the guarded
client.

What lives here: where it sends browsers, gives tokens, keeps its keys. What does not: the tokens themselves (`openid`), signing in by it
(`oidc_flow`), keeping keys.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from integrations.http import GuardedClient, NoAnswer, NotSent, Response
from integrations.launch.openid import SignOnRefused
from integrations.strict_json import BadJson, parse

OPENID, SMART = "/.well-known/openid-configuration", "/.well-known/smart-configuration"


@dataclass(frozen=True, slots=True)
class Provider:
    """A provider, as plain values that JSON can keep. `issuer` is as the provider writes it, "" where it says none.

    `methods` and `algorithms`: how clients may prove themselves at `token`, as far as it says. `sends_issuer`: its answers name it
    (RFC 9207).
    """

    issuer: str
    authorize: str
    token: str
    keys: str
    userinfo: str = ""
    methods: tuple[str, ...] = ()
    algorithms: tuple[str, ...] = ()
    sends_issuer: bool = False

    @classmethod
    def of(cls, kept: Mapping[str, Any]) -> Provider:
        """One that was kept as JSON."""
        return cls(**{**kept, "methods": tuple(kept["methods"]), "algorithms": tuple(kept["algorithms"])})


def discover(http: GuardedClient, issuer: str) -> Provider:
    """The provider at an issuer's address, which may be written with or without a slash at its end, or with the well-known path behind it.

    It must call itself what we call it, so that no other one can answer for it; a slash at the end apart. Raises SignOnRefused.
    """
    base = issuer.strip().removesuffix(OPENID).rstrip("/")
    said = json_of(fetch(http, base + OPENID))
    named = said.get("issuer")
    if not isinstance(named, str) or named.rstrip("/") != base:
        raise SignOnRefused("issuer-differs", f"The provider there calls itself “{str(named)[:200]}”, not “{base}”.", "settings")
    return _provider(http, said, named, _address(http, said, "jwks_uri"))


def discover_smart(http: GuardedClient, fhir: str, issuer: str = "") -> Provider:
    """The authorization server of a FHIR server. `issuer`: who signs its ID tokens, where its configuration does not say. Raises
    SignOnRefused."""
    said = json_of(fetch(http, fhir.rstrip("/") + SMART))
    named = str(said.get("issuer") or issuer)
    if isinstance(said.get("jwks_uri"), str) and said["jwks_uri"]:
        keys = _address(http, said, "jwks_uri")
    else:
        keys = discover(http, named or fhir).keys
    return _provider(http, said, named, keys)


def _provider(http: GuardedClient, said: Mapping[str, Any], issuer: str, keys: str) -> Provider:
    return Provider(
        issuer,
        _address(http, said, "authorization_endpoint"),
        _address(http, said, "token_endpoint"),
        keys,
        _address(http, said, "userinfo_endpoint") if said.get("userinfo_endpoint") else "",
        _words(said.get("token_endpoint_auth_methods_supported")),
        _words(said.get("token_endpoint_auth_signing_alg_values_supported")),
        said.get("authorization_response_iss_parameter_supported") is True,
    )


def _words(value: Any) -> tuple[str, ...]:
    return tuple(one for one in value if isinstance(one, str))[:50] if isinstance(value, list) else ()


def _address(http: GuardedClient, said: Mapping[str, Any], name: str) -> str:
    """An address of the provider: https, or a place that the deployment lists as private. A browser may be sent there."""
    value = said.get(name)
    try:
        parts = urlsplit(value) if isinstance(value, str) else None
        private = parts is not None and http.allowed.is_private(parts.hostname or "", parts.port or 80)
    except ValueError:
        parts, private = None, False
    if parts is None or not parts.hostname or not (parts.scheme == "https" or (parts.scheme == "http" and private)):
        raise SignOnRefused("provider-error", f"What answers there gives no https address for “{name}”.", "answer")
    return str(value)


def fetch(http: GuardedClient, url: str, headers: Mapping[str, str] | None = None) -> Response:
    """A page of the provider that answers 200. Raises SignOnRefused, saying what it was that failed."""
    try:
        answer = http.request("GET", url, headers or {"Accept": "application/json"})
    except NotSent as fault:
        code = "not-allowed" if fault.kind == "settings" else "provider-silent"
        raise SignOnRefused(code, f"{fault.reason[:1].upper()}{fault.reason[1:]}.", fault.kind) from None
    except NoAnswer as fault:
        raise SignOnRefused("provider-silent", f"{fault.reason[:1].upper()}{fault.reason[1:]}.", "network") from None
    if answer.status in (401, 403):
        raise SignOnRefused("not-permitted", f"{place_of(url)} does not let us have it (it answered {answer.status}).", "permission")
    if answer.status != 200:
        raise SignOnRefused("provider-error", f"{place_of(url)} answered {answer.status} where it should answer 200.", "answer")
    return answer


def json_of(answer: Response) -> dict[str, Any]:
    """An answer's JSON object. Raises SignOnRefused."""
    try:
        said = parse(answer.body)
    except BadJson:
        said = None
    if not isinstance(said, dict):
        raise SignOnRefused("provider-error", "What answered is not JSON, as a provider's pages are.", "answer")
    return said


def place_of(url: str) -> str:
    """Host and port of an address, and its path: never what stands behind the question mark."""
    parts = urlsplit(url)
    return f"{parts.netloc}{parts.path}"[:200]
