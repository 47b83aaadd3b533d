"""Reads the text of a pack into plain lists, mappings and text, and remembers the line of each.

What lives here: the safe part of YAML that a pack may use. Every value is text ("no" is the word no, 12:30 is 12:30), so nobody need
know YAML's rules of quoting. Aliases, anchors, tags, duplicate keys, deep nesting and big files are refused before anything is built.
What does not live here: what the keys mean (`source`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import yaml
from yaml.events import AliasEvent, MappingEndEvent, MappingStartEvent, ScalarEvent, SequenceEndEvent, SequenceStartEvent

from policies.language.problems import PackError, Path, Problem

BYTES_AT_MOST = 256 * 1024
DEPTH_AT_MOST = 20


@dataclass(slots=True)
class Document:
    """The data of a pack, and the line (from 1) on which each path begins. `lost` is what stood under a key that came again."""

    source: str
    data: dict[str, Any] = field(default_factory=dict)
    lines: dict[Path, int] = field(default_factory=dict)
    lost: list[Any] = field(default_factory=list)

    def line(self, path: Path) -> int:
        """The line of `path`, or of the nearest thing around it."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)

    def problem(self, path: Path, text: str) -> Problem:
        """A problem at `path`."""
        return Problem(self.source, self.line(path), ".".join(str(part) for part in path), text, self.place(path), path)

    def at(self, path: Path) -> Any:
        """What stands at `path`; None where nothing does. One phrase may stand where several may."""
        here: Any = self.data
        for part in path:
            here = here if isinstance(here, str) and part == 0 else _inside(here, part)
        return here

    def moved(self, old: Path, new: Path) -> None:
        """Gives what stands now at `new` the lines it had at `old`."""
        within = {one: line for one, line in self.lines.items() if one[: len(old)] == old}
        self.lines.update({(*new, *one[len(old) :]): line for one, line in within.items()})

    def place(self, path: Path) -> str:
        """The path in its writer's words: "stages 2, owes talk, limit". One of several without an id is counted from 1."""
        words: list[str] = []
        here: Any = self.data
        for part in path:
            several = here if isinstance(here, list) else ()
            here = _inside(here, part)
            if isinstance(part, str):
                words.append(part)
            elif isinstance(here, dict) and (name := here.get("id") or here.get("name")):
                words[-1] += f" {name}"
            elif len(several) > 1:
                words[-1] += f" {part + 1}"
        return ", ".join(words)


def _inside(value: Any, part: str | int) -> Any:
    """What stands there in the data; None for what is missing, or is a text where a list may be."""
    if isinstance(value, list) and isinstance(part, int):
        return value[part] if part < len(value) else None
    return value.get(part) if isinstance(value, dict) else None


@dataclass(slots=True)
class _Open:
    """A mapping or list whose end has not been read yet."""

    into: dict[str, Any] | list[Any]
    path: Path
    key: str | None = None


def read(text: str, source: str) -> Document:
    """The document in `text`. Raises PackError for anything that is not plain, shallow, small YAML with a mapping at the top."""
    document, twice = read_on(text, source)
    if twice:
        raise PackError(twice)
    return document


def read_on(text: str, source: str) -> tuple[Document, list[Problem]]:
    """The document in `text`, and the keys that it has twice, of which the last one counts. Raises PackError as `read` for all else."""
    if len(text.encode("utf-8", "surrogatepass")) > BYTES_AT_MOST:
        raise PackError([Problem(source, 1, "", f"The file is larger than {BYTES_AT_MOST // 1024} KiB. A policy is far smaller.")])
    reader = _Reader(Document(source))
    try:
        for event in yaml.parse(text, Loader=yaml.CSafeLoader):
            reader.take(event)
    except yaml.MarkedYAMLError as fault:
        mark = fault.problem_mark or fault.context_mark
        raise PackError(
            [*reader.problems, Problem(source, mark.line + 1 if mark else 1, "", f"Not YAML: {fault.problem}.{_hint(str(fault.problem))}")]
        ) from None
    except (yaml.YAMLError, UnicodeError):
        raise PackError([Problem(source, 1, "", "The file holds characters that a text file cannot hold.")]) from None
    if not isinstance(reader.document.data, dict) or not reader.document.data:
        text = "A pack is a list of 'key: value' lines; the first ones are 'language: 1' and 'id: …'."
        raise PackError([*reader.problems, Problem(source, 1, "", text)])
    return reader.document, reader.problems


