"""What somebody must look at because nothing else will: nobody was reached, nothing has helped, mail does not leave, no sweep runs.

Read for the page of alarms, for health, and by whoever watches; narrowed to the cases the session's principal may see. References, roles
and ages alone. What is done about it is done in the case or in the directory: an alarm ends when its cause does.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, exists, func, literal_column, or_, select
from sqlalchemy.orm import Session, aliased

from plugin.models import Agency, Disagreement, Heartbeat, Incoming, MailRow, ObligationRow, Participant
from plugin.services.case import own_people
from plugin.services.case.policies import policy_of
from plugin.services.case.recording import FILING, FILING_TITLE
from plugin.services.notices.reaching import UNREACHED
from plugin.services.notices.rows import NOBODY_REACHED, PENDING

STUCK_AFTER = timedelta(hours=1)
_AT_MOST = 500
# States of a row that say that somebody has it, or will; the coordinator's own notice of the alarm does not count.
_REACHED = (*PENDING, "claimed", "sent", "on screen")


@dataclass(frozen=True, slots=True)
class Alarm:
    """`kind`: organisation left, nobody reached, nobody named, not done, mail stuck, sweep late, replies. `since` in business time for the
    second to fourth, in machine time for the rest.

    For cases: the reference, the obligation's key, the agencies (id, name) that should act, and as what (the policy's name of the role).
    `count` for what is counted.
    """

    kind: str
    since: datetime | None
    reference: str = ""
    obligation: str = ""
    agencies: tuple[tuple[str, str], ...] = ()
    role: str = ""
    due_at: datetime | None = None
    count: int = 1


def open_alarms(session: Session, now: datetime, machine_now: datetime, sweep_seconds: int) -> list[Alarm]:
    """Every alarm that is open, those of cases first, the oldest first. `now` is business time."""
    found = [
        *_left(session),
        *_nobody_reached(session),
        *_not_done(session),
        *_stuck(session, machine_now),
        *_late(session, machine_now, sweep_seconds),
    ]
    return [*found, *_replies(session)]


def unreached(session: Session) -> int:
    """In how many cases nobody has been reached for something that must or should be done."""
    found = _of_cases(*_NOBODY_HAS_IT).with_only_columns(ObligationRow.disagreement_id).group_by(None).order_by(None).distinct()
    return len(session.execute(found).all())


def _word(text: str) -> Any:
    """A word as it stands in the table's index: a parameter could not be seen to be the same."""
    return literal_column(f"'{text}'")


_LOST, _OTHER = MailRow, aliased(MailRow)
_SAME = and_(_LOST.disagreement_id == ObligationRow.disagreement_id, _LOST.obligation == ObligationRow.key)
_IS_LOST = _LOST.state.in_([_word(state) for state in UNREACHED])
_SOMEBODY_HAS_IT = exists().where(
    _OTHER.disagreement_id == ObligationRow.disagreement_id,
    _OTHER.obligation == ObligationRow.key,
    _OTHER.state.in_(_REACHED),
    _OTHER.rung.not_like(f"{NOBODY_REACHED}%"),
)
_WEIGHTY = ObligationRow.status.in_(("owed", "overdue")), ObligationRow.strength.in_(("must", "should"))
_NOBODY_HAS_IT = (_IS_LOST, *_WEIGHTY, ~_SOMEBODY_HAS_IT)
_COLUMNS = (
    ObligationRow.disagreement_id,
    ObligationRow.key,
    ObligationRow.role,
    ObligationRow.side,
    ObligationRow.due_at,
    Disagreement.reference,
    Disagreement.policy_hash,
    Agency.id,
    Agency.name,
)


def _of_cases(*wanted: Any) -> Any:
    """From the few rows of mail that mean something to the obligations and cases they are about."""
    since = func.min(_LOST.created_at)
    joined = select(*_COLUMNS, since.label("since")).select_from(_LOST).join(ObligationRow, _SAME)
    joined = joined.join(Disagreement, Disagreement.id == ObligationRow.disagreement_id)
    joined = joined.outerjoin(Agency, Agency.id == ObligationRow.agency_id)
    return joined.where(*wanted).group_by(*_COLUMNS).order_by(since).limit(_AT_MOST)


