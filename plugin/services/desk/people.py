"""The people of an agency and the roles they hold, as its administrator keeps them.

What does not live here: many at once (`people_lists`), who is meant in a case (`directory`), who said that they are away (`handing`).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from datetime import datetime
from functools import partial
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, field_validator
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from plugin.models import Agency, Invitation, Person, RoleHolder, WebSession, begin_writing
from plugin.services.acting import consequences
from plugin.services.case import cases
from plugin.services.case.policies import current_policy
from plugin.services.desk import accounts
from plugin.services.keeping.sealing import Keys
from plugin.services.notices.waking import look_where_lost

EMAIL = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+")


class Held(BaseModel):
    """A role that somebody holds."""

    model_config = ConfigDict(extra="forbid")
    role: str = Field(title="Role", description="What the policy calls it.")
    deputy_id: str = Field(default="", title="Deputy", description="Who is asked when they are away or do not answer.")


class PersonForm(BaseModel):
    """What is asked about somebody who works there."""

    model_config = ConfigDict(extra="forbid")
    name: str = Field(min_length=2, max_length=120, title="Full name", examples=["Philippa Okonjo-Reyes"])
    job_title: str = Field(default="", max_length=120, title="Job", examples=["Team manager"])
    team: str = Field(
        default="",
        max_length=120,
        title="Team",
        description="Leave it empty for somebody of your whole organisation. Whoever holds a role acts for their own team first.",
        examples=["Assessment team"],
    )
    email: str = Field(
        max_length=254,
        title="Work email",
        description="Links and codes go here. It must be theirs alone.",
        examples=["name@example.gov.uk"],
    )
    phone: str = Field(
        default="",
        max_length=40,
        title="Telephone",
        description="Shown to colleagues who must tell them at once that somebody is in danger. Needed for your safeguarding leads.",
        examples=["01632 960 001"],
    )
    staff_id: str = Field(
        default="",
        max_length=200,
        title="Staff id in your record system",
        description="If you know it: then a launch and an emailed link are the same person.",
    )
    roles: list[Held] = Field(default=[], max_length=20, title="Roles they hold", description="Who acts at which step of the policy.")

    @field_validator("email")
    @classmethod
    def _email(cls, text: str) -> str:
        if not EMAIL.fullmatch(text):
            raise ValueError("enter an email address, like name@example.gov.uk")
        return text


class PersonError(ValueError):
    """Somebody who cannot be so: `field` says what is wrong."""

    def __init__(self, field: str, text: str) -> None:
        super().__init__(text)
        self.field = field
        self.text = text


def save(session: Session, agency_id: str, person_id: str, given: Mapping[str, Any], now: datetime, *, by: str) -> str:
    """Writes a checked form over somebody, or makes them known (`person_id` is ""). Returns the id. Raises PersonError. Commits."""
    begin_writing(session)
    row = session.get(Person, person_id) if person_id else None
    same = [Person.agency_id == agency_id, Person.id != person_id]
    if session.scalar(select(Person.id).where(*same, Person.email == given["email"], Person.active)):
        raise PersonError("email", "Somebody of your agency has this email address already.")
    if given.get("staff_id") and session.scalar(select(Person.id).where(*same, Person.staff_id == given["staff_id"])):
        raise PersonError("staff_id", "Somebody of your agency has this staff id already.")
    if row is None:
        row = Person(agency_id=agency_id, name="", email="")
        session.add(row)
    row.name, row.email = str(given["name"]), str(given["email"])
    row.job_title, row.phone, row.staff_id = given.get("job_title", ""), given.get("phone", ""), given.get("staff_id") or None
    row.team = " ".join(str(given.get("team", "")).split())
    session.flush()
    _hold(session, row, given.get("roles", ()))
    look_where_lost(session, agency_id, now)
    accounts.note(session, by, agency_id, "person changed" if person_id else "person made known", row.id, "", now)
    session.commit()
    return row.id


def _hold(session: Session, person: Person, roles: Collection[Mapping[str, Any]]) -> None:
    """These roles and no others."""
    wanted = {str(one["role"]): str(one.get("deputy_id", "")) for one in roles}
    for held in session.scalars(select(RoleHolder).where(RoleHolder.person_id == person.id)):
        if held.role in wanted:
            held.deputy_id = wanted.pop(held.role) or None
        else:
            session.delete(held)
    for role, deputy in wanted.items():
        session.add(RoleHolder(agency_id=person.agency_id, role=role, person_id=person.id, deputy_id=deputy or None))


def form_of(session: Session, row: Person) -> dict[str, Any]:
    """Somebody as the form shows them."""
    shown: dict[str, Any] = {name: getattr(row, name) or "" for name in ("name", "job_title", "team", "email", "phone", "staff_id")}
    held = session.scalars(select(RoleHolder).where(RoleHolder.person_id == row.id).order_by(RoleHolder.role))
    return {**shown, "roles": [{"role": one.role, "deputy_id": one.deputy_id or ""} for one in held]}


def listed(session: Session, agency_id: str) -> list[tuple[Person, list[RoleHolder]]]:
    """Everybody of an agency with the roles they hold; who left stands last."""
    people = session.scalars(select(Person).where(Person.agency_id == agency_id).order_by(Person.active.desc(), Person.name)).all()
    held = session.scalars(select(RoleHolder).where(RoleHolder.agency_id == agency_id).order_by(RoleHolder.role)).all()
    return [(one, [role for role in held if role.person_id == one.id]) for one in people]


def vacant(session: Session, agency: Agency) -> list[str]:
    """The roles that act at some step of the policy and that nobody of this agency holds, in the policy's own words."""
    try:
        policy = current_policy(session, agency.partnership_id)
    except LookupError:
        return []
    acting = list(dict.fromkeys(role for stage in policy.stages for role in stage.acts if role in policy.roles))
    holders = select(RoleHolder.role).join(Person, Person.id == RoleHolder.person_id)
    held = set(session.scalars(holders.where(RoleHolder.agency_id == agency.id, Person.active)))
    return [policy.roles[role].title for role in acting if role not in held]


