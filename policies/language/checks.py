"""Mistakes that no single key shows: a stage nobody can reach, a notice to nobody, a limit longer than its cap, a rule nobody cites.

What lives here: checks of a compiled policy as a whole. What does not: keys (`source`), phrases (`phrases`), single obligations
(`checks_of_duties`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from policies.language.checks_of_duties import check_duty, needs_first
from policies.language.checks_of_forms import check_forms
from policies.language.compiling_duties import Written, places_of
from policies.language.findings import WHO, Findings
from policies.language.problems import Path, Problem
from policies.language.reading import Document
from policies.language.register import cites, citing_parts
from policies.language.source import PackSource
from policies.parts import conditions as c
from policies.parts.model import Policy, Stage
from policies.parts.terms import Clock, PartyRef
from policies.parts.words import no_such_subject


def check(policy: Policy, pack: PackSource, document: Document, forms: Collection[str] | None, found: Findings) -> list[Problem]:
    """Every mistake in the policy as a whole, but for those that may follow from what is in doubt.

    `forms` are the forms that exist: ids, or a mapping to FormWords.
    """
    written = places_of(pack).written
    return [
        *_twice(pack, document),
        *_rules(pack, document, found),
        *_flags(policy, pack, document),
        *(() if found.doubts_the_way() else (*_stages(policy, document), *_guards(policy, document))),
        *_roles(policy, pack, document, found),
        *(problem for duty, one in zip(policy.duties, written, strict=True) for problem in check_duty(policy, duty, one, document)),
        *(check_forms(policy, written, document, forms) if forms is not None else ()),
        *_time(policy, document, written),
        *_lengths(policy, document, written, found),
    ]


def _twice(pack: PackSource, document: Document) -> Iterator[Problem]:
    lists = ("themes", "flags", "choices", "dates", "modes", "agency types", "roles", "caps", "stops", "stages", "outcomes", "panels")
    for key in lists:
        seen: set[str] = set()
        for number, one in enumerate(getattr(pack, key.replace(" ", "_"))):
            if one.id in seen:
                yield document.problem((key, number, "id"), f"'{one.id}' is here twice. Give each its own id.")
            seen.add(one.id)


def _rules(pack: PackSource, document: Document, found: Findings) -> Iterator[Problem]:
    if not pack.rules:
        return
    cited = {number for _, part in citing_parts(pack) for number in cites(getattr(part, "rule", ""))}
    for number in pack.rules:
        if number not in cited and not found.may_name(number, "rule"):
            yield document.problem(("rules", number), "No part of the pack cites this rule. Cite it where it is carried out, or in a note.")
    for number in sorted(cited - pack.rules.keys() - found.made_up):
        yield document.problem(("rules",), f"The rule {number} is cited and not in the register of rules.")


def _flags(policy: Policy, pack: PackSource, document: Document) -> Iterator[Problem]:
    flags = [("flags", number, flag.of or "") for number, flag in enumerate(pack.flags)]
    roles = [("roles", number, role.of) for number, role in enumerate(pack.roles)]
    for key, number, of in (*flags, *roles):
        if fault := no_such_subject(policy.subject, of):
            yield document.problem((key, number, "of"), fault)


# --- stages ---------------------------------------------------------------------------------------------------------------------------


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


# --- roles ----------------------------------------------------------------------------------------------------------------------------


def _roles(policy: Policy, pack: PackSource, document: Document, found: Findings) -> Iterator[Problem]:
    held = {role for stage in policy.stages for role in stage.acts}
    held |= {ref.role for ref in _parties(policy)}
    for number, role in enumerate(pack.roles):
        if role.id not in held and not found.may_name(role.id, *WHO):
            yield document.problem(("roles", number), f"Nobody holds the role '{role.id}': no stage, obligation or choice names it.")


def _parties(policy: Policy) -> Iterable[PartyRef]:
    for duty in policy.duties:
        yield from (*duty.owners, *duty.to)
    for stage in policy.stages:
        yield from (*stage.opened_by, *stage.judged_by, *(ref for way in stage.back for ref in way.by))
    for outcome in policy.outcomes:
        yield from outcome.by
    for question in policy.questions:
        yield from question.by


# --- time ---------------------------------------------------------------------------------------------------------------------------


def _time(policy: Policy, document: Document, written: Collection[Written]) -> Iterator[Problem]:
    """'time up' and 'overdue' may open a stage or make something owed. A clock that hung on them would hang on itself."""
    said: list[tuple[Path, c.Condition | None]] = []
    for number, cap in enumerate(policy.caps):
        said += [(("caps", number, "ends"), cap.ends), *_of_clock(("caps", number, "limit"), cap.clock)]
    said += [(("stops", number, "while"), stop.when) for number, stop in enumerate(policy.stops)]
    for stage in policy.stages:
        path = ("stages", stage.number)
        said += [*_of_clock((*path, "limit"), stage.limit), *_of_clock((*path, "cumulative"), stage.cumulative)]
    for duty, one in zip(policy.duties, written, strict=True):
        said += [((*one.path, "done by"), duty.done_by), *_of_clock((*one.path, "limit"), duty.clock)]
        said += _of_clock((*one.path, "cumulative"), duty.cumulative)
    for place, condition in said:
        if condition is not None and "time" in condition.triggers:
            yield document.problem(
                place, "'time up' and 'overdue' can open a stage ('needs') or make something owed ('when' of an obligation), but not this."
            )


def _of_clock(path: Path, clock: Clock | None) -> list[tuple[Path, c.Condition | None]]:
    return [((*path, place), limit.when) for place, limit in enumerate(clock.limits)] if clock is not None else []


# --- lengths --------------------------------------------------------------------------------------------------------------------------


_OUTSIDE = "Make it shorter, or add 'outside limits: yes' to it where the stage's time is not meant for it."


def _lengths(policy: Policy, document: Document, written: Collection[Written], found: Findings) -> Iterator[Problem]:
    caps = [cap for number, cap in enumerate(policy.caps) if not found.doubts(("caps", number))]
    duties = [duty for duty, one in zip(policy.duties, written, strict=True) if not found.doubts(one.path)]
    for stage in policy.stages:
        path = ("stages", stage.number)
        for cap in caps:
            if not _ended_by(policy, cap.ends, stage):
                for key, clock in (("limit", stage.limit), ("cumulative", stage.cumulative)):
                    if _exceeds(clock, cap.clock):
                        yield document.problem((*path, key), f"This is longer than the cap '{cap.id}', which still runs at this stage.")
        if _exceeds(stage.limit, stage.cumulative):
            yield document.problem((*path, "limit"), "The stage's own limit is longer than its cumulative one.")
        owes = [duty for duty in duties if duty.stage == stage.id and duty.inside]
        for duty in owes:
            if _exceeds(duty.clock, stage.limit) and not _counts_from_before(duty.clock, stage):
                yield document.problem(path, f"The limit of '{duty.id}' is longer than the stage's own, which ends it. {_OUTSIDE}")


def _counts_from_before(clock: Clock | None, stage: Stage) -> bool:
    """Whether a limit may count from before the stage was entered, so that it can end before the stage's own although it is longer."""
    points = [point for limit in clock.limits for point in limit.anchor.tries] if clock is not None else []
    earlier = {"raised", "date", "flag", "chosen", "entering", "ending"}
    return any(kind in earlier or (kind == "done" and not word.startswith(f"{stage.id}/")) for kind, word in points)


def _exceeds(clock: Clock | None, other: Clock | None) -> bool:
    """Whether a limit is longer than another, where both count the same unit and neither depends on a condition."""
    if clock is None or other is None or len(clock.limits) != 1 or len(other.limits) != 1:
        return False
    one, two = clock.limits[0], other.limits[0]
    return one.day == two.day and one.unit == two.unit and one.count > two.count > 0


def _ended_by(policy: Policy, ends: c.Condition, stage: Stage) -> bool:
    """Whether a cap has ended by the time a case is at `stage`."""
    if isinstance(ends, c.Any):
        return any(_ended_by(policy, one, stage) for one in ends.parts)
    if isinstance(ends, c.AtStage) and ends.how in ("reached", "at"):
        return policy.stage_by_id[ends.stage].number <= stage.number
    return False
