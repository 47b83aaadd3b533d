"""How a case begins: what its `raised` event says of agencies, children, flags, dates and the stage it starts at.

What lives here: reading that event, and adding an agency or a child later. What does not: every other kind of event (`replay`).
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from policies.cases import Case, Child, Member, Spell
from policies.duties import fire
from policies.model import Policy
from policies.schema import Event

YEARS = (1950, 2199)


def begin(policy: Policy, event: Event) -> Case:
    """The case as its `raised` event makes it. Raises KeyError, TypeError or ValueError for facts that cannot be read."""
    facts = event.facts
    case = Case(policy, event.at, event.at, event.seq, tuple(facts.get("themes", ())))
    for one in facts.get("parties", ()):
        add_member(case, one)
    for one in facts.get("children", ()):
        add_child(case, one, event.at)
    for flag in facts.get("flags", ()):
        case.flags[flag] = event.at
    for name, value in facts.get("dates", {}).items():
        _add_date(case, name, value)
    for name, value in facts.get("choices", {}).items():
        case.answers[name] = (str(value), event.at)
    for question in policy.questions:
        if question.default:
            case.answers.setdefault(question.id, (question.default, event.at))
    start = policy.stage_by_id.get(str(facts.get("start", "")), policy.stages[0])
    case.spells.append(Spell(start, event.at, event.at, 1, referred=event.at))
    case.reached_number = start.number
    if start.number and start.direct is not None and not start.direct.holds(case):
        case.remarks.append(("start", f"It began at stage {start.id}, which the policy allows only in some cases.", start.rule))
    fire(case, ("raised",), event.at)
    return case


def _add_date(case: Case, name: str, value: Any) -> None:
    try:
        case.dates[name] = instant(value)
    except ValueError:
        case.remarks.append(("unreadable", f"The date '{name}' given when it was raised cannot be read and was left out.", ""))


def instant(value: Any) -> datetime:
    """An instant given as a datetime or as ISO text with a zone. Raises ValueError for one without a zone or in another age."""
    at = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    check_instant(at)
    return at


def check_instant(at: datetime) -> None:
    """Raises ValueError for an instant without a zone, or so far away that counting days from it makes no sense."""
    if at.tzinfo is None:
        raise ValueError("An instant must have a time zone.")
    if not YEARS[0] <= at.year <= YEARS[1]:
        raise ValueError(f"The year {at.year} lies outside {YEARS[0]} to {YEARS[1]}.")


def add_member(case: Case, one: Any) -> None:
    member = Member(str(one["agency"]), str(one.get("type", "")), str(one["side"]), frozenset(one.get("traits", ())))
    if all((known.agency, known.side) != (member.agency, member.side) for known in case.members):
        case.members.append(member)
        case.parties.clear()


def add_child(case: Case, one: Any, at: datetime) -> None:
    child = case.children.setdefault(str(one["child"]), Child())
    child.officer = str(one.get("officer") or child.officer)
    for flag in one.get("flags", ()):
        child.flags.setdefault(flag, at)
