"""Who is meant: from a party of the policy (side, role, agency) to a person or mailbox that can be reached.

A recipient's `key` is what rows keep: person:<id>, contact:<id>, binding:<name>, duty:<agency>, coordinator.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from plugin.models import Agency, Binding, Contact, Participant, Partnership, Person, RoleHolder
from plugin.services import sealing
from plugin.services.cases import Case
from policies import Party


@dataclass(frozen=True, slots=True)
class Recipient:
    """Somebody who can be asked or told. `email` may be empty: then nobody is reached, and that must be shown."""

    key: str
    name: str
    email: str
    agency_id: str = ""
    title: str = ""


@dataclass(frozen=True, slots=True)
class Seat:
    """An agency's place in a case."""

    agency_id: str
    name: str
    type: str
    side: str
    person_id: str


class Directory:
    """The directory as one case needs it: seats, role holders, contacts; read once and kept while the case is worked on."""

    def __init__(self, session: Session, case: Case) -> None:
        self._session = session
        self._case = case
        self.seats = _seats(session, case.id)
        self._holders: list[Any] | None = None

    def recipients(self, party: Party, to: str = "owner", now: datetime | None = None) -> list[Recipient]:
        """Who `party` is (`to` owner or recipient), or who stands behind them (deputy, duty desk, partnership)."""
        if to == "partnership":
            return self._coordinator()
        if to == "duty desk":
            return self._duty_desks(party)
        found = self._holding(party, deputy=to == "deputy", now=now)
        # Nobody holds the role: the duty desk is next, and if there is none the partnership. Never nobody.
        return found or (self._duty_desks(party) or self._coordinator())

    def named(self, key: str) -> Recipient:
        """The recipient with this key; LookupError where they are gone."""
        kind, _, rest = key.partition(":")
        found = {"person": self._person, "contact": self._contact, "binding": self._binding, "duty": self._duty}.get(kind)
        recipient = found(rest) if found else next(iter(self._coordinator()), None)
        if recipient is None:
            raise LookupError(key)
        return recipient

    def sides(self, side: str) -> list[Seat]:
        """The seats on a side ("both": all)."""
        return [seat for seat in self.seats if side == "both" or seat.side == side]

    def side_of(self, agency_id: str, otherwise: str) -> str:
        """The side an agency is on; `otherwise` for somebody of no agency here (a mailbox of the partnership)."""
        return next((seat.side for seat in self.seats if seat.agency_id == agency_id), otherwise)

    def _holding(self, party: Party, deputy: bool, now: datetime | None) -> list[Recipient]:
        if party.person:
            kind = "contact" if self._is_contact(party.person) else "person"
            return [one for one in [self._contact(party.person) if kind == "contact" else self._person(party.person)] if one]
        if party.side in ("partnership", "none") and not party.agency:
            bound = self._binding(party.role)
            return [bound] if bound and not deputy else []
        seats = [seat for seat in self.sides(party.side) if not party.agency or seat.agency_id == party.agency]
        return [one for seat in seats for one in self._at(seat, party.role, deputy)]

    def _at(self, seat: Seat, role: str, deputy: bool) -> list[Recipient]:
        chosen = self._appointed(seat.agency_id, role)
        if chosen and not deputy:
            return [one for one in [self._by_key(chosen)] if one]
        holders = [one for one in self._role_holders() if one.agency_id == seat.agency_id and one.role == role]
        named = [one for one in holders if f"person:{one.person_id}" == chosen or one.person_id == seat.person_id] or holders[:1]
        if role in self._case.policy.stages[0].acts[:1] and seat.person_id:
            if not deputy:
                return [one for one in [self._person(seat.person_id) or self._contact(seat.person_id)] if one]
            named = [one for one in holders if one.person_id == seat.person_id]
        if deputy:
            return [one for holder in named if holder.deputy_id for one in [self._person(holder.deputy_id)] if one]
        return [one for holder in named for one in [self._person(holder.person_id)] if one]

    def _appointed(self, agency_id: str, role: str) -> str:
        """Who was chosen in this case to act in a role for an agency (the latest choice), or ""."""
        for event in reversed(self._case.events):
            for agency, what, key in event.facts.get("appointed", ()):
                if (agency, what) == (agency_id, role):
                    return str(key)
        return ""

    def _by_key(self, key: str) -> Recipient | None:
        try:
            return self.named(key)
        except LookupError:
            return None

    def _role_holders(self) -> list[Any]:
        if self._holders is None:
            agencies = [seat.agency_id for seat in self.seats]
            columns = RoleHolder.agency_id, RoleHolder.role, RoleHolder.person_id, RoleHolder.deputy_id
            self._holders = list(
                self._session.execute(select(*columns).where(RoleHolder.agency_id.in_(agencies)).order_by(RoleHolder.listed))
            )
        return self._holders

    def _person(self, person_id: str) -> Recipient | None:
        row = self._session.get(Person, person_id)
        if row is None:
            return None
        return Recipient(f"person:{row.id}", row.name, row.email if row.active else "", row.agency_id, row.job_title)

    def _is_contact(self, contact_id: str) -> bool:
        return self._session.get(Contact, contact_id) is not None

    def _contact(self, contact_id: str) -> Recipient | None:
        row = self._session.get(Contact, contact_id)
        if row is None or self._case.key is None or row.disagreement_id != self._case.id:
            return None
        said = sealing.unseal(self._case.key, f"contact|{row.id}", row.sealed)
        return Recipient(f"contact:{row.id}", said["name"], said["email"], row.agency_id, said.get("title", ""))

    def _binding(self, name: str) -> Recipient | None:
        row = self._session.scalar(
            select(Binding)
            .where(Binding.partnership_id == self._case.partnership_id, Binding.name == name, Binding.valid_to.is_(None))
            .order_by(Binding.valid_from.desc())
        )
        return Recipient(f"binding:{row.name}", row.title, row.email, "", row.title) if row else None

    def _duty(self, agency_id: str) -> Recipient | None:
        row = self._session.get(Agency, agency_id)
        return Recipient(f"duty:{row.id}", f"Duty desk, {row.name}", row.duty_desk_email, row.id) if row and row.duty_desk_email else None

    def _duty_desks(self, party: Party) -> list[Recipient]:
        agencies = [party.agency] if party.agency else [seat.agency_id for seat in self.sides(party.side)]
        return [one for agency in agencies for one in [self._duty(agency)] if one]

    def _coordinator(self) -> list[Recipient]:
        row = self._session.get(Partnership, self._case.partnership_id)
        return [Recipient("coordinator", "Partnership coordinator", row.coordinator_email)] if row and row.coordinator_email else []


