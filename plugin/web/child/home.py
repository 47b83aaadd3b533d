"""The worker's first page: the Start button, what there is for this child already and for this person, and the ways on from there."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, current_app, make_response, render_template, request, url_for
from sqlalchemy import or_, select

from plugin.extensions import db
from plugin.models import Agency, Disagreement, Participant
from plugin.runtime import runtime
from plugin.services.acting import advising, casework
from plugin.services.arriving import launching
from plugin.services.case import children
from plugin.services.keeping.clock import business_now, machine_now
from plugin.services.write_back import filing
from plugin.web import words
from plugin.web.child.kept import kept
from plugin.web.door import coming_back, gate, steps
from plugin.web.door.gate import member
from plugin.web.door.here import policy_here

blueprint = Blueprint("home", __name__, url_prefix="/frame")


@blueprint.before_request
def _launched_only() -> None:
    if not member().launched:
        abort(404)


@blueprint.post("/start")
def start() -> Any:
    """The Start button: the session's token is made anew, so that what came with the launch is worth nothing to anybody."""
    who = member()
    current = request.cookies.get(gate.FRAME_COOKIE, "")
    if launching.session_id(current) == who.row.id and current != who.token:
        who.token = current  # pressed again on a page left behind: this browser has the session's token already
        return steps.go("home.home")
    who.token = launching.renew(db.session, who.row, who.token, machine_now())
    who.row.started = True
    coming_back.stands_at(url_for("home.home"))
    page = make_response(home())
    gate.set_cookie(page, gate.FRAME_COOKIE, who.token)
    return page


@blueprint.route("/home", methods=["GET", "POST"])
def home() -> Any:
    """What there is for this child already, and what else this person was asked about; and the way to raise."""
    row = member().row
    listed = select(Disagreement).join(Participant, Participant.disagreement_id == Disagreement.id)
    listed = listed.where(Participant.agency_id == row.agency_id).order_by(Disagreement.created_at.desc()).limit(50)
    here = list(db.session.scalars(listed.where(children.about(row.agency_id, member().child_keys))).unique())
    mine = [one for one in db.session.scalars(listed.where(casework.of_person(row.person_id))).unique() if one not in here]
    policy = policy_here()
    return render_template(
        "frame/home.html",
        here=here,
        mine=mine,
        policy=policy,
        stages={stage.id: stage.title for stage in policy.stages},
        withs=_other_sides([*here, *mine]),
        now=business_now(db.session),
        to_file=len(filing.tray(db.session, row.agency_id, row.person_id)),
        draft=bool(kept()),
        advice_offered=advising.offered(policy),
        advised=advising.listed(db.session, runtime(current_app).keys, row.agency_id, member().child_keys),
        words=words,
    )


def _other_sides(cases: list[Disagreement]) -> dict[str, str]:
    """With whom each case is, by its id."""
    seats = select(Participant.disagreement_id, Participant.side, Agency.name).join(Agency, Agency.id == Participant.agency_id)
    ours = Participant.disagreement_id.in_([one.id for one in cases])
    found: dict[str, str] = {}
    others = or_(Participant.agency_id != member().row.agency_id, Participant.side == "both")
    for case_id, side, name in db.session.execute(seats.where(ours, others).order_by(Agency.name)):
        name = "somebody in your own organisation" if side == "both" else name
        found[case_id] = f"{found[case_id]}, {name}" if case_id in found else name
    return found
