"""Signed webhook: a thin event to an integration engine, which comes back for the rest. Standard Webhooks, header names by option.

The document never travels here, nor anything that says who the child is, unless a field is named in `fields`. What does not live
here: the signatures (`auth.standard_webhooks`).
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping
from typing import ClassVar, Literal

from pydantic import Field, field_validator

from integrations.answer.verdict import NOT_WRITTEN, of_fault, of_status
from integrations.auth import standard_webhooks
from integrations.auth.options import checked_url
from integrations.contract import Delivered, Finding, Options, Outcome, Record, Refused, Unknown, Where
from integrations.http import GuardedClient, NoAnswer, NotSent, Response, Target, Trust
from integrations.template.bodies import fill_body, templates_in
from integrations.template.language import TemplateFault
from integrations.template.values import RECORD_NAMES, check_names, record_values

LARGEST = 20_000
_HEADER = r"^[A-Za-z0-9-]+$"
_SIGNING = ("signing_secret", "signing_secret_next")


class WebhookOptions(Options):
    """Where the event goes and how its headers are called."""

    url: str = Field(
        title="Address", examples=["https://engine.example.org/hooks/accord"], description="The address that takes the events."
    )
    event_type: str = Field(
        default="accord.outcome.recorded",
        pattern=r"^[a-z0-9_.-]{1,80}$",
        title="Name of the event",
        examples=["accord.outcome.recorded"],
        description="What the event is called.",
    )
    fields: list[str] = Field(
        default=[],
        title="Fields that go with it",
        examples=[["outcome"]],
        description="Which of the record's fields go with it. None is the safest.",
    )
    body: str = Field(
        default="",
        title="Body",
        description="The event's body as a JSON template, where the receiver wants a shape of its own. It may not say whom it is about.",
        examples=['{"eventId": "{{key|uuid}}", "reference": "{{reference}}", "occurredAt": "{{written_at}}"}'],
    )
    id_header: str = Field(
        default="webhook-id",
        pattern=_HEADER,
        title="Header of the id",
        examples=["webhook-id"],
        description="The header for the event's id.",
    )
    timestamp_header: str = Field(
        default="webhook-timestamp",
        pattern=_HEADER,
        title="Header of the time",
        examples=["webhook-timestamp"],
        description="The header for the time.",
    )
    signature_header: str = Field(
        default="webhook-signature",
        pattern=_HEADER,
        title="Header of the signature",
        examples=["webhook-signature"],
        description="The header for the signature.",
    )
    signature_form: Literal["standard", "hex", "sha256=hex"] = Field(
        default="standard", title="Form of the signature", examples=["sha256=hex"], description="How the signature is written."
    )
    signed_order: Literal["id.timestamp.body", "timestamp.id.body"] = Field(
        default="id.timestamp.body", title="What is signed", examples=["timestamp.id.body"], description="What is signed."
    )
    headers: dict[str, str] = Field(
        default={}, title="Further headers", examples=[{"X-Key-ID": "2026-1"}], description="Further headers with fixed values."
    )
    media_type: str = Field(
        default="application/json",
        pattern=r"^[\w.+-]+/[\w.+-]+$",
        title="Media type",
        examples=["application/json"],
        description="The media type of the event.",
    )
    success_statuses: list[int] = Field(
        default=[200, 201, 202, 204], title="Statuses of success", examples=[[202]], description="The statuses that mean: taken."
    )
    success_body: Literal["any", "empty"] = Field(
        default="any", title="Body", examples=["empty"], description="What the answer's body must be."
    )
    drops_repeats: bool = Field(
        default=True,
        title="Takes each event once",
        examples=[True],
        description="The receiver keeps ids and takes each event once, as the standard asks.",
    )
    authority: str = Field(
        default="",
        title="Their authority",
        examples=["-----BEGIN CERTIFICATE-----"],
        description="PEM text of the authority that signed their certificate, if it is one of their own.",
    )

    _url = field_validator("url")(checked_url)

    @field_validator("body")
    @classmethod
    def _thin(cls, value: str) -> str:
        for template in templates_in("json", value) if value else []:
            check_names(template, RECORD_NAMES)
            if any(place.name.startswith(("child.", "field.child_")) for place in template.places):
                raise ValueError("an event never says whom it is about")
        return value


class WebhookAdapter:
    """The adapter. "Arrived" is all that an event can be; what becomes of it, the receiver must tell."""

    id: ClassVar[str] = "webhook"
    title: ClassVar[str] = "Signed webhook"
    options: ClassVar[type[WebhookOptions]] = WebhookOptions
    secret_names: ClassVar[tuple[str, ...]] = _SIGNING
    searchable: ClassVar[bool] = True  # `find` answers from what the receiver promises
    needs_documents: ClassVar[bool] = False

    def check(self, options: WebhookOptions, secrets: Mapping[str, str], http: GuardedClient) -> list[Finding]:
        """The secret's form, and that the address can be reached (by HEAD, which no receiver takes for an event)."""
        try:
            _signature(options, secrets, "check-check", 0, b"")
        except ValueError as error:
            return [Finding("settings", False, f"The signing secret cannot be used: {error}.")]
        try:
            Target.parse(options.url, http.allowed)
            response = http.request("HEAD", options.url, trust=Trust(options.authority))
        except NotSent as fault:
            return [Finding(fault.kind, False, f"{fault.reason}.")]
        except NoAnswer as fault:
            return [Finding("answer", False, f"{fault.reason}.")]
        return [Finding("network", True, "The address was reached."), _finding_of(response.status)]

    def preview(self, record: Record, options: WebhookOptions) -> str:
        """The event as it goes, with the time and the signature masked."""
        names = {options.id_header: event_id(record), options.timestamp_header: "•••", options.signature_header: "•••"}
        lines = [f"POST {options.url}", f"Content-Type: {options.media_type}", *(f"{name}: {value}" for name, value in names.items())]
        try:
            return "\n".join([*lines, "", event(record, options).decode()])
        except TemplateFault as fault:
            return f"This record would not be sent: {fault}."

    def write(self, record: Record, options: WebhookOptions, secrets: Mapping[str, str], http: GuardedClient) -> Outcome:
        """One event with the record's own id. 410 means that the receiver wants no more."""
        try:
            body = event(record, options)
        except TemplateFault as fault:
            return Refused(f"Nothing was sent: {fault}.")
        if len(body) > LARGEST:
            return Refused("Nothing was sent: the event is larger than webhooks may be.")
        message_id, now = event_id(record), int(http.clock().timestamp())
        try:
            signature = _signature(options, secrets, message_id, now, body)
        except ValueError as error:
            return Refused(f"Nothing was sent: the signing secret cannot be used ({error}).")
        own = {options.id_header: message_id, options.timestamp_header: str(now), options.signature_header: signature}
        headers = {**options.headers, "Content-Type": options.media_type, **own}
        try:
            response = http.request("POST", options.url, headers, body, trust=Trust(options.authority))
        except (NotSent, NoAnswer) as fault:
            return of_fault(fault, writes=True)
        return _outcome(response, options, message_id)

    def find(self, record: Record, options: WebhookOptions, secrets: Mapping[str, str], http: GuardedClient) -> Delivered | Unknown | None:
        """A webhook cannot be asked. Where the receiver drops repeats, sending again is safe: None."""
        return None if options.drops_repeats else Unknown("This receiver cannot be asked and may take an event twice; a person must look.")


