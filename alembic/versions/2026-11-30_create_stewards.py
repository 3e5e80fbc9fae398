"""Create stewards and exemptions

Revision: 0034
Follows: 0033
Created: 2026-11-30
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "exemptions",
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
        sa.Column("reason", sa.Text(), nullable=False, comment="why it may be quiet"),
        sa.Column("until", sa.Date(), nullable=False, comment="last day for which it holds"),
        sa.Column("via", sa.String(length=64), nullable=False, comment="dashboard or attestation"),
        sa.Column(
            "exempted_by",
            sa.String(length=1000),
            nullable=False,
            comment="who decided it, as that person said",
        ),
        sa.Column("exempted_at", sa.DateTime(timezone=True), nullable=False, comment="when"),
        sa.Column(
            "withdrawn_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="when it was withdrawn, if it was",
        ),
        sa.Column("withdrawn_by", sa.String(length=1000), nullable=True, comment="by whom"),
        sa.Column("withdrawn_reason", sa.Text(), nullable=True, comment="why"),
        sa.ForeignKeyConstraint(
            ["connector_id"], ["connectors.id"], name=op.f("fk_exemptions_connector_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exemptions")),
    )
    with op.batch_alter_table("exemptions", schema=None) as batch_op:
        batch_op.create_index(
            "uq_exemptions_standing",
            ["connector_id"],
            unique=True,
            sqlite_where=sa.text("withdrawn_at IS NULL"),
            postgresql_where=sa.text("withdrawn_at IS NULL"),
        )

    op.create_table(
        "stewards",
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
            "business_owner_key",
            sa.String(length=450),
            nullable=True,
            comment="object id of the business owner; null if none is named",
        ),
        sa.Column(
            "deputy_key", sa.String(length=450), nullable=True, comment="object id of the deputy"
        ),
        sa.Column("team", sa.String(length=1000), nullable=True, comment="team that runs it"),
        sa.Column(
            "contact",
            sa.String(length=1000),
            nullable=True,
            comment="mail address or words to reach the team",
        ),
        sa.Column("review_on", sa.Date(), nullable=True, comment="day of the next review"),
        sa.Column(
            "data_class",
            sa.String(length=64),
            nullable=True,
            comment="public, internal, confidential or restricted",
        ),
        sa.Column(
            "criticality",
            sa.String(length=64),
            nullable=True,
            comment="low, medium, high or critical",
        ),
        sa.Column(
            "support_link",
            sa.String(length=1000),
            nullable=True,
            comment="https address for support",
        ),
        sa.Column(
            "via",
            sa.String(length=64),
            nullable=False,
            comment="dashboard, csv, file or attestation",
        ),
        sa.Column(
            "reason", sa.Text(), nullable=True, comment="why it was changed, where that is said"
        ),
        sa.Column(
            "decided_by",
            sa.String(length=1000),
            nullable=False,
            comment="who changed it, as that person said",
        ),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False, comment="when"),
        sa.Column(
            "replaced_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="when it was replaced or taken back",
        ),
        sa.Column("replaced_by", sa.String(length=1000), nullable=True, comment="by whom"),
        sa.ForeignKeyConstraint(
            ["connector_id"], ["connectors.id"], name=op.f("fk_stewards_connector_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stewards")),
    )
    with op.batch_alter_table("stewards", schema=None) as batch_op:
        batch_op.create_index(
            "ix_stewards_business_owner_key", ["business_owner_key"], unique=False
        )
        batch_op.create_index("ix_stewards_deputy_key", ["deputy_key"], unique=False)
        batch_op.create_index(
            "uq_stewards_standing",
            ["connector_id"],
            unique=True,
            sqlite_where=sa.text("replaced_at IS NULL"),
            postgresql_where=sa.text("replaced_at IS NULL"),
        )


def downgrade() -> None:
    with op.batch_alter_table("stewards", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_stewards_standing",
            sqlite_where=sa.text("replaced_at IS NULL"),
            postgresql_where=sa.text("replaced_at IS NULL"),
        )
        batch_op.drop_index("ix_stewards_deputy_key")
        batch_op.drop_index("ix_stewards_business_owner_key")

    op.drop_table("stewards")
    with op.batch_alter_table("exemptions", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_exemptions_standing",
            sqlite_where=sa.text("withdrawn_at IS NULL"),
            postgresql_where=sa.text("withdrawn_at IS NULL"),
        )

    op.drop_table("exemptions")
