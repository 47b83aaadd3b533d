"""Raising a disagreement from the child's record, a question a page: danger first, then whether this is the right way, with whom, since
when, and what it is about. Every answer is kept in one draft. What raising writes is in `services.acting.raising`.
"""

from __future__ import annotations

import hashlib
from typing import Any

from flask import Blueprint, abort, current_app, render_template, request, url_for

import forms
from plugin.extensions import db
from plugin.models import Agency, Person
from plugin.runtime import runtime
from plugin.services.acting import advising, casework, raising
from plugin.services.arriving import launching
from plugin.services.case import casefile, emergencies, staff
from plugin.services.keeping import drafts
from plugin.services.keeping.clock import business_now, machine_now
from plugin.web.case import page as case_pages
from plugin.web.child import policy_questions
from plugin.web.door import coming_back, steps
from plugin.web.door.gate import member
from plugin.web.door.here import agency_here, organisations, partnership_here, policy_here, whom
from plugin.web.filling import Filled, Filling, fill
from policies import Policy

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
        return asked_again("raising.where", "frame/raise_where.html", bound, _before_where(), policy=policy, own=agency_here())
    if draft.get("before", {}).get("agency") != bound.values()["agency"]:
        draft.pop("values", None)
        draft.get("typed", {}).pop("person", None)
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


def asked_again(endpoint: str, template: str, bound: forms.Bound, back: str = "", **more: Any) -> Any:
    """A page of questions, told what is wrong if something is; by its address where a cookie allows, so that Back works."""
    if request.method == "POST" and bound.errors:
        keep({**kept(), "wrong": bound.draft()})
        if steps.by_cookie():
            return steps.go(endpoint, do="wrong")
        coming_back.stands_at(url_for(endpoint), "wrong")
    return render_template(template, bound=bound, back=back, **more), 422 if request.method == "POST" and bound.errors else 200


def typed() -> Any:
    """What this page was sent; on the page that tells what was wrong, what was sent before it, so that nobody types it again."""
    return kept().get("wrong", {}) if steps.doing() == "wrong" else steps.typed()


@blueprint.route("/what", methods=["GET", "POST"])
def disagreement() -> Any:
    """Who there, what it is about, and what should change; looked over, then sent.

    The organisation and the answer about danger also stand in the page: a second window goes on with what it shows, whatever became of
    the draft.
    """
    draft = kept()
    agency = request.form.get("agency") or draft.get("before", {}).get("agency")
    if steps.doing() != "send" and agency not in dict(organisations()):
        return steps.go("raising.emergency")
    return fill(_filling(policy_here(), agency or "", request.form.get("harm") or draft.get("emergency", "")), _raise)


def _filling(policy: Policy, agency_id: str, harm: str) -> Filling:
    """The raise form as this policy and the chosen organisation make it."""
    draft = kept()
    you = db.session.get(Person, member().row.person_id)
    working = [one for one in staff.active(db.session, agency_id) if one is not you]
    people = [(one.id, f"{one.name}, {one.job_title}" if one.job_title else one.name) for one in working]
    choices = casefile.choices_of(policy)
    other = db.session.get(Agency, agency_id) if agency_id else None
    return Filling(
        forms.get("raise"),
        url_for("raising.disagreement"),
        member().row.child_key,
        {**choices, "people": people, "agencies": [(other.id, other.name)] if other else []},
        context={
            **casefile.said_in(policy),
            "officer flags": casework.officer_flags(policy),
            "own email": you.email if you else "",
            "asks child or adult": policy.subject_word == "person" and not launching.child_details(member().said).born,
        },
        prefilled=_talked_to(),
        part="what",
        title="Raise a disagreement" + (_with(other) if other else ""),
        warning=_already(other) if other else "",
        send_label="Send and start the policy’s clock",
        back_url=url_for(policy_questions.page_before("raising.disagreement", policy, draft)),
        hidden={"agency": agency_id, "harm": harm},
        before={"agency": agency_id, **policy_questions.start_given(policy, harm, draft)},
        first_rows=_first_rows(policy, harm),
    )


