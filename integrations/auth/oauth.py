"""OAuth2 client credentials (RFC 6749 section 4.4): by secret, or by a signed assertion (RFC 7523); tokens are kept until they age.

What does not live here: which request needs a token, and the one fresh token after a 401 (`peer`).
"""

from __future__ import annotations

import base64
import hashlib
import json
import threading
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote, urlencode

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, Key, OKPKey, RSAKey

from integrations.answer.pointer import NotThere, json_of
from integrations.answer.verdict import Stopped, of_fault, of_status
from integrations.auth.options import AuthLayer
from integrations.contract import Refused
from integrations.http import GuardedClient, NoAnswer, NotSent, Response, Trust

_ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_LIFE_IF_UNSAID = 300
_EARLY = timedelta(seconds=30)
_KNOWN_ERRORS = ("invalid_client", "invalid_scope", "invalid_request", "invalid_grant", "unauthorized_client", "unsupported_grant_type")


@dataclass
class Tokens:
    """Tokens in memory, by what they were got with. Shared by threads; lost on restart, which costs one request each."""

    _held: dict[str, tuple[str, datetime]] = field(default_factory=dict, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def get(self, layer: AuthLayer, secrets: Mapping[str, str], http: GuardedClient, trust: Trust, fresh: bool) -> str:
        """A token for this layer, a held one unless `fresh`. Raises `Stopped`."""
        told = json.dumps([layer.model_dump(), secrets.get(layer.secret_name, ""), secrets.get("client_key", "")])
        name = hashlib.sha256(told.encode()).hexdigest()
        now = http.clock()
        with self._lock:
            held = self._held.get(name)
            if held and not fresh and now < held[1]:
                return held[0]
        token, life = fetch(layer, secrets, http, trust)
        with self._lock:
            self._held[name] = (token, now + timedelta(seconds=life) - _EARLY)
        return token


def fetch(layer: AuthLayer, secrets: Mapping[str, str], http: GuardedClient, trust: Trust) -> tuple[str, int]:
    """A new token and its life in seconds. Raises `Stopped`: nothing can have been written at this point."""
    secret = secrets.get(layer.secret_name, "")
    if layer.client_auth != "private_key_jwt" and not secret:
        raise Stopped(Refused(f"Nothing was sent: the secret {layer.secret_name} is not set.", where="credentials"))
    form = {**layer.token_fields, "grant_type": "client_credentials", "scope": layer.scope, "audience": layer.audience}
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
    if layer.client_auth == "private_key_jwt":
        form |= {"client_assertion_type": _ASSERTION, "client_assertion": assertion(layer, secrets, http.clock())}
    elif layer.client_auth == "post":
        form |= {"client_id": layer.client_id, "client_secret": secret}
    else:
        pair = f"{quote(layer.client_id, safe='')}:{quote(secret, safe='')}"
        headers["Authorization"] = "Basic " + base64.b64encode(pair.encode()).decode("ascii")
    body = urlencode({name: value for name, value in form.items() if value}).encode("ascii")
    try:
        response = http.request("POST", layer.token_url, headers, body, trust=trust)
    except (NotSent, NoAnswer) as fault:
        raise Stopped(of_fault(fault, writes=False)) from None
    return _read(response)


def assertion(layer: AuthLayer, secrets: Mapping[str, str], now: datetime) -> str:
    """Our signed proof for the token server, good for five minutes. Raises `Stopped` where the key cannot sign."""
    issued = int(now.timestamp())
    claims = {"iss": layer.client_id, "sub": layer.client_id, "aud": layer.assertion_audience or layer.token_url}
    claims_with_times: dict[str, Any] = {**claims, "jti": str(uuid.uuid4()), "iat": issued, "exp": issued + 300}
    header = {"alg": layer.algorithm, "typ": "JWT"} | ({"kid": layer.key_id} if layer.key_id else {}) | _thumbprints(layer)
    try:
        key = signing_key(secrets.get("client_key", ""), layer.algorithm)
        return jws.serialize_compact(header, json.dumps(claims_with_times), key, algorithms=[layer.algorithm])
    except (JoseError, ValueError, TypeError, KeyError):
        raise Stopped(
            Refused("Nothing was sent: the secret client_key is not a private key that can sign as the settings say.", where="credentials")
        ) from None


def _thumbprints(layer: AuthLayer) -> dict[str, str]:
    """RFC 7515 sections 4.1.7 and 4.1.8, for servers that know our key by its certificate. Raises `Stopped`."""
    if not layer.key_certificate:
        return {}
    try:
        der = x509.load_pem_x509_certificate(layer.key_certificate.encode()).public_bytes(Encoding.DER)
    except ValueError:
        raise Stopped(Refused("Nothing was sent: the certificate of the key cannot be read.", where="credentials")) from None
    digests = {"x5t": hashlib.sha1(der, usedforsecurity=False).digest(), "x5t#S256": hashlib.sha256(der).digest()}
    return {name: base64.urlsafe_b64encode(digest).rstrip(b"=").decode("ascii") for name, digest in digests.items()}


def signing_key(text: str, algorithm: str) -> Key:
    """A private key of PEM or JWK text. Raises what joserfc and json raise; the text is never in the message that leaves here."""
    kind: type[RSAKey] | type[ECKey] | type[OKPKey] = RSAKey if algorithm[0] in "RP" else ECKey if algorithm.startswith("ES") else OKPKey
    return kind.import_key(json.loads(text) if text.lstrip().startswith("{") else text)


def _read(response: Response) -> tuple[str, int]:
    try:
        said = json_of(response)
    except NotThere:
        said = {}
    said = said if isinstance(said, dict) else {}
    if response.status in (400, 401, 403):
        error = said.get("error") if said.get("error") in _KNOWN_ERRORS else "no reason we know"
        raise Stopped(Refused(f"Nothing was sent: the token server answered {response.status} ({error}).", where="credentials"))
    if response.status != 200:
        raise Stopped(of_status(response, writes=False))
    token, life = said.get("access_token"), said.get("expires_in", _LIFE_IF_UNSAID)
    if not isinstance(token, str) or not token or not token.isascii() or any(letter <= " " for letter in token):
        raise Stopped(Refused("Nothing was sent: the token server's answer holds no token.", where="credentials"))
    if str(said.get("token_type", "bearer")).lower() != "bearer":
        raise Stopped(Refused("Nothing was sent: the token server gives a kind of token that we cannot use.", where="credentials"))
    # Some servers write the number as a text.
    life = int(life) if isinstance(life, str) and life.isdecimal() and len(life) < 8 else life
    return token, life if isinstance(life, int) and 0 < life < 10**7 else _LIFE_IF_UNSAID
