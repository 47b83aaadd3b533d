"""Where the present launch stands: the agency, the partnership whose policy holds for this child, and who else is in it."""

from __future__ import annotations

from datetime import datetime
from typing import Any, cast

from flask import g

from plugin.extensions import db
from plugin.models import Agency, Partnership
from plugin.services.case import casefile, staff
from plugin.services.case.policies import current_policy, partnership_for
from plugin.services.keeping.clock import business_now
from plugin.web.door.known import known, member
from policies import Policy


def now() -> datetime:
    """Business time, as this request goes by it throughout: it is asked for once."""
    if "now" not in g:
        g.now = business_now(db.session)
    return cast(datetime, g.now)


def policy_here() -> Policy:
    """The policy in force for this child: that of the area they live in where the record system says so, else the agency's own."""
    return current_policy(db.session, partnership_here())


def partnership_here() -> str:
    """The partnership whose policy that is."""
    return partnership_for(db.session, agency_here().partnership_id, str(member().said.get("area", "")))


def agency_here() -> Agency:
    """The agency of the present session."""
    found = db.session.get(Agency, member().row.agency_id)
    assert found is not None
    return found


def organisations() -> list[tuple[str, str]]:
    """The organisations a disagreement can be with, as choices: the others, and one's own where the policy is for that too."""
    own, inside = agency_here(), policy_here().inside_allowed
    others = staff.other_agencies(db.session, partnership_here(), own.id) if inside != "only" else []
    mine = [(own.id, f"Somebody in your own organisation, {own.name}")] if inside != "no" else []
    return [*((one.id, one.name) for one in others), *mine]


def organisations_that_left() -> dict[str, Any]:
    """The organisations that are not among them because they take no part now (`names`), and the `mailbox` of whoever coordinates the
    partnership, if it has one."""
    own, partnership = agency_here(), partnership_here()
    names = staff.agencies_that_left(db.session, partnership, own.id) if policy_here().inside_allowed != "only" else []
    return {"names": names, "mailbox": db.session.get_one(Partnership, partnership).coordinator_email if names else ""}


def whom(policy: Policy | None = None) -> dict[str, str]:
    """What a page calls whoever it is about, by this policy; else by that of its case or of the present launch; else a person."""
    who = known()
    if policy is not None or who is None:
        return casefile.whom(policy)
    if "whom" not in g:
        g.whom = whom_at(agency_here(), str(who.said.get("area", ""))) if who.launched else casefile.whom()
    return dict(g.whom)


def go_by(policy: Policy) -> None:
    """From here on the present page is about a case of this policy, and calls whoever it is about as that policy does."""
    g.whom = casefile.whom(policy)


def whom_at(agency: Agency | None, area: str) -> dict[str, str]:
    """The same for the page before a session has begun: an agency, and the area that the record system named ("" where none)."""
    if agency is None:
        return casefile.whom()
    try:
        policy = current_policy(db.session, partnership_for(db.session, agency.partnership_id, area))
    except LookupError:  # no policy is active yet: the pages that need one say so
        return casefile.whom()
    return casefile.whom(policy)
