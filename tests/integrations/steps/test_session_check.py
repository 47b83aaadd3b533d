"""Testing a system that is signed in to by steps: what the test says, with each part as it should not be."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from integrations.http import OutboundRules
from integrations.rest import RestAdapter
from tests.integrations.clients import guarded
from tests.integrations.faulty import Answerer, Asked, FaultyServer
from tests.integrations.samples import SECRET
from tests.integrations.test_rest import CREATE, make_options, plain, routed

HEADERS = {"X-Pass": "LS {{step.pass.pass}}"}
SIGN_IN: dict[str, Any] = {
    "id": "pass",
    "does": "sign in",
    "path": "/issue",
    "body_format": "json",
    "body": '{"app": "accord", "secret": "{{secret.client_secret}}"}',
    "failure_place": "json:reply.fault",
    "save": {"pass": "json:reply.pass"},
}
CHILD = {"id": "child", "does": "look up", "method": "GET", "path": "/folk?nhs={{child.nhs-number}}", "headers": HEADERS}
SIGN_OUT = {"id": "bye", "does": "sign out", "path": "/bye", "headers": HEADERS}
STEPS = [SIGN_IN, CHILD, {**CREATE, "headers": HEADERS}, SIGN_OUT]


def issue(asked: Asked) -> tuple[int, dict[str, str], bytes]:
    good = json.loads(asked.body)["secret"] == SECRET
    return 200, {}, json.dumps({"reply": {"pass": "t1"} if good else {"fault": "E-APP"}}).encode()


def hello(asked: Asked) -> tuple[int, dict[str, str], bytes]:
    return (200 if asked.headers.get("x-pass") == "LS t1" else 401), {}, b""


def checked(
    routes: Mapping[tuple[str, str], Answerer], secret: str = SECRET, **changes: Any
) -> tuple[list[tuple[str, bool]], str, list[str]]:
    """(what was looked at and whether it is well, the last line's words, the paths that were asked)."""
    with FaultyServer([routed(routes)]) as server:
        http = guarded(OutboundRules.parse(private=[f"localhost:{server.port}"]), resolve=lambda _h, _p: ["127.0.0.1"], total=1, read=1)
        options = make_options(server.base, **{"steps": STEPS, "check_path": "/hello", **changes})
        found = RestAdapter().check(options, {"client_secret": secret} if secret else {}, http)
        return [(one.what, one.ok) for one in found], found[-1].text, [asked.path for asked in server.asked]


WELL = {("POST", "/issue"): issue, ("GET", "/hello"): hello, ("POST", "/bye"): plain(200)}


def test_it_signs_in_asks_the_check_path_with_the_session_and_signs_out() -> None:
    found, _said, asked = checked(WELL)
    assert found == [("network", True), ("credentials", True), ("answer", True)]
    assert asked == ["/issue", "/hello", "/bye"], "no child is looked up and nothing is written"


def test_without_a_check_path_signing_in_is_the_test() -> None:
    found, said, asked = checked(WELL, check_path="")
    assert found == [("network", True), ("credentials", True)] and said == "Signing in worked."
    assert asked == ["/issue", "/bye"]


def test_a_secret_that_is_wrong_or_not_set_is_our_credentials() -> None:
    found, said, asked = checked(WELL, "wrong")
    assert found == [("network", True), ("credentials", False)] and "step pass failed" in said and "/hello" not in asked
    found, said, asked = checked(WELL, "")
    assert found == [("credentials", False)] and "client_secret" in said and "/issue" not in asked


def test_a_sign_in_at_the_wrong_path_and_a_check_path_at_the_wrong_place_are_told_apart() -> None:
    found, said, _asked = checked({**WELL, ("POST", "/issue"): plain(404)})
    assert found[-1] == ("answer", False) and "404" in said
    found, said, _asked = checked(WELL, check_path="/helo")
    assert found == [("network", True), ("credentials", True), ("answer", False)] and "check path" in said


def test_a_session_that_the_steps_do_not_carry_is_told_as_that() -> None:
    found, said, _asked = checked(WELL, steps=[SIGN_IN, {**CHILD, "headers": {"X-Local": "{{child.local}}"}}, CREATE])
    assert found == [("network", True), ("credentials", True), ("credentials", False)]
    assert said.startswith("Signing in worked, and the check path is refused"), "the secret is not what is wrong"


def test_a_system_that_is_not_there_is_told_once() -> None:
    http = guarded(OutboundRules.parse(private=["localhost:1"]), resolve=lambda _h, _p: ["127.0.0.1"], total=1, read=1)
    (found,) = RestAdapter().check(make_options("http://localhost:1", steps=STEPS), {"client_secret": SECRET}, http)
    assert (found.what, found.ok) == ("network", False)
