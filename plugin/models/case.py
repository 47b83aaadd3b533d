"""A disagreement, its events (appended, hash-chained), who takes part, and the child as each agency knows them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from plugin.models.base import Base, OfCase, new_id


class Disagreement(Base):
    """The case. `seq` and `head` are the chain's end; `status`, `stage`, `due_at` repeat what evaluation says, for lists.

    `key` is the case's data key, wrapped by the deployment's; without it the sealed parts are gone and the chain still verifies.
    `closed_at` (business time) is since when it is closed, `removed_at` when its words were removed for good (`services.desk.retention`).
    """

    __tablename__ = "disagreement"
    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    reference: Mapped[str] = mapped_column(unique=True)
    partnership_id: Mapped[str] = mapped_column(ForeignKey("partnership.id"))
    policy_hash: Mapped[str] = mapped_column(ForeignKey("policy_version.hash"))
    created_at: Mapped[datetime]
    key: Mapped[bytes | None]
    seq: Mapped[int]
    head: Mapped[str]
    status: Mapped[str]
    stage: Mapped[str]
    outcome: Mapped[str] = mapped_column(default="")
    due_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    removed_at: Mapped[datetime | None]
    __table_args__ = (
        Index(
            "ix_disagreement_closed",
            "partnership_id",
            "closed_at",
            sqlite_where=text("removed_at IS NULL"),
            postgresql_where=text("removed_at IS NULL"),
        ),
    )


class EventRow(OfCase, Base):
    """One event (`policies.parts.schema.Event`) with its sealed text and its place in the chain."""

    __tablename__ = "event"
    disagreement_id: Mapped[str] = mapped_column(ForeignKey("disagreement.id"), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    at: Mapped[datetime]
    recorded_at: Mapped[datetime]
    about: Mapped[str]
    side: Mapped[str]
    stage: Mapped[str]
    actor: Mapped[str]
    agency: Mapped[str]
    facts: Mapped[dict[str, Any]]
    sealed: Mapped[bytes | None]
    sealed_hash: Mapped[str]
    previous: Mapped[str]
    hash: Mapped[str]
    __table_args__ = (Index("ix_event_actor", "actor"),)


class Participant(OfCase, Base):
    """An agency takes part, on a side; `person_id` is who was named for it. These rows decide who sees a case.

    Inside one organisation the side is "both": then `person_id` raised it, and `answering_id` is who was named for the other side. One row
    all the same: it is one agency, with one file on which one record is put.
    """

    __tablename__ = "participant"
    disagreement_id: Mapped[str] = mapped_column(ForeignKey("disagreement.id"), primary_key=True)
    agency_id: Mapped[str] = mapped_column(ForeignKey("agency.id"), primary_key=True)
    side: Mapped[str]
    person_id: Mapped[str] = mapped_column(default="")
    child_key: Mapped[str] = mapped_column(default="")
    answering_id: Mapped[str] = mapped_column(default="", server_default="")
    __table_args__ = (Index("ix_participant_agency_child", "agency_id", "child_key"),)


class ChildKey(OfCase, Base):
    """A further child of a case, by one of the keys under which an agency finds it again; what the record system's child comes by.

    `child` is the engine's id ("c2"). The child it was raised on stands in `participant`.
    """

    __tablename__ = "child_key"
    disagreement_id: Mapped[str] = mapped_column(ForeignKey("disagreement.id"), primary_key=True)
    agency_id: Mapped[str] = mapped_column(ForeignKey("agency.id"), primary_key=True)
    child_key: Mapped[str] = mapped_column(primary_key=True)
    child: Mapped[str]
    __table_args__ = (Index("ix_child_key_agency_child", "agency_id", "child_key"),)


class Contact(OfCase, Base):
    """Somebody named in one case who is in no directory (a reviewing officer, "someone else"): sealed with the case's key."""

    __tablename__ = "contact"
    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    disagreement_id: Mapped[str] = mapped_column(ForeignKey("disagreement.id"), index=True)
    agency_id: Mapped[str] = mapped_column(default="")
    role: Mapped[str]
    sealed: Mapped[bytes]
