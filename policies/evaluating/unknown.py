"""Words in the facts of events that mean nothing in a policy, each with what was probably meant: no slip may change a date in silence.

What lives here: what to say of such a word. What does not: what an event does (`beginning`, `replay`), slips in a pack (`key_problems`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from policies.evaluating.cases import Case
from policies.parts.model import Policy
from policies.parts.words import meant

# What people write for whomever a case is about.
_INSTEAD = {"child": "children", "adult": "children", "adults": "children", "person": "children", "people": "children"}


def strange_at_start(case: Case, facts: Mapping[str, Any]) -> Iterator[str]:
    """What to say of each word of a `raised` event that the policy does not have: themes, kinds of agency, flags, dates, choices."""
    policy = case.policy
    yield from _unknown("theme", case.themes, [one.id for one in policy.themes])
    yield from _unknown("kind of agency", (one.type for one in case.members if one.type), [one.id for one in policy.agency_types])
    flags = (flag for child in case.children.values() for flag in child.flags)
    yield from _unknown("flag", (*case.flags, *flags), policy.flag_ids)
    yield from _unknown("date", facts.get("dates", {}), policy.date_ids)
    yield from _unknown("kind of person", (one.kind for one in case.children.values()), policy.subjects)
    for word in _INSTEAD.keys() & facts.keys():
        yield f"'{word}' given when it was raised means nothing. Write '{_INSTEAD[word]}'; adults stand under 'children' too."
    for name, value in facts.get("choices", {}).items():
        yield from strange_choice(policy, name, str(value), "when it was raised")


def is_option(policy: Policy, name: str, value: str) -> bool:
    """Whether the policy has a choice of this id with such an option."""
    question = policy.question_by_id.get(name)
    return question is not None and any(one.id == value for one in question.options)


def strange_choice(policy: Policy, name: str, value: str, where: str) -> Iterator[str]:
    """What to say of a choice that the policy does not have, or of an option that the choice does not have; nothing where both are good."""
    question = policy.question_by_id.get(name)
    if question is None:
        yield from _unknown("choice", [name], policy.question_by_id)
    elif not is_option(policy, name, value):
        options = [one.id for one in question.options]
        there = ", ".join(options)
        yield f"'{value}' is no option of '{name}' in this policy and was left out ({where}).{meant(value, options)} There are: {there}."


def _unknown(kind: str, given: Iterable[str], among: Iterable[str]) -> Iterator[str]:
    known = list(among)
    for word in dict.fromkeys(given):
        if word not in known:
            yield f"The {kind} '{word}' given when it was raised means nothing in this policy.{meant(word, known)}"
