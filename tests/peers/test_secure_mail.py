"""Secure mail against a real SMTP server: TLS is required and checked, every answer has its outcome, nothing personal is in clear."""

from __future__ import annotations

import contextlib
import email
import email.policy
import logging
import socket
import threading
from pathlib import Path
from typing import Any

import pytest

from integrations.contract import Deferred, Delivered, Document, Finding, Outcome, Refused, Unknown
from integrations.http import GuardedClient, OutboundRules
from integrations.secure_mail import SecureMailAdapter, SecureMailOptions, composed
from tests.integrations.certificates import Authority, the_authority
from tests.integrations.clients import guarded
from tests.integrations.samples import CHILD_NUMBERS, make_record
from tests.peers.smtp_server import MailServer

SECRETS = {"password": "sesame"}


def make_options(port: int, **changes: Any) -> SecureMailOptions:
    told = {
        "host": "localhost",
        "port": port,
        "username": "accord",
        "sender": "accord@example.org",
        "recipient": "records@school.example",
        "authority": the_authority().certificate,
    }
    return SecureMailOptions.model_validate({**told, **changes})


def client(port: int, mail_to: str = "@school.example") -> GuardedClient:
    rules = OutboundRules.parse(private=[f"localhost:{port}"], mail_to=mail_to)
    return guarded(rules, resolve=lambda _host, _port: ["127.0.0.1"], total=3)


def send(server: MailServer, record: Any = None, secrets: dict[str, str] | None = None, **changes: Any) -> Outcome:
    http = client(server.port)
    return SecureMailAdapter().write(
        record or make_record(), make_options(server.port, **changes), SECRETS if secrets is None else secrets, http
    )


def check(server: MailServer, **changes: Any) -> list[Finding]:
    return SecureMailAdapter().check(make_options(server.port, **changes), SECRETS, client(server.port))


def make_server(tmp_path: Path, **changes: Any) -> MailServer:
    return MailServer(the_authority().issue("localhost"), tmp_path, **changes)


def test_a_mail_arrives_whole_and_its_headers_say_nothing_about_the_child(tmp_path: Path) -> None:
    with make_server(tmp_path) as server:
        outcome = send(server)
        assert isinstance(outcome, Delivered) and not outcome.on_file
    envelope = server.taken[0]
    assert (envelope.mail_from, envelope.rcpt_tos) == ("accord@example.org", ["records@school.example"])
    assert isinstance(envelope.content, bytes)
    message = email.message_from_bytes(envelope.content, policy=email.policy.default)
    assert message["Message-ID"] == outcome.remote_id and message["Subject"] == "[secure] Document PD-7F3K-92"
    assert message["Auto-Submitted"] == "auto-generated" and "PD-7F3K-92" in message.get_body().get_content()  # type: ignore[union-attr]  # it has one
    attached = list(message.iter_attachments())
    assert [part.get_filename() for part in attached] == ["PD-7F3K-92-v1.pdf"]
    assert attached[0].get_payload(decode=True) == make_record().documents[0].content
    head = envelope.content.partition(b"\r\n\r\n")[0]
    assert all(hidden.encode() not in head for hidden in (*CHILD_NUMBERS, "Ann Example"))


def test_every_attempt_is_the_same_mail(tmp_path: Path) -> None:
    with make_server(tmp_path) as server:
        assert send(server) == send(server)
    assert server.taken[0].content == server.taken[1].content
    assert (
        composed(make_record(), make_options(1))["Message-ID"] != composed(make_record(key="PD-7F3K-92/v2"), make_options(1))["Message-ID"]
    )


def test_lines_of_dots_come_through(tmp_path: Path) -> None:
    with make_server(tmp_path) as server:
        send(server, body=".\n..\n.end {{reference}}\n")
    content = server.taken[0].content
    assert isinstance(content, bytes)
    body = email.message_from_bytes(content, policy=email.policy.default).get_body()
    assert body is not None and body.get_content().splitlines()[:3] == [".", "..", ".end PD-7F3K-92"]


# --- TLS ----------------------------------------------------------------------------------------------------------------------------


def test_a_server_without_starttls_gets_nothing(tmp_path: Path) -> None:
    with make_server(tmp_path, starttls=False) as server:
        outcome = send(server)
        assert isinstance(outcome, Refused) and "in clear" in outcome.reason
        assert [finding.what for finding in check(server) if not finding.ok] == ["certificate"]
    assert server.taken == [] and server.auths == 0


