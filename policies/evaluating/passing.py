"""What happens as time passes and a case moves on: entering a stage, deadlines that pass, clocks that are looked at.

What lives here: the few things that follow from a policy and the clock alone, because the policy says so (a limit that passes opens the
next stage; something overdue makes another thing owed). What does not: events (`replay`), what is owed (`duties`).
"""

from __future__ import annotations

from datetime import datetime, timedelta

from policies.evaluating.cases import Case
from policies.evaluating.clocks import binding, clocks_of, stage_clocks
from policies.evaluating.duties import fire
from policies.evaluating.lives import Live
from policies.evaluating.spells import SENT_BACK, Spell
from policies.evaluating.stopping import note_stops
from policies.parts.stages import Stage

_SECOND = timedelta(seconds=1)


def time_passes(case: Case, until: datetime) -> None:
    """Does, in their order, what the policy says of deadlines that pass before `until`."""
    moment = case.clock
    while True:
        fresh, passes = _deadlines(case, until) if case.policy.waits_for_time else (False, None)
        opens = _opens_at(case, until)
        if fresh:
            # Of what ends in one moment, the step is overdue first; then the stage is left without it.
            fire(case, ("time",), moment)
        elif opens is not None and (passes is None or opens < passes):
            case.clock = max(case.clock, opens)
            enter(case, case.policy.stage_by_id[case.spell.stage.next], opens, "time up")
            note_stops(case, opens)
        elif passes is not None:
            moment, case.clock = passes, passes + _SECOND
        else:
            return


def _opens_at(case: Case, until: datetime) -> datetime | None:
    """When the next stage opens by itself, if that is before `until`."""
    stage = case.spell.stage
    if stage.time_up != "opens" or not stage.next or case.resolved or case.closed:
        return None
    due = binding(stage_clocks(case, case.spell))
    if due is None or due.at >= until:
        return None
    # What happened later and made the time shorter opens it then: nobody could have known before, and the time of the next stage runs.
    sooner = case.clock if due.at + _SECOND < case.clock else due.at
    return max(sooner, case.spell.entered)


def _deadlines(case: Case, until: datetime) -> tuple[bool, datetime | None]:
    """Whether a deadline has passed that nothing followed from yet, and the next one that passes before `until`.

    One that was moved may pass again.
    """
    note_time(case)
    clock, fresh = case.clock, False
    ahead: datetime | None = None
    several: list[Spell | Live] = [case.spell, *_watched(case)]
    for one in several:
        passed = one.ends is not None and one.ends < clock
        fresh = fresh or (passed and not one.passed)
        one.passed = passed
        if one.ends is not None and clock <= one.ends < until and (ahead is None or one.ends < ahead) and _runs(case, one):
            ahead = one.ends
    return fresh, ahead


def _runs(case: Case, one: Spell | Live) -> bool:
    return one is not case.spell or case.spell.left is None


def enter(case: Case, stage: Stage, at: datetime, how: str, *, next_tier: bool = False) -> None:
    """Leaves the present stage and enters another, or the next tier of the same."""
    old = case.spell
    old.clocks = stage_clocks(case, old)
    if old.left is None:
        old.left, old.how = at, how
    before = case.stays.get(stage.id)
    visit = before.visit + 1 if before is not None else 1
    began = old.began if next_tier else at
    tier = old.tier + 1 if next_tier else 1
    back = how == SENT_BACK
    spell = Spell(stage, began, at, visit, tier, referred=at if back else old.unresolved or at, sent_back=old.sent_back + back)
    spell.time = before.time + (spell.sent_back > before.sent_back) if before is not None else 1
    case.stay(spell)
    fire(case, (f"stage:{old.stage.id}", f"stage:{stage.id}", "stage"), at)


def note_time(case: Case) -> None:
    """Writes down when the present stage and what is owed end, for conditions that ask whether time is up."""
    due = binding(stage_clocks(case, case.spell))
    case.spell.ends = due.at if due is not None else None
    for live in _watched(case):
        own = binding(clocks_of(case, live))
        live.ends = own.at if own is not None else None


def _watched(case: Case) -> list[Live]:
    """What is owed and asked about: of which something may follow when its time passes."""
    return [live for place in case.policy.watched for live in case.lives.open(place)]
