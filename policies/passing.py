"""What happens as time passes and a case moves on: entering a stage, deadlines that pass, clocks that are looked at.

What lives here: the few things that follow from a policy and the clock alone, because the policy says so (a limit that passes opens the
next stage; something overdue makes another thing owed). What does not: events (`replay`), what is owed (`duties`).
"""

from __future__ import annotations

from datetime import datetime, timedelta

from policies.cases import Case, Spell
from policies.clocks import binding, clocks_of, stage_clocks
from policies.duties import fire
from policies.model import Stage
from policies.stopping import note_stops

_SECOND = timedelta(seconds=1)


def time_passes(case: Case, until: datetime) -> None:
    """Does, in their order, what the policy says of deadlines that pass before `until`."""
    if case.policy.waits_for_time:
        note_time(case)
        fire(case, ("time",), case.clock)
    while True:
        opens, passes = _opens_at(case, until), _passes_at(case, until)
        if opens is not None and (passes is None or opens < passes):
            case.clock = max(case.clock, opens)
            enter(case, case.policy.stage_by_id[case.spell.stage.next], opens, "time up")
            note_stops(case, opens)
        elif passes is not None:
            # Of what ends in one moment, the step is overdue first; then the stage is left without it.
            case.clock = passes + _SECOND
            fire(case, ("time",), passes)
        else:
            return


def _opens_at(case: Case, until: datetime) -> datetime | None:
    """When the next stage opens by itself, if that is before `until`."""
    stage = case.spell.stage
    if stage.time_up != "opens" or not stage.next or case.resolved or case.closed:
        return None
    due = binding(stage_clocks(case, case.spell))
    return max(due.at, case.spell.entered) if due is not None and due.at < until else None


def _passes_at(case: Case, until: datetime) -> datetime | None:
    """The next deadline that passes before `until`, where anything waits for one."""
    if not case.policy.waits_for_time:
        return None
    note_time(case)
    ends = [one.ends for one in case.lives.values() if one.ends is not None and not one.met and not one.ended]
    if case.spell.ends is not None and case.spell.left is None:
        ends.append(case.spell.ends)
    return min((one for one in ends if case.clock <= one < until), default=None)


def enter(case: Case, stage: Stage, at: datetime, how: str, *, next_tier: bool = False) -> None:
    """Leaves the present stage and enters another, or the next tier of the same."""
    old = case.spell
    old.clocks = stage_clocks(case, old)
    if old.left is None:
        old.left, old.how = at, how
    visit = 1 + sum(1 for one in case.spells if one.stage is stage)
    began = old.began if next_tier else at
    tier = old.tier + 1 if next_tier else 1
    case.spells.append(Spell(stage, began, at, visit, tier, referred=old.unresolved or at))
    case.reached_number = max(case.reached_number, stage.number)
    fire(case, (f"stage:{old.stage.id}", f"stage:{stage.id}", "stage"), at)


def note_time(case: Case) -> None:
    """Writes down when the present stage and what is owed end, for conditions that ask whether time is up."""
    due = binding(stage_clocks(case, case.spell))
    case.spell.ends = due.at if due is not None else None
    if case.policy.asks_overdue:
        for live in case.lives.values():
            own = binding(clocks_of(case, live))
            live.ends = own.at if own is not None else None
