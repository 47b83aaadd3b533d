"""What a form definition may say: the shapes of a definition, its parts, its fields and its conditions.

What does not live here: how the file is read and its mistakes are told (`reading`), what each kind of field does (`kinds`).
A definition is data, valid or refused; nothing in it is code. `forms/README.md` says each setting in words.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Annotated, Any, Literal, cast

from pydantic import BaseModel, BeforeValidator, ConfigDict, PrivateAttr
from pydantic import Field as Setting

_PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")

Name = Annotated[str, Setting(pattern=r"^[a-z][a-z0-9_]{0,40}$")]
Id = Annotated[str, Setting(pattern=r"^[a-z][a-z0-9-]{0,40}$")]
Words = Annotated[str, Setting(max_length=600)]


def _listed(value: Any) -> Any:
    """One thing may be written without the brackets of a list."""
    return tuple(value) if isinstance(value, (list, tuple)) else (value,)


def _yes_no(value: Any) -> Any:
    """A file says yes or no; Python says True or False."""
    if isinstance(value, bool):
        return value
    if value in ("yes", "no"):
        return value == "yes"
    raise ValueError("write yes or no")


def _number(value: Any) -> Any:
    """Every value of a file is text; here it must be a whole number."""
    if isinstance(value, str) and re.fullmatch(r"[0-9]{1,6}", value):
        return int(value)
    if isinstance(value, int):
        return value
    raise ValueError("write a whole number")


YesNo = Annotated[bool, BeforeValidator(_yes_no)]
Number = Annotated[int, BeforeValidator(_number)]
Texts = Annotated[tuple[str, ...], BeforeValidator(_listed)]


class Strict(BaseModel):
    """Base of all shapes: unknown settings are refused, nothing is guessed, nothing changes afterwards. A file writes `must be`."""

    model_config = ConfigDict(
        extra="forbid", strict=True, frozen=True, populate_by_name=True, alias_generator=lambda name: name.rstrip("_").replace("_", " ")
    )


class Option(Strict):
    """One answer that can be chosen. `value` is a code: it is what is stored, counted and asked about by conditions.

    One that stands `alone` ("None of these") cannot be chosen with others of a list, and tells the policy nothing. One that
    `leaves owed` ("We did not get to talk") is recorded, and what the form was for is still to be done.
    """

    value: Annotated[str, Setting(min_length=1, max_length=80)]
    label: Words
    hint: Words = ""
    alone: YesNo = False
    leaves_owed: YesNo = False


class When(Strict):
    """One clause of a condition. Exactly one of the four is used; all clauses of a field must hold.

    `is`: the field has one of these values (of several chosen, at least one). `among`: as `is`, with the list taken from the
    context, so that a policy says it. `context`: the context holds something true under this name, or under one of these.
    """

    field: str = ""
    is_: Texts = ()
    among: str = ""
    context: Texts = ()


class Part(Strict):
    """Part of a form: who fills it (`by`: raising, responding, partnership, or any)."""

    id: Id
    title: Words
    by: Literal["raising", "responding", "partnership", "any"] = "any"
    lead: Words = ""


Look = Literal["", "radios", "inline", "select"]


class Field(Strict):
    """One question. Which settings mean something depends on its kind; `forms/README.md` has the table."""

    name: Name
    kind: str
    label: Words
    hint: Words = ""
    part: str = ""
    required: YesNo = True
    missing: Words = ""
    options: Annotated[tuple[Option, ...], BeforeValidator(_listed)] = ()
    from_: str = ""
    look: Look = ""
    when: Annotated[tuple[When, ...], BeforeValidator(_listed)] = ()
    for_each: str = ""
    ask: Texts = ()
    optional: Texts = ()
    not_you: Words = ""
    unknown_mailbox: Words = ""
    scheme: Literal["", "nhs-number", "upn", "local"] = ""
    must_be: Literal["", "past", "future"] = ""
    not_before: str = ""
    least: Number | None = None
    most: Number | None = None
    rows: Number = 5
    entry: Words = ""
    fields: Annotated[tuple[Field, ...], BeforeValidator(_listed)] = ()
    fact: str = ""
    statistic: str = ""
    prefill: Texts = ()
    rules: Texts = ()


class Definition(Strict):
    """One form in one version. `.fields` are in the order they are asked; every field has its part's id."""

    id: Id
    version: Number
    title: Words
    lead: Words = ""
    note: Words = ""
    unchanged: Words = ""
    rules: Texts = ()
    words: Mapping[str, Words] = Setting(default_factory=dict)
    parts: Annotated[tuple[Part, ...], BeforeValidator(_listed)] = ()
    fields: Annotated[tuple[Field, ...], BeforeValidator(_listed)]
    _said: dict[tuple[tuple[str, str], ...], Definition] = PrivateAttr(default_factory=dict)
    _made: dict[Any, Any] = PrivateAttr(default_factory=dict)

    def asked(self, part: str = "") -> tuple[Field, ...]:
        """The fields of one part; of all parts where `part` is "". KeyError for a part this form has not."""
        if part and part not in [one.id for one in self.parts]:
            raise KeyError(part)
        return tuple(one for one in self.fields if not part or one.part == part) if part else self.fields

    def field(self, name: str) -> Field:
        """The field of this name; KeyError where there is none."""
        for one in self.fields:
            if one.name == name:
                return one
        raise KeyError(name)

    def said(self, words: Mapping[str, str]) -> Definition:
        """This form in a policy's own words: {placeholders} of labels replaced, by `words` first and the form's own after."""
        chosen = tuple(sorted((key, words.get(key, value)) for key, value in self.words.items()))
        if chosen not in self._said:
            if len(self._said) > 200:  # one entry a policy; bounded all the same
                self._said.clear()
            self._said[chosen] = Definition.model_validate(_replaced(self.model_dump(by_alias=True), dict(chosen)))
        return self._said[chosen]

    def each(self, choices: Mapping[str, Iterable[tuple[str, str]]], context: Mapping[str, Any] | None = None) -> Definition:
        """This form with each `for each` question asked once for every choice from outside that it names; itself where it has none.

        A copy is called "officer" for the choice with no code, "officer_CODE" for the others; {each} in its texts is what the choice is
        called. It goes by a list of its own in the context ("officer flags CODE"); where that is True by none: it is always asked. Where
        the choices were not given, the question stands as it is written.
        """
        repeated = self.made("repeated", lambda: [one for one in every(self.fields) if one.for_each])
        given = {one.for_each: tuple((code, words) for code, words in choices[one.for_each]) for one in repeated if one.for_each in choices}
        if not given:
            return self
        lists = {f"{clause.among} {code}".strip() for one in repeated for clause in one.when for code, _ in given.get(one.for_each, ())}
        always = frozenset(name for name in lists if (context or {}).get(name) is True)

        def make() -> Definition:
            data = self.model_dump(by_alias=True)
            return Definition.model_validate({**data, "fields": _repeated(data["fields"], given, always)})

        return cast(Definition, self.made(("each", tuple(given.items()), always), make))

    def made(self, key: Any, make: Callable[[], Any]) -> Any:
        """What was made of this form under `key`, made once. For what is costly and the same for many people; never an answer."""
        if key not in self._made:
            if len(self._made) >= 60:  # choices differ from agency to agency; a page is 10 KB
                self._made.clear()
            self._made[key] = make()
        return self._made[key]


