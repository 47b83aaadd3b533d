"""Checking a definition's file before it is put in: its own mistakes, and what it says of other forms.

What does not live here: the shape of a definition (`definition`), the meaning of its names (`faults`).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from difflib import get_close_matches
from pathlib import Path

from forms.definition import Definition, Field, every
from forms.library import FOLDER, get, ids, versions
from forms.reading import FormError, Where, read_with_lines
from policies.language.problems import Problem

LAUNCH = frozenset({"child_name"})
"""What a launch says that a form may begin with."""

SOURCES = (
    "agencies",
    "agency types",
    "case flags",
    "colleagues",
    "dates",
    "flags",
    "modes",
    "outcomes",
    "people",
    "sides",
    "stages",
    "starts",
    "themes",
)
"""Choices that come from outside for every policy; a question of a policy adds its own ("routes")."""


def check(path: Path) -> list[Problem]:
    """Every mistake of a definition's file; [] where it is well. OSError where it cannot be read."""
    try:
        definition, document = read_with_lines(path)
    except FormError as error:
        return list(error.problems)
    return [document.problem(where, text) for where, text in _faults(definition, path)]


def _faults(definition: Definition, path: Path) -> Iterator[tuple[Where, str]]:
    id, version = definition.id, definition.version
    if path.name.split(".")[0] != id:
        yield ("id",), f"The id is {id!r}: the file's name must begin with it."
    if version in versions(id) and path.resolve().parent != FOLDER:
        newest = max(versions(id)) + 1
        yield ("version",), f"Version {version} of {id!r} is taken. Give it version {newest}, in a file {id}.{newest}.yaml."
    places = list(_placed(definition.fields, ("fields",)))
    for where, one in places:
        yield from _of_source(one, where)
        yield from _of_prefill(one, where, definition, path.parent)


def _placed(fields: tuple[Field, ...], at: Where) -> Iterator[tuple[Where, Field]]:
    for position, one in enumerate(fields):
        yield (*at, position), one
        yield from _placed(one.fields, (*at, position, "fields"))


def _of_source(one: Field, where: Where) -> Iterator[tuple[Where, str]]:
    near = get_close_matches(one.from_, SOURCES, n=1) if one.from_ and one.from_ not in SOURCES else []
    if near:
        yield (*where, "from"), f"No choices are called {one.from_!r}: did you mean {near[0]!r}?"


def _of_prefill(one: Field, where: Where, definition: Definition, folder: Path) -> Iterator[tuple[Where, str]]:
    for at, place in enumerate(one.prefill):
        form, _, name = place.partition(".")
        known = _names(form, definition, folder)
        if known is None:
            near = get_close_matches(form, ids(), n=1)
            yield (*where, "prefill", at), f"No form is called {form!r}{f': did you mean {near[0]!r}?' if near else '.'}"
        elif name not in known:
            near = get_close_matches(name, known, n=1)
            yield (*where, "prefill", at), f"The form {form!r} asks no {name!r}{f': did you mean {near[0]!r}?' if near else '.'}"


def _names(form: str, definition: Definition, folder: Path) -> set[str] | None:
    """The names of the questions of a form, in any version that is known here; None for a form nobody knows."""
    if form == "launch":
        return set(LAUNCH)
    if form == definition.id:
        return {one.name for one in every(definition.fields)}
    if form in ids():
        return {one.name for version in versions(form) for one in get(form, version).fields}
    beside = sorted(folder.glob(f"{form}*.yaml"))
    return _beside(beside) if beside else None


def _beside(paths: list[Path]) -> set[str]:
    """The names in files that lie beside this one; one with mistakes of its own says nothing here."""
    found: set[str] = set()
    for path in paths:
        with suppress(FormError):
            found |= {one.name for one in read_with_lines(path)[0].fields}
    return found
