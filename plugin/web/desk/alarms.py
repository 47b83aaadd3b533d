"""The page of alarms at the desk: what nobody else will see to. References, agencies and roles; what is done about it is done elsewhere."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, current_app, render_template

from plugin.extensions import db
from plugin.runtime import runtime
from plugin.services.keeping.clock import business_now, machine_now
from plugin.services.notices import alarms
from plugin.web import words
from plugin.web.door import gate

blueprint = Blueprint("alarms", __name__, url_prefix="/admin/alarms")
_OF_THE_SERVICE = ("mail stuck", "sweep late", "replies")


@blueprint.get("")
@gate.desk("coordinator", "administrator", "owner", nav="Alarms", place=5)
def every() -> Any:
    """Every alarm that is open, the oldest first: those of cases, then those of the service itself."""
    here = runtime(current_app)
    found = alarms.open_alarms(db.session, business_now(db.session), machine_now(), here.settings.sweep_seconds)
    return render_template(
        "admin/alarms.html",
        left=[one for one in found if one.kind == "organisation left"],
        unreached=[one for one in found if one.kind == "nobody reached"],
        not_done=[one for one in found if one.kind == "not done"],
        service=[one for one in found if one.kind in _OF_THE_SERVICE],
        words=words,
    )
