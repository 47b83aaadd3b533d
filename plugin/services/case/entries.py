"""One entry of a case's story: what happened, who did it for which side, what was said in which form, and by which rule it was asked for.

What does not live here: which entries a reader may see (`casefile`), how they are laid out (pages, `records`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import forms
from forms.words import say_date
from plugin.services.case import children
from plugin.services.case.standing import SPEAKS
from policies import Event, Obligation, Policy
from policies.plain.naming import lowered

Choices = Mapping[str, list[tuple[str, str]]]


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened. `rows` are (label, text) of the form that was filled, in its words; empty where nothing was written.

    `rules` are the numbers of the policy's rules that asked for it; `child` is the one it is about alone, by the engine's id.
    """

    seq: int
    at: datetime
    title: str
    who: str
    agency: str
    side: str
    rows: tuple[tuple[str, str], ...]
    kind: str
    void: bool = False
    rules: tuple[str, ...] = ()
    child: str = ""

    @property
    def answered(self) -> tuple[tuple[str, str], ...]:
        """The rows without the questions that were left empty, as a page shows them; a record holds them all."""
        return tuple(row for row in self.rows if row[1] != forms.NOT_ANSWERED)


@dataclass(frozen=True)
class Teller:
    """What it takes to put events into words. `child`: for whose file ("" where it is for a page); `context` is what forms are told of
    the policy; `people` and `agencies` are names by id; `choices` what was chosen from.
    """

    policy: Policy
    people: Mapping[str, str]
    agencies: Mapping[str, str]
    obligations: Mapping[str, Obligation]
    choices: Choices
    context: Mapping[str, Any]
    family: tuple[children.Child, ...] = ()
    child: str = ""
    void: frozenset[str] = field(default_factory=frozenset)

    def entry(self, event: Event, text: Any) -> Entry:
        """The event in words; `text` is what was sealed with it (None where nothing was)."""
        who = self.people.get(event.actor, "Accord" if event.actor == "system" else "")
        return Entry(
            event.seq,
            event.at,
            self._title(event),
            who,
            self.agencies.get(event.agency, ""),
            event.side,
            self._rows(event, text),
            event.kind,
            str(event.seq) in self.void,
            self._rules(event),
            self._child(event),
        )

    @property
    def word(self) -> str:
        """What the policy calls one of those it is about."""
        return str(self.context["words"]["child"])

    def _own_people(self, event: Event) -> str:
        """What somebody is called who was named as one child's own."""
        roles = event.facts.get("people") or [self.policy.personal_role]
        return " and the ".join(lowered(self.policy.roles[role].title) for role in roles if role in self.policy.roles)

    def _rows(self, event: Event, text: Any) -> tuple[tuple[str, str], ...]:
        rows: tuple[tuple[str, str], ...] = ()
        answers = (text or {}).get("answers")
        if event.facts.get("form") and answers is not None:
            others = len(answers.get("siblings") or ()) if self.child else 0
            own = children.answers_for(answers, self.child) if self.child else answers
            told = forms.rows(_form(event), own, self.choices, str(event.facts.get("form part", "")), self.context)
            rows = tuple((row.label, self._others(others) if row.name == "siblings" and others else row.text) for row in told)
        danger = self.policy.emergency
        if event.kind == "raised":
            rows = (*self._chosen(event), *rows)
        if event.kind == "raised" and danger and danger.flag in event.facts.get("flags", ()):
            rows = ((danger.question, "Yes"), *rows)
        return rows

    def _chosen(self, event: Event) -> tuple[tuple[str, str], ...]:
        """What was chosen as it was raised, of what the policy lets people choose."""
        made = event.facts.get("choices", {})
        titles = {(one.id, option.id): option.title for one in self.policy.questions for option in one.options}
        return tuple((one.title, titles.get((one.id, made[one.id]), made[one.id])) for one in self.policy.questions if one.id in made)

    def _rules(self, event: Event) -> tuple[str, ...]:
        """The rules of the obligation that was met; else those of this policy that ask for the form."""
        if (one := self.obligations.get(event.about)) is not None and one.rule:
            return tuple(rule.strip() for rule in one.rule.split(","))
        if not event.facts.get("form"):
            return ()
        known = {rule.id for rule in self.policy.rules}
        return tuple(rule for rule in _form(event).rules if rule in known)

    def _title(self, event: Event) -> str:
        stages = {one.id: one.title for one in self.policy.stages}
        step = stages.get(event.about, event.about)
        one = self.obligations.get(event.about)
        owed = f"{one.title}{self._whose(one.child)}" if one else event.about
        outcomes = {one.id: one.title for one in self.policy.outcomes}
        mistaken = any(one.id == event.about and one.unmakes for one in self.policy.outcomes)
        noted = {"hand over": "Handed to somebody else", "": "Information added", SPEAKS: "Said which side they speak for"}
        titles = {
            "raised": "Disagreement raised",
            "fulfilled": f"Done: {owed}",
            "unresolved": f"Not resolved: {step}",
            "moved": f"{'Sent back' if event.facts.get('sent back') else 'Moved'} to {step}",
            "resolved": f"{'' if mistaken else 'Settled: '}{outcomes.get(event.about, event.about)}",
            "closed": "Closed",
            "reopened": f"Reopened: {step}",
            "waived": f"Set aside: {owed}",
            "noted": noted.get(event.about) or f"Tried, and still to be done: {owed}",
            "overridden": "Went ahead although the policy asks for something first",
            "corrected": f"Correction of entry {event.about}",
        }
        return titles.get(event.kind) or self._fact(event)

    def _fact(self, event: Event) -> str:
        """What was stated: an answer to one of the policy's questions, a date, a flag of a child."""
        value = event.facts.get("value")
        options = {(one.id, option.id): f"{one.title}: {option.title}" for one in self.policy.questions for option in one.options}
        if (chosen := options.get((event.about, str(value)))) is not None:
            return chosen
        dates = {one.id: one.title for one in self.policy.dates} | {
            "protective date": f"To be settled sooner, to keep the {self.word} safe: by"
        }
        if event.about in dates:
            return f"{dates[event.about]} {self._moment(str(value))}"
        flags = {one.id: one.title for one in self.policy.flags} | {"officer": f"who the {self._own_people(event)} is"}
        over = "" if value is not False else " is true no longer"
        return f"Noted{self._of_child(event)}: {flags.get(event.about, event.about)}{over}"

    def _child(self, event: Event) -> str:
        owed = self.obligations.get(event.about)
        return str(event.facts.get("child", "")) or (owed.child if owed else "")

    def _of_child(self, event: Event) -> str:
        """Of which child something was stated, where there are several."""
        name = self._name(str(event.facts.get("child", "")))
        return f" of {name}" if name else ""

    def _whose(self, child: str) -> str:
        """For which child something was to be done, where there are several."""
        name = self._name(child)
        return f" ({name})" if name else ""

    def _name(self, child: str) -> str:
        """One of several children; in another child's file without the name."""
        if len(self.family) < 2 or not child:
            return ""
        names = {one.id: one.name for one in self.family}
        return (names.get(child) or child) if self.child in ("", child) else f"another {self.word}"

    def _others(self, count: int) -> str:
        """What one child's file says of the others."""
        several = f"1 other {self.word}" if count == 1 else f"{count} other {self.context['words']['children']}"
        return f"{several}. Each {self.word} has a record of their own, on their own file."

    def _moment(self, value: str) -> str:
        try:
            at = datetime.fromisoformat(value).astimezone(self.policy.calendar.zone)
        except ValueError:
            return value
        return f"{say_date(at.date())}, {at:%H:%M}"


def _form(event: Event) -> forms.Definition:
    """The definition a form was filled under, in its version."""
    return forms.get(str(event.facts["form"]), event.facts.get("form version"))
