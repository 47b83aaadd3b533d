"""Agencies, people, who holds which role of the policy at which agency, and who is away until when."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from plugin.models.base import Base, new_id


class Agency(Base):
    """An organisation of the partnership. `type` is an id of the pack's agency types; `traits` such as "board member".

    `hours`: when mail may reach it ({"opens": "08:30", "shuts": "16:30", "closed": ["2026-12-21"]}, or {"always": true}); empty: the
    policy's office hours. `ladder`: its own reminders by strength, in the words of a pack's `reminders`; empty: the policy's.
    `assurance`: how its managers prove who they are behind a link: "mailbox_code" (only with a `risk` that somebody of theirs accepted:
    {"name", "role", "accepted_on"}) or "sso". `off_since`: it does not take part (machine time); `off_ways`: its connections that were on.
    """

    __tablename__ = "agency"
    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    partnership_id: Mapped[str] = mapped_column(ForeignKey("partnership.id"), index=True)
    name: Mapped[str]
    type: Mapped[str]
    traits: Mapped[list[Any]] = mapped_column(default=list)
    duty_desk_email: Mapped[str] = mapped_column(default="")
    hours: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")
    ladder: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")
    assurance: Mapped[str] = mapped_column(default="mailbox_code", server_default="mailbox_code")
    risk: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")
    off_since: Mapped[datetime | None]
    off_ways: Mapped[list[Any]] = mapped_column(default=list, server_default="[]")


class Person(Base):
    """A member of staff. `staff_id` is the agency's own opaque id, as its record system signs it (None: known by mailbox).

    `team` is what the agency calls the team they work in, "" for somebody of the whole agency: who holds a role acts for their team first.
    """

    __tablename__ = "person"
    __table_args__ = (UniqueConstraint("agency_id", "staff_id"),)
    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    agency_id: Mapped[str] = mapped_column(ForeignKey("agency.id"), index=True)
    staff_id: Mapped[str | None]
    name: Mapped[str]
    job_title: Mapped[str] = mapped_column(default="")
    email: Mapped[str] = mapped_column(default="")
    phone: Mapped[str] = mapped_column(default="")
    team: Mapped[str] = mapped_column(default="", server_default="")
    active: Mapped[bool] = mapped_column(default=True)


class RoleHolder(Base):
    """This person holds this role of the policy at this agency; `deputy_id` acts when they do not."""

    __tablename__ = "role_holder"
    __table_args__ = (UniqueConstraint("agency_id", "role", "person_id"),)
    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    agency_id: Mapped[str] = mapped_column(ForeignKey("agency.id"), index=True)
    role: Mapped[str]
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), index=True)
    deputy_id: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    listed: Mapped[int] = mapped_column(default=0)


class Absence(Base):
    """A person is away from `begins_at` until `ends_at` (instants; back at `ends_at`): meanwhile whoever deputises is asked instead."""

    __tablename__ = "absence"
    __table_args__ = (Index("ix_absence_person", "person_id", "ends_at"),)
    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    begins_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    noted_at: Mapped[datetime]
