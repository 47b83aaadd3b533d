"""A form for machines: the JSON Schema of its answers, and answers that come as JSON instead of from a page.

JSON has the shape of `Bound.values()`. What a schema cannot say (check digits, which questions are asked) is checked when it is bound:
`bind(definition, data=as_data(definition, values, …), …).validate()` holds for a machine what holds for a person.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from forms.definition import Definition
from forms.kinds import kind_of
from forms.kinds.base import object_schema
from forms.setting import Setting


def json_schema(
    definition: Definition,
    part: str = "",
    choices: Mapping[str, Sequence[tuple[str, str]]] | None = None,
) -> dict[str, Any]:
    """The JSON Schema (2020-12) of the answers of a form or of one part. Without `choices`, codes from outside are any short text."""
    definition = definition.each(choices or {})
    fields = definition.asked(part)
    setting = None if choices is None else Setting.of(fields, choices)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:accord:form:{definition.id}:{definition.version}" + (f":{part}" if part else ""),
        "title": definition.title,
        **object_schema(fields, setting),
    }


def as_data(definition: Definition, values: Any, choices: Mapping[str, Sequence[tuple[str, str]]] | None = None) -> dict[str, list[str]]:
    """Answers in JSON as a page would have sent them, for `bind`. Raises ValueError, naming the field, for one of the wrong shape."""
    if not isinstance(values, Mapping):
        raise ValueError("the answers must be an object")
    definition = definition.each(choices or {})
    unknown = [name for name in values if name not in {one.name for one in definition.fields}]
    if unknown:
        raise ValueError(f"the form {definition.id!r} does not ask {unknown[0]!r}")
    setting = Setting.of(definition.fields, choices)
    sent: dict[str, list[str]] = {}
    for one in definition.fields:
        value = values.get(one.name)
        kind = kind_of(one)
        if value is not None and not kind.fits(one, value):
            raise ValueError(f"{one.name!r} has the wrong shape: see the form's JSON Schema")
        raw = {} if value is None else kind.raw(one, value, setting)
        sent |= {one.name + suffix: texts for suffix, texts in raw.items()}
    return sent
