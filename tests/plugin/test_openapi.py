"""The OpenAPI document says what the service does: a generator of requests finds no answer that it does not describe."""

from __future__ import annotations

import base64
import itertools
import json
import secrets
from typing import Any

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from integrations.auth import standard_webhooks
from plugin.services.desk import ways
from plugin.services.keeping.clock import machine_now
from tests.pages import Visitor
from tests.plugin.visits import as_system, on_sqlite_alone
from tests.world import World

pytestmark = [pytest.mark.slow, on_sqlite_alone]
CHECKS = (not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance)
_COUNT = itertools.count(1)


def test_the_document_is_served_and_linked(world: World) -> None:
    page = Visitor(world.app).get("/openapi.json")
    said = page.response.get_json()
    assert page.status == 200 and said["openapi"].startswith("3.1") and len(said["paths"]) == 4
    assert {"Form_raise", "RaiseMessage", "SessionMessage"} <= said["components"]["schemas"].keys()


def _sign(case: Any, secret: str) -> None:
    """Signs a generated request, so that what is behind the signature is tried, too."""
    raw = b"" if case.method.upper() == "GET" else json.dumps(case.body).encode()
    message, stamp = f"msg_{next(_COUNT):08d}", int(machine_now().timestamp())
    case.path_parameters = {**(case.path_parameters or {}), "connection_id": "council"}
    case.headers = {
        **dict(case.headers or {}),
        "webhook-id": message,
        "webhook-timestamp": str(stamp),
        "webhook-signature": standard_webhooks.signature_header([secret], message, stamp, raw),
    }
    if raw:
        case.body, case.media_type = raw, "application/json"


@pytest.mark.parametrize("signed", [True, False])
def test_every_answer_to_generated_requests_is_described(world: World, signed: bool) -> None:
    secret = "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()
    ways.keep_secret(as_system(), world.keys, "council", "hook_secret", secret, machine_now(), by="test")
    seen = _walk(world.app, secret if signed else "")
    assert seen and (422 in seen if signed else seen <= {401, 413, 415})


def _walk(app: Flask, secret: str) -> set[int]:
    schema = schemathesis.openapi.from_wsgi("/openapi.json", app)
    seen: set[int] = set()
    for result in schema.get_all_operations():
        _try(result.ok(), secret, seen)
    return seen


def _try(operation: Any, secret: str, seen: set[int]) -> None:
    @settings(max_examples=25, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck), database=None)
    @given(case=operation.as_strategy())
    def tried(case: Any) -> None:
        if secret:
            _sign(case, secret)
        answer = case.call()
        seen.add(answer.status_code)
        case.validate_response(answer, checks=CHECKS)

    tried()
