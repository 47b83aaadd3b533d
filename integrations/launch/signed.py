"""Signed launches: the host's server signs a one-minute token, the browser posts it into the frame, this verifies it.

What lives here: the settings of a connection, the check of where the post came from, the verification. What does not: spending the
nonce (the session's transaction does, under a unique constraint), whether the child belongs to the agency, which roles are known.
Nothing here opens a connection: keys come from the settings alone, whatever a token's header may point to.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from joserfc.errors import JoseError
from joserfc.jwk import Key
from joserfc.jws import JWSRegistry, deserialize_compact, extract_compact

from integrations.launch import claims, sealed
from integrations.launch.context import ChildDetails, LaunchContext, LaunchRefused
from integrations.launch.keys import Algorithm, public_key, usable

MAX_TOKEN = 8 * 1024
TYPE = "accord-launch+jwt"
# Header members that bring a key, point to one, or change what is signed: a launch has no use for any of them.
_FORBIDDEN_HEADERS = frozenset({"jku", "jwk", "x5u", "x5c", "crit", "b64", "zip", "enc"})
_ORIGIN = re.compile(r"https?://([a-z0-9]([a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:]+\])(:[0-9]{1,5})?")
_DESTINATIONS = frozenset({"iframe", "document"})


@dataclass(frozen=True)
class Settings:
    """What a connection says about its launches. Raises ValueError where it could never work.

    `audience` is this service's exact origin; `keys` are the host's public JWKs, each with a `kid` and optional `not_before` and
    `not_after`; `decryption_key` is our private P-256 JWK for the child's details, `earlier_keys` those it took the place of; never shown
    in a repr.
    """

    connection_id: str
    issuer: str
    audience: str
    algorithm: Algorithm
    keys: tuple[Mapping[str, Any], ...] | list[Mapping[str, Any]]
    origins: tuple[str, ...] = ()
    allow_null_origin: bool = False
    decryption_key: Mapping[str, Any] | None = field(default=None, repr=False)
    earlier_keys: Sequence[Mapping[str, Any]] = field(default=(), repr=False)
    leeway: timedelta = timedelta(seconds=30)
    max_life: timedelta = timedelta(seconds=60)

    def __post_init__(self) -> None:
        if not (self.issuer and self.audience and self.keys):
            raise ValueError("a connection needs an issuer, an audience and at least one key")
        kids = [jwk.get("kid") for jwk in self.keys]
        if not all(isinstance(kid, str) and kid for kid in kids) or len(set(kids)) != len(kids):
            raise ValueError("every key needs a kid of its own")
        if not all(is_origin(origin) for origin in self.origins):
            raise ValueError("an origin is https://host or https://host:port, in small letters and with nothing behind it")
        for jwk in self.keys:
            public_key(jwk, self.algorithm)
            for bound in ("not_before", "not_after"):
                if jwk.get(bound):
                    usable({bound: jwk[bound]}, datetime.min.replace(tzinfo=UTC))


def is_origin(text: str) -> bool:
    """Whether a text is an origin as browsers write it (RFC 6454): it can then match, and stand in a header, and do nothing else."""
    return _ORIGIN.fullmatch(text) is not None


class _Registry(JWSRegistry):
    """Calls EdDSA what RFC 9864 calls it, so that older hosts are understood; `Settings` has made sure that the key is Ed25519."""

    def get_alg(self, name: str) -> Any:
        return super().get_alg("Ed25519" if name == "EdDSA" else name)


def fitting(keys: Sequence[Mapping[str, Any]], algorithm: Algorithm) -> list[Mapping[str, Any]]:
    """Those of the keys a host publishes that could verify its launches: named, and of the connection's one kind. Others are left out."""
    found: dict[str, Mapping[str, Any]] = {}
    for jwk in keys:
        try:
            public_key(jwk, algorithm)
        except ValueError:
            continue
        if isinstance(jwk.get("kid"), str) and jwk["kid"]:
            found.setdefault(jwk["kid"], {name: value for name, value in jwk.items() if name not in ("not_before", "not_after")})
    return list(found.values())


