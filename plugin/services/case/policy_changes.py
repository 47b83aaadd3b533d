"""What a new text of a policy would change, before it is put in force: its mistakes, its differences, and which open cases it would touch.

What lives here: trying a text, and what it would mean for the open cases. What does not: comparing (`policies.comparing`), putting a text
in force (`services.case.policies`). Nothing is kept.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

import policies
from plugin.models import Disagreement
from plugin.models.scope import Desk, Principal, System, bind, principal
from plugin.services.case.cases import clear_events_of
from policies import Event, Policy, Problem, Viewer
from policies.comparing import CaseChange, Change, difference, for_case, for_cases, for_typical_case, look_again

AT_MOST = 100


@dataclass(frozen=True, slots=True)
class Standing:
    """How many open cases stand at a stage of the policy in force, and whether the new text has that stage."""

    stage: str
    title: str
    cases: int
    gone: bool


@dataclass(frozen=True, slots=True)
class Touched:
    """An open case for which something would be other under the new text: its reference, where it stands, and what."""

    reference: str
    stage: str
    changes: tuple[CaseChange, ...]


@dataclass(frozen=True, slots=True)
class Tried:
    """What came of trying a text: either `problems`, or the differences.

    `again` are slips to look at; `typical` is what a case would meet at each stage; of the open cases `looked_at` were evaluated under
    both (`AT_MOST`, the latest first), `touched` are those that would stand otherwise, `counted` in how many each thing would.
    """

    problems: tuple[Problem, ...] = ()
    changes: tuple[Change, ...] = ()
    again: tuple[str, ...] = ()
    typical: tuple[tuple[str, tuple[CaseChange, ...]], ...] = ()
    standing: tuple[Standing, ...] = ()
    looked_at: int = 0
    touched: tuple[Touched, ...] = ()
    counted: tuple[tuple[str, str, int], ...] = ()


def try_text(session: Session, old: Policy, text: str, now: datetime, forms: Collection[str]) -> Tried:
    """A new text beside the policy in force, as the session's principal may see the open cases. `now` is business time, aware UTC."""
    try:
        new = policies.load(text, source="line", forms=forms)
    except policies.PackError as fault:
        return Tried(problems=tuple(fault.problems))
    looked_at, touched = _touched(session, old, new, now)
    return Tried(
        changes=difference(old, new),
        again=look_again(old, new, old.calendar.local(now).date()),
        typical=for_typical_case(old, new, now),
        standing=_standing(session, old, new),
        looked_at=looked_at,
        touched=touched,
        counted=for_cases(one.changes for one in touched),
    )


def _standing(session: Session, old: Policy, new: Policy) -> tuple[Standing, ...]:
    """Open cases by stage, in the policy's order; a running case keeps the version it was raised under all the same."""
    rows = session.execute(
        select(Disagreement.stage, func.count(Disagreement.id).label("cases"))
        .where(Disagreement.policy_hash == old.hash, Disagreement.status == "open")
        .group_by(Disagreement.stage)
    )
    found: dict[str, int] = {row.stage: row.cases for row in rows}
    return tuple(Standing(one.id, one.title, found[one.id], one.id not in new.stage_by_id) for one in old.stages if one.id in found)


def _touched(session: Session, old: Policy, new: Policy, now: datetime) -> tuple[int, tuple[Touched, ...]]:
    """How many open cases were looked at, and those that would stand otherwise.

    Which cases those are is the principal's to see; their events (codes and dates alone) are read by the service, which says of them what
    that principal may know of obligations, dates and moves.
    """
    mine = Disagreement.policy_hash == old.hash, Disagreement.status != "closed"
    cases = session.execute(
        select(Disagreement.id, Disagreement.reference, Disagreement.stage)
        .where(*mine)
        .order_by(Disagreement.created_at.desc())
        .limit(AT_MOST)
    ).all()
    who = principal(session)
    bind(session, System("compare"))
    try:
        told = clear_events_of(session, [case.id for case in cases])
    finally:
        bind(session, who)
    titles = {one.id: one.title for one in old.stages}
    found = [
        Touched(case.reference, titles.get(case.stage, case.stage), changes)
        for case in cases
        if (changes := for_case(old, new, told[case.id], now, _viewer(who, told[case.id])))
    ]
    return len(cases), tuple(found)


def _viewer(who: Principal, events: Sequence[Event]) -> Viewer:
    """The desk of an agency sees as that agency does; every other one as the coordinator, who sees nobody's private steps."""
    agency = who.agency_id if isinstance(who, Desk) else ""
    sides = {one["side"] for one in events[0].facts.get("parties", ()) if one["agency"] == agency}
    if not sides:
        return Viewer("", "partnership", coordinator=True)
    return Viewer(agency, "both" if len(sides) > 1 else next(iter(sides)))
