"""Filing by hand: nothing is sent. A pack lies ready; a named person lays it on the file and says where and when.

What does not live here: the tray, the download and the confirmation (the service's pages have them); the pack's making (`pack`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from pydantic import Field

from integrations.contract import Delivered, Document, Finding, Options, Outcome, Record, Refused, Unknown
from integrations.http import GuardedClient
from integrations.limits import Limits, fault_in
from integrations.pack import pack


class ManualOptions(Options):
    """How this agency files by hand."""

    system: str = Field(
        default="",
        title="Record system",
        examples=["the pupil file"],
        description="What the record system is called, so that the person knows where to go.",
    )
    place: str = Field(
        default="",
        title="Place",
        examples=["Documents, Safeguarding, Outcomes"],
        description="Where in it the documents belong: tab, category, sub-category.",
    )
    instructions: str = Field(
        default="",
        title="Instructions",
        examples=["Set the document to restricted."],
        description="Anything else the person should know or do.",
    )
    role: str = Field(
        default="",
        title="Who files",
        examples=["safeguarding lead"],
        description="The role of who files here, as the directory has it; empty: filing, or who is named in the case.",
    )
    limits: Limits = Field(
        default=Limits(), title="Documents", examples=[{"largest_bytes": 10000000}], description="What documents it takes."
    )


class ManualAdapter:
    """The adapter. "Arrived" means that the pack is ready; only a person's word makes it "on file"."""

    id: ClassVar[str] = "manual"
    title: ClassVar[str] = "Filed by hand"
    options: ClassVar[type[ManualOptions]] = ManualOptions
    secret_names: ClassVar[tuple[str, ...]] = ()
    searchable: ClassVar[bool] = True
    needs_documents: ClassVar[bool] = True
    by_hand: ClassVar[bool] = True

    def check(self, options: ManualOptions, secrets: Mapping[str, str], http: GuardedClient) -> list[Finding]:
        """Whether a person would know where to go."""
        if not options.place:
            return [Finding("settings", False, "Say where in the record system the documents belong.")]
        return [Finding("settings", True, "A person files by hand; nothing is sent.")]

    def preview(self, record: Record, options: ManualOptions) -> str:
        """What the person will read, and the files they will get."""
        names = [f"{document.name} ({len(document.content):,} bytes)" for document in record.documents]
        return "\n".join([how_to_file(record, options), "", *names])

    def write(self, record: Record, options: ManualOptions, secrets: Mapping[str, str], http: GuardedClient) -> Outcome:
        """Sends nothing: the pack is made when it is fetched, the same each time."""
        fault = fault_in(record, options.limits)
        if fault:
            return Refused(f"This cannot be filed as it is: {fault}.")
        return Delivered(self.pack(record, options).name, on_file=False)

    def find(self, record: Record, options: ManualOptions, secrets: Mapping[str, str], http: GuardedClient) -> Delivered | Unknown | None:
        """None: making the pack again does no harm."""
        return None

    def pack(self, record: Record, options: ManualOptions) -> Document:
        """The zip that the person downloads."""
        return pack(record, how_to_file(record, options))


def how_to_file(record: Record, options: ManualOptions) -> str:
    """The words that go with the pack."""
    lines = [
        f"{record.title} ({record.reference})",
        "",
        f"Please put these documents on the file{f' in {options.system}' if options.system else ''}.",
        f"Where: {options.place}" if options.place else "",
        options.instructions,
        "Then go back to your filing tray, and say where you put them and when.",
    ]
    return "\n".join(line for line in lines if line or line == lines[1])
