"""Signing in by an identity provider: OpenID Connect's code flow with PKCE, and SMART App Launch 2.2 on top of it (EHR launch).

What lives here: discovery, the address to send a browser to, the exchange of the code, the checks of the ID token, the patient of a
SMART launch. What does not: keeping the flow's secrets between the two, fetching and keeping keys, who somebody is here.

Every answer of a provider comes through the guarded client. Whatever is wrong is a `SignOnRefused` with a code for the log.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry, deserialize_compact, extract_compact

from integrations.http import GuardedClient, NoAnswer, NotSent, Response
from integrations.launch.context import ChildDetails
from integrations.strict_json import BadJson, parse

ALGORITHMS = ["RS256", "PS256", "ES256", "EdDSA", "Ed25519"]
LEEWAY = 30
_LARGEST_TOKEN = 16 * 1024


class SignOnRefused(Exception):
    """The sign-in is not accepted. `code` is for the log and the administrator's page; the page shown says none of it."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Provider:
    """What a provider says of itself. `issuer` is "" where SMART configuration names none: then it is known by its first ID token's."""

    issuer: str
    authorize: str
    token: str
    keys: str


@dataclass(frozen=True, slots=True)
class Client:
    """How we are registered there. `auth` is basic, post or none; the secret is shown in no repr."""

    id: str
    auth: str
    redirect_uri: str
    scope: str
    secret: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Flow:
    """What one sign-in must know again when the browser comes back; kept sealed, never in the browser."""

    state: str
    nonce: str
    verifier: str = field(repr=False)

    @classmethod
    def fresh(cls) -> Flow:
        """256 random bits each (RFC 7636 section 4.1)."""
        return cls(secrets.token_urlsafe(32), secrets.token_urlsafe(32), secrets.token_urlsafe(48))


def discover(http: GuardedClient, issuer: str) -> Provider:
    """OpenID Connect Discovery 1.0: the provider must call itself what we call it, so that no other one can answer for it."""
    said = _json(_get(http, issuer.rstrip("/") + "/.well-known/openid-configuration"))
    if said.get("issuer") != issuer:
        raise SignOnRefused("issuer-differs")
    return Provider(issuer, _address(said, "authorization_endpoint", http), _address(said, "token_endpoint", http), _text(said, "jwks_uri"))


def discover_smart(http: GuardedClient, fhir: str) -> Provider:
    """SMART App Launch 2.2, section 2.0.8. The issuer of ID tokens stands in it where the server signs people in."""
    said = _json(_get(http, fhir.rstrip("/") + "/.well-known/smart-configuration"))
    issuer = said.get("issuer") if isinstance(said.get("issuer"), str) else ""
    keys = said.get("jwks_uri") if isinstance(said.get("jwks_uri"), str) else ""
    endpoints = _address(said, "authorization_endpoint", http), _address(said, "token_endpoint", http)
    if issuer and not keys:
        keys = discover(http, issuer).keys
    return Provider(str(issuer), *endpoints, str(keys))


def address(provider: Provider, client: Client, flow: Flow, **more: str) -> str:
    """Where the browser is sent: a code, PKCE by S256 (RFC 7636), state and nonce. `more`: `launch` and `aud` of a SMART launch."""
    challenge = base64.urlsafe_b64encode(hashlib.sha256(flow.verifier.encode()).digest()).rstrip(b"=").decode()
    asked = {
        "response_type": "code",
        "client_id": client.id,
        "redirect_uri": client.redirect_uri,
        "scope": client.scope,
        "state": flow.state,
        "nonce": flow.nonce,
        "code_challenge": challenge,
        "code_challenge_method": "S256",
        **more,
    }
    return f"{provider.authorize}{'&' if '?' in provider.authorize else '?'}{urlencode(asked)}"


def exchange(http: GuardedClient, provider: Provider, client: Client, code: str, flow: Flow) -> dict[str, Any]:
    """The code for tokens (RFC 6749 section 4.1.3), server to server. Raises SignOnRefused."""
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": client.redirect_uri, "code_verifier": flow.verifier}
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
    if client.auth == "basic":
        pair = f"{quote(client.id, safe='')}:{quote(client.secret, safe='')}"
        headers["Authorization"] = "Basic " + base64.b64encode(pair.encode()).decode("ascii")
    else:
        form["client_id"] = client.id
        if client.auth == "post":
            form["client_secret"] = client.secret
    try:
        answer = http.request("POST", provider.token, headers, urlencode(form).encode("ascii"))
    except (NotSent, NoAnswer):
        raise SignOnRefused("provider-silent") from None
    if answer.status != 200:
        raise SignOnRefused("code-not-taken" if answer.status in (400, 401) else "provider-error")
    return _json(answer)


def kid_of(id_token: str) -> str:
    """The key an ID token names, unverified: which keys are to be fetched. Raises SignOnRefused."""
    try:
        header = extract_compact(id_token.encode("ascii"), registry=JWSRegistry(strict_check_header=False)).headers()
    except (JoseError, ValueError):
        raise SignOnRefused("token-malformed") from None
    return str(header.get("kid") or "")


