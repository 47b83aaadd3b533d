"""When an obligation of the whole case is owed: at any stage, once it is settled, or once it is closed."""

from __future__ import annotations

from policies.parts import conditions as c
from policies.parts.terms import Duty


def phase(duty: Duty) -> str:
    """When an obligation of the whole case is owed: "always", "settled" or "closed"."""
    if speaks_of(duty.when, c.Closed):
        return "closed"
    return "settled" if speaks_of(duty.when, c.HasOutcome) or _of_settling(duty.when) else "always"


def speaks_of(condition: c.Condition | None, kind: type[c.Condition]) -> bool:
    """Whether a condition asks for this kind of thing, and not for its opposite."""
    if isinstance(condition, c.All | c.Any):
        return any(speaks_of(one, kind) for one in condition.parts)
    return isinstance(condition, kind)


def _of_settling(condition: c.Condition | None) -> bool:
    if isinstance(condition, c.All | c.Any):
        return any(_of_settling(one) for one in condition.parts)
    return isinstance(condition, c.AtStage) and condition.how == "resolved at"
