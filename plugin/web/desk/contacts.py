"""The partnership's own people and addresses, at the desk: who holds its roles, what its policy needs and its text does not give."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, url_for
from sqlalchemy import select

from plugin.extensions import db
from plugin.models import Partnership
from plugin.services.case.policies import current_policy, newest_policy
from plugin.services.desk import contacts
from plugin.services.desk.contacts import ContactError
from plugin.services.keeping.clock import business_now, machine_now
from plugin.web import words
from plugin.web.desk.policies import desk_of
from plugin.web.door import gate
from policies import Policy

blueprint = Blueprint("contacts", __name__, url_prefix="/admin/partnership")


@blueprint.get("")
@gate.desk("owner", "coordinator", nav="Partnership", place=55)
def every() -> Any:
    """A coordinator's own; an owner's choice where there are several."""
    bodies = [one for one in db.session.scalars(select(Partnership).order_by(Partnership.title)) if contacts.may_change(desk_of(), one.id)]
    if len(bodies) == 1:
        return redirect(url_for("contacts.one", partnership_id=bodies[0].id), 303)
    return render_template("admin/partnerships.html", bodies=bodies)


@blueprint.route("/<partnership_id>", methods=["GET", "POST"])
@gate.desk("owner", "coordinator")
def one(partnership_id: str) -> Any:
    """All of them on one page, to be changed."""
    if not contacts.may_change(desk_of(), partnership_id):
        abort(404)
    body = db.session.get(Partnership, partnership_id) or abort(404)
    policy = _policy(partnership_id)
    if request.method == "POST":
        now = business_now(db.session)
        try:
            contacts.save(db.session, desk_of(), partnership_id, policy, request.form, now, machine_now())
        except ContactError as fault:
            return _page(body, policy, fault.faults), 422
        return redirect(url_for("contacts.one", partnership_id=partnership_id, done="yes"), 303)
    return _page(body, policy, {})


def _page(body: Partnership, policy: Policy, wrong: dict[str, str]) -> str:
    rows = contacts.needed(db.session, body.id, policy)
    return render_template(
        "admin/partnership.html",
        body=body,
        whole=desk_of().role == "owner",
        policy=policy,
        kinds={kind: [one for one in rows if one.kind == kind] for kind in ("role", "address", "reference")},
        wrong=wrong,
        typed=request.form if wrong else None,
        done="done" in request.args,
        words=words,
    )


def _policy(partnership_id: str) -> Policy:
    """The one in force, else the one that will be."""
    try:
        return current_policy(db.session, partnership_id)
    except LookupError:
        try:
            return newest_policy(db.session, partnership_id)
        except LookupError:
            abort(404)
