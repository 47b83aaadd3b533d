"""The keys of a pack, checked: what is wrong with each, and what would be right, in a sentence.

What lives here: making a pack of a document, or all that is wrong with its keys. What does not: the keys (`source`), phrases (`phrases`).
"""

from __future__ import annotations

import re
from difflib import get_close_matches
from functools import cache, lru_cache
from typing import Any

from pydantic import ValidationError

from policies.language.reading import Document
from policies.language.source import (
    BackSource,
    CalendarSource,
    CapSource,
    ChoiceSource,
    ConflictSource,
    DateSource,
    DutySource,
    EffectiveSource,
    EmergencySource,
    EveryStageSource,
    FlagSource,
    GuardSource,
    InsideSource,
    LadderSource,
    NoteSource,
    OutcomeSource,
    PackSource,
    PanelSource,
    Part,
    QuestionSource,
    RedirectSource,
    RoleSource,
    SettingsSource,
    StageSource,
    StepSource,
    StopSource,
)

GUESSES_AT_MOST = 200  # a file with more mistakes than this is no pack with slips, and guessing takes time


def parse(document: Document) -> tuple[PackSource | None, list[Any]]:
    """The pack in `document`, or None and its problems, all of them."""
    try:
        return PackSource.model_validate(document.data), []
    except ValidationError as fault:
        errors = fault.errors(include_url=False)
        guess = len(errors) <= GUESSES_AT_MOST
        return None, [document.problem(tuple(error["loc"]), _say(error, guess)) for error in errors]


@cache
def _keys() -> frozenset[str]:
    """Every key of the language."""
    models: list[type[Part]] = [PackSource, *Part.__subclasses__(), *ChoiceSource.__subclasses__(), *DutySource.__subclasses__()]
    return frozenset(field.alias or name for model in models for name, field in model.model_fields.items())


# What each part of a pack is called when a key stands in the wrong one.
_PARTS: dict[type[Part], str] = {
    PackSource: "the pack itself", DutySource: "an obligation ('owes')", StageSource: "a stage", GuardSource: "a guard ('enter')",
    CapSource: "a cap", StopSource: "a clock that stands still ('stops')", OutcomeSource: "an outcome", PanelSource: "a panel",
    QuestionSource: "a choice", RoleSource: "a role", FlagSource: "a flag", DateSource: "a date", SettingsSource: "the settings",
    CalendarSource: "the calendar", EmergencySource: "the emergency", RedirectSource: "a redirect", ConflictSource: "a conflict",
    StepSource: "a reminder", BackSource: "a way back ('goes back')", EveryStageSource: "an obligation of every stage",
    EffectiveSource: "'effective'", NoteSource: "a note", ChoiceSource: "whatever has an id",
    InsideSource: "'inside one agency'", LadderSource: "'reminders' by strength",
}  # fmt: skip


@lru_cache(maxsize=256)
def _homes(key: str) -> str:
    """The parts of a pack that a key belongs to, three at most."""
    found = [name for part, name in _PARTS.items() if key in {field.alias or own for own, field in part.model_fields.items()}]
    return " or ".join(found[:3])


@lru_cache(maxsize=256)
def _nearest(key: str) -> str:
    """The key that was probably meant."""
    found = get_close_matches(key, _keys(), 1, 0.7)
    return f" Do you mean '{found[0]}'?" if found else ""


def _say(error: Any, guess: bool) -> str:
    """What would be right, in a sentence."""
    kind, context = error["type"], error.get("ctx", {})
    if kind == "missing":
        return "This key is missing."
    if kind == "extra_forbidden":
        key = str(error["loc"][-1])
        if key in _keys():
            return f"'{key}' does not belong here, but in {_homes(key)}. Look whether the line starts in the right column."
        meant = _nearest(key) if guess else ""
        return f"There is no such key here.{meant} A text with commas or colons must stand in quotes."
    if kind == "literal_error":
        near = get_close_matches(str(error.get("input", "")), re.findall(r"'([^']+)'", context["expected"]), 1, 0.6) if guess else []
        return f"Write one of: {context['expected']}." + (f" Do you mean '{near[0]}'?" if near else "")
    if kind in ("string_type", "list_type", "dict_type", "model_type", "model_attributes_type"):
        shape = {"string_type": "a text", "list_type": "a list"}.get(kind, "a group of 'key: value' lines")
        return f"Here belongs {shape}."
    if kind == "value_error":
        return f"{str(context['error'])[0].upper()}{str(context['error'])[1:]}."
    if kind in ("string_too_short", "too_short"):
        return "This may not be empty."
    return str(error["msg"]) + "."
