"""Create calls as logs tell them

Revision: 0020
Follows: 0019
Created: 2026-11-28
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "call_callers",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="surrogate key",
        ),
        sa.Column("key", sa.String(length=450), nullable=False, comment="account, case-folded"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_call_callers")),
        sa.UniqueConstraint("key", name=op.f("uq_call_callers_key")),
    )
    op.create_table(
        "call_connections",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="surrogate key",
        ),
        sa.Column(
            "key",
            sa.String(length=450),
            nullable=False,
            comment="what the log calls it, case-folded",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_call_connections")),
        sa.UniqueConstraint("key", name=op.f("uq_call_connections_key")),
    )
    op.create_table(
        "call_consumers",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="surrogate key",
        ),
        sa.Column(
            "key",
            sa.String(length=450),
            nullable=False,
            comment="what the log calls it, case-folded",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_call_consumers")),
        sa.UniqueConstraint("key", name=op.f("uq_call_consumers_key")),
    )
    op.create_table(
        "call_targets",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="surrogate key",
        ),
        sa.Column(
            "source",
            sa.String(length=64),
            nullable=False,
            comment="access_logs or another source of calls",
        ),
        sa.Column(
            "address",
            sa.String(length=450),
            nullable=False,
            comment="host that was called, case-folded",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_call_targets")),
        sa.UniqueConstraint("source", "address", name=op.f("uq_call_targets_source_address")),
    )
    op.create_table(
        "invocations",
        sa.Column("day", sa.Date(), nullable=False, comment="UTC day the calls began on"),
        sa.Column(
            "target_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
            comment="call target",
        ),
        sa.Column(
            "event_key",
            sa.LargeBinary(length=16),
            nullable=False,
            comment="time of day in microseconds (5 bytes), then a hash of what identifies the event",
        ),
        sa.Column(
            "endpoint_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="call endpoint",
        ),
        sa.Column(
            "consumer_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="call consumer",
        ),
        sa.Column(
            "caller_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="call caller",
        ),
        sa.Column(
            "connection_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="call connection",
        ),
        sa.Column(
            "status",
            sa.SmallInteger(),
            nullable=True,
            comment="HTTP status; 0 if no response came",
        ),
        sa.Column(
            "duration_us",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=True,
            comment="microseconds it took",
        ),
        sa.Column(
            "request_bytes",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=True,
            comment="size of the request",
        ),
        sa.Column(
            "response_bytes",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=True,
            comment="size of the response",
        ),
        sa.Column(
            "retries",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="tries before this one, if told",
        ),
        sa.Column(
            "weight",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="calls this row stands for, above 1 if sampled",
        ),
        sa.PrimaryKeyConstraint("day", "target_id", "event_key", name=op.f("pk_invocations")),
        postgresql_partition_by="RANGE (day)",
        sqlite_with_rowid=False,
    )
    op.create_table(
        "call_files",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="surrogate key",
        ),
        sa.Column(
            "log", sa.String(length=64), nullable=False, comment="name of the log in the settings"
        ),
        sa.Column(
            "content_hash",
            sa.String(length=64),
            nullable=False,
            comment="hash of the bytes of the file",
        ),
        sa.Column(
            "name", sa.String(length=1000), nullable=False, comment="file name when it was read"
        ),
        sa.Column(
            "rows",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="calls in it",
        ),
        sa.Column(
            "new_rows",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="of these, not known before",
        ),
        sa.Column(
            "late_rows",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="of these, of a sealed day: counted, not added",
        ),
        sa.Column(
            "bad_lines",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="lines that could not be read",
        ),
        sa.Column(
            "first_bad", sa.String(length=1000), nullable=True, comment="the first of them, and why"
        ),
        sa.Column(
            "first_at", sa.DateTime(timezone=True), nullable=True, comment="earliest call in it"
        ),
        sa.Column(
            "last_at", sa.DateTime(timezone=True), nullable=True, comment="latest call in it"
        ),
        sa.Column(
            "run_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="run that read it",
        ),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_call_files_run_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_call_files")),
        sa.UniqueConstraint("log", "content_hash", name=op.f("uq_call_files_log_content_hash")),
    )
    op.create_table(
        "call_endpoints",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="surrogate key",
        ),
        sa.Column(
            "target_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="target",
        ),
        sa.Column(
            "environment_key",
            sa.String(length=64),
            nullable=False,
            comment="environment the log names, case-folded; empty if none",
        ),
        sa.Column(
            "method", sa.String(length=64), nullable=False, comment="HTTP method, upper case"
        ),
        sa.Column(
            "path",
            sa.String(length=450),
            nullable=False,
            comment="path template, or path with ids left out",
        ),
        sa.Column(
            "operation",
            sa.String(length=450),
            nullable=False,
            comment="operation the log names; empty if none",
        ),
        sa.Column(
            "connector_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=True,
            comment="connector it belongs to",
        ),
        sa.Column(
            "operation_id",
            sa.String(length=1000),
            nullable=True,
            comment="operationId in its definition",
        ),
        sa.Column(
            "matched_by",
            sa.String(length=64),
            nullable=False,
            comment="operation_id, path, or why not: no_connector, no_operation or several",
        ),
        sa.ForeignKeyConstraint(
            ["connector_id"], ["connectors.id"], name=op.f("fk_call_endpoints_connector_id")
        ),
        sa.ForeignKeyConstraint(
            ["target_id"], ["call_targets.id"], name=op.f("fk_call_endpoints_target_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_call_endpoints")),
        sa.UniqueConstraint(
            "target_id",
            "environment_key",
            "method",
            "path",
            "operation",
            name=op.f("uq_call_endpoints_target_id_environment_key_method_path_operation"),
        ),
    )
    with op.batch_alter_table("call_endpoints", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_call_endpoints_connector_id"), ["connector_id"], unique=False
        )


def downgrade() -> None:
    with op.batch_alter_table("call_endpoints", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_call_endpoints_connector_id"))

    op.drop_table("call_endpoints")
    op.drop_table("call_files")
    op.drop_table("invocations")
    op.drop_table("call_targets")
    op.drop_table("call_consumers")
    op.drop_table("call_connections")
    op.drop_table("call_callers")
