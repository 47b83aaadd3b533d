"""What a pack declares and nothing hangs on: a flag, a choice or a date that no condition and no clock asks for.

What lives here: finding them, for `policy check` to say. What does not: mistakes (`checks`): a flag may be there for the file alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Any

from policies.parts import conditions as c
from policies.parts.model import Policy
from policies.parts.terms import Anchor


def idle(policy: Policy) -> list[str]:
    """In a pack's own words: "flag 'across the border'", "choice 'route'", "date 'minutes out'"."""
    parts = (
        policy.stages, policy.caps, policy.duties, policy.outcomes, policy.panels, policy.notes, policy.conflicts, policy.unresolved,
        policy.questions, policy.stops,
    )  # fmt: skip
    asked = set(_asked(parts))
    if policy.emergency is not None:
        asked.add(("flag", policy.emergency.flag))
    declared = [("flag", one.id) for one in policy.flags]
    declared += [("choice", one.id) for one in policy.questions]
    declared += [("date", one.id) for one in policy.dates]
    return [f"{kind} '{name}'" for kind, name in declared if (kind, name) not in asked]


def _asked(part: Any) -> Iterator[tuple[str, str]]:
    """Every flag, choice and date that a part of a policy speaks of, however deep."""
    if isinstance(part, c.HasFlag):
        yield "flag", part.flag
    elif isinstance(part, c.Answered):
        yield "choice", part.question
    elif isinstance(part, c.DateGiven):
        yield "date", part.date
    elif isinstance(part, Anchor):
        yield from (("choice" if kind == "chosen" else kind, word) for kind, word in part.tries)
    elif isinstance(part, tuple):
        for one in part:
            yield from _asked(one)
    elif is_dataclass(part):
        for field in fields(part):
            yield from _asked(getattr(part, field.name))
