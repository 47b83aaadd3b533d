"""JSON from strangers, read strictly: no duplicate keys, no NaN, no bombs of depth. Launches, webhooks and answers of peers pass here.

Not here: what the JSON should say.
"""

from __future__ import annotations

import json
from typing import Any

MAX_DEPTH = 20


class BadJson(ValueError):
    """The bytes are not JSON that we accept. The message never repeats what they hold."""


def parse(raw: bytes | str, max_depth: int = MAX_DEPTH) -> Any:
    """The value that `raw` holds (UTF-8, RFC 8259, unique names as in RFC 7493). Raises `BadJson`, and nothing else."""
    try:
        text = raw.decode("utf-8") if isinstance(raw, bytes) else raw
        value = json.loads(text, object_pairs_hook=_unique, parse_constant=_no_constant)
    except BadJson:
        raise
    except (ValueError, RecursionError) as error:
        raise BadJson("not JSON") from error
    _check_depth(value, max_depth)
    return value


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise BadJson("a name stands twice in one object")
    return found


def _no_constant(_name: str) -> Any:
    raise BadJson("NaN and Infinity are not JSON")


def _check_depth(value: Any, left: int) -> None:
    if isinstance(value, dict | list):
        if left <= 0:
            raise BadJson("nested too deep")
        for inner in value.values() if isinstance(value, dict) else value:
            _check_depth(inner, left - 1)
