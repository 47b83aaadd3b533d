"""The host system's side of a signed launch: what a record system's server does before its page posts the token.

A reference for whoever adds a launch button to a record system, and what the pretend host systems use. The service itself signs
nothing with it. In a host, keep the private key on the server; the browser sees the token only.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from joserfc import jws
from joserfc.jwk import ECKey, OKPKey, RSAKey

from integrations.launch.context import ChildDetails
from integrations.launch.keys import Algorithm, algorithm_of, key_of
from integrations.launch.sealed import seal_child
from integrations.launch.signed import TYPE

LIFE = 60


def new_keypair(algorithm: Algorithm) -> tuple[dict[str, Any], dict[str, Any]]:
    """A new (private, public) pair of JWKs, both with the same `kid` (the key's RFC 7638 thumbprint).

    A P-256 pair ("ES256") is also what child details are sealed with.
    """
    key: OKPKey | ECKey | RSAKey
    if algorithm == "Ed25519":
        key = OKPKey.generate_key("Ed25519")
    elif algorithm == "ES256":
        key = ECKey.generate_key("P-256")
    else:
        key = RSAKey.generate_key(2048)
    kid = key.thumbprint()
    return {**key.as_dict(private=True), "kid": kid}, {**key.as_dict(private=False), "kid": kid}


def make_launch(
    private_jwk: Mapping[str, Any],
    kid: str,
    issuer: str,
    audience: str,
    staff_id: str,
    staff_name: str,
    roles: Sequence[str],
    child_ref: str,
    host_session: str,
    child: ChildDetails | None,
    seal_to: Mapping[str, Any] | None,
    now: datetime,
    area: str = "",
) -> str:
    """A signed launch token, good once, for one minute from `now` (aware). `area`: the code of the area the child lives in, if known.

    `audience` is the service's exact origin. `child` travels only if `seal_to` (the service's public P-256 JWK) is given, sealed.
    Raises ValueError for details with no key to seal them to: they never travel in clear.
    """
    said: dict[str, Any] = {
        "iss": issuer,
        "aud": audience,
        "sub": staff_id,
        "iat": int(now.timestamp()),
        "exp": int(now.timestamp()) + LIFE,
        "jti": secrets.token_urlsafe(24),
        "roles": list(roles),
        "child_ref": child_ref,
        "sid": host_session,
        "name": staff_name,
    }
    if area:
        said["area"] = area
    if child is not None:
        if seal_to is None:
            raise ValueError("the child's details need a key to seal them to")
        said["child"] = seal_child(child, seal_to)
    return sign(said, private_jwk, kid)


def sign(claims: Mapping[str, Any], private_jwk: Mapping[str, Any], kid: str) -> str:
    """`claims` as a compact JWS of the launch type, by the one algorithm that fits the key."""
    algorithm = algorithm_of(private_jwk)
    header = {"alg": algorithm, "kid": kid, "typ": TYPE}
    return jws.serialize_compact(header, json.dumps(claims), key_of(private_jwk), algorithms=[algorithm])
