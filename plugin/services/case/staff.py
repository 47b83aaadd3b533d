"""Who works at an agency, which roles they hold, and which agencies there are. Who is meant by a party of a case is `directory`'s."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from plugin.models import Agency, Person, RoleHolder
from plugin.models.scope import fixed

_ROLES = fixed(select(RoleHolder.role).where(RoleHolder.person_id == bindparam("person")))


def active(session: Session, agency_id: str) -> list[Person]:
    """The active people of an agency, those with a role first, by name."""
    listed = select(Person).where(Person.agency_id == agency_id, Person.active).order_by(Person.name)
    return list(session.scalars(listed))


def other_agencies(session: Session, partnership_id: str, own: str) -> list[Agency]:
    """The agencies a disagreement can be with, by name; none that does not take part."""
    others = Agency.partnership_id == partnership_id, Agency.id != own, Agency.off_since.is_(None)
    return list(session.scalars(select(Agency).where(*others).order_by(Agency.name)))


def agencies_that_left(session: Session, partnership_id: str, own: str) -> list[str]:
    """The names of those that do not take part now, so that a page which leaves them out can say so."""
    left = Agency.partnership_id == partnership_id, Agency.id != own, Agency.off_since.is_not(None)
    return list(session.scalars(select(Agency.name).where(*left).order_by(Agency.name)))


def names(session: Session, person_ids: Iterable[str]) -> dict[str, str]:
    """Names by person id, for pages."""
    wanted = [one for one in set(person_ids) if one]
    return {row.id: row.name for row in session.execute(select(Person.id, Person.name).where(Person.id.in_(wanted)))} if wanted else {}


def roles_of(session: Session, person_id: str) -> list[str]:
    """The roles a person holds where they work."""
    return list(session.scalars(_ROLES, {"person": person_id}))
