"""Obligations in a case: when each begins, who owes it to whom, when it is met and when it lapses.

What lives here: keeping the case's obligations in step with its events. What does not: what an obligation is in a policy (`model`),
when it is due (`clocks`), how it looks from outside (`states`).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from policies.evaluating.cases import Case
from policies.evaluating.clocks import clocks_of
from policies.evaluating.lives import Asked, Live, Series, Wanted
from policies.evaluating.parties import owner_of, recipients
from policies.evaluating.spells import SENT_BACK
from policies.evaluating.wanted import asked, epoch_of, may_begin, wanted
from policies.parts.model import SIDES
from policies.parts.schema import Event
from policies.parts.terms import Duty


def fire(case: Case, triggers: Sequence[str], at: datetime) -> None:
    """Begins, meets and lapses whatever the triggers may touch, and whatever that touches in turn."""
    policy = case.policy
    if not policy.clock_triggers.isdisjoint(triggers):
        case.turn += 1
    watchers = policy.watchers
    touched = watchers.get(triggers[0], ()) if len(triggers) == 1 else _in_order([watchers.get(one, ()) for one in triggers])
    met = []
    for duty in touched:
        if refresh(case, duty, at):
            met.append(duty)
    for one in met:  # grows: what was met may be what others wait for
        met += [duty for duty in watchers.get(f"done:{one.place}", ()) if refresh(case, duty, at)]


def _in_order(several: list[tuple[Duty, ...]]) -> list[Duty]:
    """Each of them once, in the pack's order."""
    by_number = {duty.number: duty for duties in several for duty in duties}
    return [by_number[number] for number in sorted(by_number)]


def refresh(case: Case, duty: Duty, at: datetime) -> bool:
    """Brings the obligations of one duty up to date. True when one of them was met by this.

    Only where it asks for something else than before are they looked at one by one; else some may be met by what happened.
    """
    short = asked(case, duty)
    mine = case.lives.of.get(duty.place)
    if mine is None:
        if short is None:
            return False
        mine = case.lives.of[duty.place] = Series()
    if short != mine.asked or duty.again is not None:
        met = _follow(case, duty, mine, short, at)
    elif duty.done_by is not None:
        met = True in [_met_by_itself(case, live, at) for live in tuple(mine.open.values())]
    else:
        return False
    if duty.place in case.policy.clock_places:
        case.turn += 1
    return met


def refresh_all(case: Case, at: datetime) -> None:
    """Brings every obligation up to date, whatever was asked for before: the case is taken up again."""
    for duty in case.policy.duties:
        short = asked(case, duty)
        if short is not None or duty.place in case.lives.of:
            _follow(case, duty, case.lives.of.setdefault(duty.place, Series()), short, at)
    case.turn += 1


def _follow(case: Case, duty: Duty, mine: Series, short: Asked | None, at: datetime) -> bool:
    """What is wanted now comes up, comes back or comes up again; what is not wanted any more lapses. True when one was met by this."""
    if short is not None and short != mine.known:
        mine.known, mine.wanted = short, wanted(case, duty, short)
    mine.asked = short
    now = mine.wanted if short is not None else {}
    met = False
    for live in tuple(mine.open.values()):
        if live.base not in now:
            met |= _met_or_lapsed(case, live, at)
    for base, one in now.items():
        known = mine.newest.get(base)
        if known is None or (known.met and duty.again is not None):
            met |= take_up(case, duty, mine, one, at, known.round + 1 if known is not None else 1)
        elif known.ended:
            met |= _revive(case, known, at)
        elif not known.met and duty.done_by is not None:
            met |= _met_by_itself(case, known, at)
        if known is not None:
            known.child = one.child
    return met


def _met_by_itself(case: Case, live: Live, at: datetime) -> bool:
    """Whether what happened meets an open obligation; then it is marked so."""
    condition = live.duty.done_by
    if condition is None or not condition.holds(case, live.child):
        return False
    meet(case, live, at, case.seq)
    return True


