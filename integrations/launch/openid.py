"""ID tokens (OpenID Connect Core 1.0): what an assertion must be to say who somebody is; and the public keys that providers publish.

What does not live here: how one is got (`oidc_provider`, `oidc_flow`), fetching and keeping keys, who somebody is here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OKPKey, RSAKey
from joserfc.jws import JWSRegistry, deserialize_compact, extract_compact

from integrations.contract import Where
from integrations.launch.keys import MIN_RSA_BITS, key_of
from integrations.strict_json import BadJson, parse

# Asymmetric ones alone: nobody but the provider can have made the signature.
ALGORITHMS = ["RS256", "PS256", "ES256", "RS384", "ES384", "PS384", "RS512", "ES512", "PS512", "EdDSA", "Ed25519"]
LEEWAY = 30
_LARGEST_TOKEN = 16 * 1024


class SignOnRefused(Exception):
    """The sign-in is not accepted. `code` is for the log, `text` and `where` (what of the set-up is not well) for the administrator; the
    page that is shown to who came says none of it."""

    def __init__(self, code: str, text: str = "", where: Where = "answer") -> None:
        super().__init__(code)
        self.code = code
        self.text = text
        self.where: Where = where


def kid_of(id_token: str) -> str:
    """The key an ID token names, unverified: which keys are to be fetched. Raises SignOnRefused."""
    try:
        header = extract_compact(id_token.encode("ascii"), registry=JWSRegistry(strict_check_header=False)).headers()
    except (JoseError, ValueError):
        raise SignOnRefused("token-malformed", "Its ID token cannot be read.") from None
    return str(header.get("kid") or "")


def identity(id_token: str, keys: Sequence[Mapping[str, Any]], issuer: str, client_id: str, nonce: str, now: datetime) -> dict[str, Any]:
    """The claims of an ID token that is for us, from this issuer, for this flow (OpenID Connect Core 1.0, section 3.1.3.7).

    An unsigned token, or one signed by anything but a public key of the issuer, is refused; so is one without `exp`, `iat` or `sub`.
    """
    if len(id_token) > _LARGEST_TOKEN:
        raise SignOnRefused("token-malformed", "Its ID token is too large.")
    said = _verified(id_token, keys)
    if not issuer or said.get("iss") != issuer:
        raise SignOnRefused("issuer", "Its ID token names another issuer than the provider does.")
    audience = said.get("aud")
    listed = [audience] if isinstance(audience, str) else audience if isinstance(audience, list) else []
    if client_id not in listed or (len(listed) > 1 and said.get("azp") != client_id) or said.get("azp", client_id) != client_id:
        raise SignOnRefused("audience", "Its ID token is for another client id than ours.")
    if not isinstance(nonce, str) or not nonce or said.get("nonce") != nonce:
        raise SignOnRefused("nonce", "Its ID token does not belong to this sign-in (nonce).")
    _in_time(said, now)
    subject = said.get("sub")
    if not isinstance(subject, str) or not 0 < len(subject) <= 255:
        raise SignOnRefused("subject", "Its ID token does not say who somebody is (sub).")
    return said


def _verified(id_token: str, keys: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """What a token says that one of the keys signed. Each key is tried by itself: one that cannot be read must not spoil the others, and a
    token need not name its key where there is one alone (OpenID Connect Core 1.0, section 10.1)."""
    kid = kid_of(id_token)
    # Public keys alone: a shared secret in somebody's key set must verify nothing (RFC 8725 section 3.1).
    fitting = [one for one in keys if one.get("kty") in ("RSA", "EC", "OKP") and (not kid or one.get("kid") == kid)]
    if not fitting:
        raise SignOnRefused("key-unknown", "Its ID token is signed with a key that it does not publish.")
    registry = JWSRegistry(algorithms=ALGORITHMS, strict_check_header=False)
    for one in fitting:
        try:
            payload = deserialize_compact(id_token, public_key_of(one), algorithms=ALGORITHMS, registry=registry).payload
        except (JoseError, ValueError, TypeError, KeyError):
            continue
        return _claims_in(payload)
    raise SignOnRefused("signature", "Its ID token is not signed by any of the keys that it publishes, or in a way we do not take.")


def _claims_in(payload: bytes) -> dict[str, Any]:
    try:
        said = parse(payload)
    except BadJson:
        said = None
    if not isinstance(said, dict):
        raise SignOnRefused("token-malformed", "Its ID token cannot be read.")
    return said


def public_key_of(jwk: Mapping[str, Any]) -> RSAKey | ECKey | OKPKey:
    """A provider's key, of its public members alone. Raises ValueError and what joserfc raises for one that cannot be used."""
    key = key_of({name: value for name, value in jwk.items() if name not in (*_PRIVATE, "alg", "use", "key_ops", "x5c", "x5t", "x5u")})
    if isinstance(key, RSAKey) and key.public_key.key_size < MIN_RSA_BITS:
        raise ValueError("an RSA key has at least 2048 bits")
    return key


def _in_time(said: Mapping[str, Any], now: datetime) -> None:
    here = now.timestamp()
    times = [said.get(name) for name in ("exp", "iat")]
    if any(isinstance(one, bool) or not isinstance(one, int | float) for one in times):
        raise SignOnRefused("times", "Its ID token does not say when it was made and when it ends (iat, exp).")
    ends, made = (float(one) for one in times)  # type: ignore[arg-type]  # looked at just now
    if ends + LEEWAY <= here:
        raise SignOnRefused("expired", "Its ID token has run out: its clock is behind ours.")
    if made - LEEWAY > here:
        raise SignOnRefused("from-the-future", "Its ID token is from the future: its clock is ahead of ours.")


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
