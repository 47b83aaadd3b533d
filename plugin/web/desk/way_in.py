"""How people come in from a record system: the launch profile as a form, and what the supplier must be told."""

from __future__ import annotations

import json
from typing import Any

from flask import Blueprint, current_app, redirect, render_template, request, url_for

from plugin.extensions import db
from plugin.models import Agency
from plugin.runtime import runtime
from plugin.services.arriving import launch_profiles
from plugin.services.arriving.launch_profiles import Profile
from plugin.services.desk import ways
from plugin.services.keeping.clock import machine_now
from plugin.web.desk import typed
from plugin.web.desk.connections import way_or_404
from plugin.web.door import gate
from plugin.web.sheet import Sheet
from plugin.web.words import ZONE

blueprint = Blueprint("way_in", __name__, url_prefix="/admin/connections/<connection_id>")


@blueprint.get("/launch")
@gate.desk("administrator", "owner")
def launch(connection_id: str) -> Any:
    """The profile as it is."""
    way = way_or_404(connection_id)
    return _page(connection_id, typed.shown(Sheet(Profile), launch_profiles.shown(way.launch, ZONE)))


@blueprint.post("/launch")
@gate.desk("administrator", "owner")
def save_launch(connection_id: str) -> Any:
    """Saves it, or says what is wrong with it beside each question."""
    way = way_or_404(connection_id)
    if answer := typed.first():
        return answer
    here = runtime(current_app)
    sheet = Sheet(Profile).typed(request.form)
    if sheet.pressed == "save":
        sheet.also(ways.out_of_reach(sheet.raw, here.http.allowed))
    if sheet.pressed != "save" or not sheet.right:
        return _page(connection_id, sheet), 200 if sheet.right else 422
    others = {name: value for name, value in way.launch.items() if name not in Profile.model_fields}
    profile = {**others, **launch_profiles.stored(sheet.value, ZONE)}
    ways.change(db.session, connection_id, "launch changed", machine_now(), by=gate.member().account.id, launch=profile)
    typed.forget()
    return redirect(url_for("connections.one", connection_id=connection_id), 303)


def _page(connection_id: str, sheet: Sheet) -> str:
    way, here = way_or_404(connection_id), runtime(current_app)
    public = {name: value for name, value in here.keys.launch.items() if name != "d"}
    return render_template(
        "admin/launch.html",
        way=way,
        agency=db.session.get_one(Agency, way.agency_id),
        sheet=sheet,
        launch_url=f"{here.settings.public_url}/launch/{way.id}",
        audience=here.settings.public_url,
        seal_to=json.dumps(public),
    )