def check_origin(origin: str | None, sec_fetch_dest: str | None, settings: Settings) -> None:
    """Refuses a post that a page of the host did not make (forced launch). Raises `LaunchRefused`.

    `origin` and `sec_fetch_dest` are the request's headers, None where absent. A host page with a strict referrer policy sends the
    origin "null"; whether that passes is the connection's setting. Browsers before 2023 send no Sec-Fetch-Dest: absent is accepted.
    """
    if origin is None:
        raise LaunchRefused("origin-missing")
    if origin == "null":
        if not settings.allow_null_origin:
            raise LaunchRefused("origin-null")
    elif origin not in settings.origins:
        raise LaunchRefused("origin-not-listed")
    if sec_fetch_dest is not None and sec_fetch_dest not in _DESTINATIONS:
        raise LaunchRefused("not-a-page")


def verify(token: str, settings: Settings, now: datetime) -> LaunchContext:
    """The launch that `token` stands for, at `now` (aware; machine time). Raises `LaunchRefused`, and nothing else.

    RFC 7515, 7519 and 8725: explicit type, one algorithm, keys by `kid` from the settings, every claim required, one audience.
    """
    if len(token) > MAX_TOKEN:
        raise LaunchRefused("too-large")
    if not token.isascii() or token.count(".") != 2:
        raise LaunchRefused("malformed")
    payload = _verified_payload(token, settings, now)
    said = claims.read(payload, settings.issuer, settings.audience)
    skew = claims.check_times(said, now, settings.leeway, settings.max_life)
    return LaunchContext(
        connection_id=settings.connection_id,
        staff_id=said.sub,
        staff_name=said.name,
        roles=said.roles,
        child_ref=said.child_ref,
        child=_child(said.child, settings),
        host_session=said.sid,
        nonce=said.jti,
        issued_at=said.issued_at,
        expires_at=said.expires_at,
        skew_seconds=skew,
        area=said.area,
    )


def _verified_payload(token: str, settings: Settings, now: datetime) -> bytes:
    algorithms: list[str] = [settings.algorithm, "EdDSA"] if settings.algorithm == "Ed25519" else [settings.algorithm]
    registry = _Registry(algorithms=algorithms, strict_check_header=False)
    try:
        header = extract_compact(token.encode("ascii"), registry=registry).headers()
    except (JoseError, ValueError) as error:
        raise LaunchRefused("malformed") from error
    key = _key(_checked_kid(header, algorithms), settings, now)
    try:
        return deserialize_compact(token, key, algorithms=algorithms, registry=registry).payload
    except (JoseError, ValueError, TypeError) as error:
        raise LaunchRefused("signature") from error


def _checked_kid(header: Mapping[str, Any], algorithms: list[str]) -> str:
    if header.get("typ") != TYPE:
        raise LaunchRefused("type")
    if header.get("alg") not in algorithms:
        raise LaunchRefused("algorithm")
    if _FORBIDDEN_HEADERS & header.keys():
        raise LaunchRefused("header")
    kid = header.get("kid")
    if not isinstance(kid, str) or not kid:
        raise LaunchRefused("key-missing")
    return kid


def _key(kid: str, settings: Settings, now: datetime) -> Key:
    for jwk in settings.keys:
        if jwk["kid"] == kid:
            if not usable(jwk, now):
                raise LaunchRefused("key-not-in-use")
            return public_key(jwk, settings.algorithm)
    raise LaunchRefused("key-unknown")


def _child(box: str | None, settings: Settings) -> ChildDetails:
    if box is None:
        return ChildDetails()
    if settings.decryption_key is None:
        raise LaunchRefused("child-no-key")
    return sealed.open_child(box, settings.decryption_key, *settings.earlier_keys)
