"""What the running service notes about itself and its readers: drafts, advice, the access log, heartbeats, the demo's clock."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from plugin.models.base import Base, new_id


class Draft(Base):
    """What somebody typed and has not sent, sealed. `owner` names person, child or case, and form: one draft each."""

    __tablename__ = "draft"
    owner: Mapped[str] = mapped_column(primary_key=True)
    sealed: Mapped[bytes]
    saved_at: Mapped[datetime]


class Advice(Base):
    """Advice that somebody asked for before or instead of raising a disagreement: their agency's own, in no case, with its words sealed.

    `child_key` as in `Participant`; `facts` are the form's codes, for counting (whether they went on to raise it is one of them).
    """

    __tablename__ = "advice"
    __table_args__ = (Index("ix_advice_child", "agency_id", "child_key"),)
    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    agency_id: Mapped[str] = mapped_column(ForeignKey("agency.id"))
    partnership_id: Mapped[str]
    policy_hash: Mapped[str]
    person_id: Mapped[str]
    child_key: Mapped[str]
    at: Mapped[datetime]
    form_version: Mapped[int]
    facts: Mapped[dict[str, Any]]
    sealed: Mapped[bytes]


class Access(Base):
    """Who looked at what, or was refused: ids and codes only."""

    __tablename__ = "access"
    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    at: Mapped[datetime] = mapped_column(index=True)
    actor: Mapped[str]
    agency: Mapped[str]
    action: Mapped[str]
    subject: Mapped[str]
    result: Mapped[str]


class Checkpoint(Base):
    """The signed list of the chains' heads of one day (UTC, 2027-01-18): `text` as an auditor is given it, `digest` its SHA-256."""

    __tablename__ = "checkpoint"
    day: Mapped[str] = mapped_column(primary_key=True)
    made_at: Mapped[datetime]
    text: Mapped[str] = mapped_column(Text)
    digest: Mapped[str]


class Heartbeat(Base):
    """When a part of the service last showed that it is alive."""

    __tablename__ = "heartbeat"
    name: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime]


class ClockOffset(Base):
    """The demo's clock: seconds that business time is ahead of real time. One row, read by every process."""

    __tablename__ = "clock_offset"
    id: Mapped[int] = mapped_column(primary_key=True)
    seconds: Mapped[int]