def _with(other: Agency) -> str:
    """With whom, in a title."""
    return f" with {other.name}" if other.id != member().row.agency_id else f" inside {other.name}"


def _talked_to() -> dict[str, str]:
    """Who gave advice about this child before, for the question who was talked to."""
    row = member().row
    given = advising.listed(db.session, runtime(current_app).keys, row.agency_id, [row.child_key])
    said = [", ".join(text for text in (one.answers.get("who") or {}).values() if text) for one in reversed(given)]
    return {"talked_to": "\n".join(dict.fromkeys(said))} if said else {}


def _first_rows(policy: Policy, harm: str) -> tuple[tuple[str, str], ...]:
    """What was answered on the pages before, to be looked over with the rest."""
    danger = ((policy.emergency.question, "Yes"),) if policy.emergency and harm == "yes" else ()
    form, given = policy_questions.facts(policy, harm), kept().get("dates")
    dated = tuple((row.label, row.text) for row in forms.rows(form, given)) if form and given else ()
    return (*danger, *dated)


def _already(other: Agency) -> str:
    """A warning where this agency has an open disagreement about this {whom()['child']} with the same organisation; "" else."""
    row = member().row
    found = casework.open_between(db.session, row.agency_id, row.child_key, other.id)
    if not found:
        return ""
    open_now = f"There is an open disagreement about this {whom()['child']}{_with(other)} already: {', '.join(found)}."
    return f"{open_now} Is this about something else?"


def _raise(filled: Filled) -> Any:
    row, here = member().row, runtime(current_app)
    once = hashlib.sha256(f"{row.person_id}|{filled.once}".encode()).hexdigest()[:32]
    earlier = raising.raised_once(db.session, once)
    if earlier:
        return case_pages.shown(earlier)
    if not filled.answers:
        return steps.go("raising.emergency")
    reference = raising.raise_disagreement(
        db.session, here.keys, _wanted(filled, once, member().said), business_now(db.session), machine_now()
    )
    return case_pages.shown(reference)


def _wanted(filled: Filled, once: str, said: dict[str, Any]) -> raising.Raise:
    answers, facts, row = filled.answers, filled.facts, member().row
    policy = policy_here()
    officer, other = answers.get("officer"), answers.get("other_person")
    someone_else = answers.get("person") == "someone else"
    role = policy.stages[0].acts[0]
    return raising.Raise(
        partnership_id=partnership_here(),
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
        case_flags=policy_questions.flags_said(policy, request.form.get("harm", ""), answers),
        start=answers.get("start", ""),
        dates=policy_questions.dates_given(policy, kept().get("dates", {})),
        choices=policy_questions.choices_given(policy, request.form.get("harm", ""), kept().get("dates", {})),
        protective=facts.get("protective date", ""),
        officer=_officer(officer),
        siblings=[_sibling(one, policy) for one in answers.get("siblings") or ()],
        facts={"about": facts.get("about", "")},
        draft=filled.draft,
        kind=answers.get("child_or_adult") or "",
    )


def _officer(said: dict[str, Any] | None) -> raising.Named | None:
    return raising.Named("reviewing officer", said["name"], said["email"]) if said else None


def _sibling(said: dict[str, Any], policy: Policy) -> raising.Sibling:
    numbers = (("nhs-number", said.get("nhs_number")), ("upn", said.get("upn")))
    return raising.Sibling(
        said["name"],
        said.get("born") or "",
        tuple((system, value) for system, value in numbers if value),
        said.get("ref") or "",
        [one for one in said.get("flags") or () if one in policy.flag_ids],
        _officer(said.get("officer")),
        said.get("child_or_adult") or "",
    )


def kept() -> dict[str, Any]:
    """What of a disagreement about this child was answered and not sent."""
    return drafts.load(db.session, runtime(current_app).keys, owner())


def keep(content: dict[str, Any]) -> None:
    """Keeps that draft."""
    drafts.save(db.session, runtime(current_app).keys, owner(), content, machine_now())


def owner() -> str:
    """The key of that draft."""
    return drafts.owner(member().row.person_id, member().row.child_key, "raise")
