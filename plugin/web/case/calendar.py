"""The date by which the present step should end, as a calendar file to download. It holds a reference and a date, nothing of the child."""

from __future__ import annotations

from flask import Blueprint, Response

from plugin.extensions import db
from plugin.mail.calendar import Entry, deadline_entry, entry_uid
from plugin.services.case.cases import NotFoundError
from plugin.services.keeping.clock import business_now
from plugin.web.case.page import opened

blueprint = Blueprint("calendar", __name__, url_prefix="/case")


@blueprint.route("/<reference>/calendar", methods=["GET", "POST"])
def entry(reference: str) -> Response:
    """An entry that a calendar takes in; the same step's again moves the one before. NotFoundError where no date is set."""
    file, _actor = opened(reference)
    state = file.state
    if state.due is None or state.status != "open":
        raise NotFoundError(reference)
    uid = entry_uid(file.case.id, f"stage {state.stage}")
    made = Entry(uid, reference, state.stage_title, state.due, file.case.seq)
    content = deadline_entry(made, stamp=business_now(db.session), zone=file.case.policy.zone)
    answer = Response(content, mimetype="text/calendar")
    answer.headers["Content-Disposition"] = f'attachment; filename="{file.case.reference}.ics"'
    return answer
