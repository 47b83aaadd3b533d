"""How long closed cases are kept: a partnership's rule, what goes when, and who keeps one longer or lets it go.

Without a rule nothing goes. Nothing goes before it has stood on the list for a while, none in which a record is not yet on file or
something is still owed, and none that somebody holds. What goes is taken out by `case.removal`; each is a line of the access log.
Times are business time.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, false, func, select, update
from sqlalchemy.orm import Session

from plugin.models import Advice, Delivery, Disagreement, EventRow, Hold, ObligationRow, Partnership, begin_writing, new_id
from plugin.services.case import cases, removal
from plugin.services.desk import accounts
from plugin.services.keeping import sealing

AHEAD = timedelta(days=90)  # how far the list looks
NOTICE = timedelta(days=30)  # how long a new rule must have stood before anything goes by it
LONGEST = 100
_ENDED = ("on file", "given up")
_REASON_LENGTH = 500


class RetentionError(ValueError):
    """What was typed cannot be; `field` is years, reference or reason."""

    def __init__(self, field: str, text: str) -> None:
        super().__init__(text)
        self.field = field
        self.text = text


@dataclass(frozen=True, slots=True)
class Going:
    """One case. `closed_at` is None while it is open (it may be held all the same). `goes_at`: when its time is over (None: it is kept for
    good). `state`: goes, held, waits, removed.

    `why`: what it waits for, or the reason of whoever holds it; `hold`: the id of a hold or a release that is live.
    """

    case_id: str
    reference: str
    closed_at: datetime | None
    goes_at: datetime | None
    state: str
    why: str = ""
    hold: str = ""
    released: bool = False


def set_rule(session: Session, partnership_id: str, years: str, now: datetime, machine_now: datetime, *, by: str) -> None:
    """Keeps closed cases for so many years ("" or "0": for good). Raises RetentionError. Commits."""
    wanted = checked(years)
    begin_writing(session)
    row = session.get(Partnership, partnership_id)
    if row is None:
        raise LookupError(partnership_id)
    if row.keep_years != wanted:
        row.keep_years, row.keep_since = wanted, now
        accounts.note(session, by, "", "retention set", partnership_id, str(wanted), machine_now)
    session.commit()


def checked(years: str) -> int:
    """The number of years that was typed, 0 for good. Raises RetentionError."""
    wanted = years.strip() or "0"
    if not (wanted.isascii() and wanted.isdigit() and len(wanted) <= len(str(LONGEST)) and int(wanted) <= LONGEST):
        raise RetentionError("years", f"Enter a number of years from 1 to {LONGEST}, or leave it empty to keep everything.")
    return int(wanted)


def goes_at(closed_at: datetime, years: int, since: datetime | None) -> datetime | None:
    """When a case that was closed then may go: after so many years, and not before the rule has stood for `NOTICE`."""
    if not years:
        return None
    try:
        over = closed_at.replace(year=closed_at.year + years)
    except ValueError:  # 29 February
        over = closed_at.replace(year=closed_at.year + years, month=3, day=1)
    return max(over, since + NOTICE) if since else over


def listed(session: Session, keys: sealing.Keys, partnership_id: str, now: datetime) -> list[Going]:
    """What goes within `AHEAD`, what is held, and what went in the last days of the same length: the soonest first."""
    rule = session.get(Partnership, partnership_id)
    if rule is None:
        raise LookupError(partnership_id)
    holds = _holds(session, partnership_id)
    early = now + AHEAD - timedelta(days=365 * rule.keep_years)  # a little late with leap years: sieved below
    soon = Disagreement.closed_at <= early if rule.keep_years else false()
    rows = [*session.scalars(_closed(partnership_id).where(soon, Disagreement.id.not_in(holds))), *_held(session, holds)]
    found = [_going(session, keys, row, rule, holds.get(row.id), now) for row in rows]
    near = [one for one in found if one.hold or (one.goes_at is not None and one.goes_at <= now + AHEAD)]
    return [*sorted(near, key=lambda one: one.goes_at or datetime.max.replace(tzinfo=now.tzinfo)), *_removed(session, partnership_id, now)]


def _closed(partnership_id: str) -> Any:
    mine = Disagreement.partnership_id == partnership_id, Disagreement.closed_at.is_not(None), Disagreement.removed_at.is_(None)
    return select(Disagreement).where(*mine).order_by(Disagreement.closed_at)


def _held(session: Session, holds: Collection[str]) -> list[Disagreement]:
    kept = Disagreement.id.in_(holds), Disagreement.removed_at.is_(None)
    return list(session.scalars(select(Disagreement).where(*kept).order_by(Disagreement.created_at))) if holds else []


def _holds(session: Session, partnership_id: str) -> dict[str, Hold]:
    mine = Disagreement.partnership_id == partnership_id, Hold.ended_at.is_(None)
    rows = session.scalars(select(Hold).join(Disagreement, Disagreement.id == Hold.disagreement_id).where(*mine))
    return {row.disagreement_id: row for row in rows}


def _going(session: Session, keys: sealing.Keys, row: Disagreement, rule: Partnership, hold: Hold | None, now: datetime) -> Going:
    at = goes_at(row.closed_at, rule.keep_years, rule.keep_since) if row.closed_at else None
    if hold is not None and hold.kind == "hold":
        return Going(row.id, row.reference, row.closed_at, at, "held", _reason(keys, row, hold), hold.id)
    released = hold is not None
    why = "" if at is None or at > now + AHEAD else _waits_for(session, row.id, released)
    return Going(row.id, row.reference, row.closed_at, at, "waits" if why else "goes", why, hold.id if hold else "", released)


def _waits_for(session: Session, case_id: str, released: bool) -> str:
    """What keeps a case although its time is over; "" where nothing does."""
    waiting = select(func.count()).select_from(Delivery).where(Delivery.disagreement_id == case_id, Delivery.state.not_in(_ENDED))
    if count := session.scalar(waiting):
        return f"{count} {'record is' if count == 1 else 'records are'} not on file yet."
    owed = ObligationRow.disagreement_id == case_id, ObligationRow.status.in_(("owed", "overdue"))
    heavy = ObligationRow.strength.in_(("must", "should"))
    count = 0 if released else session.scalar(select(func.count()).select_from(ObligationRow).where(*owed, heavy))
    return f"{count} {'thing is' if count == 1 else 'things are'} still owed in it." if count else ""


def _reason(keys: sealing.Keys, row: Disagreement, hold: Hold) -> str:
    if row.key is None or hold.sealed is None:
        return ""
    return str(sealing.unseal(keys.unwrap(row.key), _place(hold.id), hold.sealed))


def _place(hold_id: str) -> str:
    return f"hold|{hold_id}"


def _removed(session: Session, partnership_id: str, now: datetime) -> Iterator[Going]:
    mine = Disagreement.partnership_id == partnership_id, Disagreement.removed_at > now - AHEAD
    for row in session.scalars(select(Disagreement).where(*mine).order_by(Disagreement.removed_at)):
        yield Going(row.id, row.reference, row.closed_at or row.created_at, row.removed_at, "removed")


# --- one case ----------------------------------------------------------------------------------------------------------------------------


def hold(session: Session, keys: sealing.Keys, reference: str, reason: str, now: datetime, machine_now: datetime, *, by: str) -> None:
    """Keeps a case, open or closed, until somebody lifts it. Raises RetentionError. Commits."""
    _say(session, keys, "hold", reference, reason, now, machine_now, by)


def release(session: Session, keys: sealing.Keys, reference: str, reason: str, now: datetime, machine_now: datetime, *, by: str) -> None:
    """Lets a case go when its time is over although something in it is still owed. Raises RetentionError. Commits."""
    _say(session, keys, "release", reference, reason, now, machine_now, by)


def lift(session: Session, hold_id: str, now: datetime, machine_now: datetime, *, by: str) -> None:
    """Ends a hold or a release; LookupError where it is none that this desk sees, or has ended. Commits."""
    begin_writing(session)
    row = session.scalar(select(Hold).where(Hold.id == hold_id, Hold.ended_at.is_(None)))
    if row is None:
        session.rollback()
        raise LookupError(hold_id)
    row.ended_at = now
    accounts.note(session, by, "", f"{row.kind} lifted", row.disagreement_id, "", machine_now)
    session.commit()


def _say(
    session: Session, keys: sealing.Keys, kind: str, reference: str, reason: str, now: datetime, machine_now: datetime, by: str
) -> None:
    words = " ".join(reason.split())
    begin_writing(session)
    row = session.scalar(select(Disagreement).where(Disagreement.reference == reference.strip().upper()).with_for_update())
    if row is None:
        raise RetentionError("reference", "There is no disagreement with this reference here. It looks like PD-7F3K-92HV.")
    if row.key is None:
        raise RetentionError("reference", "What was said in this disagreement was removed already.")
    if not words or len(words) > _REASON_LENGTH:
        raise RetentionError("reason", f"Say why, in {_REASON_LENGTH} characters at most. Do not name the person it is about.")
    if session.scalar(select(Hold.id).where(Hold.disagreement_id == row.id, Hold.ended_at.is_(None))):
        raise RetentionError("reference", "Somebody has said this of it already; it stands in the list. Lift that first.")
    made = new_id()
    sealed = sealing.seal(keys.unwrap(row.key), _place(made), words)
    session.add(Hold(id=made, disagreement_id=row.id, kind=kind, sealed=sealed, account_id=by, at=now))
    accounts.note(session, by, "", kind, row.id, "", machine_now)
    session.commit()


# --- by schedule -------------------------------------------------------------------------------------------------------------------------


def remove_due(session: Session, now: datetime, machine_now: datetime) -> int:
    """Removes every case whose time is over, one transaction each, and advice that is as old; how many cases. For the service itself."""
    _note_closing(session)
    rules = list(session.execute(select(Partnership.id, Partnership.keep_years, Partnership.keep_since).where(Partnership.keep_years > 0)))
    session.rollback()
    done = 0
    for partnership_id, years, since in rules:
        closed = session.execute(_closed(partnership_id).with_only_columns(Disagreement.id, Disagreement.closed_at)).all()
        for case_id, closed_at in closed:
            at = goes_at(closed_at, years, since)
            if at is not None and at <= now:
                done += _remove(session, case_id, now, machine_now)
        _remove_advice(session, partnership_id, years, since, now)
    return done


def _note_closing(session: Session) -> None:
    """Since when those are closed of which that was not noted when they were."""
    begin_writing(session)
    at = select(func.max(EventRow.recorded_at)).where(EventRow.disagreement_id == Disagreement.id, EventRow.kind == "closed")
    unknown = Disagreement.status == "closed", Disagreement.closed_at.is_(None)
    session.execute(
        update(Disagreement).where(*unknown).values(closed_at=at.scalar_subquery()), execution_options={"synchronize_session": False}
    )
    session.commit()


def _remove(session: Session, case_id: str, now: datetime, machine_now: datetime) -> bool:
    """One case, looked at afresh under its lock: somebody may have opened it again, or holds it."""

    def work() -> bool:
        row = session.scalar(
            select(Disagreement).where(Disagreement.id == case_id).with_for_update().execution_options(populate_existing=True)
        )
        live = set(session.scalars(select(Hold.kind).where(Hold.disagreement_id == case_id, Hold.ended_at.is_(None))))
        if row is None or row.status != "closed" or row.removed_at or "hold" in live or _waits_for(session, case_id, "release" in live):
            return False
        removal.remove(session, case_id, now)
        accounts.note(session, "system", "", "removed", case_id, row.reference, machine_now)
        return True

    return cases.transact(session, work)


def _remove_advice(session: Session, partnership_id: str, years: int, since: datetime | None, now: datetime) -> None:
    """Advice that was asked for without raising anything: kept as long, from the day it was asked for."""
    begin_writing(session)
    for advice_id, at in session.execute(select(Advice.id, Advice.at).where(Advice.partnership_id == partnership_id)).all():
        over = goes_at(at, years, since)
        if over is not None and over <= now:
            session.execute(delete(Advice).where(Advice.id == advice_id), execution_options={"synchronize_session": False})
    session.commit()
