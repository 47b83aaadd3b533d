"""The launch over HTTP: what gets in, and the cases of the threat model by number. Every refusal looks alike and changes nothing."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import logging
import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from integrations.http import GuardedClient
from integrations.launch import host
from integrations.launch.context import ChildDetails
from integrations.launch.keys import key_of
from integrations.launch.signed import TYPE
from plugin.models import Connection, Person, SpentLaunch, WebSession, begin_writing
from plugin.runtime import runtime
from plugin.services.keeping.clock import machine_now
from tests.pages import Page, Visitor
from tests.plugin.visits import (
    as_system,
    claims_for,
    on_sqlite_alone,
    post_launch,
    raise_by_hand,
    reference_on,
    signed_by,
    start,
    token_for,
)
from tests.world import World, uk

pytestmark = pytest.mark.slow  # left out of make test-quick


class Told(logging.Handler):
    """What the launch's log said."""

    def __init__(self) -> None:
        super().__init__()
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)


@pytest.fixture
def told() -> Any:
    """The log of launches during the test."""
    handler, log = Told(), logging.getLogger("accord.launch")
    log.addHandler(handler)
    yield handler
    log.removeHandler(handler)


def _counts() -> dict[str, int]:
    session = as_system()
    return {one.__tablename__: session.scalar(select(func.count()).select_from(one)) for one in (WebSession, SpentLaunch, Person)}


def refused(world: World, told: Told, token: str, reason: str, **more: Any) -> Page:
    """Posts it, and holds the refusal to what every refusal must be."""
    before = _counts()
    said_before = len(told.records)
    visitor = Visitor(world.app)
    page = post_launch(visitor, token, **more)
    record = told.records[-1]
    assert len(told.records) == said_before + 1
    assert page.status == 403 and page.h1 == "We could not open this page"
    assert record.__dict__["correlation"] in page.words, "the page has the number that the log knows"
    assert record.__dict__["reason"] == reason
    assert page.words.replace(record.__dict__["correlation"], "#") == NEUTRAL
    assert "Set-Cookie" not in page.headers
    assert _counts() == before, "a refusal changes nothing"
    return page


NEUTRAL = (
    "Skip to main content Accord We could not open this page Go back to the record and open it from there again. "
    "If it happens again, tell the people who look after your record system, and quote this number: # "
    "Accord follows your safeguarding partnership’s policy for professional disagreements. If somebody is in danger now, call 999."
)


def b64(raw: str | bytes) -> str:
    return base64.urlsafe_b64encode(raw.encode() if isinstance(raw, str) else raw).rstrip(b"=").decode()


def _by_hand(world: World, header: dict[str, Any], sign: Callable[[bytes], bytes], **changes: Any) -> str:
    signing = f"{b64(json.dumps(header))}.{b64(json.dumps(claims_for(world, **changes)))}"
    return f"{signing}.{b64(sign(signing.encode()))}"


def _signer(private: dict[str, Any]) -> Callable[[bytes], bytes]:
    key: Any = key_of(private)
    return lambda signing: bytes(key.private_key.sign(signing))


def _header(world: World, **changes: Any) -> dict[str, Any]:
    return {"alg": "Ed25519", "kid": world.keys_of["council"]["kid"], "typ": TYPE, **changes}


def test_a_launch_names_the_worker_the_agency_and_the_child_and_waits_for_start(world: World) -> None:
    visitor = Visitor(world.app)
    page = post_launch(visitor, token_for(world))
    assert page.status == 200
    assert "You are Amara Lindqvist, Northleigh Council." in page.words and "Child: Ffion Achebe-Lloyd" in page.words
    assert page.buttons() == ["Start"]
    assert visitor.press(page, "Start").h1 == "Disagreements about this child"


@on_sqlite_alone
def test_case_1_no_algorithm(world: World, told: Told) -> None:
    refused(world, told, _by_hand(world, _header(world, alg="none"), lambda _: b""), "algorithm")


@on_sqlite_alone
def test_case_2_our_copy_of_the_public_key_as_a_shared_secret(world: World, told: Told) -> None:
    public = {name: value for name, value in world.keys_of["council"].items() if name != "d"}
    secret = key_of(public).as_pem(private=False)
    token = _by_hand(world, _header(world, alg="HS256"), lambda signing: hmac.new(secret, signing, hashlib.sha256).digest())
    refused(world, told, token, "algorithm")


