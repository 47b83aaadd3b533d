"""The state of a case: what `evaluate` gives back, made of a replayed case.

What lives here: the picture for the outside, the status of each obligation, what is owed next. What does not: how the case came to be
so (`replay`), and who may see which part of it (`views`).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TypeAlias

from policies.evaluating.cases import Case
from policies.evaluating.cautions import warnings_of
from policies.evaluating.clocks import at_once, binding, clocks_of, stage_clocks
from policies.evaluating.due_words import because
from policies.evaluating.duties import waits_for
from policies.evaluating.lives import Live
from policies.evaluating.moves import moves_of
from policies.evaluating.replay import replay
from policies.evaluating.spells import Spell
from policies.parts.model import Policy
from policies.parts.schema import Deadline, Event, Obligation, StageSpell, State, Status


def evaluate(policy: Policy, events: Sequence[Event], now: datetime) -> State:
    """Where a case stands at `now` (aware UTC) under `policy`, from its events alone.

    Pure: the same arguments give an equal state. Every event counts, also one dated after `now`. Events are taken as facts: what the
    policy would not have allowed is taken and remarked on in `warnings`. Raises ValueError when there is no `raised` event to begin
    with, or an instant without a zone.
    """
    case = replay(policy, events, now)
    reasons: dict[int, Bound] = {}
    obligations = tuple(_obligation(case, one, now, reasons) for one in case.lives)
    holding = [one for one in obligations if one.holds_open and one.status in ("owed", "overdue", "not yet")]
    waiting = [one for one in case.lives if not one.met and not one.ended]
    spell = case.spell
    clocks = stage_clocks(case, spell) if case.resolved is None else ()
    due = binding(clocks)
    outcome = policy.outcome_by_id.get(case.outcome)
    return State(
        policy=policy.id,
        version=policy.version,
        now=now,
        seq=max([one.seq for one in events]),
        status="closed" if case.closed else "settled" if case.resolved else "open",
        outcome=case.outcome,
        outcome_title=outcome.title if outcome else "",
        binding=outcome.binding if outcome else "",
        stage=spell.stage.id,
        stage_title=spell.stage.title,
        entered=spell.began,
        due=due,
        clocks=clocks,
        binds_because=because(policy.calendar, clocks, due),
        obligations=obligations,
        moves=moves_of(case, holding),
        warnings=warnings_of(case, waiting),
        spells=tuple(_spell(case, one) for one in case.spells),
        flags=_flags(case),
        child_flags={name: tuple(one.id for one in policy.flags if one.id in child.flags) for name, child in case.children.items()},
        unmade=case.unmade,
    )


def _flags(case: Case) -> tuple[str, ...]:
    return tuple(one.id for one in case.policy.flags if case.has_flag(one.id, ""))


def _spell(case: Case, spell: Spell) -> StageSpell:
    due = binding(stage_clocks(case, spell))
    return StageSpell(spell.stage.id, spell.stage.title, spell.entered, spell.left, due, spell.tier, spell.how)


# What binds and why, by the identity of the clocks: most obligations of a stage share the stage's own.
Bound: TypeAlias = tuple[tuple[Deadline, ...], Deadline | None, str]


def _bound(case: Case, clocks: tuple[Deadline, ...], known: dict[int, Bound]) -> Bound:
    found = known.get(id(clocks))
    if found is None:
        due = binding(clocks)
        found = known[id(clocks)] = (clocks, due, because(case.policy.calendar, clocks, due))
    return found


def _obligation(case: Case, live: Live, now: datetime, reasons: dict[int, Bound]) -> Obligation:
    duty = live.duty
    clocks, due, why = _bound(case, clocks_of(case, live), reasons)
    waiting = waits_for(case, live) if duty.after else ()
    return Obligation(
        key=live.key,
        id=duty.id,
        kind=duty.kind,
        title=duty.title,
        rule=duty.rule,
        strength=duty.strength,
        stage=duty.stage or (live.spell.stage.id if live.spell is not None else ""),
        owner=live.owner,
        to=live.to,
        status=_status(live, due, now, bool(waiting)),
        since=live.since,
        due=due,
        clocks=clocks,
        binds_because=why,
        form=duty.form,
        done_at=live.done_at,
        done_seq=live.done_seq,
        child=live.child,
        holds_open=duty.holds_open,
        automatic=duty.automatic,
        note=_note(case, live, due, waiting),
        at_once=at_once(case, live),
        private=duty.private,
        part=duty.part,
        round=live.round,
        after_closing=case.closed is not None and case.lives.by_key[live.base].since >= case.closed,
    )


def _status(live: Live, due: Deadline | None, now: datetime, waits: bool) -> Status:
    if live.done_at is not None:
        return "done late" if live.late else "done"
    if live.waived:
        return "waived"
    if live.ended:
        return "no longer applies"
    if due is not None and due.at < now and live.duty.strength != "may":
        return "overdue"
    return "not yet" if waits else "owed"


def _note(case: Case, live: Live, due: Deadline | None, waiting: tuple[str, ...]) -> str:
    if not live.ended and not waiting:
        return live.duty.note
    parts = [live.duty.note, live.ended]
    if waiting:
        names = "; ".join(case.policy.duty_by_place[one].title for one in waiting)
        parts.append(f"First: {names}.")
    if live.ended and due is not None and due.at < case.clock:
        parts.append("Its time had passed." if live.spell is None or live.spell.left is None or live.spell.left > due.at else "")
    return " ".join(part for part in parts if part)


_ORDER = {"must": 0, "should": 1, "may": 2, "guide": 3}


def next_steps(state: State, policy: Policy) -> tuple[Obligation, ...]:
    """What is owed now, in the order a person should read it: overdue and at once first, then the soonest, then what has no date.

    Of equal dates the stronger comes first, then the pack's own order. `policy` is the one the state was made under.
    """
    if state.policy != policy.id:
        raise ValueError(f"The state was made under '{state.policy}', not under '{policy.id}'.")
    owed = [one for one in state.obligations if one.status in ("owed", "overdue")]
    return tuple(sorted(owed, key=_reading_order))


def _reading_order(one: Obligation) -> tuple[int, datetime | int, int]:
    if one.due is None:
        return (0 if one.at_once and one.strength in ("must", "should") else 2), 0, _ORDER[one.strength]
    weak = one.strength in ("may", "guide")
    return (2 if weak else 1), int(one.due.at.timestamp()), _ORDER[one.strength]