def _case_alarms(session: Session, kind: str, rows: Sequence[Any]) -> list[Alarm]:
    """Each with its agencies: the one that owes it, else all of its side."""
    wanted = sorted({row.disagreement_id for row in rows if not row.id})
    seated = select(Participant.disagreement_id, Participant.side, Agency.id, Agency.name).join(Agency, Agency.id == Participant.agency_id)
    seats: dict[str, list[Any]] = {}
    for seat in session.execute(seated.where(Participant.disagreement_id.in_(wanted)).order_by(Agency.name)) if wanted else ():
        seats.setdefault(seat.disagreement_id, []).append(seat)
    return [_case_alarm(session, kind, row, seats.get(row.disagreement_id, [])) for row in rows]


def _case_alarm(session: Session, kind: str, row: Any, seats: Sequence[Any]) -> Alarm:
    side = [(seat.id, seat.name) for seat in seats if "both" in (row.side, seat.side) or seat.side == row.side]
    agencies = ((row.id, row.name),) if row.id else tuple(side)
    return Alarm(kind, row.since, row.reference, row.key, agencies, _role(session, row), row.due_at)


def _role(session: Session, row: Any) -> str:
    known = policy_of(session, row.policy_hash).roles.get(row.role)
    return known.title if known else {FILING: FILING_TITLE}.get(row.role, row.role)


def _left(session: Session) -> list[Alarm]:
    """What is owed by an agency that does not take part: the partnership has been told, and must see to it."""
    owed = select(*_COLUMNS, Agency.off_since.label("since")).select_from(ObligationRow)
    owed = owed.join(Disagreement, Disagreement.id == ObligationRow.disagreement_id)
    owed = owed.join(Participant, Participant.disagreement_id == ObligationRow.disagreement_id)
    owed = owed.join(Agency, Agency.id == Participant.agency_id)
    sides = or_(Participant.side.in_((ObligationRow.side, "both")), ObligationRow.side == "both")
    theirs = or_(ObligationRow.agency_id == Agency.id, and_(ObligationRow.agency_id == "", sides))
    owed = owed.where(Agency.off_since.is_not(None), theirs, *_WEIGHTY, Disagreement.status != "closed", ObligationRow.kind != "record")
    return _case_alarms(session, "organisation left", session.execute(owed.order_by(Agency.name).limit(_AT_MOST)).all())


def _nobody_reached(session: Session) -> list[Alarm]:
    found = _case_alarms(session, "nobody reached", session.execute(_of_cases(*_NOBODY_HAS_IT)).all())
    return [replace(one, kind="nobody named") if own_people.is_of_nobody_known(one.obligation) else one for one in found]


def _not_done(session: Session) -> list[Alarm]:
    """The ladder has come to its end: the partnership was told, and it is still overdue."""
    told = _LOST.rung == _word("partnership"), _LOST.state.in_(("sent", *PENDING, "claimed")), ObligationRow.status == "overdue"
    return _case_alarms(session, "not done", session.execute(_of_cases(*told)).all())


def _stuck(session: Session, machine_now: datetime) -> list[Alarm]:
    """Mail that has been tried, or should have been, for an hour and more: the mail server, or no worker."""
    waits = MailRow.state.in_(("queued", "deferred", "claimed")), MailRow.next_try_at.is_not(None)
    tried = or_(MailRow.next_try_at < machine_now - STUCK_AFTER, MailRow.attempt >= 3)
    count, since = session.execute(select(func.count(), func.min(MailRow.next_try_at)).select_from(MailRow).where(*waits, tried)).one()
    return [Alarm("mail stuck", since, count=count)] if count else []


def _late(session: Session, machine_now: datetime, sweep_seconds: int) -> list[Alarm]:
    swept = session.scalar(select(Heartbeat.at).where(Heartbeat.name == "sweep"))
    if swept is not None and machine_now - swept <= timedelta(seconds=2 * sweep_seconds):
        return []
    return [Alarm("sweep late", swept)]


def _replies(session: Session) -> list[Alarm]:
    """Mails from people in the mailbox for what comes back: somebody answered by pressing reply."""
    unread = Incoming.kind.in_(("reply", "other")), Incoming.seen_at.is_(None)
    count, since = session.execute(select(func.count(), func.min(Incoming.at)).select_from(Incoming).where(*unread)).one()
    return [Alarm("replies", since, count=count)] if count else []
