"""Recording advice without raising a disagreement, where the policy offers it; and the way on to raising one after it."""

from __future__ import annotations

import hashlib
from typing import Any

from flask import Blueprint, abort, current_app, url_for

import forms
from plugin.extensions import db
from plugin.runtime import runtime
from plugin.services.acting import advising
from plugin.services.case import casefile
from plugin.services.keeping.clock import business_now
from plugin.web.door import steps
from plugin.web.door.gate import member
from plugin.web.door.here import partnership_here, policy_here
from plugin.web.filling import Filled, Filling, fill

blueprint = Blueprint("advice", __name__, url_prefix="/frame/advice")


@blueprint.route("", methods=["GET", "POST"])
def advice() -> Any:
    """The form, looked over, kept. Whoever wants to raise after it is taken there."""
    policy = policy_here()
    if not member().launched or not member().may_act or not advising.offered(policy):
        abort(404)
    filling = Filling(
        forms.get(advising.FORM),
        url_for("advice.advice"),
        member().row.child_key,
        casefile.choices_of(policy),
        context=casefile.said_in(policy),
        title="Record advice",
        warning="This goes to nobody. It is kept for your agency, and no disagreement is raised by it.",
        send_label="Keep it",
        back_url=url_for("home.home"),
    )
    return fill(filling, _keep)


def _keep(filled: Filled) -> Any:
    if filled.answers:
        row, policy = member().row, policy_here()
        of = {"agency_id": row.agency_id, "person_id": row.person_id, "child_key": row.child_key}
        of |= {"partnership_id": partnership_here(), "policy_hash": policy.hash}
        once = hashlib.sha256(f"{row.person_id}|{filled.once}".encode()).hexdigest()[:32]
        keys, now = runtime(current_app).keys, business_now(db.session)
        advising.record(db.session, keys, of, filled.answers, filled.facts, once, filled.draft, now)
    return steps.go("raising.emergency" if filled.answers.get("next") == "raise" else "home.home")
