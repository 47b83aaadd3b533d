"""Secure mail with the document: one recipient, over TLS that is required and checked, to an address the deployment has approved.

A mail cannot be searched for, so one whose fate is unknown is not sent again by itself; a person asks the recipient. The Message-ID
is the same at every attempt. What does not live here: the SMTP session (`net.smtp`).
"""

from __future__ import annotations

import hashlib
import re
import smtplib
from collections.abc import Mapping
from datetime import UTC
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import ClassVar, Self

from pydantic import Field, field_validator, model_validator

from integrations.answer.verdict import of_fault
from integrations.contract import Deferred, Delivered, Finding, Options, Outcome, Record, Refused, Unknown
from integrations.http import GuardedClient, NotSent, Trust
from integrations.limits import Limits, fault_in
from integrations.net.smtp import GuardedSMTP, session
from integrations.template.language import Template, TemplateFault
from integrations.template.values import check_names, record_values

_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
# What a subject and a body may name: nothing that says who the child is. The document says it, and it is not in clear on the way.
_MAY_NAME = ("key", "reference", "file_stem")


class SecureMailOptions(Options):
    """The server, the two addresses, the words."""

    host: str = Field(pattern=r"^[A-Za-z0-9.-]+$", title="Mail server", examples=["send.nhs.net"], description="The mail server.")
    port: int = Field(
        default=587,
        ge=1,
        le=65535,
        title="Port",
        examples=[587],
        description="Its port: 587 with STARTTLS, or 465 with TLS from the start.",
    )
    username: str = Field(
        default="",
        title="User name",
        examples=["accord@council.example"],
        description="The user name; the password is a secret. Empty if the server needs none.",
    )
    sender: str = Field(title="From", examples=["accord@council.example"], description="The address it comes from.")
    recipient: str = Field(
        title="To", examples=["records@school.example"], description="The address it goes to: one, approved by the deployment."
    )
    subject: str = Field(
        default="[secure] Document {{reference}}",
        max_length=150,
        title="Subject",
        examples=["[secure] Document {{reference}}"],
        description="The subject; it may name the reference alone.",
    )
    body: str = Field(
        default="A document for a file is attached. Reference: {{reference}}.\n\nPlease put it on the file, then say so.",
        title="Text",
        examples=["A document for a file is attached. Reference: {{reference}}."],
        description="The text; it may name the reference alone.",
    )
    largest_mail: int = Field(
        default=35_000_000,
        ge=10_000,
        title="Largest mail",
        examples=[35000000],
        description="The largest mail the recipient takes, in bytes.",
    )
    authority: str = Field(
        default="",
        title="Their authority",
        examples=["-----BEGIN CERTIFICATE-----"],
        description="PEM text of the authority that signed their certificate, if it is one of their own.",
    )
    limits: Limits = Field(default=Limits(), title="Documents", examples=[{"extensions": ["pdf"]}], description="What documents they take.")

    @field_validator("sender", "recipient")
    @classmethod
    def _one_address(cls, value: str) -> str:
        if not _ADDRESS.fullmatch(value):
            raise ValueError("one mail address, such as records@example.org")
        return value

    @model_validator(mode="after")
    def _words(self) -> Self:
        for text in (self.subject, self.body):
            template = Template.parse(text)
            check_names(template, _MAY_NAME)
            if any(place.name not in _MAY_NAME for place in template.places):
                raise ValueError("subject and body may name the reference and nothing about whoever it is about")
        return self


class SecureMailAdapter:
    """The adapter. A mail that was taken has "arrived"; it is on file when a person says so."""

    id: ClassVar[str] = "secure-mail"
    title: ClassVar[str] = "Secure mail with the document"
    options: ClassVar[type[SecureMailOptions]] = SecureMailOptions
    secret_names: ClassVar[tuple[str, ...]] = ("password",)
    searchable: ClassVar[bool] = False
    needs_documents: ClassVar[bool] = True

    def check(self, options: SecureMailOptions, secrets: Mapping[str, str], http: GuardedClient) -> list[Finding]:
        """Address, reach, TLS, password. Sends no mail."""
        if not http.allowed.allows_mail_to(options.recipient):
            return [Finding("settings", False, "The deployment has not approved this recipient.")]
        try:
            with session(http, options.host.lower(), options.port, Trust(options.authority)) as smtp:
                _sign_in(smtp, options, secrets)
                smtp.noop()
        except NotSent as fault:
            return [Finding(fault.kind, False, f"{fault.reason}.")]
        except smtplib.SMTPAuthenticationError as error:
            return [Finding("credentials", False, f"The server does not accept the user name and password ({error.smtp_code}).")]
        except (OSError, smtplib.SMTPException):
            return [Finding("answer", False, "The server broke the session off.")]
        return [Finding("network", True, "The server was reached under TLS."), Finding("credentials", True, "It lets us in.")]

    def preview(self, record: Record, options: SecureMailOptions) -> str:
        """The headers, the text, the names of the documents."""
        try:
            message = composed(record, options)
        except TemplateFault as fault:
            return f"This record would not be sent: {fault}."
        lines = [f"{name}: {message[name]}" for name in ("From", "To", "Subject", "Message-ID")]
        names = [f"[{document.name}, {len(document.content):,} bytes]" for document in record.documents]
        return "\n".join([*lines, "", Template.parse(options.body).fill(record_values(record), str), "", *names])

    def write(self, record: Record, options: SecureMailOptions, secrets: Mapping[str, str], http: GuardedClient) -> Outcome:
        """One mail. Unknown only if the connection was lost after the text had begun to go out."""
        raw, fault = _ready(record, options, http)
        if fault:
            return Refused(f"Nothing was sent: {fault}.")
        sent = Sending()
        try:
            with session(http, options.host.lower(), options.port, Trust(options.authority)) as smtp:
                _sign_in(smtp, options, secrets)
                return sent.one(smtp, options, raw, record)
        except NotSent as problem:
            return of_fault(problem, writes=True)
        except smtplib.SMTPResponseException as error:
            return _outcome_of(error.smtp_code)
        except (OSError, smtplib.SMTPException):
            if sent.began:
                return Unknown("The mail server was lost while it took the mail; nobody knows whether it has it.")
            return Deferred("Nothing was sent: the mail server broke the session off.")

    def find(
        self, record: Record, options: SecureMailOptions, secrets: Mapping[str, str], http: GuardedClient
    ) -> Delivered | Unknown | None:
        """Unknown: a mailbox of theirs cannot be searched."""
        return Unknown("A mail cannot be looked for; a person must ask the recipient.")