@pytest.mark.parametrize("fault", ["another name", "expired", "unknown authority"])
def test_a_certificate_that_is_not_accepted(tmp_path: Path, fault: str) -> None:
    issuer = Authority("Another Authority") if fault == "unknown authority" else the_authority()
    pair = issuer.issue("mail.example" if fault == "another name" else "localhost", (-30, -1) if fault == "expired" else (-1, 30))
    with MailServer(pair, tmp_path) as server:
        assert isinstance(send(server), Refused)
        assert [finding.what for finding in check(server) if not finding.ok] == ["certificate"]
    assert server.taken == [] and server.auths == 0


def test_what_was_said_before_tls_is_forgotten() -> None:
    """A man in the middle may slip an answer in before TLS begins; it must not be taken for the server's."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]

        def slip_in() -> None:
            connection, _address = listener.accept()
            with connection:
                connection.sendall(b"220 ready\r\n")
                connection.recv(1000)
                connection.sendall(b"250-mail\r\n250 STARTTLS\r\n")
                connection.recv(1000)
                connection.sendall(b"220 go\r\n250-mail\r\n250 AUTH PLAIN\r\n235 welcome\r\n")
                connection.recv(1000)

        thread = threading.Thread(target=slip_in, daemon=True)
        thread.start()
        outcome = SecureMailAdapter().write(make_record(), make_options(port), SECRETS, client(port))
        thread.join(5)
    assert isinstance(outcome, Refused | Deferred)


# --- every answer has its outcome ---------------------------------------------------------------------------------------------------


def test_greylisting_is_for_later(tmp_path: Path) -> None:
    with make_server(tmp_path, answers={"RCPT": ["450 4.2.0 greylisted, try again"]}) as server:
        assert isinstance(send(server), Deferred)
        assert isinstance(send(server), Delivered)


@pytest.mark.parametrize("command", ["MAIL", "RCPT", "DATA"])
@pytest.mark.parametrize(
    ("said", "kind"), [("451 later", Deferred), ("421 closing", Deferred), ("550 no such mailbox", Refused), ("552 full", Refused)]
)
def test_refusals_for_now_and_for_good(tmp_path: Path, command: str, said: str, kind: type) -> None:
    with make_server(tmp_path, answers={command: [said]}) as server:
        assert isinstance(send(server), kind) and server.taken == []


def test_a_wrong_password(tmp_path: Path) -> None:
    with make_server(tmp_path, password="another") as server:
        outcome = send(server)
        assert isinstance(outcome, Refused) and "sesame" not in outcome.reason
        assert [finding.what for finding in check(server) if not finding.ok] == ["credentials"]
        assert isinstance(send(server, secrets={}), Refused)


def test_a_mail_that_is_larger_than_the_server_takes(tmp_path: Path) -> None:
    with make_server(tmp_path, size=20_000) as server:
        assert isinstance(send(server, make_record(documents=(Document("a.pdf", "application/pdf", b"x" * 30_000),))), Refused)
        assert isinstance(
            send(server, largest_mail=10_000, record=make_record(documents=(Document("a.pdf", "a/b", b"x" * 9_000),))), Refused
        )
    assert server.taken == []


@pytest.mark.parametrize("command", ["MAIL", "RCPT"])
def test_a_connection_that_is_lost_before_the_text(tmp_path: Path, command: str) -> None:
    with make_server(tmp_path, answers={command: ["drop"]}) as server:
        assert isinstance(send(server), Deferred) and server.taken == []


@pytest.mark.parametrize("said", ["drop", "taken, then dropped"])
def test_a_connection_that_is_lost_after_the_text_is_unknown(tmp_path: Path, said: str) -> None:
    with make_server(tmp_path, answers={"DATA": [said]}) as server:
        assert isinstance(send(server), Unknown)
        assert isinstance(SecureMailAdapter().find(make_record(), make_options(server.port), SECRETS, client(server.port)), Unknown)


def test_nobody_there() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    assert isinstance(SecureMailAdapter().write(make_record(), make_options(port), SECRETS, client(port)), Deferred)


def test_a_name_that_is_not_found() -> None:
    options, lost = (
        make_options(587),
        guarded(OutboundRules.parse(private=["localhost:587"], mail_to="@school.example"), resolve=lambda _h, _p: []),
    )
    assert isinstance(SecureMailAdapter().write(make_record(), options, SECRETS, lost), Deferred)
    assert [finding.what for finding in SecureMailAdapter().check(options, SECRETS, lost)] == ["name"]
    unlisted = guarded(OutboundRules.parse(mail_to="@school.example"))
    assert isinstance(SecureMailAdapter().write(make_record(), options, SECRETS, unlisted), Refused)
    assert [finding.what for finding in SecureMailAdapter().check(options, SECRETS, unlisted)] == ["settings"]


@pytest.mark.slow
def test_a_server_that_drips_its_greeting_holds_nobody() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        over = threading.Event()

        def drip() -> None:
            connection, _address = listener.accept()
            with connection:
                while not over.wait(0.1):
                    connection.sendall(b"2")

        thread = threading.Thread(target=drip, daemon=True)
        thread.start()
        http = guarded(client(port).allowed, resolve=lambda _h, _p: ["127.0.0.1"], total=0.6)
        assert isinstance(SecureMailAdapter().write(make_record(), make_options(port), SECRETS, http), Deferred)
        over.set()
        thread.join(5)


def serving(*said: bytes, again: bool = False) -> tuple[socket.socket, int]:
    """A listener that says these things to whoever comes, the last one over and over where `again`, and reads nothing."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        with contextlib.suppress(OSError):
            connection, _address = listener.accept()
            with connection:
                for one in said:
                    connection.sendall(one)
                while again:
                    connection.sendall(said[-1])
                connection.settimeout(3)
                connection.recv(100)

    threading.Thread(target=serve, daemon=True).start()
    return listener, int(listener.getsockname()[1])


