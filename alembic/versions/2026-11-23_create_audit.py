"""Create what the audit log told

Revision: 0012
Follows: 0011
Created: 2026-11-23
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "audit_blobs",
        sa.Column(
            "content_id", sa.String(length=450), nullable=False, comment="its id at the service"
        ),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="when the service made it",
        ),
        sa.Column(
            "state",
            sa.String(length=64),
            nullable=False,
            comment="read, or expired before it could be read",
        ),
        sa.Column(
            "records",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="records in it, of whatever service",
        ),
        sa.Column(
            "run_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="run that read it, or came too late",
        ),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_audit_blobs_run_id")),
        sa.PrimaryKeyConstraint("content_id", name=op.f("pk_audit_blobs")),
    )
    with op.batch_alter_table("audit_blobs", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_audit_blobs_created_at"), ["created_at"], unique=False)

    op.create_table(
        "audit_events",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="surrogate key",
        ),
        sa.Column(
            "event_key",
            sa.String(length=450),
            nullable=False,
            comment="id of the record in the log, case-folded",
        ),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False, comment="when it happened"),
        sa.Column(
            "record_type",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="type of the record, which names its service",
        ),
        sa.Column(
            "operation",
            sa.String(length=1000),
            nullable=False,
            comment="what was done, in the log's own words",
        ),
        sa.Column(
            "noun",
            sa.String(length=64),
            nullable=False,
            comment="connector, connection, flow or app",
        ),
        sa.Column(
            "action",
            sa.String(length=64),
            nullable=False,
            comment="created, edited, saved (either of both), deleted, shared, unshared, launched, other",
        ),
        sa.Column(
            "environment_key",
            sa.String(length=450),
            nullable=True,
            comment="environment, case-folded",
        ),
        sa.Column(
            "target_key",
            sa.String(length=450),
            nullable=True,
            comment="what it was done to, case-folded",
        ),
        sa.Column(
            "connector_key",
            sa.String(length=450),
            nullable=True,
            comment="connector it is about, of a connector or connection",
        ),
        sa.Column(
            "actor_key", sa.String(length=450), nullable=True, comment="object id of who did it"
        ),
        sa.Column(
            "actor_name",
            sa.String(length=1000),
            nullable=True,
            comment="name in the log, only where the directory knows nobody of it",
        ),
        sa.Column("succeeded", sa.Boolean(), nullable=True, comment="whether it was done, if told"),
        sa.Column(
            "run_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="run that read it",
        ),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_audit_events_run_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_events")),
        sa.UniqueConstraint("event_key", name=op.f("uq_audit_events_event_key")),
    )
    with op.batch_alter_table("audit_events", schema=None) as batch_op:
        batch_op.create_index("ix_audit_events_actor_key", ["actor_key"], unique=False)
        batch_op.create_index(
            "ix_audit_events_environment_key_connector_key",
            ["environment_key", "connector_key"],
            unique=False,
        )
        batch_op.create_index(
            "ix_audit_events_noun_target_key", ["noun", "target_key"], unique=False
        )

    op.create_table(
        "audit_spans",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="surrogate key",
        ),
        sa.Column(
            "from_at", sa.DateTime(timezone=True), nullable=False, comment="first moment read"
        ),
        sa.Column("to_at", sa.DateTime(timezone=True), nullable=False, comment="read up to here"),
        sa.Column(
            "run_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="run that read furthest",
        ),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_audit_spans_run_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_spans")),
    )


def downgrade() -> None:
    op.drop_table("audit_spans")
    with op.batch_alter_table("audit_events", schema=None) as batch_op:
        batch_op.drop_index("ix_audit_events_noun_target_key")
        batch_op.drop_index("ix_audit_events_environment_key_connector_key")
        batch_op.drop_index("ix_audit_events_actor_key")

    op.drop_table("audit_events")
    with op.batch_alter_table("audit_blobs", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_audit_blobs_created_at"))

    op.drop_table("audit_blobs")
