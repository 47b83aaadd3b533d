"""The keys of signed launches: which JWK fits which algorithm, and when it may be used.

What does not live here: tokens (`signed`), what hosts do with private keys (`host`).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Literal

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, Key, OKPKey, RSAKey

Algorithm = Literal["Ed25519", "ES256", "RS256"]

# For each algorithm: the members of the JWK that make it what it is, and the members that fix its kind. Everything else in a JWK
# (alg, use, x5u …) is left out when the key is built, so nothing the host wrote beside the key can change how it is used.
_SHAPES: dict[str, tuple[tuple[str, ...], dict[str, str]]] = {
    "Ed25519": (("kty", "crv", "x"), {"kty": "OKP", "crv": "Ed25519"}),
    "ES256": (("kty", "crv", "x", "y"), {"kty": "EC", "crv": "P-256"}),
    "RS256": (("kty", "n", "e"), {"kty": "RSA"}),
}
MIN_RSA_BITS = 2048


def algorithm_of(jwk: Mapping[str, Any]) -> Algorithm:
    """The one algorithm a JWK can be used for here. Raises ValueError for any other kind of key."""
    for name, (_members, kind) in _SHAPES.items():
        if all(jwk.get(member) == value for member, value in kind.items()):
            return name  # type: ignore[return-value]  # the keys of _SHAPES are the members of Algorithm
    raise ValueError("the key is none of Ed25519, P-256 and RSA")


def public_key(jwk: Mapping[str, Any], algorithm: Algorithm) -> Key:
    """The public key in `jwk`. Raises ValueError if it does not fit `algorithm`, is too short, or is a private key.

    The kind is pinned by the connection (RFC 8725 section 3.1): an RSA key never verifies another algorithm's signature.
    """
    if "d" in jwk or "k" in jwk:
        raise ValueError("a private or secret key does not belong here; paste the public key")
    if algorithm_of(jwk) != algorithm:
        raise ValueError(f"the key does not fit {algorithm}")
    bare = {member: jwk[member] for member in _SHAPES[algorithm][0] if isinstance(jwk.get(member), str)}
    try:
        key = key_of(bare)
    except (JoseError, ValueError, TypeError, KeyError) as error:
        raise ValueError("the key cannot be read") from error
    if isinstance(key, RSAKey) and key.public_key.key_size < MIN_RSA_BITS:
        raise ValueError(f"an RSA key has at least {MIN_RSA_BITS} bits")
    return key


def key_of(jwk: Mapping[str, Any]) -> ECKey | OKPKey | RSAKey:
    """A joserfc key of a JWK with the members of one of our three kinds. Raises ValueError for another kind."""
    members: dict[str, str | list[str]] = {
        name: value for name, value in jwk.items() if isinstance(value, str) and name not in ("alg", "use")
    }
    if jwk.get("kty") == "OKP":
        return OKPKey.import_key(members)
    if jwk.get("kty") == "EC":
        return ECKey.import_key(members)
    if jwk.get("kty") == "RSA":
        return RSAKey.import_key(members)
    raise ValueError("the key is none of Ed25519, P-256 and RSA")


def usable(jwk: Mapping[str, Any], now: datetime) -> bool:
    """Whether a key may be used at `now`: two keys overlap while a host rotates.

    `not_before` and `not_after` in the JWK are ISO 8601 instants with a zone (or aware datetimes); a bound that is absent or empty
    is open. Raises ValueError for one that is neither.
    """
    start, end = _instant(jwk.get("not_before")), _instant(jwk.get("not_after"))
    return (start is None or start <= now) and (end is None or now < end)


def _instant(value: object) -> datetime | None:
    if value is None or value == "":
        return None
    moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    if not isinstance(moment, datetime) or moment.tzinfo is None:
        raise ValueError("not_before and not_after are instants with a time zone")
    return moment.astimezone(UTC)
