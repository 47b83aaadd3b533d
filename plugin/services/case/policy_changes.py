"""What a new text of a policy would change, before it is put in force: its mistakes, its differences, and which open cases it would touch.

What lives here: trying a text, and counting the open cases at each stage. What does not: comparing (`policies.comparing`), putting a text
in force (`services.case.policies`). Nothing is kept.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

import policies
from plugin.models import Disagreement
from policies import Policy, Problem
from policies.comparing import CaseChange, Change, difference, for_typical_case


@dataclass(frozen=True, slots=True)
class Standing:
    """How many open cases stand at a stage of the policy in force, and whether the new text has that stage."""

    stage: str
    title: str
    cases: int
    gone: bool


@dataclass(frozen=True, slots=True)
class Tried:
    """What came of trying a text: either `problems`, or the differences; `typical` is what a case would meet at each stage."""

    problems: tuple[Problem, ...] = ()
    changes: tuple[Change, ...] = ()
    typical: tuple[tuple[str, tuple[CaseChange, ...]], ...] = ()
    standing: tuple[Standing, ...] = ()


def try_text(session: Session, old: Policy, text: str, now: datetime, forms: Collection[str]) -> Tried:
    """A new text beside the policy in force, as the session's principal may see the open cases. `now` is business time, aware UTC."""
    try:
        new = policies.load(text, source="line", forms=forms)
    except policies.PackError as fault:
        return Tried(problems=tuple(fault.problems))
    return Tried((), difference(old, new), for_typical_case(old, new, now), _standing(session, old, new))


def _standing(session: Session, old: Policy, new: Policy) -> tuple[Standing, ...]:
    """Open cases by stage, in the policy's order; a running case keeps the version it was raised under all the same."""
    rows = session.execute(
        select(Disagreement.stage, func.count(Disagreement.id).label("cases"))
        .where(Disagreement.policy_hash == old.hash, Disagreement.status == "open")
        .group_by(Disagreement.stage)
    )
    found: dict[str, int] = {row.stage: row.cases for row in rows}
    return tuple(Standing(one.id, one.title, found[one.id], one.id not in new.stage_by_id) for one in old.stages if one.id in found)
