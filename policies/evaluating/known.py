"""What a `fact` event does to a case: a flag, a date, a choice, an agency, a child, a protective date is known from now on.

What lives here: each kind of fact, and what it touches. What does not: every other kind of event (`replay`), facts that mean nothing
in the policy (`unknown`), those that a case begins with (`beginning`).
"""

from __future__ import annotations

from policies.evaluating.beginning import add_child, add_member, instant
from policies.evaluating.cases import Case
from policies.evaluating.clocks import PROTECTIVE
from policies.evaluating.duties import fire
from policies.evaluating.unknown import is_option, strange_choice
from policies.parts.schema import Event
from policies.parts.words import meant


def learn(case: Case, event: Event) -> None:
    """Takes a fact for true from now on. Raises Unreadable where it cannot be read."""
    policy, about, facts = case.policy, event.about, event.facts
    if about in policy.flag_ids:
        _set_flag(case, event)
    elif about in policy.date_ids:
        case.dates[about] = instant(facts.get("value"))
        fire(case, (f"fact:{about}",), event.at)
    elif about in policy.question_by_id:
        _choose(case, event)
    elif about == PROTECTIVE:
        case.protective.append(instant(facts.get("value")))
        case.turn += 1
    elif about == "party":
        add_member(case, facts)
        fire(case, ("fact:officer", "fact:party"), event.at)
    elif about in ("officer", "child"):
        add_child(case, {**facts, "officer": facts.get("officer", facts.get("value"))}, event.at)
        flags = facts.get("flags", ()) if about == "child" else ()
        fire(case, ("fact:officer", *(f"fact:{flag}" for flag in flags)), event.at)
    else:
        near = meant(about, (*policy.flag_ids, *policy.date_ids, *policy.question_by_id))
        case.remarks.append(("unknown", f"A fact about '{about}' (event {event.seq}) means nothing in this policy.{near}", ""))


def _choose(case: Case, event: Event) -> None:
    value = str(event.facts.get("value", ""))
    if is_option(case.policy, event.about, value):
        case.answers[event.about] = (value, event.at)
        fire(case, (f"fact:{event.about}",), event.at)
    texts = strange_choice(case.policy, event.about, value, f"event {event.seq}")
    case.remarks.extend(("unknown", text, "") for text in texts)


def _set_flag(case: Case, event: Event) -> None:
    """Sets or clears a flag. One that is as the event says already stays as it is, since when it was, and nothing is looked at."""
    name, flag = str(event.facts.get("child", "")), event.about
    if name and name not in case.children:
        case.gathered += 1
        case.child(name)
        fire(case, ("fact:officer",), event.at)
    flags = case.children[name].flags if name else case.flags
    wanted = bool(event.facts.get("value", True))
    if wanted == (flag in flags):
        return
    if wanted:
        flags[flag] = event.at
    else:
        del flags[flag]
    fire(case, (f"fact:{flag}",), event.at)
