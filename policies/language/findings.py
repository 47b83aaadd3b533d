"""The mistakes of one pack, gathered step by step, and what is in doubt because of them.

What lives here: which mistake of a later step is surely one, and which may only follow from an earlier one. What does not: finding
mistakes (`reading`, `local_values`, `key_problems`, `compiling`, `checks`), or making a pack readable in spite of them (`mending`).

A pack is read on after a mistake, so that its writer hears of all at once. What was wrong is then in doubt: its place, and the names
and texts in it. Nothing is said twice of one place, and nothing that may be gone once the first mistake is mended.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from policies.language.problems import Path, Problem
from policies.language.reading import Document

# What has a name or a number of its own; a mistake in one is no mistake in what stands around it.
_PARTS = frozenset({
    "themes", "flags", "choices", "options", "dates", "modes", "redirects", "agency types", "roles", "caps", "stops", "owes", "every stage",
    "stages", "enter", "goes back", "outcomes", "panels", "statistics", "conflicts", "unresolved", "notes", "reminders",
})  # fmt: skip
_ALONE = frozenset({"form", "id"})  # keys whose mistakes hang on no other key of their part
WHO = frozenset({"acts", "by", "to", "for each", "opened by", "judged by"})  # the keys that name roles
# What of a stage says nothing about which stages there are and which follows which.
_NOT_THE_WAY = frozenset({"title", "summary", "acts", "limit", "cumulative", "owes", "enter", "judged by", "opened by", "time up", "rule"})


@dataclass(slots=True)
class Findings:
    """Every mistake so far.

    `names` and `texts` are those that a mistake took away or left unread; `made_up` are the texts that stand in for what is missing.
    """

    document: Document
    problems: list[Problem] = field(default_factory=list)
    names: set[str] = field(default_factory=set)
    texts: list[str] = field(default_factory=list)
    made_up: set[str] = field(default_factory=set)
    _paths: dict[Path, None] = field(default_factory=dict)

    def add(self, problems: Sequence[Problem]) -> None:
        """Takes the mistakes of one step, those that are new. What stands at each is in doubt from now on."""
        self.problems += self._new(problems)
        for one in problems:
            self.doubt(one.path)
            said = self.document.at(one.path)
            if isinstance(said, str):
                self.texts.append(said)

    def doubt(self, path: Path) -> None:
        """Notes that what stands at `path` is not as its writer meant it."""
        self._paths[path] = None

    def lose(self, value: Any) -> None:
        """Notes that `value` was taken out: what it holds may be declared, named or cited there."""
        for text in _texts(value):
            self.texts.append(text)
            self.names.add(text)

    def _new(self, problems: Iterable[Problem]) -> list[Problem]:
        """Those that stand where nothing is in doubt yet, and speak of nothing that is."""
        return [one for one in problems if not self.doubts(one.path) and not self._speaks_of_what_was_lost(one)]

    def sure(self, problems: Iterable[Problem]) -> list[Problem]:
        """The same of mistakes between several keys: the part in which they stand must be free of doubt."""
        parts = {part for path in self._paths if (part := _part(path))}
        return [one for one in self._new(problems) if _part(one.path) not in parts or _key(one.path) in _ALONE]

    def doubts(self, path: Path) -> bool:
        """Whether what stands at `path`, around it or in it is in doubt."""
        return any(one[: len(path)] == path[: len(one)] for one in self._paths)

    def doubts_the_way(self) -> bool:
        """Whether it is in doubt which stages there are, which follows which, or how a case ends."""
        return any(
            path[:1] == ("outcomes",) or (path[:1] == ("stages",) and (len(path) < 3 or path[2] not in _NOT_THE_WAY))
            for path in self._paths
        )

    def may_name(self, name: str, *keys: str) -> bool:
        """Whether what is in doubt may speak of `name`: in a text that could not be read, or under one of `keys`, where something else
        stands or nothing."""
        return any(_has(text, name) for text in self.texts) or any(_may_hold(path, keys) for path in self._paths)

    def _speaks_of_what_was_lost(self, problem: Problem) -> bool:
        said = self.document.at(problem.path)
        spoken = [part for part in problem.path if isinstance(part, str)] + ([said] if isinstance(said, str) else [])
        if any(_has(problem.text, name) for name in self.made_up) or (_key(problem.path) in WHO and self._doubts_who_there_is()):
            return True
        return any(_has(text, name) for text in spoken for name in self.names)

    def _doubts_who_there_is(self) -> bool:
        return any(path[:1] == ("roles",) and (len(path) < 3 or path[2] == "id") for path in self._paths)


def _key(path: Path) -> str:
    """The last key of a path."""
    return next((part for part in reversed(path) if isinstance(part, str)), "")


def _part(path: Path) -> Path:
    """The smallest part of the pack around `path`; () where it stands in none."""
    for end in range(len(path), 1, -1):
        if isinstance(path[end - 1], int) and path[end - 2] in _PARTS:
            return path[:end]
    return ()


def _may_hold(path: Path, keys: Collection[str]) -> bool:
    """Whether one of `keys` may have stood at `path`, or in the part or the list of parts that did."""
    return _key(path) in keys or _key(path) in _PARTS


def _has(text: str, name: str) -> bool:
    """Whether the words of `name` stand in `text`, whatever stands between them and the next."""
    return f" {name} " in " " + re.sub(r"[(),;:/.']", " ", text) + " " or name == text


def _texts(value: Any) -> Iterator[str]:
    """Every text in a piece of a pack, keys too."""
    if isinstance(value, dict):
        for key, one in value.items():
            yield str(key)
            yield from _texts(one)
    elif isinstance(value, list):
        for one in value:
            yield from _texts(one)
    else:
        yield str(value)
