"""Obligations in a case: when each begins, who owes it to whom, when it is met and when it lapses.

What lives here: keeping the case's obligations in step with its events. What does not: what an obligation is in a policy (`model`),
when it is due (`clocks`), how it looks from outside (`states`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from policies.cases import Case, Live, Spell
from policies.clocks import clocks_of
from policies.model import SIDES
from policies.parties import member_party, party, recipient
from policies.schema import Event, Party, Side
from policies.terms import Duty


@dataclass(frozen=True, slots=True)
class Wanted:
    """An obligation the case asks for now: the last part of its key, its owner, recipients and child."""

    key: str
    epoch: int
    owner: Party
    to: tuple[Party, ...]
    child: str
    spell: Spell | None


def fire(case: Case, triggers: Iterable[str], at: datetime) -> None:
    """Begins, meets and lapses whatever the triggers may touch, and whatever that touches in turn."""
    watchers = case.policy.watchers
    triggers = [one for one in triggers if one in watchers]
    if not triggers:
        return
    touched = {duty.number: duty for trigger in triggers for duty in watchers.get(trigger, ())}
    waiting = [f"done:{duty.place}" for duty in touched.values() if refresh(case, duty, at)]
    while waiting:
        waiting.extend(f"done:{duty.place}" for duty in watchers.get(waiting.pop(0), ()) if refresh(case, duty, at))


def refresh(case: Case, duty: Duty, at: datetime) -> bool:
    """Brings the obligations of one duty up to date. True when one of them was met by this."""
    known = case.places.get(duty.place)
    if not _may_begin(case, duty):
        return known is not None and _keep_all(case, known, False, at)
    epoch = _epoch(case, duty)
    if not duty.each:
        holds = duty.when is None or duty.when.holds(case)
        if known is None and not holds:
            return False
        present = [one for one in known or () if one.epoch == epoch]
        if len(present) == _owner_count(case, duty):
            return _keep_all(case, present, holds, at)
    wanted = {one.key: one for one in _wanted(case, duty, epoch)}
    changed = False
    for live in known or ():
        found = wanted.pop(live.key, None)
        if found is not None:
            live.to, live.child = found.to, found.child
        changed |= _keep(case, live, found is not None, at)
    for one in wanted.values():
        changed |= _begin(case, duty, one, at)
    return changed


def _owner_count(case: Case, duty: Duty) -> int:
    """How many obligations the duty makes at once: one, one for each side that takes part, or one for every agency."""
    if duty.by.side == "every":
        return len(case.members)
    if duty.by.side == "each":
        return len({one.side for one in case.members}) or len(SIDES)
    return 1


def _keep_all(case: Case, known: list[Live], wanted: bool, at: datetime) -> bool:
    changed = False
    for live in known:
        if not live.met and (wanted or not live.ended):
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
    elif live.ended:
        live.ended, live.clocks, live.since = "", None, at
    return False


def _why_ended(case: Case, live: Live) -> str:
    if case.resolved is not None and live.duty.lasts == "stage":
        return "The disagreement was settled first."
    if live.spell is not None and live.duty.lasts == "stage" and live.spell is not case.spell:
        return "The case went on before it was done."
    return "What made it necessary is no longer so."


def _begin(case: Case, duty: Duty, one: Wanted, at: datetime) -> bool:
    live = Live(duty, one.key, one.epoch, at, one.owner, one.to, one.child, one.spell)
    case.lives[one.key] = live
    case.places.setdefault(duty.place, []).append(live)
    early = case.early.pop(one.key, None)
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


def settle(case: Case, live: Live, event: Event) -> None:
    """A `fulfilled` or `waived` event about this obligation. The first counts; later ones may only add facts."""
    live.facts.update(event.facts)
    if live.met:
        return
    if event.kind == "waived":
        live.ended = ""
        live.clocks = clocks_of(case, live)
        live.waived, live.done_seq = True, event.seq
    else:
        meet(case, live, event.at, event.seq)


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
    return case.resolutions if duty.epoch == "resolution" else 1


def _wanted(case: Case, duty: Duty, epoch: int) -> Iterator[Wanted]:
    spell = _spell_of(case, duty)
    head = f"{duty.stage or 'case'}({epoch})/{duty.id}" if epoch > 1 else duty.place
    for tail, children, person in _subjects(case, duty):
        for side, owner in _owners(case, duty):
            to = tuple(recipient(case, one, side, duty, person) for one in duty.to)
            own = owner.agency if duty.by.side == "every" else side if duty.by.side == "each" else ""
            key = "/".join(part for part in (head, own, tail) if part)
            yield Wanted(key, epoch, owner, to, children[0] if len(children) == 1 else "", spell)


def _spell_of(case: Case, duty: Duty) -> Spell | None:
    if not duty.stage:
        return case.spell
    return case.last_spell(duty.stage) or case.spell


def _subjects(case: Case, duty: Duty) -> Iterator[tuple[str, tuple[str, ...], str]]:
    """The last part of the key, the children and the officer of each instance; one with nothing where the duty is about the case."""
    if not duty.each:
        if duty.when is None or duty.when.holds(case):
            yield "", (), ""
        return
    known = case.places.get(duty.place, ())
    told = {live.child for live in known if live.met and live.key.endswith(f"of {live.child}")}
    asked = [name for name in case.children if name not in told]
    touched = [name for name in asked if duty.when is None or duty.when.holds(case, name)]
    if duty.each == "child":
        for name in touched:
            yield name, (name,), ""
        return
    officers: dict[str, list[str]] = {}
    for name in touched:
        officer = case.children[name].officer
        officers.setdefault(officer or f"of {name}", []).append(name)
    if not case.children and (duty.when is None or duty.when.holds(case)):
        officers["not named"] = []
    for tail, names in officers.items():
        yield tail, tuple(names), case.children[names[0]].officer if names else ""


def _owners(case: Case, duty: Duty) -> Iterator[tuple[Side, Party]]:
    side = duty.by.side
    if side == "each":
        for one in SIDES:
            if case.side(one) or not case.members:
                yield one, party(case, one, duty.by.role, duty.stage)
    elif side in ("raising", "responding") and case.members and not case.side(side):
        return
    elif side == "every":
        for member in case.members:
            yield member.side, member_party(case, member.agency, duty)  # type: ignore[misc]  # a member's side is one of the two
    else:
        yield side, party(case, side, duty.by.role, duty.stage)  # type: ignore[misc]  # "own" and "other" cannot own: checked at load
