"""The app behind the figures of form pages: a form drawn and checked as the service does, and the floor, a view that answers with the
same bytes. No database on either side: what is measured is the form.
"""

from __future__ import annotations

from pathlib import Path

from flask import Flask, render_template, request

import forms
from forms import gallery
from forms.setting import Setting

ROOT = Path(__file__).resolve().parents[2]
FORM = forms.get("raise")
PART = FORM.parts[-1].id
CHOICES, CONTEXT = gallery.choices(FORM), gallery.context(FORM)
GOOD = gallery.typed(FORM, PART, Setting(CHOICES, CONTEXT, {}, gallery.NOW))
app = Flask("form_app", template_folder=str(ROOT / "templates"), static_folder=str(ROOT / "plugin/static"))


def bound(data: object = None, values: dict[str, object] | None = None) -> forms.Bound:
    """The form, empty or with what is given."""
    return forms.bind(FORM, part=PART, data=data, values=values, choices=CHOICES, context=CONTEXT, now=gallery.NOW)  # type: ignore[arg-type]


def draw(one: forms.Bound) -> str:
    """Its page."""
    return render_template("forms/specimen.html", bound=one, index="/")


with app.test_request_context():
    EMPTY, FILLED = draw(bound()), draw(bound(GOOD))
KEPT = bound(GOOD).values()


@app.get("/form")
def empty() -> str:
    """The form as a person first sees it."""
    return draw(bound())


@app.get("/draft")
def filled() -> str:
    """The form with kept answers."""
    return draw(bound(values=KEPT))


@app.post("/form")
def check() -> str:
    """What was sent, checked; the same bytes as the floor where it is good."""
    one = bound(request.form)
    return EMPTY if one.validate() and one.values() else draw(one)


@app.get("/floor")
def floor() -> str:
    """As many bytes, already made."""
    return EMPTY


@app.get("/floor-draft")
def floor_draft() -> str:
    """As many bytes, already made."""
    return FILLED


@app.post("/floor")
def floor_check() -> str:
    """What was sent, parsed."""
    return EMPTY if request.form else ""
