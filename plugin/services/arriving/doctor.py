"""The launch doctor: takes a launch that was refused through every check, in their order, and says which one it did not pass and why.

It spends nothing, keeps nothing and shows nothing of a child or a member of staff. A launch is looked at as of the moment it was made,
since by the time somebody pastes it here its minute is over.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from joserfc.errors import JoseError
from joserfc.jws import JWSRegistry, extract_compact
from sqlalchemy import select
from sqlalchemy.orm import Session

from integrations.launch import signed
from integrations.launch.context import LaunchContext, LaunchRefused
from integrations.strict_json import BadJson, parse
from plugin.models import Connection, Person, SpentLaunch

# The checks in the order in which they are made: what is looked at, and the codes by which each may fail.
CHECKS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("The connection is on and its launches are set up", ("connection unknown or disabled", "no launch profile")),
    ("It came from a page of your record system", ("origin-missing", "origin-null", "origin-not-listed", "not-a-page")),
    ("It is a signed token", ("too-large", "malformed")),
    ("It is a launch (typ)", ("type",)),
    ("It is signed as agreed (alg)", ("algorithm", "header")),
    ("It names a key that is known and in use (kid)", ("key-missing", "key-unknown", "key-not-in-use")),
    ("The signature is right", ("signature",)),
    ("It is from your record system (iss)", ("claims", "iss")),
    ("It is for this service (aud)", ("aud",)),
    (
        "It says who, whose record and in which session",
        ("sub", "name", "roles", "child_ref", "sid", "jti", "iat", "exp", "child", "area"),
    ),
    ("It lives no longer than a minute", ("life-too-long",)),
    ("Your record system's clock is right", ("from-the-future", "expired")),
    ("The details of whoever it is about can be opened", ("child-sealed", "child-details", "child-no-key")),
    ("It was not used before", ("launch used before",)),
    ("The member of staff has not left", ("this member of staff has left",)),
)


@dataclass(frozen=True, slots=True)
class Check:
    """One check: passed (True), not passed (False), or not reached (None). `text` says what is wrong and what to do."""

    what: str
    passed: bool | None
    text: str = ""


@dataclass(frozen=True, slots=True)
class Examined:
    """What the doctor found. `age_seconds`: how long ago the launch was made, by its own clock."""

    checks: tuple[Check, ...]
    age_seconds: float | None = None

    @property
    def well(self) -> bool:
        """Whether it would have been let in."""
        return all(one.passed for one in self.checks)


def examine(session: Session, way: Connection, settings: signed.Settings | None, token: str, origin: str, now: datetime) -> Examined:
    """Looks at a pasted launch. `settings`: the connection's as the verifier takes them, None where they could never work; `origin`: what
    the browser said ("": not told, then that check is left out). Reads only. `now` is machine time."""
    said = _said(token)
    made = _instant(said.get("claims", {}).get("iat")) or now
    try:
        if not way.enabled:
            raise LaunchRefused("connection unknown or disabled")
        if settings is None:
            raise LaunchRefused("no launch profile")
        if origin:
            signed.check_origin(origin, None, settings)
        launch = signed.verify(token.strip(), settings, made)
        _past(session, way, launch)
        if launch.issued_at - now > settings.leeway:
            raise LaunchRefused("from-the-future")
    except LaunchRefused as refused:
        return Examined(_checks(refused.code, _why(refused.code, said, settings, way, origin, now), bool(origin)), _age(said, now))
    return Examined(_checks("", "", bool(origin)), _age(said, now))


def _past(session: Session, way: Connection, launch: LaunchContext) -> None:
    if session.get(SpentLaunch, (way.id, launch.nonce)) is not None:
        raise LaunchRefused("launch used before")
    gone = select(Person.id).where(Person.agency_id == way.agency_id, Person.staff_id == launch.staff_id, Person.active.is_(False))
    if session.scalar(gone):
        raise LaunchRefused("this member of staff has left")


def _checks(code: str, text: str, with_origin: bool) -> tuple[Check, ...]:
    listed = [one for one in CHECKS if with_origin or "origin-missing" not in one[1]]
    failed = next((number for number, (_what, codes) in enumerate(listed) if code in codes), len(listed) if not code else 2)
    return tuple(
        Check(what, True if number < failed else False if number == failed else None, text if number == failed else "")
        for number, (what, _codes) in enumerate(listed)
    )


def _said(token: str) -> dict[str, Any]:
    """Header and claims as the token has them, unverified: only to say what they are."""
    try:
        bare = extract_compact(token.strip().encode("ascii"), registry=JWSRegistry(strict_check_header=False))
        claims = parse(bare.payload)
        return {"header": bare.headers(), "claims": claims if isinstance(claims, dict) else {}}
    except (JoseError, BadJson, ValueError):
        return {"header": {}, "claims": {}}


def _age(said: Mapping[str, Any], now: datetime) -> float | None:
    made = _instant(said["claims"].get("iat"))
    return (now - made).total_seconds() if made else None


def _instant(value: Any) -> datetime | None:
    plain = isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < 2**36
    return datetime.fromtimestamp(value, UTC) if plain else None


def _why(code: str, said: Mapping[str, Any], settings: signed.Settings | None, way: Connection, origin: str, now: datetime) -> str:
    header, claims = said["header"], said["claims"]
    kids = ", ".join(str(jwk.get("kid")) for jwk in (settings.keys if settings else ())) or "none"
    age = _age(said, now) or 0
    told: dict[str, str] = {
        "connection unknown or disabled": "The connection is paused. Let it go on, on its page.",
        "no launch profile": "Nothing is set up for launches yet, or it could never work. Fill in who may send people in.",
        "origin-null": "The page hides where it comes from. Ask your supplier to give it the referrer policy "
        "strict-origin-when-cross-origin, or accept such launches in the set-up.",
        "origin-not-listed": f"The page is at {_safe(origin)}, and the set-up lists {', '.join(settings.origins) if settings else 'none'}.",
        "too-large": "It is longer than 8 kilobytes. Ask your supplier to leave out what is not asked for.",
        "malformed": "This is no signed token: three parts with two dots between. Paste all that was posted in the field launch_token.",
        "type": f"Its typ is {_safe(header.get('typ'))}; it must be {signed.TYPE}.",
        "algorithm": f"It is signed with {_safe(header.get('alg'))}, and the set-up says {settings.algorithm if settings else ''}.",
        "header": "Its header brings a key, points to one, or changes what is signed (jku, jwk, x5u, x5c, crit …). Ask for a header with "
        "alg, kid and typ alone.",
        "key-missing": "It does not name its key (kid). Ask your supplier to put it in the header.",
        "key-unknown": f"It is signed with the key {_safe(header.get('kid'))}, and the set-up knows: {kids}.",
        "key-not-in-use": f"The key {_safe(header.get('kid'))} is known and not in use on that day. Look at its dates in the set-up.",
        "signature": f"The key {_safe(header.get('kid'))} did not make this signature. Ask your supplier for the public key again.",
        "iss": f"Its issuer (iss) is {_safe(claims.get('iss'))}, and the set-up says {settings.issuer if settings else ''}.",
        "aud": f"Its audience (aud) is {_safe(claims.get('aud'))}; it must be exactly {settings.audience if settings else ''}, one text "
        "and no list.",
        "life-too-long": "It lives longer than 60 seconds (exp less iat), or ends before it begins.",
        "from-the-future": f"Their clock is {abs(age):.0f} seconds ahead of ours. Ask them to set it right.",
        "expired": "It was made so long ago that it had run out. Ask them to set their clock right.",
        "child-sealed": "What is in the claim “child” is not sealed to our key. Give your supplier the key from the set-up page again.",
        "child-details": "What is in the claim “child” was opened and is not as it must be: name, born, identifiers with system and value.",
        "launch used before": "It was used already: each launch is good once. Ask your supplier to make a new one each time.",
        "this member of staff has left": "Whoever was sent in is marked as having left. Look at the people of your agency.",
        "claims": "What it says cannot be read as JSON, or says something twice.",
    }
    return told.get(code, f"The claim “{code}” is missing or not of the right form.")


def _safe(value: Any) -> str:
    """A value of a header or an address as it may be shown: short, on one line."""
    text = "missing" if value is None else "a list" if isinstance(value, list) else str(value)
    return "“" + "".join(letter if letter.isprintable() else "?" for letter in text)[:120] + "”"