def identity(id_token: str, keys: Sequence[Mapping[str, Any]], issuer: str, client_id: str, nonce: str, now: datetime) -> dict[str, Any]:
    """The claims of an ID token that is for us, from this issuer, for this flow (OpenID Connect Core 1.0, section 3.1.3.7).

    An unsigned token, or one signed by anything but a public key of the issuer, is refused; so is one without `exp`, `iat` or `sub`.
    """
    if len(id_token) > _LARGEST_TOKEN:
        raise SignOnRefused("token-malformed")
    said = _verified(id_token, keys)
    if not issuer or said.get("iss") != issuer:
        raise SignOnRefused("issuer")
    audience = said.get("aud")
    listed = [audience] if isinstance(audience, str) else audience if isinstance(audience, list) else []
    if client_id not in listed or (len(listed) > 1 and said.get("azp") != client_id) or said.get("azp", client_id) != client_id:
        raise SignOnRefused("audience")
    if not isinstance(nonce, str) or not nonce or said.get("nonce") != nonce:
        raise SignOnRefused("nonce")
    _in_time(said, now)
    subject = said.get("sub")
    if not isinstance(subject, str) or not 0 < len(subject) <= 255:
        raise SignOnRefused("subject")
    return said


def _verified(id_token: str, keys: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    registry = JWSRegistry(algorithms=ALGORITHMS, strict_check_header=False)
    kid = kid_of(id_token)
    # Public keys alone: a shared secret in somebody's key set must verify nothing (RFC 8725 section 3.1).
    fitting = [dict(one) for one in keys if one.get("kty") in ("RSA", "EC", "OKP") and (not kid or one.get("kid") == kid)]
    if not fitting:
        raise SignOnRefused("key-unknown")
    try:
        known = KeySet.import_key_set({"keys": [{name: value for name, value in one.items() if name != "alg"} for one in fitting]})
        payload = deserialize_compact(id_token, known, algorithms=ALGORITHMS, registry=registry).payload
        said = parse(payload)
    except (JoseError, BadJson, ValueError, TypeError, KeyError):
        raise SignOnRefused("signature") from None
    if not isinstance(said, dict):
        raise SignOnRefused("token-malformed")
    return said


def _in_time(said: Mapping[str, Any], now: datetime) -> None:
    here = now.timestamp()
    times = [said.get(name) for name in ("exp", "iat")]
    if any(isinstance(one, bool) or not isinstance(one, int | float) for one in times):
        raise SignOnRefused("times")
    ends, made = (float(one) for one in times)  # type: ignore[arg-type]  # looked at just now
    if ends + LEEWAY <= here:
        raise SignOnRefused("expired")
    if made - LEEWAY > here:
        raise SignOnRefused("from-the-future")


def patient(http: GuardedClient, fhir: str, patient_id: str, access_token: str, systems: Mapping[str, str]) -> ChildDetails:
    """The child of a SMART launch, read from their own server. `systems`: identifier system to our word for it. Raises SignOnRefused."""
    if not patient_id or not all(letter.isalnum() or letter in "-." for letter in patient_id) or not access_token.isascii():
        raise SignOnRefused("patient")
    headers = {"Authorization": f"Bearer {access_token}", "Accept": "application/fhir+json"}
    answer = _get(http, f"{fhir.rstrip('/')}/Patient/{patient_id}", headers)
    said = _json(answer)
    if said.get("resourceType") != "Patient":
        raise SignOnRefused("patient")
    numbers = [one for one in said.get("identifier") or () if isinstance(one, dict) and one.get("system") in systems]
    found = tuple((systems[one["system"]], str(one["value"])[:80]) for one in numbers if one.get("value"))
    return ChildDetails(_name(said), str(said.get("birthDate") or "")[:40], found)


def _name(said: Mapping[str, Any]) -> str:
    names = [one for one in said.get("name") or () if isinstance(one, dict)]
    chosen = next((one for one in names if one.get("use") in ("official", "usual")), names[0] if names else {})
    given = chosen.get("given") or []
    parts = [*(str(one) for one in given if isinstance(one, str)), str(chosen.get("family") or "")]
    return (str(chosen.get("text") or "") or " ".join(part for part in parts if part))[:255]


def _get(http: GuardedClient, url: str, headers: Mapping[str, str] | None = None) -> Response:
    try:
        answer = http.request("GET", url, headers or {"Accept": "application/json"})
    except (NotSent, NoAnswer) as fault:
        raise SignOnRefused("not-allowed" if isinstance(fault, NotSent) and fault.kind == "settings" else "provider-silent") from None
    if answer.status != 200:
        raise SignOnRefused("provider-error")
    return answer


def _json(answer: Response) -> dict[str, Any]:
    try:
        said = parse(answer.body)
    except BadJson:
        raise SignOnRefused("provider-error") from None
    if not isinstance(said, dict):
        raise SignOnRefused("provider-error")
    return said


def _text(said: Mapping[str, Any], name: str) -> str:
    value = said.get(name)
    if not isinstance(value, str) or not value:
        raise SignOnRefused("provider-error")
    return value


def _address(said: Mapping[str, Any], name: str, http: GuardedClient) -> str:
    """An address of the provider: https, or a place that the deployment lists as private. A browser may be sent there."""
    value = _text(said, name)
    parts = urlsplit(value)
    private = http.allowed.is_private(parts.hostname or "", parts.port or 80)
    if parts.scheme != "https" and not (parts.scheme == "http" and private):
        raise SignOnRefused("provider-error")
    return value


def keys_in(body: bytes) -> list[dict[str, Any]]:
    """The public keys of a JWKS. Raises ValueError where it is none."""
    try:
        said = parse(body)
    except BadJson:
        raise ValueError("not JSON") from None
    found = said.get("keys") if isinstance(said, dict) else None
    if not isinstance(found, list):
        raise ValueError("no keys in it")
    public = [one for one in found if isinstance(one, dict) and one.get("kty") in ("RSA", "EC", "OKP") and one.get("use", "sig") == "sig"]
    return [{name: value for name, value in one.items() if name not in _PRIVATE} for one in public][:20]


_PRIVATE = ("d", "p", "q", "dp", "dq", "qi", "k")
