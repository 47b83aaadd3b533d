"""Mistakes about stages that no single key shows: one that nobody can reach or leave, a circle, a guard or a clock that waits for what
comes later.

What lives here: the checks of the way through a policy. What does not: obligations (`checks_of_duties`), times and roles (`checks`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from policies.language.checks_of_duties import needs_first
from policies.language.compiling_duties import Written
from policies.language.problems import Path, Problem
from policies.language.reading import Document
from policies.parts import conditions as c
from policies.parts.model import Policy
from policies.parts.stages import Stage
from policies.parts.terms import Clock


def check_stages(policy: Policy, written: Collection[Written], document: Document) -> Iterator[Problem]:
    """Every mistake in the way through the policy."""
    yield from _stages(policy, document)
    yield from _guards(policy, document)
    for stage in policy.stages:
        yield from _clocks(policy, stage, written, document)


def _stages(policy: Policy, document: Document) -> Iterator[Problem]:
    reached = {policy.stages[0].id, *(one.id for one in policy.stages if one.direct is not None)}
    for stage in policy.stages:
        here = stage
        while here.next and here.id in reached and here.next not in reached:
            reached.add(here.next)
            here = policy.stage_by_id[here.next]
    for stage in policy.stages:
        path = ("stages", stage.number)
        if stage.id not in reached:
            yield document.problem(
                path, f"No stage leads to stage {stage.id}. Name it in the 'next' of another, or say who may start here."
            )
        if not stage.next and not any(not one.neutral and _possible(policy, one.when, stage) for one in policy.outcomes):
            yield document.problem(path, f"Nobody can leave stage {stage.id}: no stage follows and no outcome can be chosen there.")
        if _circle(policy, stage):
            yield document.problem(
                (*path, "next"),
                f"Stage {stage.id} leads back to itself. Use 'tiers: yes' for one that repeats, 'goes back' for an earlier one.",
            )
        yield from _ways_back(policy, stage, document)


def _ways_back(policy: Policy, stage: Stage, document: Document) -> Iterator[Problem]:
    seen: set[str] = set()
    for place, way in enumerate(stage.back):
        path = ("stages", stage.number, "goes back", place, "to")
        if way.to == stage.id or stage.id not in _from(policy, policy.stage_by_id[way.to]):
            yield document.problem(path, f"Stage {way.to} does not come before stage {stage.id}: from it no 'next' leads here.")
        if way.to in seen:
            yield document.problem(path, f"This stage goes back to stage {way.to} twice. Keep one of them.")
        seen.add(way.to)


def _circle(policy: Policy, stage: Stage) -> bool:
    here = stage
    for _ in policy.stages:
        if not here.next:
            return False
        here = policy.stage_by_id[here.next]
        if here is stage:
            return True
    return False


def _guards(policy: Policy, document: Document) -> Iterator[Problem]:
    """A guard that waits for what is asked for only once its stage is open. (A stage with tiers is entered again.)"""
    for stage in (one for one in policy.stages if not one.tiers):
        later = set(_from(policy, stage))
        for place, guard in enumerate(stage.guards):
            for duty in (one for one in policy.duties if one.stage in later and needs_first(guard.needs, one.place)):
                yield document.problem(
                    ("stages", stage.number, "enter", place, "needs"),
                    f"This waits for '{duty.place}', which is asked for only when stage {duty.stage} is open. "
                    "Name what an earlier stage asks for.",
                )
    first = policy.stages[0]
    if first.guards and not first.tiers and not any(way.to == first.id for stage in policy.stages for way in stage.back):
        yield document.problem(
            ("stages", 0, "enter"),
            "A case begins at this stage, so nothing is asked before it. What must come first is an obligation: "
            "write 'before: …' at it, with the name of the step that waits.",
        )


def _clocks(policy: Policy, stage: Stage, written: Collection[Written], document: Document) -> Iterator[Problem]:
    """Clocks that end with their stage and count from what comes after it. (A stage that is gone back to comes after it too.)"""
    later = set(_from(policy, stage)) - {stage.id}
    if any(stage.id in _from(policy, policy.stage_by_id[way.to]) for one in later for way in policy.stage_by_id[one].back):
        return
    several: list[tuple[Path, Clock | None]] = [
        (("stages", stage.number, "limit"), stage.limit),
        (("stages", stage.number, "cumulative"), stage.cumulative),
    ]
    for duty, one in zip(policy.duties, written, strict=True):
        if duty.stage == stage.id and duty.lasts == "stage":
            several += [((*one.path, "limit"), duty.clock), ((*one.path, "cumulative"), duty.cumulative)]
    for path, clock in several:
        for place, limit in enumerate(clock.limits if clock is not None else ()):
            after = [kind in ("done", "entering") and word.partition("/")[0] in later for kind, word in limit.anchor.tries]
            if all(after):
                yield document.problem(
                    (*path, place),
                    f"This counts from what comes only after stage {stage.id} was left, so it would never end in time. "
                    "Name what comes before it, or take 'from …' out.",
                )


def _from(policy: Policy, stage: Stage) -> Iterator[str]:
    """This stage and those that follow it. A way that leads in a circle ends where it began."""
    here = stage
    for _ in policy.stages:
        yield here.id
        if not here.next:
            return
        here = policy.stage_by_id[here.next]


def _possible(policy: Policy, condition: c.Condition | None, stage: Stage) -> bool:
    """False only where the condition's stages rule this one out; everything else may come true."""
    if isinstance(condition, c.All):
        return all(_possible(policy, one, stage) for one in condition.parts)
    if isinstance(condition, c.Any):
        return any(_possible(policy, one, stage) for one in condition.parts)
    if isinstance(condition, c.AtStage) and condition.how == "at":
        return condition.stage == stage.id
    if isinstance(condition, c.AtStage) and condition.how == "reached":
        return policy.stage_by_id[condition.stage].number <= stage.number
    return True
