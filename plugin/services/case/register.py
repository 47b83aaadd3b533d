"""The rows a case's directory is made of: seats, who holds which role, people, contacts, mailboxes of the partnership. Each is read once.

Who is meant by a party of the policy is worked out in `directory`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from typing import Any, NamedTuple

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session, aliased

from plugin.models import Agency, Binding, Contact, Participant, Partnership, Person, RoleHolder
from plugin.models.scope import fixed
from plugin.services.case.cases import Case


class Somebody(NamedTuple):
    """Somebody of the directory. `left`: since when (machine time) their organisation takes no part; None while it does."""

    id: str
    name: str
    email: str
    active: bool
    agency_id: str
    job_title: str
    team: str
    left: datetime | None


class Holder(NamedTuple):
    """Somebody holds a role at an agency; `deputy_id` acts when they do not."""

    agency_id: str
    role: str
    person_id: str
    deputy_id: str | None


@dataclass(frozen=True, slots=True)
class Seat:
    """An agency's place in a case; one on both sides has two. `left` as in `Somebody`, `child_key` as in `participant`."""

    agency_id: str
    name: str
    type: str
    side: str
    person_id: str
    hours: Mapping[str, Any] = field(default_factory=dict)
    ladder: Mapping[str, Any] = field(default_factory=dict)
    duty_desk: str = ""
    left: datetime | None = None
    child_key: str = ""


_HOME = aliased(Agency)
_WHO = (Person.id, Person.name, Person.email, Person.active, Person.agency_id, Person.job_title, Person.team, _HOME.off_since)
_SEATS = fixed(
    select(
        Agency.id,
        Agency.name,
        Agency.type,
        Participant.side,
        Participant.person_id,
        Agency.hours,
        Agency.ladder,
        Agency.duty_desk_email,
        Agency.off_since,
        Participant.child_key,
        Participant.answering_id,
        Partnership.hours,
        Partnership.coordinator_email,
        *_WHO,
    )
    .join(Participant, Participant.agency_id == Agency.id)
    .join(Partnership, Partnership.id == bindparam("partnership"))
    .outerjoin(Person, Person.id == Participant.person_id)
    .outerjoin(_HOME, _HOME.id == Person.agency_id)
    .where(Participant.disagreement_id == bindparam("case"))
    .order_by(Participant.side, Agency.name)
)
_HOLDERS = fixed(
    select(RoleHolder.agency_id, RoleHolder.role, RoleHolder.person_id, RoleHolder.deputy_id, *_WHO)
    .join(Person, Person.id == RoleHolder.person_id)
    .join(_HOME, _HOME.id == Person.agency_id)
    .where(RoleHolder.role == bindparam("role"), RoleHolder.agency_id.in_(bindparam("agencies", expanding=True)))
    .order_by(RoleHolder.listed)
)
_PEOPLE = fixed(select(*_WHO).join(_HOME, _HOME.id == Person.agency_id).where(Person.id.in_(bindparam("ids", expanding=True))))
_CONTACTS = fixed(select(Contact.id, Contact.agency_id, Contact.sealed).where(Contact.disagreement_id == bindparam("case")))
_BINDING = fixed(
    select(Binding.name, Binding.title, Binding.email)
    .where(Binding.partnership_id == bindparam("partnership"), Binding.name == bindparam("name"), Binding.valid_to.is_(None))
    .order_by(Binding.valid_from.desc())
    .limit(1)
)


def look_up(session: Session, ids: Iterable[str]) -> dict[str, Somebody | None]:
    """People by id; None where there is no such person."""
    wanted = sorted(set(ids))
    found = {row[0]: Somebody._make(row) for row in session.execute(_PEOPLE, {"ids": wanted})} if wanted else {}
    return {one: found.get(one) for one in wanted}


class Register:
    """The rows of one case. `people`: of whom it is known already who they are, by id; several cases worked on together share it."""

    def __init__(self, session: Session, case: Case, people: dict[str, Somebody | None] | None = None) -> None:
        self._session = session
        self._case = case
        self._known = {} if people is None else people
        self._bound: dict[str, Any] = {}
        self._held: dict[str, list[Holder]] = {}

    @cached_property
    def seats(self) -> list[Seat]:
        """The agencies that take part, by side and name."""
        found: list[Seat] = []
        for row in self._seats:
            one, answering = Seat(*row[:10]), row[10]
            both = [replace(one, side="raising"), replace(one, side="responding", person_id=answering)]
            found += both if one.side == "both" else [one]
        return sorted(found, key=lambda one: one.side)

    @property
    def hours(self) -> Mapping[str, Any]:
        """What the case's partnership said of its hours."""
        return next((row[11] for row in self._seats), None) or {}

    @property
    def coordinator(self) -> str:
        """The mailbox of whoever coordinates the partnership; "" where there is none."""
        return next((row[12] for row in self._seats), "")

    def holders(self, role: str, agency_id: str) -> list[Holder]:
        """Who holds this role at this agency, as listed there. One role at a time: where a policy begins with practitioners, a list may
        have thousands of them, and nobody looks among those."""
        if role not in self._held:
            told = {"role": role, "agencies": sorted({seat.agency_id for seat in self.seats})}
            rows = self._session.execute(_HOLDERS, told).all()
            self._known |= {row[4]: Somebody._make(row[4:]) for row in rows}
            self._held[role] = [Holder(*row[:4]) for row in rows]
        return [one for one in self._held[role] if one.agency_id == agency_id]

    @cached_property
    def contacts(self) -> dict[str, Any]:
        """Those named in the case who are in no directory, by id; sealed."""
        return {row.id: row for row in self._session.execute(_CONTACTS, {"case": self._case.id})}

    def people(self, wanted: Iterable[str]) -> dict[str, Somebody | None]:
        """People by id (None where there is no such person), each read once."""
        ids = {one for one in wanted if one}
        if missing := ids - self._known.keys():
            self._known |= look_up(self._session, missing)
        return {one: self._known[one] for one in ids}

    def binding(self, name: str) -> Any:
        """Who is bound to a role outside every agency: a row of name, title and email; None where nobody is."""
        if name not in self._bound:
            self._bound[name] = self._session.execute(_BINDING, {"partnership": self._case.partnership_id, "name": name}).first()
        return self._bound[name]

    @cached_property
    def _seats(self) -> list[Any]:
        rows = self._session.execute(_SEATS, {"case": self._case.id, "partnership": self._case.partnership_id}).all()
        self._known |= {row[13]: Somebody._make(row[13:]) for row in rows if row[13]}
        return list(rows)
