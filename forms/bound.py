"""One form in one person's hands: what was sent or kept, which questions are asked, the answers, and what is wrong with them.

What does not live here: HTML (templates/forms), what each kind of answer is (`kinds`), drafts and submissions as rows (the service).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, cast

import wtforms  # type: ignore[import-untyped]  # WTForms brings no types of its own

from forms import skeleton
from forms.conditions import holds, open_here, wanted
from forms.definition import Definition, Field, When, every
from forms.kinds import kind_of
from forms.kinds.base import Problem, Raw, Reading
from forms.kinds.choice import Choice
from forms.setting import Setting
from forms.skeleton import Draw
from forms.views import View, arrange


class Data:
    """What was sent, in the shape WTForms reads: names to lists of text."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        lists = cast(Any, data).lists() if hasattr(data, "lists") else data.items()
        self._data = {name: list(values) for name, values in lists}

    def getlist(self, name: str) -> list[str]:
        """Everything sent under this name; [] where nothing was."""
        return self._data.get(name, [])

    def __contains__(self, name: object) -> bool:
        return name in self._data

    def __iter__(self) -> Iterator[str]:
        return iter(self._data)

    def __len__(self) -> int:
        return len(self._data)


class AnswerField(wtforms.Field):  # type: ignore[misc]  # untyped base, see the import
    """A WTForms field that leaves to its kind how an answer is read and kept."""

    def __init__(self, spec: Field, **kwargs: Any) -> None:
        super().__init__(label=spec.label, description=spec.hint, **kwargs)
        self.spec = spec
        self.raw: Raw = {}
        self.reading = Reading(None)
        self.asked = True
        self.unread = False

    def process(self, formdata: Any, data: Any = None, extra_filters: Any = None) -> None:
        """Takes what was sent; the kept answer where nothing was sent at all."""
        kind, setting = kind_of(self.spec), self.meta.setting
        kept = setting.known.get(self.spec.name)
        if formdata is None and kept is None:  # nothing to read, and most forms are opened so
            self.data: Any = [] if kind.many else None
            return
        self.raw = kind.take(self.spec, formdata, self.name) if formdata is not None else kind.raw(self.spec, kept, setting)
        if formdata is None and not isinstance(kind, Choice):
            self.data, self.unread = kept, True  # it was read when it was kept; again only where it is sent once more
        else:
            self._read()

    def _read(self) -> None:
        self.reading, self.unread = kind_of(self.spec).read(self.spec, self.raw, self.meta.setting), False
        self.data = self.reading.value

    def validate(self, form: Any, extra_validators: Any = ()) -> bool:
        """Whether the answer will do; `errors` are Problems. A question that is not asked has no answer and no error."""
        if self.unread:
            self._read()
        self.errors = list(self.problems()) if self.asked else []
        return not self.errors

    def problems(self) -> tuple[Problem, ...]:
        """What is wrong: with what was typed, or that nothing was."""
        empty = self.data in (None, [])
        if empty and self.spec.required and not self.reading.problems:
            return kind_of(self.spec).missing(self.spec)
        return self.reading.problems


class AnswerForm(wtforms.Form):  # type: ignore[misc]  # untyped base, see the import
    """Base of the WTForms class that is made of each part of a definition. `outside`: the names of choices from outside that its fields
    take; `lists`: the clauses that go by a list of the policy.
    """

    outside: tuple[str, ...] = ()
    lists: tuple[When, ...] = ()

    def settle(self, known: Mapping[str, Any], setting: Setting) -> dict[str, Any]:
        """Decides in the order of the questions which are asked; returns all answers, those known from other parts included."""
        answers = {name: value for name, value in known.items() if name not in self._fields}
        for name, field in self._fields.items():
            answer = cast(AnswerField, field)
            answer.asked = holds(answer.spec, answers, setting)
            if answer.asked:
                answers[name] = answer.data
        return answers


def form_class(definition: Definition, part: str, setting: Setting) -> type[AnswerForm]:
    """The WTForms class of the fields that can be asked here, made once for each such set."""
    here = definition.made(("names", part), lambda: frozenset(one.name for one in definition.asked(part)))
    asked = definition.made(("asked", part), lambda: [(one, bool(one.when or one.from_)) for one in definition.asked(part)])
    specs = tuple(one for one, depends in asked if not depends or open_here(one, here, setting))

    def make() -> type[AnswerForm]:
        everything = list(every(specs))
        outside = tuple(sorted({one.from_ for one in everything if one.from_}))
        lists = tuple(clause for one in everything for clause in one.when if clause.among)
        fields = {one.name: AnswerField(one) for one in specs}
        return type("DefinedForm", (AnswerForm,), {**fields, "outside": outside, "lists": lists})

    return cast(type[AnswerForm], definition.made((part, *(one.name for one in specs)), make))


def _placed(spec: Field, problem: Problem) -> str:
    """A message that stands several times on the page, with its question (or entry) said before it: for the list at the top."""
    entry = re.match(r"-(\d+)-", problem.suffix) if spec.entry else None
    where = f"{spec.entry[:1].upper()}{spec.entry[1:]} {int(entry[1]) + 1}" if entry else spec.label
    return f"{where}{'' if where.endswith('?') else ':'} {problem.message}"


