"""Whether the service is well: for a load balancer (`/health`) and for people who watch it (`/health/parts`)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import redis
from flask import Blueprint, current_app, jsonify
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from plugin.extensions import db
from plugin.models import Delivery, Heartbeat, MailRow, ObligationRow
from plugin.models.scope import System, bind
from plugin.runtime import runtime
from plugin.services.clock import business_now, machine_now
from plugin.web.gate import public

blueprint = Blueprint("health", __name__)


@blueprint.get("/health")
@public  # a load balancer has no session; the answer is one word
def live() -> Any:
    """ "ok" where the database answers; 503 else."""
    bind(db.session, System("health"))
    try:
        db.session.execute(select(Heartbeat.name).limit(1)).all()
    except SQLAlchemyError:
        return "the database does not answer\n", 503, {"Content-Type": "text/plain"}
    return "ok\n", 200, {"Content-Type": "text/plain"}


@blueprint.get("/health/parts")
@public  # counts and ages alone
def parts() -> Any:
    """Each part with its age or depth; 503 where the sweep has not run for two of its periods."""
    bind(db.session, System("health"))
    here = runtime(current_app)
    now, machine = business_now(db.session), machine_now()
    swept = db.session.scalar(select(Heartbeat.at).where(Heartbeat.name == "sweep"))
    late = swept is None or machine - swept > timedelta(seconds=2 * here.settings.sweep_seconds)
    said = {
        "sweep": "late" if late else "alive",
        "queue": _depth(),
        "mail_due": db.session.scalar(select(func.count()).select_from(MailRow).where(MailRow.next_try_at <= machine)),
        "deliveries_due": db.session.scalar(select(func.count()).select_from(Delivery).where(Delivery.next_try_at <= machine)),
        "needs_a_person": db.session.scalar(select(func.count()).select_from(Delivery).where(Delivery.state == "needs a person")),
        "oldest_due": _age(db.session.scalar(select(func.min(ObligationRow.next_act_at)).where(ObligationRow.next_act_at <= now)), now),
    }
    return jsonify(said), 503 if late or said["queue"] == "down" else 200


def _depth() -> int | str:
    try:
        return int(runtime(current_app).waker.queue.count)
    except redis.RedisError:
        return "down"


def _age(then: Any, now: Any) -> float | None:
    return round((now - then).total_seconds(), 1) if then else None
