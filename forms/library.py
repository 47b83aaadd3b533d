"""Which definitions there are: every file in `forms/definitions/`, each version a file of its own (`raise.yaml`, `raise.2.yaml`)."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from forms.definition import Definition
from forms.reading import FormError, read_definition
from policies.problems import Problem

FOLDER = Path(__file__).parent / "definitions"


@cache
def load(folder: Path = FOLDER) -> dict[tuple[str, int], Definition]:
    """Every definition of a folder by id and version. Raises FormError for the first file with mistakes, or two of one version."""
    found: dict[tuple[str, int], Definition] = {}
    for path in sorted(folder.glob("*.yaml")):
        one = read_definition(path)
        if (one.id, one.version) in found:
            raise FormError([Problem(path.name, 1, "version", f"version {one.version} of {one.id!r} is in another file already")])
        if path.name.split(".")[0] != one.id:
            raise FormError([Problem(path.name, 1, "id", f"is {one.id!r}; the file's name must begin with it")])
        found[one.id, one.version] = one
    return found


def ids() -> tuple[str, ...]:
    """The ids of all forms, in alphabetical order."""
    return tuple(sorted({one for one, _ in load()}))


def versions(id: str) -> tuple[int, ...]:
    """The versions of a form, oldest first; empty for an id nobody knows."""
    return tuple(sorted(version for one, version in load() if one == id))


def get(id: str, version: int | None = None) -> Definition:
    """A form; its newest version where none is named. A submission names its own. KeyError where there is none."""
    if version is None:
        known = versions(id)
        if not known:
            raise KeyError(id)
        version = known[-1]
    return load()[id, version]
