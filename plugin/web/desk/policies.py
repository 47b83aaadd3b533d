"""Policies at the desk: each one in force, drawn and in plain English; and a new text tried beside it before anybody puts it in force."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, url_for
from sqlalchemy import select

import forms
import policies
from plugin.extensions import db
from plugin.models import PolicyVersion
from plugin.models.scope import Desk
from plugin.services.case.policies import policy_of
from plugin.services.case.policy_changes import Tried, try_text
from plugin.services.desk.policies_in_force import MissingAcceptedError, partnership_of, put_in_force
from plugin.services.keeping.clock import business_now, machine_now
from plugin.web import charts
from plugin.web.case.case_policy import told
from plugin.web.door import gate
from policies import Policy

blueprint = Blueprint("policies", __name__, url_prefix="/admin/policies")


@blueprint.get("")
@gate.desk(nav="Policies", place=60)
def every() -> Any:
    """The policies in force, one a partnership, and older versions that cases still run under."""
    rows = db.session.execute(
        select(PolicyVersion.hash, PolicyVersion.version, PolicyVersion.retired_at).order_by(
            PolicyVersion.partnership_id, PolicyVersion.activated_at.desc()
        )
    )
    return render_template("admin/policies.html", rows=[(row, policy_of(db.session, row.hash)) for row in rows])


@blueprint.get("/<policy>")
@gate.desk()
def one(policy: str) -> Any:
    """One of them: drawn, then in sentences, for a partnership to sign off."""
    found = _found(policy)
    done = "done" in request.args
    return render_template("admin/policy.html", policy=found, chart=charts.pictures(found), told=told(found), done=done)


@blueprint.route("/<policy>/compare", methods=["GET", "POST"])
@gate.desk()
def compare(policy: str) -> Any:
    """A new text beside it: every mistake with its line, or every difference in words. Nothing is kept (`replace` puts it in force)."""
    found = _found(policy)
    text = request.form.get("text", "").replace("\r\n", "\n")
    problem = "" if text.strip() or request.method == "GET" else "Paste the new text of the policy."
    tried = try_text(db.session, found, text, business_now(db.session), forms.known()) if text.strip() else None
    places = [(" › ".join(where), list(changes)) for where, changes in groupby(tried.changes if tried else (), key=lambda one: one.where)]
    able = bool(tried and not tried.problems and tried.changes and _may_replace(policy))
    page = render_template("admin/policy_compare.html", policy=found, text=text, problem=problem, tried=tried, places=places, able=able)
    return page, 422 if problem or (tried and tried.problems) else 200


@blueprint.post("/<policy>/replace")
@gate.desk("owner", "coordinator")
def replace(policy: str) -> Any:
    """A new text put in force in its place, once what the text does not give was looked at, one by one."""
    found, text = _found(policy), request.form.get("text", "").replace("\r\n", "\n")
    tried = try_text(db.session, found, text, business_now(db.session), forms.known())
    if not _may_replace(policy) or tried.problems:
        abort(404)
    missing: tuple[str, ...] = ()
    if "sure" in request.form:
        try:
            accepted = request.form.getlist("missing")
            new = put_in_force(db.session, _desk(), policy, text, accepted, machine_now(), forms.known())
            return redirect(url_for("policies.one", policy=new.hash, done="yes"), 303)
        except MissingAcceptedError as fault:
            missing = fault.missing
        except ValueError as fault:
            return _ask(found, text, tried, str(fault)), 422
    return _ask(
        found, text, tried, "Tick each one. What can be given, put into the text first." if missing else ""
    ), 422 if missing else 200


def _ask(found: Policy, text: str, tried: Tried, problem: str) -> str:
    """Asks whether it is to be put in force, with all that should be looked at first."""
    new = policies.load(text, forms=forms.known())
    open_ones = [{"value": one.id, "text": one.text, "hint": f"Rule {one.rule}."} for one in new.unresolved]
    chosen = request.form.getlist("missing")
    return render_template(
        "admin/policy_replace.html", policy=found, new=new, text=text, tried=tried, open_ones=open_ones, chosen=chosen, problem=problem
    )


def _desk() -> Desk:
    account = gate.member().account
    return Desk(account.id, account.role, account.agency_id or "", account.partnership_id or "")


def _may_replace(policy: str) -> bool:
    try:
        partnership_of(db.session, _desk(), policy)
    except LookupError:
        return False
    return True


def _found(digest: str) -> Policy:
    try:
        return policy_of(db.session, digest)
    except KeyError:
        abort(404)
