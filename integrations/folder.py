"""Drop in a folder: documents first, then a control file that tells the importer what they are. For mounted folders.

Names are the same at every attempt. Each file is written aside and given its name whole, never over another; one that is there with
the same bytes is done, one with other bytes is a conflict for a person. What does not live here: the same by SFTP (`sftp`).
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar

from pydantic import Field, field_validator

from integrations.contract import Delivered, Finding, Outcome, Record, Refused, Unknown
from integrations.drop.files import Conflict, lay, lies_there
from integrations.drop.journal import Journal
from integrations.drop.options import DropOptions, checked_folder
from integrations.drop.plan import left_half, planned
from integrations.http import GuardedClient
from integrations.limits import fault_in
from integrations.template.language import TemplateFault


class FolderOptions(DropOptions):
    """The folder, beside the names and the control file."""

    folder: str = Field(
        title="Folder",
        description="The folder, as this machine sees it. It must lie in one that the deployment allows.",
        examples=["/srv/edrms/inbox"],
    )

    _whole = field_validator("folder")(checked_folder)


class FolderAdapter:
    """The adapter. What it drops has "arrived"; that the importer took it, only the importer knows."""

    id: ClassVar[str] = "folder"
    title: ClassVar[str] = "Folder with a control file"
    options: ClassVar[type[FolderOptions]] = FolderOptions
    secret_names: ClassVar[tuple[str, ...]] = ()
    searchable: ClassVar[bool] = True
    needs_documents: ClassVar[bool] = True

    def check(self, options: FolderOptions, secrets: Mapping[str, str], http: GuardedClient) -> list[Finding]:
        """That the folders are allowed, are there and look writable. Writes nothing."""
        fault = _fault_of_folders(options, http)
        if fault:
            return [Finding("settings", False, fault)]
        return [Finding("settings", True, "The folder is allowed and there.")]

    def preview(self, record: Record, options: FolderOptions) -> str:
        """The names of the files, and the control file's text."""
        try:
            files = planned(record, options)
        except TemplateFault as fault:
            return f"This record would not be dropped: {fault}."
        lines = [f"{options.folder}/{file.name} ({len(file.content):,} bytes)" for file in files]
        return "\n".join(lines + ["\n" + file.content.decode("utf-8") for file in files if file.is_control])

    def write(self, record: Record, options: FolderOptions, secrets: Mapping[str, str], http: GuardedClient) -> Outcome:
        """Documents, then the control file. A fault in between is taken up by the next attempt."""
        fault = fault_in(record, options.limits) or _fault_of_folders(options, http)
        if fault:
            return Refused(f"Nothing was written: {fault.rstrip('.')}.")
        journal = Journal(options.journal_folder, record.key)
        try:
            files = planned(record, options)
            journal.begin()
            for file in files:
                lay(Path(options.folder), file)
            journal.end()
        except (TemplateFault, Conflict) as error:
            return Refused(f"This cannot be dropped: {error}.")
        except OSError as error:
            return Unknown(f"The folder could not be written to ({error.strerror or 'unknown'}); it is not known how much of it is there.")
        return Delivered(files[-1].name, options.on_file)

    def reads_back(self, options: FolderOptions) -> bool:
        """Where the importer leaves the files."""
        return options.keeps_files

    def find(self, record: Record, options: FolderOptions, secrets: Mapping[str, str], http: GuardedClient) -> Delivered | Unknown | None:
        """By the files themselves, or by our journal where the importer takes them away."""
        journal = Journal(options.journal_folder, record.key)
        try:
            files = planned(record, options)
            there = {file.name: lies_there(Path(options.folder), file) for file in files}
            if journal.ended or all(there.values()):
                return Delivered(files[-1].name, options.on_file)
            if options.keeps_files or (journal.kept and not journal.begun) or left_half(there, files):
                return None
        except (OSError, TemplateFault, Conflict):
            return Unknown("The folder could not be looked at.")
        return Unknown("The importer may have taken the files already; a person must look.")


def _fault_of_folders(options: FolderOptions, http: GuardedClient) -> str | None:
    for text in filter(None, (options.folder, options.journal_folder)):
        if not http.allowed.allows_folder(Path(text)):
            return "The deployment does not allow this folder."
        if not Path(text).is_dir():
            return "The folder is not there. Is it mounted?"
    return None
