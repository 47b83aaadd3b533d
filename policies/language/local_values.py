"""One regional text, many areas: a pack may name values once and use them anywhere as <name>.

    values:
      board mailbox: the Board's mailbox
      first limit: 5 working days
    …
    limit: <first limit>

A value may be a list of texts too, for what is longer in one area than in another: it stands alone, for a whole list or among its items.

    calendar:
      closures: [Easter Monday, <local holidays>]

What lives here: putting the values in before a pack is read for its meaning, and making an area's pack of a regional text and a file of
values. What does not: where those files come from. An area's pack is the regional text with its own `values` block, whole in itself.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, TypeAlias, TypeGuard

import yaml

from policies.language.problems import PackError, Path, Problem
from policies.language.reading import Document, read
from policies.parts.words import meant

_NAME = re.compile(r"<([a-z0-9][a-z0-9 -]*)>")
SHAPE = "Here belongs a group of 'name: text' or 'name: [text, text]' lines."

Values: TypeAlias = Mapping[str, str | list[str]]


def are_values(given: object) -> TypeGuard[Values]:
    """Whether this is a group of names, each with a text or a list of texts."""
    return isinstance(given, dict) and all(
        isinstance(one, str) or (isinstance(one, list) and all(isinstance(item, str) for item in one)) for one in given.values()
    )


def values_of(text: str, source: str, regional: str) -> Values:
    """The values in the file of one area, with or without the line `values:` above them, for the regional text `regional`.

    Raises PackError with the line of each that the text has no place for.
    """
    document = read(text, source)
    above: Path = ("values",) if list(document.data) == ["values"] else ()
    given = document.data["values"] if above else document.data
    if not are_values(given):
        raise PackError([document.problem(above, f"{SHAPE} Every name stands for itself, from the first column on.")])
    names = set(_NAME.findall(regional))
    lost = [name for name in given if name not in names]
    if lost:
        raise PackError([document.problem((*above, one), f"The text has no <{one}>.{meant(one, names)}") for one in lost])
    return given


def with_values(text: str, values: Values) -> str:
    """The pack `text` with these values in a `values` block at its end: those it had keep their value unless a new one is given. Where the
    block stood are empty lines, so that a mistake has the line that it has in `text`.

    Raises PackError where the text cannot be read. What has no value, or is not used, is found when the pack is loaded.
    """
    document = read(text, "text")
    own = document.data.get("values", {})
    merged = {**(own if isinstance(own, dict) else {}), **values}
    block = yaml.safe_dump({"values": merged}, sort_keys=False, allow_unicode=True, width=1000)
    rest = _BLOCK.sub(lambda found: "\n" * found[0].count("\n"), text.rstrip("\n") + "\n")
    return f"{rest}{block}"


_BLOCK = re.compile(r"^values:.*\n(?:[ \t].*\n|\n)*", re.MULTILINE)


def put_in(document: Document) -> list[Problem]:
    """Replaces every <name> in the document's texts by the value of that name; the `values` block itself goes.

    The mistakes: a name that has no value, a list in the middle of a text, and a value nobody uses. Raises PackError where the block cannot
    be read.
    """
    given = document.data.pop("values", {})
    if not are_values(given):
        raise PackError([document.problem(("values",), SHAPE)])
    filling = _Filling(document, given)
    document.data = filling.mapping(document.data, ())
    lost = [name for name in given if name not in filling.used]
    filling.problems.extend(document.problem(("values", name), "Nothing in the pack uses this value.") for name in lost)
    document.lines.update(filling.lines)
    return filling.problems


class _Filling:
    """One pass over a document. `lines` are those of what stands elsewhere since a list was put in before it."""

    def __init__(self, document: Document, given: Values) -> None:
        self.document, self.given = document, given
        self.used: set[str] = set()
        self.problems: list[Problem] = []
        self.lines: dict[Path, int] = {}

    def mapping(self, group: Mapping[str, Any], path: Path) -> dict[str, Any]:
        return {key: self.value(one, (*path, key)) for key, one in group.items()}

    def value(self, value: Any, path: Path) -> Any:
        if isinstance(value, dict):
            return self.mapping(value, path)
        if isinstance(value, list):
            return self.items(value, path)
        whole = self.given.get(self._alone(value))
        if isinstance(whole, list):
            self.used.add(self._alone(value))
            return list(whole)
        return self.text(value, path)

    def items(self, items: list[Any], path: Path) -> list[Any]:
        """A list with its values in it; one that is a list gives its items."""
        found: list[Any] = []
        for number, one in enumerate(items):
            filled = self.value(one, (*path, number))
            several = filled if isinstance(one, str) and isinstance(filled, list) else [filled]
            if len(found) != number or len(several) != 1:
                self._moved((*path, number), path, len(found), len(several))
            found += several
        return found

    def text(self, text: str, path: Path) -> str:
        names = _NAME.findall(text)
        self.used.update(names)
        for name in names:
            if name not in self.given:
                self._slip(path, f"<{name}> has no value.{meant(name, self.given)} Add it under 'values'.")
            elif isinstance(self.given[name], list):
                self._slip(path, f"The value of <{name}> is a list: it must stand alone, not in the middle of a text.")
        return _NAME.sub(lambda found: str(self.given.get(found[1], "")), text)

    def _alone(self, text: str) -> str:
        """The name, where a text is nothing but one name."""
        found = _NAME.fullmatch(text)
        return found[1] if found else ""

    def _slip(self, path: Path, text: str) -> None:
        self.problems.append(self.document.problem(path, text))

    def _moved(self, old: Path, path: Path, first: int, count: int) -> None:
        """What stood at `old` stands now at `count` places of the list at `path`, from `first` on."""
        within = [(one[len(old) :], line) for one, line in self.document.lines.items() if one[: len(old)] == old]
        self.lines.update({(*path, place, *rest): line for place in range(first, first + count) for rest, line in within})
