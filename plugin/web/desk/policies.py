"""Policies at the desk: each one in force, drawn and in plain English; and a new text tried beside it before anybody puts it in force."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from itertools import groupby
from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, url_for
from sqlalchemy import or_, select

import forms
import policies
from plugin.extensions import db
from plugin.models import PolicyVersion
from plugin.models.scope import Desk
from plugin.services.case import references
from plugin.services.case.policies import begins, policy_of
from plugin.services.case.policy_changes import Tried, try_text
from plugin.services.desk import contacts
from plugin.services.desk.policies_in_force import Answers, MissingAcceptedError, partnership_of, put_in_force, withdraw
from plugin.services.keeping.clock import business_now, machine_now
from plugin.web import charts, words
from plugin.web.case.case_policy import told
from plugin.web.door import gate
from policies import Policy

blueprint = Blueprint("policies", __name__, url_prefix="/admin/policies")


@blueprint.get("")
@gate.desk(nav="Policies", place=60)
def every() -> Any:
    """The policies in force, one a partnership, those that will be, and older versions that cases still run under."""
    held = select(PolicyVersion.hash, PolicyVersion.version, PolicyVersion.activated_at, PolicyVersion.retired_at)
    used = or_(PolicyVersion.retired_at.is_(None), PolicyVersion.retired_at != PolicyVersion.activated_at)  # else taken back before
    rows = db.session.execute(held.where(used).order_by(PolicyVersion.partnership_id, PolicyVersion.activated_at.desc()))
    listed = [(row, policy_of(db.session, row.hash), _standing(row)) for row in rows]
    return render_template("admin/policies.html", rows=listed, first=gate.member().account.role == "owner")


def _standing(row: Any) -> tuple[str, str]:
    """Where a version stands, as a tag."""
    now = business_now(db.session)
    if row.activated_at > now:
        return f"From {words.short_day(row.activated_at)}", "blue"
    return ("In force", "green") if row.retired_at is None or row.retired_at > now else ("Replaced", "grey")


@blueprint.get("/<policy>")
@gate.desk()
def one(policy: str) -> Any:
    """One of them: drawn, then in sentences, for a partnership to sign off."""
    found = _found(policy)
    row = db.session.get_one(PolicyVersion, policy)
    return render_template(
        "admin/policy.html",
        policy=found,
        row=row,
        chart=charts.pictures(found),
        told=told(found),
        done=request.args.get("done", ""),
        planned=row.activated_at > business_now(db.session) and row.activated_at != row.retired_at,
        may=_may_replace(policy),
        known={one.name: one for one in contacts.needed(db.session, row.partnership_id, found) if one.who},
        references=references,
        words=words,
    )


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
            now = business_now(db.session)
            new = put_in_force(db.session, desk_of(), policy, text, answers(), now, machine_now(), forms.known())
            return redirect(url_for("policies.one", policy=new.hash, done="yes"), 303)
        except MissingAcceptedError as fault:
            missing = fault.missing
        except ValueError as fault:
            return _ask(found, text, tried, str(fault)), 422
    return _ask(found, text, tried, MISSING if missing else "", missing), 422 if missing else 200


@blueprint.post("/<policy>/withdraw")
@gate.desk("owner", "coordinator")
def take_back(policy: str) -> Any:
    """One that is put in and not in force yet is taken back; asks first."""
    found = _found(policy)
    if request.form.get("sure") != "yes":
        return render_template(
            "admin/confirm.html",
            question=f"Take back version {found.version}?",
            what="It will not come into force. What is in force now goes on.",
            button_text="Take it back",
            fields={},
            cancel=url_for("policies.one", policy=policy),
            warning_button=True,
        )
    try:
        withdraw(db.session, desk_of(), policy, business_now(db.session), machine_now())
    except LookupError:
        abort(404)
    return redirect(url_for("policies.every"), 303)


def _ask(found: Policy, text: str, tried: Tried, problem: str, missing: Collection[str] = ()) -> str:
    """Asks whether it is to be put in force, with all that should be looked at first."""
    new = policies.load(text, forms=forms.known())
    begins_at = begins(new, business_now(db.session))
    known = references.filled(db.session, partnership_of(db.session, desk_of(), found.hash, business_now(db.session)))
    return render_template(
        "admin/policy_replace.html",
        policy=found,
        new=new,
        text=text,
        tried=tried,
        problem=problem,
        open_ones=open_references(new, known, missing),
        begins=words.short_day(begins_at) if begins_at > business_now(db.session) else "",
    )


MISSING = "Say what each one is, or tick that you know that it is missing."


def answers() -> Answers:
    """What was said on the page of each reference that a text does not give."""
    given = {name.removeprefix("given."): text for name, text in request.form.items() if name.startswith("given.")}
    return Answers(given, request.form.getlist("missing"))


def open_references(new: Policy, known: Mapping[str, str], missing: Collection[str]) -> list[dict[str, Any]]:
    """Each reference that a text does not give, as its question: filled in as it was typed, or as it was filled in before."""
    said = answers()
    return [
        {
            "id": one.id,
            "text": one.text,
            "rule": one.rule,
            "given": said.given.get(one.id, known.get(one.id, "")),
            "accepted": one.id in said.accepted,
            "problem": one.id in missing,
        }
        for one in new.unresolved
    ]


def desk_of() -> Desk:
    """Whoever is at the desk."""
    account = gate.member().account
    return Desk(account.id, account.role, account.agency_id or "", account.partnership_id or "")


def _may_replace(policy: str) -> bool:
    try:
        partnership_of(db.session, desk_of(), policy, business_now(db.session))
    except LookupError:
        return False
    return True


def _found(digest: str) -> Policy:
    try:
        return policy_of(db.session, digest)
    except KeyError:
        abort(404)
