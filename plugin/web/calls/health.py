"""Whether the service is well: for a load balancer (`/health`) and for people who watch it (`/health/parts`)."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, current_app, jsonify
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from plugin.extensions import db
from plugin.models import Heartbeat
from plugin.models.scope import System, bind
from plugin.runtime import runtime
from plugin.services.desk.parts import parts as parts_now
from plugin.services.keeping.clock import business_now, machine_now
from plugin.web.door.gate import public

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
    """Each part with its age or depth; 503 where the sweep has not run for two of its periods, or the queue is down."""
    bind(db.session, System("health"))
    here = runtime(current_app)
    said = parts_now(db.session, business_now(db.session), machine_now(), here.settings.sweep_seconds)
    said["queue"] = here.waker.depth()
    return jsonify(said), 503 if said["sweep"] == "late" or said["queue"] == "down" else 200
