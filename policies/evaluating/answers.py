"""Who is told when something is done: whoever waits for it on the other side. A default of the engine, which a pack can turn off.

What lives here: which obligations are answers to somebody, and the parties who wait. What does not: that they are mailed, and what is said
(above this room).
"""

from __future__ import annotations

from policies.parts.model import SIDES, Policy
from policies.parts.schema import Obligation, Party, Side

# What happens between the sides. The rest is for the doer's own side or somebody else; such a thing is told where it goes to a side.
_BETWEEN = frozenset({
    "discussion", "meeting", "form", "letter", "confirmation", "plan", "decision", "report", "statement", "approval", "offer", "hand-off",
})  # fmt: skip
_DONE = ("done", "done late")


def who_waits(policy: Policy, one: Obligation, doer: Side, stage: str) -> tuple[Party, ...]:
    """Who is told that `one` was done by the side `doer`, while the case is at `stage`: on each other side whoever acts there, and on the
    side that raised it the raiser too. Nobody for what is private, what the service does, or what the other side has no part in.
    """
    if one.status not in _DONE or one.automatic or one.private or not policy.answers_are_told or doer == "none":
        return ()
    sides = [side for side in SIDES if side != doer and _is_for(one, side)]
    return tuple(dict.fromkeys(Party(side, role, policy.roles[role].title) for side in sides for role in _roles(policy, side, stage)))


def _is_for(one: Obligation, side: Side) -> bool:
    if one.to:
        return any(to.side in (side, "both") for to in one.to) or one.owner.side in (side, "both")
    return one.kind in _BETWEEN


def _roles(policy: Policy, side: Side, stage: str) -> list[str]:
    first, here = policy.stages[0].acts[:1], policy.stage_by_id[stage].acts[:1]
    return [*first, *here] if side == "raising" else [*here]
