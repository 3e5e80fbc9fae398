"""Create calls and what they add up to

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
        "usage_connections",
        sa.Column("day", sa.Date(), nullable=False, comment="UTC day the calls began on"),
        sa.Column(
            "target_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
            comment="call target",
        ),
        sa.Column(
            "connection_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="call connection",
        ),
        sa.Column(
            "busiest_minute",
            sa.SmallInteger(),
            nullable=False,
            comment="first minute of the day with the most calls, 0 to 1439",
        ),
        sa.Column(
            "busiest_calls",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="calls in that minute",
        ),
        sa.Column("minutes", sa.LargeBinary(), nullable=False, comment="tally of calls by minute"),
        sa.PrimaryKeyConstraint(
            "day", "target_id", "connection_id", name=op.f("pk_usage_connections")
        ),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "usage_daily",
        sa.Column("day", sa.Date(), nullable=False, comment="UTC day the calls began on"),
        sa.Column(
            "target_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
            comment="call target",
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
            "calls",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="calls, sampled rows by their weight",
        ),
        sa.Column(
            "unauthorized",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="of these, answered 401",
        ),
        sa.Column(
            "throttled",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="of these, answered 429",
        ),
        sa.Column(
            "refused",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="of these, answered another 4xx",
        ),
        sa.Column(
            "failed",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="of these, answered 5xx but for timeouts",
        ),
        sa.Column(
            "timed_out",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="of these, 408, 504, or no response at all",
        ),
        sa.Column(
            "retries",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="tries before these calls, where told",
        ),
        sa.Column(
            "timed",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="calls whose duration is known",
        ),
        sa.Column(
            "duration_us",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="microseconds these took together",
        ),
        sa.Column(
            "request_bytes",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="size of requests, where told",
        ),
        sa.Column(
            "response_bytes",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="size of responses, where told",
        ),
        sa.Column(
            "last_us",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="time of day of the last call, in microseconds",
        ),
        sa.PrimaryKeyConstraint(
            "day",
            "target_id",
            "endpoint_id",
            "consumer_id",
            "caller_id",
            name=op.f("pk_usage_daily"),
        ),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "usage_days",
        sa.Column("day", sa.Date(), nullable=False, comment="UTC day the calls began on"),
        sa.Column(
            "target_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
            comment="call target",
        ),
        sa.Column(
            "rows",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="rows of logs that were added",
        ),
        sa.Column(
            "late_rows",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="rows that came after the day was sealed",
        ),
        sa.Column(
            "sealed",
            sa.Boolean(),
            nullable=False,
            comment="its raw calls are gone; nothing is added",
        ),
        sa.PrimaryKeyConstraint("day", "target_id", name=op.f("pk_usage_days")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "usage_hourly",
        sa.Column("day", sa.Date(), nullable=False, comment="UTC day the calls began on"),
        sa.Column(
            "target_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
            comment="call target",
        ),
        sa.Column(
            "endpoint_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="call endpoint",
        ),
        sa.Column("hour", sa.SmallInteger(), nullable=False, comment="UTC hour, 0 to 23"),
        sa.Column(
            "calls",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="calls",
        ),
        sa.Column(
            "errors",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="of these, 4xx, 5xx or without a response",
        ),
        sa.Column(
            "throttled",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="of these, answered 429",
        ),
        sa.PrimaryKeyConstraint(
            "day", "target_id", "endpoint_id", "hour", name=op.f("pk_usage_hourly")
        ),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "usage_operations",
        sa.Column("day", sa.Date(), nullable=False, comment="UTC day the calls began on"),
        sa.Column(
            "target_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
            comment="call target",
        ),
        sa.Column(
            "endpoint_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="call endpoint",
        ),
        sa.Column(
            "largest_response",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="bytes of the largest response",
        ),
        sa.Column(
            "latency",
            sa.LargeBinary(),
            nullable=False,
            comment="tally of durations by bucket (connectory/domain/histogram.py)",
        ),
        sa.PrimaryKeyConstraint(
            "day", "target_id", "endpoint_id", name=op.f("pk_usage_operations")
        ),
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
    op.drop_table("usage_operations")
    op.drop_table("usage_hourly")
    op.drop_table("usage_days")
    op.drop_table("usage_daily")
    op.drop_table("usage_connections")
    op.drop_table("invocations")
    op.drop_table("call_targets")
    op.drop_table("call_consumers")
    op.drop_table("call_connections")
    op.drop_table("call_callers")
