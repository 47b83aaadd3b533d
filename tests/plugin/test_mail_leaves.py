"""Mail against a real SMTP server: what is sent, what a server may do to it, and that nothing is lost, doubled in silence or told twice."""

from __future__ import annotations

import email
import email.policy
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from plugin.config import Settings
from plugin.extensions import db
from plugin.jobs import posting
from plugin.models import Heartbeat, MailRow, begin_writing
from plugin.models.scope import System, bind
from plugin.runtime import runtime
from plugin.services.keeping.clock import business_now, machine_now
from plugin.services.post import mailing
from tests.integrations.certificates import Authority, Pair, the_authority
from tests.peers.smtp_server import MailServer
from tests.plugin.running import Worker, wait_until, worker
from tests.world import World, make_world

pytestmark = pytest.mark.slow  # a server is started for each


@pytest.fixture
def certificate() -> Pair:
    """The mail server's; tests with another override it."""
    return the_authority().issue("localhost")


@pytest.fixture
def server(tmp_path: Path, certificate: Pair) -> Iterator[MailServer]:
    """The relay of the deployment."""
    with MailServer(certificate, tmp_path) as running:
        yield running


@pytest.fixture
def settings(settings: Settings, server: MailServer, tmp_path: Path) -> Settings:
    """A service that mails through it, with its authority trusted and no other."""
    (tmp_path / "authority.pem").write_text(the_authority().certificate)
    (tmp_path / "password").write_text("sesame\n")
    return replace(
        settings,
        mail=f"smtp://accord@localhost:{server.port}",
        mail_password_file=str(tmp_path / "password"),
        mail_ca_file=str(tmp_path / "authority.pem"),
        mail_from="Accord <no-reply@accord.example>",
        mail_retry_seconds=(0, 0, 0),
    )


@pytest.fixture
def world(app: Any) -> World:
    """With one disagreement raised: mails wait to be sent."""
    made = make_world(app)
    made.make_disagreement(machine_now())
    return made


def post(world: World, batch: int = 20) -> None:
    """What a worker does when it is tapped on the shoulder, once."""
    bind(db.session, System("mail"))
    here = runtime(world.app)
    letters = mailing.claim(db.session, here.keys, machine_now(), business_now(db.session), timedelta(minutes=2), batch)
    posting.post(letters, machine_now() + timedelta(minutes=1))


def rows() -> list[MailRow]:
    """The ledger of mail, without what was never to be sent."""
    bind(db.session, System("test"))
    db.session.rollback()
    return list(db.session.scalars(select(MailRow).where(MailRow.state != "on screen").order_by(MailRow.id)))


def states() -> set[str]:
    return {row.state for row in rows()}


def read(taken: Any) -> EmailMessage:
    """A mail as its reader's program sees it."""
    return email.message_from_bytes(taken.content, policy=email.policy.default)  # type: ignore[return-value]  # that policy makes them


def test_a_mail_arrives_as_text_and_html_with_its_date_and_the_right_headers(world: World, server: MailServer) -> None:
    post(world)
    assert states() == {"sent"}, [row.reason for row in rows()]
    (taken,) = server.taken
    mail = read(taken)
    assert taken.rcpt_tos == ["m.tull@hilltop.example"] == [mail["To"]]
    assert mail["Auto-Submitted"] == "auto-generated"
    assert "OOF" not in mail["X-Auto-Response-Suppress"] and "All" not in mail["X-Auto-Response-Suppress"]
    assert mail["Message-ID"].endswith("@accord.example>")
    plain, html = mail.get_body(("plain",)), mail.get_body(("html",))
    assert plain is not None and html is not None
    assert "https://accord.example/r/" in plain.get_content() and "https://accord.example/r/" in html.get_content()
    assert "https://accord.example/mail/" in plain.get_content(), "the quiet link"
    files = list(mail.iter_attachments())
    assert files and {part.get_content_type() for part in files} == {"text/calendar"}
    assert {part.get_filename() for part in files} <= {f"{_reference(mail)}.ics", *(f"{_reference(mail)}-{n}.ics" for n in range(1, 9))}
    assert files[0].get_param("method") == "REQUEST"


def _reference(mail: EmailMessage) -> str:
    return str(mail["Subject"]).rpartition(" ")[2]


def test_nothing_in_it_says_who_the_child_is(world: World, server: MailServer) -> None:
    post(world)
    for taken in server.taken:
        whole = read(taken).as_string().casefold()
        for word in ("ffion", "achebe", "2016-05-04", "9990000018", "northleigh council", "hill top", "goes home alone"):
            assert word not in whole, word


def test_when_mail_left_last_can_be_seen(world: World, server: MailServer) -> None:
    post(world)
    bind(db.session, System("test"))
    assert db.session.scalar(select(Heartbeat.at).where(Heartbeat.name == "mail")) is not None


def test_greylisted_it_is_tried_again_and_arrives_once(world: World, server: MailServer) -> None:
    server.answers["RCPT"] = ["450 4.2.0 greylisted, come back later"]
    post(world)
    assert states() == {"deferred"} and server.taken == []
    post(world)
    assert states() == {"sent"} and len(server.taken) == 1


@pytest.mark.parametrize(("command", "said"), [("MAIL", "451 4.3.0 busy"), ("RCPT", "452 4.2.2 full"), ("DATA", "451 4.7.0 later")])
def test_a_server_that_is_busy_is_asked_again(world: World, server: MailServer, command: str, said: str) -> None:
    server.answers[command] = [said]
    post(world)
    assert states() == {"deferred"}
    post(world)
    assert states() == {"sent"} and len(server.taken) == 1


