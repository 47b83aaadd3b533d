"""What must follow from a decision, as rows: obligations as projected, invitations, mails, deliveries. Truth; the queue only wakes it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from plugin.models.base import Base, OfCase, new_id

# What alarms are looked for by: few rows of many. Their statements say it in the same words, so that the index serves them.
_UNREACHED = "state IN ('no address', 'bad mailbox', 'away', 'failed', 'bounced')"
_TOP = "rung = 'partnership'"


class ObligationRow(OfCase, Base):
    """An obligation as last evaluated, so that lists and the sweep need no evaluation. Rebuilt by `flask projections rebuild`."""

    __tablename__ = "obligation"
    disagreement_id: Mapped[str] = mapped_column(ForeignKey("disagreement.id"), primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    strength: Mapped[str]
    status: Mapped[str]
    side: Mapped[str]
    role: Mapped[str]
    agency_id: Mapped[str]
    due_at: Mapped[datetime | None]
    next_act_at: Mapped[datetime | None]
    policy_hash: Mapped[str]
    seq: Mapped[int]
    __table_args__ = (
        Index(
            "ix_obligation_next",
            "next_act_at",
            sqlite_where=text("next_act_at IS NOT NULL"),
            postgresql_where=text("next_act_at IS NOT NULL"),
        ),
    )


class Invitation(OfCase, Base):
    """One disagreement, one stage, one role, one person: what an emailed link opens. Live until `ended_at`."""

    __tablename__ = "invitation"
    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    disagreement_id: Mapped[str] = mapped_column(ForeignKey("disagreement.id"), index=True)
    stage: Mapped[str]
    side: Mapped[str]
    role: Mapped[str]
    agency_id: Mapped[str]
    person_id: Mapped[str]
    created_at: Mapped[datetime]
    opened_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    ended_because: Mapped[str] = mapped_column(default="")
    __table_args__ = (UniqueConstraint("disagreement_id", "stage", "role", "person_id"), Index("ix_invitation_person_id", "person_id"))


class InvitationToken(Base):
    """A link that was mailed: only the SHA-256 of its token is kept."""

    __tablename__ = "invitation_token"
    hash: Mapped[str] = mapped_column(primary_key=True)
    invitation_id: Mapped[str] = mapped_column(ForeignKey("invitation.id"), index=True)
    expires_at: Mapped[datetime]


class Code(Base):
    """A six-digit code sent to the mailbox of record: kept as scrypt, bound to one browser, five tries, one use, ten minutes."""

    __tablename__ = "code"
    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    invitation_id: Mapped[str] = mapped_column(ForeignKey("invitation.id"), index=True)
    browser: Mapped[str]
    salt: Mapped[bytes]
    digest: Mapped[bytes]
    tries: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class MailRow(OfCase, Base):
    """A thing to be said by mail, as template and ids. One per (case, obligation, rung, recipient), ever: the constraint says so.

    States: waiting (for `send_at`, business time: an office opens), queued, claimed, sent, deferred (tried, and tried again), cancelled;
    no address, away, failed, bounced: nobody was reached by it; on screen: they were acting when it was asked. Several for one mailbox
    leave as one `letter` (its Message-ID is made of that id). `told_due` is the date they were told: a day, or an instant.
    """

    __tablename__ = "mail"
    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    disagreement_id: Mapped[str] = mapped_column(ForeignKey("disagreement.id"))
    obligation: Mapped[str]
    rung: Mapped[str]
    recipient: Mapped[str]
    template: Mapped[str]
    invitation_id: Mapped[str] = mapped_column(default="")
    state: Mapped[str]
    attempt: Mapped[int] = mapped_column(default=0)
    next_try_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    reason: Mapped[str] = mapped_column(default="")
    letter: Mapped[str] = mapped_column(default="", server_default="")
    send_at: Mapped[datetime | None]
    told_due: Mapped[str] = mapped_column(default="", server_default="")
    __table_args__ = (
        UniqueConstraint("disagreement_id", "obligation", "rung", "recipient"),
        Index(
            "ix_mail_next", "next_try_at", sqlite_where=text("next_try_at IS NOT NULL"), postgresql_where=text("next_try_at IS NOT NULL")
        ),
        Index("ix_mail_waiting", "send_at", sqlite_where=text("send_at IS NOT NULL"), postgresql_where=text("send_at IS NOT NULL")),
        Index("ix_mail_letter", "letter", sqlite_where=text("letter != ''"), postgresql_where=text("letter != ''")),
        Index("ix_mail_recipient", "recipient"),
        Index("ix_mail_unreached", "disagreement_id", sqlite_where=text(_UNREACHED), postgresql_where=text(_UNREACHED)),
        Index("ix_mail_top", "disagreement_id", sqlite_where=text(_TOP), postgresql_where=text(_TOP)),
    )


class Delivery(OfCase, Base):
    """One record for one child's file at one destination. `record` is PD-…/vN, with the child's id after it from the second on.

    States: due, claimed, arrived, on file, needs a person, given up (with a `reason`: by the service itself). `attempt` counts every try
    ever made, `before` those of earlier series (a person who sends it again begins a new one). `asked_at` (business time) is since when
    somebody must see to it by hand, `check_at` (machine time) when we next look whether it is still there, `seen_at` when it was last
    seen. `may_be_twice`: it was sent again although it was not known whether it had arrived. `sealed` is what people said of it: where it
    was filed, a number put right.
    """

    __tablename__ = "delivery"
    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    disagreement_id: Mapped[str] = mapped_column(ForeignKey("disagreement.id"))
    obligation: Mapped[str]
    agency_id: Mapped[str]
    connection_id: Mapped[str]
    child: Mapped[str] = mapped_column(default="", server_default="")
    record: Mapped[str]
    seq: Mapped[int]
    state: Mapped[str]
    attempt: Mapped[int] = mapped_column(default=0)
    before: Mapped[int] = mapped_column(default=0, server_default="0")
    must_look: Mapped[bool] = mapped_column(default=False)
    may_be_twice: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    next_try_at: Mapped[datetime | None]
    asked_at: Mapped[datetime | None]
    check_at: Mapped[datetime | None]
    seen_at: Mapped[datetime | None]
    remote_id: Mapped[str] = mapped_column(default="")
    reason: Mapped[str] = mapped_column(default="")
    sealed: Mapped[bytes | None]
    created_at: Mapped[datetime]
    done_at: Mapped[datetime | None]
    __table_args__ = (
        UniqueConstraint("record", "agency_id"),
        Index("ix_delivery_case", "disagreement_id"),
        Index("ix_delivery_asked", "agency_id", sqlite_where=text("asked_at IS NOT NULL"), postgresql_where=text("asked_at IS NOT NULL")),
        Index("ix_delivery_check", "check_at", sqlite_where=text("check_at IS NOT NULL"), postgresql_where=text("check_at IS NOT NULL")),
        Index(
            "ix_delivery_next",
            "next_try_at",
            sqlite_where=text("next_try_at IS NOT NULL"),
            postgresql_where=text("next_try_at IS NOT NULL"),
        ),
    )


class Attempt(Base):
    """One try at a delivery, for the log: what came of it, in words that hold nothing of the child and no secret.

    `looked`: the peer was searched first. `status` is its last HTTP status (None: it spoke no HTTP, or not at all), `ms` how long it took.
    """

    __tablename__ = "attempt"
    delivery_id: Mapped[str] = mapped_column(ForeignKey("delivery.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime]
    outcome: Mapped[str]
    reason: Mapped[str]
    looked: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    status: Mapped[int | None]
    ms: Mapped[int] = mapped_column(default=0, server_default="0")


class DeliveryAct(OfCase, Base):
    """What a person did about a delivery (or the service, when it looked again): sent it again, filed it, gave it up. Words are sealed
    in the delivery or in the case's events, never here."""

    __tablename__ = "delivery_act"
    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    disagreement_id: Mapped[str] = mapped_column(ForeignKey("disagreement.id"))
    delivery_id: Mapped[str] = mapped_column(ForeignKey("delivery.id"), index=True)
    at: Mapped[datetime]
    actor: Mapped[str]
    what: Mapped[str]


class Circuit(Base):
    """How a connection fares: failures in a row, since when, and until when nothing is sent by it (its deliveries wait, none is lost)."""

    __tablename__ = "circuit"
    connection_id: Mapped[str] = mapped_column(ForeignKey("connection.id"), primary_key=True)
    failures: Mapped[int]
    failing_since: Mapped[datetime | None]
    open_until: Mapped[datetime | None]
    reason: Mapped[str] = mapped_column(default="")
