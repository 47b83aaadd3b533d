"""Who is meant: from a party of the policy (side, role, agency) to a person or mailbox that can be reached.

A recipient's `key` is what rows keep: person:<id>, contact:<id>, binding:<name>, duty:<agency>, coordinator.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from plugin.services.case import standing
from plugin.services.case.cases import Case
from plugin.services.case.register import Holder, Register, Seat, Somebody
from plugin.services.keeping import sealing
from policies import Party


@dataclass(frozen=True, slots=True)
class Recipient:
    """Somebody who can be asked or told. `email` may be empty: then nobody is reached, and that must be shown. `left`: since when
    (machine time) their organisation takes no part; None while it does."""

    key: str
    name: str
    email: str
    agency_id: str = ""
    title: str = ""
    left: datetime | None = None


class Directory:
    """The directory as one case needs it; what it is made of is read once and kept while the case is worked on (`register`)."""

    def __init__(self, session: Session, case: Case, people: dict[str, Somebody | None] | None = None) -> None:
        self._case = case
        self._register = Register(session, case, people)

    @property
    def seats(self) -> list[Seat]:
        """The agencies that take part, by side and name; one on both sides has two."""
        return self._register.seats

    def names(self, actors: Iterable[str]) -> dict[str, str]:
        """The names of those of `actors` who are known, by what events call them: a person's id, or the key of somebody who is in no
        directory and acted by a link (named in the case, of the partnership, at a duty desk)."""
        _ = self.seats  # with whoever was named for them: as a rule everybody who is asked for here
        wanted = set(actors)
        keyed = {one for one in wanted if ":" in one or one == "coordinator"}
        known = {person_id: row.name for person_id, row in self._register.people(wanted - keyed).items() if row}
        for key in keyed:
            with suppress(LookupError):
                known[key] = self.named(key).name
        return known

    def holds(self, agency_id: str, role: str) -> bool:
        """Whether anybody holds this role at this agency."""
        return bool(self._register.holders(role, agency_id))

    def recipients(self, party: Party, to: str = "owner", now: datetime | None = None) -> list[Recipient]:
        """Who `party` is (`to` owner or recipient), or who stands behind them (deputy, duty desk, partnership)."""
        if to == "partnership":
            return self._coordinator()
        if to == "duty desk":
            return self._duty_desks(party)
        found = self._holding(party, deputy=to == "deputy", now=now)
        # Nobody holds the role: the duty desk is next, and if there is none the partnership. Never nobody.
        return found or (self._duty_desks(party) or self._coordinator())

    def unnamed(self, party: Party) -> bool:
        """Whether it is whoever one person has for themselves, nobody has said who that is, and the partnership has no mailbox for all."""
        return party.side == "none" and not party.person and not self._binding(party.role)

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

    def side_of(self, who: Recipient, party: Party) -> str:
        """The side somebody is on who was found as `party`: their own; else the party's, and of both sides the one they were found for
        ("both" where it was for either: they stand above)."""
        known = self.stands(who.key, who.agency_id)
        if known or party.side != "both" or not standing.is_inside(self._case.events, who.agency_id):
            return known or party.side
        alone = [replace(party, side=side, agency=who.agency_id) for side in ("raising", "responding")]
        found = [one.side for one in alone if who in self.recipients(one)]
        return found[0] if len(found) == 1 else "both"

    def stands(self, key: str, agency_id: str) -> str:
        """The side on which this person of an agency stands: the agency's, or on both sides of one agency their own (`standing`); "" where
        nothing says it."""
        seats = [seat for seat in self.seats if seat.agency_id == agency_id]
        if len(seats) < 2:
            return seats[0].side if seats else ""
        person = standing.bare(key)
        named = {seat.person_id: seat.side for seat in seats if seat.person_id}
        teams = {seat.side: self._team(seat.person_id) for seat in seats}
        known = standing.on_record(self._case.events, agency_id, named)
        return known.get(person) or standing.by_team(self._team(person), teams)

    def opposes(self, seat: Seat, key: str) -> bool:
        """Whether this person stands on the other side of the same agency, and so cannot act for this one."""
        return self.stands(key, seat.agency_id) not in ("", seat.side)

    def taken(self, seat: Seat, key: str) -> bool:
        """Whether the other side of the same agency has this person already: on record, or chosen by it to take something on."""
        inside = standing.is_inside(self._case.events, seat.agency_id)
        told = standing.chosen(self._case.events, seat.agency_id) if inside else ()
        person = standing.bare(key)
        others = {standing.bare(who) for side, _role, who in told if side in standing.SIDES and side != seat.side}
        return person in others or self.opposes(seat, key)

    def person_of(self, seat: Seat) -> str:
        """The name of whoever was named for a seat; "" where nobody was."""
        found = self._person(seat.person_id) or self._contact(seat.person_id) if seat.person_id else None
        return found.name if found else ""

    def hours_at(self, agency_id: str) -> Mapping[str, Any]:
        """What an agency said of its hours, or else the partnership (`services.notices.office`)."""
        own = next((seat.hours for seat in self.seats if seat.agency_id == agency_id), None)
        return own or self._register.hours

    def _holding(self, party: Party, deputy: bool, now: datetime | None) -> list[Recipient]:
        if party.person:
            kind = "contact" if party.person in self._register.contacts else "person"
            return [one for one in [self._contact(party.person) if kind == "contact" else self._person(party.person)] if one]
        if party.side in ("partnership", "none") and not party.agency:
            bound = self._binding(party.role)
            return [bound] if bound and not deputy else []
        seats = [seat for seat in self.sides(party.side) if not party.agency or seat.agency_id == party.agency]
        found = [one for seat in seats for one in self._at(seat, party.role, deputy)]
        return list({one.key: one for one in found}.values())

    def _at(self, seat: Seat, role: str, deputy: bool) -> list[Recipient]:
        chosen = self._appointed(seat, role)
        if chosen and not deputy:
            return [one for one in [self._by_key(chosen)] if one]
        is_named = role in self._case.policy.stages[0].acts[:1] and bool(seat.person_id)
        if is_named and not deputy:
            return [one for one in [self._person(seat.person_id) or self._contact(seat.person_id)] if one]
        holders = self._holders(seat, role)
        named = [one for one in holders if one.person_id == seat.person_id or (f"person:{one.person_id}" == chosen and not is_named)]
        named = named if is_named else named or holders[:1]
        if deputy:
            wanted = [one.deputy_id for one in named if one.deputy_id and not self.taken(seat, one.deputy_id)]
        else:
            wanted = [one.person_id for one in named]
        return [who for one in wanted for who in [self._person(one)] if who]

    def _holders(self, seat: Seat, role: str) -> list[Holder]:
        """Who holds a role at an agency and may act for this side of it: those of the team first whose person was named for the side, and
        last whom the other side has chosen: who is the only one there is stands above both."""
        mine, team = self._register.holders(role, seat.agency_id), self._team(seat.person_id)
        if not standing.is_inside(self._case.events, seat.agency_id):
            return sorted(mine, key=lambda one: standing.nearness(self._team(one.person_id), team))
        free = [one for one in mine if not self.opposes(seat, one.person_id)]
        return sorted(free, key=lambda one: (self.taken(seat, one.person_id), standing.nearness(self._team(one.person_id), team)))

    def _team(self, person_id: str) -> str:
        """The team somebody works in, however it is written; "" for who is in no directory."""
        row = self._register.people([person_id]).get(person_id)
        return row.team.casefold() if row else ""

    def _appointed(self, seat: Seat, role: str) -> str:
        """Who was chosen in this case to act in a role for a side of an agency (the latest choice), or ""."""
        inside = standing.is_inside(self._case.events, seat.agency_id)
        told = standing.chosen(self._case.events, seat.agency_id, role)
        return next((key for side, _role, key in told if not inside or side in (seat.side, "both")), "")

    def _by_key(self, key: str) -> Recipient | None:
        try:
            return self.named(key)
        except LookupError:
            return None

    def _person(self, person_id: str) -> Recipient | None:
        row = self._register.people([person_id]).get(person_id)
        if row is None:
            return None
        return Recipient(f"person:{row.id}", row.name, row.email if row.active else "", row.agency_id, row.job_title, row.left)

    def _contact(self, contact_id: str) -> Recipient | None:
        row = self._register.contacts.get(contact_id)
        if row is None or self._case.key is None:
            return None
        said = sealing.unseal(self._case.key, f"contact|{row.id}", row.sealed)
        left = next((seat.left for seat in self.seats if seat.agency_id == row.agency_id), None)
        return Recipient(f"contact:{row.id}", said["name"], said["email"], row.agency_id, said.get("title", ""), left)

    def _binding(self, name: str) -> Recipient | None:
        row = self._register.binding(name)
        return Recipient(f"binding:{row.name}", row.title, row.email, "", row.title) if row else None

    def _duty(self, agency_id: str) -> Recipient | None:
        seat = next((seat for seat in self.seats if seat.agency_id == agency_id), None)
        if seat is None or not seat.duty_desk:
            return None
        return Recipient(f"duty:{agency_id}", f"Duty desk, {seat.name}", seat.duty_desk, agency_id, left=seat.left)

    def _duty_desks(self, party: Party) -> list[Recipient]:
        agencies = dict.fromkeys([party.agency] if party.agency else [seat.agency_id for seat in self.sides(party.side)])
        return [one for agency in agencies for one in [self._duty(agency)] if one]

    def _coordinator(self) -> list[Recipient]:
        mailbox = self._register.coordinator
        return [Recipient("coordinator", "Partnership coordinator", mailbox)] if mailbox else []
