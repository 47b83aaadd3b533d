"""WebDAV: documents put in a folder of a document store, each under a name of its own, never over another file.

Covers stores that speak plain WebDAV. What does not live here: Microsoft Graph, which has its own ways.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import ClassVar, Self
from urllib.parse import quote

from pydantic import Field, model_validator

from integrations.answer.put_once import is_done, put_once
from integrations.answer.verdict import Stopped
from integrations.auth.oauth import Tokens
from integrations.auth.options import HTTP_SECRETS, PeerOptions
from integrations.auth.peer import Peer
from integrations.contract import Delivered, Document, Finding, Outcome, Record, Refused, Unknown
from integrations.http import GuardedClient
from integrations.limits import Limits, fault_in
from integrations.net.body import MAX_BODY
from integrations.template.bodies import fill_url
from integrations.template.language import Template, TemplateFault
from integrations.template.values import RECORD_NAMES, check_names, record_values


class WebDavOptions(PeerOptions):
    """The store and the folder."""

    folder: str = Field(
        title="Folder",
        examples=["/safeguarding/{{child.local}}"],
        description="The folder behind the base address, beginning with /; it may hold placeholders, such as child.local.",
    )
    create_folders: bool = Field(default=False, title="Make folders", examples=[True], description="Make the folder where it is missing.")
    metadata: bool = Field(
        default=True,
        title="File about the record",
        examples=[True],
        description="Put a small JSON file about the record beside the documents, last.",
    )
    on_file: bool = Field(
        default=True, title="On file at once", examples=[True], description="What lies in this folder is on the person's file."
    )
    limits: Limits = Field(
        default=Limits(), title="Documents", examples=[{"largest_bytes": 20000000}], description="What documents it takes."
    )

    @model_validator(mode="after")
    def _folder(self) -> Self:
        if not self.folder.startswith("/") or "?" in self.folder:
            raise ValueError("a folder begins with / and has no parameters")
        check_names(Template.parse(self.folder), RECORD_NAMES)
        return self


class WebDavAdapter:
    """The adapter. Sending again is safe: what lies there with the same bytes is done."""

    id: ClassVar[str] = "webdav"
    title: ClassVar[str] = "WebDAV folder"
    options: ClassVar[type[WebDavOptions]] = WebDavOptions
    secret_names: ClassVar[tuple[str, ...]] = HTTP_SECRETS
    searchable: ClassVar[bool] = True
    needs_documents: ClassVar[bool] = True

    def __init__(self) -> None:
        self._tokens = Tokens()

    def check(self, options: WebDavOptions, secrets: Mapping[str, str], http: GuardedClient) -> list[Finding]:
        """See `Peer.check`."""
        return Peer(options, secrets, http, self._tokens).check()

    def preview(self, record: Record, options: WebDavOptions) -> str:
        """The files and where they go."""
        try:
            folder = _folder(record, options)
        except TemplateFault as fault:
            return f"This record would not be sent: {fault}."
        files = _files(record, options)
        lines = [f"PUT {options.base_url}{folder}/{quote(file.name)} ({len(file.content):,} bytes)" for file in files]
        return "\n".join([*lines, "", f"for {record.reference}"])

    def write(self, record: Record, options: WebDavOptions, secrets: Mapping[str, str], http: GuardedClient) -> Outcome:
        """Each file that is not there yet, in order."""
        fault = fault_in(record, options.limits)
        if fault:
            return Refused(f"Nothing was sent: {fault}.")
        peer = Peer(options, secrets, http, self._tokens)
        try:
            folder = _folder(record, options)
            for file in _files(record, options):
                put_once(peer.send, f"{folder}/{quote(file.name)}", file, lambda: options.create_folders and _make(peer, folder))
        except Stopped as stopped:
            return stopped.outcome
        except TemplateFault as problem:
            return Refused(f"Nothing was sent: {problem}.")
        return Delivered(_files(record, options)[0].name, options.on_file)

    def reads_back(self, options: WebDavOptions) -> bool:
        """Always: the files are looked at."""
        return True

    def find(self, record: Record, options: WebDavOptions, secrets: Mapping[str, str], http: GuardedClient) -> Delivered | Unknown | None:
        """Whether every file lies there as it should; None also where some do: writing again adds what is missing."""
        peer = Peer(options, secrets, http, self._tokens)
        try:
            folder = _folder(record, options)
            files = _files(record, options)
            if all(is_done(peer.send, f"{folder}/{quote(file.name)}", file) for file in files):
                return Delivered(files[0].name, options.on_file)
        except Stopped as stopped:
            return Unknown(getattr(stopped.outcome, "reason", "The store could not be asked."))
        except TemplateFault as fault:
            return Unknown(f"The record cannot be sent as it is: {fault}.")
        return None


def about(record: Record) -> Document:
    """What a record is about, as a small JSON file: no name and no number of the child, the folder says whose it is."""
    said = {
        "key": record.key,
        "reference": record.reference,
        "title": record.title,
        "written_at": record.written_at.isoformat(),
        "documents": [document.name for document in record.documents],
    }
    return Document(f"{record.key.replace('/', '-')}.json", "application/json", json.dumps(said, ensure_ascii=False).encode())


def _files(record: Record, options: WebDavOptions) -> list[Document]:
    return [*record.documents, *([about(record)] if options.metadata else [])]


def _folder(record: Record, options: WebDavOptions) -> str:
    return fill_url(Template.parse(options.folder), record_values(record)).rstrip("/")


def _make(peer: Peer, folder: str) -> bool:
    """Every part of the folder from the top; 405 means that a part is there already."""
    parts = folder.strip("/").split("/")
    for depth in range(1, len(parts) + 1):
        made = peer.send("MKCOL", "/" + "/".join(parts[:depth]) + "/", {}, b"", writes=True, limit=MAX_BODY)
        if made.status not in (201, 405):
            return False
    return True
