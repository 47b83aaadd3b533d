"""Who somebody is in one case: for which side they act, and with which roles.

Inside one organisation that goes by person, not by organisation: by the case's record and their team (`services.case.standing`), or by what
they were asked for. Somebody asked for both sides stands above both and acts by their own roles alone; somebody of neither reads, and
says first for which side they speak. What they may then do is in `casework`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from plugin.models import Invitation
from plugin.models.scope import fixed
from plugin.services.acting.casework import Done, Sent, act, sent_facts
from plugin.services.acting.rights import Actor
from plugin.services.case import standing
from plugin.services.case.cases import Case, New, NoLongerOpenError, NotFoundError
from plugin.services.case.directory import Directory
from plugin.services.keeping import sealing
from policies import State

_ASKED = fixed(
    select(Invitation.side).where(Invitation.disagreement_id == bindparam("case"), Invitation.person_id == bindparam("person")).distinct()
)


@dataclass(frozen=True, slots=True)
class Member:
    """A member of staff in their own record system, with the roles they hold there and in the directory."""

    person_id: str
    agency_id: str
    roles: Iterable[str] = ()


def of_staff(session: Session, case: Case, who: Member, directory: Directory | None = None) -> Actor:
    """Who a member of staff is in a case that their agency takes part in: with the part of whoever raised it or was named, for their side.

    `directory` is the case's, where it was read already. Raises NotFoundError where the agency takes no part.
    """
    directory = directory or Directory(session, case)
    sides = [seat.side for seat in directory.seats if seat.agency_id == who.agency_id]
    if not sides:
        raise NotFoundError(case.reference)
    side = sides[0]
    if len(sides) > 1:
        side = directory.stands(who.person_id, who.agency_id) or _asked_for(session, case, who.person_id)
    if side in standing.SIDES:
        roles = frozenset((*case.policy.stages[0].acts[:1], *who.roles))
        return Actor(who.person_id, who.agency_id, side, roles, for_agency=True)
    return Actor(who.person_id, who.agency_id, side, frozenset(who.roles if side == "both" else ()), for_agency=True)


def of_link(case: Case, invited: Invitation, person_id: str, directory: Directory) -> Actor:
    """Who somebody with a link is: one role at one stage, none once it has ended; for the side they are on record for."""
    roles = frozenset({invited.role}) if invited.ended_at is None else frozenset[str]()
    side = invited.side
    if standing.is_inside(case.events, invited.agency_id):
        side = directory.stands(person_id, invited.agency_id) or side
    return Actor(person_id, invited.agency_id, side, roles, invited.stage, invitation=invited.id)


def _asked_for(session: Session, case: Case, person_id: str) -> str:
    """The side for which somebody was asked or told; "both" where it was for either; "" where they were not."""
    sides = set(session.scalars(_ASKED, {"case": case.id, "person": f"person:{person_id}"})) & {*standing.SIDES, "both"}
    return "both" if len(sides) > 1 else "".join(sides)


def must_say_side(actor: Actor) -> bool:
    """Whether this member of staff stands on neither side yet, and must say for which one they speak before they do anything."""
    return actor.for_agency and not actor.side


def say_side(session: Session, keys: sealing.Keys, reference: str, actor: Actor, sent: Sent, now: datetime, machine_now: datetime) -> Done:
    """Puts somebody on record for the side they say ("side" of the answers). Raises NotFoundError, NoLongerOpenError. Commits."""

    def events(case: Case, _state: State) -> list[New]:
        side = sent.answers.get("side")
        on_record = Directory(session, case).stands(actor.person_id, actor.agency_id)
        if not must_say_side(actor) or side not in standing.SIDES or on_record:
            raise NoLongerOpenError
        said = {"answers": dict(sent.answers)}
        return [New("noted", standing.SPEAKS, side, actor.person_id, actor.agency_id, sent_facts(sent), said)]

    return act(session, keys, reference, actor, sent, events, now, machine_now)
