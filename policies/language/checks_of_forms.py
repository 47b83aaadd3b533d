"""Mistakes about forms: one that does not exist, a part that it does not have, and an answer asked of it that it never gives.

What lives here: the checks of `form`, `part` and `… with NAME VALUE`. What does not: the forms themselves; they are told in `FormWords`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import fields, is_dataclass
from typing import Any

from policies.language.compiling_duties import Written
from policies.language.problems import Problem
from policies.language.reading import Document
from policies.parts import conditions as c
from policies.parts.model import Policy
from policies.parts.terms import Duty
from policies.parts.vocabulary import FormWords
from policies.parts.words import meant

PLAIN = "done"  # the form of what names none: a tick and a note


def check_forms(policy: Policy, written: Collection[Written], document: Document, forms: Collection[str]) -> Iterator[Problem]:
    """Every mistake about forms. `forms` are the ids of those that exist; of a mapping to FormWords parts and answers are checked too."""
    known: Mapping[str, FormWords] = forms if isinstance(forms, Mapping) else {}
    asked = set(_asked(policy))
    for duty, one in zip(policy.duties, written, strict=True):
        path = (*one.path, "form")
        if duty.form and duty.form not in forms:
            yield document.problem(path, _no_form(duty.form, forms))
        elif (form := known.get(duty.form or PLAIN)) is not None:
            if duty.part and duty.part not in form.parts:
                yield document.problem((*one.path, "part"), _no_part(duty, form))
            for condition in sorted((found for found in asked if found.duty == duty.place), key=str):
                if fault := _never_said(duty, condition, form):
                    yield document.problem(path, fault)


def _no_form(form: str, forms: Collection[str]) -> str:
    plain = "Take the line out where a tick and a note are enough; the guide says how to add a form of your own."
    return f"There is no form '{form}'.{meant(form, forms)} There are: {', '.join(sorted(forms))}. {plain}"


def _no_part(duty: Duty, form: FormWords) -> str:
    there = f"There are: {', '.join(sorted(form.parts))}." if form.parts else "It is filled in one piece: take this line out."
    return f"The form '{duty.form}' has no part '{duty.part}'.{meant(duty.part, form.parts)} {there}"


def _never_said(duty: Duty, asked: c.Said, form: FormWords) -> str:
    """What to say of an answer a condition asks for and the form never gives; "" where it may."""
    begins = f"A condition asks for '{duty.id} with {asked.name} {asked.value}', which can never be so."
    name = f"'{duty.form}'" if duty.form else "of what names no form"
    if asked.name not in form.facts:
        there = f"tells the policy of: {', '.join(sorted(form.facts))}" if form.facts else "tells the policy of nothing"
        return f"{begins} The form {name} {there}."
    values = form.facts[asked.name]
    if values and asked.value not in values:
        return f"{begins} In the form {name} '{asked.name}' is one of: {', '.join(sorted(values))}."
    return ""


def _asked(thing: Any) -> Iterator[c.Said]:
    """Every `… with NAME VALUE` anywhere in a policy."""
    if isinstance(thing, c.Said):
        yield thing
    elif is_dataclass(thing):
        for one in fields(thing):
            yield from _asked(getattr(thing, one.name))
    elif isinstance(thing, Mapping):
        for one in thing.values():
            yield from _asked(one)
    elif isinstance(thing, tuple | list):
        for one in thing:
            yield from _asked(one)
