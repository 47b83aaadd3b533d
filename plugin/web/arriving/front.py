"""The service's own address: what Accord is, for somebody who had a mail and wonders whether to trust it."""

from __future__ import annotations

from flask import Blueprint, render_template

from plugin.web.door import gate

blueprint = Blueprint("front", __name__)


@blueprint.get("/")
@gate.public  # what the service is, and nothing that it holds
def about() -> str:
    """What Accord is, where people come in, and how to tell whether a mail is ours. The same for everybody."""
    return render_template("front.html")
