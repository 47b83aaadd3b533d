"""What a kind of field is: how an answer of it is read, kept, put back into its controls, said in words and described to machines.

A kind is one class in a module of this package; `kinds/__init__.py` finds it by itself. It holds no answer: it is given the field's
definition and what was sent. What does not live here: pages (templates/forms), which fields are asked (`bound`).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from typing import Any, ClassVar, NamedTuple, Protocol

from forms.definition import Field
from forms.setting import Setting

Raw = dict[str, list[str]]
"""What was sent for one field: the end of each control's name ("" where it is the field's own) to what was typed."""

NOT_ANSWERED = "Not answered"


class Problem(NamedTuple):
    """What is wrong with an answer: the end of the control's id to land on, and a message that says what to do."""

    suffix: str
    message: str


class Reading(NamedTuple):
    """An answer as it is kept (plain JSON values; None or [] where there is none), and what is wrong with what was sent."""

    value: Any
    problems: tuple[Problem, ...] = ()


class Sent(Protocol):
    """What arrived with a POST: names to lists of text."""

    def getlist(self, name: str) -> list[str]:
        """Everything sent under this name, in order."""

    def __iter__(self) -> Iterator[str]:
        """All names that were sent."""


KINDS: dict[str, Kind] = {}
"""Every kind by its id; the package enters each class that has one."""


class Kind(ABC):
    """Base of all kinds. A kind that has one control says how it is read, and little else; one that does not cannot be made."""

    id: ClassVar[str]
    settings: ClassVar[frozenset[str]] = frozenset()
    coded: ClassVar[bool] = False
    """Whether its answers are codes, numbers or dates: fit to be facts for the policy and statistics. Never free text."""

    many: ClassVar[bool] = False
    """Whether an answer is a list: [] where there is none."""
    says_missing: ClassVar[bool] = True
    """Whether a required field must say in `missing` what to do where it is empty."""

    def take(self, spec: Field, sent: Sent, name: str) -> Raw:
        """What was sent for the field under this name."""
        return {suffix: sent.getlist(name + suffix) for suffix in self.suffixes(spec)}

    def suffixes(self, spec: Field) -> tuple[str, ...]:
        """The ends of the names of its controls."""
        return ("",)

    @abstractmethod
    def read(self, spec: Field, raw: Raw, setting: Setting) -> Reading:
        """The answer in what was sent, and what is wrong with it. An empty answer is no problem here: see `missing`."""

    def raw(self, spec: Field, value: Any, setting: Setting) -> Raw:
        """A kept answer as it would be sent: what stands in the controls when a form is opened again."""
        return {"": [] if value is None else [str(value)]}

    def text(self, spec: Field, value: Any, setting: Setting) -> str:
        """A kept answer in words, for check-your-answers and documents."""
        return NOT_ANSWERED if value is None else str(value)

    def missing(self, spec: Field) -> tuple[Problem, ...]:
        """What is said where a required answer is not there."""
        return (Problem(self.suffixes(spec)[0], spec.missing),)

    def schema(self, spec: Field, setting: Setting | None) -> dict[str, Any]:
        """The JSON Schema of an answer that is there. `setting` None: choices from outside are not known."""
        return {"type": "string"}

    def fits(self, spec: Field, value: Any) -> bool:
        """Whether a value from outside has the shape of a kept answer, so that `raw` can take it."""
        return isinstance(value, str)

    def faults(self, spec: Field) -> Iterator[tuple[str, str]]:
        """What is wrong with a field's definition beyond its shape, as (setting, what would be right)."""
        return iter(())


def first(raw: Raw, suffix: str = "") -> str:
    """What was typed into one control; "" where nothing was sent."""
    sent = raw.get(suffix) or [""]
    return sent[0]


def kind_of(spec: Field) -> Kind:
    """The kind of a field."""
    return KINDS[spec.kind]


def nullable(spec: Field, setting: Setting | None) -> dict[str, Any]:
    """The JSON Schema of a field's answer: null is allowed where the question need not be answered."""
    schema = {"title": spec.label, **kind_of(spec).schema(spec, setting)}
    if spec.required or schema["type"] == "array":
        return schema
    return {"title": spec.label, "anyOf": [{key: value for key, value in schema.items() if key != "title"}, {"type": "null"}]}


def object_schema(fields: Iterable[Field], setting: Setting | None) -> dict[str, Any]:
    """The JSON Schema of the answers to several questions. One that is asked for each of something may come under further names."""
    asked = list(fields)
    further = {f"^{one.name}_[a-z0-9_]+$": nullable(one, setting) for one in asked if one.for_each}
    return {
        "type": "object",
        "properties": {one.name: nullable(one, setting) for one in asked},
        **({"patternProperties": further} if further else {}),
        "required": [one.name for one in asked if one.required and not one.when],
        "additionalProperties": False,
    }
