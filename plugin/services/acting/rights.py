"""What a person may do in a case, as its state and the policy say; nothing is asked of the database here, and nothing is done.

Whoever acts is an `Actor`: a member of staff in a frame acts for their side; a link acts for one role at one stage.
"""

from __future__ import annotations

from dataclasses import dataclass

import policies
from plugin.services.acting.consequences import OWED
from policies import Event, Move, Obligation, Policy, State
from policies.evaluating.ladders import duty_of


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: with the roles they hold where they work (a launch), or the one role their link is for.

    `side` is "both" for somebody above both sides of one organisation, "" for somebody of it who is on neither (`actors`).
    `for_agency`: staff in their own record system may move the case for their side whatever the role that the policy names: a child
    must not wait because a manager does not press a button. Who did it is on record. `invitation`: the link they came by.
    """

    person_id: str
    agency_id: str
    side: str
    roles: frozenset[str]
    stage: str = ""
    for_agency: bool = False
    invitation: str = ""


def acts(actor: Actor) -> bool:
    """Whether somebody may do anything at all: who may only read (by the host's roles, or because their link has ended) has no part, nor
    whoever is told as one person's own (an officer, an advocate) and is on no side."""
    return bool(actor.roles) and actor.side not in ("", "none")


def may_fulfil(policy: Policy, actor: Actor, one: Obligation) -> bool:
    """Whether this obligation is the actor's to meet, now. What other events meet (a stage left, an outcome) is nobody's to tick."""
    if one.status not in OWED or one.automatic or duty_of(policy, one).done_by is not None:
        return False
    return owns(actor, one)


def speaks_for(actor: Actor, side: str) -> bool:
    """Whether the actor speaks for `side` ("both": for either). Somebody above both sides of one organisation speaks for each of them."""
    if actor.side == "both":
        return side in ("raising", "responding", "both")
    return bool(actor.side) and side in (actor.side, "both")


def owns(actor: Actor, one: Obligation) -> bool:
    """Whether this obligation is the actor's, alone or with others; whatever it takes to meet it."""
    if one.owner.agency and one.owner.agency != actor.agency_id:
        return False
    return speaks_for(actor, one.owner.side) and one.owner.role in actor.roles


def may_set_aside(policy: Policy, actor: Actor, one: Obligation) -> bool:
    """Whether the actor may say why this is not done and be asked no more: what is theirs to meet and the policy says should be done.
    What must be done is nobody's to set aside; what may be done asks nobody."""
    return one.strength == "should" and may_fulfil(policy, actor, one)


def reads_all(policy: Policy, state: State, actor: Actor) -> bool:
    """Whether somebody with a link must read what was said to do their part: they act at some step, owe something, stand in at the duty
    desk, or are sent more than a notice. Who is only told sees what it is about and where it stands."""
    acts = {role for stage in policy.stages for role in stage.acts} | {"duty desk"}
    owes = {one.owner.role for one in state.obligations}
    sent = {to.role for one in state.obligations for to in one.to if one.kind != "notice"}
    return actor.person_id != "coordinator" and bool(actor.roles & (acts | owes | sent))


def may_move(actor: Actor, move: Move) -> bool:
    """Whether this move is the actor's to make, once it is open."""
    by_side = actor.for_agency and actor.side != "both"
    return acts(actor) and any(speaks_for(actor, by.side) and (by_side or not by.role or by.role in actor.roles) for by in move.by)


def next_for(policy: Policy, state: State, actor: Actor) -> list[Obligation]:
    """What is owed, the actor's own first (what is theirs alone before what both share), each in the order a person should read it."""
    steps = policies.next_steps(state, policy)
    return sorted(steps, key=lambda one: (not may_fulfil(policy, actor, one), one.owner.side != actor.side))


CORRECTABLE = ("fulfilled", "fact", "noted")


def may_correct(actor: Actor, event: Event) -> bool:
    """Whether the actor may say that this entry was a mistake: their own agency's and side's, of a kind that moves nothing by itself."""
    theirs = event.agency == actor.agency_id and event.side == actor.side and event.actor != "system"
    return actor.for_agency and event.kind in CORRECTABLE and theirs
