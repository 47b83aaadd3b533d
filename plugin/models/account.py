"""Who signs in at the desk: owners of the installation, administrators of an agency, coordinators of a partnership.

What does not live here: professionals, who come from their record system or by an emailed link and have no account (`directory`).
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from plugin.models.base import Base, new_id


class Account(Base):
    """`role` is owner, administrator (with `agency_id`) or coordinator (with `partnership_id`); `email` is kept in small letters.

    `password` is scrypt ("" until it is chosen), `totp` the sealed secret of the authenticator app, which counts once it is
    `enrolled`; `last_step` is the last half-minute whose code was used, so that no code works twice. `recovery` holds hashes of
    one-time codes, `setup_hash` that of the link by which a password is chosen. `failed` counts tries since the last success.
    """

    __tablename__ = "account"
    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    email: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    role: Mapped[str]
    agency_id: Mapped[str | None] = mapped_column(ForeignKey("agency.id"), index=True)
    partnership_id: Mapped[str | None] = mapped_column(ForeignKey("partnership.id"))
    active: Mapped[bool] = mapped_column(default=True)
    password: Mapped[str] = mapped_column(default="")
    totp: Mapped[bytes | None]
    enrolled: Mapped[bool] = mapped_column(default=False)
    last_step: Mapped[int] = mapped_column(default=0)
    recovery: Mapped[list[Any]] = mapped_column(default=list)
    failed: Mapped[int] = mapped_column(default=0)
    failed_at: Mapped[datetime | None]
    setup_hash: Mapped[str] = mapped_column(default="", index=True)
    setup_until: Mapped[datetime | None]
    created_at: Mapped[datetime]
    last_in_at: Mapped[datetime | None]
