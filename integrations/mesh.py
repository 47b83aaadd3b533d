"""MESH, the message exchange of health and social care: one message with the document (or a pack), over mutual TLS.

The local id that tracks a message is a hash: it must hold nothing personal. MESH takes a repeated message as a second one, so an
earlier one is looked for by its local id. What does not live here: chunks; a message is one request, as large as `limits` allow.
"""

from __future__ import annotations

import hashlib
import hmac
import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import ClassVar, Literal
from urllib.parse import quote

from pydantic import Field

from integrations.answer.pointer import NotThere, Pointer
from integrations.answer.verdict import Stopped, of_fault, of_status
from integrations.auth.options import PeerOptions
from integrations.contract import Delivered, Document, Finding, Outcome, Record, Refused, Unknown
from integrations.http import GuardedClient, NoAnswer, NotSent, Response
from integrations.limits import Limits, fault_in
from integrations.pack import pack

_V2 = "application/vnd.mesh.v2+json"
_NAME = r"^[A-Za-z0-9_.-]{1,100}$"


class MeshOptions(PeerOptions):
    """Our mailbox, theirs, and the workflow that both have agreed on."""

    mailbox: str = Field(pattern=_NAME, description="Our mailbox.")
    recipient: str = Field(pattern=_NAME, description="Their mailbox.")
    workflow_id: str = Field(pattern=_NAME, description="The workflow id under which both mailboxes are registered.")
    sends: Literal["first document", "pack"] = Field(default="first document", description="The first document alone, or all as a zip.")
    limits: Limits = Field(default=Limits(), description="What documents they take.")


class MeshAdapter:
    """The adapter. Accepted and even acknowledged by MESH means "arrived", never "on file"."""

    id: ClassVar[str] = "mesh"
    title: ClassVar[str] = "MESH"
    options: ClassVar[type[MeshOptions]] = MeshOptions
    secret_names: ClassVar[tuple[str, ...]] = ("mailbox_password", "shared_key", "tls_key")
    searchable: ClassVar[bool] = True
    needs_documents: ClassVar[bool] = True

    def check(self, options: MeshOptions, secrets: Mapping[str, str], http: GuardedClient) -> list[Finding]:
        """Counts our own inbox: it needs certificate, mailbox, password and key to be right, and changes nothing."""
        try:
            response = _send("GET", "/count", options, secrets, http, {}, writes=False, raw_faults=True)
        except NotSent as fault:
            return [Finding(fault.kind, False, f"{fault.reason}.")]
        except NoAnswer as fault:
            return [Finding("answer", False, f"{fault.reason}.")]
        except Stopped as stopped:
            return [Finding("credentials", False, getattr(stopped.outcome, "reason", ""))]
        if response.status in (401, 403):
            return [Finding("credentials", False, "MESH does not accept our mailbox, password or certificate.")]
        if response.status != 200:
            return [Finding("answer", False, f"MESH answered {response.status}.")]
        return [Finding("network", True, "MESH was reached."), Finding("credentials", True, "It lets us into our mailbox.")]

    def preview(self, record: Record, options: MeshOptions) -> str:
        """The headers of the message, the password and the proof masked, and the name of what is sent."""
        if not record.documents:
            return "This record would not be sent: there is no document."
        sent = _sent(record, options)
        lines = [f"{name}: {value}" for name, value in {**_headers(record, options, sent), "Authorization": "NHSMESH •••"}.items()]
        place = f"POST {options.base_url}/messageexchange/{options.mailbox}/outbox"
        return "\n".join([place, *lines, "", f"[{sent.name}, {len(sent.content):,} bytes, for {record.reference}]"])

    def write(self, record: Record, options: MeshOptions, secrets: Mapping[str, str], http: GuardedClient) -> Outcome:
        """Looks for an earlier message of this record, then sends one."""
        fault = fault_in(record, options.limits) or (None if record.documents else "there is no document")
        if fault:
            return Refused(f"Nothing was sent: {fault}.")
        sent = _sent(record, options)
        try:
            earlier = self._tracked(record, options, secrets, http)
            if earlier:
                return earlier
            headers = _headers(record, options, sent)
            response = _send("POST", "/outbox", options, secrets, http, headers, sent.content, writes=True)
            if response.status == 417:
                return Refused("MESH answered 417: it does not know the recipient's mailbox for this workflow id.")
            if response.status not in (200, 202):
                return of_status(response, writes=True)
            return Delivered(Pointer.parse("json:message_id").text(response), on_file=False)
        except Stopped as stopped:
            return stopped.outcome
        except NotThere as error:
            return Unknown(f"MESH's answer is not what it should be: {error}.")

    def find(self, record: Record, options: MeshOptions, secrets: Mapping[str, str], http: GuardedClient) -> Delivered | Unknown | None:
        """By the local id, in what MESH tracks of our outbox."""
        try:
            return self._tracked(record, options, secrets, http)
        except Stopped as stopped:
            return Unknown(getattr(stopped.outcome, "reason", "MESH could not be asked."))

    def _tracked(self, record: Record, options: MeshOptions, secrets: Mapping[str, str], http: GuardedClient) -> Delivered | None:
        path = f"/outbox/tracking/{local_id(record, options)}"
        response = _send("GET", path, options, secrets, http, {"Accept": "application/json"}, writes=False)
        if response.status == 404:
            return None
        if response.status == 300:  # two messages with this local id: it is there, if more often than it should be
            return Delivered(local_id(record, options), on_file=False)
        if response.status != 200:
            raise Stopped(of_status(response, writes=False))
        try:
            return Delivered(Pointer.parse("json:messageId").text(response), on_file=False)
        except NotThere as error:
            raise Stopped(Refused(f"MESH's answer is not what it should be: {error}. Nothing was sent.")) from None