def _same(answer: Any, known: Any) -> bool:
    """Whether an answer says what was known already; the order of what was chosen says nothing."""
    if isinstance(answer, list) and isinstance(known, list) and all(isinstance(one, str) for one in (*answer, *known)):
        return sorted(answer) == sorted(known)
    return answer == known or (answer in (None, []) and known in (None, []))


class Bound:
    """A form with somebody's answers. Made by `bind`.

    `fields` is what the template draws. After `validate()`, `errors` holds (id of the control to land on, message) in the page's order; a
    message that stands beside several questions has its question before it here.
    """

    def __init__(self, definition: Definition, part: str, data: Data | None, setting: Setting) -> None:
        self.definition = definition
        self.part = part
        self.setting = setting
        for spec in definition.made(("from outside", part), lambda: [one for one in every(definition.asked(part)) if one.from_]):
            setting.needs(spec)
        self.wtform = form_class(definition, part, setting)(formdata=data, meta={"setting": setting, "csrf": False})
        self._answers = self.wtform.settle(setting.known, setting)
        self._data = data
        self.errors: list[tuple[str, str]] = []
        self._views: list[View] | None = None

    @property
    def answers(self) -> list[AnswerField]:
        """The WTForms fields, in order."""
        return [cast(AnswerField, one) for one in self.wtform]

    @property
    def changing(self) -> bool:
        """Whether the button that adds or removes an entry of a repeated question was pressed: then nothing is submitted yet."""
        return self._data is not None and any(name.endswith(("-add", "-remove")) for name in self._data)

    @property
    def repeats(self) -> bool:
        """Whether a question of this form has entries that can be added and removed."""
        return any(one.spec.kind == "group" for one in self.answers)

    def validate(self) -> bool:
        """Whether all that is asked is answered well. False without errors where an entry was added or removed: draw the form again."""
        self._views = None
        if self.changing:
            self.errors = []
            return False
        self.wtform.validate()
        self._refuse_unchanged()
        found = [(one, problem) for one in self.answers for problem in one.errors]
        times = Counter(problem.message for _, problem in found)
        self.errors = [
            (one.name + problem.suffix, _placed(one.spec, problem) if times[problem.message] > 1 else problem.message)
            for one, problem in found
        ]
        return not self.errors

    def _refuse_unchanged(self) -> None:
        """A form that only adds is not sent with nothing new in it: said beside its last question."""
        asked = [one for one in self.answers if one.asked]
        if self.definition.unchanged and asked and all(_same(one.data, self.setting.known.get(one.name)) for one in asked):
            asked[-1].errors.append(Problem(kind_of(asked[-1].spec).suffixes(asked[-1].spec)[0], self.definition.unchanged))

    def values(self) -> dict[str, Any]:
        """The answers of this part as they are kept: plain JSON values. A question not asked is not there; an empty one is None or []."""
        return {one.name: one.data for one in self.answers if one.asked}

    def draft(self) -> dict[str, list[str]]:
        """What was typed, as it was typed, well or not: give it back to `bind` as `data` to go on."""
        return {one.name + suffix: list(sent) for one in self.answers for suffix, sent in one.raw.items() if sent}

    def drawn(self, draw: Draw) -> Any:
        """The HTML of all questions, made by `draw` of views (the template's macro); where nothing is wrong, of pieces it made before."""
        if self.errors:
            return draw(self.fields)
        setting, answers = self.setting, self.answers
        outside = tuple((name, tuple(map(tuple, setting.choices[name]))) for name in self.wtform.outside)
        lists = tuple(wanted(clause, setting) for clause in self.wtform.lists)
        return skeleton.drawn(self.definition, (self.part, tuple(one.name for one in answers), outside, lists), answers, setting, draw)

    @property
    def fields(self) -> list[View]:
        """What the template draws, in order: conditional questions stand within the answer that opens them where there is one."""
        if self._views is None:
            self._views = arrange(self.answers, self.setting)
        return self._views


def bind(
    definition: Definition,
    *,
    part: str = "",
    data: Mapping[str, Any] | None = None,
    values: Mapping[str, Any] | None = None,
    choices: Mapping[str, Sequence[tuple[str, str]]] | None = None,
    context: Mapping[str, Any] | None = None,
    now: datetime | None = None,
) -> Bound:
    """A form (or one part of it) with what was sent (`data`, from a POST or a draft) or what is kept (`values`).

    `values` also holds the answers of other parts, which conditions may ask about. `choices` are the options that come from outside, by
    the name the definition gives them (`from: agencies`). `context` holds what conditions ask of the policy, and `words` (a policy's own
    words for placeholders). `now` is aware UTC. Raises KeyError for a part or choices that are not there.
    """
    context = context or {}
    setting = Setting(choices or {}, context, values or {}, now)
    words = context.get("words") or {}
    definition = definition.each(choices or {}, context)
    return Bound(definition.said(words) if definition.words else definition, part, None if data is None else Data(data), setting)
