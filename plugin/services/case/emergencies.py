"""Whom to inform at once when a child is in danger: the policy says which role, the directory says who that is."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from plugin.models import Person, RoleHolder
from policies import Policy


def told_at_once(session: Session, policy: Policy, agency_id: str) -> list[Person]:
    """The people of the agency who hold the role that the policy's emergency rule names; empty where the directory knows nobody."""
    if policy.emergency is None:
        return []
    flagged = [duty for duty in policy.duties if duty.kind == "notice" and f"fact:{policy.emergency.flag}" in duty.triggers]
    roles = {to.role for duty in flagged for to in duty.to}
    held = select(Person).join(RoleHolder, RoleHolder.person_id == Person.id).order_by(RoleHolder.listed)
    return list(session.scalars(held.where(RoleHolder.agency_id == agency_id, RoleHolder.role.in_(roles), Person.active)).unique())
