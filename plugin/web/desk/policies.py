"""Policies at the desk: each one in force, drawn and in plain English; and a new text tried beside it before anybody puts it in force."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from flask import Blueprint, abort, render_template, request
from sqlalchemy import select

import forms
from plugin.extensions import db
from plugin.models import PolicyVersion
from plugin.services.case.policies import policy_of
from plugin.services.case.policy_changes import try_text
from plugin.services.keeping.clock import business_now
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
    return render_template("admin/policy.html", policy=found, chart=charts.pictures(found), told=told(found))


@blueprint.route("/<policy>/compare", methods=["GET", "POST"])
@gate.desk()
def compare(policy: str) -> Any:
    """A new text beside it: every mistake with its line, or every difference in words. Nothing is kept, and nothing is put in force."""
    found = _found(policy)
    text = request.form.get("text", "").replace("\r\n", "\n")
    problem = "" if text.strip() or request.method == "GET" else "Paste the new text of the policy."
    tried = try_text(db.session, found, text, business_now(db.session), forms.known()) if text.strip() else None
    places = [(" › ".join(where), list(changes)) for where, changes in groupby(tried.changes if tried else (), key=lambda one: one.where)]
    page = render_template("admin/policy_compare.html", policy=found, text=text, problem=problem, tried=tried, places=places)
    return page, 422 if problem or (tried and tried.problems) else 200


def _found(digest: str) -> Policy:
    try:
        return policy_of(db.session, digest)
    except KeyError:
        abort(404)
