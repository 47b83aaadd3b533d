"""A policy put in force at the desk: who may, what they must have looked at first, and that it is on record who did.

What lives here: this use case. What does not: storing a pack (`services.case.policies`), what a new text changes
(`services.case.policy_changes`).
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

import policies
from plugin.models import PolicyVersion, begin_writing
from plugin.models.scope import Desk
from plugin.services.case.policies import activate
from plugin.services.desk import accounts
from policies import Policy


class MissingAcceptedError(ValueError):
    """The text names things that it does not give, and not each of them was looked at; `missing` are their ids."""

    def __init__(self, missing: Collection[str]) -> None:
        super().__init__("not every open reference was accepted")
        self.missing = tuple(missing)


def partnership_of(session: Session, who: Desk, digest: str) -> str:
    """The partnership for which this policy is in force, where the desk may replace it: the owner's any, a coordinator's own. Raises
    LookupError.
    """
    found = session.scalar(select(PolicyVersion.partnership_id).where(PolicyVersion.hash == digest, PolicyVersion.retired_at.is_(None)))
    if found is None or who.role not in ("owner", "coordinator") or (who.role == "coordinator" and found != who.partnership_id):
        raise LookupError(digest)
    return str(found)


def put_in_force(
    session: Session, who: Desk, digest: str, text: str, accepted: Collection[str], machine_now: datetime, forms: Collection[str]
) -> Policy:
    """Puts `text` in force in place of the policy of that hash. `accepted` are the ids of the text's open references that were ticked.

    Raises policies.PackError, MissingAcceptedError, ValueError where it is another partnership's text, LookupError where the desk may not.
    Commits.
    """
    partnership_id = partnership_of(session, who, digest)
    new = policies.load(text, source="line", forms=forms)
    if missing := [one.id for one in new.unresolved if one.id not in accepted]:
        raise MissingAcceptedError(missing)
    begin_writing(session)
    given = f"{new.version}; open references accepted: {len(new.unresolved)}" if new.unresolved else new.version
    accounts.note(session, who.account_id, who.agency_id, "policy in force", partnership_id, given, machine_now)
    return activate(session, partnership_id, text, machine_now, forms)
