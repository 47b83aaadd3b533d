"""Short ways to read and change deliveries in tests."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import select, update

from plugin.models import Delivery, begin_writing
from plugin.services.keeping.clock import machine_now
from tests.plugin.visits import as_system


def rows(agency: str = "") -> list[Delivery]:
    wanted = select(Delivery).order_by(Delivery.created_at, Delivery.record, Delivery.agency_id)
    return list(as_system().scalars(wanted.where(Delivery.agency_id == agency) if agency else wanted))


def change(row: type[Any], **values: Any) -> None:
    session = as_system()
    begin_writing(session)
    session.execute(update(row).values(**values), execution_options={"synchronize_session": False})
    session.commit()


def make_due() -> None:
    """Lets what waits, or is held, be tried now."""
    session = as_system()
    begin_writing(session)
    waits = update(Delivery).where(Delivery.next_try_at.is_not(None)).values(next_try_at=machine_now() - timedelta(seconds=1))
    session.execute(waits, execution_options={"synchronize_session": False})
    session.commit()
