"""What the templates draw: one View a question, with everything decided, so that a template only writes it down.

What does not live here: HTML. A control has the id of its question's name; further boxes and choices add to it ("due-month", "mode-2").
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any, Protocol

from forms.conditions import possible, wanted
from forms.definition import Field
from forms.kinds import kind_of
from forms.kinds.base import Problem, Raw, first
from forms.kinds.choice import Choice
from forms.kinds.group import Group, within
from forms.kinds.people import DETAILS, Person
from forms.setting import Setting
from forms.words import printable

SELECT_ABOVE = 10
WITHIN = 2  # questions that stand within the answer that opens them; where it opens more, they stand after all answers


@dataclass(slots=True)
class Box:
    """One text control of a question that has several."""

    id: str
    name: str
    label: str
    value: str
    error: str = ""
    width: str = ""
    type: str = "text"
    autocomplete: str = ""


@dataclass(slots=True)
class Item:
    """One answer that can be chosen, and the questions that stand within it."""

    value: str
    text: str
    hint: str = ""
    within: list[View] = field(default_factory=list)
    divider: str = ""
    alone: bool = False


@dataclass(slots=True)
class Entry:
    """One entry of a repeated question."""

    title: str
    remove: str
    fields: list[View]


@dataclass(slots=True)
class View:
    """One question as it is drawn. `look` names the macro; `when` is for the script, `why` for people without it (`why_said`: the question
    before it says it); `many` says that it is one of many which the same answer opens.
    """

    id: str
    name: str
    look: str
    label: str
    hint: str
    error: str
    value: str = ""
    chosen: list[str] = field(default_factory=list)
    items: list[Item] = field(default_factory=list)
    boxes: list[Box] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    rows: int = 5
    inputmode: str = ""
    add: str = ""
    when: str = ""
    why: str = ""
    why_said: bool = False
    many: bool = False
    attributes: dict[str, Any] = field(default_factory=dict)

    @property
    def options(self) -> list[tuple[str, str]]:
        """The items of a select, an empty one first."""
        return [("", "Choose one"), *((item.value, item.text) for item in self.items if not item.divider)]


class Answered(Protocol):
    """A question with what was sent for it: what `arrange` needs of a WTForms field."""

    spec: Field
    name: str
    raw: Raw
    errors: Sequence[Any]


def arrange(answers: Sequence[Answered], setting: Setting) -> list[View]:
    """The questions in order; one that a single answer opens is moved within that answer."""
    return _nested([(one.spec, _view(one.spec, one.name, one.raw, one.errors, setting)) for one in answers], setting, "")


def _nested(pairs: Iterable[tuple[Field, View]], setting: Setting, prefix: str) -> list[View]:
    """Moves what an answer opens within it; gives the rest what the script and the reader need to know."""
    top: list[View] = []
    seen: dict[str, View] = {}
    asked = [(view, spec.name, [(one.field, wanted(one, setting)) for one in spec.when if one.field]) for spec, view in pairs]
    opened = Counter(str(clauses) for _, _, clauses in asked if clauses)
    for view, name, clauses in asked:
        if clauses:
            view.when = json.dumps([[prefix + field, values] for field, values in clauses])
        view.many = opened[str(clauses)] > WITHIN
        home = None if view.many else _home(clauses, seen)
        if home:
            home.within.append(view)
        else:
            view.why = _why(clauses, seen)
            top.append(view)
        seen[name] = view
    _said_once(top)
    return top


def _said_once(views: Sequence[View]) -> None:
    """Of questions that stand together and are to be answered in one case alone, the first says it for all."""
    for why, group in groupby(views, key=lambda view: view.why):
        asked = list(group)
        if why and len(asked) > 1:
            asked[0].why = why.replace("Answer this", f"Answer the next {len(asked)} questions", 1)
            for view in asked[1:]:
                view.why_said, view.why = True, ""


def _home(clauses: list[tuple[str, tuple[str, ...]]], seen: dict[str, View]) -> Item | None:
    """The one answer within which a question stands, if its condition is just that answer and the answer is drawn as a button or box."""
    if len(clauses) != 1 or len(clauses[0][1]) != 1 or clauses[0][0] not in seen:
        return None
    asked, value = seen[clauses[0][0]], clauses[0][1][0]
    return next((item for item in asked.items if item.value == value and asked.look in {"radios", "checkboxes"}), None)


def _why(clauses: list[tuple[str, tuple[str, ...]]], seen: dict[str, View]) -> str:
    """For people without script: when this question is to be answered."""
    said = []
    for name, values in clauses:
        if name in seen:
            texts = [item.text for item in seen[name].items if item.value in values] or list(values)
            said.append(f"you chose {' or '.join(f'“{text}”' for text in texts)} for “{seen[name].label}”")
    return f"Answer this only if {' and '.join(said)}." if said else ""


def _view(spec: Field, name: str, raw: Raw, errors: Sequence[Any], setting: Setting) -> View:
    """The view of one question; `name` is its full name, within an entry too."""
    problems = [Problem(*one) for one in errors]
    label = spec.label if spec.required or spec.kind == "attestation" else f"{spec.label} (optional)"
    view = View(name, name, spec.kind, label, spec.hint, problems[0].message if problems else "", printable(first(raw)), rows=spec.rows)
    kind = kind_of(spec)
    if isinstance(kind, Choice):
        _choices(view, spec, kind, raw, setting)
    elif isinstance(kind, Group):
        _entries(view, spec, kind, raw, problems, setting)
    elif isinstance(kind, Person):
        wrong = {problem.suffix: problem.message for problem in problems}
        view.boxes = [_detail(spec, kind, key, name, raw, wrong) for key in kind.asked(spec)]
        view.look, view.error = "details", ""
    elif len(kind.suffixes(spec)) > 1:
        view.boxes = [_date_box(name, suffix, raw, problems) for suffix in kind.suffixes(spec)]
        view.error = next((problem.message for problem in problems if problem.suffix != "-time"), "")
    elif spec.kind in {"number", "identifier"}:
        view.look, view.inputmode = "short", "" if spec.scheme in {"upn", "local"} else "numeric"
    return view


def _choices(view: View, spec: Field, kind: Choice, raw: Raw, setting: Setting) -> None:
    for one in kind.offered(spec, setting):
        if one.alone and view.items:
            view.items.append(Item("", "", divider="or"))
        view.items.append(Item(one.value, one.label, one.hint, alone=one.alone))
    view.chosen = list(raw.get("", []))
    if spec.kind in {"several", "attestation"}:
        view.look = "checkboxes" if spec.kind == "several" else "attestation"
    else:
        usual = "select" if len(view.items) > SELECT_ABOVE else "inline" if spec.kind == "yes-no" else "radios"
        view.look = spec.look or usual


def _detail(spec: Field, kind: Person, key: str, name: str, raw: Raw, wrong: dict[str, str]) -> Box:
    detail, suffix = DETAILS[key], f"-{key}"
    label = f"{detail.label} (optional)" if key in spec.optional else detail.label
    type_ = {"email": "email", "phone": "tel"}.get(key, "text")
    return Box(name + suffix, name + suffix, label, printable(first(raw, suffix)), wrong.get(suffix, ""), type=type_)


def _date_box(name: str, suffix: str, raw: Raw, problems: list[Problem]) -> Box:
    at_fault = next((problem.message for problem in problems if problem.suffix == suffix), "")
    width = {"-year": "4", "-time": "5"}.get(suffix, "2")
    return Box(name + suffix, name + suffix, suffix[1:].capitalize(), printable(first(raw, suffix)), at_fault, width)


def _entries(view: View, spec: Field, kind: Group, raw: Raw, problems: list[Problem], setting: Setting) -> None:
    """The entries that were sent, and empty ones up to the least there are; one that was just added takes focus."""
    entries, least = kind.entries(spec, raw), 1 if spec.least is None else spec.least
    shown = [*entries, *({} for _ in range(least - len(entries)))]
    view.add = f"Add another {spec.entry.removeprefix('other ')}" if len(shown) < (spec.most or 10) else ""
    if problems and not any(entries):
        view.error = ""
    removable = len(shown) > 1 or least == 0
    fresh = removable and not problems and bool(entries) and not any(text for sent in shown[-1].values() for text in sent)
    for at, entry in enumerate(shown):
        asked = [one for one in spec.fields if possible(one, setting)]
        pairs = [(one, _within(one, f"{spec.name}-{at}-", entry, problems, setting)) for one in asked]
        if fresh and at == len(shown) - 1:
            pairs[0][1].attributes = {"autofocus": True, "data-accord-focus": True}
        title = f"{spec.entry[:1].upper()}{spec.entry[1:]} {at + 1}"
        view.entries.append(Entry(title, str(at) if removable else "", _nested(pairs, setting, f"{spec.name}-{at}-")))


def _within(one: Field, prefix: str, entry: Raw, problems: list[Problem], setting: Setting) -> View:
    """One question of an entry, with the problems that are its own."""
    mine = prefix[prefix.index("-") :] + one.name
    own = [Problem(suffix.removeprefix(mine), text) for suffix, text in problems if suffix == mine or suffix.startswith(f"{mine}-")]
    return _view(one, prefix + one.name, within(one, entry), own, setting)
