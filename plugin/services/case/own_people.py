"""Whoever somebody of a case has for themselves alone: a reviewing officer, an advocate, a guardian.

What lives here: which of them a policy has told, so that they are asked for by name; for whom that is still to be asked; what a form said.
A form's question about them is one "for each" of the choices made here, by a code: "" for the first role of the first person, "advocate",
"of_c2", "advocate_of_c2". What does not live here: how they are kept (`services.acting`), the notices owed to them (`policies`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from plugin.services.case.children import FIRST, Child
from policies import Event, Policy
from policies.parts.conditions import All, Condition, HasFlag
from policies.parts.conditions import Any as AnyOf
from policies.parts.terms import Duty
from policies.plain.naming import lowered

FIELD = "officer"
_ONLY = {"child": "children", "adult": "adults"}


@dataclass(frozen=True, slots=True)
class OwnRole:
    """A role that one person has of their own. `of`: child, adult or person. `flags`: it is asked for where one of these is true of them;
    where there are none, always."""

    id: str
    title: str
    code: str
    of: str
    flags: frozenset[str]

    def fits(self, kind: str) -> bool:
        """Whether a "child" or an "adult" may have one; "" where it is not known which they are."""
        return not kind or self.of in ("person", kind)


@lru_cache(maxsize=64)
def own_roles(policy: Policy) -> tuple[OwnRole, ...]:
    """Those that the policy has told of something, in its order; the first one's code is empty."""
    found: list[OwnRole] = []
    for role in policy.roles.values():
        told = [duty for duty in policy.duties if _is_for(duty, role.id)]
        if told:
            codes = {one.code for one in found}
            code = re.sub(r"[^a-z0-9]+", "_", role.id.lower()).strip("_")[:20] if found else ""
            needed = [_needed(policy, duty.when) for duty in told]
            flags = frozenset[str]().union(*needed) if all(needed) else frozenset[str]()
            found.append(OwnRole(role.id, role.title, f"{code}_{len(found)}" if code in codes else code, role.of, flags))
    return tuple(found)


def _is_for(duty: Duty, role: str) -> bool:
    return duty.each == "officer" and duty.each_role == role


def _needed(policy: Policy, when: Condition | None) -> frozenset[str]:
    """The flags of a person of which one must be true for this to hold; none where it may hold without."""
    if isinstance(when, HasFlag):
        return frozenset({when.flag}) & {one.id for one in policy.flags if one.of != "case"}
    if isinstance(when, All):
        return frozenset[str]().union(*(_needed(policy, one) for one in when.parts))
    if isinstance(when, AnyOf):
        parts = [_needed(policy, one) for one in when.parts]
        return frozenset[str]().union(*parts) if all(parts) else frozenset()
    return frozenset()


def when_raising(policy: Policy, kind: str = "") -> tuple[dict[str, list[tuple[str, str]]], dict[str, Any]]:
    """What the raise form asks of them, as choices and context: for the first person, of whom it may be known whether they are a child or
    an adult, and for anybody else."""
    joint = policy.subject_word == "person"
    titles = {
        one.code: f"{lowered(one.title)} ({_ONLY[one.of]} only)" if joint and one.of in _ONLY else lowered(one.title)
        for one in own_roles(policy)
    }
    first = [(one.code, lowered(one.title) if kind else titles[one.code]) for one in own_roles(policy) if one.fits(kind)]
    lists = {_list(one.code): sorted(one.flags) or True for one in own_roles(policy)}
    return {"personal roles": first, "personal roles of anybody": list(titles.items())}, lists


def said_raising(policy: Policy, answers: Mapping[str, Any]) -> list[tuple[str, Mapping[str, str]]]:
    """Whom the raise form (or its entry for a further person) named: the role, and name and email."""
    return [(one.id, answers[_field(one.code)]) for one in own_roles(policy) if answers.get(_field(one.code))]


