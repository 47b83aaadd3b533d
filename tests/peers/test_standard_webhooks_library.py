"""The scheme's official library as the other side: it verifies what we send, and we verify what it signs."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta

import pytest
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from integrations.auth.standard_webhooks import BadSignature, verify
from integrations.contract import Delivered
from integrations.http import OutboundRules
from integrations.webhook import WebhookAdapter, WebhookOptions
from tests.integrations.clients import guarded, machine_now
from tests.integrations.faulty import Asked, FaultyServer, answer
from tests.integrations.samples import make_record

SECRET = "whsec_" + base64.b64encode(b"s" * 32).decode()
OTHER = "whsec_" + base64.b64encode(b"t" * 32).decode()


def sent(secrets: dict[str, str], late: timedelta = timedelta(0)) -> Asked:
    with FaultyServer([answer(202)]) as server:
        http = guarded(OutboundRules.parse(private=[f"localhost:{server.port}"]), clock=lambda: machine_now() - late)
        outcome = WebhookAdapter().write(make_record(), WebhookOptions(url=f"{server.base}/hook"), secrets, http)
        assert isinstance(outcome, Delivered)
    return server.asked[0]


def test_it_verifies_what_we_send() -> None:
    asked = sent({"signing_secret": SECRET})
    assert Webhook(SECRET).verify(asked.body.decode(), asked.headers) == json.loads(asked.body)


def test_it_verifies_under_either_secret_while_we_rotate() -> None:
    asked = sent({"signing_secret": OTHER, "signing_secret_next": SECRET})
    assert Webhook(SECRET).verify(asked.body.decode(), asked.headers) and Webhook(OTHER).verify(asked.body.decode(), asked.headers)


def test_it_refuses_what_was_altered_or_is_old() -> None:
    asked = sent({"signing_secret": SECRET})
    with pytest.raises(WebhookVerificationError):
        Webhook(SECRET).verify(asked.body.decode().replace("v1", "v2"), asked.headers)
    with pytest.raises(WebhookVerificationError):
        old = sent({"signing_secret": SECRET}, late=timedelta(minutes=10))
        Webhook(SECRET).verify(old.body.decode(), old.headers)


def test_we_verify_what_it_signs() -> None:
    now = datetime.now(UTC)
    headers = {
        "webhook-id": "msg_12345678",
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": Webhook(SECRET).sign("msg_12345678", now, '{"a":1}'),
    }
    assert verify(headers, b'{"a":1}', [SECRET], now)[0] == "msg_12345678"
    with pytest.raises(BadSignature):
        verify(headers, b'{"a":2}', [SECRET], now)
