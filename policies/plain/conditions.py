"""Conditions in plain words: "flag looked after and not resolved" becomes “Looked after” is noted, and it is not settled.

What lives here: one pair of phrases (it holds, it does not) for each kind of condition. What does not: how a pack writes them
(`condition_phrases`). A kind that has no words here is named by its class, so that nothing is left out; a test says that none is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from policies.parts import conditions as c
from policies.parts.model import Policy
from policies.plain import naming
from policies.plain.naming import quoted

Pair = tuple[str, str]


def condition_words(policy: Policy, condition: c.Condition, here: str = "", negated: bool = False) -> str:
    """The condition as a clause after "if"; `here` is the stage it stands in, `negated` says the opposite."""
    if isinstance(condition, c.Not):
        return condition_words(policy, condition.part, here, not negated)
    if isinstance(condition, c.All | c.Any):
        return _joined(policy, condition, here, negated)
    yes, no = PAIRS.get(type(condition).__name__, _unknown)(policy, condition, here)
    return no if negated else yes


def needs_words(policy: Policy, needs: c.Condition, strength: str, when: str = "") -> str:
    """What a guard needs, as a sentence without its full stop; where one thing of several is enough, that is said first."""
    if isinstance(needs, c.Any):
        return f"One of these {strength} be so{when}: {'; '.join(condition_words(policy, one) for one in needs.parts)}"
    return f"This {strength} be so{when}: {condition_words(policy, needs)}"


def _joined(policy: Policy, condition: c.All | c.Any, here: str, negated: bool) -> str:
    """Parts joined by "and" or "or"; the opposite of one is the other of the opposites. Commas part what is joined inside from outside."""
    joint = "and" if isinstance(condition, c.All) is not negated else "or"
    parts = [condition_words(policy, one, here, negated) for one in condition.parts]
    nested = any(isinstance(_bare(one), c.All | c.Any) for one in condition.parts)
    if joint == "or" and (nested or len(parts) > 2):
        return "either " + "; or ".join(parts) if nested else naming.listed(parts, "or")
    return f", {joint} ".join(parts) if nested else naming.listed(parts, joint)


def _bare(condition: c.Condition) -> c.Condition:
    return _bare(condition.part) if isinstance(condition, c.Not) else condition


def _unknown(_policy: Policy, condition: Any, _here: str) -> Pair:
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", type(condition).__name__).lower()
    said = " ".join([words, *(str(getattr(condition, name)) for name in getattr(condition, "__slots__", ()))])
    return f"“{said}” holds", f"“{said}” does not hold"


def _title(things: Any, wanted: str) -> str:
    return quoted(next((one.title for one in things if one.id == wanted), wanted))


def _flag(policy: Policy, one: c.HasFlag, _here: str) -> Pair:
    title = _title(policy.flags, one.flag)
    return f"{title} is noted", f"{title} is not noted"


def _answer(policy: Policy, one: c.Answered, _here: str) -> Pair:
    question = policy.question_by_id.get(one.question)
    title = quoted(question.title) if question else quoted(one.question)
    option = _title(question.options if question else (), one.option)
    return f"{title} is {option}", f"{title} is not {option}"


def _date(policy: Policy, one: c.DateGiven, _here: str) -> Pair:
    title = _title(policy.dates, one.date)
    return f"the date {title} is known", f"the date {title} is not known"


def _done(policy: Policy, one: c.Done, here: str) -> Pair:
    title = naming.duty(policy, one.duty, here)
    if one.every:
        return f"{title} is done", f"{title} is not done"
    return f"{title} is done by one at least", f"{title} is done by nobody"


def _in_time(policy: Policy, one: c.DoneInTime, here: str) -> Pair:
    title = naming.duty(policy, one.duty, here)
    how = "late" if one.late else "in time"
    return f"{title} is done, and was done {how}", f"{title} was not done {how}"


def _said(policy: Policy, one: c.Said, here: str) -> Pair:
    title = naming.duty(policy, one.duty, here)
    return f"{title} is done with the {one.name} {quoted(one.value)}", f"{title} is not done with the {one.name} {quoted(one.value)}"


_STAGE: Mapping[str, Pair] = {
    "at": ("the case is at {}", "the case is not at {}"),
    "reached": ("the case has reached {}", "the case has not reached {}"),
    "left": ("the case has left {}", "the case has not left {}"),
    "started at": ("the case began at {}", "the case did not begin at {}"),
    "resolved at": ("it is settled at {}", "it is not settled at {}"),
}


def _stage(policy: Policy, one: c.AtStage, _here: str) -> Pair:
    yes, no = _STAGE.get(one.how, (one.how + " {}", "not " + one.how + " {}"))
    name = naming.stage(policy, one.stage)
    return yes.format(name), no.format(name)


def _outcome(policy: Policy, one: c.HasOutcome, _here: str) -> Pair:
    if not one.outcome:
        return "it is settled", "it is not settled"
    title = _title(policy.outcomes, one.outcome)
    return f"the outcome is {title}", f"the outcome is not {title}"


def _party(policy: Policy, one: c.HasParty, _here: str) -> Pair:
    title = _title(policy.agency_types, one.agency_type)
    where = "takes part" if one.side == "any" else f"is on the {one.side} side"
    return f"an agency of the kind {title} {where}", f"no agency of the kind {title} {where}"


def _theme(policy: Policy, one: c.ThemeIs, _here: str) -> Pair:
    title = _title(policy.themes, one.theme)
    return f"it is about {title}", f"it is not about {title}"


def _time_up(policy: Policy, one: c.TimeUp, _here: str) -> Pair:
    name = naming.stage(policy, one.stage)
    return f"the time for {name} has run out", f"the time for {name} has not run out"


def _overdue(policy: Policy, one: c.Overdue, here: str) -> Pair:
    title = naming.duty(policy, one.duty, here)
    return f"{title} is overdue", f"{title} is not overdue"


def _owed(policy: Policy, one: Any, here: str) -> Pair:
    title = naming.duty(policy, one.duty, here)
    return f"{title} is asked for and not done", f"{title} is not asked for, or is done"


_ABOUT = {"child": "a child", "adult": "an adult", "theme": "nobody in particular"}


def _about(_policy: Policy, one: Any, _here: str) -> Pair:
    whom = _ABOUT.get(one.kind, one.kind)
    return f"it is about {whom}", f"it is not about {whom}"


def _more(_policy: Policy, one: c.MoreParties, _here: str) -> Pair:
    return f"more than {one.than} agencies take part", f"at most {one.than} agencies take part"


_CAME: Mapping[str, Pair] = {
    "out of hours": ("outside office hours", "in office hours"),
    "on a closed day": ("on a day that is not a working day", "on a working day"),
    "in the school holidays": ("in the school holidays", "outside the school holidays"),
    "after": ("at {:%H:%M} or later in the day", "before {:%H:%M}"),
    "before": ("before {:%H:%M}", "at {:%H:%M} or later in the day"),
    "on": ("on a {}", "not on a {}"),
}


def _came_in(policy: Policy, one: Any, _here: str) -> Pair:
    what = f"the date {_title(policy.dates, one.date)} is" if one.date else "it was raised"
    yes, no = _CAME.get(one.how, (one.how, f"not {one.how}"))
    return f"{what} {yes.format(one.at)}", f"{what} {no.format(one.at)}{' (or not known)' if one.date else ''}"


PAIRS: dict[str, Callable[[Policy, Any, str], Pair]] = {
    "HasFlag": _flag,
    "Answered": _answer,
    "DateGiven": _date,
    "Done": _done,
    "DoneInTime": _in_time,
    "Said": _said,
    "AtStage": _stage,
    "HasOutcome": _outcome,
    "HasParty": _party,
    "ThemeIs": _theme,
    "TimeUp": _time_up,
    "Overdue": _overdue,
    "MoreParties": _more,
    "Owed": _owed,
    "About": _about,
    "CameIn": _came_in,
    "Raised": lambda *_: ("it has been raised", "it has not been raised"),
    "Closed": lambda *_: ("it is closed", "it is not closed"),
    "SameAgency": lambda *_: ("both sides are one organisation", "the two sides are different organisations"),
    "FirstTier": lambda *_: ("the first tier of management is trying", "a higher tier of management is trying"),
}
