"""Every door of the service: which routes let the anonymous in, and what every answer carries whatever it is."""

from __future__ import annotations

import itertools

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.exceptions import MethodNotAllowed
from werkzeug.routing import Rule

from plugin.app import create_app
from plugin.config import Settings
from plugin.extensions import db
from plugin.models import Disagreement
from plugin.models.scope import System, bind
from tests.pages import Visitor
from tests.world import World, uk

# What needs no session, and why.
PUBLIC = {
    "launch.launch": "the signature of the host is what lets somebody in",
    "front.about": "what the service is, and nothing that it holds",
    "respond.first": "a neutral page that says nothing and changes nothing",
    "respond.code": "sends a code to the mailbox of record, a few at most; the code is what lets somebody in",
    "respond.new_link": "a new link goes to the mailbox of record alone; the answer is the same whatever the link was",
    "coming_back.again": "it says nothing; what its script posts is let in by the session's field",
    "session.go_on": "a code of 256 bits from the frame's own page, for one minute, once",
    "health.live": "a load balancer has no session; one word",
    "health.parts": "counts and ages alone",
    "signin.sign_in": "the desk's way in: email address and password",
    "signin.check_password": "as above; five tries",
    "signin.welcome": "the link by which a password is chosen lets somebody in, once",
    "signin.choose": "as above",
    "charts.picture": "a published policy and the name of one of its steps; nothing of any case",
    "mail_choice.choice": "the quiet link of a mail: how many mails are wanted; nothing of any case",
    "mail_choice.choose": "as above",
    "calendar_feed.read": "a calendar program has no session: 256 random bits open references and dates",
    "mail_reports.signed": "what a mail service says of a mail: its signature lets it in",
    "mail_reports.notify": "as above, by the bearer token that Notify was given",
    "hooks.take": "a message is let in by the signature over its body",
    "hooks.receipt": "as above, over an empty body",
    "hooks.session": "as above",
    "hooks.ended": "as above",
    "hooks.enter": "the one-time token that a host's server was given",
    "sign_on.smart": "the provider's signature lets somebody in; this only goes there",
    "sign_on.link": "as above, for who has a link",
    "sign_on.desk": "as above, for the desk",
    "sign_on.keys": "public keys are no secret",
    "sign_on.back": "state, cookie, code and the provider's signature must all fit",
    "hooks.document": "what record systems may send is no secret",
    "static": "style sheets, scripts and an icon",
}
DEMO = {
    "dev.index",
    "dev.mailbox",
    "dev.letter",
    "dev.move_clock",
    "dev.hours",
    "gallery.all_forms",
    "gallery.one_form",
    "dev_mail.all_mails",
} | {f"dev_policies.{one}" for one in ("all_policies", "one_policy", "picture")}


@pytest.fixture
def live(settings: Settings) -> Flask:
    """The service as on a live deployment."""
    given = {name: getattr(settings, name) for name in ("database_url", "redis_url", "secrets_file", "mail", "public_url")}
    return create_app(Settings(**given))


def _public(app: Flask) -> set[str]:
    marked = {name for name, view in app.view_functions.items() if getattr(view, "is_public", False)}
    return marked | {"static"}


def _rules(app: Flask) -> list[tuple[Rule, str]]:
    return [(rule, method) for rule in app.url_map.iter_rules() for method in sorted((rule.methods or set()) - {"OPTIONS"})]


def _filled(rule: Rule, reference: str) -> str:
    return "/".join(f"{reference}" if part.startswith("<") else part for part in rule.rule.split("/"))


def test_the_public_routes_are_these_and_no_others(live: Flask) -> None:
    assert _public(live) == set(PUBLIC)


def test_the_demos_pages_are_absent_from_a_live_service(live: Flask, app: Flask) -> None:
    assert _public(app) == set(PUBLIC) | DEMO
    assert not DEMO & live.view_functions.keys()
    assert {Visitor(live).get(path).status for path in ("/dev/", "/dev/mailbox", "/dev/clock")} == {404}
    live.extensions["accord"].waker.redis.close()


def test_every_other_route_refuses_the_anonymous(world: World) -> None:
    reference = world.make_disagreement(uk("2027-03-19 18:10"))
    nobody = Visitor(world.app)
    tried = 0
    for rule, method in _rules(world.app):
        if rule.endpoint in _public(world.app):
            continue
        for path in {_filled(rule, reference), _filled(rule, "PD-0000-0000")}:
            for fields in ({}, {"_fs": "x" * 43}):
                page = nobody.ask(method, path, data=fields if method == "POST" else None)
                assert page.status == 403, f"{method} {path} let nobody in with {page.status}"
                assert method == "HEAD" or page.h1 == ("Sign in" if path.startswith("/admin/") else "Your session has ended")
                assert reference not in page.words and "Set-Cookie" not in page.headers
                tried += 1
    assert tried >= 20
    bind(db.session, System("test"))
    assert db.session.scalar(select(Disagreement.seq)) == 1


def test_a_way_that_is_no_way_is_told_plainly(world: World) -> None:
    visitor = Visitor(world.app)
    assert visitor.get("/nothing/here").h1 == "There is nothing here"
    assert visitor.get("/launch/council").status == MethodNotAllowed.code
    assert visitor.ask("PATCH", "/health").status == MethodNotAllowed.code


def test_every_answer_carries_the_headers_of_a_guarded_service(world: World) -> None:
    visitor = Visitor(world.app)
    answers = [visitor.ask(method, _filled(rule, "PD-0000-0000")) for rule, method in _rules(world.app)]
    answers += [
        visitor.get("/nothing"),
        visitor.ask("PUT", "/health"),
        visitor.post("/frame/start", {"_fs": "x" * 300_000}),
        visitor.post("/launch/council", {"launch_token": "x" * 300_000}),
    ]
    assert {200, 403, 404, 405, 413} <= {one.status for one in answers}
    for page in answers:
        policy = dict(part.strip().partition(" ")[::2] for part in page.headers["Content-Security-Policy"].split(";"))
        assert policy["default-src"] == "'none'" and policy["frame-ancestors"]
        assert not any("unsafe" in source or "*" in source for source in policy.values())
        assert (policy["frame-ancestors"] == "'none'") == (page.headers.get("X-Frame-Options") == "DENY")
        assert page.headers["X-Content-Type-Options"] == "nosniff"
        assert page.headers["Referrer-Policy"] == "same-origin", "with no-referrer a form's own Origin is null"
        assert "max-age=63072000" in page.headers["Strict-Transport-Security"]
        if not page.response.request.path.startswith("/static"):
            assert page.headers["Cache-Control"] == "no-store"


def test_only_a_launch_may_be_framed_and_only_by_its_host(world: World) -> None:
    visitor = Visitor(world.app)
    framed = {
        path: visitor.post(path).headers["Content-Security-Policy"].rpartition("frame-ancestors ")[2]
        for path in ("/launch/council", "/launch/school")
    }
    assert framed == {"/launch/council": "https://council.example", "/launch/school": "https://school.example"}
    for method, path in itertools.product(("GET", "POST"), ("/launch/unknown", "/case/PD-0000-0000", "/r/x", "/frame/home")):
        assert "frame-ancestors 'none'" in visitor.ask(method, path).headers["Content-Security-Policy"]
