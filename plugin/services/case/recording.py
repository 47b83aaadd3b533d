"""What is owed to children's files, made into deliveries: one for each child, destination and record of the outcome.

The policy owes a record (an automatic obligation of the kind "record", one for each agency); a delivery is how the service meets it. An
obligation is met when everything that it asks for lies on file. What the service cannot do by itself becomes a person's, and is asked for
and chased as any obligation. Nothing is sent here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, insert, or_, select, update
from sqlalchemy.orm import Session

from plugin.models import Agency, Connection, Delivery, new_id, table_of
from plugin.models.scope import fixed
from plugin.services.case.cases import Case
from plugin.services.case.directory import Directory
from plugin.services.case.standing import SIDES
from policies import Obligation, State

OWED = ("owed", "overdue")
# The role of whoever files for a whole agency, where the directory names somebody; else it is who was named in the case.
FILING, FILING_TITLE = "filing", "the person who files records"
NO_WAY = "This agency has no connected record system: a person files it."
BY_HAND = ("arrived", "needs a person")
_VERSION = re.compile(r"/v(\d+)")
_MADE = fixed(
    select(
        Delivery.obligation,
        Delivery.child,
        Delivery.record,
        Delivery.agency_id,
        Delivery.connection_id,
        Delivery.state,
        Delivery.asked_at,
    ).where(Delivery.disagreement_id == bindparam("case"))
)
_WAYS = fixed(
    select(Connection.id, Connection.agency_id)
    .join(Agency, Agency.id == Connection.agency_id)
    .where(
        Connection.agency_id.in_(bindparam("agencies", expanding=True)),
        Connection.adapter != "",
        Connection.retired_at.is_(None),
        or_(Connection.enabled, Agency.off_since.is_not(None)),  # of an agency that does not take part it waits until it does again
    )
    .order_by(Connection.id.desc())
)
_OPTIONS = fixed(select(Connection.id, Connection.options).where(Connection.id.in_(bindparam("ways", expanding=True))))


@dataclass(frozen=True, slots=True)
class Records:
    """What came of looking at a case. `fresh`: something is to be sent. `by_hand`: what a person must do now, by the obligation's key."""

    fresh: bool
    by_hand: Mapping[str, Obligation]


def carry_out(session: Session, case: Case, state: State, directory: Directory, now: datetime, machine_now: datetime) -> Records:
    """Writes the deliveries that `state` owes and are not there yet. In the caller's transaction. `now` is business time."""
    if state.unmade:
        _take_back(session, case, machine_now)
    owed = [one for one in state.obligations if one.kind == "record" and one.automatic and one.status in OWED and one.owner.agency]
    if not owed:
        return Records(False, {})
    made = list(session.execute(_MADE, {"case": case.id}).all())
    fresh = _missing(session, case, owed, made, now, machine_now)
    if fresh:
        session.execute(insert(table_of(Delivery)), fresh)
    rows = [*({**row._mapping} for row in made), *fresh]
    return Records(any(row["state"] == "due" for row in fresh), _by_hand(session, directory, owed, rows))


def _take_back(session: Session, case: Case, machine_now: datetime) -> None:
    """Of a case raised by mistake nothing more goes onto a file, but what says so where something lies. What may be there already, though
    nobody knows yet, is left to whoever looks: it is put right once it is found.
    """
    nowhere = (
        Delivery.state.in_(("due", *BY_HAND)),
        Delivery.must_look.is_(False),
        or_(Delivery.state != "arrived", Delivery.asked_at.is_not(None)),
    )
    before = Delivery.disagreement_id == case.id, Delivery.seq < _ended_at(case)
    over = {"state": "given up", "reason": "It was raised by mistake.", "done_at": machine_now}
    gone = update(Delivery).where(*before, *nowhere).values(**over, next_try_at=None, asked_at=None, check_at=None)
    session.execute(gone)


def _ended_at(case: Case) -> int:
    return next(event.seq for event in reversed(case.events) if event.kind == "resolved")


def as_asked(state: State, records: Records) -> State:
    """The state with what has fallen to people as theirs."""
    if not records.by_hand:
        return state
    return replace(state, obligations=tuple(records.by_hand.get(one.key, one) for one in state.obligations))


def children_of(case: Case) -> list[str]:
    """The ids of the children the case is about, the one it was raised on first; one "" where none was named."""
    found: dict[str, None] = {}
    for event in case.events:
        named = event.facts.get("children", ()) if event.kind == "raised" else [event.facts] if event.about == "child" else ()
        found |= {str(one["child"]): None for one in named if isinstance(one, Mapping) and one.get("child")}
    return list(found) or [""]


def way_to(session: Session, agency_id: str) -> str:
    """The connection by which this agency's records go, "" where it has none that is on."""
    return _ways(session, [agency_id]).get(agency_id, "")


