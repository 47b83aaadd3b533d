"""Rows of mail as they begin: to whom, when each is let go, whether it reaches anybody. Which are wanted is worked out in `asking`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import bindparam, insert, select
from sqlalchemy.orm import Session

from plugin.models import MailRow, new_id, table_of
from plugin.models.scope import fixed
from plugin.services.case.cases import Case
from plugin.services.case.directory import Directory, Recipient
from plugin.services.notices import office
from plugin.services.notices.inviting import Invitations
from plugin.services.notices.reaching import UNREACHED, Reach
from policies import Deadline, Obligation, Party, State

PENDING = ("waiting", "queued", "deferred")
DONE = ("done", "done late")
OVER, NOBODY_REACHED, MOVED, ANSWERED, MISTAKE = "no longer needed", "nobody reached", "moved", "answered", "raised by mistake"
ENDING = (OVER, MISTAKE)
NOBODY = Recipient("nobody", "Nobody", "")
# What may wait for somebody who chose one mail a day; a reminder's day is its own.
_MAY_WAIT = ("ask", "tell", OVER, ANSWERED, MISTAKE)
# What asks for nothing.
SAYING = ("tell", OVER, ANSWERED, MISTAKE)
_MAILED = fixed(
    select(
        MailRow.id,
        MailRow.obligation,
        MailRow.rung,
        MailRow.recipient,
        MailRow.state,
        MailRow.told_due,
        MailRow.invitation_id,
        MailRow.created_at,
    )
    .where(MailRow.disagreement_id == bindparam("case"))
    .order_by(MailRow.created_at)
)


@dataclass(frozen=True, slots=True)
class Target:
    """One mail that is wanted: `rung` and `template` by name, to `who`, for what `party` owes or is to be told."""

    one: Obligation
    rung: str
    template: str
    who: Recipient
    party: Party
    role: str
    urgent: bool


@dataclass(frozen=True, slots=True)
class Moment:
    """When and for whom it is worked out. `together`: mails that are due now are let go by the caller, all at once (a sweep).

    `ended`: the keys of what was owed until now, or until a mail about it left; `fresh`: of these, what ended just now.
    """

    now: datetime
    machine_now: datetime
    actor: str = ""
    together: bool = False
    ended: frozenset[str] = frozenset()
    fresh: frozenset[str] = frozenset()


def told_as(due: Deadline | None) -> str:
    """A date as rows keep it: the day, or the minute in UTC; "" for none."""
    if due is None:
        return ""
    return due.at.astimezone(UTC).isoformat(timespec="minutes") if due.precise else due.local_date.isoformat()


class Rows:
    """The rows of mail of one case: those that are there, and those added at this moment, written together by `write`."""

    def __init__(self, session: Session, case: Case, state: State, directory: Directory, invitations: Invitations, moment: Moment) -> None:
        self._session, self._case, self._state = session, case, state
        self._directory, self._invitations, self._moment = directory, invitations, moment
        self.mailed = list(session.execute(_MAILED, {"case": case.id}).all())
        self.there = {(row.obligation, row.rung, row.recipient) for row in self.mailed}
        self.reach = Reach(session, moment.now)
        self.new: list[dict[str, Any]] = []
        self._lost = {(row.obligation, row.rung, row.recipient) for row in self.mailed if row.state in UNREACHED}

    def write(self) -> bool:
        """Writes what was added. True where something is to be sent at once."""
        if self.new:
            self._session.execute(insert(table_of(MailRow)), self.new)
        return any(row["state"] == "queued" for row in self.new)

    def reaches(self, target: Target, who: Recipient) -> bool:
        """Whether a mail about this reaches them, or did: not where theirs was given up or came back."""
        return who is not NOBODY and not self.reach.of(who).problem and (target.one.key, target.rung, who.key) not in self._lost

    def add(self, target: Target, invitation_id: str = "") -> None:
        """Adds one mail, once for each obligation, rung and recipient."""
        place = target.one.key, target.rung, target.who.key
        if place in self.there:
            return
        self.there.add(place)
        state, send_at, reason = self._standing(target)
        sends = state in ("queued", "waiting", "on screen")
        self.new.append(
            {
                "id": new_id(),
                "disagreement_id": self._case.id,
                "obligation": target.one.key,
                "rung": target.rung,
                "recipient": target.who.key,
                "template": target.template,
                "invitation_id": invitation_id or (self._invitation(target) if sends else ""),
                "state": state,
                "attempt": 0,
                "next_try_at": self._moment.machine_now if state == "queued" else None,
                "send_at": send_at,
                "created_at": self._moment.now,
                "reason": reason,
                "letter": "",
                "told_due": told_as(target.one.due) if state == "on screen" else "",
            }
        )

    def _standing(self, target: Target) -> tuple[str, datetime | None, str]:
        """The state a row begins in, when it is let go, and why."""
        known = self.reach.of(target.who)
        if known.problem:
            return known.problem, None, known.reason
        if target.rung == "ask" and target.who.key.removeprefix("person:") == self._moment.actor:
            return "on screen", None, "they were doing it as it was asked"
        at = self._let_go(target, known.choice)
        if at <= self._moment.now and not self._moment.together:
            return "queued", None, ""
        return "waiting", at, "" if at <= self._moment.now else "sent when their office is open"

    def _let_go(self, target: Target, choice: str) -> datetime:
        now = self._moment.now
        hours = office.hours_of(self._case.policy.calendar, self._directory.hours_at(target.who.agency_id))
        emergency = self._case.policy.emergency
        urgent = target.urgent or (emergency is not None and emergency.flag in self._state.flags)
        if choice == "daily" and not urgent and target.rung in _MAY_WAIT:
            later = office.next_round(hours, now, target.one.due)
            if later is not None:
                return later
        return office.send_time(hours, now, target.one.due, urgent=urgent)

    def _invitation(self, target: Target) -> str:
        # Who is told that something is done may look on, though its stage is left.
        stage = self._state.stage if target.rung == ANSWERED else target.one.stage or self._state.stage
        side = self._directory.side_of(target.who, target.party)
        return self._invitations.of(stage, side, target.role, target.who)