def _seats(session: Session, case_id: str) -> list[Seat]:
    taking_part = (
        select(Agency.id, Agency.name, Agency.type, Participant.side, Participant.person_id)
        .join(Participant, Participant.agency_id == Agency.id)
        .where(Participant.disagreement_id == case_id)
        .order_by(Participant.side, Agency.name)
    )
    return [Seat(*row) for row in session.execute(taking_part)]


def staff(session: Session, agency_id: str) -> list[Person]:
    """The active people of an agency, those with a role first, by name."""
    listed = select(Person).where(Person.agency_id == agency_id, Person.active).order_by(Person.name)
    return list(session.scalars(listed))


def other_agencies(session: Session, partnership_id: str, own: str) -> list[Agency]:
    """The agencies a disagreement can be with, by name."""
    rows = session.scalars(select(Agency).where(Agency.partnership_id == partnership_id, Agency.id != own).order_by(Agency.name))
    return list(rows)


def names(session: Session, person_ids: Iterable[str]) -> dict[str, str]:
    """Names by person id, for pages."""
    wanted = [one for one in set(person_ids) if one]
    return {row.id: row.name for row in session.execute(select(Person.id, Person.name).where(Person.id.in_(wanted)))} if wanted else {}


def roles_of(session: Session, person_id: str) -> list[str]:
    """The roles a person holds where they work."""
    return list(session.scalars(select(RoleHolder.role).where(RoleHolder.person_id == person_id)))
