"""What was typed into a sheet, as the value its model takes: numbers as numbers, lists as lists, and what was left empty left out."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import yaml
from werkzeug.datastructures import MultiDict

from plugin.web.sheet.schema import Field

Typed = MultiDict[str, str]
_WHOLE = re.compile(r"-?[0-9]{1,15}")
_DECIMAL = re.compile(r"-?[0-9]{1,12}([.][0-9]{1,6})?")


class Reader:
    """Reads one posted form. `faults` are what no model can say, by path: text that is not of the form the question asks for."""

    def __init__(self, typed: Typed) -> None:
        self._typed = typed
        self.faults: dict[str, str] = {}

    def group(self, fields: Iterable[Field], path: str) -> dict[str, Any]:
        """The value of a group at `path`; what was left empty is not in it."""
        found = {one.name: self._value(one, joined(path, one.name)) for one in fields}
        return {name: value for name, value in found.items() if value is not None}

    def _value(self, one: Field, path: str) -> Any:
        if one.kind == "group":
            if one.optional and self._text(joined(path, "_use")) != "yes":
                return None
            return self.group(one.fields, path)
        if one.kind == "list":
            return [self.group(one.fields, f"{path}.{number}") for number in self.entries(path)]
        if one.kind == "yes":
            return self._text(path) == "yes"
        if one.kind == "texts":
            return self._texts(one, path)
        return self._scalar(one, path)

    def _scalar(self, one: Field, path: str) -> Any:
        text = self._text(path)
        if one.kind in ("text", "number", "choice"):
            text = text.strip()
        if not text.strip():
            return "" if one.required and one.kind == "text" else None
        if one.kind == "number":
            return float(text) if one.decimal and _DECIMAL.fullmatch(text) else int(text) if _WHOLE.fullmatch(text) else text
        if one.kind == "pairs":
            return self._pairs(text, path)
        return self._raw(text, path) if one.kind == "raw" else text

    def _texts(self, one: Field, path: str) -> list[Any] | None:
        lines = self._typed.getlist(f"s.{path}") if one.choices else re.split(r"[\n,]" if one.numbers else r"\n", self._text(path))
        kept = [line.strip() for line in lines if line.strip()]
        if not kept and not one.choices:
            return None
        return [int(line) if one.numbers and _WHOLE.fullmatch(line) else line for line in kept]

    def _pairs(self, text: str, path: str) -> dict[str, str]:
        found: dict[str, str] = {}
        for number, line in enumerate(text.split("\n"), start=1):
            # A name may hold colons itself ("json:id"): what stands before the first colon with a space after it is the name.
            name, colon, value = line.partition(": ")
            if not line.strip():
                continue
            if not colon or not name.strip():
                self.faults[path] = f"Line {number} needs a name, a colon, a space and a value, like  Accept: application/json"
            found[name.strip()] = value.strip()
        return found

    def _raw(self, text: str, path: str) -> Any:
        try:
            return yaml.safe_load(text)
        except yaml.YAMLError as error:
            mark = getattr(error, "problem_mark", None)
            self.faults[path] = f"Line {mark.line + 1 if mark else 1} cannot be read."
            return text

    def _text(self, path: str) -> str:
        return self._typed.get(f"s.{path}", "").replace("\r\n", "\n").replace("\0", "")

    def entries(self, path: str) -> list[str]:
        """The numbers of a list's entries, in the order they stood on the page."""
        return [number for number in self._typed.getlist(f"s.{path}") if number.isdecimal()][:50]


def joined(path: str, name: str) -> str:
    """The path of a field within another."""
    return f"{path}.{name}" if path else name
