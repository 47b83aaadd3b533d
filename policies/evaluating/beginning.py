"""How a case begins: what its `raised` event says of agencies, children, flags, dates and the stage it starts at.

What lives here: reading that event, and adding an agency or a child later. What does not: every other kind of event (`replay`).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from typing import Any

from policies.evaluating.cases import Case, Member
from policies.evaluating.duties import fire
from policies.evaluating.spells import Spell
from policies.evaluating.unknown import is_option, strange_at_start
from policies.parts.model import SIDES, Policy
from policies.parts.schema import Event
from policies.parts.stages import Question, Stage
from policies.parts.terms import PartyRef

YEARS = (1950, 2199)
_ANY_TIME = datetime(2000, 1, 1, tzinfo=UTC)  # where a case begins does not hang on when


class Unreadable(ValueError):
    """The facts of an event do not have the shape they should."""


def begin(policy: Policy, event: Event) -> Case:
    """The case as its `raised` event makes it. Raises Unreadable for facts that cannot be read."""
    facts = event.facts
    case = Case(policy, event.at, event.at, event.seq, tuple(_texts(facts, "themes")))
    for one in _list(facts, "parties"):
        add_member(case, one)
    for one in _list(facts, "children"):
        add_child(case, one, event.at)
    for flag in _texts(facts, "flags"):
        case.flags[flag] = event.at
    for name, value in _mapping(facts, "dates").items():
        _add_date(case, name, value)
    for name, value in _mapping(facts, "choices").items():
        if is_option(policy, name, str(value)):
            case.answers[name] = (str(value), event.at)
    case.remarks.extend(("unknown", text, "") for text in strange_at_start(case, facts))
    for question in policy.questions:
        if question.default:
            case.answers.setdefault(question.id, (question.default, event.at))
    _start(case, str(facts.get("start", "")), event.at)
    fire(case, ("raised",), event.at)
    return case


def _start(case: Case, wanted: str, at: datetime) -> None:
    """The stage the case begins at; one the policy would not have allowed is taken, and remarked on."""
    stages = case.policy.stage_by_id
    _at(case, case.policy.stages[0], at)
    start = stages.get(wanted) or _first(case)
    _at(case, start, at)
    if wanted and wanted not in stages:
        case.remarks.append(("unknown", f"There is no stage '{wanted}' in this policy; it began at the first.", ""))
    if start.number and (start.direct is None or not start.direct.holds(case)):
        case.remarks.append(("start", f"It began at stage {start.id}, which the policy does not allow in this case.", start.rule))
    for guard in start.guards if start.number else ():
        if not guard.needs.holds(case):
            case.remarks.append(("guard", f"It began at stage {start.id} although: {guard.text}", guard.rule))


def _at(case: Case, stage: Stage, at: datetime) -> None:
    case.spells.clear()
    case.stays.clear()
    case.reached_number = -1
    case.stay(Spell(stage, at, at, 1, referred=at))


def _first(case: Case) -> Stage:
    """The first stage; where a condition of its own keeps the case out, the first that has one which lets it in."""
    first = case.policy.stages[0]
    if first.direct is None or first.direct.holds(case):
        return first
    return next((one for one in case.policy.stages if one.direct is not None and one.direct.holds(case)), first)


def starting_stage(policy: Policy, facts: Mapping[str, Any]) -> str:
    """The id of the stage at which a case of these facts (those of a `raised` event) begins. Raises Unreadable."""
    return begin(policy, Event(1, "raised", _ANY_TIME, _ANY_TIME, facts=facts)).spell.stage.id


def possible_starts(policy: Policy, facts: Mapping[str, Any]) -> tuple[str, ...]:
    """The ids of the stages at which a case of these facts may begin by the policy, the usual one first. Raises Unreadable."""
    case = begin(policy, Event(1, "raised", _ANY_TIME, _ANY_TIME, facts=facts))
    usual = _first(case)
    later = (one.id for one in policy.stages if one is not usual and one.direct is not None and one.direct.holds(case))
    return (usual.id, *later)


def choices_at_start(policy: Policy, facts: Mapping[str, Any]) -> tuple[Question, ...]:
    """What whoever raises a case of these facts (those of a `raised` event) may choose as it begins. Raises Unreadable."""
    case = begin(policy, Event(1, "raised", _ANY_TIME, _ANY_TIME, facts=facts))
    acts = case.spell.stage.acts
    kinds = {one.type for one in case.side("raising")}
    mine = (one for one in policy.questions if not one.by or any(_raises(who, kinds) and who.role in acts for who in one.by))
    return tuple(one for one in mine if one.when is None or one.when.holds(case))


def _raises(who: PartyRef, kinds: Collection[str]) -> bool:
    """Whether a party stands on the raising side, where agencies of these kinds are."""
    return who.type in kinds if who.type else who.side in ("raising", "both")


def _add_date(case: Case, name: str, value: Any) -> None:
    try:
        case.dates[name] = instant(value)
    except Unreadable:
        case.remarks.append(("unreadable", f"The date '{name}' given when it was raised cannot be read and was left out.", ""))


def instant(value: Any) -> datetime:
    """An instant given as a datetime or as ISO text with a zone. Raises Unreadable for one without a zone or in another age."""
    try:
        at = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    except ValueError:
        raise Unreadable(f"'{value}' is not a time.") from None
    check_instant(at)
    return at


def check_instant(at: datetime) -> None:
    """Raises Unreadable for an instant without a zone, or so far away that counting days from it makes no sense."""
    if at.tzinfo is None:
        raise Unreadable("An instant must have a time zone.")
    if not YEARS[0] <= at.year <= YEARS[1]:
        raise Unreadable(f"The year {at.year} lies outside {YEARS[0]} to {YEARS[1]}.")


def read_member(one: Any) -> Member:
    """An agency as facts give it: agency, type, side, traits. Raises Unreadable."""
    if not isinstance(one, Mapping) or not one.get("agency"):
        raise Unreadable("An agency needs at least its id ('agency') and a side.")
    return Member(str(one["agency"]), str(one.get("type", "")), str(one.get("side", "")), frozenset(_texts(one, "traits")))


def add_member(case: Case, one: Any) -> None:
    """An agency takes part from now on. Raises Unreadable."""
    member = read_member(one)
    if member.side not in SIDES:
        raise Unreadable(f"An agency's side is one of: {', '.join(SIDES)}.")
    if all((known.agency, known.side) != (member.agency, member.side) for known in case.members):
        case.gathered += 1
        case.members.append(member)
        case.parties.clear()


def add_child(case: Case, one: Any, at: datetime) -> None:
    """A child is part of the case, or more is known of one. Raises Unreadable."""
    if not isinstance(one, Mapping) or not one.get("child"):
        raise Unreadable("A child needs at least its id ('child').")
    flags = _texts(one, "flags")
    case.gathered += 1
    child = case.child(str(one["child"]))
    child.kind = str(one.get("is") or child.kind)
    if one.get("officer"):
        child.people[case.policy.personal_role] = str(one["officer"])
    child.people.update({role: str(person) for role, person in _mapping(one, "people").items() if person})
    for flag in flags:
        child.flags.setdefault(flag, at)


def _list(facts: Mapping[str, Any], name: str) -> list[Any]:
    found = facts.get(name, [])
    if not isinstance(found, list | tuple):
        raise Unreadable(f"'{name}' must be a list.")
    return list(found)


def _texts(facts: Mapping[str, Any], name: str) -> list[str]:
    found = _list(facts, name)
    if not all(isinstance(one, str) for one in found):
        raise Unreadable(f"'{name}' must be a list of ids.")
    return found


def _mapping(facts: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = facts.get(name, {})
    if not isinstance(found, Mapping):
        raise Unreadable(f"'{name}' must be pairs of an id and a value.")
    return found
