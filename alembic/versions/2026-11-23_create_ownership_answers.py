"""Create the answers on ownership

Revision: 0006
Follows: 0005
Created: 2026-11-23
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "ownership_answers",
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
            comment="verdict, e.g. owned, departed_owner, nobody",
        ),
        sa.Column(
            "owner_key",
            sa.String(length=450),
            nullable=True,
            comment="object id of the owner it rests on",
        ),
        sa.Column(
            "reason", sa.String(length=1000), nullable=False, comment="the proof in one sentence"
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
            ["connector_id"], ["connectors.id"], name=op.f("fk_ownership_answers_connector_id")
        ),
        sa.ForeignKeyConstraint(
            ["from_run"], ["runs.id"], name=op.f("fk_ownership_answers_from_run")
        ),
        sa.ForeignKeyConstraint(["to_run"], ["runs.id"], name=op.f("fk_ownership_answers_to_run")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ownership_answers")),
    )
    with op.batch_alter_table("ownership_answers", schema=None) as batch_op:
        batch_op.create_index("ix_ownership_answers_owner_key", ["owner_key"], unique=False)
        batch_op.create_index(
            "uq_ownership_answers_open",
            ["connector_id"],
            unique=True,
            sqlite_where=sa.text("to_run IS NULL"),
            postgresql_where=sa.text("to_run IS NULL"),
        )


def downgrade() -> None:
    with op.batch_alter_table("ownership_answers", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_ownership_answers_open",
            sqlite_where=sa.text("to_run IS NULL"),
            postgresql_where=sa.text("to_run IS NULL"),
        )
        batch_op.drop_index("ix_ownership_answers_owner_key")
    op.drop_table("ownership_answers")
