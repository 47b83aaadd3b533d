"""Partnerships, the policies they activated (text kept under its hash, for ever), and the dated contacts a pack leaves open."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Text
from sqlalchemy.orm import Mapped, mapped_column

from plugin.models.base import Base, new_id


class Partnership(Base):
    """The multi-agency body that owns a policy. `areas`: the nine-character codes of where it holds.

    `hours`: when mail is sent where an agency says nothing of its own (`services.notices.office`); empty: the policy's office hours.
    `keep_years`: how long a closed case is kept, in years after closing (0: for good); `keep_since`: since when that is so.
    """

    __tablename__ = "partnership"
    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    title: Mapped[str]
    duty_desk_email: Mapped[str] = mapped_column(default="")
    coordinator_email: Mapped[str] = mapped_column(default="")
    areas: Mapped[list[Any]] = mapped_column(default=list)
    hours: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")
    keep_years: Mapped[int] = mapped_column(default=0, server_default="0")
    keep_since: Mapped[datetime | None]


class PolicyVersion(Base):
    """A pack as it was activated: `hash` is the SHA-256 of `text`. Never changed; a case keeps the one it was raised under."""

    __tablename__ = "policy_version"
    hash: Mapped[str] = mapped_column(primary_key=True)
    partnership_id: Mapped[str] = mapped_column(ForeignKey("partnership.id"), index=True)
    pack_id: Mapped[str]
    version: Mapped[str]
    language: Mapped[int]
    text: Mapped[str] = mapped_column(Text)
    activated_at: Mapped[datetime]
    retired_at: Mapped[datetime | None]


class Binding(Base):
    """A contact the pack names but does not know ("business manager mailbox"): who it is, from when, until when."""

    __tablename__ = "binding"
    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    partnership_id: Mapped[str] = mapped_column(ForeignKey("partnership.id"), index=True)
    name: Mapped[str]
    title: Mapped[str]
    email: Mapped[str]
    valid_from: Mapped[datetime]
    valid_to: Mapped[datetime | None]