def _hint(fault: str) -> str:
    """What usually lies behind the parser's words."""
    if "mapping values" in fault:
        return " A text with a colon in it must stand in quotes, and what belongs together must start in the same column."
    if "character" in fault:
        return " Use spaces, not tabs, at the start of a line; put quotes around a text that begins with a special character."
    if "expected" in fault:
        return (
            " Look for a bracket, a brace or a quote that is not closed, or a line that starts in the wrong column. Between braces, a text "
            "with a comma, a colon or a question mark must stand in quotes."
        )
    return ""


class _Reader:
    """Builds the document from the parser's events, without recursion, so depth can hurt nobody."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.problems: list[Problem] = []
        self._open: list[_Open] = []
        self._documents = 0

    def take(self, event: yaml.Event) -> None:
        line = event.start_mark.line + 1 if event.start_mark else 1
        if isinstance(event, AliasEvent):
            self._stop(line, "Aliases (*name) are not allowed: write the text again.")
        if getattr(event, "anchor", None):
            self._stop(line, "Anchors (&name) are not allowed: write the text again where it is needed.")
        if getattr(event, "tag", None) not in (None, "!"):
            self._stop(line, "Tags (!name) are not allowed: every value is plain text.")
        if isinstance(event, ScalarEvent):
            self._scalar(str(event.value), line)
        elif isinstance(event, MappingStartEvent):
            self._begin({}, line)
        elif isinstance(event, SequenceStartEvent):
            self._begin([], line)
        elif isinstance(event, MappingEndEvent | SequenceEndEvent):
            self._open.pop()

    def _stop(self, line: int, text: str) -> None:
        raise PackError([*self.problems, Problem(self.document.source, line, "", text)])

    def _scalar(self, value: str, line: int) -> None:
        top = self._open[-1] if self._open else None
        if top is not None and isinstance(top.into, dict) and top.key is None:
            self._key(top, value, line)
        else:
            self._put(value, line)

    def _key(self, top: _Open, key: str, line: int) -> None:
        if key in top.into:
            self.document.lost.append(_inside(top.into, key))
            first = self.document.line((*top.path, key))
            path = (*top.path, key)
            text = f"This key is here twice (first on line {first}). Keep one."
            self.problems.append(Problem(self.document.source, line, ".".join(map(str, path)), text, path=path))
        else:
            self.document.lines[(*top.path, key)] = line
        top.key = key

    def _put(self, value: Any, line: int) -> Path:
        if not self._open:
            self._documents += 1
            if self._documents > 1 or isinstance(value, str):
                self._stop(line, "A pack is one list of 'key: value' lines.")
            self.document.data = value
            return ()
        top = self._open[-1]
        if isinstance(top.into, list):
            path: Path = (*top.path, len(top.into))
            top.into.append(value)
            self.document.lines[path] = line
            return path
        if top.key is None:
            self._stop(line, "A key must be a word, not a list.")
        key = str(top.key)
        path = (*top.path, key)
        top.into[key] = value
        top.key = None
        return path

    def _begin(self, into: dict[str, Any] | list[Any], line: int) -> None:
        if len(self._open) >= DEPTH_AT_MOST:
            self._stop(line, f"Nested deeper than {DEPTH_AT_MOST} levels. A policy is far flatter.")
        self._open.append(_Open(into, self._put(into, line)))