def of_each(policy: Policy, family: Sequence[Child], word: str) -> list[tuple[str, str]]:
    """Every role of every person of a case, as choices; `word` is what the policy calls one of them."""
    several = len(family) > 1
    return [
        (_code(role, child.id), f"{(child.name or child.id) if several else f'the {word}'}’s {lowered(role.title)}")
        for child in family
        for role in own_roles(policy)
    ]


def lacking(policy: Policy, family: Sequence[Child], events: Sequence[Event], word: str) -> tuple[list[tuple[str, str]], dict[str, Any]]:
    """Those of `of_each` that nobody has named yet, with the context that says with which flags each is asked for."""
    known, kinds, words = named(policy, events), _kinds(events), dict(of_each(policy, family, word))
    several = len(family) > 1
    wanted = [
        (role, child.id)
        for child in family
        for role in own_roles(policy)
        if (child.id, role.id) not in known and role.fits(kinds.get(child.id, ""))
    ]
    flags = {_code(role, child): [f"{flag}@{child}" if several else flag for flag in sorted(role.flags)] or True for role, child in wanted}
    return [(code, words[code]) for code in flags], {_list(code): said for code, said in flags.items()}


def said_of_each(policy: Policy, child_ids: Iterable[str], answers: Mapping[str, Any]) -> dict[tuple[str, str], Mapping[str, str]]:
    """Whom a form named in the course of a case: name and email by child and role."""
    asked = {(child, role.id): answers.get(_field(_code(role, child))) for child in child_ids for role in own_roles(policy)}
    return {place: said for place, said in asked.items() if said}


def named(policy: Policy, events: Sequence[Event]) -> set[tuple[str, str]]:
    """Who is known by name: the child's id and the role. What was a mistake does not count."""
    void = _void(events)
    said = [one for event in events if str(event.seq) not in void for one in _said_of_people(event)]
    return {(str(one["child"]), role) for one in said for role in _roles_in(policy, one)}


def is_of_nobody_known(key: str) -> bool:
    """Whether a notice (by its obligation's key) is for somebody of one person's own whom nobody has named."""
    return "/of " in key or "/not named" in key


def theirs(events: Sequence[Event], person: str) -> set[str] | None:
    """The children whose own this person is ("contact:ID"): none left where it was a mistake to name them; None where nobody ever did."""
    void = _void(events)
    bare = person.removeprefix("contact:")
    said = [(event, one) for event in events for one in _said_of_people(event)]
    own = [(event, one) for event, one in said if bare and bare in (one.get("officer"), *dict(one.get("people") or {}).values())]
    return {str(one["child"]) for event, one in own if str(event.seq) not in void} if own else None


def _void(events: Sequence[Event]) -> set[str]:
    """What was a mistake, by its number."""
    return {event.about for event in events if event.kind == "corrected" and event.facts.get("void")}


def _roles_in(policy: Policy, said: Mapping[str, Any]) -> Iterable[str]:
    people = said.get("people")
    own = [role for role, person in people.items() if person] if isinstance(people, Mapping) else []
    return [*own, *([policy.personal_role] if said.get("officer") else [])]


def _kinds(events: Sequence[Event]) -> dict[str, str]:
    return {str(one["child"]): str(one["is"]) for event in events for one in _said_of_people(event) if one.get("is")}


def _said_of_people(event: Event) -> Iterable[Mapping[str, Any]]:
    """What an event says of those it is about, with the id of each."""
    if event.kind == "raised":
        return [one for one in event.facts.get("children", ()) if one.get("child")]
    return [event.facts] if event.facts.get("child") else []


def _code(role: OwnRole, child: str) -> str:
    return "_".join(part for part in (role.code, "" if child == FIRST else f"of_{child}") if part)


def _field(code: str) -> str:
    return f"{FIELD}_{code}" if code else FIELD


def _list(code: str) -> str:
    return f"officer flags {code}".strip()
