"""What people do about deliveries: say where they put a record, send it again, put a number right, give it up with a reason.

Whoever calls may see the delivery (the session's principal decides) and may act on it (the page decides); what follows concerns everybody
in the case and is done for the service. Words are sealed; rows and facts hold codes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from plugin.models import Circuit, Connection, Delivery, DeliveryAct, Disagreement, MailRow, Participant, begin_writing, new_id, table_of
from plugin.models.scope import System, bind, principal
from plugin.services.acting.casework import Sent, of_person, sent_facts
from plugin.services.acting.consequences import wake
from plugin.services.case import cases, delivery_words, recording
from plugin.services.case.cases import Case, New, NoLongerOpenError, NotFoundError
from plugin.services.keeping import sealing
from plugin.services.write_back import circuits, filed
from policies.parts.schema import Side

_TABLE, _MAIL = table_of(Delivery), table_of(MailRow)
_BEFORE = ", before try "
OPEN = ("arrived", "needs a person")


@dataclass(frozen=True, slots=True)
class By:
    """Who does it: a person of an agency on a side, or an account of the desk ("none")."""

    person_id: str
    agency_id: str = ""
    side: Side = "none"


class NoWayError(RuntimeError):
    """The agency has no connection by which it could be sent."""


def say_filed(session: Session, keys: sealing.Keys, delivery_id: str, by: By, sent: Sent, now: datetime, machine_now: datetime) -> None:
    """A person says where it lies (answers: where, number, day). Raises NotFoundError, NoLongerOpenError. Commits."""

    def change(case: Case, row: Delivery) -> dict[str, Any]:
        said = {name: sent.answers.get(name) for name in ("where", "number", "day")}
        sealed = delivery_words.added(case, row.id, row.sealed, filed=said)
        return {"state": "on file", "done_at": machine_now, "reason": "", "must_look": False, "sealed": sealed}

    _settle(session, keys, delivery_id, by, sent, "filed", change, now, machine_now)


def give_up(session: Session, keys: sealing.Keys, delivery_id: str, by: By, sent: Sent, now: datetime, machine_now: datetime) -> None:
    """Nobody will file it (answers: why). The policy asks for it all the same: that it was set aside, and why, stays in the case.

    Raises NotFoundError, NoLongerOpenError. Commits.
    """

    def change(case: Case, row: Delivery) -> dict[str, Any]:
        sealed = delivery_words.added(case, row.id, row.sealed, **{"given up": sent.answers.get("why")})
        return {"state": "given up", "done_at": machine_now, "reason": "", "sealed": sealed}

    _settle(session, keys, delivery_id, by, sent, "gave up", change, now, machine_now)


def send_again(
    session: Session,
    keys: sealing.Keys,
    delivery_id: str,
    by: By,
    now: datetime,
    machine_now: datetime,
    *,
    not_there: bool = False,
    right: Mapping[str, str] | None = None,
) -> None:
    """Begins a new series of tries, at the agency's present connection if its own is gone. `not_there`: somebody looked, and it had not
    arrived; without that, what may have arrived is looked for first. `right` are numbers of the child put right (`delivery_words`).

    Raises NotFoundError, NoLongerOpenError, NoWayError. Commits.
    """

    def work() -> None:
        with _taken(session, keys, delivery_id) as (case, row):
            if row.state not in OPEN and not (row.state == "due" and right is None):
                raise NoLongerOpenError
            way = _way(session, row)
            values: dict[str, Any] = {"state": "due", "connection_id": way, "next_try_at": machine_now, "before": row.attempt}
            values |= {"asked_at": None, "check_at": None, "reason": "", "must_look": row.must_look and not not_there}
            values["may_be_twice"] = row.may_be_twice or not_there
            if right:
                earlier = delivery_words.read(case, row.id, row.sealed).get("correct", {})
                values["sealed"] = delivery_words.added(case, row.id, row.sealed, correct={**earlier, **right})
            session.execute(update(_TABLE).where(_TABLE.c.id == row.id).values(values))
            _ask_anew(session, row)
            circuits.close(session, way)
            _note(session, row, by, "put right" if right else "sent again", machine_now)
            wake(session, "delivery")
            filed.said(session, case, case.state(now), row.obligation, New("noted", actor=by.person_id), now, machine_now)

    cases.transact(session, work)


def note_fetched(session: Session, keys: sealing.Keys, delivery_id: str, by: By, machine_now: datetime) -> None:
    """Notes that somebody fetched the pack. Commits."""

    def work() -> None:
        with _taken(session, keys, delivery_id) as (_case, row):
            _note(session, row, by, "fetched", machine_now)

    cases.transact(session, work)


def tray(session: Session, agency_id: str, person_id: str = "") -> list[Any]:
    """What waits for somebody at this agency to see to it, the longest waiting first, 200 at most: (delivery, reference, system).

    `person_id`: only of cases this person was named in or asked about ("": of all that the principal may see).
    """
    asked = (
        select(Delivery, Disagreement.reference, Connection.title)
        .join(Disagreement, Disagreement.id == Delivery.disagreement_id)
        .join(Participant, Participant.disagreement_id == Delivery.disagreement_id)
        .outerjoin(Connection, Connection.id == Delivery.connection_id)
        .where(Delivery.agency_id == agency_id, Delivery.asked_at.is_not(None), Delivery.state.in_(OPEN))
        .where(Participant.agency_id == agency_id)
        .order_by(Delivery.asked_at, Delivery.record)
    )
    mine = asked.where(of_person(person_id)) if person_id else asked
    return list(session.execute(mine.limit(200)).all())


def end_pause(session: Session, connection_id: str, machine_now: datetime) -> None:
    """Somebody says that a connection is well again: what waits there is tried now. Commits."""
    begin_writing(session)
    circuits.close(session, connection_id)
    waiting = _TABLE.c.connection_id == connection_id, _TABLE.c.state == "due"
    session.execute(update(_TABLE).where(*waiting).values(next_try_at=machine_now))
    wake(session, "delivery")
    session.commit()


def is_held(session: Session, connection_id: str, machine_now: datetime) -> str:
    """Why what waits at a connection is not sent now: "off", "paused"; "" where it is."""
    found = session.execute(
        select(Connection.enabled, Circuit.open_until)
        .outerjoin(Circuit, Circuit.connection_id == Connection.id)
        .where(Connection.id == connection_id)
    ).first()
    if found is None or not found.enabled:
        return "off"
    return "paused" if found.open_until and found.open_until > machine_now else ""


def _settle(
    session: Session,
    keys: sealing.Keys,
    delivery_id: str,
    by: By,
    sent: Sent,
    what: str,
    change: Callable[[Case, Delivery], dict[str, Any]],
    now: datetime,
    machine_now: datetime,
) -> None:
    def work() -> None:
        with _taken(session, keys, delivery_id) as (case, row):
            if sent.once and any(event.facts.get("once") == sent.once for event in case.events):
                return  # this very page was sent before
            if row.state not in OPEN or not sent.answers:
                raise NoLongerOpenError
            over = {"next_try_at": None, "asked_at": None, "check_at": None}
            session.execute(update(_TABLE).where(_TABLE.c.id == row.id).values({**change(case, row), **over}))
            _note(session, row, by, what, machine_now)
            text = {"answers": dict(sent.answers)}
            new = New("noted", "", by.side, by.person_id, by.agency_id or row.agency_id, sent_facts(sent), text)
            filed.said(session, case, case.state(now), row.obligation, new, now, machine_now)

    cases.transact(session, work)


@contextmanager
def _taken(session: Session, keys: sealing.Keys, delivery_id: str) -> Iterator[tuple[Case, Delivery]]:
    """The case and its delivery, if the principal may see it; what is done with them is done for the service. Raises NotFoundError."""
    case_id = session.execute(select(Delivery.disagreement_id).where(Delivery.id == delivery_id)).scalar()
    if case_id is None:
        raise NotFoundError(delivery_id)
    who = principal(session)
    bind(session, System("filing"))
    try:
        case = cases.open_case(session, keys, case_id=case_id, lock=True)
        yield case, session.get_one(Delivery, delivery_id, populate_existing=True)
    finally:
        bind(session, who)


def _ask_anew(session: Session, row: Delivery) -> None:
    """If it falls to people once more they are asked once more: what they were sent for the tries before does not count for the next."""
    earlier = _MAIL.c.disagreement_id == row.disagreement_id, _MAIL.c.obligation == row.obligation, _MAIL.c.next_try_at.is_(None)
    fresh = ~_MAIL.c.rung.contains(_BEFORE)
    session.execute(update(_MAIL).where(*earlier, fresh).values(rung=_MAIL.c.rung + f"{_BEFORE}{row.attempt + 1}"))


def _way(session: Session, row: Delivery) -> str:
    if row.connection_id and is_held(session, row.connection_id, row.created_at) != "off":
        return row.connection_id
    found = recording.way_to(session, row.agency_id)
    if not found:
        raise NoWayError
    return found


def _note(session: Session, row: Delivery, by: By, what: str, machine_now: datetime) -> None:
    said = {"id": new_id(), "disagreement_id": row.disagreement_id, "delivery_id": row.id, "at": machine_now}
    session.execute(insert(table_of(DeliveryAct)), {**said, "actor": by.person_id, "what": what})
