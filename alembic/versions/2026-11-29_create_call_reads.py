"""Remember how far logs of calls were read

Revision: 0023
Follows: 0022
Created: 2026-11-29
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "call_summaries",
        sa.Column("source", sa.String(length=64), nullable=False, comment="source of calls"),
        sa.Column(
            "log", sa.String(length=64), nullable=False, comment="name of the log in the settings"
        ),
        sa.Column("day", sa.Date(), nullable=False, comment="UTC day"),
        sa.Column(
            "target_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
            comment="call target; 0 for a day without calls",
        ),
        sa.PrimaryKeyConstraint(
            "source", "log", "day", "target_id", name=op.f("pk_call_summaries")
        ),
    )
    op.create_table(
        "call_gaps",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="surrogate key",
        ),
        sa.Column("source", sa.String(length=64), nullable=False, comment="source of calls"),
        sa.Column(
            "log", sa.String(length=64), nullable=False, comment="name of the log in the settings"
        ),
        sa.Column(
            "from_at",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="first moment that is missing",
        ),
        sa.Column(
            "to_at", sa.DateTime(timezone=True), nullable=False, comment="first moment that is not"
        ),
        sa.Column("reason", sa.String(length=1000), nullable=False, comment="why it is lost"),
        sa.Column(
            "run_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="run that found it",
        ),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_call_gaps_run_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_call_gaps")),
    )
    with op.batch_alter_table("call_gaps", schema=None) as batch_op:
        batch_op.create_index("ix_call_gaps_source_log", ["source", "log"], unique=False)

    op.create_table(
        "call_reads",
        sa.Column("source", sa.String(length=64), nullable=False, comment="source of calls"),
        sa.Column(
            "log", sa.String(length=64), nullable=False, comment="name of the log in the settings"
        ),
        sa.Column(
            "read_to",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="by when rows were taken in by the service",
        ),
        sa.Column(
            "run_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="run that read so far",
        ),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_call_reads_run_id")),
        sa.PrimaryKeyConstraint("source", "log", name=op.f("pk_call_reads")),
    )


def downgrade() -> None:
    op.drop_table("call_reads")
    with op.batch_alter_table("call_gaps", schema=None) as batch_op:
        batch_op.drop_index("ix_call_gaps_source_log")

    op.drop_table("call_gaps")
    op.drop_table("call_summaries")
