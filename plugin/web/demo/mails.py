"""The gallery of mails in the demo: every mail as it leaves, subject, text and HTML. Absent on a live service."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template

from plugin.mail import specimens
from plugin.web.door.gate import public

DEMO_ONLY = True
blueprint = Blueprint("dev_mail", __name__, url_prefix="/dev")


@blueprint.get("/mail")
@public  # invented references alone
def all_mails() -> Any:
    """Every mail: subject, text, and the HTML as its source."""
    return render_template("dev/mails.html", mails=specimens.mails())