@on_sqlite_alone
def test_case_3_a_key_in_the_header_is_refused_and_never_fetched(world: World, told: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    attacker, public = host.new_keypair("Ed25519")
    sign = _signer(attacker)
    monkeypatch.setattr(GuardedClient, "request", lambda *_given, **_more: pytest.fail("something was fetched"))
    for name in ("jku", "x5u", "jwk", "x5c"):
        value: Any = {"jwk": public, "x5c": ["MIIB"]}.get(name, "https://evil.example/key")
        refused(world, told, _by_hand(world, _header(world, **{name: value}), sign), "header")


@on_sqlite_alone
def test_case_3_an_attackers_key_under_the_hosts_name(world: World, told: Told) -> None:
    attacker, _public = host.new_keypair("Ed25519")
    refused(world, told, _by_hand(world, _header(world), _signer(attacker)), "signature")


def test_case_4_a_launch_is_good_once(world: World, told: Told) -> None:
    token = token_for(world)
    assert post_launch(Visitor(world.app), token).status == 200
    refused(world, told, token, "launch used before")


def test_case_4_a_flushed_redis_makes_no_launch_good_again(world: World, told: Told) -> None:
    token = token_for(world)
    assert post_launch(Visitor(world.app), token).status == 200
    runtime(world.app).waker.redis.flushall()
    refused(world, told, token, "launch used before")


def test_case_4_of_eight_at_the_same_instant_one_gets_in(world: World) -> None:
    token, ready = token_for(world, staff="new-to-us"), threading.Barrier(8)
    got: list[int] = []

    def go() -> None:
        visitor = Visitor(world.app)
        ready.wait()
        got.append(post_launch(visitor, token).status)

    as_system()
    threads = [threading.Thread(target=go) for _ in range(8)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert sorted(got) == [200] + [403] * 7
    session = as_system()
    assert session.scalar(select(func.count()).select_from(WebSession)) == 1
    assert session.scalar(select(func.count()).select_from(Person).where(Person.staff_id == "new-to-us")) == 1


@on_sqlite_alone
def test_case_5_another_audience_or_a_list_of_them(world: World, told: Told) -> None:
    for audience in ("https://other.example", "https://accord.example/", ["https://accord.example"], None):
        refused(world, told, signed_by(world, claims_for(world, aud=audience)), "aud")


@on_sqlite_alone
def test_case_5_another_hosts_launch(world: World, told: Told) -> None:
    refused(world, told, token_for(world, host="school"), "key-unknown")
    refused(world, told, signed_by(world, claims_for(world, iss="https://school.example")), "iss")
    refused(world, told, token_for(world), "key-unknown", host="school")


@on_sqlite_alone
def test_case_6_expired_not_yet_valid_endless_or_long(world: World, told: Told) -> None:
    now = int(machine_now().timestamp())
    for iat, exp, reason in (
        (-200, -140, "expired"),
        (100, 160, "from-the-future"),
        (0, None, "exp"),
        (0, 3600, "life-too-long"),
        (60, 0, "life-too-long"),
    ):
        said = claims_for(world, iat=now + iat, exp=... if exp is None else now + exp)
        refused(world, told, signed_by(world, said), reason)


@on_sqlite_alone
def test_case_7_a_hosts_clock_may_be_a_little_wrong(world: World, told: Told) -> None:
    for seconds, reason in ((25, ""), (45, "from-the-future"), (-85, ""), (-95, "expired")):
        token = token_for(world, now=machine_now() + timedelta(seconds=seconds))
        if reason:
            refused(world, told, token, reason)
        else:
            assert post_launch(Visitor(world.app), token).status == 200


@on_sqlite_alone
def test_case_8_another_kind_of_token(world: World, told: Told) -> None:
    for kind in ("JWT", "id_token+jwt", "logout+jwt", None):
        header = {name: value for name, value in _header(world, typ=kind).items() if value is not None}
        refused(world, told, _by_hand(world, header, _signer(world.keys_of["council"])), "type")


def test_case_9_a_number_of_another_agencys_child_opens_nothing_of_theirs(world: World) -> None:
    """A host vouches for its own children alone: the same number at another agency is another child."""
    council = Visitor(world.app)
    reference = reference_on(raise_by_hand(council, world, start(council, world)))
    nurse = Visitor(world.app)
    page = start(nurse, world, "htull", "4471", "school", ChildDetails("Somebody Else", "2014-01-01", (("nhs-number", "9990000557"),)))
    assert page.h1 == "Disagreements about this child" and "None that your agency takes part in." in page.words
    assert sum(one.startswith(reference) for one in page.buttons()) == 1, (
        "the school takes part, so it is among its others, under no child of its own"
    )


@on_sqlite_alone
def test_case_10_a_launch_from_a_page_that_is_not_the_hosts(world: World, told: Told) -> None:
    for origin, reason in (("https://evil.example", "origin-not-listed"), ("null", "origin-null"), (None, "origin-missing")):
        refused(world, told, token_for(world), reason, origin=origin)
    refused(world, told, token_for(world), "not-a-page", dest="image")
    refused(world, told, token_for(world), "not-a-page", dest="empty")


def test_case_10_where_a_null_origin_is_allowed_the_start_page_says_who_it_is(world: World) -> None:
    session = as_system()
    begin_writing(session)
    way = session.get_one(Connection, "council")
    way.launch = {**way.launch, "allow_null_origin": True}
    session.commit()
    page = post_launch(Visitor(world.app), token_for(world), origin="null")
    assert page.status == 200 and "You are Amara Lindqvist" in page.words and page.buttons() == ["Start"]


@on_sqlite_alone
def test_a_launch_opens_nothing_until_its_start_button_was_pressed(world: World) -> None:
    """Another site's page could load it in somebody's browser, and then load ours beside it."""
    visitor = Visitor(world.app)
    page = post_launch(visitor, token_for(world))
    field = page.form("Start").sends["_fs"]
    for path in ("/frame/home", "/frame/raise", "/session/tab", "/session/extend", "/calendar/new", "/case/PD-3333-3333", "/filing"):
        assert visitor.post(path, {"_fs": field}).status == 403, path
        assert visitor.get(path).status in (403, 405), path
    assert visitor.press(page, "Start").h1 == "Disagreements about this child"
    assert visitor.get("/frame/home").status == 200


@on_sqlite_alone
def test_what_is_no_token_is_refused_alike(world: World, told: Told) -> None:
    for token in ("", "x", "a.b.c", "é.é.é", "x" * 9000, "a.b.c.d", "\x00.\x00.\x00"):
        refused(world, told, token, "too-large" if len(token) > 8192 else "malformed")


def test_an_unknown_connection_is_refused_alike(world: World, told: Told) -> None:
    for name in ("unknown", "x" * 500, "council%27--"):
        refused(world, told, token_for(world), "connection unknown or disabled", host=name, origin="https://council.example")
    assert post_launch(Visitor(world.app), token_for(world), "council%00").status == 404


@on_sqlite_alone
def test_a_connection_that_is_off_or_has_no_launch_refuses_alike(world: World, told: Told) -> None:
    for name, value, reason in (
        ("launch", {}, "no launch profile"),
        ("launch", {"issuer": "https://council.example"}, "no launch profile"),
        ("enabled", False, "connection unknown or disabled"),
    ):
        session = as_system()
        begin_writing(session)
        setattr(session.get_one(Connection, "council"), name, value)
        session.commit()
        refused(world, told, token_for(world), reason, origin="https://council.example")


def test_somebody_who_has_left_is_refused_alike(world: World, told: Told) -> None:
    session = as_system()
    begin_writing(session)
    session.get_one(Person, world.people["nc-1042"]).active = False
    session.commit()
    refused(world, told, token_for(world), "this member of staff has left")


def test_the_same_number_of_staff_at_two_hosts_is_two_people(world: World) -> None:
    for at in ("council", "school"):
        assert post_launch(Visitor(world.app), token_for(world, staff="77", host=at), at).status == 200
    rows = as_system().execute(select(Person.agency_id, Person.id).where(Person.staff_id == "77")).all()
    assert len({row.agency_id for row in rows}) == len({row.id for row in rows}) == 2


def test_moving_the_demos_clock_breaks_no_launch(world: World) -> None:
    from_now = round((uk("2031-01-01 09:00") - machine_now()).total_seconds())
    Visitor(world.app).post("/dev/clock", {"hours": str(from_now // 3600)})
    assert post_launch(Visitor(world.app), token_for(world)).status == 200
