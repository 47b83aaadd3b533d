"""What may be done to the case as a whole, by whom, and for what is closed, why.

What lives here: the moves of a state. What does not: carrying one out (`replay`), single obligations (`duties`).
"""

from __future__ import annotations

from collections.abc import Iterator

from policies.evaluating.cases import Case
from policies.evaluating.panels import impossible
from policies.evaluating.parties import parties_of, party
from policies.evaluating.passing import note_time
from policies.evaluating.replay import guard_open, way_back_open
from policies.parts import conditions as c
from policies.parts.schema import Move, Obligation, Party, Reason
from policies.parts.stages import Guard, Outcome, Question, Stage, WayBack
from policies.parts.terms import PartyRef


def moves_of(case: Case, holding: list[Obligation]) -> tuple[Move, ...]:
    """Every move at this point. `holding` are the obligations that keep a settled case from being closed."""
    mistaken = tuple(_resolve(case, one) for one in case.policy.outcomes if one.unmakes and not case.unmade)
    if case.closed is not None:
        return (_reopen(case), *mistaken)
    if case.resolved is not None:
        return (_close(case, holding), _reopen(case), *mistaken)
    note_time(case)
    return (*_onward(case), *_questions(case), *(_resolve(case, one) for one in case.policy.outcomes))


def _who(case: Case, refs: tuple[PartyRef, ...], stage: Stage) -> tuple[Party, ...]:
    if not refs:
        return (party(case, "both", stage.acts[0], stage.id),)
    return tuple(found for one in refs for found in parties_of(case, one, stage.id)) or _who(case, (), stage)


def _onward(case: Case) -> Iterator[Move]:
    here = case.spell.stage
    stages = case.policy.stage_by_id
    if here.next:
        following = stages[here.next]
        who = _who(case, following.opened_by, following if following.opened_by else here)
        yield Move(
            f"escalate/{following.id}", "escalate", following.id, f"Go on to {following.title}", who, following.rule, _shut(case, following)
        )
    if here.tiers:
        yield Move(f"tier/{here.id}", "next tier", here.id, "Go on to the next tier of management", _who(case, (), here), here.rule)
    for way in here.back:
        yield _back(case, way)
    for stage in case.policy.stages[here.number + 1 :]:
        if stage.id != here.next and stage.direct is not None:
            yield _jump(case, stage)


def _back(case: Case, way: WayBack) -> Move:
    here = case.spell.stage
    reasons: tuple[Reason, ...] = ()
    if not way_back_open(case, way):
        reasons = (
            Reason("The policy lets a case be sent back only in some circumstances, which are not so here.", way.rule, way.key, "should"),
        )
    return Move(f"back/{way.to}", "send back", way.to, way.title, _who(case, way.by or here.judged_by, here), way.rule, reasons)


def _jump(case: Case, stage: Stage) -> Move:
    key = f"{stage.id}/go straight there"
    reasons = _shut(case, stage)
    if stage.direct is not None and not stage.direct.holds(case) and key not in case.overridden:
        text = "The policy lets a case go straight to this stage only in some circumstances, which are not recorded here."
        reasons = (*reasons, Reason(text, stage.rule, key, "should"))
    who = _who(case, stage.opened_by, stage if stage.opened_by else case.spell.stage)
    return Move(f"jump/{stage.id}", "jump", stage.id, f"Go straight to {stage.title}", who, stage.rule, reasons)


def _shut(case: Case, stage: Stage) -> tuple[Reason, ...]:
    return tuple(_reason(one) for one in stage.guards if not guard_open(case, one, stage))


def _reason(guard: Guard) -> Reason:
    return Reason(guard.text, guard.rule, guard.key, guard.strength)


def _questions(case: Case) -> Iterator[Move]:
    for question in case.policy.questions:
        if question.when is None or question.when.holds(case):
            for option in question.options:
                if case.answer(question.id) != option.id:
                    reasons = _panel_reasons(case, question, option.id)
                    key = f"choose/{question.id}/{option.id}"
                    who = _who(case, question.by, case.spell.stage)
                    yield Move(key, "choose", option.id, f"{question.title}: {option.title}", who, question.rule, reasons)


def _panel_reasons(case: Case, question: Question, option: str) -> tuple[Reason, ...]:
    """A panel that cannot be formed closes the choice that leads to it, with the reason; like every guard it can be overridden."""
    key = f"choose/{question.id}/{option}"
    if key in case.overridden:
        return ()
    titles = {one.id: one.title for one in case.policy.agency_types}
    return tuple(
        Reason(text, panel.rule, key)
        for panel in case.policy.panels
        if _leads_to(panel.when, question.id, option)
        for text in impossible(panel, case.members, titles)
    )


def _leads_to(condition: c.Condition, question: str, option: str) -> bool:
    if isinstance(condition, c.All | c.Any):
        return any(_leads_to(one, question, option) for one in condition.parts)
    return condition == c.Answered(question, option)


def _resolve(case: Case, outcome: Outcome) -> Move:
    stage = case.spell.stage
    reasons: tuple[Reason, ...] = ()
    key = f"resolve/{outcome.id}"
    if outcome.when is not None and not outcome.when.holds(case) and key not in case.overridden:
        reasons = (Reason("The policy has this outcome only for another point of the process.", outcome.rule, key, "should"),)
    who = _who(case, outcome.by or stage.judged_by, stage)
    kind = "unmake" if outcome.unmakes else "withdraw" if outcome.neutral and outcome.id == "withdrawn" else "resolve"
    return Move(key, kind, outcome.id, outcome.title, who, outcome.rule, reasons)


def _close(case: Case, holding: list[Obligation]) -> Move:
    stage = case.spell.stage
    waiting = [one for one in holding if f"close/{one.key}" not in case.overridden]
    reasons = tuple(Reason(f"Still to do: {one.title}", one.rule, f"close/{one.key}", one.strength) for one in waiting)
    return Move("close", "close", case.outcome, "Close the disagreement", _who(case, (), stage), "", reasons)


def _reopen(case: Case) -> Move:
    stage = case.spell.stage
    return Move(f"reopen/{stage.id}", "reopen", stage.id, "Open it again", _who(case, (), stage))
