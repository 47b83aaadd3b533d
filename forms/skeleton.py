"""The HTML of a form's questions, made once for each shape of the answers: what is chosen, and which boxes hold something.

What was typed is put into its place, escaped, each time: no answer is ever kept here. What does not live here: the HTML itself
(templates/forms), a form with something wrong in it (drawn each time).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, cast

from markupsafe import escape

from forms.definition import Definition, Field
from forms.kinds.base import Raw, first, kind_of
from forms.kinds.choice import Choice
from forms.kinds.group import Group, within
from forms.setting import Setting
from forms.views import Answered, View, arrange
from forms.words import printable

_PLACE = re.compile("\ue000(.*?)\ue001")
_SHAPES = 200  # of one question: as many as there are ways of choosing in it, each a few KB
Draw = Callable[[Sequence[View]], Any]
Piece = Callable[[tuple[str, ...], dict[str, str]], str]
Shapes = dict[tuple[Any, ...], list[str]]


@dataclass(slots=True)
class _Blank:
    """A question as it is drawn to be cut into pieces: `Answered`, with places where the typed words go."""

    spec: Field
    name: str
    raw: Raw
    errors: Sequence[Any] = ()


def drawn(definition: Definition, key: Any, answers: Sequence[Answered], setting: Setting, draw: Draw) -> str:
    """The questions as HTML. `key` says all on which they depend besides the answers; none of the answers has a mistake."""
    if not any(one.raw for one in answers):  # as most people meet it: whole
        return str(definition.made(("untouched", key), lambda: str(draw(arrange(answers, setting)))))
    made = definition.made(("pieces", key), lambda: [(tuple(_names(view)), {}) for view in arrange(answers, setting)])
    questions = cast(list[tuple[tuple[str, ...], Shapes]], made)
    by_name = {one.name: one for one in answers}

    def piece(names: tuple[str, ...], typed: dict[str, str]) -> str:
        """One question (the first of `names`) drawn among all, so that it can say which answers it depends on."""
        blank = [_blank(one, typed) if one.name in names else one for one in answers]
        return str(draw([view for view in arrange(blank, setting) if view.name == names[0]]))

    return "\n".join(_question(names, [by_name[name] for name in names], shapes, setting, piece) for names, shapes in questions)


def _names(view: View) -> Iterator[str]:
    """A question, and those that stand within its answers."""
    yield view.name
    for item in view.items:
        for one in item.within:
            yield from _names(one)


def _question(names: tuple[str, ...], answers: Sequence[Answered], shapes: Shapes, setting: Setting, piece: Piece) -> str:
    shape: list[Any] = []
    typed: dict[str, str] = {}
    if not all(_walk(one.spec, one.name, one.raw, setting, shape, typed) for one in answers):
        return piece(names, {})  # somebody sent a code of their own: there is no end to such shapes
    pieces = shapes.get(tuple(shape))
    if pieces is None:
        if len(shapes) >= _SHAPES:
            shapes.clear()
        pieces = shapes[tuple(shape)] = _PLACE.split(piece(names, typed))
    return "".join([escape(printable(typed[piece])) if at % 2 else piece for at, piece in enumerate(pieces)])


def _walk(spec: Field, name: str, raw: Raw, setting: Setting, shape: list[Any], typed: dict[str, str]) -> bool:
    """Notes the shape of every control of a question and what was typed; False where something was chosen that was not offered."""
    kind = kind_of(spec)
    if isinstance(kind, Choice):
        chosen = tuple(raw.get("", ()))
        shape.append(chosen)
        return not chosen or set(chosen) <= {option.value for option in kind.offered(spec, setting)}
    if isinstance(kind, Group):
        entries = kind.entries(spec, raw)
        shape.append(len(entries))
        asked = [(one, f"{name}-{at}-{one.name}", within(one, entry)) for at, entry in enumerate(entries) for one in spec.fields]
        return all(_walk(one, full, own, setting, shape, typed) for one, full, own in asked)
    for suffix in kind.suffixes(spec):
        text = first(raw, suffix)
        shape.append(bool(text))
        if text:
            typed[name + suffix] = text
    return True


def _blank(one: Answered, typed: dict[str, str]) -> _Blank:
    raw = {suffix: [f"\ue000{one.name}{suffix}\ue001"] if one.name + suffix in typed else sent for suffix, sent in one.raw.items()}
    return _Blank(one.spec, one.name, raw)
