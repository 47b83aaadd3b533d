"""Reads a definition's file and tells every mistake in it: file, line, key, and what would be right.

The YAML itself is read as packs are (`policies.language.reading`): every value is text, and aliases, duplicate keys, tags, depth and size
bombs are refused. What does not live here: which files there are (`library`), what names mean (`faults`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from forms.definition import Definition, Field, Option, Part, Strict, When
from forms.faults import faults
from policies.language.problems import PackError, Problem
from policies.language.reading import Document, read

Where = tuple[str | int, ...]
_EXAMPLES = {"options": ", such as {value: yes, label: Yes}", "fields": ", such as {name: why, kind: long, label: Why?}"}
_SHAPES: dict[str, type[Strict]] = {"fields": Field, "options": Option, "parts": Part, "when": When}


class FormError(PackError):
    """A definition that is refused; `problems` holds every mistake found."""


def read_definition(path: Path) -> Definition:
    """The definition in a file. Raises FormError with every mistake found, OSError where the file cannot be read."""
    return read_with_lines(path)[0]


def read_with_lines(path: Path) -> tuple[Definition, Document]:
    """The same, with the document that knows the line of every place in it."""
    try:
        return _parsed(path.read_bytes().decode("utf-8"), path.name)
    except UnicodeDecodeError:
        raise FormError([Problem(path.name, 1, "", "The file is not UTF-8 text. Save it as UTF-8.")]) from None


def parse_definition(text: str, name: str) -> Definition:
    """The definition in this text; `name` is what mistakes call the file. Raises FormError."""
    return _parsed(text, name)[0]


def _parsed(text: str, name: str) -> tuple[Definition, Document]:
    try:
        document = read(text, name)
    except PackError as error:
        raise FormError(error.problems) from None
    try:
        definition = Definition.model_validate(_parted(document.data))
    except ValidationError as error:
        raise FormError([_problem(document, one) for one in error.errors(include_url=False)]) from None
    found = [document.problem(where, text) for where, text in faults(definition)]
    if found:
        raise FormError(found)
    return definition, document


def _parted(tree: Mapping[str, Any]) -> Mapping[str, Any]:
    """Gives every field the id of its part: the first part's where it names none."""
    parts, fields = tree.get("parts"), tree.get("fields")
    if not isinstance(parts, list) or not isinstance(fields, list) or not parts or not isinstance(parts[0], dict):
        return tree
    default = {"part": parts[0].get("id")}
    return {**tree, "fields": [{**default, **one} if isinstance(one, dict) else one for one in fields]}


def _problem(document: Document, error: Any) -> Problem:
    """A pydantic error in our words, at its line."""
    where = tuple(error["loc"])
    kind = error["type"]
    if kind == "extra_forbidden":
        return document.problem(where, _unknown(where))
    if kind == "missing":
        return document.problem(where, "This setting is missing.")
    if kind in {"model_type", "model_attributes_type"}:
        return document.problem(where, f"Here belongs a group of 'key: value' lines{_EXAMPLES.get(_shape_of(where), '')}.")
    if kind == "string_type":
        return document.problem(where, "Here belongs text. Put it in quotes if it begins with { or [.")
    if kind == "literal_error":
        allowed = [one for one in re.findall(r"'([^']*)'", error["ctx"]["expected"]) if one]
        return document.problem(where, f"Write {', '.join(allowed[:-1])}{' or ' if allowed[1:] else ''}{allowed[-1]}.")
    if kind == "string_pattern_mismatch":
        return document.problem(where, "Use small letters and digits, with - in an id and _ in a name; begin with a letter.")
    text = str(error["ctx"]["error"]) if kind == "value_error" else str(error["msg"])
    return document.problem(where, f"{text[:1].upper()}{text[1:]}.")


def _shape_of(where: tuple[str | int, ...]) -> str:
    """The list in which a place stands: fields, options, parts or when."""
    return next((part for part in reversed(where) if isinstance(part, str)), "")


def _unknown(where: tuple[str | int, ...]) -> str:
    """What is said of an unknown setting: the nearest known one, or all."""
    above = [part for part in where[:-1] if isinstance(part, str)]
    shape = _SHAPES.get(above[-1], Definition) if above else Definition
    known = sorted(field.alias or name for name, field in shape.model_fields.items())
    near = get_close_matches(str(where[-1]), known, n=1)
    if near:
        return f"Unknown setting (did you mean '{near[0]}'?)."
    comma = " If it belongs to the text before it, put that text in quotes: it has a comma." if " " in str(where[-1]) else ""
    return f"Unknown setting. Known here: {', '.join(known)}.{comma}"
