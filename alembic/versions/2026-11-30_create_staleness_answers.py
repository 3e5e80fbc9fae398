"""Create the answers on staleness

Revision: 0033
Follows: 0032
Created: 2026-11-30
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "staleness_answers",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="surrogate key",
        ),
        sa.Column(
            "connector_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="connector",
        ),
        sa.Column(
            "state",
            sa.String(length=64),
            nullable=False,
            comment="active, quiet, stale, abandoned, never_used or unknown",
        ),
        sa.Column(
            "score",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=True,
            comment="0 (in use) to 100 (abandoned); null if too little is known",
        ),
        sa.Column(
            "parts",
            sa.JSON().with_variant(postgresql.JSONB(), "postgresql"),
            nullable=False,
            comment="the arithmetic: part, what was found, points, of how many",
        ),
        sa.Column(
            "last_used_on",
            sa.Date(),
            nullable=True,
            comment="last day of use by the best evidence there is",
        ),
        sa.Column(
            "evidence",
            sa.String(length=64),
            nullable=True,
            comment="grade of that evidence, e.g. call, run",
        ),
        sa.Column("source", sa.String(length=64), nullable=True, comment="source of that evidence"),
        sa.Column(
            "profile",
            sa.String(length=64),
            nullable=False,
            comment="thresholds it was judged by, e.g. production",
        ),
        sa.Column(
            "known",
            sa.Boolean(),
            nullable=False,
            comment="everything that could tell of use was read",
        ),
        sa.Column(
            "reason", sa.String(length=1000), nullable=False, comment="the verdict in one sentence"
        ),
        sa.Column(
            "from_run",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="first run that found it so",
        ),
        sa.Column(
            "to_run",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=True,
            comment="first run that found it otherwise",
        ),
        sa.ForeignKeyConstraint(
            ["connector_id"], ["connectors.id"], name=op.f("fk_staleness_answers_connector_id")
        ),
        sa.ForeignKeyConstraint(
            ["from_run"], ["runs.id"], name=op.f("fk_staleness_answers_from_run")
        ),
        sa.ForeignKeyConstraint(["to_run"], ["runs.id"], name=op.f("fk_staleness_answers_to_run")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staleness_answers")),
    )
    with op.batch_alter_table("staleness_answers", schema=None) as batch_op:
        batch_op.create_index(
            "uq_staleness_answers_open",
            ["connector_id"],
            unique=True,
            sqlite_where=sa.text("to_run IS NULL"),
            postgresql_where=sa.text("to_run IS NULL"),
        )


def downgrade() -> None:
    with op.batch_alter_table("staleness_answers", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_staleness_answers_open",
            sqlite_where=sa.text("to_run IS NULL"),
            postgresql_where=sa.text("to_run IS NULL"),
        )

    op.drop_table("staleness_answers")
