"""An agency's configured way in (launch profile) and way out (adapter), its secrets, and the launches already spent."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from plugin.models.base import Base, new_id


class Connection(Base):
    """`launch` holds the profile's settings (issuer, keys, origins …), `options` the adapter's; no secret is in either.

    `checked_at`, `working`, `since` and `findings` are what the last test said, and since when it says the same; `launched_at` and
    `skew_seconds` tell of the last launch. A connection that is `retired_at` takes no message any more and says so to its sender.
    """

    __tablename__ = "connection"
    id: Mapped[str] = mapped_column(primary_key=True)
    agency_id: Mapped[str] = mapped_column(ForeignKey("agency.id"), index=True)
    title: Mapped[str]
    enabled: Mapped[bool] = mapped_column(default=True)
    launch: Mapped[dict[str, Any]] = mapped_column(default=dict)
    adapter: Mapped[str] = mapped_column(default="")
    options: Mapped[dict[str, Any]] = mapped_column(default=dict)
    checked_at: Mapped[datetime | None]
    working: Mapped[bool | None]
    since: Mapped[datetime | None]
    findings: Mapped[list[Any]] = mapped_column(default=list, server_default="[]")
    launched_at: Mapped[datetime | None]
    skew_seconds: Mapped[float | None]
    retired_at: Mapped[datetime | None]


class Secret(Base):
    """One secret of a connection, encrypted by the deployment's keys. It goes in and is never shown again.

    `fingerprint` is the end of its SHA-256, by which somebody who knows it can tell that it is this one.
    """

    __tablename__ = "secret"
    __table_args__ = (UniqueConstraint("connection_id", "name"),)
    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    connection_id: Mapped[str] = mapped_column(ForeignKey("connection.id"))
    name: Mapped[str]
    ciphertext: Mapped[bytes]
    created_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]
    fingerprint: Mapped[str] = mapped_column(default="", server_default="")


class KeySet(Base):
    """Public keys fetched from a host's address (JWKS): the last good ones, and when they were last asked for."""

    __tablename__ = "key_set"
    url: Mapped[str] = mapped_column(primary_key=True)
    keys: Mapped[list[Any]] = mapped_column(default=list)
    fetched_at: Mapped[datetime | None]
    tried_at: Mapped[datetime]
    reason: Mapped[str] = mapped_column(default="")


class ProviderPage(Base):
    """What an identity provider last said of itself (`integrations.launch.oidc_provider.Provider`), and when it was last asked."""

    __tablename__ = "provider_page"
    url: Mapped[str] = mapped_column(primary_key=True)
    said: Mapped[dict[str, Any]] = mapped_column(default=dict)
    fetched_at: Mapped[datetime]
    tried_at: Mapped[datetime]


class Ticket(Base):
    """Something that may be done once, soon: a session that a host's server asked for, a sign-in that has gone to an identity provider.

    `id` is the SHA-256 of what the browser brings back; `sealed` what must then be known.
    """

    __tablename__ = "ticket"
    id: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    connection_id: Mapped[str] = mapped_column(default="")
    sealed: Mapped[bytes]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    used_at: Mapped[datetime | None]


class Identity(Base):
    """Who somebody is at an identity provider: issuer and subject together. The same subject of two issuers is two people."""

    __tablename__ = "identity"
    issuer: Mapped[str] = mapped_column(primary_key=True)
    subject: Mapped[str] = mapped_column(primary_key=True)
    agency_id: Mapped[str] = mapped_column(default="")
    person_id: Mapped[str] = mapped_column(default="")
    account_id: Mapped[str] = mapped_column(default="")
    known_since: Mapped[datetime]


class Inbound(Base):
    """A message from a record system, kept 30 days: the same id with the same body gets the same answer, with another body none."""

    __tablename__ = "inbound"
    connection_id: Mapped[str] = mapped_column(primary_key=True)
    message_id: Mapped[str] = mapped_column(primary_key=True)
    receipt_id: Mapped[str] = mapped_column(unique=True)
    body_hash: Mapped[str]
    kind: Mapped[str]
    state: Mapped[str]
    reference: Mapped[str] = mapped_column(default="")
    received_at: Mapped[datetime] = mapped_column(index=True)


class SpentLaunch(Base):
    """A launch's jti, spent in the transaction that made its session: the primary key is what stops a replay."""

    __tablename__ = "spent_launch"
    connection_id: Mapped[str] = mapped_column(primary_key=True)
    nonce: Mapped[str] = mapped_column(primary_key=True)
    expires_at: Mapped[datetime]
