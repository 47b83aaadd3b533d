"""Placeholders: `{{name}}` or `{{name|filter|filter}}` in a text, with fixed names and fixed filters. No code, no loops.

What lives here: reading a template and filling it. What does not: what the names stand for (`values`) and which escaping a place
needs (`bodies`): that is decided by where the text goes, so nobody who writes a template can forget it.

    {{reference}}   {{child.local|number}}   {{document.content|base64}}   {{title|limit:80}}
"""

from __future__ import annotations

import base64
import re
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass

Value = str | bytes
Escape = Callable[[str], str]
Filters = tuple[tuple[str, str], ...]

_PLACE = re.compile(r"\{\{\s*([^{}]*?)\s*\}\}")
_NAMESPACE = uuid.UUID("6c1b1f6a-6a0e-5d0e-9d43-0d3a7a6c6f51")  # of the ids that `|uuid` makes: the same for the same text, for ever
_NAME = re.compile(r"[a-z_]+(\.[A-Za-z0-9][A-Za-z0-9_-]*){0,2}")


# What people who file read when it is missing.
_IN_WORDS = {
    "child.nhs-number": "the person’s NHS number",
    "child.upn": "the person’s unique pupil number",
    "child.local": "this organisation’s own number for the person",
}


class TemplateFault(ValueError):
    """A template that cannot be read, or a value it needs that is not there. Names names, never values."""


@dataclass(frozen=True, slots=True)
class Place:
    """One placeholder: a name and the filters on it, in order, each with its argument (or empty)."""

    name: str
    filters: Filters

    @property
    def optional(self) -> bool:
        """Whether an absent value is an empty one here."""
        return ("optional", "") in self.filters or self.may_be_left_out

    @property
    def may_be_left_out(self) -> bool:
        """Whether what it stands in is left out where there is no value: a member of a JSON object, a field of a form."""
        return ("omit", "") in self.filters


@dataclass(frozen=True, slots=True)
class Template:
    """A text in pieces: plain text and places, in turn."""

    pieces: tuple[str | Place, ...]

    @classmethod
    def parse(cls, text: str) -> Template:
        """Raises `TemplateFault` for an unknown filter, a bad name or a brace without its partner."""
        pieces: list[str | Place] = []
        end = 0
        for found in _PLACE.finditer(text):
            pieces += [_plain(text[end : found.start()]), _place(found.group(1))]
            end = found.end()
        pieces.append(_plain(text[end:]))
        return cls(tuple(piece for piece in pieces if piece != ""))

    @property
    def places(self) -> tuple[Place, ...]:
        """Every placeholder, in order."""
        return tuple(piece for piece in self.pieces if isinstance(piece, Place))

    @property
    def alone(self) -> Place | None:
        """The placeholder, if the template is one and nothing else: only then can it stand for a number or a file."""
        return self.pieces[0] if len(self.pieces) == 1 and isinstance(self.pieces[0], Place) else None

    def fill(self, values: Mapping[str, Value], escape: Escape) -> str:
        """The text, each value escaped and the plain pieces as they are. Raises `TemplateFault` for a value that is not there."""
        return "".join(piece if isinstance(piece, str) else escape(text_of(piece, values)) for piece in self.pieces)


def value_of(place: Place, values: Mapping[str, Value]) -> Value:
    """What a placeholder stands for, after its filters. Raises `TemplateFault`."""
    value = values.get(place.name)
    if value is None:
        if not place.optional:
            raise TemplateFault(_missing(place.name))
        value = ""
    for name, argument in place.filters:
        value = FILTERS[name](value, argument)
    return value


def _missing(name: str) -> str:
    kind, _, system = name.partition(".")
    if kind == "child":
        return f"{_IN_WORDS.get(name, f'the person’s number of the kind “{system}”')} is needed, and nobody has given it to us"
    return f"{name} is needed and not known here"


def text_of(place: Place, values: Mapping[str, Value]) -> str:
    """The same, as text. Raises `TemplateFault` where it is still a file's bytes (they need `|base64`)."""
    value = value_of(place, values)
    if isinstance(value, bytes):
        raise TemplateFault(f"{place.name} is a file; put |base64 behind it or send it as a file of its own")
    return value


def _plain(text: str) -> str:
    if "{{" in text or "}}" in text:
        raise TemplateFault("two braces without their partners")
    return text


def _place(inside: str) -> Place:
    name, _, filters = inside.partition("|")
    if not _NAME.fullmatch(name.strip()):
        raise TemplateFault(f"not a name: {name.strip()!r}")
    return Place(name.strip(), filters_of(filters))


def filters_of(text: str) -> Filters:
    """Filters as they stand behind a name, with bars between. Raises `TemplateFault` for one that there is not."""
    named = []
    for one in (part.strip() for part in text.split("|") if text.strip()):
        called, _, argument = one.partition(":")
        if called not in FILTERS or (called == "limit") != argument.isdecimal() or (called != "limit" and argument):
            raise TemplateFault(f"not a filter: {one!r}; there are {', '.join(sorted(FILTERS))}")
        named.append((called, argument))
    return tuple(named)


def _base64(value: Value, _argument: str) -> str:
    return base64.b64encode(value if isinstance(value, bytes) else value.encode()).decode("ascii")


def _number(value: Value, _argument: str) -> str:
    if not isinstance(value, str) or not re.fullmatch(r"-?(0|[1-9]\d{0,17})", value):
        raise TemplateFault("a whole number is needed here and the value is none")
    return value


def _date(value: Value, _argument: str) -> str:
    text = value if isinstance(value, str) else ""
    if not re.fullmatch(r"\d{4}-\d\d-\d\d(T.*)?", text):
        raise TemplateFault("a date is needed here and the value is none")
    return text[:10]


def _uk_date(value: Value, argument: str) -> str:
    year, month, day = _date(value, argument).split("-")
    return f"{day}/{month}/{year}"


def _text(change: Callable[[str, str], str]) -> Callable[[Value, str], Value]:
    return lambda value, argument: value if isinstance(value, bytes) else change(value, argument)


FILTERS: Mapping[str, Callable[[Value, str], Value]] = {
    "base64": _base64,
    "number": _number,
    "date": _date,
    "ukdate": _uk_date,
    "digits": _text(lambda value, _argument: re.sub(r"[^0-9]", "", value)),
    "limit": _text(lambda value, argument: value[: int(argument)]),
    "lower": _text(lambda value, _argument: value.lower()),
    "upper": _text(lambda value, _argument: value.upper()),
    "file": _text(lambda value, _argument: re.sub(r"[^A-Za-z0-9._-]+", "-", value).strip("-.") or "x"),
    "odata": _text(lambda value, _argument: value.replace("'", "''")),
    "uuid": _text(lambda value, _argument: str(uuid.uuid5(_NAMESPACE, value))),
    "last": _text(lambda value, _argument: value.rstrip("/").rpartition("/")[2]),
    "inside": _text(lambda value, _argument: value.rpartition("(")[2].partition(")")[0]),
    "optional": _text(lambda value, _argument: value),
    "omit": _text(lambda value, _argument: value),
}