def local_id(record: Record, options: MeshOptions) -> str:
    """An opaque id for one record and recipient, the same at every attempt."""
    return hashlib.sha256(f"{record.key}|{options.mailbox}|{options.recipient}".encode()).hexdigest()[:40]


def authorization(mailbox: str, password: str, shared_key: str, now: datetime, nonce: str = "", count: int = 0) -> str:
    """The NHSMESH proof: an HMAC-SHA256 under the environment's key, over mailbox, nonce, count, password and the minute."""
    nonce, minute = nonce or str(uuid.uuid4()), now.strftime("%Y%m%d%H%M")
    signed = f"{mailbox}:{nonce}:{count}:{password}:{minute}"
    proof = hmac.new(shared_key.encode(), signed.encode(), hashlib.sha256).hexdigest()
    return f"NHSMESH {mailbox}:{nonce}:{count}:{minute}:{proof}"


def _sent(record: Record, options: MeshOptions) -> Document:
    return pack(record) if options.sends == "pack" else record.documents[0]


def _headers(record: Record, options: MeshOptions, sent: Document) -> dict[str, str]:
    name = sent.name if sent.name.isascii() else "document." + sent.name.rpartition(".")[2]
    return {
        "Accept": _V2,
        "Content-Type": sent.media_type,
        "Mex-To": options.recipient,
        "Mex-WorkflowID": options.workflow_id,
        "Mex-LocalID": local_id(record, options),
        "Mex-FileName": name,
        "Mex-Content-Checksum": hashlib.sha256(sent.content).hexdigest(),
    }


def _send(
    method: str,
    path: str,
    options: MeshOptions,
    secrets: Mapping[str, str],
    http: GuardedClient,
    headers: Mapping[str, str],
    body: bytes = b"",
    *,
    writes: bool,
    raw_faults: bool = False,
) -> Response:
    password, key = secrets.get("mailbox_password", ""), secrets.get("shared_key", "")
    if not password or not key:
        raise Stopped(Refused("Nothing was sent: the secrets mailbox_password and shared_key are not both set."))
    proof = authorization(options.mailbox, password, key, http.clock())
    whole = {"Accept": _V2, **headers, "Authorization": proof, "Mex-ClientVersion": "accord", "Mex-OSName": "linux", "Mex-OSVersion": "0"}
    url = f"{options.base_url}/messageexchange/{quote(options.mailbox, safe='')}{path}"
    try:
        return http.request(method, url, whole, body, trust=options.trust(secrets.get("tls_key", "")))
    except (NotSent, NoAnswer) as fault:
        if raw_faults:
            raise
        raise Stopped(of_fault(fault, writes)) from None
