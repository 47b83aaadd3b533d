"""What is wrong with a pack, said so that its writer can mend it.

What lives here: one problem, and the error that carries all of them. What does not: finding them (`reading`, `source`, `compiling`,
`checks`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake: the file, the line (from 1), the key as a path ("stages.1.owes.3.limit"), and what would be right.

    `place` is the path as its writer knows it: things with an id by their id, others by their number from 1 ("stages 2, owes talk, limit").
    `path` is the same place in the data, for the steps that come after.
    """

    file: str
    line: int
    key: str
    text: str
    place: str = ""
    path: Path = ()

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}"
        place = self.place or self.key
        return f"{where}: {place}: {self.text}" if place else f"{where}: {self.text}"


class PackError(Exception):
    """A pack that cannot be used. `problems` holds every mistake found, in the order of the file."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = sorted(set(problems), key=lambda one: (one.line, one.key, one.text))
        super().__init__("\n".join(str(one) for one in self.problems))
