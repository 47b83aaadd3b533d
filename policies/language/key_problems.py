"""The keys of a pack, checked: what is wrong with each, and what would be right, in a sentence.

What lives here: making a pack of a document, and all that is wrong with its keys. What does not: the keys (`source`, `keys`), what stands
in for a wrong one (`mending`), phrases (`phrases`).
"""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import Any

from pydantic import ValidationError

from policies.language.findings import Findings
from policies.language.keys import all_keys, group_words, homes, meant_key
from policies.language.mending import mend
from policies.language.reading import Document
from policies.language.source import PackSource

NONE = "'', "  # nothing said need not be offered
GUESSES_AT_MOST = 200  # a file with more mistakes than this is no pack with slips, and guessing takes time
ROUNDS_AT_MOST = 12  # a key put right may show what is wrong inside it; the deepest part of a pack takes seven


def parse(document: Document, found: Findings) -> PackSource | None:
    """The pack in `document`; its mistakes go to `found`. After mistakes one with stand-ins, or None where it cannot be read even so."""
    for _ in range(ROUNDS_AT_MOST):
        try:
            return PackSource.model_validate(document.data)
        except ValidationError as fault:
            errors = fault.errors(include_url=False)
        guess = len(errors) <= GUESSES_AT_MOST
        problems = [document.problem(tuple(error["loc"]), _say(error, guess)) for error in errors]
        if not guess:
            found.problems.extend(problems)
            return None
        found.add(problems)
        for error in errors:
            mend(error, found)
    return None


def _say(error: Any, guess: bool) -> str:
    """What would be right, in a sentence."""
    kind, context = error["type"], error.get("ctx", {})
    if kind == "missing":
        return "This key is missing."
    if kind == "extra_forbidden":
        key = str(error["loc"][-1])
        near = meant_key(error["loc"]) if guess else ""
        meant = f" Do you mean '{near}'?" if near else ""
        if key in all_keys():
            return f"'{key}' does not belong here, but in {homes(key)}.{meant} Look whether the line starts in the right column."
        return f"There is no such key here.{meant} A text with commas or colons must stand in quotes."
    if kind == "literal_error":
        likely = get_close_matches(str(error.get("input", "")), re.findall(r"'([^']+)'", context["expected"]), 1, 0.6) if guess else []
        return f"Write one of: {context['expected'].removeprefix(NONE)}." + (f" Do you mean '{likely[0]}'?" if likely else "")
    if kind in ("string_type", "list_type", "dict_type", "model_type", "model_attributes_type"):
        if kind == "string_type" and isinstance(error.get("input"), list):
            return "Here belongs one text, not a list. Where several are meant, join them with 'and'."
        shape = {"string_type": "a text", "list_type": "a list"}.get(kind)
        return f"Here belongs {shape or group_words(error['loc'])}."
    if kind == "value_error":
        return f"{str(context['error'])[0].upper()}{str(context['error'])[1:]}."
    if kind in ("string_too_short", "too_short"):
        return "This may not be empty."
    return str(error["msg"]) + "."
