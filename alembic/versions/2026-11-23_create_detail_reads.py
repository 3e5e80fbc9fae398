"""Remember which details were read, and how many were not read again

Revision: 0014
Follows: 0013
Created: 2026-11-23
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "detail_reads",
        sa.Column("noun", sa.String(length=64), nullable=False, comment="table of the row"),
        sa.Column(
            "detail",
            sa.String(length=64),
            nullable=False,
            comment="definition, roles or members: what was read",
        ),
        sa.Column(
            "entity_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
            comment="surrogate key in that table",
        ),
        sa.Column(
            "stamp",
            sa.String(length=1000),
            nullable=True,
            comment="change stamp the service told for it then",
        ),
        sa.Column(
            "read_at", sa.DateTime(timezone=True), nullable=False, comment="when it was read"
        ),
        sa.PrimaryKeyConstraint("noun", "detail", "entity_id", name=op.f("pk_detail_reads")),
    )
    with op.batch_alter_table("step_sources", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column(
                "spared",
                sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
                server_default="0",
                nullable=False,
                comment="details not read again, being known",
            )
        )


def downgrade() -> None:
    with op.batch_alter_table("step_sources", schema=None) as batch_op:
        batch_op.drop_column("spared")
    op.drop_table("detail_reads")
