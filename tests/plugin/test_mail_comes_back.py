"""What comes back: delivery reports, automatic replies, answers typed by people; by IMAP from a real server, and by calls."""

from __future__ import annotations

import json
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from email.mime.text import MIMEText
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select, update

from integrations.auth.standard_webhooks import signature_header
from plugin.config import Settings
from plugin.extensions import db
from plugin.jobs import returns, work
from plugin.mail import incoming
from plugin.mail.mailbox import MailboxError, Place, opened
from plugin.models import Incoming, Mailbox, MailRow, begin_writing
from plugin.models.scope import System, bind
from plugin.services.keeping.clock import machine_now
from plugin.services.notices import alarms
from tests.integrations.certificates import Authority, the_authority
from tests.peers.node_servers import free_port
from tests.peers.python_servers import ENVIRONMENT
from tests.plugin.running import wait_until
from tests.world import World, make_world

OURS = "a" * 32
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8G"
ABOUT = f"<{OURS}@accord.example>"


def make_report(action: str = "failed", status: str = "5.1.1", letter: str = OURS, returned: bool = True) -> bytes:
    """A delivery report as RFC 3464 asks for."""
    report = f"""From: MAILER-DAEMON@mx.hilltop.example
To: no-reply@accord.example
Subject: Undelivered Mail Returned to Sender
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b1"

--b1
Content-Type: text/plain

I could not deliver your message.
--b1
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.hilltop.example

Final-Recipient: rfc822; m.tull@hilltop.example
Action: {action}
Status: {status}
--b1
Content-Type: text/rfc822-headers

{f"Message-ID: <{letter}@accord.example>" if returned else "X-Cut: yes"}
Subject: Action needed
--b1--
"""
    return report.replace("\n", "\r\n").encode()


def make_reply(subject: str = "Re: Action needed", body: str = "Call me on Monday.", **headers: str) -> bytes:
    """Something from a mailbox, in answer to ours."""
    made = MIMEText(body)
    made["From"], made["To"], made["Subject"] = "Marguerite Tull <m.tull@hilltop.example>", "no-reply@accord.example", subject
    made["Message-ID"], made["In-Reply-To"] = "<x1@hilltop.example>", ABOUT
    for name, value in headers.items():
        del made[name.replace("_", "-")]
        made[name.replace("_", "-")] = value
    return made.as_bytes()


@pytest.mark.parametrize(
    ("raw", "kind", "reason"),
    [
        (make_report(), "failed", "5.1.1"),
        (make_report("delayed", "4.4.1"), "delayed", "4.4.1"),
        (make_report("delivered", "2.0.0"), "other", ""),
        (make_reply("Out of office", Auto_Submitted="auto-replied"), "away", "automatic reply"),
        (make_reply("Automatic reply: Action needed", X_Auto_Response_Suppress="All"), "away", "automatic reply"),
        (make_reply("Thank you", X_Autoreply="yes"), "away", "automatic reply"),
        (make_reply("On annual leave until 12 April"), "away", "automatic reply"),
        (make_reply(), "reply", ""),
        (make_reply("News", Auto_Submitted="auto-generated"), "other", ""),
        (make_reply("Undeliverable: Action needed", From="postmaster@hilltop.example"), "failed", "returned"),
    ],
)
def test_each_kind_is_told_from_the_others(raw: bytes, kind: str, reason: str) -> None:
    came = incoming.read(raw, "accord.example")
    assert (came.kind, came.reason, came.letter) == (kind, reason, OURS)


def test_a_calendars_answer_and_a_read_receipt_are_nobodys_words() -> None:
    answer = make_reply().replace(b'Content-Type: text/plain; charset="us-ascii"', b"Content-Type: text/calendar; method=REPLY")
    receipt = make_report().replace(b"report-type=delivery-status", b"report-type=disposition-notification")
    assert {incoming.read(raw, "accord.example").kind for raw in (answer, receipt)} == {"other"}


def test_a_report_that_returns_little_is_found_by_our_id_anywhere_in_it() -> None:
    cut = make_report(returned=False) + f"\r\nX-Original: <{OURS}@accord.example>\r\n".encode()
    assert incoming.read(cut, "accord.example").letter == OURS
    assert incoming.read(make_report(returned=False), "accord.example").letter == ""
    assert incoming.read(make_report(), "elsewhere.example").letter == "", "another service's mail is not ours"


@pytest.mark.parametrize(
    "raw", [b"", b"\x00\xff" * 5000, b"Content-Type: multipart/report\r\n\r\n--", make_report()[:120], b"Subject: " + b"x" * 900_000]
)
def test_what_no_standard_knows_is_read_without_a_fault(raw: bytes) -> None:
    assert incoming.read(raw, "accord.example").kind in ("other", "reply", "failed")


