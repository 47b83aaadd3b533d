"""The policy a case runs under, drawn with the present step marked, and in plain English: for whoever may open the case."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from flask import Blueprint, render_template
from markupsafe import Markup

from plugin.extensions import db
from plugin.services.desk import contacts
from plugin.web.case.page import opened
from plugin.web.door import steps
from policies import Policy
from policies.plain import as_html, in_plain_english

blueprint = Blueprint("case_policy", __name__, url_prefix="/case")


@blueprint.route("/<reference>/policy", methods=["GET", "POST"])
def page(reference: str) -> Any:
    """The whole policy: its steps as a picture, then in sentences."""
    if steps.to_address():
        return steps.go("case_policy.page", reference=reference)
    file, _ = opened(reference)
    known = contacts.needed(db.session, file.case.partnership_id, file.case.policy)
    addresses = [one for one in known if one.kind == "address" and one.who]
    return render_template("case/policy.html", file=file, state=file.state, told=told(file.case.policy), addresses=addresses)


@lru_cache(maxsize=16)
def told(policy: Policy) -> Markup:
    """A policy in plain English, as HTML from <h2> down. Safe: `as_html` escapes every word of a pack."""
    return Markup(as_html(in_plain_english(policy), 2))  # noqa: S704  # see above
