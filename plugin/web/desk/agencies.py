"""Agencies at the desk: a list, a form each, and who is missing in which role."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, current_app, redirect, render_template, request, url_for
from sqlalchemy import select

from plugin.extensions import db
from plugin.models import Agency, Connection, Partnership
from plugin.models.scope import System, bind
from plugin.runtime import runtime
from plugin.services.desk import agencies, taking_part
from plugin.services.desk.agencies import AgencyForm
from plugin.services.keeping.clock import business_now, machine_now
from plugin.services.providers import standing as sso
from plugin.web import words
from plugin.web.desk import typed
from plugin.web.door import gate
from plugin.web.sheet import Sheet

blueprint = Blueprint("agencies", __name__, url_prefix="/admin/agencies")


def agency_or_404(agency_id: str) -> Agency:
    """The agency, if this desk looks after it; to anybody else it is not there."""
    account = gate.member().account
    found = db.session.get(Agency, agency_id)
    own = found is not None and (
        account.role == "owner" or account.agency_id == found.id or (account.partnership_id or "-") == found.partnership_id
    )
    return found if found is not None and own else abort(404)


@blueprint.get("")
@gate.desk("owner", "coordinator", nav="Agencies", place=20)
def every() -> Any:
    """Every agency this desk looks after."""
    return render_template("admin/agencies.html", agencies=_mine())


def _mine() -> list[Agency]:
    account = gate.member().account
    return [one for one in agencies.listed(db.session) if account.role == "owner" or one.partnership_id == account.partnership_id]


@blueprint.get("/own")
@gate.desk("administrator", nav="Your agency", place=20)
def own() -> Any:
    """An administrator's own."""
    return redirect(url_for("agencies.one", agency_id=gate.member().account.agency_id), 303)


@blueprint.route("/new", methods=["GET", "POST"])
@gate.desk("owner", "coordinator")
def new() -> Any:
    """A new agency of a partnership."""
    account = gate.member().account
    bodies = [one for one in _partnerships() if account.role == "owner" or one.id == account.partnership_id]
    body = request.values.get("partnership", bodies[0].id if bodies else "")
    if body not in {one.id for one in bodies}:
        abort(404)
    sheet = Sheet(AgencyForm, agencies.choices(db.session, body))
    return _form("", body, sheet, bodies, {})


@blueprint.route("/<agency_id>", methods=["GET", "POST"])
@gate.desk()
def one(agency_id: str) -> Any:
    """What is known about an agency, to be changed."""
    row = agency_or_404(agency_id)
    sheet = Sheet(AgencyForm, agencies.choices(db.session, row.partnership_id))
    return _form(agency_id, row.partnership_id, sheet, [], agencies.form_of(row))


@blueprint.post("/<agency_id>/part")
@gate.desk("owner", "coordinator")
def part(agency_id: str) -> Any:
    """An agency leaves the partnership as a whole, or takes part again; asks first."""
    row = agency_or_404(agency_id)
    off, name = row.off_since is None, row.name
    if request.form.get("sure") != "yes":
        return render_template(
            "admin/confirm.html",
            question=f"Does {name} leave the partnership?" if off else f"Does {name} take part again?",
            what=_LEAVES if off else _BACK,
            button_text="It leaves" if off else "It takes part again",
            fields={},
            cancel=url_for("agencies.one", agency_id=agency_id),
            warning_button=off,
        )
    by, keys = gate.member().account.id, runtime(current_app).keys
    bind(db.session, System("an agency's part"))
    change = taking_part.leave if off else taking_part.come_back
    change(db.session, keys, agency_id, business_now(db.session), machine_now(), by=by)
    return redirect(url_for("agencies.one", agency_id=agency_id), 303)


_LEAVES = (
    "From now on nobody comes in from its record system, its links open nothing, and no disagreement can be raised with it. What it was "
    "asked in open disagreements is put to whoever coordinates the partnership. What should be written to its files waits. Nothing is "
    "deleted, and it can take part again at any time. Its administrators’ accounts stay: switch them off under Accounts if they should."
)
_BACK = (
    "Its connections go on as they were, what waited for its files is sent, and its people can open their links again. They are asked "
    "for whatever is still owed."
)


def _form(agency_id: str, body: str, sheet: Sheet, bodies: list[Partnership], value: dict[str, Any]) -> Any:
    if request.method == "POST":
        if answer := typed.first():
            return answer
        sheet.typed(request.form)
        if sheet.pressed == "save" and sheet.right:
            sheet.also(_too_early(agency_id, sheet.value))
        if sheet.pressed == "save" and sheet.right:
            done = agencies.save(db.session, agency_id, body, sheet.value, machine_now(), by=gate.member().account.id)
            typed.forget()
            return redirect(url_for("people.every", agency_id=done), 303)
    else:
        typed.shown(sheet, value)
    agency = db.session.get(Agency, agency_id) if agency_id else None
    closed = sso.why_closed(db.session, agency) if agency else ""
    page = render_template(
        "admin/agency.html", agency=agency, sheet=sheet, bodies=bodies, body=body, closed=closed, ways=_ways(agency), words=words
    )
    return page, 200 if sheet.right else 422


def _too_early(agency_id: str, value: dict[str, Any]) -> dict[str, str]:
    """An agency's own sign-in is chosen once it works: from then on nobody gets a code. What is chosen already may stay."""
    before = db.session.get(Agency, agency_id) if agency_id else None
    if value.get("assurance") != "sso" or (before is not None and before.assurance == "sso"):
        return {}
    why = sso.why_not(db.session, agency_id)
    said = f"Its managers could not open their links: {why}. Set it up and test it first, on the connection’s page; then choose it here."
    return {"assurance": said} if why else {}


def _ways(agency: Agency | None) -> list[Connection]:
    """The connections of an agency that this desk may change."""
    if agency is None or gate.member().account.role == "coordinator":
        return []
    return list(db.session.scalars(select(Connection).where(Connection.agency_id == agency.id).order_by(Connection.id)))


def _partnerships() -> list[Partnership]:
    return list(db.session.scalars(select(Partnership).order_by(Partnership.title)))
