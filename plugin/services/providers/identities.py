"""Who an identity of a provider is here: bound to a person or an account at the first sign-in, and to that one from then on.

Somebody is issuer and subject together, so the same subject of two issuers is two people. A mailbox of record counts at the first
sign-in alone; once somebody is bound, another subject with the same address (given to a newcomer, say) is somebody else until an
administrator lets the old one go.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, NoReturn

from sqlalchemy import select
from sqlalchemy.orm import Session

from integrations.launch.openid import SignOnRefused
from plugin.models import Account, Identity, Person, begin_writing
from plugin.services.desk import accounts
from plugin.services.providers.sign_on import Arrived


def invited(session: Session, arrived: Arrived, key: str, mailbox: str, now: datetime) -> str:
    """The person whom a link is for. `key` is the recipient's, `mailbox` their address of record. Raises SignOnRefused for anybody else.
    Commits where somebody is bound. Gives the id that the session is for.

    A duty desk's mailbox belongs to nobody: any person of the agency's directory may answer there.
    """
    kind, _, rest = key.partition(":")
    begin_writing(session)
    if kind == "person":
        return _bind(session, arrived, _the_one(session, arrived, rest), now)
    if kind == "duty":
        _bind(session, arrived, _of_directory(session, arrived) or _refuse(session, "not in the directory"), now)
        return key
    if not arrived.email or arrived.email != mailbox.casefold():
        _refuse(session, "another person")
    session.rollback()
    return key


def _the_one(session: Session, arrived: Arrived, person_id: str) -> Person:
    person = session.get(Person, person_id)
    known = session.get(Identity, (arrived.issuer, arrived.subject))
    if person is None or (known and known.person_id and known.person_id != person_id):
        _refuse(session, "another person")
    elif not (known and known.person_id) and (not arrived.email or arrived.email != person.email.casefold()):
        _refuse(session, "another person" if arrived.email else "no email")
    return person


def worker(session: Session, arrived: Arrived, now: datetime) -> Person:
    """The member of staff behind a launch: known, or found by their address in the directory, or somebody new. Raises SignOnRefused where
    they have left or belong to another agency. Commits."""
    begin_writing(session)
    known = session.get(Identity, (arrived.issuer, arrived.subject))
    found = _of_directory(session, arrived)
    if found is not None and not (known and known.person_id) and _taken(session, arrived, Identity.person_id == found.id):
        found = None  # their address was somebody else's before: a new member of staff
    if found is None:
        name = arrived.name or arrived.email or "Somebody"
        found = Person(agency_id=arrived.agency_id, name=name, staff_id=f"{arrived.issuer} {arrived.subject}")
        session.add(found)
        session.flush()
    if not found.staff_id:
        found.staff_id = f"{arrived.issuer} {arrived.subject}"
    if arrived.name:
        found.name = arrived.name
    person_id = _bind(session, arrived, found, now)
    return session.get_one(Person, person_id)


def _of_directory(session: Session, arrived: Arrived) -> Person | None:
    known = session.get(Identity, (arrived.issuer, arrived.subject))
    if known and known.person_id:
        return session.get(Person, known.person_id)
    if not arrived.email:
        return None
    same = select(Person).where(Person.agency_id == arrived.agency_id, Person.email == arrived.email, Person.active)
    return session.scalar(same.order_by(Person.id))


def _bind(session: Session, arrived: Arrived, person: Person, now: datetime) -> str:
    person_id = person.id
    if person.agency_id != arrived.agency_id:
        _refuse(session, "another agency")
    if not person.active:
        _refuse(session, "has left")
    known = session.get(Identity, (arrived.issuer, arrived.subject))
    if not (known and known.person_id):
        if _taken(session, arrived, Identity.person_id == person_id):
            _refuse(session, "another account is known")
        _known(session, arrived, now).person_id = person_id
        accounts.note(session, person_id, arrived.agency_id, "sign-in bound", person_id, "", now)
    session.commit()
    return person_id


def administrator(session: Session, arrived: Arrived, now: datetime) -> Account:
    """The administrator's account behind an identity. Raises SignOnRefused where there is none at this agency, or it is off. Commits."""
    begin_writing(session)
    known = session.get(Identity, (arrived.issuer, arrived.subject))
    bound = bool(known and known.account_id)
    found = session.get(Account, known.account_id) if known and bound else None
    if not bound and arrived.email:
        found = session.scalar(select(Account).where(Account.email == arrived.email))
    if found is None:
        _refuse(session, "no account" if arrived.email else "no email")
    if not found.active or found.role != "administrator" or found.agency_id != arrived.agency_id:
        _refuse(session, "no account")
    if not bound:
        if _taken(session, arrived, Identity.account_id == found.id):
            _refuse(session, "another account is known")
        _known(session, arrived, now).account_id = found.id
        accounts.note(session, found.id, arrived.agency_id, "sign-in bound", found.id, "", now)
    session.commit()
    return found


def _taken(session: Session, arrived: Arrived, whose: Any) -> bool:
    """Whether somebody else of the same issuer is bound already."""
    same = select(Identity.subject).where(whose, Identity.issuer == arrived.issuer, Identity.subject != arrived.subject)
    return session.execute(same).first() is not None


def _known(session: Session, arrived: Arrived, now: datetime) -> Identity:
    row = session.get(Identity, (arrived.issuer, arrived.subject))
    if row is None:
        row = Identity(issuer=arrived.issuer, subject=arrived.subject, agency_id=arrived.agency_id, known_since=now)
        session.add(row)
    return row


def _refuse(session: Session, code: str) -> NoReturn:
    session.rollback()
    raise SignOnRefused(code)


def bound_at(session: Session, agency_id: str) -> list[tuple[Identity, str]]:
    """Who of an agency is bound, with their names."""
    rows = session.scalars(select(Identity).where(Identity.agency_id == agency_id).order_by(Identity.known_since))
    return [(row, _name_of(session, row)) for row in rows]


def _name_of(session: Session, row: Identity) -> str:
    person = session.get(Person, row.person_id) if row.person_id else None
    account = session.get(Account, row.account_id) if row.account_id else None
    return (person.name if person else "") or (account.name if account else "") or "somebody who is gone"


def let_go(session: Session, agency_id: str, issuer: str, subject: str, now: datetime, *, by: str) -> None:
    """Whoever signs in next with the mailbox of record is bound anew. Commits. Raises LookupError for one of another agency."""
    begin_writing(session)
    row = session.get(Identity, (issuer, subject))
    if row is None or row.agency_id != agency_id:
        session.rollback()
        raise LookupError(subject)
    accounts.note(session, by, agency_id, "sign-in let go", row.person_id or row.account_id, "", now)
    session.delete(row)
    session.commit()
