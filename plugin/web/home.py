"""The worker's frame before there is a case: the start, the list for this child, and raising a disagreement."""

from __future__ import annotations

import hashlib
from typing import Any

from flask import Blueprint, abort, current_app, make_response, render_template, request, url_for
from sqlalchemy import select

import forms
from plugin.extensions import db
from plugin.models import Agency, Disagreement, Participant
from plugin.models.scope import Staff, System, bind
from plugin.runtime import runtime
from plugin.services import casefile, casework, directory, drafts, launching, raising
from plugin.services.clock import business_now, machine_now
from plugin.services.policies import current_policy
from plugin.web import case as case_pages
from plugin.web import gate
from plugin.web.filling import Filled, Filling, fill, show
from plugin.web.gate import member
from policies import Policy

blueprint = Blueprint("home", __name__, url_prefix="/frame")


@blueprint.before_request
def _frame_only() -> None:
    if member().row.kind != "frame":
        abort(404)


@blueprint.post("/start")
def start() -> Any:
    """The Start button: the session's token is made anew, so that what came with the launch is worth nothing to anybody."""
    who = member()
    who.token = launching.renew(db.session, who.row, machine_now())
    page = make_response(home())
    gate.set_cookie(page, gate.FRAME_COOKIE, who.token)
    return page


@blueprint.route("/home", methods=["GET", "POST"])
def home() -> Any:
    """What there is for this child already, and what else this person takes part in; and the way to raise."""
    row = member().row
    mine = select(Disagreement, Participant.child_key).join(Participant, Participant.disagreement_id == Disagreement.id)
    listed = db.session.execute(mine.where(Participant.agency_id == row.agency_id).order_by(Disagreement.created_at.desc()).limit(50)).all()
    here = [one for one, child in listed if child == row.child_key]
    others = [one for one, child in listed if child != row.child_key]
    policy = policy_here()
    stages = {stage.id: stage.title for stage in policy.stages}
    return render_template("frame/home.html", here=here, others=others, policy=policy, stages=stages)


@blueprint.route("/raise", methods=["GET", "POST"])
def emergency() -> Any:
    """First: is the child in danger now? Then whom to inform. It skips nothing."""
    policy = policy_here()
    definition = forms.get("emergency")
    data = request.form if request.form.get("do") == "check" else None
    bound = forms.bind(definition, data=data)
    if data is not None and bound.validate():
        answers = bound.values()
        key = _owner()
        kept = drafts.load(db.session, runtime(current_app).keys, key)
        kept["emergency"] = answers["immediate_harm"]
        drafts.save(db.session, runtime(current_app).keys, key, kept, machine_now())
        if answers["immediate_harm"] == "yes" and policy.emergency:
            return render_template("frame/emergency.html", emergency=policy.emergency)
        return where()
    return render_template("frame/raise_emergency.html", bound=bound, policy=policy), 422 if bound.errors else 200


@blueprint.route("/raise/where", methods=["GET", "POST"])
def where() -> Any:
    """Which organisation."""
    agencies = _agencies()
    bound = forms.bind(
        forms.get("raise"),
        part="where",
        data=request.form if request.form.get("do") == "where" else None,
        choices={"agencies": [(one.id, one.name) for one in agencies], "people": [], "themes": [], "flags": []},
    )
    if request.form.get("do") == "where" and bound.validate():
        keys, key = runtime(current_app).keys, _owner()
        kept = drafts.load(db.session, keys, key)
        if kept.get("before", {}).get("agency") != bound.values()["agency"]:
            kept.pop("values", None)
            kept.get("typed", {}).pop("person", None)
        kept["before"] = bound.values()
        drafts.save(db.session, keys, key, kept, machine_now())
        return disagreement(opened=True)
    return render_template("frame/raise_where.html", bound=bound), 422 if bound.errors else 200


@blueprint.route("/raise/what", methods=["GET", "POST"])
def disagreement(opened: bool = False) -> Any:
    """Who there, what it is about, and what should change; looked over, then sent."""
    kept = drafts.load(db.session, runtime(current_app).keys, _owner())
    agency = kept.get("before", {}).get("agency")
    sent_already = request.form.get("do") == "send"
    if not agency and not sent_already:
        return emergency()
    filling = raise_filling(policy_here(), agency or "")
    if opened:
        return show(filling)
    return fill(filling, _raise)


