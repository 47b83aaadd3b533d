"""What is said of a case's deliveries, in words: where the record lies at each agency, who has not filed it, what a person can do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, select

from plugin.extensions import db
from plugin.models import Circuit, Connection, Delivery
from plugin.models.scope import fixed
from plugin.services.acting.rights import Actor
from plugin.services.case import delivery_words, recording
from plugin.services.case.casefile import CaseFile
from plugin.services.keeping.clock import machine_now
from plugin.services.write_back.filing import OPEN
from plugin.web import words
from plugin.web.door.gate import member

_ROWS = fixed(
    select(Delivery, Connection.enabled, Connection.title, Circuit.open_until)
    .outerjoin(Connection, Connection.id == Delivery.connection_id)
    .outerjoin(Circuit, Circuit.connection_id == Delivery.connection_id)
    .where(Delivery.disagreement_id == bindparam("case"))
    .order_by(Delivery.record, Delivery.agency_id)
)


@dataclass(frozen=True, slots=True)
class Receipt:
    """One delivery as a page says it. `mine`: the reader may see to it, and somebody must."""

    id: str
    record: str
    place: str
    system: str
    child: str
    tag: str
    colour: str
    detail: str
    mine: bool
    settled: bool
    row: Delivery


def of_case(file: CaseFile, actor: Actor) -> list[Receipt]:
    """Every delivery of the case, as the present member may read it."""
    found = db.session.execute(_ROWS, {"case": file.case.id}).all()
    if not found:
        return []
    agencies = {seat.agency_id: seat.name for seat in file.directory.seats}
    names = {one.id: one.name for one in file.children} if len(file.children) > 1 else {}
    waiting = [(row.agency_id, row.connection_id) for row, *_way in found if row.asked_at is not None and row.state in OPEN]
    roles = recording.filing_roles(db.session, file.directory, waiting) if waiting else {}
    listed = []
    for row, enabled, title, paused_until in [one for one in found if file.concerns(one[0].child)]:
        role = _role(file, row, roles)
        tag, colour, detail = _said(file, row, bool(enabled), paused_until, _asked(file, row, roles))
        place, settled = agencies.get(row.agency_id, ""), row.state in ("on file", "given up")
        mine = row.state in OPEN and row.asked_at is not None and may_file(actor, row, role)
        listed.append(Receipt(row.id, row.record, place, title or "", names.get(row.child, ""), tag, colour, detail, mine, settled, row))
    return listed


def if_mistaken(file: CaseFile) -> str:
    """What follows for the files if it is said that it was raised by mistake."""
    rows = [row for row, *_way in db.session.execute(_ROWS, {"case": file.case.id})]
    there = {row.agency_id for row in rows if row.state in ("on file", "arrived", "claimed") or row.must_look}
    places = dict.fromkeys(seat.name for seat in file.directory.seats if seat.agency_id in there)
    if not places:
        return "Nothing goes onto any file. Whoever was asked or told something hears that it was raised by mistake."
    said = f"A record is already on file at {' and at '.join(places)}. Another goes there, which says that it was raised by mistake."
    return f"{said} It does not take the first one away: ask there for that."


def summary(receipts: list[Receipt]) -> str:
    """Who has confirmed and who has not, in a sentence; "" where there is one file alone or nothing to say."""
    left = sorted({one.place for one in receipts if not one.settled})
    if not receipts or not left:
        return ""
    done = len({one.place for one in receipts}) - len(left)
    if not done and any(one.settled for one in receipts):  # of several children, or versions, some are where they belong
        return f"Some of it is on file. Still waiting for: {', '.join(left)}."
    if not done:
        return f"Nobody has filed it yet. Waiting for: {', '.join(left)}."
    return f"Filed by {done} of {done + len(left)} agencies. Still waiting for: {', '.join(left)}."


def may_file(actor: Actor, row: Delivery, role: str) -> bool:
    """Whether the actor may see to this delivery: staff of its agency in their own record system, or a link for who files there."""
    if actor.agency_id != row.agency_id or not (actor.roles or actor.for_agency):
        return False
    return actor.for_agency or bool(actor.roles & {role, "duty desk"})


def _role(file: CaseFile, row: Delivery, roles: dict[tuple[str, str], str]) -> str:
    owner = next((one.owner.role for one in file.state.obligations if one.key == row.obligation), "")
    return roles.get((row.agency_id, row.connection_id)) or owner


def _asked(file: CaseFile, row: Delivery, roles: dict[tuple[str, str], str]) -> str:
    """Who was asked to see to it, by name."""
    one = next((one for one in file.state.obligations if one.key == row.obligation), None)
    if one is None or row.asked_at is None:
        return ""
    owner = recording.handed(one, row.asked_at, roles.get((row.agency_id, row.connection_id), "")).owner
    return ", ".join(who.name for who in file.directory.recipients(owner)) or "Nobody"


def _said(file: CaseFile, row: Delivery, enabled: bool, paused_until: Any, asked: str) -> tuple[str, str, str]:
    tag, colour = words.DELIVERY[row.state]
    if row.state in ("due", "claimed"):
        return tag, colour, _waiting(row, enabled, paused_until)
    if row.state == "on file":
        return tag, colour, _on_file(file, row)
    if row.state == "given up" and row.reason:
        return "Not needed", "grey", row.reason
    if row.state == "given up":
        why = delivery_words.read(file.case, row.id, row.sealed).get("given up", "")
        return tag, colour, f"It will not be filed here. The reason given: {why}"
    who = f" {asked} {'have' if ',' in asked else 'has'} been asked to see to it." if asked else ""
    if row.state == "needs a person" and not row.connection_id:
        return "To be filed", "yellow", f"{row.reason}{who}"
    if row.state == "arrived":
        arrived = f"It arrived on {words.at(row.done_at)}." if row.done_at else "It arrived."
        return ("To be filed", "yellow", f"The documents are ready to be put on the file.{who}") if who else (tag, colour, arrived)
    return tag, colour, f"{row.reason}{who}"


def _waiting(row: Delivery, enabled: bool, paused_until: Any) -> str:
    if not enabled:
        return "The way to this record system is switched off. It is sent when it is on again."
    if paused_until and paused_until > machine_now():
        return f"This record system does not answer just now. We try again by ourselves, next on {words.at(paused_until)}."
    if row.state == "due" and row.attempt > row.before and row.next_try_at:  # claimed: a worker is at it just now, until then
        return f"It could not be filed yet. We try again by ourselves, next on {words.at(row.next_try_at)}."
    return "It is on its way."


def _on_file(file: CaseFile, row: Delivery) -> str:
    parts = []
    by_hand = delivery_words.read(file.case, row.id, row.sealed).get("filed")
    if by_hand and row.agency_id == member().row.agency_id:
        number = f", number {by_hand['number']}" if by_hand.get("number") else ""
        parts.append(f"Filed by hand: {by_hand.get('where', '')}{number}, {words.day(str(by_hand.get('day', '')))}.")
    elif by_hand:
        parts.append(f"Filed by hand, {words.day(str(by_hand.get('day', '')))}.")
    elif row.remote_id and row.done_at:
        parts.append(f"Document {row.remote_id}, {words.at(row.done_at)}")
    if row.seen_at:
        parts.append(f"Seen there again on {words.at(row.seen_at)}.")
    if row.may_be_twice:
        parts.append("It may be there twice: it was sent again after somebody had looked and not found it.")
    return " ".join(parts)
