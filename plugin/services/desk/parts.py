"""How the parts of the running service are: the clock, what is due, the mail, what waits for a person. Counts and ages alone.

For the page that is watched (`web.calls.health`) and the command line. Nothing here names a case or a person.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from plugin.models import Delivery, Heartbeat, MailRow, ObligationRow
from plugin.services.notices import alarms


def parts(session: Session, now: datetime, machine_now: datetime, sweep_seconds: int) -> dict[str, Any]:
    """Each part with its age in seconds or its depth; None where there is nothing. `now` is business time.

    "sweep" is "late" where it has not run for two of its periods.
    """
    beats = {row.name: row.at for row in session.execute(select(Heartbeat.name, Heartbeat.at))}
    swept = beats.get("sweep")
    late = swept is None or machine_now - swept > timedelta(seconds=2 * sweep_seconds)
    mail_due = MailRow.next_try_at <= machine_now
    delivery_due = Delivery.next_try_at <= machine_now
    return {
        "sweep": "late" if late else "alive",
        "swept_seconds_ago": _age(swept, machine_now),
        "oldest_due": _age(session.scalar(select(func.min(ObligationRow.next_act_at)).where(ObligationRow.next_act_at <= now)), now),
        "mail_due": session.scalar(select(func.count()).select_from(MailRow).where(mail_due)),
        "mail_oldest_due": _age(session.scalar(select(func.min(MailRow.next_try_at)).where(mail_due)), machine_now),
        "mail_waits_for_offices": session.scalar(select(func.count()).select_from(MailRow).where(MailRow.send_at.is_not(None))),
        "mail_last_sent": _age(beats.get("mail"), machine_now),
        "deliveries_due": session.scalar(select(func.count()).select_from(Delivery).where(delivery_due)),
        "needs_a_person": session.scalar(select(func.count()).select_from(Delivery).where(Delivery.state == "needs a person")),
        "nobody_reached": alarms.unreached(session),
    }


def _age(then: datetime | None, now: datetime) -> float | None:
    return round((now - then).total_seconds(), 1) if then else None
