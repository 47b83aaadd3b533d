"""what came third."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "checkpoint",
        sa.Column("day", sa.String(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_checkpoint")),
    )
    op.create_table(
        "provider_page",
        sa.Column("url", sa.String(), nullable=False),
        sa.Column("said", sa.JSON(), nullable=False),
        sa.Column("fetched_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tried_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("url", name=op.f("pk_provider_page")),
    )
    op.create_table(
        "hold",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("disagreement_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["disagreement_id"], ["disagreement.id"], name=op.f("fk_hold_disagreement_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hold")),
    )
    with op.batch_alter_table("hold", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_hold_disagreement_id"), ["disagreement_id"], unique=False)

    with op.batch_alter_table("agency", schema=None) as batch_op:
        batch_op.add_column(sa.Column("off_since", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("off_ways", sa.JSON(), server_default="[]", nullable=False))

    with op.batch_alter_table("disagreement", schema=None) as batch_op:
        batch_op.add_column(sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.create_index(
            "ix_disagreement_closed",
            ["partnership_id", "closed_at"],
            unique=False,
            sqlite_where=sa.text("removed_at IS NULL"),
            postgresql_where=sa.text("removed_at IS NULL"),
        )

    with op.batch_alter_table("invitation", schema=None) as batch_op:
        batch_op.create_index("ix_invitation_person_id", ["person_id"], unique=False)

    with op.batch_alter_table("participant", schema=None) as batch_op:
        batch_op.add_column(sa.Column("answering_id", sa.String(), server_default="", nullable=False))

    with op.batch_alter_table("partnership", schema=None) as batch_op:
        batch_op.add_column(sa.Column("keep_years", sa.Integer(), server_default="0", nullable=False))
        batch_op.add_column(sa.Column("keep_since", sa.DateTime(timezone=True), nullable=True))

    with op.batch_alter_table("person", schema=None) as batch_op:
        batch_op.add_column(sa.Column("team", sa.String(), server_default="", nullable=False))

    with op.batch_alter_table("role_holder", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_role_holder_person_id"), ["person_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("role_holder", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_role_holder_person_id"))

    with op.batch_alter_table("person", schema=None) as batch_op:
        batch_op.drop_column("team")

    with op.batch_alter_table("partnership", schema=None) as batch_op:
        batch_op.drop_column("keep_since")
        batch_op.drop_column("keep_years")

    with op.batch_alter_table("participant", schema=None) as batch_op:
        batch_op.drop_column("answering_id")

    with op.batch_alter_table("invitation", schema=None) as batch_op:
        batch_op.drop_index("ix_invitation_person_id")

    with op.batch_alter_table("disagreement", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_disagreement_closed", sqlite_where=sa.text("removed_at IS NULL"), postgresql_where=sa.text("removed_at IS NULL")
        )
        batch_op.drop_column("removed_at")
        batch_op.drop_column("closed_at")

    with op.batch_alter_table("agency", schema=None) as batch_op:
        batch_op.drop_column("off_ways")
        batch_op.drop_column("off_since")

    with op.batch_alter_table("hold", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_hold_disagreement_id"))

    op.drop_table("hold")
    op.drop_table("provider_page")
    op.drop_table("checkpoint")
