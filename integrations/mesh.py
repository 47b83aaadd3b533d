"""MESH, the message exchange of health and social care: one message with the document (or a pack), over mutual TLS.

The local id that tracks a message is a hash: it must hold nothing personal. MESH takes a repeated message as a second one, so an
earlier one is looked for by its local id; one that was left half uploaded is taken up again. A large document goes in chunks. That
a message could not be delivered is read from what MESH tracks of our outbox; the report that says so stays in our inbox, which may
be somebody else's to read. What does not live here: the proof and the request (`auth.mesh`).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal

from pydantic import Field

from integrations.answer.pointer import NotThere, json_of
from integrations.answer.verdict import Stopped, of_status
from integrations.auth.mesh import MESH_SECRETS, V2, Mailbox
from integrations.auth.options import PeerOptions
from integrations.auth.peer import finding_of
from integrations.contract import Delivered, Document, Finding, Outcome, Record, Refused, Unknown
from integrations.http import GuardedClient, NoAnswer, NotSent, Response
from integrations.limits import Limits, fault_in
from integrations.pack import pack

_NAME = r"^[A-Za-z0-9_.-]{1,100}$"
_MESSAGE_ID = re.compile(r"[A-Za-z0-9_-]{1,100}")


class MeshOptions(PeerOptions):
    """Our mailbox, theirs, and the workflow that both have agreed on."""

    mailbox: str = Field(pattern=_NAME, title="Our mailbox", description="Our mailbox's id.", examples=["X26OT001"])
    recipient: str = Field(pattern=_NAME, title="Their mailbox", description="The id of the mailbox it goes to.", examples=["X26OT002"])
    workflow_id: str = Field(
        pattern=_NAME,
        title="Workflow id",
        description="The workflow id under which both mailboxes are registered.",
        examples=["SAFEGUARDING_OUTCOME"],
    )
    sends: Literal["first document", "pack"] = Field(
        default="first document", title="What is sent", description="The first document alone, or all as a zip.", examples=["pack"]
    )
    chunk_bytes: int = Field(
        default=1_000_000,
        ge=1_000,
        le=100_000_000,
        title="Largest piece",
        description="A message larger than this goes in chunks of this size (bytes).",
        examples=[1_000_000],
    )
    limits: Limits = Field(
        default=Limits(), title="Documents", description="What documents they take.", examples=[{"largest_bytes": 5_000_000}]
    )


@dataclass(frozen=True)
class Tracked:
    """What MESH says of a message of ours."""

    message_id: str
    state: str


class MeshAdapter:
    """The adapter. Accepted and even acknowledged by MESH means "arrived", never "on file"."""

    id: ClassVar[str] = "mesh"
    title: ClassVar[str] = "MESH"
    options: ClassVar[type[MeshOptions]] = MeshOptions
    secret_names: ClassVar[tuple[str, ...]] = MESH_SECRETS
    searchable: ClassVar[bool] = True
    needs_documents: ClassVar[bool] = True

    def check(self, options: MeshOptions, secrets: Mapping[str, str], http: GuardedClient) -> list[Finding]:
        """Counts our own inbox: it needs certificate, mailbox, password and key to be right, and changes nothing."""
        try:
            response = _mailbox(options, secrets, http).ask("GET", "/count", {})
        except NotSent as fault:
            return [Finding(fault.kind, False, f"{fault.reason}.")]
        except NoAnswer as fault:
            return [Finding("answer", False, f"{fault.reason}.")]
        except Stopped as stopped:
            return [finding_of(stopped)]
        if response.status in (401, 403):
            return [
                Finding(
                    "credentials", False, "MESH does not accept our mailbox, password, shared key or certificate. Ask the MESH helpdesk."
                )
            ]
        if response.status != 200:
            return [Finding("answer", False, f"MESH answered {response.status}. Look at the address.")]
        return [Finding("network", True, "MESH was reached."), Finding("credentials", True, "It lets us into our mailbox.")]

    def preview(self, record: Record, options: MeshOptions) -> str:
        """The headers of the message, the password and the proof masked, and the name of what is sent."""
        if not record.documents:
            return "This record would not be sent: there is no document."
        sent = _sent(record, options)
        lines = [f"{name}: {value}" for name, value in {**_headers(record, options, sent), "Authorization": "NHSMESH •••"}.items()]
        place = f"POST {options.base_url}/messageexchange/{options.mailbox}/outbox"
        count = len(_chunks(sent.content, options))
        pieces = f", in {count} chunks" if count > 1 else ""
        return "\n".join([place, *lines, "", f"[{sent.name}, {len(sent.content):,} bytes{pieces}, for {record.reference}]"])

    def write(self, record: Record, options: MeshOptions, secrets: Mapping[str, str], http: GuardedClient) -> Outcome:
        """Looks for an earlier message of this record, then sends one; a message half uploaded is completed."""
        fault = fault_in(record, options.limits) or (None if record.documents else "there is no document")
        if fault:
            return Refused(f"Nothing was sent: {fault}.")
        box, sent = _mailbox(options, secrets, http), _sent(record, options)
        chunks = _chunks(sent.content, options)
        try:
            earlier = _tracked(box, local_id(record, options))
            if earlier and earlier.state == "uploading":
                if len(chunks) == 1:
                    return Unknown("MESH holds this message half uploaded, in pieces of another size than the settings say now.")
                _upload(box, earlier.message_id, chunks)
                return Delivered(earlier.message_id, on_file=False)
            # One that could not be delivered lies in nobody's mailbox: sending it again is what a person wants who asks for it.
            if earlier and earlier.state not in ("undeliverable", "error"):
                return Delivered(earlier.message_id, on_file=False)
            headers = _headers(record, options, sent)
            message_id = _begin(box, headers, chunks)
            _upload(box, message_id, chunks)
            return Delivered(message_id, on_file=False)
        except Stopped as stopped:
            return stopped.outcome

    def find(self, record: Record, options: MeshOptions, secrets: Mapping[str, str], http: GuardedClient) -> Delivered | Unknown | None:
        """By the local id, in what MESH tracks of our outbox. None also for one that is half uploaded: writing again completes it."""
        try:
            earlier = _tracked(_mailbox(options, secrets, http), local_id(record, options))
        except Stopped as stopped:
            return Unknown(getattr(stopped.outcome, "reason", "MESH could not be asked."))
        if earlier is None or earlier.state == "uploading":
            return None
        if earlier.state in ("undeliverable", "error"):
            return Unknown(
                "MESH could not deliver the message. Ask the recipient whether they collect from this mailbox, then send it again."
            )
        return Delivered(earlier.message_id, on_file=False)


def local_id(record: Record, options: MeshOptions) -> str:
    """An opaque id for one record and recipient, the same at every attempt."""
    return hashlib.sha256(f"{record.key}|{options.mailbox}|{options.recipient}".encode()).hexdigest()[:40]


def _mailbox(options: MeshOptions, secrets: Mapping[str, str], http: GuardedClient) -> Mailbox:
    return Mailbox(options.base_url, options.mailbox, secrets, options.trust(secrets.get("tls_key", "")), http)


def _sent(record: Record, options: MeshOptions) -> Document:
    return pack(record) if options.sends == "pack" else record.documents[0]


def _chunks(content: bytes, options: MeshOptions) -> list[bytes]:
    size = options.chunk_bytes
    return [content[start : start + size] for start in range(0, len(content), size)]


def _headers(record: Record, options: MeshOptions, sent: Document) -> dict[str, str]:
    name = sent.name if sent.name.isascii() else "document." + sent.name.rpartition(".")[2]
    return {
        "Accept": V2,
        "Content-Type": sent.media_type,
        "Mex-To": options.recipient,
        "Mex-WorkflowID": options.workflow_id,
        "Mex-LocalID": local_id(record, options),
        "Mex-FileName": name,
        "Mex-Content-Checksum": hashlib.sha256(sent.content).hexdigest(),
    }


def _begin(box: Mailbox, headers: Mapping[str, str], chunks: list[bytes]) -> str:
    """Sends the first (or only) piece and gives the message's id. Raises `Stopped`."""
    ranged = {"Mex-Chunk-Range": f"1:{len(chunks)}"} if len(chunks) > 1 else {}
    response = box.send("POST", "/outbox", {**headers, **ranged}, chunks[0], writes=True)
    if response.status == 417:
        raise Stopped(Refused("MESH answered 417: it does not know the recipient's mailbox for this workflow id."))
    if response.status not in (200, 202):
        raise Stopped(of_status(response, writes=True))
    found = _text(response, "message_id")
    if not _MESSAGE_ID.fullmatch(found):
        raise Stopped(Unknown("MESH's answer is not what it should be: it names no message."))
    return found


