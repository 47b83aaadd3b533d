"""A pack whose keys have mistakes, made readable in spite of them, so that its phrases can be looked at as well.

What lives here: what stands in for a key that is wrong. What does not: what is said of it (`key_problems`), what is in doubt then
(`findings`). Nothing made here is ever used: a pack with a mistake is refused.
"""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import Any

from policies.language.findings import Findings
from policies.language.keys import all_keys, fits, meant_key
from policies.language.problems import Path

# While a key of these is in doubt, whatever speaks of the thing it belongs to is too.
_TELLING = frozenset({"roles", "choices", "flags"})


def mend(error: Any, found: Findings) -> None:
    """Puts something readable where one of pydantic's `error`s lies; what stood there is noted as lost, its place as in doubt."""
    path: Path = tuple(error["loc"])
    around = found.document.at(path[:-1])
    found.doubt(path)
    if not isinstance(around, dict | list) or not path:
        return
    if (path[0] in _TELLING or path[-1] == "acts") and isinstance(around, dict) and isinstance(around.get("id"), str):
        found.names.add(around["id"])
    if isinstance(around, list):
        _in_list(around, path, error, found)
    elif error["type"] == "extra_forbidden":
        _unknown(around, path, found)
    else:
        _in_group(around, path, error, found)


def _unknown(around: dict[str, Any], path: Path, found: Findings) -> None:
    """A key that is misspelt is put right; any other is taken out."""
    key = str(path[-1])
    value, right = around.pop(key), meant_key(path)
    if key not in all_keys() and right not in around and fits((*path[:-1], right)):
        around[right] = value
        found.document.moved(path, (*path[:-1], right))
    elif isinstance(value, dict | list) or "id" not in around:
        found.lose(value)
    else:
        found.texts.append(value)


def _in_list(around: list[Any], path: Path, error: Any, found: Findings) -> None:
    place = path[-1]
    if not isinstance(place, int) or place >= len(around):
        return
    found.lose(around[place])
    around[place] = {} if error["type"] == "model_type" else _made_up(found)


def _in_group(around: dict[str, Any], path: Path, error: Any, found: Findings) -> None:
    """A value that is missing or wrong: first none at all, in case the key need not be there, then one of the shape asked for."""
    key, kind = str(path[-1]), error["type"]
    value = around.get(key)
    made_up = isinstance(value, str) and value in found.made_up
    if value is not None and not made_up:
        found.lose(value) if isinstance(value, dict | list) or key == "id" else found.texts.append(value)
    if kind == "literal_error":
        around[key] = _literal(str(value), error["ctx"]["expected"])
    elif kind in ("list_type", "too_short"):
        around[key] = [*(value if isinstance(value, list) else []), {}]
    elif kind in ("dict_type", "model_type", "model_attributes_type"):
        around[key] = {}
    elif kind == "missing":
        around[key] = _made_up(found)
    elif made_up:
        around[key] = "1"  # the one thing asked for that is no text is a number
    elif key == "subject":
        around[key] = "child or adult or theme"  # nobody is ruled out
    else:
        del around[key]


def _literal(value: str, expected: str) -> str:
    """The word that was meant, else any of those that may stand there."""
    words: list[str] = re.findall(r"'([^']*)'", expected)
    near = get_close_matches(value, words, 1, 0.6)
    return near[0] if near else words[0]


def _made_up(found: Findings) -> str:
    name = f"0 unnamed {len(found.made_up) + 1}"  # first of any list of names, so that a message that lists it is known
    found.made_up.add(name)
    return name