class Sending:
    """One mail on its way. `began` is true once the server might hold it."""

    def __init__(self) -> None:
        self.began = False

    def one(self, smtp: GuardedSMTP, options: SecureMailOptions, raw: bytes, record: Record) -> Outcome:
        """MAIL, RCPT, DATA, each answer looked at by itself. Raises OSError and SMTPException where the session breaks."""
        size = smtp.esmtp_features.get("size", "")
        if size.isdecimal() and 0 < int(size) < len(raw):
            return Refused("Nothing was sent: the mail is larger than the mail server takes.")
        told = [smtp.mail(options.sender, [f"size={len(raw)}"] if size else []), smtp.rcpt(options.recipient)]
        for code, _text in told:
            if code not in (250, 251):
                return _outcome_of(code)
        code, _text = smtp.docmd("DATA")
        if code != 354:
            return _outcome_of(code)
        self.began = True
        smtp.send(_dotted(raw))
        code, _text = smtp.getreply()
        if code == -1:
            return Unknown("The mail server was lost while it took the mail; nobody knows whether it has it.")
        return Delivered(message_id(record, options), on_file=False) if code == 250 else _outcome_of(code)


def composed(record: Record, options: SecureMailOptions) -> EmailMessage:
    """The mail, the same bytes at every attempt. Raises `TemplateFault`."""
    values = record_values(record)
    message = EmailMessage(policy=SMTP)
    message["From"] = Address(addr_spec=options.sender)
    message["To"] = Address(addr_spec=options.recipient)
    message["Subject"] = Template.parse(options.subject).fill(values, str)
    message["Date"] = format_datetime(record.written_at.astimezone(UTC))
    message["Message-ID"] = message_id(record, options)
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "All"
    message.set_content(Template.parse(options.body).fill(values, str), cte="quoted-printable")
    for document in record.documents:
        kind, _, rest = document.media_type.partition(";")[0].partition("/")
        message.add_attachment(document.content, maintype=kind or "application", subtype=rest or "octet-stream", filename=document.name)
    if message.is_multipart():
        message.set_boundary(hashlib.sha256(record.key.encode()).hexdigest()[:40])
    return message


def message_id(record: Record, options: SecureMailOptions) -> str:
    """The same for every attempt at this record and recipient; it says nothing to anyone else."""
    told = hashlib.sha256(f"{record.key}|{options.recipient}".encode()).hexdigest()[:32]
    return f"<{told}@{options.sender.rpartition('@')[2]}>"


def _ready(record: Record, options: SecureMailOptions, http: GuardedClient) -> tuple[bytes, str | None]:
    """The mail's bytes, and what is against sending it."""
    if not http.allowed.allows_mail_to(options.recipient):
        return b"", "the deployment has not approved this recipient"
    try:
        raw = composed(record, options).as_bytes(policy=SMTP)
    except TemplateFault as problem:
        return b"", str(problem)
    if len(raw) > options.largest_mail:
        return raw, "the mail would be larger than the recipient takes"
    return raw, fault_in(record, options.limits)


def _sign_in(smtp: GuardedSMTP, options: SecureMailOptions, secrets: Mapping[str, str]) -> None:
    if not options.username:
        return
    password = secrets.get("password", "")
    if not password:
        raise NotSent("settings", "the secret password is not set")
    if not smtp.has_extn("auth"):
        raise NotSent("settings", "the mail server offers no sign-in; leave the user name empty")
    smtp.login(options.username, password)


def _dotted(raw: bytes) -> bytes:
    """The text with its end: lines that begin with a dot get another (RFC 5321 section 4.5.2)."""
    lines = re.sub(rb"\r\n|\r|\n", b"\r\n", raw)
    return re.sub(rb"(?m)^\.", b"..", lines).removesuffix(b"\r\n") + b"\r\n.\r\n"


def _outcome_of(code: int) -> Outcome:
    """RFC 5321 section 4.2.1: 4xx is for later, 5xx for a person; -1 and 421 mean that the session ended."""
    if code in (-1, 421) or 400 <= code < 500:
        return Deferred(f"The mail server answered {code}: it cannot take this now.")
    if code in (530, 534, 535, 538):
        return Refused(f"The mail server answered {code}: it does not accept our user name and password.", where="credentials")
    if code == 552:
        return Refused("The mail server answered 552: the mail is too large, or the mailbox full.")
    return Refused(f"The mail server answered {code}: it does not take this mail.")