def _upload(box: Mailbox, message_id: str, chunks: list[bytes]) -> None:
    """Sends the pieces behind the first; one that MESH has already is laid over itself. Raises `Stopped`."""
    for number, chunk in enumerate(chunks[1:], start=2):
        headers = {"Content-Type": "application/octet-stream", "Mex-Chunk-Range": f"{number}:{len(chunks)}"}
        response = box.send("POST", f"/outbox/{message_id}/{number}", headers, chunk, writes=True)
        if response.status not in (200, 202):
            # The message is begun, so "not now" and "refused" both leave something behind that must be looked at.
            raise Stopped(Unknown(f"MESH answered {response.status} to chunk {number} of {len(chunks)}; the message is half uploaded."))


def _tracked(box: Mailbox, wanted: str) -> Tracked | None:
    response = box.send("GET", f"/outbox/tracking/{wanted}", {"Accept": "application/json"}, writes=False)
    if response.status == 404:
        return None
    if response.status == 300:  # two messages with this local id: it is there, if more often than it should be
        return Tracked(wanted, "accepted")
    if response.status != 200:
        raise Stopped(of_status(response, writes=False))
    found = _text(response, "messageId")
    if not _MESSAGE_ID.fullmatch(found):
        raise Stopped(Refused("MESH's answer is not what it should be: it names no message. Nothing was sent."))
    return Tracked(found, _text(response, "status").lower())


def _text(response: Response, name: str) -> str:
    try:
        said = json_of(response)
    except NotThere:
        return ""
    return str(said.get(name) or "") if isinstance(said, dict) else ""
