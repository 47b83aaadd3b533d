"""What is wrong with a definition beyond its shape: names that point nowhere, settings a kind does not have, messages not written."""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import get_close_matches

from forms.definition import Definition, Field, placeholders
from forms.kinds import KINDS, kind_of
from forms.kinds.choice import Choice
from forms.setting import Setting

Where = tuple[str | int, ...]
Found = Iterator[tuple[Where, str]]

# Settings every field may have; each kind adds its own.
_COMMON = {"name", "kind", "label", "hint", "part", "required", "missing", "when", "fact", "statistic", "prefill", "rules", "for each"}


def faults(definition: Definition) -> Found:
    """Every fault as (where, what would be right); `where` is a path of keys and positions in the file."""
    parts = [one.id for one in definition.parts]
    yield from (((("parts", at, "id")), "two parts have the same id") for at, one in enumerate(parts) if one in parts[:at])
    if not definition.fields:
        yield ("fields",), "a form asks at least one thing"
    yield from _of_fields(definition.fields, ("fields",), parts)
    for word in sorted(set(placeholders(definition.model_dump()))):
        if word not in definition.words:
            yield ("words",), f"{{{word}}} is used in a text and has no words here; add `{word}: …`"


def _of_fields(fields: tuple[Field, ...], at: Where, parts: list[str]) -> Found:
    before: list[Field] = []
    for position, one in enumerate(fields):
        here = (*at, position)
        if one.name in [other.name for other in before]:
            yield (*here, "name"), f"{one.name!r} is the name of an earlier field; names differ"
        if one.kind not in KINDS:
            near = get_close_matches(one.kind, KINDS, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"kinds: {', '.join(sorted(KINDS))}"
            yield (*here, "kind"), f"no kind is called {one.kind!r} ({hint})"
            continue
        if one.part and one.part not in parts:
            yield (*here, "part"), f"no part is called {one.part!r}; parts: {', '.join(parts) or 'none'}"
        yield from _of_field(one, here)
        yield from _of_condition(one, before, here)
        if one.fields:
            yield from _of_fields(one.fields, (*here, "fields"), parts)
        before.append(one)


def _of_field(one: Field, here: Where) -> Found:
    kind = kind_of(one)
    given = {name.rstrip("_").replace("_", " ") for name in one.model_fields_set}
    for setting in sorted(given - _COMMON - kind.settings):
        own = ", ".join(sorted(kind.settings)) or "none of its own"
        yield (*here, setting), f"means nothing for the kind {one.kind!r} (its settings: {own})"
    if one.required and kind.says_missing and not one.missing:
        yield here, f"{one.name!r} must be answered, so add `missing:` with what to do where it is empty, or `required: no`"
    if one.kind != "several" and any(option.alone for option in one.options):
        yield (*here, "options"), "an option stands `alone` only where several can be chosen"
    for setting in ("fact", "statistic"):
        if getattr(one, setting) and not kind.coded:
            yield (*here, setting), f"only codes, numbers and dates may be one; the kind {one.kind!r} is free text"
    if one.prefill and one.kind in {"signature", "attestation"}:
        yield (*here, "prefill"), "a person signs and attests afresh; nothing is taken over"
    for at, place in enumerate(one.prefill):
        if not re.fullmatch(r"[a-z][a-z0-9-]*\.[a-z][a-z0-9_]*", place):
            yield (*here, "prefill", at), "say the form (or launch) and its field, as in `raise.unsafe`"
    yield from (((*here, setting), text) for setting, text in kind.faults(one))


def _of_condition(one: Field, before: list[Field], here: Where) -> Found:
    known = {other.name: other for other in before}
    for position, clause in enumerate(one.when):
        at = (*here, "when", position)
        if bool(clause.context) == bool(clause.field):
            yield at, "say `field: …` with `is: …` or `among: …`, or `context: …` alone"
        elif clause.field and bool(clause.is_) == bool(clause.among):
            yield at, "say which answers make it hold: `is: …` or `among: …`"
        elif clause.field and clause.field not in known:
            yield (*at, "field"), f"no earlier field is called {clause.field!r}"
        elif clause.field and (values := _codes(known[clause.field])):
            yield from (((*at, "is"), f"{value!r} is no option of {clause.field!r}") for value in clause.is_ if value not in values)


def _codes(one: Field) -> list[str]:
    """What can be chosen of a field; [] where that is not known here, or nothing is chosen."""
    kind = KINDS.get(one.kind)
    return [option.value for option in kind.offered(one, Setting())] if isinstance(kind, Choice) and not one.from_ else []