def _ways(session: Session, agencies: Iterable[str]) -> dict[str, str]:
    return {row.agency_id: row.id for row in session.execute(_WAYS, {"agencies": sorted(agencies)})}


def _missing(
    session: Session, case: Case, owed: list[Obligation], made: list[Any], now: datetime, machine_now: datetime
) -> list[dict[str, Any]]:
    there = {(_on_either_side(row.obligation), row.agency_id, row.child) for row in made}
    children = children_of(case)
    wanted = []
    for one in owed:
        for child in [one.child] if one.child else children:
            place = _on_either_side(one.key), one.owner.agency, child
            if place not in there:
                wanted.append((one, child))
                there.add(place)
    if not wanted:
        return []
    ways = _ways(session, {one.owner.agency for one, _child in wanted})
    versions = _versions(made)
    rows = []
    for one, child in wanted:
        version = versions.setdefault(_head(one.key), max(versions.values(), default=0) + 1)
        record = f"{case.reference}/v{version}" + ("" if child == children[0] else f"-{child}")
        rows.append(_row(case, one, child, record, ways.get(one.owner.agency, ""), now, machine_now))
    return rows


def met_together(owed: Iterable[Obligation], key: str) -> list[str]:
    """The keys of what one record meets: where each side owes it for itself and both are one agency, there is one file, and one record."""
    one = next((one for one in owed if one.key == key), None)
    if one is None or not one.owner.agency:
        return [key]
    place = _on_either_side(key), one.owner.agency
    return [other.key for other in owed if (_on_either_side(other.key), other.owner.agency) == place]


def _on_either_side(key: str) -> str:
    """ "case/record" of "case/record/raising"."""
    return "/".join(part for place, part in enumerate(key.split("/")) if place != 2 or part not in SIDES)


def _versions(made: Iterable[Any]) -> dict[str, int]:
    """Which version each record of the case has, by the first part of the obligation's key: the same for every agency and child."""
    found: dict[str, int] = {}
    for row in made:
        told = _VERSION.search(row.record)
        found[_head(row.obligation)] = int(told.group(1)) if told else 1
    return found


def _head(key: str) -> str:
    """ "case(2)/record" of "case(2)/record/northleigh-council"."""
    return "/".join(key.split("/")[:2])


def _row(case: Case, one: Obligation, child: str, record: str, way: str, now: datetime, machine_now: datetime) -> dict[str, Any]:
    return {
        "id": new_id(),
        "disagreement_id": case.id,
        "obligation": one.key,
        "agency_id": one.owner.agency,
        "connection_id": way,
        "child": child,
        "record": record,
        "seq": case.seq,
        "state": "due" if way else "needs a person",
        "attempt": 0,
        "must_look": False,
        "next_try_at": machine_now if way else None,
        "asked_at": None if way else now,
        "reason": "" if way else NO_WAY,
        "created_at": machine_now,
    }


def _by_hand(session: Session, directory: Directory, owed: list[Obligation], rows: list[dict[str, Any]]) -> dict[str, Obligation]:
    """Of what is owed, that which waits for a person, as theirs: asked for since it fell to them."""
    waiting = [row for row in rows if row["asked_at"] is not None and row["state"] in BY_HAND]
    if not waiting:
        return {}
    roles = filing_roles(session, directory, [(row["agency_id"], row["connection_id"]) for row in waiting])
    since: dict[str, datetime] = {}
    role: dict[str, str] = {}
    for row in waiting:
        key = row["obligation"]
        since[key] = min(row["asked_at"], since.get(key, row["asked_at"]))
        role[key] = roles.get((row["agency_id"], row["connection_id"]), "")
    return {one.key: handed(one, since[one.key], role[one.key]) for one in owed if one.key in since}


def handed(one: Obligation, since: datetime, role: str) -> Obligation:
    """An obligation of the service as a person's, since it fell to them; of `role` where the agency has somebody for it."""
    owner = replace(one.owner, role=role, title=FILING_TITLE) if role else one.owner
    return replace(one, automatic=False, since=since, owner=owner)


def filing_roles(session: Session, directory: Directory, places: Iterable[tuple[str, str]]) -> dict[tuple[str, str], str]:
    """The role that files by hand, by (agency, connection): the connection's own, or `FILING`; absent where nobody holds it."""
    wanted = set(places)
    ways = sorted({way for _agency, way in wanted if way})
    named = {row.id: str(row.options.get("role") or FILING) for row in session.execute(_OPTIONS, {"ways": ways})} if ways else {}
    found = {(agency, way): named.get(way, FILING) for agency, way in wanted}
    return {(agency, way): role for (agency, way), role in found.items() if directory.holds(agency, role)}
