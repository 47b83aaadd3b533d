"""Options as the administrator's screen is made of them: every one has a title of its own, a sentence of help, an example that works."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Annotated, Any, get_args

import pytest
from pydantic import BaseModel, TypeAdapter
from pydantic.fields import FieldInfo

from integrations.contract import WHO_HELPS, Finding, Where
from integrations.registry import ADAPTERS


def models_in(model: type[BaseModel], seen: dict[type[BaseModel], None] | None = None) -> dict[type[BaseModel], None]:
    """A model and every model within it, each once."""
    seen = {} if seen is None else seen
    if model not in seen:
        seen[model] = None
        waiting: list[Any] = [field.annotation for field in model.model_fields.values()]
        while waiting:
            one = waiting.pop()
            if isinstance(one, type) and issubclass(one, BaseModel):
                models_in(one, seen)
            waiting += get_args(one)
    return seen


def every_option() -> Iterator[tuple[str, FieldInfo]]:
    """Every field of every adapter's options, once each, with its name for a message."""
    seen: dict[type[BaseModel], None] = {}
    for adapter in ADAPTERS:
        models_in(adapter.options, seen)
    for model in seen:
        for name, field in model.model_fields.items():
            yield f"{model.__name__}.{name}", field


@pytest.mark.parametrize(("name", "field"), list(every_option()), ids=[name for name, _field in every_option()])
def test_an_option_has_a_title_a_sentence_of_help_and_an_example_that_works(name: str, field: FieldInfo) -> None:
    assert field.title and field.title[0].isupper() and len(field.title) <= 40, name
    assert field.description and field.description.endswith(".") and len(field.description) <= 260, name
    assert field.examples, name
    reader: TypeAdapter[Any] = TypeAdapter(Annotated[field.annotation, *field.metadata] if field.metadata else field.annotation)
    for example in field.examples:
        if field.annotation == list[str] and isinstance(example, str):
            example = [example]
        reader.validate_json(json.dumps(example), strict=True)


@pytest.mark.parametrize("adapter_id", [adapter.id for adapter in ADAPTERS])
def test_the_schema_says_it_all_to_a_screen(adapter_id: str) -> None:
    schema = ADAPTERS.get(adapter_id).options.model_json_schema()
    for part in [schema, *schema.get("$defs", {}).values()]:
        for name, told in part.get("properties", {}).items():
            assert {"title", "description", "examples"} <= told.keys(), f"{adapter_id}: {name}"


def test_for_everything_that_can_be_wrong_somebody_can_help() -> None:
    assert set(WHO_HELPS) == set(get_args(Where))
    for where, advice in WHO_HELPS.items():
        assert advice.endswith(".") and len(advice) < 160
        assert Finding(where, False, "x").advice == advice and Finding(where, True, "x").advice == ""


def test_no_option_speaks_of_a_child_where_it_may_be_an_adult() -> None:
    said = {name: f"{field.title} {field.description}" for name, field in every_option()}
    assert not {name: text for name, text in said.items() if re.search(r"\bchild(ren)?\b(?!\.\w)", text, re.IGNORECASE)}
