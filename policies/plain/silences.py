"""What a policy's text leaves unsaid, found in the compiled policy: stages and duties without a time, outcomes that may or may not bind."""

from __future__ import annotations

from collections.abc import Iterator

from policies.parts.model import Policy
from policies.plain.naming import listed, quoted
from policies.plain.writing import Section, Sentence


def silences(policy: Policy) -> Section:
    """Each kind of silence, with the places it is found in; nothing where there is none."""
    return Section("silences", "What the text does not say", tuple(_found(policy)))


def _found(policy: Policy) -> Iterator[Sentence]:
    stages = [one for one in policy.stages if one.limit is None and one.cumulative is None]
    if stages:
        yield Sentence("stages", f"How long these stages may take: {listed(f'{one.id} ({one.title})' for one in stages)}.")
    owed = _timeless(policy, frozenset(one.id for one in stages))
    if owed:
        yield Sentence("duties", f"By when these are to be done: {'; '.join(owed)}.")
    outcomes = [quoted(one.title) for one in policy.outcomes if one.closes and not one.neutral and not one.binding]
    if outcomes:
        yield Sentence("outcomes", f"Whether these outcomes bind anybody: {listed(outcomes)}.")
    if not any(one.judged_by for one in policy.stages):
        yield Sentence("judges", "Who says whether it is settled. Here both sides say so together at every stage.")
    if policy.emergency is None:
        yield Sentence("emergency", "What to do first where somebody is in danger now.")
    if policy.inside is None and not policy.redirects:
        yield Sentence("inside one agency", "Whether both sides may belong to one organisation. Here they do not.")
    if not any(one.kind == "record" for one in policy.duties):
        yield Sentence("records", "That anything is put on the file.")


def _timeless(policy: Policy, stages: frozenset[str]) -> list[str]:
    """What must or should be done, by people, with no time of its own and none of its stage."""
    return list(
        dict.fromkeys(
            quoted(one.title)
            for one in policy.duties
            if one.strength in ("must", "should")
            and not (one.clock or one.cumulative or one.before or one.done_by or one.automatic)
            and (not one.inside or one.stage in stages)
        )
    )


def never_begun(policy: Policy) -> list[tuple[str, str]]:
    """The ids of the caps that count from entering one stage alone, and a stage a case may begin at instead: there they never run."""
    found = []
    for cap in policy.caps:
        points = [point for limit in cap.clock.limits for point in limit.anchor.tries]
        if points and all(kind == "entering" for kind, _ in points):
            entered = {stage for _, stage in points}
            last = max(policy.stage_by_id[one].number for one in entered)
            past = (one.id for one in policy.stages if one.direct is not None and one.number > last and one.id not in entered)
            found += [(cap.id, one) for one in (next(past, ""),) if one]
    return found


def endless(policy: Policy) -> list[str]:
    """The places ("2/answer") of what must be done at a stage that has a time, and yet has no end: neither its own nor the stage's."""
    return [
        one.place
        for one in policy.duties
        if one.strength == "must"
        and one.stage
        and (policy.stage_by_id[one.stage].limit or policy.stage_by_id[one.stage].cumulative)
        and not (one.clock or one.cumulative or one.before or one.done_by or one.automatic or one.inside)
    ]
