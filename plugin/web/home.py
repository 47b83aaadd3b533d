"""The worker's frame before there is a case: the start, the list for this child, and raising a disagreement."""

from __future__ import annotations

import hashlib
from typing import Any

from flask import Blueprint, abort, current_app, make_response, render_template, request, url_for
from sqlalchemy import select

import forms
from plugin.extensions import db
from plugin.models import Agency, Disagreement, Participant
from plugin.runtime import runtime
from plugin.services import casefile, casework, directory, drafts, emergencies, launching, raising
from plugin.services.clock import business_now, machine_now
from plugin.services.policies import current_policy, partnership_for
from plugin.web import case as case_pages
from plugin.web import gate, steps, words
from plugin.web.filling import Filled, Filling, fill
from plugin.web.gate import member
from policies import Policy

blueprint = Blueprint("home", __name__, url_prefix="/frame")


@blueprint.before_request
def _frame_only() -> None:
    if member().row.kind != "frame" or (request.path.startswith("/frame/raise") and not member().may_act):
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
    """What there is for this child already, and what else this person was asked about; and the way to raise."""
    row = member().row
    listed = select(Disagreement).join(Participant, Participant.disagreement_id == Disagreement.id)
    listed = listed.where(Participant.agency_id == row.agency_id).order_by(Disagreement.created_at.desc()).limit(50)
    here = list(db.session.scalars(listed.where(Participant.child_key.in_(member().child_keys))).unique())
    mine = [one for one in db.session.scalars(listed.where(casework.of_person(row.person_id))).unique() if one not in here]
    policy = policy_here()
    return render_template(
        "frame/home.html",
        here=here,
        mine=mine,
        policy=policy,
        stages={stage.id: stage.title for stage in policy.stages},
        withs=_other_sides([*here, *mine]),
        draft=bool(_kept().get("before")),
        words=words,
    )


def _other_sides(cases: list[Disagreement]) -> dict[str, str]:
    """With whom each case is, by its id."""
    seats = select(Participant.disagreement_id, Agency.name).join(Agency, Agency.id == Participant.agency_id)
    ours = Participant.disagreement_id.in_([one.id for one in cases])
    found: dict[str, str] = {}
    for case_id, name in db.session.execute(seats.where(ours, Participant.agency_id != member().row.agency_id).order_by(Agency.name)):
        found[case_id] = f"{found[case_id]}, {name}" if case_id in found else name
    return found


@blueprint.post("/raise/forget")
def forget() -> Any:
    """Deletes the draft of a disagreement that was not sent."""
    drafts.forget(db.session, _owner())
    return steps.go("home.home")


@blueprint.route("/raise", methods=["GET", "POST"])
def emergency() -> Any:
    """First: is the child in danger now? Then whom to inform. It skips nothing."""
    if steps.to_address():
        return steps.go("home.emergency")
    kept = _kept()
    known = {"immediate_harm": kept["emergency"]} if "emergency" in kept else None
    bound = forms.bind(forms.get("emergency"), data=steps.typed(), values=known)
    if steps.typed() is None or not bound.validate():
        return _asked_again("home.emergency", "frame/raise_emergency.html", bound)
    _keep({**kept, "emergency": bound.values()["immediate_harm"]})
    return steps.go("home.tell" if bound.values()["immediate_harm"] == "yes" and policy_here().emergency else "home.where")


@blueprint.route("/raise/tell", methods=["GET", "POST"])
def tell() -> Any:
    """Whom to inform now, by name where the directory knows."""
    if steps.to_address():
        return steps.go("home.tell")
    policy, row = policy_here(), member().row
    leads = emergencies.told_at_once(db.session, policy, row.agency_id)
    return render_template("frame/emergency.html", emergency=policy.emergency, leads=leads, you=row.person_id)


@blueprint.route("/raise/where", methods=["GET", "POST"])
def where() -> Any:
    """Which organisation."""
    if steps.to_address():
        return steps.go("home.where")
    kept = _kept()
    choices = {"agencies": [(one.id, one.name) for one in _agencies()], "people": [], "themes": [], "flags": []}
    bound = forms.bind(forms.get("raise"), part="where", data=steps.typed(), values=kept.get("before"), choices=choices)
    if steps.typed() is None or not bound.validate():
        return _asked_again("home.where", "frame/raise_where.html", bound)
    if kept.get("before", {}).get("agency") != bound.values()["agency"]:
        kept.pop("values", None)
        kept.get("typed", {}).pop("person", None)
    _keep({**kept, "before": bound.values()})
    return steps.go("home.disagreement")


