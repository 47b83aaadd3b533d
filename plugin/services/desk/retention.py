"""How long closed cases are kept: a partnership's rule, and what goes when.

Without a rule nothing goes. Nothing goes before it has stood on the list for a while, none in which a record is not yet on file or
something is still owed, and none that somebody holds (`holds`). What goes is removed by `removing`. Times are business time.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import false, func, select
from sqlalchemy.orm import Session

from plugin.models import Delivery, Disagreement, Hold, ObligationRow, Partnership, begin_writing
from plugin.services.desk import accounts, holds
from plugin.services.desk.holds import RetentionError
from plugin.services.keeping import sealing

AHEAD = timedelta(days=90)  # how far the list looks
NOTICE = timedelta(days=30)  # how long a new rule must have stood before anything goes by it
LONGEST = 100
_ENDED = ("on file", "given up")


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
    kept = holds.live(session, partnership_id)
    early = now + AHEAD - timedelta(days=365 * rule.keep_years)  # a little late with leap years: sieved below
    soon = Disagreement.closed_at <= early if rule.keep_years else false()
    rows = [*session.scalars(closed_of(partnership_id).where(soon, Disagreement.id.not_in(kept))), *_held(session, kept)]
    found = [_going(session, keys, row, rule, kept.get(row.id), now) for row in rows]
    near = [one for one in found if one.hold or (one.goes_at is not None and one.goes_at <= now + AHEAD)]
    return [*sorted(near, key=lambda one: one.goes_at or datetime.max.replace(tzinfo=now.tzinfo)), *_removed(session, partnership_id, now)]


def closed_of(partnership_id: str) -> Any:
    """The closed cases of a partnership that are not removed, as a statement: the first closed first."""
    mine = Disagreement.partnership_id == partnership_id, Disagreement.closed_at.is_not(None), Disagreement.removed_at.is_(None)
    return select(Disagreement).where(*mine).order_by(Disagreement.closed_at)


def _held(session: Session, holds: Collection[str]) -> list[Disagreement]:
    kept = Disagreement.id.in_(holds), Disagreement.removed_at.is_(None)
    return list(session.scalars(select(Disagreement).where(*kept).order_by(Disagreement.created_at))) if holds else []


def _going(session: Session, keys: sealing.Keys, row: Disagreement, rule: Partnership, hold: Hold | None, now: datetime) -> Going:
    at = goes_at(row.closed_at, rule.keep_years, rule.keep_since) if row.closed_at else None
    if hold is not None and hold.kind == "hold":
        return Going(row.id, row.reference, row.closed_at, at, "held", holds.reason(keys, row, hold), hold.id)
    released = hold is not None
    why = "" if at is None or at > now + AHEAD else waits_for(session, row.id, released)
    return Going(row.id, row.reference, row.closed_at, at, "waits" if why else "goes", why, hold.id if hold else "", released)


def waits_for(session: Session, case_id: str, released: bool) -> str:
    """What keeps a case although its time is over; "" where nothing does."""
    waiting = select(func.count()).select_from(Delivery).where(Delivery.disagreement_id == case_id, Delivery.state.not_in(_ENDED))
    if count := session.scalar(waiting):
        return f"{count} {'record is' if count == 1 else 'records are'} not on file yet."
    owed = ObligationRow.disagreement_id == case_id, ObligationRow.status.in_(("owed", "overdue"))
    heavy = ObligationRow.strength.in_(("must", "should"))
    count = 0 if released else session.scalar(select(func.count()).select_from(ObligationRow).where(*owed, heavy))
    return f"{count} {'thing is' if count == 1 else 'things are'} still owed in it." if count else ""


def _removed(session: Session, partnership_id: str, now: datetime) -> Iterator[Going]:
    mine = Disagreement.partnership_id == partnership_id, Disagreement.removed_at > now - AHEAD
    for row in session.scalars(select(Disagreement).where(*mine).order_by(Disagreement.removed_at)):
        yield Going(row.id, row.reference, row.closed_at or row.created_at, row.removed_at, "removed")
