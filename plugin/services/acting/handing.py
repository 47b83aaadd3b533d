"""An emailed request handed to somebody else: a colleague, a deputy, the duty desk. The old link ends with it; nobody is left unnamed."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from plugin.models import Absence, Invitation, Person, RoleHolder, new_id, table_of
from plugin.services.acting.casework import Done, Sent, act, sent_facts
from plugin.services.acting.rights import Actor
from plugin.services.case import staff
from plugin.services.case.cases import Case, New, NoLongerOpenError
from plugin.services.case.directory import Directory
from plugin.services.case.staff import Found
from plugin.services.keeping import sealing
from plugin.services.notices.waking import look_soon
from policies import State

DUTY_DESK = "duty desk"


def hand_over(
    session: Session, keys: sealing.Keys, reference: str, invitation_id: str, actor: Actor, sent: Sent, now: datetime, machine_now: datetime
) -> Done:
    """Names who answers instead, for this agency and role, and ends the link it was said through; whoever is named is asked by mail.

    Somebody who is away until a day is noted as absent: until then whoever deputises for them is asked, in other cases too. Raises
    NoLongerOpenError where the link has ended or the person is not of the same agency. Commits.
    """
    to = str(sent.answers.get("person", ""))

    def events(case: Case, state: State) -> list[New]:
        role = _end(session, invitation_id, now)
        key = f"duty:{actor.agency_id}" if to == DUTY_DESK else _colleague(session, case, actor, to)
        _note_absence(session, actor, str(sent.answers.get("until") or ""), case.policy.zone, now)
        facts = {**sent_facts(sent), "appointed": [[actor.agency_id, role, key]]}
        return [New("noted", "hand over", actor.side, actor.person_id, actor.agency_id, facts, {"answers": dict(sent.answers)})]  # type: ignore[arg-type]  # a side is text until the policy reads it

    return act(session, keys, reference, actor, sent, events, now, machine_now)


def colleagues(session: Session, case: Case, actor: Actor, typed: str = "", also: Collection[str] = ()) -> Found:
    """Who else of the agency could answer, whoever holds the actor's role first. Nobody who stands on the other side.

    `typed`: part of a name, where they are many; `also`: ids of those to be listed in any case, if they can be chosen.
    """
    directory = Directory(session, case)
    seat = next((seat for seat in directory.seats if seat.agency_id == actor.agency_id and actor.side == seat.side), None)
    found = staff.found(session, actor.agency_id, typed, roles=actor.roles, also=also, reached=True)
    directory.names(one for one, _name in found.people)  # read at once: each one's side is asked for below
    return found.without(lambda one: one == actor.person_id or (seat is not None and directory.taken(seat, one)))


def deputy_of(session: Session, actor: Actor) -> str:
    """The id of whoever deputises for the actor in one of their roles; "" where nobody does."""
    held = RoleHolder.person_id == actor.person_id, RoleHolder.agency_id == actor.agency_id, RoleHolder.deputy_id.is_not(None)
    first = RoleHolder.role.in_(actor.roles).desc()
    return session.execute(select(RoleHolder.deputy_id).where(*held).order_by(first, RoleHolder.listed)).scalar() or ""


def _note_absence(session: Session, actor: Actor, until: str, zone: ZoneInfo, now: datetime) -> None:
    """`until` is the day they are back, as 2027-04-06; "" where they are not away. Somebody in no directory has no absences."""
    if not until or session.get(Person, actor.person_id) is None:
        return
    back = datetime.combine(date.fromisoformat(until), time(), zone).astimezone(UTC)
    row = {"id": new_id(), "person_id": actor.person_id, "begins_at": now, "ends_at": back, "noted_at": now}
    session.execute(insert(table_of(Absence)), row)
    look_soon(session, f"person:{actor.person_id}", now)  # in their other cases somebody stands in, from the next sweep on


def _end(session: Session, invitation_id: str, now: datetime) -> str:
    """Ends the link; returns the role it was for."""
    live = Invitation.id == invitation_id, Invitation.ended_at.is_(None)
    role = session.execute(select(Invitation.role).where(*live)).scalar()
    if role is None:
        raise NoLongerOpenError
    done = update(Invitation).where(*live).values(ended_at=now, ended_because="handed over")
    session.execute(done, execution_options={"synchronize_session": False})
    return role


def _colleague(session: Session, case: Case, actor: Actor, person_id: str) -> str:
    if person_id not in dict(colleagues(session, case, actor, also=[person_id]).people):
        raise NoLongerOpenError
    return f"person:{person_id}"
