"""People at the desk: who works at an agency and holds which role, one by one or by a list."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, current_app, redirect, render_template, request, url_for
from werkzeug.datastructures import MultiDict

from plugin.extensions import db
from plugin.models import Agency, Person
from plugin.models.scope import System, bind
from plugin.runtime import runtime
from plugin.services.case import staff
from plugin.services.case.policies import current_policy
from plugin.services.case.recording import FILING, FILING_TITLE
from plugin.services.desk import people, people_lists
from plugin.services.desk.people import PersonError, PersonForm
from plugin.services.keeping.clock import business_now, machine_now
from plugin.web import finding
from plugin.web.desk import typed
from plugin.web.desk.agencies import agency_or_404
from plugin.web.door import gate
from plugin.web.sheet import Sheet

blueprint = Blueprint("people", __name__, url_prefix="/admin/agencies/<agency_id>/people")


@blueprint.get("")
@gate.desk()
def every(agency_id: str) -> Any:
    """Everybody, with their roles; and the roles that nobody holds."""
    agency = agency_or_404(agency_id)
    rows = people.listed(db.session, agency_id)
    names = {person.id: person.name for person, _held in rows}
    roles = _roles(agency)
    return render_template(
        "admin/people.html",
        agency=agency,
        rows=rows,
        names=names,
        roles=roles,
        vacant=people.vacant(db.session, agency),
    )


@blueprint.route("/new", methods=["GET", "POST"])
@gate.desk("administrator", "owner")
def new(agency_id: str) -> Any:
    """Somebody new."""
    return _form(agency_or_404(agency_id), None, {})


@blueprint.route("/<person_id>", methods=["GET", "POST"])
@gate.desk("administrator", "owner")
def one(agency_id: str, person_id: str) -> Any:
    """Somebody, to be changed."""
    agency, person = agency_or_404(agency_id), _person(agency_id, person_id)
    return _form(agency, person, people.form_of(db.session, person))


def _form(agency: Agency, person: Person | None, value: dict[str, Any]) -> Any:
    deputies = _deputies(agency, value)
    roles = list(_roles(agency).items())
    sheet = Sheet(PersonForm, {"role": roles, "deputy_id": [("", "Nobody"), *deputies.people]})
    if request.method == "GET":
        typed.shown(sheet, value)
    else:
        if answer := typed.first():
            return answer
        sheet.typed(_sent())
        if sheet.pressed == "save" and sheet.right:
            try:
                by = gate.member().account.id
                people.save(db.session, agency.id, person.id if person else "", sheet.value, machine_now(), by=by)
                typed.forget()
                return redirect(url_for("people.every", agency_id=agency.id), 303)
            except PersonError as wrong:
                db.session.rollback()
                sheet.also({wrong.field: wrong.text})
    shown = {"agency": agency, "person": person, "sheet": sheet, "deputies": deputies, "sought": finding.sought({})}
    return render_template("admin/person.html", **shown), 200 if sheet.right else 422


def _deputies(agency: Agency, value: dict[str, Any]) -> staff.Found:
    """Who can be chosen as a deputy: whoever deputises already or holds a role, and, of many, who was looked for."""
    typed_before = [said for form in (request.form, typed.again()) for name, said in form.items(multi=True) if name.endswith(".deputy_id")]
    also = [*typed_before, *(str(one["deputy_id"]) for one in value.get("roles", ()))]
    return staff.found(db.session, agency.id, finding.sought({}), roles=list(_roles(agency)), also=also)


def _sent() -> MultiDict[str, str]:
    """What was sent. Nothing is saved where somebody is to be looked for first: by the button, or by Enter in its box."""
    sent = MultiDict(request.form)
    if sent.get("do", "save") == "save" and finding.asked({"find": sent.get("found", "")}):
        sent["do"] = "look"
    return sent


@blueprint.post("/<person_id>/left")
@gate.desk("administrator", "owner")
def left(agency_id: str, person_id: str) -> Any:
    """Somebody left, or is back; asks first."""
    agency, person = agency_or_404(agency_id), _person(agency_id, person_id)
    by, now = gate.member().account.id, machine_now()
    if not person.active:
        people.come_back(db.session, person_id, now, by=by)
    elif request.form.get("sure") != "yes":
        what = "Their sessions and links end at once and their roles are free. Whatever they were asked goes to whoever stands behind them."
        back = url_for("people.one", agency_id=agency.id, person_id=person_id)
        return render_template(
            "admin/confirm.html",
            question=f"Has {person.name} left?",
            what=what,
            button_text="They have left",
            fields={},
            cancel=back,
            warning_button=True,
        )
    else:
        bind(db.session, System("a person left"))
        people.leave(db.session, runtime(current_app).keys, person_id, business_now(db.session), now, by=by)
    return redirect(url_for("people.every", agency_id=agency_id), 303)


@blueprint.route("/list", methods=["GET", "POST"])
@gate.desk("administrator", "owner")
def put_in(agency_id: str) -> Any:
    """Many at once, as a list; nothing is put in while a line is wrong."""
    agency = agency_or_404(agency_id)
    text = request.form.get("list", "").replace("\r\n", "\n")
    roles = _roles(agency)
    shown = {"agency": agency, "columns": people_lists.COLUMNS[1:], "titles": roles.values()}
    if request.method == "GET":
        return render_template("admin/people_list.html", text="", faults=[], **shown)
    rows, faults = people_lists.read_list(db.session, text, agency_id, roles)
    if faults or not rows:
        told = [(one.line, one.text) for one in faults] or [(1, "Paste at least one line below the names of the columns.")]
        return render_template("admin/people_list.html", text=text, faults=told, **shown), 422
    people_lists.put_in(db.session, rows, machine_now(), by=gate.member().account.id)
    return redirect(url_for("people.every", agency_id=agency_id), 303)


def _person(agency_id: str, person_id: str) -> Person:
    found = db.session.get(Person, person_id)
    return found if found is not None and found.agency_id == agency_id else abort(404)


def _roles(agency: Agency) -> dict[str, str]:
    """The policy's roles and what it calls them, and who files records by hand, which no policy need name."""
    filing = {FILING: FILING_TITLE[:1].upper() + FILING_TITLE[1:]}
    try:
        policy = current_policy(db.session, agency.partnership_id)
    except LookupError:
        return filing
    return {name: role.title for name, role in policy.roles.items()} | filing
