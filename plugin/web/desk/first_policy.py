"""A partnership's first policy, put in at the desk: the text checked with every mistake at its line, shown drawn and in plain English, then
put in force. What is typed is kept until it is. A new text of a policy that is there is tried beside it (`policies`).
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, url_for

import forms
import policies
from plugin.extensions import db
from plugin.services.case.policies import begins
from plugin.services.desk.contacts import ContactError
from plugin.services.desk.policies_in_force import MissingAcceptedError, put_first
from plugin.services.keeping.clock import business_now, machine_now
from plugin.web import charts, words
from plugin.web.case.case_policy import told
from plugin.web.desk import typed
from plugin.web.desk.policies import MISSING, answers, desk_of, open_references
from plugin.web.door import gate
from policies import PackError, Policy

blueprint = Blueprint("first_policy", __name__, url_prefix="/admin/policies/new")
_OWN = ("coordinator_email", "duty_desk_email", "areas")


@blueprint.get("")
@gate.desk("owner")
def page() -> Any:
    """Asks for the text."""
    return render_template("admin/policy_first.html", text=typed.again().get("text", ""), problems=[], problem="", typed_at=typed.kept_at())


@blueprint.post("")
@gate.desk("owner")
def check() -> Any:
    """Every mistake with its line; or the policy as the service understands it, and what is still to be said of it."""
    if answer := typed.first():
        return answer
    text = _text()
    if not text.strip():
        return _again(text, problem="Paste the text of the policy."), 422
    try:
        new = policies.load(text, source="line", forms=forms.known())
    except PackError as fault:
        return _again(text, list(fault.problems)), 422
    if request.form.get("do") != "force":
        return _shown(new, text, {})
    return _put(new, text)


def _put(new: Policy, text: str) -> Any:
    given = {name: request.form.get(name, "") for name in _OWN}
    now = business_now(db.session)
    try:
        done = put_first(db.session, desk_of(), text, given, answers(), now, machine_now(), forms.known())
    except MissingAcceptedError as fault:
        return _shown(new, text, {f"given.{one}": MISSING for one in fault.missing}), 422
    except ContactError as fault:
        return _shown(new, text, fault.faults), 422
    except ValueError as fault:
        db.session.rollback()
        return _again(text, problem=str(fault)), 422
    typed.forget()
    return redirect(url_for("policies.one", policy=done.hash, done="first"), 303)


@blueprint.get("/drawn/<policy>/<at>/<name>")
@gate.desk("owner")
def picture(policy: str, at: str, name: str) -> Any:
    """A picture of the text that was typed last, which nobody else is shown."""
    try:
        found = policies.load(typed.again(url_for("first_policy.page")).get("text", "").replace("\r\n", "\n"), forms=forms.known())
        answer = charts.answer(found, at, name) if found.hash == policy else abort(404)
    except (PackError, KeyError):
        abort(404)
    answer.cache_control.public = answer.cache_control.immutable = None
    answer.cache_control.private = True
    return answer


def _again(text: str, problems: Any = (), problem: str = "") -> str:
    return render_template("admin/policy_first.html", text=text, problems=problems, problem=problem, typed_at="")


def _shown(new: Policy, text: str, wrong: dict[str, str]) -> str:
    at = begins(new, business_now(db.session))
    return render_template(
        "admin/policy_first_shown.html",
        policy=new,
        text=text,
        wrong=wrong,
        typed={name: request.form.get(name, "") for name in _OWN},
        chart=charts.pictures(new, endpoint="first_policy.picture"),
        told=told(new),
        open_ones=open_references(new, {}, [name.removeprefix("given.") for name in wrong]),
        begins=words.short_day(at) if at > business_now(db.session) else "",
    )


def _text() -> str:
    return request.form.get("text", "").replace("\r\n", "\n")
