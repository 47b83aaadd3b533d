"""An agency's configured way in (launch profile) and way out (adapter), its secrets, and the launches already spent."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from plugin.models.base import Base, new_id


class Connection(Base):
    """`launch` holds the profile's settings (issuer, keys, origins …), `options` the adapter's; no secret is in either."""

    __tablename__ = "connection"
    id: Mapped[str] = mapped_column(primary_key=True)
    agency_id: Mapped[str] = mapped_column(ForeignKey("agency.id"), index=True)
    title: Mapped[str]
    enabled: Mapped[bool] = mapped_column(default=True)
    launch: Mapped[dict[str, Any]] = mapped_column(default=dict)
    adapter: Mapped[str] = mapped_column(default="")
    options: Mapped[dict[str, Any]] = mapped_column(default=dict)


class Secret(Base):
    """One secret of a connection, encrypted by the deployment's keys. It goes in and is never shown again."""

    __tablename__ = "secret"
    __table_args__ = (UniqueConstraint("connection_id", "name"),)
    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    connection_id: Mapped[str] = mapped_column(ForeignKey("connection.id"))
    name: Mapped[str]
    ciphertext: Mapped[bytes]
    created_at: Mapped[datetime]


class SpentLaunch(Base):
    """A launch's jti, spent in the transaction that made its session: the primary key is what stops a replay."""

    __tablename__ = "spent_launch"
    connection_id: Mapped[str] = mapped_column(primary_key=True)
    nonce: Mapped[str] = mapped_column(primary_key=True)
    expires_at: Mapped[datetime]
