"""A document for the child's file: one content, as text, PDF and JSON. A reader understands it without this service.

What does not live here: what stands in a document (the service that writes it says so), how answers become words (`summary`).
"""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
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
UNTITLED = "Untitled"
UNDRAWN = (
    "Some letters could not be drawn in this PDF. Each stands as its code, such as {code}. Read them in the text file that lies beside it: "
    "it has the same reference, and the same words with all their letters."
)
_LONG_WORD = re.compile(r"\S{40}")
_REFUSED = re.compile(r'the text `"(.+?)"` could not be displayed')


def as_json(doc: Document) -> dict[str, Any]:
    """The document as plain data, every hidden control made visible and every line end a line feed; `json_schema()` describes it."""
    return {
        "title": visible(doc.title).strip() or UNTITLED,
        "reference": visible(doc.reference),
        "subtitle": visible(doc.subtitle),
        "sections": [
            {
                "heading": visible(one.heading).strip() or UNTITLED,
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
    lines = [*_wrapped(f"{data['title']} (text)"), f"Reference: {data['reference']}", *_wrapped(data["subtitle"])]
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
    """The document as a tagged PDF (PDF/UA-1). The same content and fonts give the same bytes.

    The content goes to typst as data, never as markup, and typst sees no file but its template's folder and no network. Fonts within
    typst come first (Latin, Greek, Cyrillic, Hebrew, Arabic, Georgian), those of the machine after. A character that none of them can
    draw stands as its code, and the document says so before anything else: nothing is lost in silence.
    """
    data = as_json(doc)
    undrawn: set[str] = set()
    while True:
        try:
            return _compiled(_spelled(data, undrawn) | {"undrawn": _notice(undrawn)})
        except typst.TypstError as error:
            found = _REFUSED.search(str(error))
            if not found or not (more := _next(found[1], set(json.dumps(data, ensure_ascii=False)) - undrawn)):
                raise
            undrawn |= more


def _notice(undrawn: set[str]) -> str:
    """What is said of letters that could not be drawn, with the code of one of them; "" where all were."""
    return UNDRAWN.format(code=_code(min(undrawn))) if undrawn else ""


def _code(character: str) -> str:
    return f"[U+{ord(character):04X}]"


def _compiled(data: dict[str, Any]) -> bytes:
    content = json.dumps(data, ensure_ascii=False)
    return cast(bytes, _compiler().compile(format="pdf", pdf_standards=["ua-1"], sys_inputs={"content": content, "empty": EMPTY}))


@cache
def _compiler() -> typst.Compiler:
    """One compiler a process: reading the template and the fonts costs more than a document does."""
    return typst.Compiler(input=str(TEMPLATE), root=str(TEMPLATE.parent))


def _spelled(value: Any, undrawn: set[str]) -> Any:
    """The data with some characters written as their code, and a place to break in every word that is longer than a line might be."""
    if isinstance(value, str):
        text = "".join(_code(one) if one in undrawn else one for one in value) if undrawn else value
        return _LONG_WORD.sub("\\g<0>\u200b", text)
    if isinstance(value, dict):
        return {key: _spelled(one, undrawn) for key, one in value.items()}
    return [_spelled(one, undrawn) for one in value]


def _next(quoted: str, left: set[str]) -> set[str]:
    """Which of the characters that are left to spell next, when typst could not draw `quoted`; empty where nothing is left.

    First those it names, and all others of their script: a font has all or none. Then what joins or marks the character before it,
    which beside a code in brackets cannot be drawn. Then everything that is not Latin.
    """
    refused = set(re.sub(r"\\u\{([0-9a-f]+)\}", lambda code: chr(int(code[1], 16)), quoted)) & left
    scripts = {_script(one) for one in refused} - {"LATIN", "GREEK", "CYRILLIC", ""}
    beyond = {one for one in left if ord(one) > 0x2FF}
    alike = {one for one in beyond if _script(one) in scripts}
    marks = {one for one in beyond if unicodedata.category(one) in {"Mn", "Mc", "Me", "Cf", "Sk"}}
    plain = {one for one in refused if ord(one) > 0x7F}
    return (plain | alike) or marks or beyond


def _script(character: str) -> str:
    return unicodedata.name(character, "").partition(" ")[0]


def fingerprint(content: bytes) -> str:
    """SHA-256 in hexadecimal: what a receipt and the evidence bundle name a document by."""
    return hashlib.sha256(content).hexdigest()
