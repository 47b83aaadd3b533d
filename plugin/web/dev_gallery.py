"""Galleries of the demo: every form in every state, every mail as it leaves. Absent on a live service."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from flask import Blueprint, abort, render_template, request, url_for

import forms
from forms import gallery
from plugin.mail import messages
from plugin.web.gate import public
from plugin.web.words import ZONE
from policies import Deadline

DEMO_ONLY = True
blueprint = Blueprint("gallery", __name__, url_prefix="/dev")
_DUE = Deadline(datetime(2026, 11, 25, 23, 59, 59, tzinfo=UTC), date(2026, 11, 25), False, "own limit", "5 working days")


@blueprint.get("/forms")
@public  # invented people alone
def all_forms() -> Any:
    """A list of every form, version, part and state."""

    def url(one: gallery.Specimen) -> str:
        return url_for("gallery.one_form", name=one.name)

    return render_template("forms/gallery.html", specimens=gallery.specimens(), url=url)


@blueprint.route("/forms/<name>", methods=["GET", "POST"])
@public  # as above
def one_form(name: str) -> Any:
    """One of them; what is typed can be sent, is checked, and goes nowhere."""
    specimen = next((one for one in gallery.specimens() if one.name == name), None) or abort(404)
    bound = gallery.shown(specimen)
    if request.method == "POST":
        chosen, context = gallery.choices(bound.definition), gallery.context(bound.definition)
        bound = forms.bind(bound.definition, part=specimen.part, data=request.form, choices=chosen, context=context, now=gallery.NOW)
        bound.validate()
    return render_template("forms/specimen.html", bound=bound, index=url_for("gallery.all_forms"))


@blueprint.get("/mail")
@public  # as above
def all_mails() -> Any:
    """Every mail: subject, text, and the HTML as its source."""
    made = {
        name: messages.reminder(
            name, reference="PD-7F3K-92HV", stage="Line managers", due=_DUE, link="https://accord.example/r/…", zone=ZONE
        )
        for name in messages.NAMES
    }
    made["code"] = messages.code(code="314159", minutes=10)
    return render_template("dev/mails.html", mails=made)