def raise_filling(policy: Policy, agency_id: str) -> Filling:
    """The raise form as this policy and the chosen organisation make it."""
    people = [(one.id, f"{one.name}, {one.job_title}" if one.job_title else one.name) for one in directory.staff(db.session, agency_id)]
    choices = casefile.choices_of(policy)
    other = db.session.get(Agency, agency_id) if agency_id else None
    return Filling(
        forms.get("raise"),
        url_for("home.disagreement"),
        member().row.child_key,
        {**choices, "people": people, "agencies": [(other.id, other.name)] if other else []},
        context={"officer flags": casework.officer_flags(policy)},
        part="what",
        title="Raise a disagreement" + (f" with {other.name}" if other else ""),
        warning=_already(other) if other else "",
        send_label="Send and start the policy’s clock",
        back_url=url_for("home.where"),
    )


def _already(other: Agency) -> str:
    """A warning where this agency has an open disagreement about this child with the same organisation; "" else."""
    theirs = select(Participant.disagreement_id).where(Participant.agency_id == other.id)
    bind(db.session, System("duplicates"))  # both seats of a case are looked at; only our own cases are named
    own = select(Disagreement.reference).join(Participant, Participant.disagreement_id == Disagreement.id)
    row = member().row
    same = own.where(Participant.agency_id == row.agency_id, Participant.child_key == row.child_key, Disagreement.status != "closed")
    found = list(db.session.scalars(same.where(Disagreement.id.in_(theirs))))
    bind(db.session, Staff(row.agency_id, row.person_id))
    if not found:
        return ""
    return f"There is an open disagreement about this child with {other.name} already: {', '.join(found)}. Is this about something else?"


def _raise(filled: Filled) -> Any:
    row, here = member().row, runtime(current_app)
    once = hashlib.sha256(f"{row.person_id}|{filled.once}".encode()).hexdigest()[:32]
    earlier = raising.raised_once(db.session, once)
    if earlier:
        return case_pages.shown(earlier)
    if not filled.answers:
        return emergency()
    said = launching.context(here.keys, row)
    kept = drafts.load(db.session, here.keys, filled.draft)
    reference = raising.raise_disagreement(
        db.session, here.keys, _wanted(filled, once, said, kept), business_now(db.session), machine_now()
    )
    return case_pages.shown(reference, notice="Sent. The policy’s clock has started.")


def _wanted(filled: Filled, once: str, said: dict[str, Any], kept: dict[str, Any]) -> raising.Raise:
    answers, facts, row = filled.answers, filled.facts, member().row
    policy = policy_here()
    officer, other = answers.get("officer"), answers.get("other_person")
    someone_else = answers.get("person") == "someone else"
    role = policy.stages[0].acts[0]
    return raising.Raise(
        partnership_id=_agency().partnership_id,
        policy_hash=policy.hash,
        agency_id=row.agency_id,
        person_id=row.person_id,
        child_key=row.child_key,
        child=launching.child_details(said),
        child_ref=said.get("child_ref", ""),
        other_agency=answers["agency"],
        other_person="" if someone_else else answers["person"],
        other_named=raising.Named(role, other["name"], other["email"], answers["agency"]) if someone_else and other else None,
        themes=facts.get("themes", []),
        answers=answers,
        form=filled.definition.id,
        form_version=filled.definition.version,
        once=once,
        flags=facts.get("flags", []),
        case_flags=[policy.emergency.flag] if policy.emergency and kept.get("emergency") == "yes" else [],
        protective=facts.get("protective date", ""),
        officer=raising.Named("reviewing officer", officer["name"], officer["email"]) if officer else None,
        facts={"about": facts.get("about", "")},
        draft=filled.draft,
    )


def policy_here() -> Policy:
    """The policy in force where this person's agency is."""
    return current_policy(db.session, _agency().partnership_id)


def _agency() -> Agency:
    found = db.session.get(Agency, member().row.agency_id)
    assert found is not None
    return found


def _agencies() -> list[Agency]:
    return directory.other_agencies(db.session, _agency().partnership_id, member().row.agency_id)


def _owner() -> str:
    return drafts.owner(member().row.person_id, member().row.child_key, "raise")
