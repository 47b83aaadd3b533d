"""Raising a disagreement from the child's record, a question a page: danger first, then whether this is the right way, with whom, since
when, and what it is about. Every answer is kept in one draft. What raising writes is in `services.acting.raising`.
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, render_template, request

import forms
from plugin.extensions import db
from plugin.services.case import emergencies
from plugin.services.keeping import drafts
from plugin.services.keeping.clock import business_now
from plugin.web.case import page as case_pages
from plugin.web.child import policy_questions, raise_form
from plugin.web.child.kept import asked_again, keep, kept, owner, typed
from plugin.web.door import steps
from plugin.web.door.gate import member
from plugin.web.door.here import agency_here, organisations, organisations_that_left, policy_here, whom
from plugin.web.filling import fill

blueprint = Blueprint("raising", __name__, url_prefix="/frame/raise")


@blueprint.app_context_processor
def _for_pages() -> dict[str, Any]:
    """Lets any page call whoever it is about by the policy's word."""
    return {"whom": whom}


@blueprint.before_request
def who_may_act() -> None:
    """Nobody raises who may only read."""
    if not member().launched or not member().may_act:
        abort(404)


@blueprint.post("/forget")
def forget() -> Any:
    """Deletes the draft of a disagreement that was not sent."""
    drafts.forget(db.session, owner())
    return steps.go("home.home")


@blueprint.post("/empty")
def empty() -> Any:
    """Empties the form, where it began with what was written for another organisation; the pages before it stay answered."""
    keep({name: said for name, said in kept().items() if name not in ("typed", "values", "find", "written for")})
    return steps.go("raising.disagreement")


@blueprint.route("", methods=["GET", "POST"])
def emergency() -> Any:
    """First: is the child in danger now? Then whom to inform. It skips nothing."""
    if steps.to_address():
        return steps.go("raising.emergency")
    draft = kept()
    known = {"immediate_harm": draft["emergency"]} if "emergency" in draft else None
    gate = policy_here().emergency
    asked = {"question": gate.question} if gate else {}
    bound = forms.bind(forms.get("emergency"), data=typed(), values=known, context={"words": {**whom(), **asked}})
    if typed() is None or not bound.validate():
        return asked_again("raising.emergency", "frame/raise_emergency.html", bound)
    keep({**draft, "emergency": bound.values()["immediate_harm"]})
    return steps.go("raising.tell" if bound.values()["immediate_harm"] == "yes" and gate else "raising.route")


@blueprint.route("/tell", methods=["GET", "POST"])
def tell() -> Any:
    """Whom to inform now, by name where the directory knows."""
    if steps.to_address():
        return steps.go("raising.tell")
    policy, row = policy_here(), member().row
    leads = emergencies.told_at_once(db.session, policy, row.agency_id)
    return render_template("frame/emergency.html", emergency=policy.emergency, leads=leads, you=row.person_id)


@blueprint.route("/route", methods=["GET", "POST"])
def route() -> Any:
    """Whether it is one of the matters that the policy sends elsewhere; passed over where it names none."""
    policy = policy_here()
    form = policy_questions.routes(policy)
    if form is None:
        return steps.go("raising.where")
    if steps.to_address():
        return steps.go("raising.route")
    draft = kept()
    bound = forms.bind(form, data=typed(), values=draft.get("route"))
    if typed() is None or not bound.validate():
        return asked_again("raising.route", "frame/raise_route.html", bound)
    keep({**draft, "route": bound.values()})
    return steps.go("raising.elsewhere" if policy_questions.taken(policy, bound.values()) else "raising.where")


@blueprint.route("/elsewhere", methods=["GET", "POST"])
def elsewhere() -> Any:
    """Which route is the right one. Nobody is shut out by a wrong answer: going on is possible."""
    if steps.to_address():
        return steps.go("raising.elsewhere")
    taken = policy_questions.taken(policy_here(), kept().get("route", {}))
    return render_template("frame/raise_elsewhere.html", redirects=taken) if taken else steps.go("raising.route")


@blueprint.route("/where", methods=["GET", "POST"])
def where() -> Any:
    """Which organisation."""
    if steps.to_address():
        return steps.go("raising.where")
    draft, policy = kept(), policy_here()
    choices = {"agencies": organisations(), "people": [], "themes": [], "flags": []}
    only = {"agency": choices["agencies"][0][0]} if len(choices["agencies"]) == 1 else None
    bound = forms.bind(
        forms.get("raise"), part="where", data=typed(), values=draft.get("before", only), choices=choices, context={"words": whom()}
    )
    if typed() is None or not bound.validate():
        more = {"policy": policy, "own": agency_here(), "left": organisations_that_left()}
        return asked_again("raising.where", "frame/raise_where.html", bound, _before_where(), **more)
    if draft.get("before", {}).get("agency") != bound.values()["agency"]:
        draft.pop("values", None)
        draft.get("typed", {}).pop("person", None)
        draft.pop("find", None)
        if "before" in draft and draft.get("typed"):
            draft.setdefault("written for", draft["before"]["agency"])
    keep({**draft, "before": bound.values()})
    return steps.go("raising.when")


@blueprint.route("/when", methods=["GET", "POST"])
def when() -> Any:
    """The dates that the policy's clocks count from, and what the raising side may choose; passed over where it asks neither."""
    draft, policy = kept(), policy_here()
    form = policy_questions.facts(policy, draft.get("emergency", ""))
    if form is None:
        return steps.go("starting.also")
    if steps.to_address():
        return steps.go("raising.when")
    values = draft.get("dates", policy_questions.usual(policy))
    bound = forms.bind(form, data=typed(), values=values, now=business_now(db.session))
    if typed() is None or not bound.validate():
        return asked_again("raising.when", "frame/raise_when.html", bound)
    keep({**draft, "dates": bound.values()})
    return steps.go("starting.also")


def _before_where() -> str:
    return "raising.route" if policy_here().redirects else "raising.emergency"


@blueprint.route("/what", methods=["GET", "POST"])
def disagreement() -> Any:
    """Who there, what it is about, and what should change; looked over, then sent.

    The organisation and the answer about danger also stand in the page: a second window goes on with what it shows, whatever became of
    the draft. One with which nothing can be raised (it has left meanwhile, or its id was sent by hand) is asked for again.
    """
    draft = kept()
    agency = request.form.get("agency") or draft.get("before", {}).get("agency")
    if agency not in dict(organisations()):
        earlier = raise_form.sent_before()
        return case_pages.shown(earlier) if earlier else steps.go("raising.where" if agency else "raising.emergency")
    harm = request.form.get("harm") or draft.get("emergency", "")
    return fill(raise_form.filling(policy_here(), agency or "", harm), raise_form.send)
