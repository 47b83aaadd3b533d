"""GOV.UK Notify as the carrier: what it is told, how its answers are taken. A real HTTP server on loopback stands in for it.

What is said and answered follows Notify's published REST interface; Notify itself cannot be reached from here.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey
from pytest_httpserver import HTTPServer
from sqlalchemy import select
from werkzeug import Request, Response

from plugin.app import create_app
from plugin.config import Settings
from plugin.extensions import db
from plugin.jobs import posting
from plugin.models import MailRow
from plugin.models.scope import System, bind
from plugin.runtime import runtime
from plugin.services.keeping.clock import business_now, machine_now
from plugin.services.post import mailing
from tests.world import World, make_world

pytestmark = pytest.mark.slow  # a server is started for each
SERVICE, KEY = "26785a09-ab16-4eb0-8407-a37497a57506", "3d844edf-8d35-48ac-975b-e847b4f122b0"
TEMPLATE = "f33517ff-2a88-4f6e-b855-c550268ce08a"
SENDS, LOOKS = "/v2/notifications/email", "/v2/notifications"


@pytest.fixture
def settings(settings: Settings, httpserver: HTTPServer, tmp_path: Path) -> Settings:
    """A service whose mail goes by Notify."""
    (tmp_path / "key").write_text(f"accord_live-{SERVICE}-{KEY}\n")
    where = f"{httpserver.host}:{httpserver.port}"
    return replace(
        settings,
        mail=f"notify://{where}/{TEMPLATE}",
        mail_password_file=str(tmp_path / "key"),
        outbound_local=(where,),
        mail_retry_seconds=(0, 0),
    )


@pytest.fixture
def world(app: Any) -> Iterator[World]:
    """With one disagreement raised: mails wait to be sent."""
    made = make_world(app)
    made.make_disagreement(machine_now())
    yield made


def post(world: World) -> None:
    """What a worker does, once."""
    bind(db.session, System("mail"))
    here = runtime(world.app)
    letters = mailing.claim(db.session, here.keys, machine_now(), business_now(db.session), timedelta(minutes=2), 20)
    posting.post(letters, machine_now() + timedelta(minutes=1))


def rows() -> list[MailRow]:
    bind(db.session, System("test"))
    db.session.rollback()
    return list(db.session.scalars(select(MailRow).where(MailRow.state != "on screen")))


def answers(httpserver: HTTPServer, path: str, *told: tuple[int, dict[str, Any]]) -> list[Request]:
    """Lets the stand-in answer so, one after another (the last for ever); returns what it is asked."""
    asked: list[Request] = []
    waiting = list(told)

    def answer(request: Request) -> Response:
        request.get_data()
        asked.append(request)
        status, body = waiting.pop(0) if len(waiting) > 1 else waiting[0]
        return Response(json.dumps(body), status, content_type="application/json")

    httpserver.expect_request(path).respond_with_handler(answer)
    return asked


def fault(kind: str, words: str, status: int = 400) -> tuple[int, dict[str, Any]]:
    return status, {"status_code": status, "errors": [{"error": kind, "message": words}]}


def test_a_mail_is_one_request_signed_with_the_key_and_says_what_a_mail_says(world: World, httpserver: HTTPServer) -> None:
    asked = answers(httpserver, SENDS, (201, {"id": "740e5834-3a29-46b4-9a6f-16142fde533a"}))
    post(world)
    (request,) = asked
    token = jwt.decode(request.headers["Authorization"].removeprefix("Bearer "), OctKey.import_key(KEY), algorithms=["HS256"])
    assert token.header == {"typ": "JWT", "alg": "HS256"} and token.claims["iss"] == SERVICE
    assert abs(token.claims["iat"] - machine_now().timestamp()) < 30
    said = json.loads(request.get_data())
    assert said["email_address"] == "m.tull@hilltop.example" and said["template_id"] == TEMPLATE
    assert said["reference"] == rows()[0].letter
    assert said["personalisation"]["subject"].startswith("Action needed")
    assert "https://accord.example/r/" in said["personalisation"]["body"]
    assert {row.state for row in rows()} == {"sent"}


def test_an_address_that_cannot_be_has_somebody_else_asked(world: World, httpserver: HTTPServer) -> None:
    asked = answers(httpserver, SENDS, fault("ValidationError", "email_address Not a valid email address"), (201, {}))
    post(world)
    post(world)
    assert [json.loads(one.get_data())["email_address"] for one in asked] == ["m.tull@hilltop.example", "i.osayed@hilltop.example"]


@pytest.mark.parametrize(
    "told",
    [
        fault("BadRequestError", "Can't send to this recipient using a team-only API key"),
        fault("AuthError", "Error: Your system clock must be accurate to within 30 seconds", 403),
        fault("RateLimitError", "Exceeded rate limit for key type live of 3000 requests per 60 seconds", 429),
        fault("TooManyRequestsError", "Exceeded send limits (50) for today", 429),
        fault("Exception", "Internal server error", 500),
        (503, {}),
    ],
)
def test_what_may_be_put_right_is_tried_again_and_looked_for_first(world: World, httpserver: HTTPServer, told: tuple[int, Any]) -> None:
    asked = answers(httpserver, SENDS, told, (201, {}))
    looked = answers(httpserver, LOOKS, (200, {"notifications": []}))
    post(world)
    assert {row.state for row in rows()} == {"deferred"}
    post(world)
    assert {row.state for row in rows()} == {"sent"}
    assert len(asked) == 2 and [one.args["reference"] for one in looked] == [rows()[0].letter]


def test_what_was_taken_before_its_answer_was_lost_is_not_sent_again(world: World, httpserver: HTTPServer) -> None:
    asked = answers(httpserver, SENDS, (500, {}))
    answers(httpserver, LOOKS, (200, {"notifications": [{"id": "740e5834-3a29-46b4-9a6f-16142fde533a"}]}))
    post(world)
    post(world)
    assert {row.state for row in rows()} == {"sent"} and len(asked) == 1


@pytest.mark.parametrize(
    ("mail", "key", "words"),
    [
        ("notify://api.example", "", "is not notify://"),
        ("notify://api.example/template", "no-key", "does not hold an API key"),
        ("pigeon://loft", "", "neither folder:PATH nor smtp"),
    ],
)
def test_settings_that_cannot_be_are_told_without_the_key(settings: Settings, tmp_path: Path, mail: str, key: str, words: str) -> None:
    (tmp_path / "other").write_text(key)
    with pytest.raises(ValueError, match=words) as told:
        create_app(replace(settings, mail=mail, mail_password_file=str(tmp_path / "other")))
    assert not key or key not in str(told.value)


def test_a_host_that_is_not_local_is_spoken_to_by_https_alone(settings: Settings) -> None:
    app = create_app(replace(settings, outbound_local=()))
    assert app.config["MAIL_CARRIER"].base.startswith("https://")
    assert KEY not in repr(app.config["MAIL_CARRIER"])
