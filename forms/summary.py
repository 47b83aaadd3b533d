"""Answers in words: the rows of a check-your-answers page and of a document."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from forms.conditions import holds
from forms.definition import Definition
from forms.kinds import kind_of
from forms.setting import Setting


class Row(NamedTuple):
    """One question and its answer in words; `name` is the field's, for a link that changes it."""

    name: str
    label: str
    text: str


def rows(
    definition: Definition,
    values: Mapping[str, Any],
    choices: Mapping[str, Sequence[tuple[str, str]]] | None = None,
    part: str = "",
    context: Mapping[str, Any] | None = None,
) -> list[Row]:
    """Every question that was asked, in order, with its answer; one that is empty says "Not answered".

    A question that was not asked, by its condition, is left out. Where the choices from outside are not given, codes stand for labels.
    """
    context = context or {}
    setting = Setting.of(definition.fields, choices, context, values)
    definition = definition.each(choices or {}, context)
    said = definition.said(context.get("words") or {}) if definition.words else definition
    return [
        Row(one.name, one.label, kind_of(one).text(one, values.get(one.name), setting))
        for one in said.asked(part)
        if one.name in values or holds(one, values, setting)
    ]
