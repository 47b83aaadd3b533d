"""Moves of a case as a whole: to the next step or tier, to an outcome, closed, opened again, a route chosen, a guard overridden.

What a move is made of, as events, stands here once for every policy. Whether it is open, and to whom, the state says.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from plugin.services.acting.casework import Done, Sent, act, new_flags, sent_facts
from plugin.services.acting.named import add_contact
from plugin.services.acting.rights import Actor, may_move
from plugin.services.case.cases import Case, New, NoLongerOpenError
from plugin.services.keeping import sealing
from policies import Move, State

# The form by which each kind of move is made; "" is a move that is only confirmed.
FORMS = {
    "escalate": "escalate",
    "jump": "escalate",
    "next tier": "escalate",
    "send back": "send-back",
    "resolve": "resolve",
    "withdraw": "end",
    "unmake": "raised-by-mistake",
    "reopen": "end",
    "close": "close",
    "choose": "choose",
}
FORM_OF_OTHERS = "override"


def make_move(
    session: Session, keys: sealing.Keys, reference: str, key: str, actor: Actor, sent: Sent, now: datetime, machine_now: datetime
) -> Done:
    """Makes a move that is open to the actor. Raises NotFoundError, NoLongerOpenError. The same page twice is one move. Commits."""

    def events(case: Case, state: State) -> list[New]:
        move = find(state, key)
        if not move.open or not may_move(actor, move):
            raise NoLongerOpenError
        return _EVENTS[move.kind](session, case, state, move, actor, sent)

    return act(session, keys, reference, actor, sent, events, now, machine_now)


def override(
    session: Session, keys: sealing.Keys, reference: str, key: str, actor: Actor, sent: Sent, now: datetime, machine_now: datetime
) -> Done:
    """Goes past what closes a move, with a reason: no guard may trap a child. An overridden must is a breach, and is on record. Commits."""

    def events(case: Case, state: State) -> list[New]:
        move = find(state, key)
        guards = [reason.guard for reason in move.closed_because]
        if not guards or not all(guards) or not may_move(actor, move):
            raise NoLongerOpenError
        text = {"answers": dict(sent.answers)}
        return [New("overridden", guard, *_by(actor), sent_facts(sent), text) for guard in guards]

    return act(session, keys, reference, actor, sent, events, now, machine_now)


def find(state: State, key: str) -> Move:
    """The move with this key; NoLongerOpenError where the state has none such any more."""
    for move in state.moves:
        if move.key == key:
            return move
    raise NoLongerOpenError


def _by(actor: Actor) -> tuple[Any, str, str]:
    return actor.side, actor.person_id, actor.agency_id


def _onward(session: Session, case: Case, state: State, move: Move, actor: Actor, sent: Sent) -> list[New]:
    """To another stage: the stage left is declared unresolved, what is newly true of the child is stated, who takes it on is named."""
    fresh = new_flags(session, case, state, sent, _by(actor))
    appointed = _appointed(session, case, sent, actor, move.to)
    text = {"answers": dict(sent.answers)}
    moved = New("moved", move.to, *_by(actor), {"appointed": appointed} if appointed else {})
    return [*fresh, New("unresolved", state.stage, *_by(actor), sent_facts(sent), text), moved]


def _next_tier(session: Session, case: Case, state: State, move: Move, actor: Actor, sent: Sent) -> list[New]:
    fresh = new_flags(session, case, state, sent, _by(actor))
    facts = {**sent_facts(sent), "tier": state.spells[-1].tier + 1, "appointed": _appointed(session, case, sent, actor, move.to)}
    return [*fresh, New("moved", move.to, *_by(actor), facts, {"answers": dict(sent.answers)})]


def _sent_back(_session: Session, _case: Case, _state: State, move: Move, actor: Actor, sent: Sent) -> list[New]:
    return [New("moved", move.to, *_by(actor), {**sent_facts(sent), "sent back": True}, {"answers": dict(sent.answers)})]


def _appointed(session: Session, case: Case, sent: Sent, actor: Actor, to: str) -> list[list[str]]:
    """Who was chosen to take it on for the actor's side: [agency, role, recipient's key]; nobody: then the directory says who it is."""
    role = next(stage.acts[0] for stage in case.policy.stages if stage.id == to)
    chosen, other = sent.answers.get("next_person"), sent.answers.get("other_person")
    if chosen == "someone else" and other:
        made = add_contact(session, case, role, other["name"], other["email"], actor.agency_id)
        return [[actor.agency_id, role, f"contact:{made}"]]
    return [[actor.agency_id, role, f"person:{chosen}"]] if chosen and chosen != "not known" else []


def _settled(_session: Session, _case: Case, _state: State, move: Move, actor: Actor, sent: Sent) -> list[New]:
    return [New("resolved", move.to, *_by(actor), sent_facts(sent), {"answers": dict(sent.answers)})]


def _unmade(session: Session, case: Case, state: State, move: Move, actor: Actor, sent: Sent) -> list[New]:
    """Raised by mistake: nothing has to be done first, so it is closed with that."""
    return [*_settled(session, case, state, move, actor, sent), New("closed", move.to, *_by(actor))]


def _closed(_session: Session, _case: Case, state: State, _move: Move, actor: Actor, sent: Sent) -> list[New]:
    return [New("closed", state.outcome, *_by(actor), sent_facts(sent), {"answers": dict(sent.answers)})]


def _reopened(_session: Session, _case: Case, _state: State, move: Move, actor: Actor, sent: Sent) -> list[New]:
    return [New("reopened", move.to, *_by(actor), sent_facts(sent), {"answers": dict(sent.answers)})]


def _chosen(_session: Session, _case: Case, _state: State, move: Move, actor: Actor, sent: Sent) -> list[New]:
    question = move.key.split("/")[1]
    return [New("fact", question, *_by(actor), {**sent_facts(sent), "value": move.to}, {"answers": dict(sent.answers)})]


_EVENTS: dict[str, Callable[[Session, Case, State, Move, Actor, Sent], list[New]]] = {
    "escalate": _onward,
    "jump": _onward,
    "next tier": _next_tier,
    "send back": _sent_back,
    "resolve": _settled,
    "withdraw": _settled,
    "unmake": _unmade,
    "close": _closed,
    "reopen": _reopened,
    "choose": _chosen,
}
