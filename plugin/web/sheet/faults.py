"""What a model says is wrong with a value, at the question it belongs to, in words that say what to do."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from pydantic import ValidationError

from plugin.web.sheet.schema import Field


def told(error: ValidationError, fields: tuple[Field, ...]) -> dict[str, str]:
    """Messages by the path of the nearest question; "" is the sheet as a whole. The first of several at one place is enough."""
    found: dict[str, str] = {}
    for near, _exact, said in _every(error, fields):
        found.setdefault(near, said)
    return found


def told_exactly(error: ValidationError, fields: tuple[Field, ...]) -> dict[str, str]:
    """The same by the very place in the value, whether there is a question for it or not."""
    found: dict[str, str] = {}
    for _near, exact, said in _every(error, fields):
        found.setdefault(exact, said)
    return found


def _every(error: ValidationError, fields: tuple[Field, ...]) -> Iterator[tuple[str, str, str]]:
    for one in error.errors(include_url=False, include_input=False):
        near, asked = _nearest(one["loc"], fields)
        yield near, ".".join(map(str, one["loc"])), _words(one, asked)


def _nearest(loc: Iterable[Any], fields: tuple[Field, ...]) -> tuple[str, Field | None]:
    """The path of the innermost question that the location leads to."""
    path: list[str] = []
    asked: Field | None = None
    here = {one.name: one for one in fields}
    for part in loc:
        if isinstance(part, int) and asked is not None and asked.kind == "list":
            path.append(str(part))
            continue
        inner = here.get(str(part))
        if inner is None:
            break
        asked = inner
        path.append(asked.name)
        here = {one.name: one for one in asked.fields}
    return ".".join(path), asked


def _words(error: Any, asked: Field | None) -> str:
    like = f", for example {asked.example}" if asked and asked.example else ""
    context: Mapping[str, Any] = error.get("ctx", {})
    name = asked.title[:1].lower() + asked.title[1:] if asked else "this"
    match error["type"]:
        case "missing" | "string_too_short":
            return f"Choose an answer for “{name}”." if asked and asked.kind == "choice" else f"Enter {_article(name)}{like}."
        case "string_pattern_mismatch":
            return f"This is not of the right form{like or ': it may hold small letters, digits and dashes alone'}."
        case "literal_error" | "enum":
            return "Choose one of the answers given."
        case "int_type" | "int_parsing" | "int_from_float":
            return f"Enter a whole number{like}."
        case "float_type" | "float_parsing":
            return f"Enter a number{like}."
        case "greater_than_equal":
            return f"Enter {context['ge']} or more."
        case "less_than_equal":
            return f"Enter {context['le']} or less."
        case "too_long":
            return f"There are too many: at most {context['max_length']}."
        case "too_short":
            return f"There must be at least {context['min_length']}."
        case "string_too_long":
            return f"This is too long: at most {context['max_length']} characters."
        case "value_error" | "assertion_error":
            return _sentence(str(context.get("error", error["msg"])))
        case "extra_forbidden":
            return f"There is no option called “{error['loc'][-1]}” here."
    return _sentence(str(error["msg"]))


def _article(name: str) -> str:
    return name if name.split(" ")[0] in ("the", "a", "an", "your", "their", "our", "how", "where", "what", "which") else f"the {name}"


def _sentence(text: str) -> str:
    text = text.strip()
    return text[:1].upper() + text[1:] + ("" if text.endswith((".", "?", "!")) else ".")
