"""Standard Webhooks 1.0.0: signing what goes out and verifying what comes in, by HMAC-SHA256 (v1) and Ed25519 (v1a).

What does not live here: sending (`webhook`), and remembering which ids have been seen (a unique row is the caller's).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

TOLERANCE = timedelta(seconds=300)
_ID = re.compile(r"[A-Za-z0-9_-]{8,128}")
_TIMESTAMP = re.compile(r"[0-9]{1,12}")


class BadSignature(Exception):
    """The message is not from who it should be, or not fresh. `code` is for the log; the caller answers 401 and says no more."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def sign(secret: str, message_id: str, timestamp: int, body: bytes, order: str = "id.timestamp.body") -> bytes:
    """The bare signature. `secret` is "whsec_…" (HMAC, 24 to 64 bytes in base64) or "whsk_…" (Ed25519 private key, 32 bytes).

    `order` names the parts of what is signed, for receivers with another order of their own. Raises ValueError for a bad secret.
    """
    parts = {"id": message_id.encode(), "timestamp": str(timestamp).encode(), "body": body}
    signed = b".".join(parts[name] for name in order.split("."))
    kind, raw = _secret(secret)
    if kind == "whsk":
        return Ed25519PrivateKey.from_private_bytes(raw[:32]).sign(signed)
    if kind == "whsec":
        return hmac.new(raw, signed, hashlib.sha256).digest()
    raise ValueError("a public key cannot sign")


def signature_header(secrets: Iterable[str], message_id: str, timestamp: int, body: bytes) -> str:
    """The value of `webhook-signature`: one signature for each secret, so that a receiver may rotate."""
    labelled = (("v1a" if secret.startswith("whsk_") else "v1", sign(secret, message_id, timestamp, body)) for secret in secrets)
    return " ".join(f"{label},{base64.b64encode(raw).decode('ascii')}" for label, raw in labelled)


def verify(headers: Mapping[str, str], body: bytes, secrets: Iterable[str], now: datetime) -> tuple[str, datetime]:
    """The message's id and its time, if one signature is good and the time is within five minutes of `now` (aware).

    `headers` have lower-case names. `secrets` are "whsec_…" or public keys "whpk_…", two at most while a sender rotates.
    Raises `BadSignature`, whatever the headers hold.
    """
    message_id, stamp, signatures = (headers.get(f"webhook-{name}", "") for name in ("id", "timestamp", "signature"))
    if not _ID.fullmatch(message_id):
        raise BadSignature("id")
    if not _TIMESTAMP.fullmatch(stamp) or not stamp.isascii():
        raise BadSignature("timestamp")
    if abs(int(stamp) - now.timestamp()) > TOLERANCE.total_seconds():
        raise BadSignature("stale")
    signed = b".".join((message_id.encode(), stamp.encode(), body))
    # Every pair is tried, so that the time taken does not tell which one fitted.
    fits = [_fits(secret, one, signed) for secret in secrets for one in signatures.split(" ")[:8]]
    if not any(fits):
        raise BadSignature("signature")
    return message_id, datetime.fromtimestamp(int(stamp), now.tzinfo)


def is_receiving_secret(text: str) -> bool:
    """Whether a text is a secret or a public key by which messages can be checked."""
    try:
        return _secret(text)[0] in ("whsec", "whpk")
    except ValueError:
        return False


def public_key_of(secret: str) -> str:
    """The "whpk_…" that a receiver needs for our "whsk_…"."""
    public = Ed25519PrivateKey.from_private_bytes(_secret(secret)[1][:32]).public_key()
    return "whpk_" + base64.b64encode(public.public_bytes(Encoding.Raw, PublicFormat.Raw)).decode("ascii")


def _fits(secret: str, one: str, signed: bytes) -> bool:
    label, _, text = one.partition(",")
    try:
        given = base64.b64decode(text, validate=True)
    except (ValueError, binascii.Error):
        return False
    kind, raw = _secret(secret)
    if kind == "whsec" and label == "v1":
        return hmac.compare_digest(hmac.new(raw, signed, hashlib.sha256).digest(), given)
    if kind == "whpk" and label == "v1a":
        try:
            Ed25519PublicKey.from_public_bytes(raw).verify(given, signed)
        except InvalidSignature:
            return False
        return True
    return False


def _secret(text: str) -> tuple[str, bytes]:
    kind, _, encoded = text.strip().partition("_")
    try:
        raw = base64.b64decode(encoded, validate=True)
    except (ValueError, binascii.Error):
        raw = b""
    good = {"whsec": 24 <= len(raw) <= 64, "whsk": len(raw) in (32, 64), "whpk": len(raw) == 32}
    if not good.get(kind, False):
        raise ValueError("not a webhook secret: whsec_, whsk_ or whpk_ and base64 of the right length")
    return kind, raw
