"""A repeating group: the same few questions for each of several things (the actions of a plan, the children of a family)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from forms.conditions import holds
from forms.definition import Field
from forms.kinds.base import NOT_ANSWERED, Kind, Problem, Raw, Reading, Sent, kind_of, object_schema
from forms.setting import Setting

MOST = 20


class Group(Kind):
    """Entries of the questions in `fields`, `least` (1 where it is required) to `most` (10) of them. Kept as a list of mappings.
    With `least: 0` none is shown until somebody adds one.

    The controls of entry 0 are named "name-0-field". An entry with nothing in it is left out and is no mistake.
    """

    id = "group"
    many = True
    settings = frozenset({"fields", "least", "most", "entry"})

    def take(self, spec: Field, sent: Sent, name: str) -> Raw:
        """Every control of every entry, an entry taken away or added where a button asked for it. They are numbered anew in their order,
        so that a gap closes.
        """
        pattern = re.compile(rf"{re.escape(name)}-(\d{{1,2}})(-.+)")
        found = [(int(match[1]), match[2], match[0]) for match in map(pattern.fullmatch, sent) if match]
        numbers = sorted({number for number, _, _ in found})[: MOST + 1]
        raw = {f"-{numbers.index(at)}{rest}": sent.getlist(full) for at, rest, full in found if at in numbers}
        entries = self.entries(spec, raw)
        for number in (int(one) for one in sent.getlist(f"{name}-remove") if re.fullmatch("[0-9]{1,2}", one) and int(one) < len(entries)):
            entries = entries[:number] + entries[number + 1 :]
        if sent.getlist(f"{name}-add") and len(entries) < (spec.most or 10):
            entries.append({self.suffixes(spec)[0].removeprefix("-0-"): [""]})
        return {f"-{at}-{rest}": texts for at, entry in enumerate(entries) for rest, texts in entry.items()}

    def suffixes(self, spec: Field) -> tuple[str, ...]:
        """The first control of the first entry: where an error about the whole lands."""
        one = spec.fields[0]
        return (f"-0-{one.name}{kind_of(one).suffixes(one)[0]}",)

    def entries(self, spec: Field, raw: Raw) -> list[Raw]:
        """What was sent, entry by entry, with the entry's own names."""
        count = 1 + max((int(suffix.split("-")[1]) for suffix in raw), default=-1)
        return [{key.removeprefix(f"-{at}-"): sent for key, sent in raw.items() if key.startswith(f"-{at}-")} for at in range(count)]

    def read(self, spec: Field, raw: Raw, setting: Setting) -> Reading:
        """The entries that hold something, each question checked."""
        values: list[dict[str, Any]] = []
        problems: list[Problem] = []
        for at, entry in enumerate(self.entries(spec, raw)):
            if any(text.strip() for sent in entry.values() for text in sent):
                value, wrong = self._entry(spec, entry, setting)
                values.append(value)
                problems += [Problem(f"-{at}-{suffix}", message) for suffix, message in wrong]
        if not problems and spec.least and 0 < len(values) < spec.least:
            problems.append(Problem(self.suffixes(spec)[0], f"Add at least {spec.least}: there are {len(values)}"))
        most = spec.most or 10
        if len(values) > most:
            problems = [Problem(self.suffixes(spec)[0], f"Take some away: there can be {most} at most")]
        return Reading(values[:most], tuple(problems))

    def _entry(self, spec: Field, entry: Raw, setting: Setting) -> tuple[dict[str, Any], list[tuple[str, str]]]:
        value: dict[str, Any] = {}
        wrong: list[tuple[str, str]] = []
        for one in spec.fields:
            if holds(one, value, setting):
                kind = kind_of(one)
                raw = within(one, entry)
                reading = kind.read(one, raw, setting)
                value[one.name] = reading.value
                empty = one.required and not reading.value and reading.value != 0 and not reading.problems
                found = kind.missing(one) if empty else reading.problems
                wrong += [(one.name + suffix, message) for suffix, message in found]
        return value, wrong

    def raw(self, spec: Field, value: Any, setting: Setting) -> Raw:
        """Every control of every entry."""
        return {
            f"-{at}-{one.name}{suffix}": sent
            for at, entry in enumerate(value or [])
            for one in spec.fields
            for suffix, sent in kind_of(one).raw(one, entry.get(one.name), setting).items()
        }

    def fits(self, spec: Field, value: Any) -> bool:
        """A list of mappings whose answers fit."""
        questions = {one.name: one for one in spec.fields}

        def good(name: str, one: Any) -> bool:
            return name in questions and (one is None or kind_of(questions[name]).fits(questions[name], one))

        entries = value if isinstance(value, list) else [None]
        return all(isinstance(entry, dict) and all(good(name, one) for name, one in entry.items()) for entry in entries)

    def text(self, spec: Field, value: Any, setting: Setting) -> str:
        """Each entry's answers, an empty line between two entries."""
        entries = [
            "\n".join(f"{_asked(one)} {kind_of(one).text(one, entry[one.name], setting)}" for one in spec.fields if one.name in entry)
            for entry in value or []
        ]
        return "\n\n".join(entries) or NOT_ANSWERED

    def schema(self, spec: Field, setting: Setting | None) -> dict[str, Any]:
        """A list of objects."""
        return {"type": "array", "maxItems": spec.most or 10, "items": object_schema(spec.fields, setting)}

    def faults(self, spec: Field) -> Iterator[tuple[str, str]]:
        """Nothing to ask, or a group within a group."""
        if not spec.fields:
            yield "fields", "give the questions of an entry"
        if any(one.kind == self.id for one in spec.fields):
            yield "fields", "a group cannot hold a group"
        if not spec.entry:
            yield "entry", "say what one entry is, as in `entry: action`"
        if (spec.most or 10) > MOST:
            yield "most", f"must be {MOST} or fewer"


def _asked(one: Field) -> str:
    """A question before its answer on one line."""
    return one.label if one.label.endswith("?") else f"{one.label}:"


def within(spec: Field, entry: Raw) -> Raw:
    """The controls of one question of an entry, by the ends of their names."""
    suffixes = kind_of(spec).suffixes(spec)
    return {suffix: entry[spec.name + suffix] for suffix in suffixes if spec.name + suffix in entry}
