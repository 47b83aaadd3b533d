"""Filling a form: shown, checked, looked over, sent. One flow for every form; what sending does is the caller's.

do=open    the form, with the draft or what earlier forms say
do=check   what was typed is kept (always), then told what is wrong, or shown to be looked over
do=change  back to the form from there
do=send    what was looked over is sent; the page's `once` makes a second press harmless
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from flask import current_app, render_template, request

import forms
from forms import Bound, Definition
from plugin.extensions import db
from plugin.runtime import runtime
from plugin.services import drafts
from plugin.services.cases import NoLongerOpenError
from plugin.services.clock import business_now, machine_now
from plugin.web.gate import member


@dataclass(frozen=True, slots=True)
class Filling:
    """One form being filled. `url` is where its pages post to, with `hidden` fields; `subject` is the child or case it is about."""

    definition: Definition
    url: str
    subject: str
    choices: Mapping[str, Any]
    context: Mapping[str, Any] = field(default_factory=dict)
    prefilled: Mapping[str, Any] = field(default_factory=dict)
    hidden: Mapping[str, str] = field(default_factory=dict)
    part: str = ""
    title: str = ""
    warning: str = ""
    send_label: str = "Send"
    back_url: str = ""
    back_hidden: Mapping[str, str] = field(default_factory=dict)

    @property
    def owner(self) -> str:
        """The key of its draft."""
        return drafts.owner(member().row.person_id, self.subject, self.definition.id)


@dataclass(frozen=True, slots=True)
class Filled:
    """What is sent: the answers, what they say to the policy, the page's token, and the draft to forget when it is written."""

    answers: dict[str, Any]
    facts: dict[str, Any]
    once: str
    draft: str
    definition: Definition


def fill(filling: Filling, send: Callable[[Filled], Any]) -> Any:
    """Does the next step of filling and returns the page; `send` is called with what was looked over, and gives the page after it."""
    do = request.form.get("do", "open")
    keys = runtime(current_app).keys
    kept = drafts.load(db.session, keys, filling.owner)
    if do == "check":
        return _check(filling, kept)
    if do == "draft":
        content = {**kept, "typed": _bound(filling, kept, request.form).draft()}
        content.pop("values", None)  # looked over before, changed since
        drafts.save(db.session, keys, filling.owner, content, machine_now())
        return "", 204
    if do == "send":
        return _send(filling, kept, send)
    return _form(filling, _bound(filling, kept))


def show(filling: Filling) -> Any:
    """The form's first page, whatever the request was for."""
    return _form(filling, _bound(filling, drafts.load(db.session, runtime(current_app).keys, filling.owner)))


def _bound(filling: Filling, kept: Mapping[str, Any], data: Any = None) -> Bound:
    given = data if data is not None else kept.get("typed")
    values = {**filling.prefilled, **kept.get("before", {})}
    now = business_now(db.session)
    return forms.bind(
        filling.definition, part=filling.part, data=given, values=values, choices=filling.choices, context=filling.context, now=now
    )


def _check(filling: Filling, kept: Mapping[str, Any]) -> Any:
    bound = _bound(filling, kept, request.form)
    valid = bound.validate()
    once = str(kept.get("once") or secrets.token_hex(16))
    content = {**kept, "typed": bound.draft(), "once": once}
    if valid:
        content["values"] = bound.values()
    drafts.save(db.session, runtime(current_app).keys, filling.owner, content, machine_now())
    return _look_over(filling, content) if valid else _form(filling, bound, status=422 if bound.errors else 200)


def _look_over(filling: Filling, content: Mapping[str, Any]) -> str:
    answers = {**content.get("before", {}), **content["values"]}
    rows = forms.rows(filling.definition, answers, filling.choices)
    return render_template("filling/check.html", filling=filling, rows=rows, once=content["once"])


def _send(filling: Filling, kept: Mapping[str, Any], send: Callable[[Filled], Any]) -> Any:
    once = request.form.get("once", "")
    answers = {**kept.get("before", {}), **kept.get("values", {})} if kept.get("once") == once and once else None
    if answers is None:
        # Sent already (the draft is gone) or changed in another tab: the service knows by `once` whether it was written.
        answers = {}
        if kept.get("values"):
            return _form(filling, _bound(filling, kept), notice="This was changed in another window. Please look it over again.")
    try:
        return send(Filled(answers, forms.facts(filling.definition, answers), once, filling.owner, filling.definition))
    except NoLongerOpenError as late:
        rows = forms.rows(filling.definition, answers, filling.choices) if answers else []
        return render_template("filling/too_late.html", filling=filling, rows=rows, by=late.by), 409


def _form(filling: Filling, bound: Bound, status: int = 200, notice: str = "") -> Any:
    return render_template("filling/fill.html", filling=filling, bound=bound, notice=notice), status
