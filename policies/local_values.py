"""One regional text, many areas: a pack may name values once and use them anywhere as <name>.

    values:
      board mailbox: the Board's mailbox
      first limit: 5 working days
    …
    limit: <first limit>

What lives here: putting the values in before a pack is read for its meaning, and making an area's pack of a regional text and a file of
values. What does not: where those files come from. An area's pack is the regional text with its own `values` block, whole in itself.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import yaml

from policies.problems import PackError, Problem
from policies.reading import Document, Path, read
from policies.words import meant

_NAME = re.compile(r"<([a-z0-9][a-z0-9 -]*)>")


def with_values(text: str, values: Mapping[str, str]) -> str:
    """The pack `text` with these values in its `values` block: those it had keep their value unless a new one is given.

    Raises PackError where the text cannot be read. What has no value, or is not used, is found when the pack is loaded.
    """
    document = read(text, "text")
    own = document.data.get("values", {})
    merged = {**(own if isinstance(own, dict) else {}), **values}
    block = yaml.safe_dump({"values": merged}, sort_keys=False, allow_unicode=True, width=1000)
    return _BLOCK.sub("", text.rstrip("\n") + "\n") + block


_BLOCK = re.compile(r"^values:.*\n(?:[ \t].*\n|\n)*", re.MULTILINE)


def put_in(document: Document) -> None:
    """Replaces every <name> in the document's texts by the value of that name; the `values` block itself goes.

    Raises PackError for a name that has no value, and for a value nobody uses: both are slips.
    """
    given = document.data.pop("values", {})
    if not isinstance(given, dict) or not all(isinstance(one, str) for one in given.values()):
        raise PackError([document.problem(("values",), "Here belongs a group of 'name: text' lines.")])
    used: set[str] = set()
    problems: list[Problem] = []

    def filled(value: Any, path: Path) -> Any:
        if isinstance(value, dict):
            return {key: filled(one, (*path, key)) for key, one in value.items()}
        if isinstance(value, list):
            return [filled(one, (*path, number)) for number, one in enumerate(value)]
        names = _NAME.findall(value)
        used.update(names)
        lost = [name for name in names if name not in given]
        problems.extend(document.problem(path, f"<{name}> has no value.{meant(name, given)} Add it under 'values'.") for name in lost)
        return _NAME.sub(lambda found: str(given.get(found[1], "")), value)

    document.data = filled(document.data, ())
    problems.extend(document.problem(("values", name), "Nothing in the pack uses this value.") for name in given if name not in used)
    if problems:
        raise PackError(problems)
