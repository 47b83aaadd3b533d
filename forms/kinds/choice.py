"""Answers that are chosen: one of a list, several of a list, yes or no, and an attestation (a statement that is ticked)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from forms.definition import Field, Option
from forms.kinds.base import NOT_ANSWERED, Kind, Problem, Raw, Reading, first
from forms.setting import Setting
from forms.words import visible

YES_NO = (Option(value="yes", label="Yes"), Option(value="no", label="No"))


def _faults_of_options(spec: Field) -> Iterator[tuple[str, str]]:
    values = [one.value for one in spec.options]
    if not values and not spec.from_:
        yield "options", "give the options, or say with `from` which choices come from outside"
    if len(values) != len(set(values)):
        yield "options", "two options have the same value"


class Choice(Kind):
    """One of a list. `look` says how: radios, inline, select; by itself a list of more than ten is a select."""

    id = "choice"
    settings = frozenset({"options", "from", "look"})
    coded = True

    def offered(self, spec: Field, setting: Setting) -> tuple[Option, ...]:
        """What can be chosen."""
        return setting.options(spec)

    def read(self, spec: Field, raw: Raw, setting: Setting) -> Reading:
        """The code chosen; one that was not offered is refused."""
        value = first(raw)
        if not value:
            return Reading(None)
        if value in {one.value for one in self.offered(spec, setting)}:
            return Reading(value)
        return Reading(None, (Problem("", "Choose one of the answers shown"),))

    def text(self, spec: Field, value: Any, setting: Setting) -> str:
        """The label of what was chosen; the code itself where it is no longer offered."""
        if value is None:
            return NOT_ANSWERED
        return {one.value: one.label for one in self.offered(spec, setting)}.get(value, visible(str(value)))

    def schema(self, spec: Field, setting: Setting | None) -> dict[str, Any]:
        """An enumeration where the options are known."""
        if spec.from_ and setting is None:
            return {"type": "string", "minLength": 1, "maxLength": 80}
        return {"type": "string", "enum": [one.value for one in self.offered(spec, setting or Setting())]}

    def faults(self, spec: Field) -> Iterator[tuple[str, str]]:
        """Nothing to choose from, or two options of one value."""
        return _faults_of_options(spec)


class YesNo(Choice):
    """Yes or no, kept as "yes" and "no". Options may be given to word the two differently."""

    id = "yes-no"
    settings = frozenset({"options"})

    def offered(self, spec: Field, setting: Setting) -> tuple[Option, ...]:
        """Yes and no."""
        return spec.options or YES_NO

    def faults(self, spec: Field) -> Iterator[tuple[str, str]]:
        """Options that are not a yes and a no."""
        if spec.options and [one.value for one in spec.options] != ["yes", "no"]:
            yield "options", "a yes-no question has the values yes and no, in this order"


class Attestation(Choice):
    """A statement a person makes by ticking it; its words are the label. Kept as "yes"."""

    id = "attestation"
    settings = frozenset()

    def offered(self, spec: Field, setting: Setting) -> tuple[Option, ...]:
        """The statement itself."""
        return (Option(value="yes", label=spec.label),)

    def text(self, spec: Field, value: Any, setting: Setting) -> str:
        """Confirmed or not."""
        return "Confirmed" if value == "yes" else "Not confirmed"

    def faults(self, spec: Field) -> Iterator[tuple[str, str]]:
        """It has no options of its own."""
        return iter(())


class Several(Choice):
    """Any number of a list. Kept as a list of codes in the order they are offered; [] where none was chosen."""

    id = "several"
    many = True
    settings = frozenset({"options", "from"})

    def read(self, spec: Field, raw: Raw, setting: Setting) -> Reading:
        """The codes chosen, each once."""
        sent = {value for value in raw.get("", []) if value}
        offered = self.offered(spec, setting)
        chosen = [one for one in offered if one.value in sent]
        problem = ""
        if len(chosen) < len(sent):
            problem = "Choose only from the answers shown"
        elif len(chosen) > 1 and (alone := [one.label for one in chosen if one.alone]):
            problem = f"Choose “{alone[0]}”, or the others, but not both"
        return Reading([one.value for one in chosen], (Problem("", problem),) if problem else ())

    def raw(self, spec: Field, value: Any, setting: Setting) -> Raw:
        """One box ticked for each code."""
        return {"": [str(one) for one in value or []]}

    def fits(self, spec: Field, value: Any) -> bool:
        """A list of text."""
        return isinstance(value, list) and all(isinstance(one, str) for one in value)

    def text(self, spec: Field, value: Any, setting: Setting) -> str:
        """Labels, one a line."""
        labels = {one.value: one.label for one in self.offered(spec, setting)}
        return "\n".join(labels.get(one, visible(str(one))) for one in value) if value else NOT_ANSWERED

    def schema(self, spec: Field, setting: Setting | None) -> dict[str, Any]:
        """A list of different codes."""
        return {"type": "array", "uniqueItems": True, "items": super().schema(spec, setting)}
