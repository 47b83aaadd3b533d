"""A case as a person reads it: what was done, by whom, when, in which form's own words. Pages and documents are made of this."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

import forms
import policies
from plugin.services.case import case_dates, cases, children, own_people, references, standing
from plugin.services.case.cases import Case
from plugin.services.case.children import Child
from plugin.services.case.directory import Directory
from plugin.services.case.entries import Entry, Teller
from policies import Event, Obligation, Policy, State, Viewer

Choices = dict[str, list[tuple[str, str]]]
_ID = re.compile(r"[0-9a-f]{32}")
SIDES = {"raising": "the side that raised it", "responding": "the other side", "partnership": "the partnership"}


@dataclass(frozen=True, slots=True)
class CaseFile:
    """Everything a page or a document says of a case, opened. `child` as the raising agency's record system named them."""

    case: Case
    state: State
    directory: Directory
    entries: tuple[Entry, ...]
    child: Mapping[str, Any]
    children: tuple[Child, ...]
    answers: Mapping[str, Mapping[str, Any]]

    def concerns(self, child: str) -> bool:
        """Whether what is about this child ("" where it is about none alone) is for the reader: not where they are told of others only."""
        return not child or not self.children or any(one.id == child for one in self.children)

    def title_of(self, one: Obligation) -> str:
        """What an obligation is called, with the child it is about where the reader sees several."""
        names = {child.id: child.name for child in self.children} if len(self.children) > 1 else {}
        return f"{one.title} ({names[one.child]})" if names.get(one.child) else one.title

    @property
    def about(self) -> tuple[tuple[str, str], ...]:
        """What it is about in the raiser's words: why the child is not safe, what should change, what it means (GSCB-12)."""
        said = self.answers.get("raise", {})
        labels = {one.name: one.label for one in forms.get("raise").said(whom(self.case.policy)).fields}
        return tuple((labels[name], str(said[name])) for name in _ABOUT if said.get(name))

    @property
    def other_view(self) -> Entry | None:
        """What the other side said last, in a form: whoever decides reads both views. None where they said nothing, or none may be read."""
        return next((one for one in reversed(self.entries) if one.side == "responding" and one.answered and not one.void), None)


_ABOUT = ("unsafe", "change", "impact")


def read(
    session: Session,
    case: Case,
    state: State,
    viewer: Viewer | None = None,
    up_to: int | None = None,
    child: str = "",
    directory: Directory | None = None,
) -> CaseFile:
    """The case file as `viewer` may see it (None: all of it), as it stood after event `up_to` (None: as it is).

    `directory`: the case's, where it was read already.
    `child`: for the file of this child ("c1", …): what is said of the other children of the case in fields of their own is left out.
    """
    said = cases.texts(session, case)
    directory = directory or Directory(session, case)
    events = [event for event in case.events if up_to is None or event.seq <= up_to]
    people = directory.names([*(event.actor for event in events), *_ids_in(said.values())])
    agencies = {seat.agency_id: seat.name for seat in directory.seats}
    choices = choices_of(case.policy)
    known = list(people.items())
    choices |= {"agencies": list(agencies.items()), "people": known, "colleagues": known}
    first = said.get(1) or {}
    family = children.of_case(first)
    choices["flags"] += children.flag_choices(case.policy, family, child) if len(family) > 1 else []
    choices["personal roles of each"] = own_people.of_each(case.policy, family, whom(case.policy)["child"])
    owed = {one.key: one for one in state.obligations}
    if viewer is not None:
        state = policies.view(state, viewer)
    private = owed.keys() - {one.key for one in state.obligations}
    state = references.told(session, case, state)
    void = frozenset(event.about for event in events if event.kind == "corrected" and event.facts.get("void"))
    teller = Teller(case.policy, people, agencies, owed, choices, said_in(case.policy), family, child, void)
    told = _told(events, private)
    entries = _named_corrections(told, [teller.entry(event, said.get(event.seq)) for event in told])
    answers: dict[str, dict[str, Any]] = {}
    for one in told:
        if "form" in one.facts and "answers" in said.get(one.seq, {}):
            form = str(one.facts["form"])
            before = answers.get(form, {}) if one.facts.get("form part") else {}  # the parts of a form make up one whole
            answers[form] = {**before, **said[one.seq]["answers"]}
    return CaseFile(case, state, directory, tuple(entries), first.get("child", {}), family, answers)


def _named_corrections(told: Sequence[Event], entries: Sequence[Entry]) -> list[Entry]:
    """The entries, with each correction called by what it takes back: nobody sees an entry's number."""
    titles = {str(one.seq): one.title for one in entries}
    named = zip(told, entries, strict=True)
    return [replace(one, title=f"A mistake: {titles[event.about]}") if event.kind == "corrected" else one for event, one in named]


def _told(events: Sequence[Event], private: set[str]) -> list[Event]:
    """The events without those about what is private to somebody else, and without what they said of their own mistakes in them."""
    shut = {str(event.seq) for event in events if event.about in private}
    return [event for event in events if event.about not in (shut if event.kind == "corrected" else private)]


