"""Tell which source proves who owns a connector, and how many can act

Revision: 0032
Follows: 0031
Created: 2026-11-30
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("ownership_answers", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column(
                "source",
                sa.String(length=64),
                nullable=True,
                comment="which source says so, e.g. permissions, users, deleted_users, groups; null in answers from before it was kept",
            )
        )
        batch_op.add_column(
            sa.Column(
                "owners",
                sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
                nullable=True,
                comment="holders of the role Owner who can act",
            )
        )
        batch_op.add_column(
            sa.Column(
                "editors",
                sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
                nullable=True,
                comment="others who can act and may edit it",
            )
        )
        batch_op.add_column(
            sa.Column(
                "members",
                sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
                nullable=True,
                comment="people in working order in the groups that own it; null if not group-owned",
            )
        )


def downgrade() -> None:
    with op.batch_alter_table("ownership_answers", schema=None) as batch_op:
        batch_op.drop_column("members")
        batch_op.drop_column("editors")
        batch_op.drop_column("owners")
        batch_op.drop_column("source")
