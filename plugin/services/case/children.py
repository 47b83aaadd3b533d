"""The children of a case: the one on whose file it was raised ("c1"), and others it is about too ("c2", …).

What is said of them is sealed with the first event; here it is read again, and the keys are made under which an agency finds them.
What does not live here: their flags and reviewing officers, which are facts of the engine.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from plugin.models import ChildKey, Participant
from plugin.services.keeping import sealing
from policies import Flag, Policy, State

FIRST = "c1"
OF_AGE = 18


@dataclass(frozen=True, slots=True)
class Child:
    """One of them. `id` is the engine's; `identifiers` are (scheme, value) that all agencies share; `ref` is the own number of the
    agency that raised it, `agency_id`. `born` is a date as the record system or the form gave it, or "".
    """

    id: str
    name: str = field(repr=False)
    born: str = field(default="", repr=False)
    identifiers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    agency_id: str = ""
    ref: str = field(default="", repr=False)

    def known_to(self, agency_id: str) -> tuple[tuple[str, str], ...]:
        """How this agency knows the child, surest first: its own number ("local") if it raised the case, then the shared ones."""
        own = (("local", self.ref),) if self.ref and self.agency_id == agency_id else ()
        return (*own, *self.identifiers)


def of_case(first: Mapping[str, Any]) -> tuple[Child, ...]:
    """All children of a case, the first first. `first` is what was sealed with its first event; empty where its key was destroyed."""
    local = first.get("local", {})
    agency, ref = local.get("agency", ""), local.get("ref", "")
    others = [_child(one["child"], one, agency, one.get("ref", "")) for one in first.get("siblings", ())]
    return (_child(FIRST, first.get("child", {}), agency, ref), *others)


def _child(id: str, said: Mapping[str, Any], agency_id: str, ref: str) -> Child:
    identifiers = tuple((system, value) for system, value in said.get("identifiers", ()))
    return Child(id, said.get("name", ""), said.get("born", ""), identifiers, agency_id, ref)


def kind_of(policy: Policy, born: str, said: str, today: date, flags: Iterable[str] = ()) -> str:
    """Whether somebody is a "child" or an "adult" on that day: as was said of them, else by their date of birth, else by a flag that can
    be true of one of the two alone. "" where none of this is known, and where the policy is for one of the two alone."""
    if policy.subject_word != "person":
        return ""
    if said in policy.subjects:
        return said
    try:
        day = date.fromisoformat(born[:10])
    except ValueError:
        return next((one.of for one in policy.flags if one.id in flags and one.of in _KINDS), "")
    years = today.year - day.year - ((today.month, today.day) < (day.month, day.day))
    return "adult" if years >= OF_AGE else "child"


def answers_for(answers: Mapping[str, Any], child: str) -> dict[str, Any]:
    """What a form says of one child, for that child's file: of the others nothing, and of a further child its own flags and officer."""
    others = answers.get("siblings") or []
    own = others[int(child[1:]) - 2] if child != FIRST and others else {}
    told = {name: own[name] for name in own if name == "flags" or _whose(name)}
    kept = {name: value for name, value in answers.items() if name != "siblings" and _whose(name) in ("", child)}
    return kept | told


def _whose(name: str) -> str:
    """Of which child a question asks who somebody of theirs is ("officer", "officer_advocate_of_c2"); "" where it asks something else."""
    found = _OWN.fullmatch(name)
    return (found[1] or FIRST) if found else ""


_OWN = re.compile(r"officer(?:_[a-z0-9_]*?)??(?:_of_(c\d+))?")


def sealed(one: Child) -> dict[str, Any]:
    """A further child as it is sealed with the first event; `of_case` reads it."""
    return {"child": one.id, "name": one.name, "born": one.born, "identifiers": [list(pair) for pair in one.identifiers], "ref": one.ref}


def key_rows(keys: sealing.Keys, case_id: str, agency_id: str, children: Sequence[Child]) -> list[dict[str, Any]]:
    """Rows of `child_key` for the further children at one agency: one for each way in which it may come upon them."""
    rows: dict[str, dict[str, Any]] = {}
    for one in children:
        own = [keys.child_key(agency_id, one.ref)] if one.ref and one.agency_id == agency_id else []
        for key in (*own, *keys.shared_child_keys(agency_id, one.identifiers)):
            rows.setdefault(key, {"disagreement_id": case_id, "agency_id": agency_id, "child_key": key, "child": one.id})
    return list(rows.values())


def flag_choices(policy: Policy, children: Sequence[Child], only: str = "") -> list[tuple[str, str]]:
    """What may be true of the children, to choose from. With one child a code is the flag's id; with several it names the child too.

    `only`: the one child whose name is said (its file is written); the others have none.
    """
    flags = [(one.id, flag_title(policy, one)) for one in policy.flags if one.of != "case"]
    if len(children) < 2:
        return flags
    names = {one.id: (one.name or one.id) if only in ("", one.id) else f"Another {policy.subject_word or 'person'}" for one in children}
    return [(f"{flag}@{child}", f"{name}: {title}") for child, name in names.items() for flag, title in flags]


def flag_title(policy: Policy, flag: Flag) -> str:
    """What a flag is called where it is chosen; with whom it can be true of, where the policy is for children and adults."""
    one_kind = policy.subject_word == "person" and flag.of in _KINDS
    return f"{flag.title} ({_KINDS[flag.of]} only)" if one_kind else flag.title


_KINDS = {"child": "children", "adult": "adults"}


def flags_now(state: State) -> list[str]:
    """The codes of `flag_choices` that are true now."""
    several = len(state.child_flags) > 1
    return [f"{flag}@{child}" if several else flag for child, flags in state.child_flags.items() for flag in flags]


def flag_of(code: str) -> tuple[str, str]:
    """The flag and the child that a code of `flag_choices` means."""
    flag, _, child = code.partition("@")
    return flag, child or FIRST


def is_about(session: Session, case_id: str, agency_id: str, child_keys: Iterable[str]) -> bool:
    """Whether a further child of this case has one of these keys at the agency."""
    mine = ChildKey.disagreement_id == case_id, ChildKey.agency_id == agency_id, ChildKey.child_key.in_(list(child_keys))
    return session.execute(select(ChildKey.child).where(*mine).limit(1)).first() is not None


def about(agency_id: str, child_keys: Iterable[str]) -> ColumnElement[bool]:
    """For a statement with `participant` in it: this agency's cases about the child that has one of these keys."""
    wanted = list(child_keys)
    further = select(ChildKey.disagreement_id).where(ChildKey.agency_id == agency_id, ChildKey.child_key.in_(wanted))
    return or_(Participant.child_key.in_(wanted), Participant.disagreement_id.in_(further))
