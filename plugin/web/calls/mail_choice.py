"""The quiet link at the foot of every mail: how many mails somebody wants. No sign-in; nothing of a case behind it."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template, request

from plugin.extensions import db
from plugin.models.scope import System, bind
from plugin.services.keeping.clock import machine_now
from plugin.services.notices import mail_choices
from plugin.web.door.gate import public

blueprint = Blueprint("mail_choice", __name__)
_CHOICES = [
    {"value": "together", "text": "One mail for all that is due at one time", "hint": "This is how it is if you choose nothing."},
    {"value": "single", "text": "A mail for each thing", "hint": ""},
    {
        "value": "daily",
        "text": "One mail a day, in the morning, for what can wait",
        "hint": "What is urgent, overdue or due within a working day still comes at once.",
    },
]


@blueprint.get("/mail/<token>")
@public  # the link's 256 bits are what lets somebody choose; nothing else can be seen or done with it
def choice(token: str) -> Any:
    """The choices. Changes nothing."""
    bind(db.session, System("mail choice"))
    chosen = mail_choices.chosen(db.session, token, machine_now())
    if chosen is None:
        return render_template("mail_choice/old_link.html"), 404
    return render_template("mail_choice/choice.html", token=token, chosen=chosen, choices=_CHOICES, problem="", done=False)


@blueprint.post("/mail/<token>")
@public  # as above; a scanner that presses the button keeps what is chosen already
def choose(token: str) -> Any:
    """Keeps the choice."""
    bind(db.session, System("mail choice"))
    wanted = request.form.get("choice", "")
    if (
        mail_choices.chosen(db.session, token, machine_now()) is None
        or request.headers.get("Sec-Fetch-Site", "same-origin") != "same-origin"
    ):
        return render_template("mail_choice/old_link.html"), 404
    problem = "" if wanted in mail_choices.CHOICES else "Choose how you want your mails"
    if not problem:
        mail_choices.choose(db.session, token, wanted, machine_now())
    page = render_template("mail_choice/choice.html", token=token, chosen=wanted, choices=_CHOICES, problem=problem, done=not problem)
    return page, 422 if problem else 200
