"""How mail leaves: SMTP with the certificate checked and a time-out, or into a folder (the demo's mailbox page shows it).

Flask-Mail alone would take any certificate and wait for ever; its connection is replaced by one that does neither.
"""

from __future__ import annotations

import re
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol
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


class _Smtp:
    def __init__(self, connection: CheckedConnection) -> None:
        self._connection = connection

    def send(self, message: flask_mail.Message, *, again: bool = False) -> None:
        # Nothing can be asked of a mail server about an earlier try: the Message-ID is the same, so whoever gets it twice can tell.
        try:
            self._connection.send(message)
        except smtplib.SMTPRecipientsRefused as refused:
            code = next(iter(refused.recipients.values()))[0]
            raise MailError(f"the mailbox was refused ({code})", permanent=code >= 500, mailbox=True) from None
        except smtplib.SMTPResponseException as answer:
            raise MailError(f"the mail server answered {answer.smtp_code}", permanent=answer.smtp_code >= 500) from None
        except (OSError, smtplib.SMTPException) as wrong:
            raise MailError(f"the connection broke: {type(wrong).__name__}", permanent=False) from None


class _Folder:
    def __init__(self, path: Path) -> None:
        self._path = path

    def send(self, message: flask_mail.Message, *, again: bool = False) -> None:
        name = re.sub(r"[^A-Za-z0-9]", "", message.msgId.partition("@")[0]) + ".eml"
        part = self._path / f".{name}.part"
        part.write_bytes(message.as_bytes())
        part.replace(self._path / name)  # the same message again takes the place of the first


class CheckedMail(flask_mail.Mail):
    """The Flask-Mail extension whose connections are `CheckedConnection`s."""

    @contextmanager
    def sender(self) -> Iterator[Sender]:
        """One connection for several messages; raises MailError where there can be none."""
        folder = current_app.config["MAIL_FOLDER"]
        if folder:
            path = Path(folder)
            path.mkdir(parents=True, exist_ok=True)
            yield _Folder(path)
            return
        with CheckedConnection(current_app.extensions["mail"]) as connection:
            yield _Smtp(connection)


def configure(app: Flask, where: str, password_file: str, ca_file: str, sender: str) -> dict[str, Any]:
    """Flask-Mail's settings for ACCORD_MAIL. Raises ValueError where it is neither folder:PATH nor smtp://user@host:port."""
    if where.startswith("folder:"):
        settings: dict[str, Any] = {"MAIL_FOLDER": where.removeprefix("folder:"), "MAIL_SERVER": "", "MAIL_CA_FILE": ""}
    else:
        parts = urlsplit(where)
        if parts.scheme != "smtp" or not parts.hostname:
            raise ValueError(f"ACCORD_MAIL: {where!r} is neither folder:PATH nor smtp://user@host:587")
        password = Path(password_file).read_text().strip() if password_file else None
        settings = {
            "MAIL_FOLDER": "",
            "MAIL_SERVER": parts.hostname,
            "MAIL_PORT": parts.port or 587,
            "MAIL_USERNAME": parts.username,
            "MAIL_PASSWORD": password,
            "MAIL_CA_FILE": ca_file,
        }
    settings["MAIL_DEFAULT_SENDER"] = sender
    app.config.update(settings)
    return settings
