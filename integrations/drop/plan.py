"""Which files a record becomes in a folder, in the order in which they are laid down: documents first, control files last.

What does not live here: the laying down (`files`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from integrations.contract import Record
from integrations.limits import Limits
from integrations.pack import csv_of
from integrations.template.bodies import fill_body
from integrations.template.language import Template, TemplateFault, Value
from integrations.template.values import all_document_values, record_values

ControlFormat = Literal["none", "csv", "json", "xml"]
_NAME = re.compile(r"[^/\\\x00-\x1f.][^/\\\x00-\x1f]*")


class Naming(Protocol):
    """The part of the options that names and describes files."""

    @property
    def document_name(self) -> str: ...
    @property
    def control_format(self) -> ControlFormat: ...
    @property
    def control_name(self) -> str: ...
    @property
    def control(self) -> str: ...
    @property
    def control_header(self) -> bool: ...
    @property
    def control_each(self) -> bool: ...
    @property
    def limits(self) -> Limits: ...


@dataclass(frozen=True, slots=True)
class File:
    """A file to be: its name in the folder and its bytes."""

    name: str
    content: bytes
    is_control: bool = False


def planned(record: Record, options: Naming) -> list[File]:
    """Raises `TemplateFault` for a value that is not there, a name that is none, or two files of one name."""
    values = record_values(record)
    turns = [{**values, **document} for document in all_document_values(record.documents)]
    names = [_named(options.document_name, turn, options.limits) for turn in turns]
    turns = [{**turn, "file_name": name} for turn, name in zip(turns, names, strict=True)]
    documents = [File(name, document.content) for name, document in zip(names, record.documents, strict=True)]
    together: dict[str, Value] = {"file_names": ";".join(names)}
    if options.control_each:
        controls = [_control(options, {**turn, **together}, turns) for turn in turns]
    else:
        controls = [_control(options, {**(turns[0] if turns else values), **together}, turns)]
    files = documents + (controls if options.control_format != "none" else [])
    if not files or len({file.name for file in files}) != len(files):
        raise TemplateFault("the files have no names of their own")
    return files


def _named(text: str, values: Mapping[str, Value], limits: Limits) -> str:
    name = Template.parse(text).fill(values, str)
    if not _NAME.fullmatch(name) or len(name) > limits.longest_name:
        raise TemplateFault(f"a file would have a name that is too long or not allowed ({limits.longest_name} letters at most, no / in it)")
    return name


def _control(options: Naming, values: Mapping[str, Value], turns: Sequence[Mapping[str, Value]]) -> File:
    name = _named(options.control_name, values, options.limits)
    if options.control_format == "csv":
        columns = json.loads(options.control)
        row = [Template.parse(text).fill(values, str) for text in columns.values()]
        return File(name, csv_of([list(columns), row] if options.control_header else [row]).encode(), is_control=True)
    shape: Literal["json", "xml", "none"] = options.control_format
    return File(name, fill_body(shape, options.control, values, turns)[0], is_control=True)


def left_half(there: Mapping[str, bool], files: Sequence[File]) -> bool:
    """Whether every document lies there and no control file does: then the importer has not been told of them, and we may go on.

    `there` tells of each name whether our file lies there. An importer takes the documents only when it has read the control file.
    """
    documents, controls = [file for file in files if not file.is_control], [file for file in files if file.is_control]
    return bool(controls) and all(there[file.name] for file in documents) and not any(there[file.name] for file in controls)
