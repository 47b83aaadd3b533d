"""What an adapter can be told, as text for somebody who writes a connection's file: each option with its help, its default, an example.

What does not live here: the screen that is made of the same model.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, get_args

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from integrations.contract import Adapter


def described(adapter: Adapter) -> str:
    """Every option of an adapter, those within others indented below them."""
    secrets = ", ".join(adapter.secret_names) or "none"
    return "\n".join([f"{adapter.id}: {adapter.title}", f"secrets: {secrets}", "", *_lines(adapter.options, "", set())])


def _lines(model: type[BaseModel], indent: str, seen: set[type[BaseModel]]) -> Iterator[str]:
    seen.add(model)
    for name, field in model.model_fields.items():
        yield f"{indent}{name} ({_kind(field.annotation)}; {_default(field)})"
        yield f"{indent}    {field.description} For example: {json.dumps((field.examples or [''])[0], ensure_ascii=False)}"
        for inner in _models_in(field.annotation):
            if inner in seen:
                yield f"{indent}    (the same as above)"
            else:
                yield from _lines(inner, indent + "    ", seen)


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "needed"
    value = field.default if field.default is not PydanticUndefined else None
    if isinstance(value, BaseModel) or value in (None, "", [], {}):
        return "may be left out"
    return f"if left out: {json.dumps(value, ensure_ascii=False)}"


def _kind(annotation: Any) -> str:
    plain = {str: "text", int: "number", float: "number", bool: "true or false"}
    if annotation in plain:
        return plain[annotation]
    inner = [one for one in get_args(annotation) if one is not type(None)]
    if inner and all(isinstance(one, str) for one in inner):
        return "one of " + ", ".join(json.dumps(one) for one in inner)
    if getattr(annotation, "__origin__", None) is list:
        return f"list of {_kind(inner[0])}"
    if getattr(annotation, "__origin__", None) is dict:
        return "names and texts"
    return _kind(inner[0]) if len(inner) == 1 else "group"


def _models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for one in get_args(annotation):
        yield from _models_in(one)
