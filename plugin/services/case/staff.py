"""Who works at an agency, which roles they hold, and which agencies there are. Who is meant by a party of a case is `directory`'s."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, replace

from sqlalchemy import and_, bindparam, select
from sqlalchemy.orm import Session

from plugin.models import Agency, Person, RoleHolder
from plugin.models.scope import fixed

# Where anybody can have a mailbox: that one colleague has theirs there says nothing of the next.
_ANYBODYS = {
    "aol.com",
    "btinternet.com",
    "gmail.com",
    "googlemail.com",
    "hotmail.co.uk",
    "hotmail.com",
    "icloud.com",
    "live.co.uk",
    "outlook.com",
    "proton.me",
    "sky.com",
    "talktalk.net",
    "virginmedia.com",
    "yahoo.co.uk",
    "yahoo.com",
}
_ROLES = fixed(select(RoleHolder.role).where(RoleHolder.person_id == bindparam("person")))


_HOLDS = and_(
    RoleHolder.person_id == Person.id,
    RoleHolder.agency_id == Person.agency_id,
    RoleHolder.role.in_(bindparam("roles", expanding=True)),
)
_WORKING = fixed(
    select(Person.id, Person.name, Person.job_title, Person.email, RoleHolder.listed)
    .outerjoin(RoleHolder, _HOLDS)
    .where(Person.agency_id == bindparam("agency"), Person.active)
)
FEW = 20  # people whom a page lists; of more, part of a name is asked for
_FEW_HOLDERS = 10  # whoever holds the role that is asked for is listed without being looked for, unless that is half of an organisation


@dataclass(frozen=True, slots=True)
class Found:
    """Who can be chosen, as (id, name and job). `asks`: there are too many to list all, so that a page asks for part of a name.
    `matching`: the ids of those listed who have what was looked for (None: nothing was); `more`: others have it too."""

    people: list[tuple[str, str]]
    asks: bool = False
    matching: tuple[str, ...] | None = None
    more: bool = False

    def without(self, cannot: Callable[[str], bool]) -> Found:
        """The same, less those who cannot be chosen."""
        left = [one for one in self.people if not cannot(one[0])]
        found = None if self.matching is None else tuple(one for one in self.matching if one in dict(left))
        return replace(self, people=left, matching=found)


def found(
    session: Session, agency_id: str, typed: str = "", *, roles: Collection[str] = (), also: Collection[str] = (), reached: bool = False
) -> Found:
    """The active people of an agency to choose from: all by name where they are few; else who holds one of `roles`, whom `also` names
    (chosen before), and at most FEW who have every word of `typed` in their name or job, however it is written. One statement.

    `reached`: only people with a mailbox.
    """
    rows = session.execute(_WORKING, {"agency": agency_id, "roles": list(roles)}).all()
    able = {row.id: row for row in sorted(rows, key=lambda row: _plain(row.name)) if row.email or not reached}
    people = {one: f"{row.name}, {row.job_title}" if row.job_title else row.name for one, row in able.items()}
    if len(able) <= FEW:
        return Found(list(people.items()))
    holding = dict.fromkeys(row.id for row in sorted(rows, key=lambda row: row.listed or 0) if row.listed is not None and row.id in able)
    words = _plain(typed).split()
    matching = [one for one, said in people.items() if all(word in _plain(said) for word in words)] if words else []
    listed = dict.fromkeys([*(holding if len(holding) <= _FEW_HOLDERS else ()), *also, *matching[:FEW]])
    chosen = [(one, people[one]) for one in listed if one in people]
    return Found(chosen, True, tuple(matching[:FEW]) if words else None, len(matching) > FEW)


def _plain(text: str) -> str:
    """A name as somebody types it who does not know how it is written: no capitals, accents, apostrophes or hyphens."""
    parts = unicodedata.normalize("NFKD", text.casefold())
    return "".join(one for one in parts if one.isalnum() or one == " ")


def other_agencies(session: Session, partnership_id: str, own: str) -> list[Agency]:
    """The agencies a disagreement can be with, by name; none that does not take part."""
    others = Agency.partnership_id == partnership_id, Agency.id != own, Agency.off_since.is_(None)
    return list(session.scalars(select(Agency).where(*others).order_by(Agency.name)))


def agencies_that_left(session: Session, partnership_id: str, own: str) -> list[str]:
    """The names of those that do not take part now, so that a page which leaves them out can say so."""
    left = Agency.partnership_id == partnership_id, Agency.id != own, Agency.off_since.is_not(None)
    return list(session.scalars(select(Agency.name).where(*left).order_by(Agency.name)))


def mailboxes(session: Session, partnership_id: str) -> frozenset[str]:
    """What the mailbox of whoever is let into a case may be: the addresses of the people and duty desks of the organisations that take
    part, and every address of their domains; all in lower case."""
    here = Agency.partnership_id == partnership_id, Agency.off_since.is_(None)
    people = select(Person.email).join(Agency, Agency.id == Person.agency_id).where(*here, Person.active).distinct()
    found = {one.casefold() for ask in (people, select(Agency.duty_desk_email).where(*here)) for one in session.scalars(ask) if one}
    return frozenset(found | ({one.rpartition("@")[2] for one in found} - _ANYBODYS))


def names(session: Session, person_ids: Iterable[str]) -> dict[str, str]:
    """Names by person id, for pages."""
    wanted = [one for one in set(person_ids) if one]
    return {row.id: row.name for row in session.execute(select(Person.id, Person.name).where(Person.id.in_(wanted)))} if wanted else {}


def roles_of(session: Session, person_id: str) -> list[str]:
    """The roles a person holds where they work."""
    return list(session.scalars(_ROLES, {"person": person_id}))
