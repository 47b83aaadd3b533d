"""Where the present launch stands: the agency, the partnership whose policy holds for this child, and who else is in it."""

from __future__ import annotations

from plugin.extensions import db
from plugin.models import Agency
from plugin.services import directory
from plugin.services.policies import current_policy, partnership_for
from plugin.web.gate import member
from policies import Policy


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


def other_agencies() -> list[Agency]:
    """The organisations a disagreement can be with."""
    return directory.other_agencies(db.session, partnership_here(), member().row.agency_id)
