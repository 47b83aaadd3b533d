"""The gallery of forms in the demo: every form in every state. Absent on a live service."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, render_template, request, url_for

import forms
from forms import gallery
from plugin.web.door.gate import public

DEMO_ONLY = True
blueprint = Blueprint("gallery", __name__, url_prefix="/dev")


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
