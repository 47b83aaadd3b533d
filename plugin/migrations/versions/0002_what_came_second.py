"""what came second."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "identity",
        sa.Column("issuer", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("agency_id", sa.String(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("known_since", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("issuer", "subject", name=op.f("pk_identity")),
    )
    op.create_table(
        "inbound",
        sa.Column("connection_id", sa.String(), nullable=False),
        sa.Column("message_id", sa.String(), nullable=False),
        sa.Column("receipt_id", sa.String(), nullable=False),
        sa.Column("body_hash", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("connection_id", "message_id", name=op.f("pk_inbound")),
        sa.UniqueConstraint("receipt_id", name=op.f("uq_inbound_receipt_id")),
    )
    with op.batch_alter_table("inbound", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_inbound_received_at"), ["received_at"], unique=False)

    op.create_table(
        "incoming_mail",
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("mail", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_incoming_mail")),
    )
    with op.batch_alter_table("incoming_mail", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_incoming_mail_mail"), ["mail"], unique=False)

    op.create_table(
        "key_set",
        sa.Column("url", sa.String(), nullable=False),
        sa.Column("keys", sa.JSON(), nullable=False),
        sa.Column("fetched_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tried_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("url", name=op.f("pk_key_set")),
    )
    op.create_table(
        "mail_token",
        sa.Column("hash", sa.String(), nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("recipient", sa.String(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_mail_token")),
    )
    with op.batch_alter_table("mail_token", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_mail_token_digest"), ["digest"], unique=False)

    op.create_table(
        "mailbox",
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("choice", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_mailbox")),
    )
    op.create_table(
        "ticket",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("connection_id", sa.String(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket")),
    )
    with op.batch_alter_table("ticket", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_ticket_expires_at"), ["expires_at"], unique=False)

    op.create_table(
        "mail_template",
        sa.Column("partnership_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["partnership_id"], ["partnership.id"], name=op.f("fk_mail_template_partnership_id")),
        sa.PrimaryKeyConstraint("partnership_id", "name", name=op.f("pk_mail_template")),
    )
    op.create_table(
        "account",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("agency_id", sa.String(), nullable=True),
        sa.Column("partnership_id", sa.String(), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("password", sa.String(), nullable=False),
        sa.Column("totp", sa.LargeBinary(), nullable=True),
        sa.Column("enrolled", sa.Boolean(), nullable=False),
        sa.Column("last_step", sa.Integer(), nullable=False),
        sa.Column("recovery", sa.JSON(), nullable=False),
        sa.Column("failed", sa.Integer(), nullable=False),
        sa.Column("failed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("setup_hash", sa.String(), nullable=False),
        sa.Column("setup_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_in_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_account_agency_id")),
        sa.ForeignKeyConstraint(["partnership_id"], ["partnership.id"], name=op.f("fk_account_partnership_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
        sa.UniqueConstraint("email", name=op.f("uq_account_email")),
    )
    with op.batch_alter_table("account", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_account_agency_id"), ["agency_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_account_setup_hash"), ["setup_hash"], unique=False)

    op.create_table(
        "advice",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("agency_id", sa.String(), nullable=False),
        sa.Column("partnership_id", sa.String(), nullable=False),
        sa.Column("policy_hash", sa.String(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("child_key", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("form_version", sa.Integer(), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_advice_agency_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_advice")),
    )
    with op.batch_alter_table("advice", schema=None) as batch_op:
        batch_op.create_index("ix_advice_child", ["agency_id", "child_key"], unique=False)

    op.create_table(
        "absence",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("begins_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("noted_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_absence_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_absence")),
    )
    with op.batch_alter_table("absence", schema=None) as batch_op:
        batch_op.create_index("ix_absence_person", ["person_id", "ends_at"], unique=False)

    op.create_table(
        "child_key",
        sa.Column("disagreement_id", sa.String(), nullable=False),
        sa.Column("agency_id", sa.String(), nullable=False),
        sa.Column("child_key", sa.String(), nullable=False),
        sa.Column("child", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_child_key_agency_id")),
        sa.ForeignKeyConstraint(["disagreement_id"], ["disagreement.id"], name=op.f("fk_child_key_disagreement_id")),
        sa.PrimaryKeyConstraint("disagreement_id", "agency_id", "child_key", name=op.f("pk_child_key")),
    )
    with op.batch_alter_table("child_key", schema=None) as batch_op:
        batch_op.create_index("ix_child_key_agency_child", ["agency_id", "child_key"], unique=False)

    op.create_table(
        "circuit",
        sa.Column("connection_id", sa.String(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("failing_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("open_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["connection_id"], ["connection.id"], name=op.f("fk_circuit_connection_id")),
        sa.PrimaryKeyConstraint("connection_id", name=op.f("pk_circuit")),
    )
    op.create_table(
        "delivery_act",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("disagreement_id", sa.String(), nullable=False),
        sa.Column("delivery_id", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("what", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["delivery_id"], ["delivery.id"], name=op.f("fk_delivery_act_delivery_id")),
        sa.ForeignKeyConstraint(["disagreement_id"], ["disagreement.id"], name=op.f("fk_delivery_act_disagreement_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery_act")),
    )
    with op.batch_alter_table("delivery_act", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_delivery_act_delivery_id"), ["delivery_id"], unique=False)

    with op.batch_alter_table("agency", schema=None) as batch_op:
        batch_op.add_column(sa.Column("hours", sa.JSON(), server_default="{}", nullable=False))
        batch_op.add_column(sa.Column("ladder", sa.JSON(), server_default="{}", nullable=False))
        batch_op.add_column(sa.Column("assurance", sa.String(), server_default="mailbox_code", nullable=False))
        batch_op.add_column(sa.Column("risk", sa.JSON(), server_default="{}", nullable=False))

    with op.batch_alter_table("attempt", schema=None) as batch_op:
        batch_op.add_column(sa.Column("looked", sa.Boolean(), server_default=sa.text("(false)"), nullable=False))
        batch_op.add_column(sa.Column("status", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("ms", sa.Integer(), server_default="0", nullable=False))

    with op.batch_alter_table("connection", schema=None) as batch_op:
        batch_op.add_column(sa.Column("checked_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("working", sa.Boolean(), nullable=True))
        batch_op.add_column(sa.Column("since", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("findings", sa.JSON(), server_default="[]", nullable=False))
        batch_op.add_column(sa.Column("launched_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("skew_seconds", sa.Double(), nullable=True))
        batch_op.add_column(sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True))

    with op.batch_alter_table("delivery", schema=None) as batch_op:
        batch_op.add_column(sa.Column("child", sa.String(), server_default="", nullable=False))
        batch_op.add_column(sa.Column("before", sa.Integer(), server_default="0", nullable=False))
        batch_op.add_column(sa.Column("may_be_twice", sa.Boolean(), server_default=sa.text("(false)"), nullable=False))
        batch_op.add_column(sa.Column("asked_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("check_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("sealed", sa.LargeBinary(), nullable=True))
        batch_op.create_index(
            "ix_delivery_asked",
            ["agency_id"],
            unique=False,
            sqlite_where=sa.text("asked_at IS NOT NULL"),
            postgresql_where=sa.text("asked_at IS NOT NULL"),
        )
        batch_op.create_index(
            "ix_delivery_check",
            ["check_at"],
            unique=False,
            sqlite_where=sa.text("check_at IS NOT NULL"),
            postgresql_where=sa.text("check_at IS NOT NULL"),
        )

    with op.batch_alter_table("mail", schema=None) as batch_op:
        batch_op.add_column(sa.Column("letter", sa.String(), server_default="", nullable=False))
        batch_op.add_column(sa.Column("send_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("told_due", sa.String(), server_default="", nullable=False))
        batch_op.create_index(
            "ix_mail_letter", ["letter"], unique=False, sqlite_where=sa.text("letter != ''"), postgresql_where=sa.text("letter != ''")
        )
        batch_op.create_index("ix_mail_recipient", ["recipient"], unique=False)
        batch_op.create_index(
            "ix_mail_top",
            ["disagreement_id"],
            unique=False,
            sqlite_where=sa.text("rung = 'partnership'"),
            postgresql_where=sa.text("rung = 'partnership'"),
        )
        batch_op.create_index(
            "ix_mail_unreached",
            ["disagreement_id"],
            unique=False,
            sqlite_where=sa.text("state IN ('no address', 'bad mailbox', 'away', 'failed', 'bounced')"),
            postgresql_where=sa.text("state IN ('no address', 'bad mailbox', 'away', 'failed', 'bounced')"),
        )
        batch_op.create_index(
            "ix_mail_waiting",
            ["send_at"],
            unique=False,
            sqlite_where=sa.text("send_at IS NOT NULL"),
            postgresql_where=sa.text("send_at IS NOT NULL"),
        )

    with op.batch_alter_table("partnership", schema=None) as batch_op:
        batch_op.add_column(sa.Column("hours", sa.JSON(), server_default="{}", nullable=False))

    with op.batch_alter_table("secret", schema=None) as batch_op:
        batch_op.add_column(sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("fingerprint", sa.String(), server_default="", nullable=False))

    with op.batch_alter_table("web_session", schema=None) as batch_op:
        batch_op.add_column(sa.Column("account_id", sa.String(), server_default="", nullable=False))
        batch_op.add_column(sa.Column("handoff", sa.String(), nullable=False))
        batch_op.add_column(sa.Column("handoff_until", sa.DateTime(timezone=True), nullable=True))
        batch_op.create_index(batch_op.f("ix_web_session_account_id"), ["account_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_web_session_handoff"), ["handoff"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("web_session", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_web_session_handoff"))
        batch_op.drop_index(batch_op.f("ix_web_session_account_id"))
        batch_op.drop_column("handoff_until")
        batch_op.drop_column("handoff")
        batch_op.drop_column("account_id")

    with op.batch_alter_table("secret", schema=None) as batch_op:
        batch_op.drop_column("fingerprint")
        batch_op.drop_column("last_used_at")

    with op.batch_alter_table("partnership", schema=None) as batch_op:
        batch_op.drop_column("hours")

    with op.batch_alter_table("mail", schema=None) as batch_op:
        batch_op.drop_index("ix_mail_waiting", sqlite_where=sa.text("send_at IS NOT NULL"), postgresql_where=sa.text("send_at IS NOT NULL"))
        batch_op.drop_index(
            "ix_mail_unreached",
            sqlite_where=sa.text("state IN ('no address', 'bad mailbox', 'away', 'failed', 'bounced')"),
            postgresql_where=sa.text("state IN ('no address', 'bad mailbox', 'away', 'failed', 'bounced')"),
        )
        batch_op.drop_index("ix_mail_top", sqlite_where=sa.text("rung = 'partnership'"), postgresql_where=sa.text("rung = 'partnership'"))
        batch_op.drop_index("ix_mail_recipient")
        batch_op.drop_index("ix_mail_letter", sqlite_where=sa.text("letter != ''"), postgresql_where=sa.text("letter != ''"))
        batch_op.drop_column("told_due")
        batch_op.drop_column("send_at")
        batch_op.drop_column("letter")

    with op.batch_alter_table("delivery", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_delivery_check", sqlite_where=sa.text("check_at IS NOT NULL"), postgresql_where=sa.text("check_at IS NOT NULL")
        )
        batch_op.drop_index(
            "ix_delivery_asked", sqlite_where=sa.text("asked_at IS NOT NULL"), postgresql_where=sa.text("asked_at IS NOT NULL")
        )
        batch_op.drop_column("sealed")
        batch_op.drop_column("seen_at")
        batch_op.drop_column("check_at")
        batch_op.drop_column("asked_at")
        batch_op.drop_column("may_be_twice")
        batch_op.drop_column("before")
        batch_op.drop_column("child")

    with op.batch_alter_table("connection", schema=None) as batch_op:
        batch_op.drop_column("retired_at")
        batch_op.drop_column("skew_seconds")
        batch_op.drop_column("launched_at")
        batch_op.drop_column("findings")
        batch_op.drop_column("since")
        batch_op.drop_column("working")
        batch_op.drop_column("checked_at")

    with op.batch_alter_table("attempt", schema=None) as batch_op:
        batch_op.drop_column("ms")
        batch_op.drop_column("status")
        batch_op.drop_column("looked")

    with op.batch_alter_table("agency", schema=None) as batch_op:
        batch_op.drop_column("risk")
        batch_op.drop_column("assurance")
        batch_op.drop_column("ladder")
        batch_op.drop_column("hours")

    with op.batch_alter_table("delivery_act", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_delivery_act_delivery_id"))

    op.drop_table("delivery_act")
    op.drop_table("circuit")
    with op.batch_alter_table("child_key", schema=None) as batch_op:
        batch_op.drop_index("ix_child_key_agency_child")

    op.drop_table("child_key")
    with op.batch_alter_table("absence", schema=None) as batch_op:
        batch_op.drop_index("ix_absence_person")

    op.drop_table("absence")
    with op.batch_alter_table("advice", schema=None) as batch_op:
        batch_op.drop_index("ix_advice_child")

    op.drop_table("advice")
    with op.batch_alter_table("account", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_account_setup_hash"))
        batch_op.drop_index(batch_op.f("ix_account_agency_id"))

    op.drop_table("account")
    op.drop_table("mail_template")
    with op.batch_alter_table("ticket", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_ticket_expires_at"))

    op.drop_table("ticket")
    op.drop_table("mailbox")
    with op.batch_alter_table("mail_token", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_mail_token_digest"))

    op.drop_table("mail_token")
    op.drop_table("key_set")
    with op.batch_alter_table("incoming_mail", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_incoming_mail_mail"))

    op.drop_table("incoming_mail")
    with op.batch_alter_table("inbound", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_inbound_received_at"))

    op.drop_table("inbound")
    op.drop_table("identity")
