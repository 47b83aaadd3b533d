"""What an administrator says about the files of a drop, in a folder or by SFTP: their names, and the control file.

What does not live here: where they are dropped (`folder`, `sftp`), and which files a record becomes (`plan`).
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal, Self

from pydantic import Field, field_validator, model_validator

from integrations.contract import Options
from integrations.drop.plan import ControlFormat
from integrations.limits import Limits
from integrations.template.bodies import templates_in
from integrations.template.language import Template, TemplateFault
from integrations.template.values import DOCUMENT_NAMES, RECORD_NAMES, check_names


class DropOptions(Options):
    """The names and the control file. Every text may hold placeholders."""

    document_name: str = Field(
        default="{{file_stem}}-{{document.number}}-{{document.name|file}}",
        title="Name of each document",
        description="The name of each document. It must differ for each, so name it with document.number.",
        examples=["{{child.local}}_{{file_stem}}_{{document.number}}.pdf"],
    )
    control_format: ControlFormat = Field(
        default="csv",
        title="Kind of control file",
        description="The kind of file that tells the importer what the documents are; none where it needs none.",
        examples=["xml"],
    )
    control_name: str = Field(
        default="{{file_stem}}.csv",
        title="Name of the control file",
        description="The name of the control file. It is laid down last.",
        examples=["{{file_stem}}.xml"],
    )
    control: str = Field(
        default='{"Reference": "{{key}}", "Title": "{{title}}", "Person": "{{child.local|optional}}", "File": "{{file_names}}"}',
        title="What stands in the control file",
        description="For CSV an object of column to text; for JSON any JSON; for XML a whole document.",
        examples=['{"FileName": "{{file_name}}", "PersonId": "{{child.local}}", "DocumentDate": "{{written_at|ukdate}}"}'],
    )
    control_header: bool = Field(
        default=True, title="Column names", description="For CSV: the first line holds the names of the columns.", examples=[False]
    )
    control_each: bool = Field(
        default=False,
        title="One for each document",
        description="One control file for each document (name it with document.number).",
        examples=[True],
    )
    keeps_files: bool = Field(
        default=False,
        title="Files stay",
        description="The importer leaves the files where they are, so we can look for them.",
        examples=[True],
    )
    journal_folder: str = Field(
        default="",
        title="Folder for our notes",
        description="A folder on our side to note what was dropped, where the importer takes files away.",
        examples=["/srv/accord/journal"],
    )
    on_file: bool = Field(
        default=False,
        title="On file at once",
        description="What is dropped lies on the person's file at once, without anybody's hand.",
        examples=[False],
    )
    limits: Limits = Field(default=Limits(), title="Documents", description="What documents it takes.", examples=[{"longest_name": 60}])

    @field_validator("journal_folder")
    @classmethod
    def _whole_path(cls, value: str) -> str:
        return checked_folder(value)

    @model_validator(mode="after")
    def _names(self) -> Self:
        shape: Literal["none", "form", "json", "xml"] = "form" if self.control_format == "csv" else self.control_format
        try:
            for template in (Template.parse(self.document_name), Template.parse(self.control_name), *templates_in(shape, self.control)):
                check_names(template, (*RECORD_NAMES, *DOCUMENT_NAMES, "file_name", "file_names"))
        except TemplateFault as fault:
            raise ValueError(str(fault)) from None
        return self


def checked_folder(value: str) -> str:
    """A folder from the root, or empty. Raises ValueError."""
    if value and not Path(value).is_absolute():
        raise ValueError("a folder is given from the root, beginning with /")
    return value
