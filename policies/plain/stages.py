"""A stage in full sentences: who acts, how long, what lets a case in, what lets it out, and what is owed there."""

from __future__ import annotations

from collections.abc import Iterator

from policies.parts.conditions import Condition, Raised
from policies.parts.model import Policy
from policies.parts.stages import Guard, Stage, WayBack
from policies.parts.terms import Clock, PartyRef
from policies.plain import naming
from policies.plain.conditions import condition_words, needs_words
from policies.plain.duties import duty_section
from policies.plain.naming import listed, quoted, raised, stopped
from policies.plain.people import who_that_is
from policies.plain.phrasing import clock_words, length
from policies.plain.writing import Section, Sentence

_TIME_UP = {
    "nothing": "When the time runs out nothing moves by itself; people are told.",
    "permits": "When the time runs out the next stage may be opened, although its conditions do not hold.",
    "opens": "When the time runs out the next stage opens by itself.",
}


def stage_section(policy: Policy, stage: Stage) -> Section:
    """One stage with its way in, its way out, and its obligations."""
    says = [Sentence(key, text) for key, text in (*_about(policy, stage), *_way_out(policy, stage)) if text]
    says[0] = Sentence(says[0].key, says[0].text, stage.rule)
    says += [Sentence(f"back to {one.to}", _way_back(policy, stage, one), one.rule) for one in stage.back]
    owed = tuple(duty_section(policy, one) for one in policy.duties if one.stage == stage.id)
    parts = [_way_in(policy, stage), Section("owed", "What is asked for", parts=owed)]
    filled = tuple(one for one in parts if one.says or one.parts)
    return Section(f"stage {stage.id}", f"Stage {stage.id}: {stage.title}", tuple(says), filled)


def _about(policy: Policy, stage: Stage) -> Iterator[tuple[str, str]]:
    roles = listed(f"the {naming.role(policy, one)}" for one in stage.acts)
    speaks = f" The {naming.role(policy, stage.acts[0])} speaks for the side." if len(stage.acts) > 1 else ""
    yield "acts", f"On each side this is for {roles}.{speaks}{who_that_is(policy, stage.id)}"
    yield "summary", stopped(stage.summary) if stage.summary else ""
    yield (
        "limit",
        (
            _limit(policy, stage, stage.limit)
            if stage.limit is not None
            else ""
            if stage.cumulative is not None
            else "No time limit is set for this stage."
        ),
    )
    if stage.cumulative is not None:
        yield "cumulative", f"It must also be left within {clock_words(policy, stage.cumulative, '', stage.id)}; the earlier end counts."
    if stage.tiers:
        yield "tiers", "If it is not settled it may be tried again one tier of management up, within the same time."


def _limit(policy: Policy, stage: Stage, clock: Clock) -> str:
    if all(one.unit == "at once" and one.when is None for one in clock.limits):
        return f"The time for this stage: {length(clock.limits[0])}. No number is set for it."
    return f"The time for this stage is {clock_words(policy, clock, '', stage.id)}."


def _way_back(policy: Policy, stage: Stage, way: WayBack) -> str:
    """Who may send a case back, where to, and what then begins anew."""
    words = [f"{quoted(way.title)}. {raised(_deciders(policy, way.by or stage.judged_by))} may say so."]
    if way.when is not None:
        words.append(f"It is offered only if {condition_words(policy, way.when, stage.id)}.")
    words.append(
        f"The case is then at {naming.stage(policy, way.to)} again: its time starts again, and what it asks for is asked for again."
    )
    return " ".join(words)


def _deciders(policy: Policy, refs: tuple[PartyRef, ...]) -> str:
    return listed((naming.who(policy, one) for one in refs), "or") if refs else "both sides"


def _way_in(policy: Policy, stage: Stage) -> Section:
    """What must hold before it is entered, and who may open it."""
    says = []
    if stage.opened_by:
        says.append(Sentence("opened by", opened_by_words(policy, stage)))
    if stage.direct is not None:
        says.append(Sentence("may start here", _may_start(policy, stage, stage.direct)))
    says += [Sentence(f"guard {one.key}", _guard(policy, one), one.rule) for one in stage.guards]
    return Section("way in", "Before it is entered", tuple(says))


def opened_by_words(policy: Policy, stage: Stage) -> str:
    """Who may open a stage, as a sentence; "only" where one side cannot."""
    who = listed((naming.who_may(policy, one) for one in stage.opened_by), "or")
    return raised(f"{who} may open it.") if any(one.side == "both" for one in stage.opened_by) else f"Only {who} may open it."


def _may_start(policy: Policy, stage: Stage, direct: Condition) -> str:
    if isinstance(direct, Raised):
        return "A case may begin here, or come straight here."
    holds = condition_words(policy, direct, stage.id)
    if stage.number:
        return f"A case may begin here, or come straight here, if {holds}."
    return f"A case begins here if {holds}. If not, it begins at the first stage below where it may."


def _guard(policy: Policy, guard: Guard) -> str:
    broken = {"must": "a breach of the policy", "should": "against the policy's advice"}.get(guard.strength, "recorded")
    aside = f"Who opens the stage may set it aside with a reason; that is then {broken}."
    return f"{stopped(guard.text)} {needs_words(policy, guard.needs, guard.strength)}. {aside}"


def _way_out(policy: Policy, stage: Stage) -> Iterator[tuple[str, str]]:
    yield "judged by", f"Whether it is settled is said by {_deciders(policy, stage.judged_by)}."
    yield "next", f"If it is not settled it goes on to {naming.stage(policy, stage.next)}." if stage.next else "No stage follows this one."
    yield "time up", _TIME_UP[stage.time_up if stage.next else "nothing"]
