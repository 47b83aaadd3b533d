"""What the running service notes about itself and its readers: drafts, the access log, heartbeats, the demo's clock."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from plugin.models.base import Base, new_id


class Draft(Base):
    """What somebody typed and has not sent, sealed. `owner` names person, child or case, and form: one draft each."""

    __tablename__ = "draft"
    owner: Mapped[str] = mapped_column(primary_key=True)
    sealed: Mapped[bytes]
    saved_at: Mapped[datetime]


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
