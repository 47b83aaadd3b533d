"""Mistakes that no single key shows: a stage nobody can reach, a notice to nobody, a limit longer than its cap, a rule nobody cites.

What lives here: checks of a compiled policy as a whole. What does not: keys (`source`) and phrases (`phrases`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from policies import conditions as c
from policies.compiling_duties import Written, places_of
from policies.model import Policy, Stage
from policies.problems import Problem
from policies.reading import Document, Path
from policies.register import cites, citing_parts
from policies.source import PackSource
from policies.terms import Clock, Duty, Limit, PartyRef

_INFORMING = frozenset({"notice", "copy", "letter", "report", "referral", "hand-off"})


def check(policy: Policy, pack: PackSource, document: Document, forms: Collection[str] | None) -> list[Problem]:
    """Every mistake in the policy as a whole. `forms` are the ids of forms that exist; None leaves them unchecked."""
    written = places_of(pack).written
    return [
        *_twice(pack, document),
        *_rules(pack, document),
        *_flags(policy, pack, document),
        *_stages(policy, document),
        *_roles(policy, pack, document),
        *(problem for duty, one in zip(policy.duties, written, strict=True) for problem in _duty(policy, duty, one, document, forms)),
        *_time(policy, document, written),
        *_lengths(policy, document),
    ]


def _twice(pack: PackSource, document: Document) -> Iterator[Problem]:
    lists = ("themes", "flags", "choices", "dates", "modes", "agency types", "roles", "caps", "stops", "stages", "outcomes", "panels")
    for key in lists:
        seen: set[str] = set()
        for number, one in enumerate(getattr(pack, key.replace(" ", "_"))):
            if one.id in seen:
                yield document.problem((key, number, "id"), f"'{one.id}' is here twice. Give each its own id.")
            seen.add(one.id)


def _rules(pack: PackSource, document: Document) -> Iterator[Problem]:
    if not pack.rules:
        return
    cited = {number for _, part in citing_parts(pack) for number in cites(getattr(part, "rule", ""))}
    for number in pack.rules:
        if number not in cited:
            yield document.problem(("rules", number), "No part of the pack cites this rule. Cite it where it is carried out, or in a note.")
    for number in sorted(cited - pack.rules.keys()):
        yield document.problem(("rules",), f"The rule {number} is cited and not in the register of rules.")


def _flags(policy: Policy, pack: PackSource, document: Document) -> Iterator[Problem]:
    if pack.emergency and pack.emergency.flag not in policy.flag_ids:
        yield document.problem(("emergency", "flag"), f"'{pack.emergency.flag}' is not a flag of this pack.")


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
            yield document.problem((*path, "next"), f"Stage {stage.id} leads back to itself. Use 'tiers: yes' for one that repeats.")


def _circle(policy: Policy, stage: Stage) -> bool:
    here = stage
    for _ in policy.stages:
        if not here.next:
            return False
        here = policy.stage_by_id[here.next]
        if here is stage:
            return True
    return False


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


def _roles(policy: Policy, pack: PackSource, document: Document) -> Iterator[Problem]:
    held = {role for stage in policy.stages for role in stage.acts}
    held |= {ref.role for ref in _parties(policy)}
    for number, role in enumerate(pack.roles):
        if role.id not in held:
            yield document.problem(("roles", number), f"Nobody holds the role '{role.id}': no stage, obligation or choice names it.")


def _parties(policy: Policy) -> Iterable[PartyRef]:
    for duty in policy.duties:
        yield duty.by
        yield from duty.to
    for stage in policy.stages:
        yield from (*stage.opened_by, *stage.judged_by)
    for outcome in policy.outcomes:
        yield from outcome.by
    for question in policy.questions:
        yield from question.by


# --- obligations ----------------------------------------------------------------------------------------------------------------------


def _duty(policy: Policy, duty: Duty, one: Written, document: Document, forms: Collection[str] | None) -> Iterator[Problem]:
    path = one.path
    if forms is not None and duty.form and duty.form not in forms:
        yield document.problem((*path, "form"), f"There is no form '{duty.form}'. There are: {', '.join(sorted(forms))}.")
    if duty.kind in _INFORMING and not duty.to:
        yield document.problem((*path, "to"), f"A {duty.kind} needs someone it goes to. Add a line 'to: …'.")
    if duty.by.side in ("own", "other", "officer"):
        yield document.problem(
            (*path, "by"), "Someone who owes a thing is named by side: raising, responding, both, each, every, partnership."
        )
    if {duty.each_role, *(ref.role for ref in duty.to if ref.side == "officer")} - {"", *policy.roles}:
        yield document.problem((*path, "to"), "Declare a role with the id 'reviewing officer' of a child first.")
    for key, condition in (("when", duty.when), ("done by", duty.done_by)):
        if condition is not None and any(trigger.startswith("owed:") for trigger in condition.triggers):
            yield document.problem(
                (*path, key), "'owed' is for guards, clocks and notes. Write for example 'not talk done', or 'talk overdue'."
            )
    yield from _repeating(duty, one, document)
    yield from _reminders(duty, one, document)


def _repeating(duty: Duty, one: Written, document: Document) -> Iterator[Problem]:
    """What comes again and again must come to an end, and may neither be met by itself nor keep the case open."""
    if duty.again is None:
        return
    path = (*one.path, "repeats")
    if duty.lasts != "stage" and duty.when is None:
        yield document.problem(path, "Say how long it goes on: add 'when: not resolved', or 'lasts: stage'.")
    if duty.done_by is not None:
        yield document.problem(path, "What repeats is done each time by somebody: take 'done by' out.")
    if duty.holds_open:
        yield document.problem(path, "What repeats can never be done once for all: take 'holds open' out.")
    if any(limit.unit == "at once" or limit.count < 0 for limit in duty.again.limits):
        yield document.problem(path, "Write how long after it was done it comes again, such as '1 week' or '5 working days'.")


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


def _reminders(duty: Duty, one: Written, document: Document) -> Iterator[Problem]:
    limit = duty.clock.limits[0] if duty.clock is not None else None
    for place, step in enumerate(duty.ladder):
        path = (*one.path, "reminders", place, "at")
        ahead = step.id in ("ask", "before", "on the day")
        if ahead and step.from_ == "due" and (step.working_days > 0 or step.wait.total_seconds() > 0):
            yield document.problem(path, "This reminder comes after the deadline it is meant to come before.")
        if ahead and step.from_ == "since" and limit is not None and _longer(step.working_days, limit):
            yield document.problem(path, "This reminder comes after the deadline it is meant to come before.")


def _longer(working_days: int, limit: Limit) -> bool:
    return limit.unit == "working days" and working_days > limit.count


# --- lengths --------------------------------------------------------------------------------------------------------------------------


def _lengths(policy: Policy, document: Document) -> Iterator[Problem]:
    for stage in policy.stages:
        path = ("stages", stage.number)
        for cap in policy.caps:
            if not _ended_by(policy, cap.ends, stage):
                for key, clock in (("limit", stage.limit), ("cumulative", stage.cumulative)):
                    if _exceeds(clock, cap.clock):
                        yield document.problem((*path, key), f"This is longer than the cap '{cap.id}', which still runs at this stage.")
        if _exceeds(stage.limit, stage.cumulative):
            yield document.problem((*path, "limit"), "The stage's own limit is longer than its cumulative one.")
        owes = [duty for duty in policy.duties if duty.stage == stage.id and duty.inside]
        for duty in owes:
            if _exceeds(duty.clock, stage.limit):
                yield document.problem(path, f"The limit of '{duty.id}' is longer than the stage's own.")


def _exceeds(clock: Clock | None, other: Clock | None) -> bool:
    """Whether a limit is longer than another, where both count the same unit and neither depends on a condition."""
    if clock is None or other is None or len(clock.limits) != 1 or len(other.limits) != 1:
        return False
    one, two = clock.limits[0], other.limits[0]
    return one.unit == two.unit and one.count > two.count > 0


def _ended_by(policy: Policy, ends: c.Condition, stage: Stage) -> bool:
    """Whether a cap has ended by the time a case is at `stage`."""
    if isinstance(ends, c.Any):
        return any(_ended_by(policy, one, stage) for one in ends.parts)
    if isinstance(ends, c.AtStage) and ends.how in ("reached", "at"):
        return policy.stage_by_id[ends.stage].number <= stage.number
    return False
