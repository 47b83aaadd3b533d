"""Filling a form: shown, checked, looked over, sent. One flow for every form; what sending does is the caller's.

do=open    the form, with the draft or what earlier forms say
do=check   what was typed is kept (always), then told what is wrong, or shown to be looked over
do=change  back to the form from there
do=send    what was looked over is sent; the page's `once` makes a second press harmless

Where an answer is one of very many people, do=check looks for somebody first if a name was typed (`finding`).
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlencode

from flask import current_app, redirect, render_template, request

import forms
from forms import Bound, Definition
from plugin.extensions import db
from plugin.runtime import runtime
from plugin.services.case.cases import NoLongerOpenError
from plugin.services.case.staff import Found
from plugin.services.keeping import drafts
from plugin.services.keeping.clock import machine_now
from plugin.web import finding
from plugin.web.door import coming_back, here, steps
from plugin.web.door.gate import member


@dataclass(frozen=True, slots=True)
class Filling:
    """One form being filled. `url` is where its pages post to, with `hidden` fields; `subject` is the child or case it is about.

    `caption` says which disagreement it is. `before` are answers given on earlier pages, `first_rows` what else is looked over with the
    answers, `read_first` what the person should have read before they answer. `finding`: the question that is answered with one of an
    organisation's people; `found`: who is offered for it. `empty_url`: what empties it, where it begins with what was written for another.
    """

    definition: Definition
    url: str
    subject: str
    choices: Mapping[str, Any]
    context: Mapping[str, Any] = field(default_factory=dict)
    prefilled: Mapping[str, Any] = field(default_factory=dict)
    hidden: Mapping[str, str] = field(default_factory=dict)
    part: str = ""
    title: str = ""
    caption: str = ""
    warning: str = ""
    send_label: str = "Send"
    back_url: str = ""
    before: Mapping[str, Any] = field(default_factory=dict)
    first_rows: tuple[tuple[str, str], ...] = ()
    read_first: tuple[tuple[str, str], ...] = ()
    finding: finding.Finding | None = None
    found: Found | None = None
    empty_url: str = ""

    @property
    def read_first_rows(self) -> list[dict[str, str]]:
        """`read_first` as a summary list takes it."""
        return [{"label": label, "text": text} for label, text in self.read_first]

    @property
    def instead(self) -> str:
        """What to choose where whoever is meant is not found: the question's own last answer."""
        asked = next(one for one in self.definition.asked(self.part) if self.finding and one.name == self.finding.field)
        return f"If they are not here, choose “{asked.options[-1].label}”."

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
    part: str = ""


def fill(filling: Filling, send: Callable[[Filled], Any]) -> Any:
    """Does the next step of filling and returns the page; `send` is called with what was looked over, and gives the page after it."""
    if steps.to_address():
        return redirect(_address(filling), 303)
    keys, do = runtime(current_app).keys, steps.doing()
    kept = drafts.load(db.session, keys, filling.owner)
    filling = _with_people(filling, kept)
    if do == "check":
        return _check(filling, kept)
    if do == "draft":
        return _keep_typed(filling, kept)
    if do == "send":
        return _send(filling, kept, send)
    if do == "look" and kept.get("values") is not None:
        return _look_over(filling, kept)
    bound = _bound(filling, kept)
    if do == "wrong":
        bound.validate()
    return _form(filling, kept, bound)


def _with_people(filling: Filling, kept: Mapping[str, Any]) -> Filling:
    """The form with the people that can be chosen now, where one is asked for."""
    if filling.finding is None:
        return filling
    found, field = filling.finding.found(kept, filling.prefilled), filling.finding.field
    prefilled = {name: said for name, said in filling.prefilled.items() if name != field or said in dict(found.people)}
    return replace(filling, found=found, prefilled=prefilled, choices={**filling.choices, filling.finding.choices: found.people})


def _address(filling: Filling, **more: str) -> str:
    """The address of one of the form's pages, for a browser that has the session's cookie."""
    query = {name: value for name, value in {**filling.hidden, **more}.items() if name == "what" or name in more}
    return f"{filling.url}?{urlencode(query)}" if query else filling.url


def _bound(filling: Filling, kept: Mapping[str, Any], data: Any = None) -> Bound:
    given = data if data is not None else kept.get("typed")
    values = {**filling.prefilled, **filling.before}
    return forms.bind(
        filling.definition,
        part=filling.part,
        data=given,
        values=values,
        choices=filling.choices,
        context=filling.context,
        now=here.now(),
    )


def _keep_typed(filling: Filling, kept: Mapping[str, Any]) -> Any:
    content = {**kept, "before": {**filling.before}, "typed": _bound(filling, kept, request.form).draft()}
    content.pop("values", None)  # looked over before, changed since
    drafts.save(db.session, runtime(current_app).keys, filling.owner, content, machine_now())
    return "", 204


def _check(filling: Filling, kept: Mapping[str, Any]) -> Any:
    bound = _bound(filling, kept, request.form)
    looks = filling.found is not None and filling.found.asks and finding.asked(kept)
    valid = not looks and bound.validate()
    once = str(kept.get("once") or secrets.token_hex(16))
    content = {**kept, "before": {**filling.before}, "typed": bound.draft(), "once": once, "values": bound.values() if valid else None}
    content["find"] = finding.sought(kept)
    drafts.save(db.session, runtime(current_app).keys, filling.owner, content, machine_now())
    if steps.by_cookie():
        return redirect(_address(filling, do="look" if valid else "wrong" if bound.errors else "open"), 303)
    coming_back.stands_at(filling.url, "look" if valid else "wrong" if bound.errors else "open")
    return _look_over(filling, content) if valid else _form(filling, content, bound, status=422 if bound.errors else 200)


def _look_over(filling: Filling, content: Mapping[str, Any]) -> str:
    answers = {**filling.before, **content["values"]}
    first = [{"label": label, "text": text} for label, text in filling.first_rows]
    rows = [*first, *forms.rows(filling.definition, answers, filling.choices, _shown(filling), filling.context)]
    return render_template("filling/check.html", filling=filling, rows=rows, once=content["once"])


def _shown(filling: Filling) -> str:
    """The part whose answers are looked over: all, where earlier pages asked the parts before it."""
    return "" if filling.before else filling.part


def _send(filling: Filling, kept: Mapping[str, Any], send: Callable[[Filled], Any]) -> Any:
    once = request.form.get("once", "")
    same = kept.get("once") == once and kept.get("before") == {**filling.before}  # what is sent is what was looked over, and nothing else
    looked_over = kept.get("values") if once and same else None
    answers = {**filling.before, **looked_over} if looked_over is not None else None
    if answers is None:
        # Sent already (the draft is gone) or changed in another tab: the service knows by `once` whether it was written.
        answers = {}
        if kept.get("values"):
            return _form(filling, kept, _bound(filling, kept), notice="This was changed in another window. Please look it over again.")
    try:
        return send(Filled(answers, forms.facts(filling.definition, answers), once, filling.owner, filling.definition, filling.part))
    except NoLongerOpenError as late:
        rows = forms.rows(filling.definition, answers, filling.choices, _shown(filling), filling.context) if answers else []
        return render_template("filling/too_late.html", filling=filling, rows=rows, by=late.by), 409


def _form(filling: Filling, kept: Mapping[str, Any], bound: Bound, status: int = 200, notice: str = "") -> Any:
    return render_template("filling/fill.html", filling=filling, bound=bound, notice=notice, sought=finding.sought(kept)), status
