"""The invitations of one case, read once and changed together: who may be asked by a link, and which links lead nowhere any more.

What a link is made of and how it is opened is in `invitations`.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.orm import Session

from plugin.models import Invitation, new_id, table_of
from plugin.models.scope import fixed
from plugin.services.case.cases import Case
from plugin.services.case.directory import Recipient

_TABLE = table_of(Invitation)
_SIDES = {"raising", "responding"}
_OF_CASE = fixed(
    select(
        Invitation.id, Invitation.stage, Invitation.side, Invitation.role, Invitation.agency_id, Invitation.person_id, Invitation.ended_at
    ).where(Invitation.disagreement_id == bindparam("case"))
)


class Invitations:
    """Ask with `of` for what is needed, then `write`, once."""

    def __init__(self, session: Session, case: Case, now: datetime) -> None:
        self._session = session
        self._case = case
        self._now = now
        rows = session.execute(_OF_CASE, {"case": case.id})
        self._known = {(row.stage, row.role, row.person_id): row for row in rows}
        self._made: dict[tuple[str, str, str], dict[str, Any]] = {}
        self._again: set[str] = set()
        self._both: set[str] = set()

    def of(self, stage: str, side: str, role: str, who: Recipient) -> str:
        """The id of the invitation a link to `who` opens: one a stage, role and person; made the first time, live again if it had ended.

        Whoever is asked for one side and then for the other (above both sides of one organisation, a duty desk) has one link for both.
        """
        place = stage, role, who.key
        if (known := self._known.get(place)) is not None:
            if known.ended_at is not None:
                self._again.add(known.id)
            if {known.side, side} == _SIDES:
                self._both.add(known.id)
            return str(known.id)
        made = self._made.setdefault(place, self._row(stage, side, role, who))
        if {made["side"], side} == _SIDES:
            made["side"] = "both"
        return str(made["id"])

    def write(self, live: set[str] | None, acting: set[str], kept: set[tuple[str, str, str]]) -> None:
        """Writes what was asked for, and ends those whose stage is none of `live` and whose role is one of `acting`.

        `live` is None where the case is closed: then all of them end. `kept` never ends: (agency, stage, role).
        """
        because = "closed" if live is None else "stage moved"

        def is_over(agency: str, stage: str, role: str) -> bool:
            return (live is None or (stage not in live and role in acting)) and (agency, stage, role) not in kept

        over = {row.id for row in self._known.values() if is_over(row.agency_id, row.stage, row.role)}
        for row in self._made.values():
            ends = is_over(row["agency_id"], row["stage"], row["role"])
            row |= {"ended_at": self._now if ends else None, "ended_because": because if ends else ""}
        if self._made:
            self._session.execute(insert(_TABLE), list(self._made.values()))
        if self._both:
            self._session.execute(update(_TABLE).where(_TABLE.c.id.in_(sorted(self._both))).values(side="both"))
        self._change(self._again - over, None, "")
        self._change({row.id for row in self._known.values() if row.id in over and row.ended_at is None}, self._now, because)

    def _change(self, ids: set[str], ended_at: datetime | None, because: str) -> None:
        if ids:
            self._session.execute(update(_TABLE).where(_TABLE.c.id.in_(sorted(ids))).values(ended_at=ended_at, ended_because=because))

    def _row(self, stage: str, side: str, role: str, who: Recipient) -> dict[str, Any]:
        return {
            "id": new_id(),
            "disagreement_id": self._case.id,
            "stage": stage,
            "side": side,
            "role": role,
            "agency_id": who.agency_id,
            "person_id": who.key,
            "created_at": self._now,
        }