def _finding_of(status: int) -> Finding:
    well = status < 500 and status not in (401, 403, 404, 410) and not 300 <= status < 400
    part: dict[int, Where] = {401: "credentials", 403: "permission", 404: "settings", 410: "settings"}
    return Finding("answer" if well else part.get(status, "answer"), well, f"It answered {status}.")


def event_id(record: Record) -> str:
    """The id of the record's event: its key in letters that ids may have, the same for every attempt."""
    return re.sub(r"[^A-Za-z0-9_-]+", "-", record.key)


def event(record: Record, options: WebhookOptions) -> bytes:
    """The event: its type, its time, the record's key and reference, and the fields that the options name; or the body they give.

    Raises `TemplateFault` for a value that is not there.
    """
    if options.body:
        return fill_body("json", options.body, record_values(record))[0]
    named = {name: record.fields[name] for name in options.fields if name in record.fields}
    data = {"key": record.key, "reference": record.reference, **({"fields": named} if named else {})}
    return json.dumps({"type": options.event_type, "timestamp": record.written_at.isoformat(), "data": data}).encode()


def _signature(options: WebhookOptions, secrets: Mapping[str, str], message_id: str, now: int, body: bytes) -> str:
    held = [secrets[name] for name in _SIGNING if secrets.get(name)]
    if not held:
        raise ValueError("none is set")
    if options.signature_form == "standard" and options.signed_order == "id.timestamp.body":
        return standard_webhooks.signature_header(held, message_id, now, body)
    raw = standard_webhooks.sign(held[0], message_id, now, body, options.signed_order)
    if options.signature_form == "standard":
        return "v1," + base64.b64encode(raw).decode("ascii")
    return ("sha256=" if options.signature_form == "sha256=hex" else "") + raw.hex()


def _outcome(response: Response, options: WebhookOptions, message_id: str) -> Outcome:
    if response.status == 410:
        return Refused("The receiver answered 410: it wants no more events from this connection.")
    if response.status in options.success_statuses:
        if options.success_body == "empty" and response.body:
            return Unknown("The receiver's answer is not what it should be: its body should be empty.")
        return Delivered(message_id, on_file=False)
    if 200 <= response.status < 300:
        return Unknown(f"The receiver answered {response.status}, which is not among the statuses that mean: taken.")
    return of_status(response, writes=True, not_written=NOT_WRITTEN)
