"""The sweep: what is due among ten thousand open obligations and among a million, on both engines; and a sweep with nothing to do.

The many belong to cases that are not due and are never opened: a sweep must find the due ones by its index and leave the rest alone.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, insert, select, text

from plugin.extensions import db
from plugin.models import Disagreement, ObligationRow, begin_writing, new_id, table_of
from plugin.models.scope import System, bind
from plugin.services.keeping.clock import business_now, machine_now
from plugin.services.post import reminders
from tests.bench.figures import Figure, middle, spread
from tests.bench.stage import Stage
from tests.world import World, make_world

TITLE = "The sweep"
RUNS, CASES, FEW, MANY, A_CASE = 4, 50, 10_000, 1_000_000, 10
_AT_A_TIME = 20_000


def measure(stage: Stage) -> Iterator[Figure]:
    """On each engine: among few, then among many on the same database."""
    for engine in ("sqlite", "postgresql"):
        app = stage.app(stage.database(engine, "sweeping"))
        with app.app_context():
            world = make_world(app)
            raised = business_now(db.session)
            later = raised + timedelta(days=12)
            few = _among(world, FEW, raised, later)
            many = _among(world, MANY, raised, later)
            nothing = [_timed(world, later)[0] for _ in range(5)]
            db.session.remove()
            db.engine.dispose()
        share = middle(many) / middle(few)
        yield Figure(f"{engine}: 1,000 due among {FEW:,} open", middle(few), "ms", spread(few))
        yield Figure(f"{engine}: 1,000 due among {MANY:,} open", middle(many), "ms", f"{spread(many)}; {share:.2f} times")
        yield Figure(f"{engine}: a sweep with nothing due", middle(nothing), "ms", spread(nothing))


def _among(world: World, wanted: int, raised: datetime, later: datetime) -> list[float]:
    """Milliseconds for a thousand due obligations, of several sweeps at `later`."""
    _fill(wanted, later)
    bind(db.session, System("bench"))
    _analyze()
    took = []
    for _ in range(RUNS):
        for _ in range(CASES):
            world.make_disagreement(raised)
        bind(db.session, System("bench"))
        due = db.session.scalar(select(func.count()).select_from(ObligationRow).where(ObligationRow.next_act_at <= later)) or 0
        db.session.rollback()
        spent, done = _timed(world, later)
        assert done == CASES, done
        took.append(spent * 1000 / due)
    return took


def _timed(world: World, now: datetime) -> tuple[float, int]:
    bind(db.session, System("bench"))
    begun = time.perf_counter()
    done = reminders.sweep(db.session, world.keys, now, machine_now())
    return 1e3 * (time.perf_counter() - begun), done


def _fill(wanted: int, later: datetime) -> None:
    """Open obligations up to so many, none due for a month."""
    bind(db.session, System("bench"))
    begin_writing(db.session)
    there = db.session.scalar(select(func.count()).select_from(ObligationRow)) or 0
    case = db.session.execute(select(Disagreement.partnership_id, Disagreement.policy_hash)).first()
    partnership, policy = case or db.session.execute(text("SELECT partnership_id, hash FROM policy_version LIMIT 1")).one()
    while there < wanted:
        count = min(_AT_A_TIME, wanted - there)
        cases = [_case(partnership, policy, later) for _ in range(-(-count // A_CASE))]
        db.session.execute(insert(table_of(Disagreement)), cases)
        rows = [_obligation(cases[number // A_CASE]["id"], number, later) for number in range(count)]
        db.session.execute(insert(table_of(ObligationRow)), rows)
        there += count
    db.session.commit()


def _case(partnership: str, policy: str, later: datetime) -> dict[str, Any]:
    made = new_id()
    held = {"partnership_id": partnership, "policy_hash": policy, "created_at": later, "key": None, "seq": 1, "head": "", "due_at": None}
    return {"id": made, "reference": f"PD-{made[:12]}", "status": "open", "stage": "1", "outcome": "", **held}


def _obligation(case_id: str, number: int, later: datetime) -> dict[str, Any]:
    at = later + timedelta(days=30, seconds=number)
    row = {"kind": "discussion", "strength": "must", "status": "owed", "side": "both", "role": "practitioner", "agency_id": ""}
    return {"disagreement_id": case_id, "key": f"1/{number % A_CASE}", "due_at": at, "next_act_at": at, "policy_hash": "", "seq": 1, **row}


def _analyze() -> None:
    """Both engines choose by what they know of the tables."""
    db.session.execute(text("ANALYZE"))
    db.session.commit()
