"""What one viewer may see of a state. The whole truth is evaluated; this leaves out what is not theirs.

What lives here: the filter. What does not: who takes part in a case (the service's business).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from policies.parts.model import SIDES
from policies.parts.schema import Obligation, Party, Side, State


@dataclass(frozen=True, slots=True)
class Viewer:
    """Someone who looks: their agency, the side they stand on ("both" for all of an agency that is on both; "none" for somebody of it who
    is on neither), and whether they are the partnership's coordinator."""

    agency: str
    side: Side
    coordinator: bool = False


def view(state: State, viewer: Viewer) -> State:
    """`state` as `viewer` may see it.

    An agency sees everything the process asks of both sides, except what is private to another agency (asking one's own supervisor,
    telling one's own safeguarding lead), or to the other side where both are one agency, and not which officer or child a notice of
    another agency is about. The coordinator sees every step, and no child and no officer.
    """
    seen = tuple(_masked(one, viewer) for one in state.obligations if not one.private or _own(one, viewer))
    return replace(state, obligations=seen)


def _own(one: Obligation, viewer: Viewer) -> bool:
    return not viewer.coordinator and _is(one.owner, viewer)


def _is(party: Party, viewer: Viewer) -> bool:
    if party.agency and party.agency != viewer.agency:
        return False
    return party.side in ("both", viewer.side) or (viewer.side == "both" and party.side in SIDES)


def _masked(one: Obligation, viewer: Viewer) -> Obligation:
    if not any(party.person for party in one.to) and not one.child:
        return one
    if _own(one, viewer):
        return one
    return replace(one, child="", to=tuple(replace(party, person="") for party in one.to))
