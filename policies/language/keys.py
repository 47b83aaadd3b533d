"""Which keys the language has, and where each belongs.

What lives here: looking them up in the shape of the file. What does not: that shape (`source`), what is said of a wrong key
(`key_problems`).
"""

from __future__ import annotations

from difflib import get_close_matches
from functools import cache, lru_cache
from typing import Any, get_args

from policies.language.duty_source import DutySource, EveryStageSource, LadderSource, StepSource
from policies.language.problems import Path
from policies.language.shapes import Part
from policies.language.source import (
    BackSource,
    CalendarSource,
    CapSource,
    ChoiceSource,
    ConflictSource,
    DateSource,
    EffectiveSource,
    EmergencySource,
    FlagSource,
    GuardSource,
    InsideSource,
    NoteSource,
    OutcomeSource,
    PackSource,
    PanelSource,
    QuestionSource,
    RedirectSource,
    RoleSource,
    SettingsSource,
    StageSource,
    StopSource,
)

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


@cache
def all_keys() -> frozenset[str]:
    """Every key of the language."""
    models: list[type[Part]] = [PackSource, *Part.__subclasses__(), *ChoiceSource.__subclasses__(), *DutySource.__subclasses__()]
    return frozenset(field.alias or name for model in models for name, field in model.model_fields.items())


@lru_cache(maxsize=256)
def homes(key: str) -> str:
    """The parts of a pack that a key belongs to, three at most."""
    found = [name for part, name in _PARTS.items() if key in _inside(part)]
    return " or ".join(found[:3])


def meant_key(path: Path) -> str:
    """The key that was probably meant by the last one of `path`, one that may stand there before any other; "" where none is near."""
    word = str(path[-1]).lower()
    elsewhere = word in all_keys()  # a key of its own: more must speak for another one
    near = get_close_matches(word, _keys_at(path[:-1]), 1, 0.8 if elsewhere else 0.7)
    near = near or ([] if elsewhere else get_close_matches(word, all_keys(), 1, 0.7))
    return near[0] if near else ""


def fits(path: Path) -> bool:
    """Whether the last key of `path` may stand there."""
    return path[-1] in _keys_at(path[:-1])


def group_words(path: Path) -> str:
    """What belongs at `path`, where that is a group: with its keys, as far as they are few enough to read."""
    keys = _keys_at(path)
    named = f" ({', '.join(keys)})" if 0 < len(keys) < 8 else ""
    return f"a group of 'key: value' lines{named}"


def _keys_at(path: Path) -> tuple[str, ...]:
    """The keys that may stand in the part of a pack at `path`; none where that is no group of keys."""
    part: type[Part] | None = PackSource
    for step in path:
        if isinstance(step, str) and part is not None:
            part = _inside(part).get(step)
    return tuple(_inside(part)) if part is not None else ()


@cache
def _inside(part: type[Part]) -> dict[str, type[Part] | None]:
    """The keys of a part, each with the kind of part that stands in it."""
    return {field.alias or name: _part_in(field.annotation) for name, field in part.model_fields.items()}


def _part_in(annotation: Any) -> type[Part] | None:
    if isinstance(annotation, type) and issubclass(annotation, Part):
        return annotation
    return next((found for one in get_args(annotation) if (found := _part_in(one)) is not None), None)
