"""What is known of mailboxes and of mail that came back, what people chose, and an administrator's own wording. Mails are in `ledger`."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from plugin.models.base import Base


class Mailbox(Base):
    """What is known of a mailbox, by a digest of its address. `state`: "" (well), bad (mail came back), away (until `until`).

    `choice`: together (what is due at one time is one mail), single (each by itself), daily (what can wait comes once a day).
    """

    __tablename__ = "mailbox"
    digest: Mapped[str] = mapped_column(primary_key=True)
    state: Mapped[str] = mapped_column(default="")
    reason: Mapped[str] = mapped_column(default="")
    since: Mapped[datetime | None]
    until: Mapped[datetime | None]
    choice: Mapped[str] = mapped_column(default="together")


class MailToken(Base):
    """A quiet link or a calendar feed: only the SHA-256 of its token is kept. `purpose`: choice or feed."""

    __tablename__ = "mail_token"
    hash: Mapped[str] = mapped_column(primary_key=True)
    purpose: Mapped[str]
    digest: Mapped[str] = mapped_column(index=True)
    recipient: Mapped[str] = mapped_column(default="")
    expires_at: Mapped[datetime]


class MailTemplate(Base):
    """A partnership's own wording of a mail; without one the wording that comes with the service holds."""

    __tablename__ = "mail_template"
    partnership_id: Mapped[str] = mapped_column(ForeignKey("partnership.id"), primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)
    text: Mapped[str]
    changed_at: Mapped[datetime]
    changed_by: Mapped[str] = mapped_column(default="")


class Incoming(Base):
    """A mail that came in (a bounce, an out-of-office reply, an answer typed as a reply), known by a digest so that none counts twice.

    `kind`: failed, delayed, away, reply, other. `mail` is the letter it is about ("" where that cannot be told).
    """

    __tablename__ = "incoming_mail"
    digest: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    mail: Mapped[str] = mapped_column(default="", index=True)
    reason: Mapped[str] = mapped_column(default="")
    at: Mapped[datetime]
    seen_at: Mapped[datetime | None]
