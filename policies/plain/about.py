"""What a policy is for, in sentences: its subject, themes and flags, the emergency gate, other routes, dates and choices."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from policies.parts.model import Policy
from policies.parts.stages import Question
from policies.parts.vocabulary import Choice, Flag
from policies.plain import naming
from policies.plain.conditions import condition_words
from policies.plain.naming import listed, lowered, quoted, stopped
from policies.plain.writing import Section, Sentence


def about(policy: Policy) -> Section:
    """What it is for, and what is asked at the beginning."""
    parts = (
        Section("first", "What is asked first", tuple(_first(policy))),
        Section("themes", "What a disagreement can be about", tuple(_choices(policy.themes))),
        Section("flags", "What is noted", tuple(_flag(one) for one in policy.flags)),
        Section("dates", "Dates that are asked for", tuple(_dates(policy))),
        Section("choices", "What is chosen on the way", tuple(_question(policy, one) for one in policy.questions)),
        Section("modes", "Ways to talk", tuple(_choices(policy.modes))),
    )
    says = (Sentence("subject", f"It is about {naming.subjects(policy)}."), *_inside(policy))
    return Section("about", "What it is for", says, tuple(one for one in parts if one.says))


def _first(policy: Policy) -> Iterator[Sentence]:
    gate = policy.emergency
    if gate is not None:
        flag = next((one.title for one in policy.flags if one.id == gate.flag), gate.flag)
        tell = f" If yes, tell {lowered(gate.tell)}." if gate.tell else " If yes:"
        yield Sentence("emergency", f"{gate.question}{tell} {stopped(gate.text)} {quoted(flag)} is then noted.", gate.rule)
    for one in policy.redirects:
        yield Sentence(f"redirect {one.id}", f"{one.question} If yes: {stopped(one.text)}", one.rule)


_INSIDE = {
    "no": "The two sides are different organisations.",
    "yes": "Both sides may belong to one organisation.",
    "only": "Both sides belong to one organisation.",
}


def _inside(policy: Policy) -> Iterator[Sentence]:
    one = policy.inside
    if one is not None:
        told = f" To whoever needs it otherwise: {stopped(one.text)}" if one.text else ""
        yield Sentence("inside one agency", f"{_INSIDE[one.allowed]}{told}", one.rule)


def _choices(choices: Iterable[Choice]) -> Iterator[Sentence]:
    for one in choices:
        yield Sentence(one.id, f"{one.title}.", one.rule)


def _flag(flag: Flag) -> Sentence:
    whose = "of the whole case" if flag.of == "case" else f"of each {flag.of}"
    return Sentence(flag.id, f"{quoted(flag.title)}, {whose}.", flag.rule)


def _dates(policy: Policy) -> Iterator[Sentence]:
    for one in policy.dates:
        needed = "It must be given as it is raised." if one.required else "It may be left out."
        ahead = " It may lie in the future." if one.ahead else ""
        yield Sentence(one.id, f"{one.title}. {needed}{ahead}", one.rule)


def _question(policy: Policy, question: Question) -> Sentence:
    words = [f"{question.title}: {'; '.join(one.title for one in question.options)}."]
    usual = next((one.title for one in question.options if one.id == question.default), "")
    words.append(f"If nobody chooses it is {quoted(usual)}." if usual else "Nothing holds until it is chosen.")
    if question.by:
        words.append(f"It is chosen by {listed((naming.who_may(policy, one) for one in question.by), 'or')}.")
    if question.when is not None:
        words.append(f"It is offered only if {condition_words(policy, question.when)}.")
    rules = ", ".join(dict.fromkeys(one for one in (question.rule, *(option.rule for option in question.options)) if one))
    return Sentence(question.id, " ".join(words), rules)
