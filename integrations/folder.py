"""Drop in a folder: documents first, then a control file that tells the importer what they are. For mounted folders.

Names are the same at every attempt. Each file is written aside and given its name whole, never over another; one that is there with
the same bytes is done, one with other bytes is a conflict for a person. What does not live here: SFTP.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar, Literal, Self

from pydantic import Field, field_validator, model_validator

from integrations.contract import Delivered, Finding, Options, Outcome, Record, Refused, Unknown
from integrations.drop.files import Conflict, lay, lies_there
from integrations.drop.journal import Journal
from integrations.drop.plan import ControlFormat, planned
from integrations.http import GuardedClient
from integrations.limits import Limits, fault_in
from integrations.template.bodies import templates_in
from integrations.template.language import Template, TemplateFault
from integrations.template.values import DOCUMENT_NAMES, RECORD_NAMES, check_names


class FolderOptions(Options):
    """The folder, the names, the control file."""

    folder: str = Field(description="The folder, as this machine sees it. It must lie in one that the deployment allows.")
    document_name: str = Field(default="{{file_stem}}-{{document.number}}-{{document.name|file}}", description="The name of each document.")
    control_format: ControlFormat = Field(default="csv", description="The kind of control file; none for a folder that needs none.")
    control_name: str = Field(default="{{file_stem}}.csv", description="The name of the control file.")
    control: str = Field(
        default='{"Reference": "{{key}}", "Title": "{{title}}", "Person": "{{child.local|optional}}", "File": "{{file_names}}"}',
        description="What stands in it: for CSV an object of column to text; for JSON any JSON; for XML a whole document.",
    )
    control_each: bool = Field(default=False, description="One control file for each document (name it with document.number).")
    keeps_files: bool = Field(default=False, description="The importer leaves the files where they are, so we can look for them.")
    journal_folder: str = Field(default="", description="A folder of ours to note what was dropped, where the importer takes files away.")
    on_file: bool = Field(default=False, description="What is dropped lies on the child's file at once.")
    limits: Limits = Field(default=Limits(), description="What documents it takes.")

    @field_validator("folder", "journal_folder")
    @classmethod
    def _whole_path(cls, value: str) -> str:
        if value and not Path(value).is_absolute():
            raise ValueError("a folder is given from the root, beginning with /")
        return value

    @model_validator(mode="after")
    def _names(self) -> Self:
        shape: Literal["none", "form", "json", "xml"] = "form" if self.control_format == "csv" else self.control_format
        try:
            for template in (Template.parse(self.document_name), Template.parse(self.control_name), *templates_in(shape, self.control)):
                check_names(template, (*RECORD_NAMES, *DOCUMENT_NAMES, "file_name", "file_names"))
        except TemplateFault as fault:
            raise ValueError(str(fault)) from None
        return self


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
            if journal.ended or all(lies_there(Path(options.folder), file) for file in files):
                return Delivered(files[-1].name, options.on_file)
            if options.keeps_files or (journal.kept and not journal.begun):
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
