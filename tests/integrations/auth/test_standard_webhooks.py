"""Our own signing and verifying: vectors, rotation, and every header that is not what it should be."""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.auth.standard_webhooks import BadSignature, public_key_of, sign, signature_header, verify

NOW = datetime(2026, 11, 20, 14, 0, tzinfo=UTC)
STAMP = int(NOW.timestamp())
SECRET = "whsec_" + base64.b64encode(b"a" * 32).decode()
OTHER = "whsec_" + base64.b64encode(b"b" * 32).decode()
PRIVATE = "whsk_" + base64.b64encode(b"c" * 32).decode()
BODY = b'{"type":"x"}'


def headers(secrets: list[str], message_id: str = "msg_12345678", stamp: int = STAMP, body: bytes = BODY, **changes: str) -> dict[str, str]:
    made = {"id": message_id, "timestamp": str(stamp), "signature": signature_header(secrets, message_id, stamp, body)}
    return {f"webhook-{name}": value for name, value in {**made, **changes}.items()}


def refusal(given: dict[str, str], secrets: list[str] | None = None, body: bytes = BODY) -> str:
    with pytest.raises(BadSignature) as refused:
        verify(given, body, secrets or [SECRET], NOW)
    return refused.value.code


def test_a_published_vector() -> None:
    """The example that the scheme's own documents and libraries use."""
    secret, body = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", b'{"test": 2432232314}'
    made = signature_header([secret], "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, body)
    assert made == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


@pytest.mark.parametrize(("signs", "verifies"), [(SECRET, SECRET), (PRIVATE, public_key_of(PRIVATE))])
def test_what_is_signed_is_verified(signs: str, verifies: str) -> None:
    assert verify(headers([signs]), BODY, [verifies], NOW) == ("msg_12345678", NOW)
    assert refusal(headers([signs]), [verifies], BODY + b" ") == "signature"
    assert refusal(headers([signs], id="msg_12345679"), [verifies]) == "signature"
    assert refusal(headers([signs], timestamp=str(STAMP + 1)), [verifies]) == "signature"


def test_rotation_on_either_side() -> None:
    assert verify(headers([OTHER, SECRET]), BODY, [SECRET], NOW)
    assert verify(headers([SECRET]), BODY, [OTHER, SECRET], NOW)
    assert refusal(headers([OTHER])) == "signature"


@pytest.mark.parametrize(("seconds", "fresh"), [(-300, True), (300, True), (-301, False), (301, False), (-600, False)])
def test_five_minutes_either_way(seconds: int, fresh: bool) -> None:
    given_headers = headers([SECRET], stamp=STAMP + seconds)
    if fresh:
        assert verify(given_headers, BODY, [SECRET], NOW)[1] == NOW + timedelta(seconds=seconds)
    else:
        assert refusal(given_headers) == "stale"


@pytest.mark.parametrize("message_id", ["", "short", "a.b.c.d.e.f", "msg 12345678", "x" * 129, "msg_é1234567", "msg_12345678\n"])
def test_ids_that_are_none(message_id: str) -> None:
    assert refusal(headers([SECRET], id=message_id)) == "id"


@pytest.mark.parametrize("stamp", ["", "now", "-1", "1e9", " 1", "1" * 13, "１６１４２６５３３０", "1795183200.0"])
def test_timestamps_that_are_none(stamp: str) -> None:
    assert refusal(headers([SECRET], timestamp=stamp)) == "timestamp"


@pytest.mark.parametrize(
    "signature", ["", "v1", "v1,", ",", "v1,%%%", "v1,AAAA", "v2,AAAA", "v1a,AAAA", "v1 AAAA", "v1,é", "," * 100, " " * 100]
)
def test_signatures_that_are_none(signature: str) -> None:
    for secrets in ([SECRET], [public_key_of(PRIVATE)]):
        assert refusal(headers([SECRET], signature=signature), secrets) == "signature"


def test_nothing_at_all() -> None:
    assert refusal({}) == "id"


@given(st.text(), st.text(), st.text(), st.binary())
def test_any_headers_are_refused_and_nothing_else_is_raised(one: str, two: str, three: str, body: bytes) -> None:
    refusal({"webhook-id": one, "webhook-timestamp": two, "webhook-signature": three}, body=body)
    refusal({"webhook-id": "msg_12345678", "webhook-timestamp": str(STAMP), "webhook-signature": three}, body=body)


@pytest.mark.parametrize(
    "secret", ["", "secret", "whsec_", "whsec_!!!", "whsec_" + base64.b64encode(b"x" * 23).decode(), "whsk_AAAA", "whpk_AAAA"]
)
def test_secrets_that_are_none(secret: str) -> None:
    with pytest.raises(ValueError, match="not a webhook secret"):
        sign(secret, "msg_12345678", STAMP, BODY)


def test_a_public_key_cannot_sign() -> None:
    with pytest.raises(ValueError, match="cannot sign"):
        sign(public_key_of(PRIVATE), "msg_12345678", STAMP, BODY)


def test_an_order_and_a_form_of_the_receivers_own() -> None:

    assert sign(SECRET, "i", 5, b"b", "timestamp.id.body") == hmac.new(b"a" * 32, b"5.i.b", hashlib.sha256).digest()
