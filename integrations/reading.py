"""Options as somebody wrote them in a file, read with every fault named where it is, in words that say what would be right.

What does not live here: the screen's words for the same faults (it has its own questions to put them beside), the options themselves.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from integrations.contract import Adapter, Options
from integrations.presets import presets


class OptionFaults(ValueError):
    """Options that could never work. `faults` are (place, what is wrong), in the order of the file; the text has a line for each."""

    def __init__(self, faults: list[tuple[str, str]]) -> None:
        super().__init__("\n".join(f"{place}: {said}" if place else said for place, said in faults))
        self.faults = faults


def read_options(adapter: Adapter, told: Mapping[str, Any]) -> Options:
    """The options, checked. Raises `OptionFaults`, which quotes no value that could be a secret."""
    gaps = list(_gaps(told, ("options",), _asked()))
    if gaps:
        raise OptionFaults(gaps)
    try:
        return adapter.options.model_validate(dict(told))
    except ValidationError as error:
        every = error.errors(include_url=False)
        raise OptionFaults([(_place(one["loc"], told), _words(one, adapter.options)) for one in every]) from None


def check_secrets(adapter: Adapter, names: Iterable[str]) -> None:
    """Raises `OptionFaults` for a secret that the adapter does not know."""
    known = adapter.secret_names
    strange = [name for name in names if name not in known]
    there = f"it takes {', '.join(known)}" if known else "it takes none"
    if strange:
        raise OptionFaults(
            [(f"secrets.{name}", f"the adapter {adapter.id} knows no such secret; {there}{_nearest(name, known)}") for name in strange]
        )


def _place(loc: tuple[int | str, ...], told: Any) -> str:
    """`options.steps.2 (note).path`: entries of lists count from 1, a step's name stands beside its number."""
    parts = ["options"]
    for part in loc:
        if isinstance(part, int):
            told = told[part] if isinstance(told, list | tuple) and part < len(told) else None
            name = told.get("id") if isinstance(told, Mapping) else None
            parts.append(f"{part + 1} ({name})" if isinstance(name, str) else str(part + 1))
        else:
            told = told.get(part) if isinstance(told, Mapping) else None
            parts.append(part)
    return ".".join(parts)


@cache
def _asked() -> frozenset[str]:
    """Every name that some preset asks for."""
    return frozenset(name for preset in presets() for name in preset.asks)


def _gaps(node: Any, place: tuple[str, ...], asked: frozenset[str]) -> Iterator[tuple[str, str]]:
    """What a preset asks for and nobody has filled in; XML is left out, where such a mark may be an element."""
    if isinstance(node, str):
        for name in sorted(set(re.findall(r"<([a-z][a-z0-9_]*)>", node)) & asked):
            yield ".".join(place), f"<{name}> stands here still; put in what belongs there"
    elif isinstance(node, list):
        for number, inner in enumerate(node, start=1):
            yield from _gaps(inner, (*place, str(number)), asked)
    elif isinstance(node, Mapping):
        in_xml = "xml" in (node.get("body_format"), node.get("control_format"))
        for name, inner in node.items():
            if not (in_xml and name in ("body", "control")):
                yield from _gaps(inner, (*place, str(name)), asked)


def _words(one: ErrorDetails, model: type[BaseModel]) -> str:
    field, siblings = _field_at(model, one["loc"])
    like = f"; for example {field.examples[0]!r}" if field and field.examples else ""
    context = one.get("ctx", {})
    match one["type"]:
        case "missing":
            return f"this is needed: {field.description if field else ''}{like}"
        case "extra_forbidden":
            name = str(one["loc"][-1])
            return f"there is no such option{_nearest(name, siblings)}; here are {', '.join(siblings)}"
        case "literal_error":
            return f"one of {context['expected']}"
        case "value_error":
            return str(context["error"])
    return f"{one['msg'][:1].lower()}{one['msg'][1:]}{like}"


def _field_at(model: type[BaseModel], loc: tuple[int | str, ...]) -> tuple[FieldInfo | None, list[str]]:
    """The field that a location leads to, and the names that stand beside it."""
    field: FieldInfo | None = None
    here: type[BaseModel] | None = model
    beside = list(model.model_fields)
    for part in (one for one in loc if isinstance(one, str)):
        if here is None:
            return None, beside
        beside, field = list(here.model_fields), here.model_fields.get(part)
        here = _model_in(field.annotation) if field else None
    return field, beside


def _model_in(annotation: Any) -> type[BaseModel] | None:
    waiting = [annotation]
    while waiting:
        one = waiting.pop()
        if isinstance(one, type) and issubclass(one, BaseModel):
            return one
        waiting += get_args(one)
    return None


def _nearest(name: str, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(name, list(known), n=1)
    return f" (did you mean {close[0]}?)" if close else ""
