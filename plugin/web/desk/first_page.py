"""The desk's first page: how things stand, and what waits for this person."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, current_app, render_template
from sqlalchemy import func, select

from plugin.extensions import db
from plugin.models import Agency, Delivery, Partnership
from plugin.runtime import runtime
from plugin.services.case.policies import current_policy
from plugin.services.desk import contacts, people, ways
from plugin.services.keeping.clock import business_now, machine_now
from plugin.services.notices import alarms
from plugin.services.providers import standing as sso
from plugin.services.write_back import checks
from plugin.web import words
from plugin.web.desk.connections import said_of
from plugin.web.desk.policies import desk_of
from plugin.web.door import gate

blueprint = Blueprint("admin", __name__, url_prefix="/admin")


@blueprint.get("/")
@gate.desk(nav="Overview", place=0)
def index() -> Any:
    """The alarms, the connections this desk looks after, roles that nobody holds, records that wait for a person."""
    account, now = gate.member().account, machine_now()
    rows = [{"way": way, "agency": name, **said_of(ways.standing(way, circuit, now))} for way, name, circuit in checks.all_of(db.session)]
    bad = [row for row in rows if row["tag"] not in ("Working", "Retired")]
    ringing = alarms.open_alarms(db.session, business_now(db.session), now, runtime(current_app).settings.sweep_seconds)
    waiting = select(func.count()).select_from(Delivery).where(Delivery.state == "needs a person")
    return render_template(
        "admin/index.html",
        alarms=len(ringing),
        rows=rows,
        bad=bad,
        gaps=_gaps(),
        bodies=_bodies(),
        begins=account.role == "owner" and db.session.scalar(select(func.count()).select_from(Partnership)) == 0,
        waiting=db.session.scalar(waiting) or 0,
        changes=account.role != "coordinator",
    )


def _gaps() -> list[dict[str, Any]]:
    """What is missing at each agency this desk looks after."""
    account = gate.member().account
    wanted = select(Agency).order_by(Agency.name)
    if account.agency_id:
        wanted = wanted.where(Agency.id == account.agency_id)
    if account.partnership_id:
        wanted = wanted.where(Agency.partnership_id == account.partnership_id)
    found = []
    for agency in db.session.scalars(wanted):
        said = [f"it does not take part, since {words.short_day(agency.off_since)}"] if agency.off_since else []
        if not agency.duty_desk_email:
            said.append("no duty desk: nobody is told when nobody answers")
        if agency.assurance == "mailbox_code" and not agency.risk:
            said.append("nobody accepted the risk of codes by mail: its people cannot open their links")
        closed = sso.why_closed(db.session, agency)
        if closed:
            said.append(f"{closed}: its managers cannot be sure to open their links")
        if vacant := people.vacant(db.session, agency):
            said.append(f"nobody holds: {', '.join(vacant)}")
        if said:
            found.append({"agency": agency, "said": said, "closed": closed})
    return found


def _bodies() -> list[dict[str, Any]]:
    """What is missing at each partnership this desk looks after: whom its policy asks, and whom the service tells."""
    found = []
    for body in db.session.scalars(select(Partnership).order_by(Partnership.title)):
        if not contacts.may_change(desk_of(), body.id):
            continue
        said = [] if body.coordinator_email else ["no mailbox of whoever coordinates it: nobody is told when nobody else can be reached"]
        try:
            asked = contacts.needed(db.session, body.id, current_policy(db.session, body.id))
        except LookupError:
            asked = []
            said.append("no policy is in force yet: nothing can be raised")
        if vacant := [one.text for one in asked if one.kind == "role" and not one.email]:
            said.append(f"nobody holds: {', '.join(vacant)}. The coordinator is asked instead")
        if said:
            found.append({"body": body, "said": said})
    return found