def leave(session: Session, keys: Keys, person_id: str, now: datetime, machine_now: datetime, *, by: str) -> None:
    """Somebody left: their sessions and links end at once, and whoever stands behind them is asked. Commits. Raises LookupError.

    To be called on a session that the system is bound to: what was asked of them concerns cases.
    """

    def work() -> list[str]:
        row = session.get(Person, person_id)
        if row is None:
            raise LookupError(person_id)
        row.active = False
        session.execute(delete(WebSession).where(WebSession.person_id == person_id), execution_options={"synchronize_session": False})
        session.execute(delete(RoleHolder).where(RoleHolder.person_id == person_id), execution_options={"synchronize_session": False})
        unset = update(RoleHolder).where(RoleHolder.deputy_id == person_id).values(deputy_id=None)
        session.execute(unset, execution_options={"synchronize_session": False})
        asked = session.scalars(
            select(Invitation).where(Invitation.person_id == f"person:{person_id}", Invitation.ended_at.is_(None))
        ).all()
        for one in asked:
            one.ended_at, one.ended_because = now, "left"
        accounts.note(session, by, row.agency_id, "person left", person_id, "", machine_now)
        return sorted({one.disagreement_id for one in asked})

    for case_id in cases.transact(session, work):
        cases.transact(session, partial(_look_again, session, keys, case_id, now, machine_now))


def _look_again(session: Session, keys: Keys, case_id: str, now: datetime, machine_now: datetime) -> None:
    case = cases.open_case(session, keys, case_id=case_id, lock=True)
    consequences.carry_out(session, case, case.state(now), now, machine_now=machine_now)


def come_back(session: Session, person_id: str, now: datetime, *, by: str) -> None:
    """Somebody who left works here again; roles are given anew. Commits. Raises LookupError."""
    begin_writing(session)
    row = session.get(Person, person_id)
    if row is None:
        raise LookupError(person_id)
    row.active = True
    accounts.note(session, by, row.agency_id, "person back", person_id, "", now)
    session.commit()
