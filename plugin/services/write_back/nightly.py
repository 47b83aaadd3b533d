"""What does not work, told once a night to those who look after it: connections that fail, records that wait for a person. No case.

When it is due is in the database (a heartbeat), so that any number of clocks may ask. What is found is mailed by `plugin.jobs.nightly`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from plugin.models import Account, Agency, Connection, Delivery, Heartbeat, begin_writing, table_of, upsert
from plugin.services.write_back.checks import ADVICE

NAME = "nightly"
ZONE = ZoneInfo("Europe/London")
_HOUR = 3
_PROVIDERS = {"sso": "the sign-in by its own provider", "smart": "the way in by SMART on FHIR"}


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail to be sent to one person: what is broken, a line each."""

    to: str
    lines: tuple[str, ...]


def due(session: Session, now: datetime) -> bool:
    """Whether this night's tests are still to be made: once a day, after three in the morning.

    `now` is machine time: connections know nothing of the demo's clock.
    """
    return _due(session.scalar(select(Heartbeat.at).where(Heartbeat.name == NAME)), now.astimezone(ZONE))


def _due(last: datetime | None, local: datetime) -> bool:
    return local.hour >= _HOUR and (last is None or last.astimezone(ZONE).date() < local.date())


def claim(session: Session, now: datetime) -> bool:
    """Whether they are ours to make: of several workers one gets True. Commits."""
    begin_writing(session)
    last = session.scalar(select(Heartbeat.at).where(Heartbeat.name == NAME).with_for_update())
    if not _due(last, now.astimezone(ZONE)):
        session.rollback()
        return False
    upsert(session, table_of(Heartbeat), "name", {"name": NAME, "at": now})
    session.commit()
    return True


def letters(session: Session, bad: Collection[str]) -> list[Letter]:
    """Who is told what: administrators of their own agency, owners of all, coordinators of their partnership's. Nobody where all is well.

    `bad` are the connections whose test was not well (`checks.run_all`).
    """
    said: dict[str, list[str]] = {}
    for way, name in session.execute(
        select(Connection, Agency.name).join(Agency, Agency.id == Connection.agency_id).where(Connection.id.in_(bad)).order_by(Agency.name)
    ):
        said.setdefault(way.agency_id, []).append(_line(way, name))
    for way, name in session.execute(select(Connection, Agency.name).join(Agency, Agency.id == Connection.agency_id).order_by(Agency.name)):
        said.setdefault(way.agency_id, []).extend(_of_providers(way, name))
    for agency_id, name, count in session.execute(_waiting()):
        said.setdefault(agency_id, []).append(f"{name}: {count} records wait for a person before they are on file.")
    return [Letter(row.email, lines) for row in _readers(session) if (lines := _for(session, row, said))]


def _of_providers(way: Connection, name: str) -> list[str]:
    """The ways in by a provider whose last test was not well."""
    failing = [what for which, what in _PROVIDERS.items() if way.enabled and (way.launch.get(f"{which}_test") or {}).get("well") is False]
    return [f"{name}: {what} does not work." for what in failing]


def _line(way: Connection, name: str) -> str:
    wrong = [str(one["what"]) for one in way.findings if not one.get("ok")]
    what = ", ".join(ADVICE.get(one, (one, ""))[0].lower() for one in dict.fromkeys(wrong)) or "it was not well"
    since = way.since.astimezone(ZONE) if way.since else None
    return f"{name}: the connection to its record system fails ({what})" + (f", since {since.day} {since:%B}." if since else ".")


def _waiting() -> Select[str, str, int]:
    return (
        select(Delivery.agency_id, Agency.name, func.count())
        .join(Agency, Agency.id == Delivery.agency_id)
        .where(Delivery.state == "needs a person")
        .group_by(Delivery.agency_id, Agency.name)
    )


def _readers(session: Session) -> list[Account]:
    return list(session.scalars(select(Account).where(Account.active, Account.enrolled).order_by(Account.email)))


def _for(session: Session, row: Account, said: Mapping[str, list[str]]) -> tuple[str, ...]:
    if row.role == "owner":
        mine = set(said)
    elif row.role == "administrator":
        mine = {row.agency_id or ""}
    else:
        mine = set(session.scalars(select(Agency.id).where(Agency.partnership_id == row.partnership_id)))
    return tuple(line for agency, lines in said.items() if agency in mine for line in lines)
