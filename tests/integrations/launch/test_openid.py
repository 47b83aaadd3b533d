"""ID tokens: what an assertion must be to say who somebody is, and every way in which it may not be."""

from __future__ import annotations

import base64
import json
from datetime import datetime
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey

from integrations.launch import openid
from integrations.launch.openid import SignOnRefused

CLAIMS = {"iss": "https://idp.example", "aud": "us", "sub": "ada", "nonce": "n", "iat": 1_800_000_000, "exp": 1_800_000_300}
NOW = datetime.fromtimestamp(1_800_000_010).astimezone()


@pytest.fixture(scope="module")
def key() -> RSAKey:
    """A provider's key."""
    return RSAKey.generate_key(2048, {"kid": "k1"})


def _identity(token: str, key: RSAKey) -> dict[str, Any]:
    return openid.identity(token, [key.as_dict(private=False)], "https://idp.example", "us", "n", NOW)


def _token(key: RSAKey, **changes: Any) -> str:
    said = {name: value for name, value in {**CLAIMS, **changes}.items() if value is not ...}
    return jwt.encode({"alg": "RS256", "kid": "k1"}, said, key)


def test_a_right_token_says_who_it_is(key: RSAKey) -> None:
    assert _identity(_token(key), key)["sub"] == "ada"
    assert _identity(_token(key, aud=["us", "others"], azp="us"), key)["sub"] == "ada"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"iss": "https://evil.example"}, "issuer"),
        ({"iss": ...}, "issuer"),
        ({"aud": "others"}, "audience"),
        ({"aud": ["us", "others"]}, "audience"),
        ({"aud": "us", "azp": "others"}, "audience"),
        ({"nonce": "other"}, "nonce"),
        ({"nonce": ...}, "nonce"),
        ({"exp": ...}, "times"),
        ({"exp": "1800000300"}, "times"),
        ({"exp": 1_799_999_900}, "expired"),
        ({"iat": 1_800_000_100}, "from-the-future"),
        ({"sub": ...}, "subject"),
        ({"sub": ""}, "subject"),
        ({"sub": 7}, "subject"),
    ],
)
def test_a_token_that_is_not_for_us_is_refused(key: RSAKey, changes: dict[str, Any], code: str) -> None:
    with pytest.raises(SignOnRefused) as refused:
        _identity(_token(key, **changes), key)
    assert refused.value.code == code


def test_an_assertion_that_nobody_signed_is_refused(key: RSAKey) -> None:
    good = _token(key)
    head, body, signature = good.split(".")
    none = f"{base64.urlsafe_b64encode(json.dumps({'alg': 'none'}).encode()).rstrip(b'=').decode()}.{body}."
    shared = OctKey.generate_key(256, {"kid": "k1"})
    hmac_signed = jwt.encode({"alg": "HS256", "kid": "k1"}, CLAIMS, shared)
    forged = _token(RSAKey.generate_key(2048, {"kid": "k1"}))
    flipped = f"{head}.{body}.{signature[:-4]}{'AAAA' if signature[-4:] != 'AAAA' else 'BBBB'}"
    unknown = jwt.encode({"alg": "RS256", "kid": "k2"}, CLAIMS, key)
    for token in (none, hmac_signed, forged, flipped, unknown, f"{head}.{body}.", f"{head}.{body}", "", "a.b.c", "é.é.é", good * 20):
        with pytest.raises(SignOnRefused):
            _identity(token, key)
    with pytest.raises(SignOnRefused):
        openid.identity(hmac_signed, [shared.as_dict(private=True)], "https://idp.example", "us", "n", NOW)
