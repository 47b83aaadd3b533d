"""A private calendar feed of one's deadlines: made by somebody who is signed in, then read by their calendar without a session."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, current_app, render_template

from plugin.extensions import db
from plugin.mail.calendar import feed
from plugin.models import Disagreement, Invitation
from plugin.models.scope import System, bind
from plugin.runtime import runtime
from plugin.services.keeping.clock import business_now, machine_now
from plugin.services.post import feeds
from plugin.web.door import gate

blueprint = Blueprint("calendar_feed", __name__, url_prefix="/calendar")


@blueprint.post("")
def offer() -> Any:
    """What a feed is, and a button that makes one."""
    return render_template("calendar/offer.html", reference=_reference())


@blueprint.post("/new")
def new() -> Any:
    """A fresh address; the one before it ends."""
    here, row = runtime(current_app), gate.member().row
    invited = db.session.get(Invitation, row.invitation_id) if row.kind == "link" else None
    recipient, case_id = (invited.person_id, invited.disagreement_id) if invited else (f"person:{row.person_id}", "")
    reference = _reference()
    bind(db.session, System("feed"))  # a token belongs to no case
    token = feeds.make(db.session, here.keys, recipient, case_id, machine_now())
    return render_template("calendar/made.html", address=f"{here.settings.public_url}/calendar/{token}.ics", reference=reference)


def _reference() -> str:
    """The case a link is for: where its reader goes back to."""
    row = gate.member().row
    invited = db.session.get(Invitation, row.invitation_id) if row.kind == "link" else None
    case = db.session.get(Disagreement, invited.disagreement_id) if invited else None
    return case.reference if case else ""


@blueprint.get("/<token>.ics")
@gate.public  # a calendar program has no session: 256 random bits open references and dates, nothing of a child
def read(token: str) -> Any:
    """The feed. Unknown, old and ended addresses look alike."""
    bind(db.session, System("feed"))
    entries = feeds.entries(db.session, runtime(current_app).keys, token, business_now(db.session), machine_now())
    if entries is None:
        return Response("There is no calendar here.\n", 404, mimetype="text/plain")
    return Response(feed(entries, stamp=business_now(db.session), zone=feeds.ZONE), mimetype="text/calendar")
