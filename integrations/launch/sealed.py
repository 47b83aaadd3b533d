"""The child's details inside a launch: a nested JWE that only this service opens (RFC 7516, ECDH-ES+A256KW, A256GCM, P-256).

What does not live here: the launch around it (`signed`), which is what says that the host sealed it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from joserfc import jwe
from joserfc.errors import JoseError

from integrations.launch.context import ChildDetails, LaunchRefused
from integrations.launch.keys import key_of
from integrations.strict_json import BadJson, parse

# No compression among them: a box of a few bytes cannot unpack to a bomb, and sizes tell nothing.
_ALGORITHMS = ["ECDH-ES+A256KW", "A256GCM"]
_HEADER = {"alg": "ECDH-ES+A256KW", "enc": "A256GCM"}
_MAX_IDENTIFIERS = 20
_MAX_TEXT = 255


def seal_child(child: ChildDetails, public_jwk: Mapping[str, Any]) -> str:
    """A compact JWE of the child's details for the holder of `public_jwk` (P-256). What a host system does."""
    said = {
        "name": child.name,
        "born": child.born,
        "identifiers": [{"system": system, "value": value} for system, value in child.identifiers],
    }
    header = dict(_HEADER)
    if isinstance(public_jwk.get("kid"), str):
        header["kid"] = public_jwk["kid"]
    return jwe.encrypt_compact(header, json.dumps(said).encode(), key_of(public_jwk), algorithms=_ALGORITHMS)


def open_child(box: str, *private_jwks: Mapping[str, Any]) -> ChildDetails:
    """The details in a box sealed to one of our keys. Raises `LaunchRefused` ("child-sealed", "child-details") and nothing else."""
    try:
        said = parse(_opened(box, private_jwks))
    except BadJson as error:
        raise LaunchRefused("child-details") from error
    if not isinstance(said, dict) or said.keys() - {"name", "born", "identifiers"}:
        raise LaunchRefused("child-details")
    return ChildDetails(name=_text(said.get("name", "")), born=_text(said.get("born", "")), identifiers=_identifiers(said))


def _opened(box: str, private_jwks: Sequence[Mapping[str, Any]]) -> bytes:
    for jwk in private_jwks:
        with suppress(JoseError, ValueError, TypeError, KeyError):
            return jwe.decrypt_compact(box, key_of(jwk), algorithms=_ALGORITHMS).plaintext or b""
    raise LaunchRefused("child-sealed")


def _identifiers(said: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    listed = said.get("identifiers", [])
    if not isinstance(listed, list) or len(listed) > _MAX_IDENTIFIERS:
        raise LaunchRefused("child-details")
    for one in listed:
        if not isinstance(one, dict) or one.keys() != {"system", "value"}:
            raise LaunchRefused("child-details")
    return tuple((_text(one["system"]), _text(one["value"])) for one in listed)


def _text(value: object) -> str:
    if not isinstance(value, str) or len(value) > _MAX_TEXT or any(ord(letter) < 32 or 0xD800 <= ord(letter) < 0xE000 for letter in value):
        raise LaunchRefused("child-details")
    return value