def every(fields: Iterable[Field]) -> Iterator[Field]:
    """All fields, those of repeated groups included, in their order."""
    for one in fields:
        yield one
        yield from every(one.fields)


def _replaced(value: Any, words: Mapping[str, str]) -> Any:
    """A tree of plain data with every {placeholder} that is among the words replaced. Plain replacement, done once: no template."""
    if isinstance(value, str):
        return _PLACEHOLDER.sub(lambda found: words.get(found.group(1), found.group()), value)
    if isinstance(value, Mapping):
        return {key: value_ if key == "words" else _replaced(value_, words) for key, value_ in value.items()}
    if isinstance(value, (list, tuple)):
        return tuple(_replaced(one, words) for one in value)
    return value


def _repeated(fields: Iterable[dict[str, Any]], given: Mapping[str, Any], always: frozenset[str]) -> list[dict[str, Any]]:
    """The fields of a dumped definition, those for each of something as many times as it says."""
    found: list[dict[str, Any]] = []
    for one in fields:
        if one["for each"] in given:
            found += [_copy(one, code, words, always) for code, words in given[one["for each"]]]
        else:
            found.append({**one, "fields": _repeated(one["fields"], given, always)})
    return found


def _copy(one: dict[str, Any], code: str, words: str, always: frozenset[str]) -> dict[str, Any]:
    name = f"{one['name']}_{code}" if code else one["name"]
    lists = [{**clause, "among": f"{clause['among']} {code}".strip()} if clause["among"] else clause for clause in one["when"]]
    when = [clause for clause in lists if clause["among"] not in always]
    return {**_replaced(one, {"each": words}), "name": name, "when": when, "for each": ""}


def placeholders(value: Any) -> Iterator[str]:
    """The names of all {placeholders} in a tree of plain data."""
    if isinstance(value, str):
        yield from _PLACEHOLDER.findall(value)
    elif isinstance(value, Mapping):
        for one in value.values():
            yield from placeholders(one)
    elif isinstance(value, (list, tuple)):
        for one in value:
            yield from placeholders(one)
