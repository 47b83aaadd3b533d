"""The claims of a signed launch: all required, each of its right shape, and the times of one minute's life.

What does not live here: the signature (`signed`), the child's sealed details (`sealed`).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from integrations.launch.context import LaunchRefused
from integrations.strict_json import BadJson, parse

_HEX = re.compile(r"[0-9A-Fa-f-]+")
_NONCE = re.compile(r"[0-9A-Za-z_.~+/=-]{22,128}")
_NONCE_BITS = 128
_MAX_TEXT = 255
_MAX_ROLES = 50
_LATEST = 2**36  # Unix seconds: the year 4147; keeps absurd numbers away from the arithmetic below


@dataclass(frozen=True, slots=True)
class Claims:
    """What the token says, in shape but not yet in time. `iat` and `exp` are Unix seconds."""

    sub: str
    name: str
    roles: tuple[str, ...]
    child_ref: str
    sid: str
    jti: str
    iat: float
    exp: float
    child: str | None
    area: str = ""

    @property
    def issued_at(self) -> datetime:
        """Aware UTC; only meaningful after `check_times`."""
        return datetime.fromtimestamp(self.iat, UTC)

    @property
    def expires_at(self) -> datetime:
        """Aware UTC; only meaningful after `check_times`."""
        return datetime.fromtimestamp(self.exp, UTC)


def read(payload: bytes, issuer: str, audience: str) -> Claims:
    """The claims in a verified payload. Raises `LaunchRefused` with the claim's name in its code."""
    try:
        said = parse(payload)
    except BadJson as error:
        raise LaunchRefused("claims") from error
    if not isinstance(said, dict):
        raise LaunchRefused("claims")
    if said.get("iss") != issuer:
        raise LaunchRefused("iss")
    # Exactly one string: a list that holds us among others would be good at the others too (RFC 8725 section 3.9).
    if said.get("aud") != audience:
        raise LaunchRefused("aud")
    return Claims(
        sub=_text(said, "sub"),
        name=_text(said, "name", required=False),
        roles=_roles(said),
        child_ref=_text(said, "child_ref"),
        sid=_text(said, "sid"),
        jti=_nonce(said),
        iat=_seconds(said, "iat"),
        exp=_seconds(said, "exp"),
        child=_text(said, "child", longest=8192) if "child" in said else None,
        area=_text(said, "area", required=False),
    )


def check_times(said: Claims, now: datetime, leeway: timedelta, max_life: timedelta) -> float:
    """How many seconds the host's clock seems ahead of ours (negative: behind, or slow on the way). Raises `LaunchRefused`.

    With a life of 60 s and a leeway of 30 s, a host 25 s fast or 85 s slow gets in, one 45 s fast or 95 s slow does not.
    """
    here, slack = now.timestamp(), leeway.total_seconds()
    if said.exp <= said.iat or said.exp - said.iat > max_life.total_seconds():
        raise LaunchRefused("life-too-long")
    if said.iat > here + slack:
        raise LaunchRefused("from-the-future")
    if said.exp + slack <= here:
        raise LaunchRefused("expired")
    return said.iat - here


def _text(said: Mapping[str, Any], name: str, required: bool = True, longest: int = _MAX_TEXT) -> str:
    value = said.get(name, "" if not required else None)
    if not isinstance(value, str) or len(value) > longest or (required and not value.strip()):
        raise LaunchRefused(name)
    if any(unicodedata.category(letter) in ("Cc", "Cs") for letter in value):
        raise LaunchRefused(name)
    return value


def _roles(said: Mapping[str, Any]) -> tuple[str, ...]:
    roles = said.get("roles")
    if not isinstance(roles, list) or not roles or len(roles) > _MAX_ROLES:
        raise LaunchRefused("roles")
    return tuple(dict.fromkeys(_text({"roles": role}, "roles") for role in roles))


def _nonce(said: Mapping[str, Any]) -> str:
    jti = said.get("jti")
    if not isinstance(jti, str) or not _NONCE.fullmatch(jti):
        raise LaunchRefused("jti")
    bits = 4 * len(jti.replace("-", "")) if _HEX.fullmatch(jti) else 6 * len(jti)
    if bits < _NONCE_BITS:
        raise LaunchRefused("jti")
    return jti


def _seconds(said: Mapping[str, Any], name: str) -> float:
    value = said.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < _LATEST:
        raise LaunchRefused(name)
    return float(value)