def _revive(case: Case, live: Live, at: datetime) -> bool:
    """One that had lapsed is wanted again. True when what happened meanwhile meets it."""
    live.ended, live.clocks, live.since = "", None, at
    mine = case.lives.of[live.duty.place]
    mine.open[live.base] = live
    mine.left_late.discard(live.key)
    return _met_by_itself(case, live, at)


def _met_or_lapsed(case: Case, live: Live, at: datetime) -> bool:
    """An open obligation that is not wanted any more lapses, unless what happened meets it: then True."""
    if live.duty.done_by is not None and _met_by_itself(case, live, at):
        return True
    live.clocks = clocks_of(case, live)
    live.ended = _why_ended(case, live)
    mine = case.lives.of[live.duty.place]
    del mine.open[live.base]
    without_it = case.resolved is None and live.duty.lasts == "stage" and live.spell is not case.spell
    if without_it and live.ends is not None and live.ends <= at:
        mine.left_late.add(live.key)
    return False


def _why_ended(case: Case, live: Live) -> str:
    if live.spell.how == SENT_BACK and live.duty.lasts == "stage":
        return "The case was sent back before it was done."
    if live.duty.epoch == "time" and live.epoch < epoch_of(case, live.duty):
        return "The case was sent back, and it is asked for again."
    if live.duty.lasts != "stage" or (case.resolved is None and live.spell is case.spell):
        return "What made it necessary is no longer so."
    return "The disagreement was settled first." if case.resolved is not None else "The case went on before it was done."


def take_up(case: Case, duty: Duty, mine: Series, one: Wanted, at: datetime, time: int = 1) -> bool:
    """An obligation comes up, unless nobody is known yet on the side that owes it; `time` counts the repetitions. True when met by this."""
    if one.side in SIDES and case.members and not case.side(one.side):
        return False
    key = one.key if time == 1 else f"{one.key}/time {time}"
    owner = owner_of(case, duty, one.side, one.agency)
    to = tuple([found for ref in duty.to for found in recipients(case, ref, one.side, duty, one.person)])
    spell = case.stays.get(duty.stage, case.spell)
    live = Live(duty, key, one.key, one.epoch, at, owner, to, one.child, spell, round=time)
    case.lives.by_key[key] = live
    mine.add(live)
    early = case.early.pop(key, None)
    if early is not None:
        settle(case, live, early)
        return True
    return _met_by_itself(case, live, at)


def meet(case: Case, live: Live, at: datetime, seq: int, *, done: bool = True) -> None:
    """Marks an obligation as done at `at` by event `seq`, or as set aside; its clocks are kept as they stood."""
    live.ended = ""
    live.clocks = clocks_of(case, live)
    live.done_at, live.done_seq = at if done else None, seq
    live.met, live.waived = True, not done
    mine = case.lives.of[live.duty.place]
    mine.open.pop(live.base, None)
    mine.left_late.discard(live.key)


def settle(case: Case, live: Live, event: Event) -> None:
    """A `fulfilled` or `waived` event about this obligation. The first counts; later ones may only add facts."""
    live.facts.update(event.facts)
    if not live.met:
        meet(case, live, event.at, event.seq, done=event.kind != "waived")


def waits_for(case: Case, live: Live) -> tuple[str, ...]:
    """The steps that must come first and are still to come. One that this case does not ask for is not waited for."""
    if not live.duty.after or live.met or live.ended:
        return ()
    return tuple(place for place in live.duty.after if _to_come(case, place))


def _to_come(case: Case, place: str) -> bool:
    several = case.lives.latest(place)
    if several:
        return not all(one.met for one in several)
    duty = case.policy.duty_by_place[place]
    if case.lives.asked_for(place):
        return False  # it was asked for, and no longer applies
    if duty.when is None or not may_begin(case, duty) or duty.when.holds(case):
        return True
    # Its condition does not hold; while that may still change because something is done, it is waited for.
    first = [trigger.removeprefix("done:") for trigger in duty.when.triggers if trigger.startswith("done:")]
    return any(not case.done(one, True) for one in first)
