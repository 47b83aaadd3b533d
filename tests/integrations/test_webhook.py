"""The signed webhook: what is in an event, and headers that receivers call by their own names."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from typing import Any

import pytest

from integrations.contract import Delivered, Outcome, Refused, Unknown
from integrations.http import OutboundRules
from integrations.webhook import WebhookAdapter, WebhookOptions, event
from tests.integrations.clients import guarded
from tests.integrations.faulty import FaultyServer, answer
from tests.integrations.samples import CHILD_NUMBERS, make_record

SECRET = "whsec_" + base64.b64encode(b"a" * 32).decode()


def make_options(url: str = "https://engine.example/hook", **changes: Any) -> WebhookOptions:
    return WebhookOptions.model_validate({"url": url, **changes})


def send(server: FaultyServer, secrets: dict[str, str] | None = None, record: Any = None, **changes: Any) -> Outcome:
    http = guarded(OutboundRules.parse(private=[f"localhost:{server.port}"]))
    secrets = {"signing_secret": SECRET} if secrets is None else secrets
    return WebhookAdapter().write(record or make_record(), make_options(f"{server.base}/hook", **changes), secrets, http)


def test_an_event_is_thin_and_says_nothing_about_the_child() -> None:
    with FaultyServer([answer(202)]) as server:
        assert send(server) == Delivered("PD-7F3K-92-v1", on_file=False)
    said = json.loads(server.asked[0].body)
    assert said == {
        "type": "accord.outcome.recorded",
        "timestamp": "2026-11-20T14:03:00+00:00",
        "data": {"key": "PD-7F3K-92/v1", "reference": "PD-7F3K-92"},
    }
    assert all(hidden.encode() not in server.asked[0].body for hidden in (*CHILD_NUMBERS, "Ann"))


def test_fields_go_only_where_they_are_named() -> None:
    with FaultyServer([answer(202)]) as server:
        send(server, fields=["outcome", "gone"])
    assert json.loads(server.asked[0].body)["data"]["fields"] == {"outcome": "resolved"}


def test_every_attempt_has_the_same_id() -> None:
    with FaultyServer([answer(503), answer(202)]) as server:
        send(server)
        send(server)
    assert len({asked.headers["webhook-id"] for asked in server.asked}) == 1 and len(server.asked) == 2


def test_headers_and_signature_in_a_receivers_own_form() -> None:
    with FaultyServer([answer(202)]) as server:
        send(
            server,
            id_header="X-Delivery-ID",
            timestamp_header="X-Timestamp",
            signature_header="X-Signature-256",
            signature_form="sha256=hex",
            signed_order="timestamp.id.body",
            headers={"X-Key-ID": "k1"},
            media_type="application/vnd.example.v1+json",
        )
    asked = server.asked[0]
    signed = f"{asked.headers['x-timestamp']}.{asked.headers['x-delivery-id']}.".encode() + asked.body
    assert asked.headers["x-signature-256"] == "sha256=" + hmac.new(b"a" * 32, signed, hashlib.sha256).hexdigest()
    assert asked.headers["x-key-id"] == "k1" and asked.headers["content-type"] == "application/vnd.example.v1+json"


@pytest.mark.parametrize("secrets", [{}, {"signing_secret": ""}, {"signing_secret": "nonsense"}])
def test_no_secret_no_event(secrets: dict[str, str]) -> None:
    with FaultyServer([answer(202)]) as server:
        assert isinstance(send(server, secrets), Refused) and not server.asked


def test_an_event_that_is_too_large_is_not_sent() -> None:
    with FaultyServer([answer(202)]) as server:
        assert isinstance(send(server, record=make_record(fields={"long": "x" * 20_000}), fields=["long"]), Refused) and not server.asked


def test_a_receiver_that_may_take_an_event_twice_is_a_matter_for_a_person() -> None:
    http = guarded(OutboundRules())
    assert WebhookAdapter().find(make_record(), make_options(), {}, http) is None
    assert isinstance(WebhookAdapter().find(make_record(), make_options(drops_repeats=False), {}, http), Unknown)


def test_a_receiver_that_wants_no_more() -> None:
    with FaultyServer([answer(410)]) as server:
        outcome = send(server)
    assert isinstance(outcome, Refused) and "no more" in outcome.reason


def test_a_body_of_the_receivers_own_shape() -> None:
    body = '{"eventId": "{{key|uuid}}", "ref": "{{reference}}", "stage": "{{field.stage|number}}"}'
    told = json.loads(event(make_record(), WebhookOptions(url="https://a.example", body=body)))
    assert told == {"eventId": told["eventId"], "ref": "PD-7F3K-92", "stage": 2} and len(told["eventId"]) == 36
    with FaultyServer([answer(202)]) as server:
        http = guarded(OutboundRules.parse(private=[f"localhost:{server.port}"]))
        options = WebhookOptions(url=server.base, body='{"a": "{{field.nothing}}"}')
        assert isinstance(WebhookAdapter().write(make_record(), options, {"signing_secret": "whsec_" + "c" * 32}, http), Refused)
        assert server.asked == [] and "would not be sent" in WebhookAdapter().preview(make_record(), options)


@pytest.mark.parametrize("body", ['{"a": "{{child.local}}"}', '{"a": "{{field.child_name}}"}', '{"a": "{{document.content|base64}}"}', "{"])
def test_a_body_that_would_say_who_the_child_is_is_refused(body: str) -> None:
    with pytest.raises(ValueError):
        WebhookOptions(url="https://a.example", body=body)
