"""Sessions of the frame, of an emailed link and of administration: one table."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from plugin.models.base import Base


class WebSession(Base):
    """`id` is the SHA-256 of the token the browser holds. `kind` is frame, tab or link. `sealed` holds the child's details of a launch.

    `handoff` is the SHA-256 of the code that takes a frame into a tab of its own; good once, until `handoff_until`.
    """

    __tablename__ = "web_session"
    id: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    agency_id: Mapped[str]
    person_id: Mapped[str]
    connection_id: Mapped[str] = mapped_column(default="")
    invitation_id: Mapped[str] = mapped_column(default="")
    account_id: Mapped[str] = mapped_column(default="", server_default="", index=True)
    child_key: Mapped[str] = mapped_column(default="")
    host_session: Mapped[str] = mapped_column(default="")
    sealed: Mapped[bytes | None]
    started: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    handoff: Mapped[str] = mapped_column(default="", index=True)
    handoff_until: Mapped[datetime | None]
