"""Keeping a session open while somebody reads or thinks."""

from __future__ import annotations

from typing import Any

from flask import Blueprint

from plugin.extensions import db
from plugin.services import launching
from plugin.services.clock import machine_now
from plugin.web.gate import member

blueprint = Blueprint("session", __name__)


@blueprint.post("/session/extend")
def extend() -> Any:
    """Starts the idle time anew; the longest a session lasts stays as it was."""
    launching.note_use(db.session, member().row, machine_now())
    return "", 204