@pytest.mark.parametrize("command", ["MAIL", "RCPT"])
def test_a_server_that_hangs_up_before_it_took_it_breaks_nothing(world: World, server: MailServer, command: str) -> None:
    world.make_disagreement(machine_now())
    server.answers[command] = ["drop"]
    post(world)
    post(world)
    assert states() == {"sent"}
    assert len(server.taken) >= 1 and len({read(taken)["Message-ID"] for taken in server.taken}) == len(server.taken)


def test_a_server_that_takes_it_and_hangs_up_gets_the_same_message_again(world: World, server: MailServer) -> None:
    server.answers["DATA"] = ["taken, then dropped"]
    post(world)
    assert states() == {"deferred"}
    post(world)
    assert states() == {"sent"}
    assert len(server.taken) == 2 and len({read(taken)["Message-ID"] for taken in server.taken}) == 1


def test_a_mailbox_that_does_not_exist_has_somebody_else_asked(world: World, server: MailServer) -> None:
    server.answers["RCPT"] = ["550 5.1.1 no such user"]
    post(world)
    post(world)
    assert [taken.rcpt_tos for taken in server.taken] == [["i.osayed@hilltop.example"]]
    failed = [row for row in rows() if row.state == "failed"]
    assert failed and {row.reason for row in failed} == {"the mailbox was refused (550)"}


def test_a_refused_sender_is_ours_to_put_right_and_nobody_is_held_unreachable(world: World, server: MailServer) -> None:
    server.answers["MAIL"] = ["550 5.7.1 sender not allowed"]
    post(world)
    assert states() == {"deferred"}
    post(world)
    assert states() == {"sent"} and [taken.rcpt_tos for taken in server.taken] == [["m.tull@hilltop.example"]]


def test_one_that_is_refused_keeps_no_other_waiting(world: World, server: MailServer) -> None:
    world.make_disagreement(machine_now(), other_agency="vale-hospital", other_person=world.people["vh-301"])
    server.answers["RCPT"] = ["450 4.2.0 greylisted"]
    post(world)
    assert sorted(states()) == ["deferred", "sent"] and len(server.taken) == 1


class TestWithoutStarttls:
    """A server that would take it in the clear."""

    @pytest.fixture
    def server(self, tmp_path: Path, certificate: Pair) -> Iterator[MailServer]:
        with MailServer(certificate, tmp_path, starttls=False) as running:
            yield running

    def test_nothing_is_sent(self, world: World, server: MailServer) -> None:
        post(world)
        assert states() == {"deferred"} and server.taken == []
        assert {row.reason for row in rows()} == {"the mail server offers no STARTTLS"}


class TestWithAnotherCertificate:
    """Servers that are not who they say."""

    @pytest.fixture(params=["another name", "another authority", "expired"])
    def certificate(self, request: pytest.FixtureRequest) -> Pair:
        authority = Authority("Nobody's authority") if request.param == "another authority" else the_authority()
        name = "mail.elsewhere.example" if request.param == "another name" else "localhost"
        return authority.issue(name, (-20, -1) if request.param == "expired" else (-1, 30))

    def test_nothing_is_sent(self, world: World, server: MailServer) -> None:
        post(world)
        assert states() == {"deferred"} and server.taken == [] and server.auths == 0


def test_a_letter_that_breaks_us_keeps_no_other_waiting(world: World, server: MailServer, monkeypatch: pytest.MonkeyPatch) -> None:
    world.make_disagreement(machine_now(), other_agency="vale-hospital", other_person=world.people["vh-301"])
    real, broken = posting.item, []

    def breaks(part: Any) -> Any:
        if not broken:
            broken.append(part)
            raise RuntimeError("a fault of ours")
        return real(part)

    monkeypatch.setattr(posting, "item", breaks)
    post(world)
    assert len(server.taken) == 1
    assert sorted(states()) == ["deferred", "sent"]


def test_a_slow_server_does_not_outlast_the_lease(world: World, server: MailServer) -> None:
    bind(db.session, System("mail"))
    here = runtime(world.app)
    letters = mailing.claim(db.session, here.keys, machine_now(), business_now(db.session), timedelta(minutes=2), 20)
    posting.post(letters, machine_now() - timedelta(seconds=1))
    assert server.taken == [] and states() == {"queued"}
    post(world)
    assert states() == {"sent"}


def test_what_is_overtaken_while_it_waits_is_cancelled_not_sent(world: World, server: MailServer) -> None:
    bind(db.session, System("test"))
    begin_writing(db.session)
    db.session.execute(update(MailRow).values(state="cancelled", next_try_at=None), execution_options={"synchronize_session": False})
    db.session.commit()
    post(world)
    assert server.taken == []


def test_a_worker_killed_between_the_servers_yes_and_the_commit_sends_the_same_message_again(
    world: World, server: MailServer, tmp_path: Path
) -> None:
    """At most one second mail, with the same Message-ID; never none. The server has it; the worker dies before it can write so."""
    killed: list[Worker] = []

    def kill_first() -> None:
        if not killed:
            killed.append(running)
            running.kill()

    server.on_taken = kill_first
    runtime(world.app).waker.wake("mail")
    running = Worker(world, tmp_path / "killed.log", lease_seconds=1)
    wait_until(lambda: killed)
    assert states() == {"claimed"}, "nothing of it was written down"
    with worker(world, tmp_path / "second.log", lease_seconds=1):
        wait_until(lambda: _tapped(world) and states() == {"sent"})
    assert len(server.taken) == 2
    assert len({read(taken)["Message-ID"] for taken in server.taken}) == 1
    assert {row.attempt for row in rows()} == {2}


def _tapped(world: World) -> bool:
    """What the clock does: whatever is due is woken again."""
    return runtime(world.app).waker.wake("mail")
