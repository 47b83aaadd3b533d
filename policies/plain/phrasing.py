"""Limits and starting points in plain words: "5 working days from decision received or raised".

What lives here: lengths, starting points, limits and clocks as phrases. What does not: the sentences they stand in (`sentences`), the
arithmetic (`calendars`).
"""

from __future__ import annotations

from policies.parts.model import Policy
from policies.parts.terms import Anchor, Clock, Limit
from policies.plain import naming
from policies.plain.conditions import condition_words

_USUAL = {"raised": "when it was raised", "resolved": "when it was settled", "closed": "when it was closed"}


def length(limit: Limit) -> str:
    """How long, in the policy's own words without the starting point: "5 working days", "1 working day by 12:00"."""
    phrase = limit.text.partition(" from ")[0].partition(" before ")[0]
    return f"the {phrase}" if phrase.startswith(("same ", "next working day")) else phrase


def start(policy: Policy, anchor: Anchor, here: str = "") -> str:
    """Where a clock starts: "when it was raised"; of several points, the first that is known. `here` is the stage spoken of."""
    points = [_point(policy, kind, word, here) for kind, word in anchor.tries]
    if len(points) == 1:
        return points[0]
    if anchor.picks != "first":
        return f"the {anchor.picks} of {naming.listed(points)}"
    return f"{points[0]} (or, if that is not known, {naming.listed(points[1:], 'or')})"


def _point(policy: Policy, kind: str, word: str, here: str) -> str:
    if kind in _USUAL:
        return _USUAL[kind]
    if kind == "entry":
        return "when the stage was entered"
    if kind == "owed":
        return "when this was first owed"
    if kind == "unresolved":
        return "when the stage before was said to be not settled"
    if kind == "entering":
        return f"when {naming.stage(policy, word)} was entered"
    if kind == "ending":
        return f"when the time for {naming.stage(policy, word)} ended"
    return _named(policy, kind, word, here)


def _named(policy: Policy, kind: str, word: str, here: str) -> str:
    """A point the pack has given a name to."""
    if kind == "done":
        return f"when {naming.duty(policy, word, here)} was done"
    if kind == "date":
        title = next((one.title for one in policy.dates if one.id == word), word)
        return naming.lowered(title) if title.lower().startswith("when ") else f"the date {naming.quoted(title)}"
    if kind == "flag":
        title = next((one.title for one in policy.flags if one.id == word), word)
        return f"when {naming.quoted(title)} was noted"
    if kind == "chosen":
        found = policy.question_by_id.get(word)
        return f"when {naming.quoted(found.title if found else word)} was last chosen"
    return f"{kind} {word}".strip()


def _brief(policy: Policy, anchor: Anchor, here: str) -> str:
    """The same with fewer words: "when you received the decision or when it was raised"."""
    names = [_point(policy, kind, word, here) for kind, word in anchor.tries]
    return f"the {anchor.picks} of {naming.listed(names)}" if anchor.picks != "first" else naming.listed(names, "or")


def limit_words(policy: Policy, limit: Limit, usual: str = "", here: str = "", *, short: bool = False) -> str:
    """A limit in full; the starting point is left out where it is the `usual` one ("entry", "owed", "raised").

    `here` is the stage it stands in; `short` says what counts where a point is not known in fewer words, for a drawing.
    """
    phrase = length(limit)
    if limit.unit == "days":
        phrase += " (working days)" if policy.calendar.days_are_working else " (calendar days)"
    if limit.day is not None and limit.count:
        phrase += f" {'before' if limit.count < 0 else 'from'} the next {limit.day}"
    kinds = tuple(kind for kind, _ in limit.anchor.tries)
    if limit.day is not None:
        phrase += "" if kinds == (usual,) else f", counted from {start(policy, limit.anchor, here)}"
    elif kinds != (usual,) and (kinds, limit.unit) != (("owed",), "at once"):
        point = _brief(policy, limit.anchor, here) if short else start(policy, limit.anchor, here)
        joint = ", counted from" if phrase.startswith("the ") else " from"  # "the same day, counted from …"
        phrase += f" before {point.removeprefix('when ')}" if limit.count < 0 else f"{joint} {point}"
    if limit.when is not None:
        phrase += f", if {condition_words(policy, limit.when, here)}"
    return phrase


def clock_words(policy: Policy, clock: Clock, usual: str = "", here: str = "", *, short: bool = False) -> str:
    """Limits of which the first that applies counts."""
    return "; otherwise ".join(limit_words(policy, one, usual, here, short=short) for one in clock.limits)
