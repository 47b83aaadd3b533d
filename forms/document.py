"""A document for the child's file: one content, as text, PDF and JSON. A reader understands it without this service.

What does not live here: what stands in a document (the service that writes it says so), how answers become words (`summary`).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, cast

import typst
from pydantic import TypeAdapter

from forms.words import visible

TEMPLATE = Path(__file__).parent / "document.typ"
WIDTH = 78


@dataclass(frozen=True)
class Section:
    """A heading, its (label, text) rows, and paragraphs after them. A section with neither says that it is empty."""

    heading: str
    rows: Sequence[tuple[str, str]] = ()
    paragraphs: Sequence[str] = ()


@dataclass(frozen=True)
class Document:
    """Everything that is written, in its order. `reference` is the case's, `subtitle` says what and when in a line."""

    title: str
    reference: str
    subtitle: str = ""
    sections: Sequence[Section] = field(default_factory=tuple)
    footer: str = ""


SCHEMA = TypeAdapter(Document)
EMPTY = "Nothing was recorded here."


def as_json(doc: Document) -> dict[str, Any]:
    """The document as plain data, every hidden control made visible and every line end a line feed; `json_schema()` describes it."""
    return {
        "title": visible(doc.title),
        "reference": visible(doc.reference),
        "subtitle": visible(doc.subtitle),
        "sections": [
            {
                "heading": visible(one.heading),
                "rows": [[visible(label), visible(text)] for label, text in one.rows],
                "paragraphs": [visible(text) for text in one.paragraphs],
            }
            for one in doc.sections
        ],
        "footer": visible(doc.footer),
    }


def from_json(data: dict[str, Any]) -> Document:
    """The document in what `as_json` gave. Raises pydantic's ValidationError for anything else."""
    return SCHEMA.validate_json(json.dumps(data))


def json_schema() -> dict[str, Any]:
    """The JSON Schema of `as_json`."""
    return SCHEMA.json_schema()


def as_text(doc: Document) -> str:
    """The document as plain text, lines of 78 characters at most where words allow, a line feed at each end."""
    data = as_json(doc)
    lines = [*_wrapped(data["title"]), f"Reference: {data['reference']}", *_wrapped(data["subtitle"])]
    for section in data["sections"]:
        lines += ["", "", *_wrapped(section["heading"]), "-" * min(WIDTH, max(map(len, _wrapped(section["heading"])), default=1))]
        for label, text in section["rows"]:
            lines += ["", *_wrapped(label), *(f"    {line}".rstrip() for line in _wrapped(text, WIDTH - 4) or [""])]
        for text in section["paragraphs"] or ([] if section["rows"] else [EMPTY]):
            lines += ["", *_wrapped(text)]
    lines += ["", "", *_wrapped(data["footer"])] if data["footer"] else []
    return "\n".join(lines) + "\n"


def _wrapped(text: str, width: int = WIDTH) -> list[str]:
    """The text's own lines, each broken between words; a word longer than a line stays whole, and inner space stays as it is."""
    lines: list[str] = []
    for own in text.split("\n") if text else []:
        while len(own) > width and (at := own.rfind(" ", 0, width + 1)) > 0:
            lines.append(own[:at].rstrip())
            own = own[at + 1 :]
        lines.append(own.rstrip())
    return lines


def as_pdf(doc: Document) -> bytes:
    """The document as a tagged PDF (PDF/UA-1). The same content gives the same bytes.

    The content goes to typst as data, never as markup, and typst sees no file but its template's folder and no network.
    """
    content = json.dumps(as_json(doc), ensure_ascii=False)
    pdf = _compiler().compile(format="pdf", pdf_standards=["ua-1"], sys_inputs={"content": content, "empty": EMPTY})
    return cast(bytes, pdf)


@cache
def _compiler() -> typst.Compiler:
    """One compiler a process: reading the template and the fonts costs more than a document does."""
    return typst.Compiler(input=str(TEMPLATE), root=str(TEMPLATE.parent))


def fingerprint(content: bytes) -> str:
    """SHA-256 in hexadecimal: what a receipt and the evidence bundle name a document by."""
    return hashlib.sha256(content).hexdigest()
