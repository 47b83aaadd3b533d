"""Obligations in a case: when each begins, who owes it to whom, when it is met and when it lapses.

What lives here: keeping the case's obligations in step with its events. What does not: what an obligation is in a policy (`model`),
when it is due (`clocks`), how it looks from outside (`states`).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from policies.cases import SENT_BACK, Case, Live, Spell
from policies.clocks import clocks_of
from policies.model import SIDES
from policies.parties import member_party, party, recipient
from policies.schema import Event, Side
from policies.terms import Duty


class Wanted(NamedTuple):
    """An obligation the case asks for now: its key, the side and agency that owe it ("" where it is not one agency), and about whom."""

    key: str
    side: Side
    agency: str
    child: str
    person: str


def fire(case: Case, triggers: Iterable[str], at: datetime) -> None:
    """Begins, meets and lapses whatever the triggers may touch, and whatever that touches in turn."""
    watchers = case.policy.watchers
    found = [watchers[one] for one in triggers if one in watchers]
    if not found:
        return
    touched = found[0] if len(found) == 1 else {duty.number: duty for several in found for duty in several}.values()
    waiting = [f"done:{duty.place}" for duty in touched if refresh(case, duty, at)]
    while waiting:
        waiting.extend(f"done:{duty.place}" for duty in watchers.get(waiting.pop(0), ()) if refresh(case, duty, at))


def refresh(case: Case, duty: Duty, at: datetime) -> bool:
    """Brings the obligations of one duty up to date. True when one of them was met by this."""
    known = case.places.get(duty.place)
    if duty.stage and not _may_begin(case, duty):
        if known is None:
            return False
        case.seen.pop(duty.number, None)
        return _keep_all(case, known, False, at)
    if duty.again is not None:
        return _refresh_repeating(case, duty, _epoch(case, duty), at)
    if known is not None and duty.alone and (known[0].done_at is not None or known[0].waived):
        return False
    holds = duty.when is None or bool(duty.each) or duty.when.holds(case)
    if known is None and not holds:
        return False
    if known is not None and duty.alone and holds and not known[0].ended and duty.done_by is None:
        return False
    epoch = 1 if duty.epoch == "once" else _epoch(case, duty)
    if not duty.each:
        present = [one for one in known or () if one.epoch == epoch]
        if len(present) == _owner_count(case, duty):
            return _keep_all(case, present, holds, at)
    elif duty.done_by is None and case.children:
        seen = (epoch, case.gathered, *(name for name in case.children if duty.when is None or duty.when.holds(case, name)))
        if case.seen.get(duty.number) == seen:
            return False
        case.seen[duty.number] = seen
    wanted = _wanted(case, duty, epoch)
    changed = False
    for live in known or ():
        found = wanted.pop(live.key, None)
        if found is not None:
            live.child = found.child
        changed |= _keep(case, live, found is not None, at)
    for one in wanted.values():
        changed |= _begin(case, duty, one, epoch, at)
    return changed


def _refresh_repeating(case: Case, duty: Duty, epoch: int, at: datetime) -> bool:
    """The same for one that repeats: when its latest time was met and it is still wanted, its next time comes up."""
    wanted = _wanted(case, duty, epoch)
    latest: dict[str, Live] = {}
    changed = False
    for live in case.places.get(duty.place, ()):
        latest[live.base] = live
        changed |= _keep(case, live, live.base in wanted, at)
    for base, one in wanted.items():
        last = latest.get(base)
        if last is None:
            changed |= _begin(case, duty, one, epoch, at)
        elif last.met:
            changed |= _begin(case, duty, one, epoch, at, last.round + 1)
    return changed


def _owner_count(case: Case, duty: Duty) -> int:
    """How many obligations the duty makes at once: one, one for each side that takes part, or one for every agency."""
    side = duty.by.side
    if side not in ("every", "each"):
        return 1
    if case.counted[0] != case.gathered:
        case.counted = (case.gathered, case.party_count(), len({one.side for one in case.members}) or len(SIDES))
    return case.counted[1 if side == "every" else 2]


def _keep_all(case: Case, known: list[Live], wanted: bool, at: datetime) -> bool:
    changed = False
    for live in known:
        if live.done_at is None and not live.waived and (wanted or not live.ended):
            changed |= _keep(case, live, wanted, at)
    return changed


def _keep(case: Case, live: Live, wanted: bool, at: datetime) -> bool:
    """An obligation that exists: met by what happened, revived, or lapsed."""
    if live.met or (live.ended and not wanted):
        return False
    if live.duty.done_by is not None and not live.ended and live.duty.done_by.holds(case, live.child):
        meet(case, live, at, case.seq)
        return True
    if not wanted:
        live.clocks = clocks_of(case, live)
        live.ended = _why_ended(case, live)
        if case.resolved is None and live.spell is not None and live.spell is not case.spell and live.duty.lasts == "stage":
            live.left_undone = at
    elif live.ended:
        live.ended, live.clocks, live.since, live.left_undone = "", None, at, None
    return False


def _why_ended(case: Case, live: Live) -> str:
    if live.spell is not None and live.spell.how == SENT_BACK and live.duty.lasts == "stage":
        return "The case was sent back before it was done."
    if live.duty.epoch == "time" and live.epoch < _epoch(case, live.duty):
        return "The case was sent back, and it is asked for again."
    if case.resolved is not None and live.duty.lasts == "stage":
        return "The disagreement was settled first."
    if live.spell is not None and live.duty.lasts == "stage" and live.spell is not case.spell:
        return "The case went on before it was done."
    return "What made it necessary is no longer so."


def _begin(case: Case, duty: Duty, one: Wanted, epoch: int, at: datetime, time: int = 1) -> bool:
    """An obligation comes up; `time` counts the repetitions of one that repeats."""
    key = one.key if time == 1 else f"{one.key}/time {time}"
    owner = member_party(case, one.agency, duty) if one.agency else party(case, one.side, duty.by.role, duty.stage)
    to = tuple(recipient(case, ref, one.side, duty, one.person) for ref in duty.to)
    live = Live(duty, key, epoch, at, owner, to, one.child, _spell_of(case, duty), round=time)
    case.lives[key] = live
    case.places.setdefault(duty.place, []).append(live)
    early = case.early.pop(key, None)
    if early is not None:
        settle(case, live, early)
        return True
    if duty.done_by is not None and duty.done_by.holds(case, one.child):
        meet(case, live, at, case.seq)
        return True
    return False


def meet(case: Case, live: Live, at: datetime, seq: int) -> None:
    """Marks an obligation as done at `at` by event `seq`; its clocks are kept as they stood."""
    live.ended = ""
    live.clocks = clocks_of(case, live)
    live.done_at, live.done_seq = at, seq
    case.seen.pop(live.duty.number, None)


def settle(case: Case, live: Live, event: Event) -> None:
    """A `fulfilled` or `waived` event about this obligation. The first counts; later ones may only add facts."""
    live.facts.update(event.facts)
    if live.met:
        return
    if event.kind == "waived":
        live.ended = ""
        live.clocks = clocks_of(case, live)
        live.waived, live.done_seq = True, event.seq
        case.seen.pop(live.duty.number, None)
    else:
        meet(case, live, event.at, event.seq)


def waits_for(case: Case, live: Live) -> tuple[str, ...]:
    """The steps that must come first and are still to come. One that this case does not ask for is not waited for."""
    if not live.duty.after or live.met or live.ended:
        return ()
    return tuple(place for place in live.duty.after if _to_come(case, place))


def _to_come(case: Case, place: str) -> bool:
    several = case.latest(place)
    if several:
        return not all(one.met for one in several)
    duty = case.policy.duty_by_place[place]
    if case.places.get(place):
        return False  # it was asked for, and no longer applies
    if duty.when is None or not _may_begin(case, duty) or duty.when.holds(case):
        return True
    # Its condition does not hold; while that may still change because something is done, it is waited for.
    first = [trigger.removeprefix("done:") for trigger in duty.when.triggers if trigger.startswith("done:")]
    return any(not case.done(one, True) for one in first)


# --- which ones the case asks for ---------------------------------------------------------------------------------------------------


def _may_begin(case: Case, duty: Duty) -> bool:
    """Whether the case is in a place where this duty can begin. Its condition is asked separately."""
    if not duty.stage:
        return True
    if duty.lasts == "until done":
        return case.last_spell(duty.stage) is not None
    if duty.lasts == "from here on":
        return case.reached_number >= case.policy.stage_by_id[duty.stage].number
    return case.spell.stage.id == duty.stage and case.resolved is None and case.closed is None


def _epoch(case: Case, duty: Duty) -> int:
    """Which visit to its stage, or which resolution of the case, an obligation belongs to."""
    if duty.epoch == "visit":
        return case.spell.visit
    if duty.epoch == "time":
        last = case.last_spell(duty.stage)
        return last.time if last is not None else 1
    return case.resolutions if duty.epoch == "resolution" else 1


def _wanted(case: Case, duty: Duty, epoch: int) -> dict[str, Wanted]:
    """What the duty asks for now, by key: for each owner, for each it is about."""
    head = f"{duty.stage or 'case'}({epoch})/{duty.id}" if epoch > 1 else duty.place
    found: dict[str, Wanted] = {}
    subjects = _subjects(case, duty, epoch)
    owners = _owners(case, duty) if subjects else ()
    for tail, child, person in subjects:
        for own, side, agency in owners:
            key = f"{head}/{own}" if own else head
            key = f"{key}/{tail}" if tail else key
            found.setdefault(key, Wanted(key, side, agency, child, person))
    return found


def _spell_of(case: Case, duty: Duty) -> Spell | None:
    if not duty.stage:
        return case.spell
    return case.last_spell(duty.stage) or case.spell


def _subjects(case: Case, duty: Duty, epoch: int) -> list[tuple[str, str, str]]:
    """The last part of the key, the child (where it is one) and the officer; one with nothing where the duty is about the case."""
    when = duty.when
    if not duty.each:
        return [("", "", "")] if when is None or when.holds(case) else []
    touched = [name for name in case.children if when is None or when.holds(case, name)]
    if duty.each == "officer":
        return _officers(case, duty, touched, epoch)
    return [(name, name, "") for name in touched if duty.each in ("person", case.children[name].kind)]


def _officers(case: Case, duty: Duty, touched: list[str], epoch: int) -> list[tuple[str, str, str]]:
    """One for each officer of these children, and one for each child whose officer is not known (and was not told before)."""
    if not case.children:
        return [("not named", "", "")] if duty.when is None or duty.when.holds(case) else []
    if not touched:
        return []
    known = (live for live in case.places.get(duty.place, ()) if live.epoch == epoch)
    told = {live.child for live in known if live.met and live.key.endswith(f"/of {live.child}")}
    officers: dict[str, list[str]] = {}
    for name in touched:
        if name not in told:
            officers.setdefault(case.children[name].people.get(duty.each_role) or f"of {name}", []).append(name)
    found = officers.items()
    return [(tail, names[0] if len(names) == 1 else "", case.children[names[0]].people.get(duty.each_role, "")) for tail, names in found]


def _owners(case: Case, duty: Duty) -> list[tuple[str, Side, str]]:
    """The part of the key that names the owner, the owner's side, and the agency where each owes its own."""
    side = duty.by.side
    if side == "each":
        return [(one, one, "") for one in SIDES if case.side(one) or not case.members]
    if side == "every":
        return [(one.agency, one.side, one.agency) for one in case.members]  # type: ignore[misc]  # a member's side is one of ours
    if side in ("raising", "responding") and case.members and not case.side(side):
        return []
    return [("", side, "")]  # type: ignore[list-item]  # "own" and "other" cannot own: checked when a pack is loaded
