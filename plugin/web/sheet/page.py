"""A sheet: the questions of a model with what stands in them, ready to be drawn by `templates/admin/sheet.html`.

sheet = Sheet(Model).filled(value)                     # to show
sheet = Sheet(Model).typed(request.form)               # what was sent: sheet.value, or sheet.faults beside the questions
if sheet.pressed == "save" and sheet.right: save(sheet.value)
return render_template(..., sheet=sheet)               # anything else (add, remove, up) is drawn again with nothing lost
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any, Self

from pydantic import BaseModel, ValidationError
from werkzeug.datastructures import MultiDict

from plugin.web.sheet import faults
from plugin.web.sheet.answers import Reader, joined
from plugin.web.sheet.schema import Field, fields_of
from plugin.web.sheet.view import Question, folded

_DO = ("add", "remove", "up")


class Sheet:
    """See the module. `choices` as in `fields_of`; `strict` is how the model reads what it is given."""

    def __init__(self, model: type[BaseModel], choices: Mapping[str, list[tuple[str, str]]] | None = None) -> None:
        self._model = model
        self.fields: tuple[Field, ...] = fields_of(model.model_json_schema(), choices)
        self._raw: dict[str, Any] = {}
        self._kept: MultiDict[str, str] | None = None
        self.faults: dict[str, str] = {}
        self.pressed = ""
        self.typed_at = ""
        self.value: dict[str, Any] = {}

    def filled(self, value: Mapping[str, Any]) -> Self:
        """With these answers in it."""
        self._raw = dict(value)
        return self

    def again(self, form: MultiDict[str, str], at: str) -> Self:
        """With what was typed before, and not saved, at the time that `at` says in words. Not checked."""
        self._raw, self._kept, self.typed_at = Reader(form).group(self.fields, ""), form, at
        return self

    def typed(self, form: MultiDict[str, str]) -> Self:
        """With what was sent. Checked only where it is to be saved: who adds a step, or has something looked up, has not finished."""
        reader = Reader(form)
        self._raw, self._kept = reader.group(self.fields, ""), form
        self.pressed, _, where = form.get("do", "save").partition(" ")
        if self.pressed in (*_DO, "look"):
            self._kept = None
            self._raw = _changed(self._raw, self.pressed, where) if self.pressed in _DO else self._raw
            return self
        self.check(reader.faults)
        return self

    def check(self, known: Mapping[str, str] | None = None) -> None:
        """Holds what is in it to the model; `value` is then what differs from the model's defaults, as JSON."""
        self.faults = dict(known or {})
        try:
            self.value = self._model.model_validate(self._raw, strict=True).model_dump(mode="json", exclude_defaults=True)
        except ValidationError as error:
            self.faults = {**faults.told(error, self.fields), **self.faults}

    def also(self, faults: Mapping[str, str]) -> None:
        """Further faults, by path; where the model found one already, that one stays."""
        self.faults = {**faults, **self.faults}

    @property
    def right(self) -> bool:
        """Whether nothing is wrong."""
        return not self.faults

    @property
    def raw(self) -> dict[str, Any]:
        """What is in it, right or wrong."""
        return self._raw

    @cached_property
    def _halves(self) -> tuple[list[Question], list[Question]]:
        return folded(self.fields, self._raw, self.faults, self._kept)

    @property
    def parts(self) -> list[Question]:
        """What is to be drawn."""
        return self._halves[0]

    @property
    def folded(self) -> list[Question]:
        """What is to be drawn folded away."""
        return self._halves[1]

    @property
    def summary(self) -> list[tuple[str, str]]:
        """(id of the control, message) of every fault, for the error summary."""
        first = f"s-{self.fields[0].name}" if self.fields else ""
        return [(f"s-{path.replace('.', '-')}" if path else first, text) for path, text in self.faults.items()]


def _changed(raw: dict[str, Any], do: str, where: str) -> dict[str, Any]:
    """An entry added to the list at `where`, or the entry there taken out or moved up."""
    at, parts = raw, where.split(".")
    path, last = (parts, "") if do == "add" else (parts[:-1], parts[-1])
    for part in path[:-1]:
        at = at[int(part)] if isinstance(at, list) else at.setdefault(part, {})
    entries = at[int(path[-1])] if isinstance(at, list) else at.setdefault(path[-1], [])
    if do == "add" and len(entries) < 50:
        entries.append({})
    elif last.isdecimal() and int(last) < len(entries):
        entry = entries.pop(int(last))
        if do == "up":
            entries.insert(max(0, int(last) - 1), entry)
    return raw


__all__ = ["Sheet", "joined"]
