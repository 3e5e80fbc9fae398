"""Create the counts of flow runs

Revision: 0011
Follows: 0010
Created: 2026-11-23
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "flow_run_days",
        sa.Column(
            "flow_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="flow",
        ),
        sa.Column("day", sa.Date(), nullable=False, comment="UTC day runs started on"),
        sa.Column("source", sa.String(length=64), nullable=False, comment="flow_api or dataverse"),
        sa.Column(
            "succeeded",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="runs that succeeded",
        ),
        sa.Column(
            "failed",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="runs that failed, timed out or were aborted",
        ),
        sa.Column(
            "cancelled",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="runs that were cancelled",
        ),
        sa.Column(
            "unfinished",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="runs under way when last read",
        ),
        sa.Column(
            "other",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="runs whose end has a name that is not known",
        ),
        sa.Column(
            "run_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="run that found it so",
        ),
        sa.ForeignKeyConstraint(["flow_id"], ["flows.id"], name=op.f("fk_flow_run_days_flow_id")),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_flow_run_days_run_id")),
        sa.PrimaryKeyConstraint("flow_id", "day", "source", name=op.f("pk_flow_run_days")),
    )


def downgrade() -> None:
    op.drop_table("flow_run_days")