# --- by IMAP, from a real server --------------------------------------------------------------------------------------------------------


class ImapServer:
    """pymap over maildirs, in a process of its own; STARTTLS with a certificate of the tests' authority."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self.maildir = folder / "maildir"
        pair = the_authority().issue("localhost")
        for name, text in (("imap.crt", pair.certificate), ("imap.key", pair.key), ("authority.pem", the_authority().certificate)):
            (folder / name).write_text(text)
        for part in ("cur", "new", "tmp"):
            (self.maildir / "returns" / part).mkdir(parents=True)
        told = "from pysasl.hashing import BuiltinHash; print(BuiltinHash().hash('sesame'))"
        kept = subprocess.run([str(ENVIRONMENT / "bin" / "python"), "-c", told], capture_output=True, text=True, check=True).stdout.strip()
        (self.maildir / "pymap-etc-passwd").write_text("returns:x::::returns:\n")
        (self.maildir / "pymap-etc-shadow").write_text(f"returns:{kept}:::::::\n")
        where = ["--host", "127.0.0.1", "--port", str(self.port), "--cert", str(folder / "imap.crt"), "--key", str(folder / "imap.key")]
        command = [str(ENVIRONMENT / "bin" / "pymap"), *where, "maildir", str(self.maildir)]
        self._log = (folder / "imap.log").open("wb")
        self.process = subprocess.Popen(command, stdout=self._log, stderr=self._log)

    def put(self, raw: bytes) -> None:
        """A mail arrives."""
        name = f"{time.time_ns()}.1.here"
        (self.maildir / "returns" / "new" / name).write_bytes(raw)

    def stop(self) -> None:
        """Ends it."""
        self.process.terminate()
        self.process.wait(10)
        self._log.close()


@pytest.fixture
def imap(tmp_path: Path) -> Iterator[ImapServer]:
    """The mailbox that mail comes back to."""
    running = ImapServer(tmp_path)
    try:
        wait_until(lambda: _answers(running.port), 20)
        yield running
    finally:
        running.stop()


def _answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


@pytest.mark.slow
class TestByImap:
    """The deployment names a mailbox."""

    @pytest.fixture
    def settings(self, settings: Settings, imap: ImapServer, tmp_path: Path) -> Settings:
        (tmp_path / "returns").write_text("sesame")
        return replace(
            settings,
            mail_returns=f"imap://returns@localhost:{imap.port}/INBOX",
            mail_returns_password_file=str(tmp_path / "returns"),
            mail_ca_file=str(tmp_path / "authority.pem"),
        )

    def test_a_report_sends_the_request_on_to_the_deputy(self, app: Flask, imap: ImapServer) -> None:
        letter = sent_letter(app)
        imap.put(make_report(letter=letter))
        work.read_returns()
        assert {row.state for row in rows() if row.letter == letter} == {"bounced"}
        assert any(row.template == "stand_in" for row in rows())
        before = len(rows())
        work.read_returns()
        assert len(rows()) == before, "it is read: nothing is taken twice"

    def test_what_a_person_wrote_stays_unread_and_is_an_alarm(self, app: Flask, imap: ImapServer, settings: Settings) -> None:
        sent_letter(app)
        imap.put(make_reply())
        imap.put(make_reply("Out of office", Auto_Submitted="auto-replied"))
        assert returns.read_mailbox() == 2
        bind(db.session, System("test"))
        found = alarms.open_alarms(db.session, machine_now(), machine_now(), 10**6)
        assert [(one.kind, one.count) for one in found if one.kind == "replies"] == [("replies", 1)]
        assert returns.read_mailbox() == 0
        with opened(Place.parse(settings.mail_returns, "sesame"), settings.mail_ca_file) as box:
            assert list(box.unread()) == [], "one is read, the other flagged for somebody"

    def test_a_wrong_password_or_authority_is_told_in_the_log_and_nothing_else_happens(
        self, app: Flask, imap: ImapServer, settings: Settings, tmp_path: Path
    ) -> None:
        (tmp_path / "returns").write_text("wrong")
        assert returns.read_mailbox() == 0
        (tmp_path / "other.pem").write_text(Authority("Nobody").certificate)
        with pytest.raises(MailboxError), opened(Place.parse(settings.mail_returns, "sesame"), str(tmp_path / "other.pem")):
            pass


def test_a_mailbox_that_cannot_be_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="ACCORD_MAIL_RETURNS"):
        Place.parse("pop3://somebody@host", "x")
    assert "sesame" not in repr(Place.parse("imaps://returns%40accord.example@host/Returned", "sesame"))
    assert Place.parse("imaps://returns%40accord.example@host/Returned", "").user == "returns@accord.example"


# --- by a call --------------------------------------------------------------------------------------------------------------------------


@pytest.mark.slow
class TestByACall:
    """The deployment has a secret for reports."""

    @pytest.fixture
    def settings(self, settings: Settings, tmp_path: Path) -> Settings:
        (tmp_path / "reports").write_text(SECRET + "\n")
        return replace(settings, mail_reports_secret_file=str(tmp_path / "reports"))

    def test_a_signed_report_is_acted_on_once(self, app: Flask) -> None:
        letter = sent_letter(app)
        body = json.dumps({"mail": f"<{letter}@accord.example>", "what": "bounced", "reason": "5.1.1"}).encode()
        assert [call(app, body), call(app, body)] == [204, 204]
        assert {row.state for row in rows() if row.letter == letter} == {"bounced"}
        bind(db.session, System("test"))
        assert [row.reason for row in db.session.scalars(select(Incoming))] == ["5.1.1"]
        assert db.session.scalar(select(Mailbox.state)) == "bad"

    def test_what_is_not_signed_or_makes_no_sense_changes_nothing(self, app: Flask) -> None:
        letter = sent_letter(app)
        body = json.dumps({"mail": letter, "what": "bounced"}).encode()
        assert call(app, body, secret="whsec_" + "A" * 40) == 401
        assert call(app, body, stamp=int(datetime(2026, 1, 1, tzinfo=UTC).timestamp())) == 401
        assert call(app, b"{") == 422
        assert call(app, json.dumps({"mail": letter, "what": "eaten"}).encode()) == 422
        assert call(app, b"x" * 70_000) == 413
        assert {row.state for row in rows() if row.letter == letter} == {"sent"}

    @pytest.mark.parametrize(
        ("status", "state"), [("permanent-failure", "bounced"), ("temporary-failure", "bounced"), ("delivered", "sent")]
    )
    def test_a_receipt_of_notify(self, app: Flask, status: str, state: str) -> None:
        letter = sent_letter(app)
        told = {"id": "740e5834-3a29-46b4-9a6f-16142fde533a", "reference": letter, "to": "m.tull@hilltop.example", "status": status}
        client = app.test_client()
        assert client.post("/hooks/mail/notify", json=told, headers={"Authorization": "Bearer wrong"}).status_code == 401
        assert client.post("/hooks/mail/notify", json=told, headers={"Authorization": f"Bearer {SECRET}"}).status_code == 204
        assert {row.state for row in rows() if row.letter == letter} == {state}

    def test_an_automatic_reply_of_a_shared_mailbox_says_nothing_of_an_absence(self, app: Flask) -> None:
        letter = sent_letter(app, recipient="duty:hill-top-school")
        body = json.dumps({"mail": letter, "what": "away"}).encode()
        assert call(app, body) == 204
        assert {row.state for row in rows() if row.letter == letter} == {"sent"}


def test_without_a_secret_there_is_no_such_page(app: Flask) -> None:
    assert app.test_client().post("/hooks/mail", data=b"{}").status_code == 404


def call(app: Flask, body: bytes, secret: str = SECRET, stamp: int | None = None) -> int:
    """A mail service reports."""
    at = stamp or int(machine_now().timestamp())
    signed = {
        "webhook-id": "msg_20261122",
        "webhook-timestamp": str(at),
        "webhook-signature": signature_header([secret], "msg_20261122", at, body),
    }
    return app.test_client().post("/hooks/mail", data=body, headers=signed, content_type="application/json").status_code


def sent_letter(app: Flask, recipient: str = "") -> str:
    """The letter that asks the school's safeguarding lead, sent; given to another recipient where one is named."""
    world: World = make_world(app)
    world.make_disagreement(machine_now())
    bind(db.session, System("test"))
    work.send_mail()
    bind(db.session, System("test"))
    found = next(row for row in db.session.scalars(select(MailRow)) if row.state == "sent")
    letter = found.letter
    if recipient:
        begin_writing(db.session)
        db.session.execute(
            update(MailRow).where(MailRow.letter == letter).values(recipient=recipient), execution_options={"synchronize_session": False}
        )
        db.session.commit()
    return letter


def rows() -> list[MailRow]:
    """The ledger as it is now."""
    bind(db.session, System("test"))
    db.session.rollback()
    db.session.expire_all()
    return list(db.session.scalars(select(MailRow)))
