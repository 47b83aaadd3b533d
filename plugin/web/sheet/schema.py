"""What a JSON Schema (as pydantic makes it) says of one field: of which kind it is, what it is called, what helps to answer it.

What does not live here: what was typed (`answers`), how it is drawn (`templates/admin/sheet.html`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

Schema = Mapping[str, Any]
Kind = Literal["text", "lines", "number", "yes", "choice", "texts", "pairs", "group", "list", "raw"]
_FOR = re.compile(r"For (?:an? )?([^:]+?)(?:: | where )")
_LONG = ("PEM", "template", "certificate", "text of")


@dataclass(frozen=True, slots=True)
class Field:
    """One field. `fields` are those of a group, or of each entry of a list; `optional` a group that may be left out as a whole.

    `when` is [[sibling, [values]], ...] for a question that only some answers ask. `numbers`: the entries of `texts` are whole numbers;
    `decimal`: a number may have a point in it.
    `common`: most people need it, so it is never folded away.
    """

    name: str
    kind: Kind
    title: str
    help: str = ""
    example: str = ""
    required: bool = False
    default: Any = None
    choices: tuple[tuple[str, str], ...] = ()
    fields: tuple[Field, ...] = ()
    optional: bool = False
    numbers: bool = False
    decimal: bool = False
    rows: int = 0
    most: int = 0
    common: bool = False
    when: tuple[tuple[str, tuple[str, ...]], ...] = field(default=())


def fields_of(schema: Schema, choices: Mapping[str, list[tuple[str, str]]] | None = None) -> tuple[Field, ...]:
    """The fields of a model's schema, in their order. `choices`: for fields by name, what may be chosen where the model cannot know it."""
    return _fields(schema, schema.get("$defs", {}), choices or {})


def _fields(schema: Schema, known: Schema, choices: Mapping[str, list[tuple[str, str]]]) -> tuple[Field, ...]:
    required = set(schema.get("required", ()))
    made = tuple(_field(name, one, name in required, known, choices) for name, one in schema.get("properties", {}).items())
    # Where two questions offer the same word ("basic"), the first of them is meant.
    offered = {value.casefold(): one.name for one in reversed(made) if one.kind == "choice" for value, _text in one.choices}
    return tuple(_hung_on(one, offered) for one in made)


def _hung_on(one: Field, offered: Mapping[str, str]) -> Field:
    """A help that begins "For OAuth2:" says when the question is asked: after the sibling's answer that is called so."""
    found = _FOR.match(one.help)
    value = found.group(1).casefold() if found and not one.when else ""
    return replace(one, when=((offered[value], (value,)),)) if value and value in offered else one


def _field(name: str, said: Schema, required: bool, known: Schema, choices: Mapping[str, list[tuple[str, str]]]) -> Field:
    bare, nullable = _resolved(said, known)
    merged = {**bare, **{key: value for key, value in said.items() if key not in ("$ref", "anyOf", "allOf")}}
    examples = merged.get("examples") or ([merged["example"]] if "example" in merged else [])
    base: dict[str, Any] = {
        "name": name,
        "title": _title(name, str(said.get("title", ""))),
        "help": str(said.get("description", "")),
        "example": _shown(examples[0]) if examples else "",
        "required": required,
        "default": merged.get("default"),
        "common": bool(merged.get("common", False)),
        "when": tuple((str(key), tuple(map(str, values))) for key, values in merged.get("when", {}).items()),
    }
    if name in choices:
        kind: Kind = "texts" if bare.get("type") == "array" else "choice"
        return Field(kind=kind, choices=tuple(choices[name]), **base)
    return Field(**{**base, **_shape(bare, nullable, known, choices, merged)})


def _shape(bare: Schema, nullable: bool, known: Schema, choices: Mapping[str, Any], merged: Schema) -> dict[str, Any]:
    of = bare.get("type")
    if "enum" in bare or "const" in bare:
        values = [str(value) for value in bare.get("enum", [bare.get("const")])]
        return {"kind": "choice", "choices": tuple((value, _words(value)) for value in values)}
    if of == "boolean":
        return {"kind": "yes"}
    if of in ("integer", "number"):
        return {"kind": "number", "decimal": of == "number"}
    if of == "string":
        rows = int(merged.get("rows", 0)) or (4 if any(word in str(merged.get("description", "")) for word in _LONG) else 0)
        return {"kind": "lines" if rows else "text", "rows": rows}
    if of == "array":
        return _many(bare, known, choices)
    if of == "object" and "properties" in bare:
        return {"kind": "group", "fields": _fields(bare, known, choices), "optional": nullable}
    if of == "object" and (bare.get("additionalProperties") or {}).get("type") == "string":
        return {"kind": "pairs", "rows": 4}
    return {"kind": "raw", "rows": 8}


def _many(bare: Schema, known: Schema, choices: Mapping[str, Any]) -> dict[str, Any]:
    inner, _nullable = _resolved(bare.get("items", {}), known)
    most = int(bare.get("maxItems", 0))
    if inner.get("type") == "object" and "properties" in inner:
        return {"kind": "list", "fields": _fields(inner, known, choices), "most": most}
    if inner.get("type") in ("string", "integer"):
        return {"kind": "texts", "numbers": inner["type"] == "integer", "rows": 0 if inner["type"] == "integer" else 3, "most": most}
    return {"kind": "raw", "rows": 8}


def _resolved(said: Schema, known: Schema) -> tuple[Schema, bool]:
    """The schema behind references, and whether null may stand in its place."""
    nullable = False
    while True:
        if "anyOf" in said:
            others = [one for one in said["anyOf"] if one.get("type") != "null"]
            nullable = nullable or len(others) < len(said["anyOf"])
            said = others[0] if len(others) == 1 else {}
        elif "allOf" in said and len(said["allOf"]) == 1:
            said = said["allOf"][0]
        elif "$ref" in said:
            said = known.get(str(said["$ref"]).rpartition("/")[2], {})
        else:
            return said, nullable


def _title(name: str, title: str) -> str:
    """The model's own words where it has some; pydantic's are only the name in capitals."""
    made = name.replace("_", " ")
    if title and title.casefold() != made.casefold():
        return title
    return made[:1].upper() + made[1:]


def _words(value: str) -> str:
    if not value:
        return "Not said"
    return value[:1].upper() + value[1:] if value.islower() else value


def _shown(example: Any) -> str:
    if isinstance(example, Mapping):
        return "; ".join(f"{name}: {value}" for name, value in example.items())
    return ", ".join(map(str, example)) if isinstance(example, list) else str(example)
