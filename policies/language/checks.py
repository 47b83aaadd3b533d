"""Mistakes that no single key shows: a stage nobody can reach, a notice to nobody, a limit longer than its cap, a rule nobody cites.

What lives here: checks of a compiled policy as a whole. What does not: keys (`source`), phrases (`phrases`), single obligations
(`checks_of_duties`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from policies.language.checks_of_duties import check_duty
from policies.language.checks_of_forms import check_forms
from policies.language.checks_of_stages import check_stages
from policies.language.compiling_duties import Written, places_of
from policies.language.findings import WHO, Findings
from policies.language.problems import Path, Problem
from policies.language.reading import Document
from policies.language.register import cites, citing_parts
from policies.language.source import PackSource
from policies.parts import conditions as c
from policies.parts.model import Policy
from policies.parts.stages import Stage
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
        *(() if found.doubts_the_way() else check_stages(policy, written, document)),
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


# --- roles ----------------------------------------------------------------------------------------------------------------------------


def _roles(policy: Policy, pack: PackSource, document: Document, found: Findings) -> Iterator[Problem]:
    held = {role for stage in policy.stages for role in stage.acts}
    held |= {ref.role for ref in _parties(policy)}
    for number, role in enumerate(pack.roles):
        if role.id not in held and not found.may_name(role.id, *WHO):
            yield document.problem(
                ("roles", number),
                f"The role '{role.id}' does nothing: no stage, obligation or choice names it. Name it there, or take it out.",
            )


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
