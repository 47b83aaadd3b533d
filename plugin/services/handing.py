"""An emailed request handed to somebody else: a colleague, a deputy, the duty desk. The old link ends with it; nobody is left unnamed."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from plugin.models import Invitation, Person
from plugin.services import sealing
from plugin.services.cases import Case, New, NoLongerOpenError
from plugin.services.casework import Actor, Sent, act, sent_facts
from policies import State

DUTY_DESK = "duty desk"


def hand_over(
    session: Session, keys: sealing.Keys, reference: str, invitation_id: str, actor: Actor, sent: Sent, now: datetime, machine_now: datetime
) -> State:
    """Names who answers instead, for this agency and role, and ends the link it was said through; whoever is named is asked by mail.

    Raises NoLongerOpenError where the link has ended or the person is not of the same agency. Commits.
    """
    to = str(sent.answers.get("person", ""))

    def events(case: Case, state: State) -> list[New]:
        role = _end(session, invitation_id, now)
        key = f"duty:{actor.agency_id}" if to == DUTY_DESK else _colleague(session, actor, to)
        facts = {**sent_facts(sent), "appointed": [[actor.agency_id, role, key]]}
        return [New("noted", "hand over", actor.side, actor.person_id, actor.agency_id, facts, {"answers": dict(sent.answers)})]  # type: ignore[arg-type]  # a side is text until the policy reads it

    return act(session, keys, reference, actor, sent, events, now, machine_now)


def colleagues(session: Session, actor: Actor) -> list[tuple[str, str]]:
    """Who else of the agency could answer, as choices: (id, name and job)."""
    others = select(Person).where(Person.agency_id == actor.agency_id, Person.active, Person.id != actor.person_id, Person.email != "")
    rows = session.scalars(others.order_by(Person.name))
    return [(one.id, f"{one.name}, {one.job_title}" if one.job_title else one.name) for one in rows]


def _end(session: Session, invitation_id: str, now: datetime) -> str:
    """Ends the link; returns the role it was for."""
    live = Invitation.id == invitation_id, Invitation.ended_at.is_(None)
    role = session.execute(select(Invitation.role).where(*live)).scalar()
    if role is None:
        raise NoLongerOpenError
    done = update(Invitation).where(*live).values(ended_at=now, ended_because="handed over")
    session.execute(done, execution_options={"synchronize_session": False})
    return role


def _colleague(session: Session, actor: Actor, person_id: str) -> str:
    if all(person_id != known for known, _name in colleagues(session, actor)):
        raise NoLongerOpenError
    return f"person:{person_id}"