@pytest.mark.slow
@pytest.mark.parametrize(
    ("said", "again"),
    [
        ([b"HTTP/1.1 400 Bad Request\r\n\r\n"], False),
        ([b"220-more\r\n"], True),
        ([b"220 " + b"x" * 100_000], False),
        ([], False),
        ([b"554 not for you\r\n"], False),
        ([b"\x16\x03\x01\x00\x05"], False),
    ],
    ids=["another protocol", "endless", "one long line", "silent", "turned away", "TLS at once"],
)
def test_something_that_is_no_mail_server_is_for_later(said: list[bytes], again: bool) -> None:
    listener, port = serving(*said, again=again)
    with listener:
        http = guarded(client(port).allowed, resolve=lambda _h, _p: ["127.0.0.1"], total=0.6)
        assert isinstance(SecureMailAdapter().write(make_record(), make_options(port), SECRETS, http), Deferred)


@pytest.mark.slow
def test_a_server_that_is_silent_after_the_text_is_unknown(tmp_path: Path) -> None:
    with make_server(tmp_path, answers={"DATA": ["silent"]}) as server:
        http = guarded(client(server.port).allowed, resolve=lambda _h, _p: ["127.0.0.1"], total=1.0)
        outcome = SecureMailAdapter().write(make_record(), make_options(server.port), SECRETS, http)
        assert isinstance(outcome, Unknown) and len(server.taken) == 1


# --- who it may go to -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mail_to", ["", "@example", "@other.example", "other@school.example", "@school.example.evil"])
def test_only_recipients_that_the_deployment_has_approved(tmp_path: Path, mail_to: str) -> None:
    with make_server(tmp_path) as server:
        outcome = SecureMailAdapter().write(make_record(), make_options(server.port), SECRETS, client(server.port, mail_to))
        assert isinstance(outcome, Refused) and server.auths == 0


def test_an_approved_mailbox() -> None:
    rules = OutboundRules.parse(mail_to=["Records@School.example"])
    assert rules.allows_mail_to("records@school.example") and not rules.allows_mail_to("head@school.example")


@pytest.mark.parametrize(
    "changes",
    [
        {"recipient": "a@b.example, c@d.example"},
        {"recipient": "a@b.example\r\nBcc: c@d.example"},
        {"recipient": "Someone <a@b.example>"},
        {"sender": "accord"},
        {"subject": "About {{child.nhs-number}}"},
        {"subject": "About {{field.child_name}}"},
        {"body": "{{title}}"},
        {"host": "mail.example/evil"},
    ],
)
def test_settings_that_cannot_work(changes: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        make_options(587, **changes)


def test_a_check_sends_nothing_and_a_preview_shows_the_mail(tmp_path: Path) -> None:
    with make_server(tmp_path) as server:
        assert all(finding.ok for finding in check(server)) and server.taken == [] and server.auths == 1
        shown = SecureMailAdapter().preview(make_record(), make_options(server.port))
    assert "To: records@school.example" in shown and "PD-7F3K-92-v1.pdf" in shown and "sesame" not in shown


def test_no_secret_in_any_log(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO), make_server(tmp_path) as server:
        send(server)
    assert "sesame" not in "".join(record.getMessage() for record in caplog.records if not record.name.startswith("mail."))