def _asked_again(endpoint: str, template: str, bound: forms.Bound) -> Any:
    """A page of one question, told what is wrong if something is; by its address where a cookie allows, so that Back works."""
    if request.method == "POST" and bound.errors and steps.by_cookie():
        return steps.go(endpoint, do="wrong")
    return render_template(template, bound=bound), 422 if request.method == "POST" and bound.errors else 200


@blueprint.route("/raise/what", methods=["GET", "POST"])
def disagreement() -> Any:
    """Who there, what it is about, and what should change; looked over, then sent.

    The organisation and the answer about danger also stand in the page: a second window goes on with what it shows, whatever became of
    the draft.
    """
    kept = _kept()
    agency = request.form.get("agency") or kept.get("before", {}).get("agency")
    if steps.doing() != "send" and agency not in [one.id for one in _agencies()]:
        return steps.go("home.emergency")
    return fill(raise_filling(policy_here(), agency or "", request.form.get("harm") or kept.get("emergency", "")), _raise)


def raise_filling(policy: Policy, agency_id: str, harm: str) -> Filling:
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
        hidden={"agency": agency_id, "harm": harm},
        before={"agency": agency_id},
        first_rows=((policy.emergency.question, "Yes"),) if policy.emergency and harm == "yes" else (),
    )


def _already(other: Agency) -> str:
    """A warning where this agency has an open disagreement about this child with the same organisation; "" else."""
    theirs = select(Participant.disagreement_id).where(Participant.agency_id == other.id)
    own = select(Disagreement.reference).join(Participant, Participant.disagreement_id == Disagreement.id)
    row = member().row
    same = own.where(Participant.agency_id == row.agency_id, Participant.child_key == row.child_key, Disagreement.status != "closed")
    found = list(db.session.scalars(same.where(Disagreement.id.in_(theirs))))
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
        return steps.go("home.emergency")
    reference = raising.raise_disagreement(
        db.session, here.keys, _wanted(filled, once, member().said), business_now(db.session), machine_now()
    )
    return case_pages.shown(reference, notice="Sent. The policy’s clock has started.")


def _wanted(filled: Filled, once: str, said: dict[str, Any]) -> raising.Raise:
    answers, facts, row = filled.answers, filled.facts, member().row
    policy = policy_here()
    officer, other = answers.get("officer"), answers.get("other_person")
    someone_else = answers.get("person") == "someone else"
    role = policy.stages[0].acts[0]
    return raising.Raise(
        partnership_id=_partnership(),
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
        flags=[one for one in facts.get("flags", []) if one in policy.flag_ids],  # "none of these" is an answer, not a flag
        case_flags=[policy.emergency.flag] if policy.emergency and request.form.get("harm") == "yes" else [],
        protective=facts.get("protective date", ""),
        officer=raising.Named("reviewing officer", officer["name"], officer["email"]) if officer else None,
        facts={"about": facts.get("about", "")},
        draft=filled.draft,
    )


def policy_here() -> Policy:
    """The policy in force for this child: that of the area they live in where the record system says so, else the agency's own."""
    return current_policy(db.session, _partnership())


def _partnership() -> str:
    area = str(member().said.get("area", ""))
    return partnership_for(db.session, _agency().partnership_id, area)


def _agency() -> Agency:
    found = db.session.get(Agency, member().row.agency_id)
    assert found is not None
    return found


def _agencies() -> list[Agency]:
    return directory.other_agencies(db.session, _partnership(), member().row.agency_id)


def _kept() -> dict[str, Any]:
    return drafts.load(db.session, runtime(current_app).keys, _owner())


def _keep(content: dict[str, Any]) -> None:
    drafts.save(db.session, runtime(current_app).keys, _owner(), content, machine_now())


def _owner() -> str:
    return drafts.owner(member().row.person_id, member().row.child_key, "raise")
