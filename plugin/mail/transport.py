"""How mail leaves: SMTP with the certificate checked and a time-out, GOV.UK Notify (`notify`), or a folder (the demo's mailbox shows it).

Flask-Mail alone would take any certificate and wait for ever; its connection is replaced by one that does neither. All three are a
`Sender`: what the rest of the service knows of mail is that a message was taken, or a MailError saying whether to try again.
"""

from __future__ import annotations

import re
import smtplib
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

import flask_mail
from flask import Flask, current_app

_TIMEOUT = 20


class MailError(Exception):
    """The mail was not taken. `permanent`: trying again will not help; `mailbox`: because this mailbox is refused.

    The text is for the log and for the row: no address, no content.
    """

    def __init__(self, reason: str, *, permanent: bool, mailbox: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.permanent = permanent
        self.mailbox = mailbox


class Sender(Protocol):
    """Something that takes messages one after another over one connection."""

    def send(self, message: flask_mail.Message, *, again: bool = False) -> None:
        """Sends one; raises MailError. `again`: it may have been taken before and the answer lost."""


class CheckedConnection(flask_mail.Connection):
    """Flask-Mail's connection, with STARTTLS demanded, the certificate and name verified, and a time-out on every step."""

    def configure_host(self) -> smtplib.SMTP:
        """An open, encrypted, signed-in connection. Raises MailError; never falls back to plain text."""
        try:
            host = smtplib.SMTP(self.mail.server, self.mail.port, timeout=_TIMEOUT)
            if not host.has_extn("starttls") and host.ehlo() and not host.has_extn("starttls"):
                host.close()
                raise MailError("the mail server offers no STARTTLS", permanent=False)
            host.starttls(context=ssl.create_default_context(cafile=current_app.config["MAIL_CA_FILE"] or None))
            if self.mail.username and self.mail.password:
                host.login(self.mail.username, self.mail.password)
        except (OSError, smtplib.SMTPException) as wrong:
            raise MailError(f"the mail server could not be used: {type(wrong).__name__}", permanent=False) from None
        return host

    def __exit__(self, *_exc: object) -> None:
        """Says goodbye; a server that has hung up already is not an error: what became of each mail is known."""
        if self.host is not None:
            with suppress(OSError, smtplib.SMTPException):
                self.host.quit()

    def again(self) -> None:
        """Connects anew where the server has hung up. Raises MailError."""
        if self.host is not None and self.host.sock is None:
            self.host = self.configure_host()


class _Smtp:
    def __init__(self, connection: CheckedConnection) -> None:
        self._connection = connection
        self._gone: MailError | None = None

    def send(self, message: flask_mail.Message, *, again: bool = False) -> None:
        # Nothing can be asked of a mail server about an earlier try: the Message-ID is the same, so whoever gets it twice can tell.
        if self._gone is not None:
            raise self._gone
        try:
            self._connection.again()
        except MailError as wrong:
            self._gone = wrong  # the rest of the batch need not wait for the same time-out
            raise
        try:
            self._connection.send(message)
        except smtplib.SMTPRecipientsRefused as refused:
            raise _mailbox_refused(*next(iter(refused.recipients.values()))) from None
        except smtplib.SMTPSenderRefused as answer:  # ours is wrong, not theirs: to be put right, and tried until it is
            raise MailError(f"the mail server refused the sender ({answer.smtp_code})", permanent=False) from None
        except smtplib.SMTPResponseException as answer:
            raise MailError(f"the mail server answered {answer.smtp_code}", permanent=answer.smtp_code >= 500) from None
        except (OSError, smtplib.SMTPException) as wrong:
            raise MailError(f"the connection broke: {type(wrong).__name__}", permanent=False) from None


def _mailbox_refused(code: int, said: bytes) -> MailError:
    """5.7.x (RFC 3463) is a rule of theirs about us, not a mailbox that does not exist."""
    return MailError(f"the mailbox was refused ({code})", permanent=code >= 500, mailbox=not said.startswith(b"5.7."))


class _Folder:
    def __init__(self, path: Path) -> None:
        self._path = path

    def send(self, message: flask_mail.Message, *, again: bool = False) -> None:
        self._path.mkdir(parents=True, exist_ok=True)
        name = re.sub(r"[^A-Za-z0-9]", "", message.msgId.partition("@")[0]) + ".eml"
        part = self._path / f".{name}.part"
        part.write_bytes(message.as_bytes())
        part.replace(self._path / name)  # the same message again takes the place of the first


class CheckedMail(flask_mail.Mail):
    """The Flask-Mail extension whose connections are `CheckedConnection`s."""

    @contextmanager
    def sender(self) -> Iterator[Sender]:
        """One connection for several messages; raises MailError where there can be none."""
        carrier: Sender | None = current_app.config["MAIL_CARRIER"]
        if carrier is not None:
            yield carrier
            return
        with CheckedConnection(current_app.extensions["mail"]) as connection:
            yield _Smtp(connection)


def configure(app: Flask, where: str, password_file: str, ca_file: str, sender: str, notify: Callable[[str, str], Sender]) -> None:
    """Flask-Mail's settings for ACCORD_MAIL. `notify` makes the carrier of "notify://…" from that and an API key.

    Raises ValueError where it is none of folder:PATH, smtp://user@host:port and notify://host/TEMPLATE.
    """
    app.config.update(MAIL_FOLDER="", MAIL_SERVER="", MAIL_CA_FILE=ca_file, MAIL_CARRIER=None, MAIL_DEFAULT_SENDER=sender)
    password = Path(password_file).read_text().strip() if password_file else ""
    parts = urlsplit(where)
    if where.startswith("folder:"):
        folder = where.removeprefix("folder:")
        app.config.update(MAIL_FOLDER=folder, MAIL_CARRIER=_Folder(Path(folder)))
    elif parts.scheme == "notify":
        app.config.update(MAIL_CARRIER=notify(where, password))
    elif parts.scheme == "smtp" and parts.hostname:
        host = {"MAIL_SERVER": parts.hostname, "MAIL_PORT": parts.port or 587}
        app.config.update(**host, MAIL_USERNAME=parts.username, MAIL_PASSWORD=password or None)
    else:
        raise ValueError(f"ACCORD_MAIL: {where!r} is neither folder:PATH nor smtp://user@host:587 nor notify://host/TEMPLATE")
