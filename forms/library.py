"""Which definitions there are: every file in `forms/definitions/` and in the folders a deployment adds, each version a file of its own
(`raise.yaml`, `raise.2.yaml`).

What does not live here: what a file may say (`definition`), how it is read (`reading`).
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from forms.definition import Definition
from forms.reading import FormError, read_definition
from policies.language.problems import Problem
from policies.parts.vocabulary import FormWords

FOLDER = Path(__file__).parent / "definitions"
Library = dict[tuple[str, int], Definition]
_added: Library = {}


@cache
def load(folder: Path = FOLDER) -> Library:
    """Every definition of a folder by id and version. Raises FormError with the mistakes of the first file that has any."""
    found: Library = {}
    for path in sorted(folder.glob("*.yaml")):
        one = read_definition(path)
        if (one.id, one.version) in found:
            raise FormError([Problem(path.name, 1, "version", f"Version {one.version} of {one.id!r} is in another file already.")])
        if path.name.split(".")[0] != one.id:
            raise FormError([Problem(path.name, 1, "id", f"The id is {one.id!r}: the file's name must begin with it.")])
        found[one.id, one.version] = one
    return found


def use(folder: Path) -> None:
    """Adds a deployment's own definitions: new forms, and new versions of forms that are here. Called once, when a process starts.

    Raises FormError for a mistake, and for a version that is here already: what was submitted under it must go on meaning the same.
    """
    found = load(folder)
    for (id, version), one in found.items():
        if (id, version) in load() or _added.get((id, version), one) is not one:
            raise FormError([Problem(f"{id}.yaml", 1, "version", f"Version {version} of {id!r} is taken. Give it version {version + 1}.")])
    _added.update(found)


def _all() -> Library:
    return load() | _added if _added else load()


def ids() -> tuple[str, ...]:
    """The ids of all forms, in alphabetical order."""
    return tuple(sorted({one for one, _ in _all()}))


def known() -> dict[str, FormWords]:
    """Every form by its id, with what a policy may say of it: the parts and answers of its newest version."""
    return {one: _words(get(one)) for one in ids()}


def _words(form: Definition) -> FormWords:
    told: dict[str, set[str]] = {}
    free = {one.fact for one in form.fields if one.fact and (one.kind not in ("choice", "yes-no") or one.from_ or not one.options)}
    for one in form.fields:
        if one.fact:
            told.setdefault(one.fact, set()).update(option.value for option in one.options)
    facts = {fact: frozenset() if fact in free else frozenset(values) for fact, values in told.items()}
    return FormWords(frozenset(one.id for one in form.parts), facts)


def versions(id: str) -> tuple[int, ...]:
    """The versions of a form, oldest first; empty for an id nobody knows."""
    return tuple(sorted(version for one, version in _all() if one == id))


def get(id: str, version: int | None = None) -> Definition:
    """A form; its newest version where none is named. A submission names its own. KeyError where there is none."""
    if version is None:
        known = versions(id)
        if not known:
            raise KeyError(id)
        version = known[-1]
    return _all()[id, version]
