"""Every form empty, filled and in error, made of its definition: for the gallery at /dev/forms and for tests. All people are invented.

A new form is in the gallery by itself. What does not live here: the pages (templates/forms/gallery.html), real choices.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from forms.bound import Bound, bind
from forms.definition import Definition, Field, every
from forms.kinds import kind_of
from forms.kinds.choice import Choice
from forms.kinds.group import Group
from forms.library import get, ids, versions
from forms.setting import Setting

NOW = datetime(2027, 3, 22, 9, 30, tzinfo=UTC)
State = Literal["empty", "filled", "in error"]
STATES: tuple[State, ...] = ("empty", "filled", "in error")

CHOICES: dict[str, Sequence[tuple[str, str]]] = {
    "agencies": [("hill-school", "Hill School"), ("anytown", "Anytown Council"), ("river", "River Valley Hospitals")],
    "people": [("p1", "Ann Example, safeguarding lead, Hill School"), ("p2", "Bola Sample, deputy head, Hill School")],
    "themes": [("levels of need", "Levels of need"), ("need for action", "Need for action"), ("plans", "Moving plans on")],
    "flags": [("looked after", "The child is looked after"), ("child protection plan", "The child is on a child protection plan")],
    "modes": [("face to face", "Face to face"), ("telephone", "By telephone")],
    "outcomes": [("resolved", "It is resolved"), ("understood", "We still disagree, but understand the reasons")],
    "stages": [("3", "Stage 3"), ("4", "Stage 4")],
    "sides": [("raising", "The side that raised it: Dilys Marchetti"), ("responding", "The other side: Tunde Ashgrove")],
    "starts": [("1", "Practitioners"), ("3", "Senior managers")],
    "case flags": [("imminent harm", "A child is thought to be at imminent risk of harm")],
    "personal roles": [("", "reviewing officer")],
    "personal roles of anybody": [("", "reviewing officer"), ("advocate", "independent advocate")],
    "personal roles of each": [("", "Ffion Sample’s reviewing officer"), ("of_c2", "Noah Sample’s reviewing officer")],
    "dates": [("0", "When you received the decision"), ("1", "When the hearing is")],
    "dates gone by": [("0", "When you received the decision")],
    "dates ahead": [("1", "When the hearing is")],
    "routes": [("direct", "The chair works with the senior managers"), ("panel", "A resolution panel meets")],
}
OTHERS: Sequence[tuple[str, str]] = [("one", "The first answer"), ("two", "The second answer"), ("three", "The third answer")]
_WORDS = {
    "short": "Early help at school",
    "long": "The referral was closed on 17 March without a visit. The child has come to school hungry\non four days since, "
    "and has said that nobody is at home at night.",
    "nhs-number": "9990000557",
    "upn": "H801200001001",
    "local": "CS-4471",
}
_PERSON = {
    "name": "Siân O’Neill-Łukasik",
    "role": "Team manager",
    "organisation": "Anytown Council",
    "email": "s.oneill@anytown.example",
    "phone": "01632 960 001",
}


@dataclass(frozen=True)
class Specimen:
    """One page of the gallery."""

    id: str
    version: int
    part: str
    state: State

    @property
    def name(self) -> str:
        """Short and fit for an address."""
        return "-".join(one for one in (self.id, str(self.version), self.part, self.state.replace(" ", "-")) if one)


def specimens() -> list[Specimen]:
    """Every version and part of every form in every state."""
    return [
        Specimen(id, version, part, state)
        for id in ids()
        for version in versions(id)
        for part in ([one.id for one in get(id, version).parts] or [""])
        for state in STATES
    ]


def choices(definition: Definition) -> dict[str, Sequence[tuple[str, str]]]:
    """Invented choices for everything this form takes from outside."""
    return {name: CHOICES.get(name, OTHERS) for one in every(definition.fields) for name in (one.from_, one.for_each) if name}


def context(definition: Definition) -> dict[str, Any]:
    """A policy that asks for everything this form can ask."""
    fields = list(every(definition.fields))
    clauses = [clause for one in fields for clause in one.when]
    offered = {one.name: [value for value, _ in CHOICES.get(one.from_, OTHERS)] for one in fields if one.from_}
    return {name: True for one in clauses for name in one.context} | {one.among: offered.get(one.field, []) for one in clauses if one.among}


def shown(specimen: Specimen, sent: Mapping[str, Any] | None = None) -> Bound:
    """The form of a specimen, bound and (unless it is empty) validated; with what was `sent` in place of its own answers."""
    definition = get(specimen.id, specimen.version)
    definition = definition.each(choices(definition))
    setting = Setting(choices(definition), context(definition), {}, NOW)
    data = sent
    if sent is None and specimen.state != "empty":
        data = (typed if specimen.state == "filled" else wrong)(definition, specimen.part, setting)
    bound = bind(definition, part=specimen.part, data=data, choices=setting.choices, context=setting.context, now=NOW)
    if data is not None:
        bound.validate()
    return bound


def typed(definition: Definition, part: str, setting: Setting) -> dict[str, list[str]]:
    """A good answer to every question, as it would be sent."""
    return _sent(definition.asked(part), setting, "")


def _sent(fields: Sequence[Field], setting: Setting, prefix: str) -> dict[str, list[str]]:
    sent: dict[str, list[str]] = {}
    for one in fields:
        if isinstance(kind_of(one), Group):
            for at in range(max(2, one.least or 0)):
                sent |= _sent(one.fields, setting, f"{prefix}{one.name}-{at}-")
        else:
            sent |= {prefix + one.name + suffix: values for suffix, values in _raw(one, setting).items()}
    return sent


def _raw(one: Field, setting: Setting) -> dict[str, list[str]]:
    """A good answer to one question, by the ends of its controls' names."""
    kind = kind_of(one)
    if isinstance(kind, Choice):
        offered = [option.value for option in kind.offered(one, setting) if not option.alone]
        return {"": offered if one.kind == "several" else [_opening(one, offered)]}
    if one.kind in {"person", "signature"}:
        return {suffix: [_PERSON[suffix[1:]]] for suffix in kind.suffixes(one)}
    if one.kind in {"date", "date-time"}:
        day = "23" if one.must_be == "future" else "19"
        boxes = {"-day": [day], "-month": ["3"], "-year": ["2027"], "-time": ["14:30"]}
        return {suffix: boxes[suffix] for suffix in kind.suffixes(one)}
    return {"": [_WORDS.get(one.scheme or one.kind, str(one.least or 4))]}


def _opening(one: Field, offered: list[str]) -> str:
    """The answer that opens most: "someone else" and "yes" do."""
    return next((value for value in ("someone else", "yes", "part") if value in offered), offered[0])


def wrong(definition: Definition, part: str, setting: Setting) -> dict[str, list[str]]:
    """Bad answers: what opens other questions stays chosen, all else is empty or cannot be."""
    opened = {clause.field for one in definition.asked(part) for clause in one.when}
    bad = {"date": ["31", "2", "27"], "date-time": ["31", "2", "2027", "25:00"], "number": ["many"], "identifier": ["1234567890"]}
    sent: dict[str, list[str]] = {}
    for one in definition.asked(part):
        if one.name in opened:
            sent |= {one.name + suffix: values for suffix, values in _raw(one, setting).items()}
        elif one.kind in bad:
            sent |= {one.name + suffix: [text] for suffix, text in zip(kind_of(one).suffixes(one), bad[one.kind], strict=False)}
        elif one.kind == "person":
            sent |= {f"{one.name}{suffix}": ["not an address"] for suffix in kind_of(one).suffixes(one) if suffix == "-email"}
    return sent
