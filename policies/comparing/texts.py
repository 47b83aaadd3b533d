"""Two policies compared sentence by sentence, in the words in which each is put into plain English.

What lives here: finding what is new, gone or other. What does not: what is said (`policies.plain`), what it means for a case (`cases`).
Nothing can be left out that is said at all; a test says that everything is.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from policies.parts.model import Policy
from policies.plain.document import in_plain_english
from policies.plain.writing import Section


@dataclass(frozen=True, slots=True)
class Change:
    """One difference: under which headings, what became of it, and its words before and after ("" where there were or are none)."""

    where: tuple[str, ...]
    what: Literal["new", "gone", "changed"]
    before: str
    after: str

    def __str__(self) -> str:
        place = " > ".join(self.where)
        if self.what == "changed":
            return f"{place}: {self.before} NOW: {self.after}"
        return f"{place}: {self.what.upper()}: {self.before or self.after}"


def difference(old: Policy, new: Policy) -> tuple[Change, ...]:
    """Every difference between two policies, in the order in which they are read; none between two that say the same."""
    return tuple(_sections(in_plain_english(old), in_plain_english(new), ()))


def _sections(old: Section, new: Section, above: tuple[str, ...]) -> Iterator[Change]:
    """`above` are the headings around; that of the whole policy is not one of them."""
    if old.title != new.title:
        yield Change(above or ("Title",), "changed", old.title, new.title)
    where = above if new.key == "policy" else (*above, new.title)
    before, after = {one.key: str(one) for one in old.says}, {one.key: str(one) for one in new.says}
    for key in _in_order([*before], [*after]):
        yield from _words(before.get(key, ""), after.get(key, ""), where or ("The policy",))
    parts, others = {one.key: one for one in old.parts}, {one.key: one for one in new.parts}
    for key in _in_order([*parts], [*others]):
        if key in parts and key in others:
            yield from _sections(parts[key], others[key], where)
        else:
            yield from _words(_whole(parts.get(key)), _whole(others.get(key)), where or ("The policy",))


def _words(before: str, after: str, where: tuple[str, ...]) -> Iterator[Change]:
    if before != after:
        yield Change(where, "new" if not before else "gone" if not after else "changed", before, after)


def _whole(section: Section | None) -> str:
    """A section that stands in one of the two alone, as one text."""
    if section is None:
        return ""
    title = section.title if section.title.endswith((".", "?", "!")) else f"{section.title}."
    return " ".join((title, *(str(one) for one in section.says), *(_whole(part) for part in section.parts)))


def _in_order(old: list[str], new: list[str]) -> list[str]:
    """The keys of both: the new one's in its order, and each that is gone after the one it stood behind."""
    found = list(new)
    behind = ""
    for key in old:
        if key not in found:
            found.insert(found.index(behind) + 1 if behind else 0, key)
        behind = key
    return found
