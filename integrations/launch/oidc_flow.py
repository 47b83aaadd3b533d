"""Signing in by a provider: the address a browser is sent to, the code it brings back taken for tokens, more claims asked for.

The code flow with PKCE (RFC 6749, RFC 7636, OpenID Connect Core 1.0). What does not live here: what a provider says of itself
(`oidc_provider`), the checks of the ID token (`openid`), keeping a flow's secrets between the two halves.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import quote, urlencode

from integrations.answer.verdict import Stopped
from integrations.auth.oauth import assertion
from integrations.auth.options import AssertionAlgorithm, AuthLayer
from integrations.http import GuardedClient, NoAnswer, NotSent, Response
from integrations.launch.oidc_provider import Provider, fetch, json_of, place_of
from integrations.launch.openid import SignOnRefused

Proof = Literal["basic", "post", "private_key_jwt", "none"]
_ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
# What we can sign with, by the kind of key; SMART asks for RS384 or ES384, most others for RS256.
_SIGNS: dict[str, tuple[AssertionAlgorithm, ...]] = {"RSA": ("RS256", "RS384", "PS256", "RS512"), "EC": ("ES256",), "OKP": ("Ed25519",)}


@dataclass(frozen=True, slots=True)
class Client:
    """How we are registered there. `secret` is the client secret; for private_key_jwt `key` is the private key (a JWK)."""

    id: str
    auth: Proof
    redirect_uri: str
    scope: str
    secret: str = field(default="", repr=False)
    key: dict[str, Any] = field(default_factory=dict, repr=False)


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


_PROOFS: dict[str, Proof] = {
    "client_secret_basic": "basic",
    "client_secret_post": "post",
    "private_key_jwt": "private_key_jwt",
    "none": "none",
}


def proofs(provider: Provider) -> tuple[Proof, ...]:
    """The ways of ours that a provider says it takes; basic where it says nothing (OpenID Connect Discovery 1.0, section 3)."""
    if not provider.methods:
        return ("basic",)
    return tuple(ours for theirs, ours in _PROOFS.items() if theirs in provider.methods)


def address(provider: Provider, client: Client, flow: Flow, **more: str) -> str:
    """Where the browser is sent: a code, PKCE by S256 (RFC 7636), state and nonce. `more`: `launch` and `aud` of a SMART launch, `prompt`,
    `acr_values`; what is empty is not sent."""
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
        **{name: value for name, value in more.items() if value},
    }
    return f"{provider.authorize}{'&' if '?' in provider.authorize else '?'}{urlencode(asked)}"


def exchange(http: GuardedClient, provider: Provider, client: Client, code: str, flow: Flow) -> dict[str, Any]:
    """The code for tokens (RFC 6749 section 4.1.3), server to server. Raises SignOnRefused."""
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": client.redirect_uri, "code_verifier": flow.verifier}
    answer = _asked(http, provider, client, form)
    if answer.status != 200:
        raise _refusal(provider, answer)
    return json_of(answer)


def try_credentials(http: GuardedClient, provider: Provider, client: Client) -> None:
    """Asks for tokens with a code that nobody gave: a provider that knows us says that the code is wrong (invalid_grant), one that does
    not says that we are (invalid_client). Raises SignOnRefused for all but the first."""
    made_up = {"grant_type": "authorization_code", "code": secrets.token_urlsafe(24), "redirect_uri": client.redirect_uri}
    answer = _asked(http, provider, client, {**made_up, "code_verifier": secrets.token_urlsafe(48)})
    refusal = _refusal(provider, answer)
    if refusal.code != "code-not-taken":
        raise refusal


def _asked(http: GuardedClient, provider: Provider, client: Client, form: dict[str, str]) -> Response:
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
    body = urlencode({**form, **_proof(http, provider, client, headers)}).encode("ascii")
    try:
        return http.request("POST", provider.token, headers, body)
    except NotSent as fault:
        code = "not-allowed" if fault.kind == "settings" else "provider-silent"
        raise SignOnRefused(code, f"{fault.reason[:1].upper()}{fault.reason[1:]}.", fault.kind) from None
    except NoAnswer as fault:
        raise SignOnRefused("provider-silent", f"{fault.reason[:1].upper()}{fault.reason[1:]}.", "network") from None


def _proof(http: GuardedClient, provider: Provider, client: Client, headers: dict[str, str]) -> dict[str, str]:
    """The fields, or in `headers` the header, that prove who we are (RFC 6749 section 2.3.1, RFC 7523)."""
    if client.auth in ("basic", "post") and not client.secret:
        raise SignOnRefused("no-secret", "The client secret is not set.", "credentials")
    if client.auth == "basic":
        pair = f"{quote(client.id, safe='')}:{quote(client.secret, safe='')}"
        headers["Authorization"] = "Basic " + base64.b64encode(pair.encode()).decode("ascii")
        return {}
    if client.auth == "post":
        return {"client_id": client.id, "client_secret": client.secret}
    if client.auth == "private_key_jwt":
        return {"client_id": client.id, "client_assertion_type": _ASSERTION, "client_assertion": _signed(http, provider, client)}
    return {"client_id": client.id}


def _signed(http: GuardedClient, provider: Provider, client: Client) -> str:
    able = _SIGNS.get(str(client.key.get("kty")), ())
    if not able:
        raise SignOnRefused("no-secret", "There is no key to sign with yet: make one.", "credentials")
    algorithm = next((one for one in able if one in provider.algorithms), able[0])
    layer = AuthLayer.model_construct(
        kind="oauth2", client_id=client.id, token_url=provider.token, algorithm=algorithm, key_id=str(client.key.get("kid", ""))
    )
    try:
        return assertion(layer, {"client_key": _text(client.key)}, http.clock())
    except Stopped:
        raise SignOnRefused("no-secret", "Our key cannot sign as the provider asks.", "credentials") from None


def _text(jwk: dict[str, Any]) -> str:
    return json.dumps({name: value for name, value in jwk.items() if name not in ("alg", "use", "key_ops")})


def _refusal(provider: Provider, answer: Response) -> SignOnRefused:
    """What a token server's answer that holds no tokens means (RFC 6749 section 5.2). Only codes we know are said again."""
    try:
        said = json_of(answer)
    except SignOnRefused:
        said = {}
    error = str(said.get("error") or "")
    if answer.status == 401 or error in ("invalid_client", "unauthorized_client"):
        return SignOnRefused("client-not-known", "The provider does not accept our client id, its secret or its key.", "credentials")
    if error in ("invalid_grant", "bad_verification_code"):
        return SignOnRefused("code-not-taken", "The provider does not take the code it gave.", "answer")
    known = error if error in ("invalid_request", "unsupported_grant_type", "invalid_scope", "server_error") else "no reason we know"
    text = f"{place_of(provider.token)} answered {answer.status} ({known}) where tokens are given."
    return SignOnRefused("provider-error", text, "answer")


def more_claims(http: GuardedClient, provider: Provider, access_token: Any, subject: str) -> dict[str, Any]:
    """What the provider's userinfo says of the same person; {} where it has none. Raises SignOnRefused, also where it speaks of somebody
    else (OpenID Connect Core 1.0, section 5.3.2)."""
    if not provider.userinfo or not isinstance(access_token, str) or not access_token.isascii():
        return {}
    said = json_of(fetch(http, provider.userinfo, {"Authorization": f"Bearer {access_token}", "Accept": "application/json"}))
    if said.get("sub") != subject:
        raise SignOnRefused("another-subject", "The provider's userinfo speaks of another person than its token.", "answer")
    return said
