"""What each kind of event does to a case.

What lives here: events applied in the order they were recorded. Events are facts: one that the policy would not have allowed is still
taken, and remarked on. What does not: obligations (`duties`), clocks (`clocks`), what time does by itself (`passing`), the state made
of it all (`states`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from policies.evaluating.beginning import Unreadable, begin, check_instant
from policies.evaluating.cases import Case, Rest
from policies.evaluating.clocks import stage_clocks
from policies.evaluating.corrections import corrected
from policies.evaluating.duties import fire, refresh_all, settle
from policies.evaluating.known import learn
from policies.evaluating.parties import parties_of
from policies.evaluating.passing import enter, note_time, time_passes
from policies.evaluating.spells import SENT_BACK
from policies.evaluating.stopping import note_stops
from policies.evaluating.unmaking import set_right, unmake
from policies.parts.model import Policy
from policies.parts.schema import Event
from policies.parts.stages import Guard, Stage, WayBack


def replay(policy: Policy, events: Sequence[Event], now: datetime) -> Case:
    """The case after all events, at `now`. Raises ValueError when there is no `raised` event to begin with, Unreadable (a ValueError)
    when it cannot be read or an instant has no zone.
    """
    told = corrected(events)
    if not told or told[0].kind != "raised":
        raise ValueError("A case begins with a 'raised' event.")
    check_instant(now)
    for event in told:
        check_instant(event.at)
        if event.recorded_at != event.at:
            check_instant(event.recorded_at)
    case = begin(policy, told[0])
    note_stops(case, case.clock)
    stops = policy.stops
    itself = policy.opens_by_itself or policy.waits_for_time
    for event in told[1:]:
        if itself:
            time_passes(case, max(event.at, event.recorded_at))
        case.seq = event.seq
        if event.at > case.clock:
            case.clock = event.at
        _take(case, event)
        if stops:
            note_stops(case, event.at)
    if itself:
        time_passes(case, now)
    case.clock = now
    case.spell.clocks = stage_clocks(case, case.spell)
    return case


def _take(case: Case, event: Event) -> None:
    """Applies one event. One whose facts make no sense is remarked on, so that no event can make a case unreadable for ever."""
    try:
        _ACTIONS[event.kind](case, event)
    except Unreadable as fault:
        case.remarks.append(("unreadable", f"Event {event.seq} ({event.kind} {event.about}) was left out: {fault}", ""))


def guard_open(case: Case, guard: Guard, stage: Stage) -> bool:
    """Whether a guard of `stage` lets the case in: it holds, it was overridden, or time is up where that permits."""
    if guard.needs.holds(case) or guard.key in case.overridden:
        return True
    before = case.spell
    return before.stage.next == stage.id and before.stage.time_up == "permits" and case.time_up(before.stage.id)


def way_back_open(case: Case, way: WayBack) -> bool:
    """Whether the case may be sent back by that way: its condition holds, or was set aside."""
    return way.when is None or way.when.holds(case) or way.key in case.overridden


# --- one function for each kind of event ---------------------------------------------------------------------------------------------


def _fulfilled(case: Case, event: Event) -> None:
    live = case.lives.by_key.get(event.about)
    if live is None:
        case.early.setdefault(event.about, event)
        return
    settle(case, live, event)
    fire(case, (f"done:{live.duty.place}",), event.at)
    if case.unmade:
        set_right(case, event.at)


def _unresolved(case: Case, event: Event) -> None:
    spell = case.spell
    if (event.about and event.about != spell.stage.id) or case.resolved is not None or case.closed is not None:
        return
    spell.unresolved = event.at
    following = case.policy.stage_by_id.get(spell.stage.next)
    if following is None or case.policy.moved_on_referral:
        return
    sides = {one.side for ref in following.opened_by for one in parties_of(case, ref, following.id)}
    note_time(case)
    if sides and event.side not in (*sides, "both") and "both" not in sides:
        return
    if all(guard_open(case, guard, following) for guard in following.guards):
        enter(case, following, event.at, "unresolved")


def _moved(case: Case, event: Event) -> None:
    stage = case.policy.stage_by_id.get(event.about)
    if stage is None:
        case.remarks.append(("unknown", f"There is no stage '{event.about}' in this policy.", ""))
        return
    if stage is case.spell.stage:
        if _tier(event) > case.spell.tier:
            enter(case, stage, event.at, "next tier", next_tier=True)
        return
    note_time(case)
    if case.spell.stage.way_back(stage.id) is not None:
        _sent_back(case, stage, event.at)
        return
    for guard in stage.guards:
        if not guard_open(case, guard, stage):
            case.remarks.append(("guard", f"Stage {stage.id} was entered although: {guard.text}", guard.rule))
    if not _may_go(case, stage):
        text = f"It went straight to {stage.title}, which the policy does not allow in this case."
        case.remarks.append(("straight", text, stage.rule))
    enter(case, stage, event.at, "moved")


def _may_go(case: Case, stage: Stage) -> bool:
    """Whether the case may go on to a stage: it is the next one or an earlier one, the policy lets it go there, or that was set aside."""
    here = case.spell.stage
    if stage.id == here.next or stage.number < here.number or f"{stage.id}/go straight there" in case.overridden:
        return True
    return stage.direct is not None and stage.direct.holds(case)


def _sent_back(case: Case, stage: Stage, at: datetime) -> None:
    """Enters an earlier stage again. What guarded it the first time is not asked again."""
    way = case.spell.stage.way_back(stage.id)
    if way is not None and not way_back_open(case, way):
        case.remarks.append(("back", f"It was sent back to {stage.title} at a point at which the policy does not have that.", way.rule))
    enter(case, stage, at, SENT_BACK)


def _tier(event: Event) -> int:
    """The tier a `moved` event goes to within its stage; 0 where it names none."""
    found = event.facts.get("tier", 0)
    if not str(found).isdigit():
        raise Unreadable("A tier is a whole number.")
    return int(found)


def _resolved(case: Case, event: Event) -> None:
    outcome = case.policy.outcome_by_id.get(event.about)
    case.outcome = event.about
    if outcome is None:
        case.remarks.append(("unknown", f"There is no outcome '{event.about}' in this policy.", ""))
    elif outcome.when is not None and not outcome.when.holds(case) and f"resolve/{outcome.id}" not in case.overridden:
        text = f"'{outcome.title}' was chosen at a point of the process for which the policy does not have it."
        case.remarks.append(("outcome", text, outcome.rule))
    if outcome is not None and outcome.unmakes:
        unmake(case, event.at)
        return
    if outcome is not None and not outcome.closes:
        fire(case, ("resolved",), event.at)
        return
    if case.resolved is None:
        case.resolutions += 1
    case.spell.clocks = stage_clocks(case, case.spell)
    case.resolved = event.at
    case.spell.left, case.spell.how = event.at, "resolved"
    fire(case, (f"stage:{case.spell.stage.id}", "resolved"), event.at)


def _closed(case: Case, event: Event) -> None:
    if case.resolved is None:
        _resolved(case, event)
    for live in case.lives:
        waits = live.duty.holds_open and not live.met and not live.ended
        if waits and f"close/{live.key}" not in case.overridden:
            case.remarks.append(("closed", f"Closed although this was still to do: {live.duty.title}", live.duty.rule))
    case.closed = event.at
    fire(case, (f"stage:{case.spell.stage.id}", "resolved"), event.at)


def _reopened(case: Case, event: Event) -> None:
    ended = case.resolved or case.closed
    if ended is None:
        return
    stage = case.policy.stage_by_id.get(event.about, case.spell.stage)
    day_of = case.policy.calendar.day_of
    case.rests.append(Rest(ended, case.closed, event.at, day_of(ended) == day_of(event.at)))
    case.turn += 1
    case.resolved = case.closed = None
    case.outcome = ""
    unmade, case.unmade = case.unmade, False
    enter(case, stage, event.at, "reopened")
    fire(case, ("resolved",), event.at)
    if unmade:
        refresh_all(case, event.at)


def _overridden(case: Case, event: Event) -> None:
    case.overridden[event.about] = event.at


_ACTIONS: dict[str, Callable[[Case, Event], None]] = {
    "raised": lambda case, event: None,
    "fact": learn,
    "fulfilled": _fulfilled,
    "waived": _fulfilled,
    "unresolved": _unresolved,
    "moved": _moved,
    "resolved": _resolved,
    "closed": _closed,
    "reopened": _reopened,
    "overridden": _overridden,
    "corrected": lambda case, event: None,
    "noted": lambda case, event: None,
}
