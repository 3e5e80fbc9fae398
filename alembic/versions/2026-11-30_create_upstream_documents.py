"""Keep what the APIs behind connectors say of themselves

Revision: 0031
Follows: 0030
Created: 2026-11-30
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "upstream_documents",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="surrogate key",
        ),
        sa.Column(
            "key", sa.String(length=450), nullable=False, comment="address, its host case-folded"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_upstream_documents")),
        sa.UniqueConstraint("key", name=op.f("uq_upstream_documents_key")),
    )
    op.create_table(
        "connector_upstreams",
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
            "upstream_document_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="document",
        ),
        sa.Column(
            "how",
            sa.String(length=64),
            nullable=False,
            comment="registered in the settings, or found at a usual address: convention",
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
            ["connector_id"], ["connectors.id"], name=op.f("fk_connector_upstreams_connector_id")
        ),
        sa.ForeignKeyConstraint(
            ["from_run"], ["runs.id"], name=op.f("fk_connector_upstreams_from_run")
        ),
        sa.ForeignKeyConstraint(
            ["to_run"], ["runs.id"], name=op.f("fk_connector_upstreams_to_run")
        ),
        sa.ForeignKeyConstraint(
            ["upstream_document_id"],
            ["upstream_documents.id"],
            name=op.f("fk_connector_upstreams_upstream_document_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_connector_upstreams")),
    )
    with op.batch_alter_table("connector_upstreams", schema=None) as batch_op:
        batch_op.create_index(
            "ix_connector_upstreams_upstream_document_id", ["upstream_document_id"], unique=False
        )
        batch_op.create_index(
            "uq_connector_upstreams_open",
            ["connector_id"],
            unique=True,
            sqlite_where=sa.text("to_run IS NULL"),
            postgresql_where=sa.text("to_run IS NULL"),
        )

    op.create_table(
        "upstream_document_versions",
        sa.Column(
            "upstream_document_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="whose",
        ),
        sa.Column(
            "from_run",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="first run that found it so",
        ),
        sa.Column(
            "url",
            sa.String(length=1000),
            nullable=True,
            comment="address it was found at in the end",
        ),
        sa.Column(
            "state",
            sa.String(length=64),
            nullable=False,
            comment="read, unreadable, absent, refused or failed, the last time it was asked for",
        ),
        sa.Column(
            "detail",
            sa.String(length=1000),
            nullable=True,
            comment="why it was not read, or cannot be",
        ),
        sa.Column(
            "definition_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=True,
            comment="its content when it was last read",
        ),
        sa.Column(
            "changed_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="when this content was found in place of another; null: it was so when first read",
        ),
        sa.Column(
            "presence", sa.String(length=64), nullable=False, comment="present, missing or gone"
        ),
        sa.Column(
            "presence_reason",
            sa.String(length=64),
            nullable=True,
            comment="why it is not present: unseen, deleted, environment or merged",
        ),
        sa.Column(
            "to_run",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=True,
            comment="first run that found it otherwise",
        ),
        sa.ForeignKeyConstraint(
            ["definition_id"],
            ["definitions.id"],
            name=op.f("fk_upstream_document_versions_definition_id"),
        ),
        sa.ForeignKeyConstraint(
            ["from_run"], ["runs.id"], name=op.f("fk_upstream_document_versions_from_run")
        ),
        sa.ForeignKeyConstraint(
            ["to_run"], ["runs.id"], name=op.f("fk_upstream_document_versions_to_run")
        ),
        sa.ForeignKeyConstraint(
            ["upstream_document_id"],
            ["upstream_documents.id"],
            name=op.f("fk_upstream_document_versions_upstream_document_id"),
        ),
        sa.PrimaryKeyConstraint(
            "upstream_document_id", "from_run", name=op.f("pk_upstream_document_versions")
        ),
    )
    with op.batch_alter_table("upstream_document_versions", schema=None) as batch_op:
        batch_op.create_index(
            "uq_upstream_document_versions_open",
            ["upstream_document_id"],
            unique=True,
            sqlite_where=sa.text("to_run IS NULL"),
            postgresql_where=sa.text("to_run IS NULL"),
        )

    op.create_table(
        "upstream_answers",
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
            "upstream_document_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="document it is compared with",
        ),
        sa.Column(
            "state",
            sa.String(length=64),
            nullable=False,
            comment="same, cosmetic, compatible, risky, breaking, unreadable or unknown",
        ),
        sa.Column(
            "comparison_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=True,
            comment="what was compared",
        ),
        sa.Column(
            "available",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=True,
            comment="operations of the API that the connector does not wrap",
        ),
        sa.Column(
            "behind_since",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="when the document changed and the connector did not follow; null: it did, or nobody knows",
        ),
        sa.Column(
            "reason",
            sa.String(length=1000),
            nullable=True,
            comment="why it is unreadable or unknown",
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
            ["comparison_id"], ["comparisons.id"], name=op.f("fk_upstream_answers_comparison_id")
        ),
        sa.ForeignKeyConstraint(
            ["connector_id"], ["connectors.id"], name=op.f("fk_upstream_answers_connector_id")
        ),
        sa.ForeignKeyConstraint(
            ["from_run"], ["runs.id"], name=op.f("fk_upstream_answers_from_run")
        ),
        sa.ForeignKeyConstraint(["to_run"], ["runs.id"], name=op.f("fk_upstream_answers_to_run")),
        sa.ForeignKeyConstraint(
            ["upstream_document_id"],
            ["upstream_documents.id"],
            name=op.f("fk_upstream_answers_upstream_document_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_upstream_answers")),
    )
    with op.batch_alter_table("upstream_answers", schema=None) as batch_op:
        batch_op.create_index("ix_upstream_answers_comparison_id", ["comparison_id"], unique=False)
        batch_op.create_index(
            "uq_upstream_answers_open",
            ["connector_id"],
            unique=True,
            sqlite_where=sa.text("to_run IS NULL"),
            postgresql_where=sa.text("to_run IS NULL"),
        )


def downgrade() -> None:
    with op.batch_alter_table("upstream_answers", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_upstream_answers_open",
            sqlite_where=sa.text("to_run IS NULL"),
            postgresql_where=sa.text("to_run IS NULL"),
        )
        batch_op.drop_index("ix_upstream_answers_comparison_id")

    op.drop_table("upstream_answers")
    with op.batch_alter_table("upstream_document_versions", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_upstream_document_versions_open",
            sqlite_where=sa.text("to_run IS NULL"),
            postgresql_where=sa.text("to_run IS NULL"),
        )

    op.drop_table("upstream_document_versions")
    with op.batch_alter_table("connector_upstreams", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_connector_upstreams_open",
            sqlite_where=sa.text("to_run IS NULL"),
            postgresql_where=sa.text("to_run IS NULL"),
        )
        batch_op.drop_index("ix_connector_upstreams_upstream_document_id")

    op.drop_table("connector_upstreams")
    op.drop_table("upstream_documents")