def said_in(policy: Policy) -> dict[str, Any]:
    """What a form is told of the policy: its own words for people, by the id of their role ({chair}) or a form's short word ({officer});
    and, for conditions, what it owes ("owes ID"), what it asks to be covered ("asks PHRASE"), which outcomes bind ("ID binds"), of
    what it offers a choice ("modes"), each date's code, and whether a case may be about a child or an adult.
    """
    titles = {id.replace(" ", "_"): role.title for id, role in policy.roles.items()}
    return {
        "words": titles | whom(policy) | {word: policy.roles[role].title for word, role in _words(policy).items() if role in policy.roles},
        **{name: bool(offered) for name, offered in choices_of(policy).items()},
        "for child or adult": policy.subject_word == "person",
        **{f"owes {one.id}": True for one in policy.duties},
        **{f"asks {phrase}": True for one in policy.duties for phrase in one.asks},
        **{f"{one.id} binds": bool(one.binding) for one in policy.outcomes},
        **case_dates.lists(policy),
    }


_WHOM = {
    "child": {"child": "child", "children": "children", "a_child": "a child"},
    "adult": {"child": "adult", "children": "adults", "a_child": "an adult"},
    "person": {"child": "person", "children": "people", "a_child": "a person"},
}


def whom(policy: Policy | None = None) -> dict[str, str]:
    """What forms and pages call whoever a case of this policy is about: {child}, {children}, {a_child}. Without a policy: a person.

    A policy for themes alone names nobody; whoever's record it was opened from is a person.
    """
    return _WHOM["person" if policy is None else policy.subject_word or "person"]


def _words(policy: Policy) -> dict[str, str]:
    """The short words of forms: an officer is whoever one child or adult has for themselves, and is told of what is done."""
    return {"officer": policy.personal_role, "office": "business manager"}


def side_words(file: CaseFile, side: str) -> list[str]:
    """Who is on a side, to be read: its organisations; inside one organisation the person too, for the organisation is on both."""
    words = []
    for seat in file.directory.sides(side):
        person = file.directory.person_of(seat) if standing.is_inside(file.case.events, seat.agency_id) else ""
        words.append(f"{person}, {seat.name}" if person else seat.name)
    return words


def both_sides(file: CaseFile) -> tuple[tuple[str, str], ...]:
    """Which side is which, to be read by somebody who must say on which they stand: what it is called, who is on it."""
    return tuple((f"{SIDES[side][:1].upper()}{SIDES[side][1:]}", "; ".join(side_words(file, side))) for side in standing.SIDES)


def speaks_for(file: CaseFile, agency_id: str, side: str) -> str:
    """For which side somebody reads the page, in a sentence; "" where their organisation is on one side: then it goes without saying."""
    if not side or not standing.is_inside(file.case.events, agency_id):
        return ""
    return "You stand above both sides." if side == "both" else f"You speak for {SIDES[side]}." if side in standing.SIDES else ""


def moments_of(case: Case) -> dict[str, datetime]:
    """What dates in forms are held against: when it was raised, moved to the present step, settled (the last time each)."""
    names = {"raised": "raised", "moved": "moved to this step", "resolved": "settled"}
    return {names[event.kind]: event.at for event in case.events if event.kind in names}


def steps_alone(file: CaseFile, child: bool, only: Collection[str] = ()) -> CaseFile:
    """The file for somebody who is only told: what was done by whom and when, without what was written; `child`: with which child and
    what it is about. `only`: of these children alone, where it is whoever they have for themselves: nothing names the others."""
    theirs = [one for one in file.entries if not only or one.child in ("", *only)]
    family = tuple(one for one in file.children if child and (not only or one.id in only))
    about = {name: said for name, said in file.answers.items() if child and name == "raise"}
    hidden = [one.name for one in file.children if one.name and one not in family]
    entries = tuple(replace(one, rows=(), title=_unnamed(one.title, hidden, whom(file.case.policy)["a_child"])) for one in theirs)
    return replace(file, entries=entries, answers=about, child={"name": family[0].name} if family else {}, children=family)


def _unnamed(title: str, names: Sequence[str], a_child: str) -> str:
    """An entry's title without the names of those whom its reader is not told of."""
    for name in names:
        title = title.replace(name, a_child)
    return title


def choices_of(policy: Policy) -> Choices:
    """What the policy offers to choose from, by the name a form's field gives its source."""
    return {
        "themes": [one for one in _pairs(policy.themes) if one[0] != "other"],  # the form has its own, with a box to say what
        "flags": [(one.id, children.flag_title(policy, one)) for one in policy.flags if one.of != "case"],
        "case flags": [(one.id, one.title) for one in policy.flags if one.of == "case" and one.id != _danger(policy)],
        "modes": _pairs(policy.modes),
        "outcomes": [(one.id, one.title) for one in policy.outcomes],
        "stages": [(one.id, one.title) for one in policy.stages],
        "starts": [(one.id, one.title) for one in policy.stages],
        "agency types": _pairs(policy.agency_types),
        **own_people.when_raising(policy)[0],
        **case_dates.choices(policy),
        "sides": [(side, f"The{SIDES[side][3:]}") for side in standing.SIDES],
        **{f"{question.id}s": _pairs(question.options) for question in policy.questions},
    }


def _danger(policy: Policy) -> str:
    """The flag that the first question of all, about danger, sets; "" where the policy asks none."""
    return policy.emergency.flag if policy.emergency else ""


def _ids_in(value: Any) -> Iterator[str]:
    """Every text of what was said that could be somebody's id: forms keep whom was chosen by it."""
    if isinstance(value, str):
        if _ID.fullmatch(value):
            yield value
    elif isinstance(value, Mapping | Iterable):
        for one in value.values() if isinstance(value, Mapping) else value:
            yield from _ids_in(one)


def _pairs(choices: Sequence[Any]) -> list[tuple[str, str]]:
    return [(one.id, one.title) for one in choices]
