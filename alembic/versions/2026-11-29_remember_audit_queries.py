"""Remember what was asked of the audit log after it had expired

Revision: 0024
Follows: 0023
Created: 2026-11-29
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "audit_queries",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="surrogate key",
        ),
        sa.Column(
            "query_key", sa.String(length=450), nullable=False, comment="its id at the service"
        ),
        sa.Column(
            "from_at",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="what was handed out from here on",
        ),
        sa.Column(
            "to_at",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="and before this is what it asks for",
        ),
        sa.Column(
            "state",
            sa.String(length=64),
            nullable=False,
            comment="asked, filled, failed, cancelled, or gone: no longer known to the service",
        ),
        sa.Column(
            "records",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="records it was answered with, of whatever kind",
        ),
        sa.Column(
            "asked_at", sa.DateTime(timezone=True), nullable=False, comment="when it was asked"
        ),
        sa.Column(
            "run_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="run that asked it, or read its answer",
        ),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_audit_queries_run_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_queries")),
    )


def downgrade() -> None:
    op.drop_table("audit_queries")
