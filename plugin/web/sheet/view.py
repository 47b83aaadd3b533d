"""The questions of a sheet as a template draws them: each with its id, its name, what stands in it, and what is wrong with it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml
from werkzeug.datastructures import MultiDict

from plugin.web.sheet.answers import joined
from plugin.web.sheet.schema import Field

_FEW = 8


@dataclass(slots=True)
class Question:
    """One question. `parts` are those of a group; `entries` the groups of a list; `folded` the parts that few need."""

    path: str
    field: Field
    text: str = ""
    chosen: list[str] = field(default_factory=list)
    error: str = ""
    hint: str = ""
    when: str = ""
    on: bool = False
    parts: list[Question] = field(default_factory=list)
    folded: list[Question] = field(default_factory=list)
    entries: list[Question] = field(default_factory=list)
    number: int = 0
    says: str = ""

    @property
    def id(self) -> str:
        """The control's id; the error summary leads there."""
        return f"s-{self.path.replace('.', '-')}"

    @property
    def name(self) -> str:
        """The control's name."""
        return f"s.{self.path}"


def questions(
    fields: tuple[Field, ...], value: Mapping[str, Any], faults: Mapping[str, str], kept: MultiDict[str, str] | None, path: str = ""
) -> list[Question]:
    """The questions of a group. `kept` is what was typed, shown again as it was."""
    return [_question(one, value.get(one.name), faults, kept, joined(path, one.name), path) for one in fields]


def _question(one: Field, value: Any, faults: Mapping[str, str], kept: MultiDict[str, str] | None, path: str, group: str) -> Question:
    made = Question(path, one, error=faults.get(path, ""), hint=_hint(one), when=_when(one, group))
    if one.kind == "group":
        made.on = value is not None
        _fill_group(made, one.fields, value or {}, faults, kept, path)
    elif one.kind == "list":
        entries = value if isinstance(value, list) else []
        made.entries = [_entry(one, entry, faults, kept, f"{path}.{number}", number) for number, entry in enumerate(entries)]
    elif one.kind == "yes":
        made.on = bool(one.default if value is None and kept is None else value)
    elif one.kind == "choice" or one.choices:
        made.chosen = [str(each) for each in (value if isinstance(value, list) else [one.default if value is None else value])]
    else:
        shown = one.default if value is None and kept is None else value
        made.text = kept.get(f"s.{path}", "") if kept is not None else _text(one, shown)
    return made


def _entry(one: Field, value: Any, faults: Mapping[str, str], kept: MultiDict[str, str] | None, path: str, number: int) -> Question:
    made = Question(path, one, error=faults.get(path, ""), number=number + 1)
    _fill_group(made, one.fields, value if isinstance(value, Mapping) else {}, faults, kept, path)
    said = value if isinstance(value, Mapping) else {}
    made.says = ", ".join(str(said[name]) for name in ("id", "kind", "does", "method", "path", "name", "kid") if said.get(name))[:80]
    return made


def folded(
    fields: tuple[Field, ...], value: Mapping[str, Any], faults: Mapping[str, str], kept: MultiDict[str, str] | None, path: str = ""
) -> tuple[list[Question], list[Question]]:
    """The same in two parts. What must be answered, was answered, or hangs on another answer stands open; few need the rest."""
    every = questions(fields, value, faults, kept, path)
    plain = [_stands_open(one, value) for one in every]
    if len(fields) < _FEW or not any(plain) or len(plain) - sum(plain) < 3:
        return every, []
    return [one for one, open_ in zip(every, plain, strict=True) if open_], [
        one for one, open_ in zip(every, plain, strict=True) if not open_
    ]


def _stands_open(one: Question, value: Mapping[str, Any]) -> bool:
    if one.field.required or one.field.common or one.field.when or one.field.kind == "list" or _wrong(one):
        return True
    given = value.get(one.field.name)
    return given not in (None, "", [], {}, False) and given != one.field.default


def _fill_group(
    made: Question,
    fields: tuple[Field, ...],
    value: Mapping[str, Any],
    faults: Mapping[str, str],
    kept: MultiDict[str, str] | None,
    path: str,
) -> None:
    made.parts, made.folded = folded(fields, value, faults, kept, path)


def _wrong(part: Question) -> bool:
    return bool(part.error) or any(_wrong(one) for one in (*part.parts, *part.folded, *part.entries))


def _hint(one: Field) -> str:
    said = one.help if one.help.endswith((".", "?", ")")) or not one.help else one.help + "."
    if one.kind in ("texts", "pairs") and not one.choices:
        said += " One on each line." if not one.numbers else " Several with commas between."
    if one.example and one.kind not in ("group", "list", "yes", "choice"):
        said += f" For example: {one.example}"
    return said.strip()


def _when(one: Field, group: str) -> str:
    clauses = [[f"s.{joined(group, name)}", list(values)] for name, values in one.when]
    return json.dumps(clauses) if clauses else ""


def _text(one: Field, value: Any) -> str:
    if value is None:
        return ""
    if one.kind == "texts":
        return (", " if one.numbers else "\n").join(map(str, value))
    if one.kind == "pairs":
        return "\n".join(f"{name}: {text}" for name, text in value.items())
    if one.kind == "raw":
        return yaml.safe_dump(value, allow_unicode=True, sort_keys=False)
    return f"{value:g}" if isinstance(value, float) else str(value)
