"""The register of rules in sentences: each rule of the document, how strong it is, and where it is carried out.

What lives here: the places of a pack by the names that people know them by. What does not: finding who cites what (`language.register`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Protocol

from policies.parts.model import Policy
from policies.parts.vocabulary import Rule
from policies.plain import naming
from policies.plain.naming import quoted
from policies.plain.writing import Section, Sentence


class _Named(Protocol):
    @property
    def id(self) -> str: ...
    @property
    def title(self) -> str: ...


_WHOLE = {"emergency": "what is asked first of all", "inside one agency": "what holds inside one organisation"}
_KINDS: dict[str, tuple[str, Callable[[Policy], Iterable[_Named]]]] = {
    "themes": ("the theme", lambda policy: policy.themes),
    "flags": ("what is noted:", lambda policy: policy.flags),
    "choices": ("the choice", lambda policy: policy.questions),
    "dates": ("the date", lambda policy: policy.dates),
    "modes": ("the way to talk", lambda policy: policy.modes),
    "redirects": ("the question", lambda policy: policy.redirects),
    "agency types": ("the kind of agency", lambda policy: policy.agency_types),
    "roles": ("the role", lambda policy: policy.roles.values()),
    "caps": ("the time", lambda policy: policy.caps),
    "stops": ("the clock that stands still:", lambda policy: policy.stops),
    "outcomes": ("the outcome", lambda policy: policy.outcomes),
    "panels": ("the panel", lambda policy: policy.panels),
}
_TEXTS = {
    "conflicts": "where the text says two things",
    "unresolved": "what the text does not give",
    "notes": "what should be known of the text",
    "statistics": "what is counted",
}


def register(policy: Policy) -> Section:
    """Every rule of the document, how strong it is, and where it is carried out."""
    return Section("rules", "The rules of the document, and where each is carried out", tuple(_rule(policy, one) for one in policy.rules))


def _rule(policy: Policy, rule: Rule) -> Sentence:
    strength = f" ({rule.strength})" if rule.strength else ""
    where = "; ".join(dict.fromkeys(place_words(policy, one) for one in rule.answered))
    return Sentence(rule.id, f"{rule.id}{strength}: {rule.says}. Carried out in: {where}.")


def place_words(policy: Policy, place: str) -> str:
    """A place of the pack ("stages.1.owes.talk") by the name that a reader of the sentences above knows it by."""
    kind, *names = place.split(".")
    if kind == "stages":
        return _at_stage(policy, *names)
    if kind == "owes":
        return naming.duty(policy, f"case/{names[0]}")
    if kind == "every stage":
        titles = [one.title for one in policy.duties if one.id == names[0] and one.stage]
        return f"{quoted(titles[0] if titles else names[0])} at every stage"
    if kind in _KINDS:
        said, found = _KINDS[kind]
        return f"{said} {quoted(_title(found(policy), names[0]))}"
    return _WHOLE.get(kind) or _TEXTS.get(kind, kind)


def _title(among: Iterable[_Named], wanted: str) -> str:
    return next((one.title for one in among if one.id == wanted), wanted)


def _at_stage(policy: Policy, stage: str, part: str = "", name: str = "") -> str:
    if part == "owes":
        return naming.duty(policy, f"{stage}/{name}")
    if part == "enter":
        return f"what must be so before stage {stage}"
    if part == "goes back":
        return f"the way back from stage {stage} to stage {name}"
    return naming.stage(policy, stage)
