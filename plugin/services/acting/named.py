"""Somebody named in a case who is in no directory: sealed with the case's key, known to the rest by an opaque id.

What lives here: keeping them. What does not: which of them belong to one child alone (`case.own_people`), asking them (`services.notices`).
"""

from __future__ import annotations

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from plugin.models import Contact, new_id
from plugin.services.case.cases import Case, NoLongerOpenError
from plugin.services.keeping import sealing


def own_contact(session: Session, case: Case, role: str, name: str, email: str) -> str:
    """The opaque id of somebody whom one child or several have for themselves. One mailbox in one role is one person of the case, so that
    who looks after two of the children is told once."""
    if case.key is None:
        raise NoLongerOpenError
    for row in session.execute(select(Contact.id, Contact.sealed).where(Contact.disagreement_id == case.id, Contact.role == role)):
        if sealing.unseal(case.key, f"contact|{row.id}", row.sealed)["email"].casefold() == email.casefold():
            return str(row.id)
    return add_contact(session, case, role, name, email)


def add_contact(session: Session, case: Case, role: str, name: str, email: str, agency_id: str = "") -> str:
    """Keeps somebody who is in no directory, sealed with the case's key; returns the opaque id."""
    made = new_id()
    if case.key is None:
        raise NoLongerOpenError
    row = {
        "id": made,
        "disagreement_id": case.id,
        "agency_id": agency_id,
        "role": role,
        "sealed": sealing.seal(case.key, f"contact|{made}", {"name": name, "email": email}),
    }
    session.execute(insert(Contact), [row])
    return made
