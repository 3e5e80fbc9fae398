"""Create what calls add up to by the day

Revision: 0021
Follows: 0020
Created: 2026-11-28
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
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


def downgrade() -> None:
    op.drop_table("usage_operations")
    op.drop_table("usage_hourly")
    op.drop_table("usage_days")
    op.drop_table("usage_daily")
    op.drop_table("usage_connections")
