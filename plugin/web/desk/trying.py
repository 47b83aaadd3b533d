"""Trying a connection out: exactly what would be sent for a sample child, and a sample sent to a test child the agency has marked."""

from __future__ import annotations

import secrets
from datetime import date
from typing import Any

from flask import Blueprint, current_app, render_template, request

from integrations.contract import Delivered
from plugin.extensions import db
from plugin.models import Agency
from plugin.runtime import runtime
from plugin.services.keeping.clock import machine_now
from plugin.services.write_back import checks
from plugin.services.write_back.checks import Sample
from plugin.services.write_back.legible import legible
from plugin.web.desk.connections import way_or_404
from plugin.web.door import gate

blueprint = Blueprint("trying", __name__, url_prefix="/admin/connections/<connection_id>")
_LETTERS = "346789BCDFGHJKMNPQRTVWXY"


@blueprint.route("/preview", methods=["GET", "POST"])
@gate.desk("administrator", "owner")
def preview(connection_id: str) -> Any:
    """What would be sent, secrets masked. Nothing is."""
    way = way_or_404(connection_id)
    sample = _sample()
    record = checks.sample_record(sample, machine_now(), db.session.get_one(Agency, way.agency_id).name)
    shown = checks.preview(runtime(current_app).adapters, way, record)
    short = legible(shown, record)
    return render_template(
        "admin/preview.html", way=way, shown=short, exact=shown if short != shown else "", known=dict(sample.identifiers), child=sample
    )


@blueprint.route("/sample", methods=["GET", "POST"])
@gate.desk("administrator", "owner")
def sample(connection_id: str) -> Any:
    """Asks for the test child's numbers, name and birth, and whether it is marked as one; then sends, and says what came of it."""
    way, here, now = way_or_404(connection_id), runtime(current_app), machine_now()
    given = _sample()
    known = dict(given.identifiers)
    if request.method == "GET":
        return render_template("admin/sample.html", way=way, known={}, child=given, born=given.born.isoformat(), faults=[], told=None)
    born = request.form.get("born", "").strip()
    faults = []
    if born and _day(born) is None:
        faults.append(("born", "Enter the date of birth as year-month-day, for example 2015-04-01."))
    if not any(request.form.get(f"child.{name}", "").strip() for name in known):
        faults.append(("nhs-number", "Enter at least one number by which your record system knows the test record."))
    if request.form.get("marked") != "yes":
        faults.append(("marked", "Tick the box when you have made sure that this is a test record."))
    if faults:
        return render_template("admin/sample.html", way=way, known=known, child=given, born=born, faults=faults, told=None), 422
    agency = db.session.get_one(Agency, way.agency_id).name
    key = f"PD-TEST-{''.join(secrets.choice(_LETTERS) for _ in range(4))}/v1"
    record = checks.sample_record(given, now, agency, key)
    by = gate.member().account.id
    outcome = checks.send_sample(db.session, here.keys, here.adapters, here.http, connection_id, record, now, by=by)
    told = checks.outcome_in_words(outcome)
    shown = {"known": known, "child": given, "born": given.born.isoformat(), "faults": []}
    return render_template(
        "admin/sample.html", way=way_or_404(connection_id), told=told, well=isinstance(outcome, Delivered), key=key, **shown
    )


def _sample() -> Sample:
    """What was typed of the child; what nobody has where nothing was."""
    usual = Sample()
    typed = tuple((name, request.form.get(f"child.{name}", "").strip()[:80]) for name, _value in usual.identifiers)
    identifiers = typed if any(value for _name, value in typed) else usual.identifiers
    name, born = request.form.get("name", "").strip()[:120], _day(request.form.get("born", "").strip())
    return Sample(identifiers, name or usual.name, born or usual.born)


def _day(typed: str) -> date | None:
    try:
        return date.fromisoformat(typed)
    except ValueError:
        return None
