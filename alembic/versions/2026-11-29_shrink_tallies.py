"""Keep tallies in fewer bytes, and of minutes the busy ones alone

Revision: 0025
Follows: 0024
Created: 2026-11-29
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

_WIDE = np.dtype([("bucket", "<u2"), ("count", "<u8")])
_OPERATIONS = sa.table(
    "usage_operations",
    sa.column("day", sa.Date()),
    sa.column("target_id", sa.BigInteger()),
    sa.column("endpoint_id", sa.BigInteger()),
    sa.column("latency", sa.LargeBinary()),
)
_CONNECTIONS = sa.table(
    "usage_connections",
    sa.column("day", sa.Date()),
    sa.column("target_id", sa.BigInteger()),
    sa.column("connection_id", sa.BigInteger()),
    sa.column("busiest_calls", sa.BigInteger()),
    sa.column("minutes", sa.LargeBinary()),
)
_MINUTES = sa.table(
    "usage_minutes",
    sa.column("day", sa.Date()),
    sa.column("target_id", sa.BigInteger()),
    sa.column("connection_id", sa.BigInteger()),
    sa.column("minute", sa.SmallInteger()),
    sa.column("calls", sa.BigInteger()),
)
_BUSY = 60
# Room in each page, so that a row whose figures grow stays where it is.
_ROOMY = ("usage_hourly", "usage_operations", "usage_connections", "usage_days")


def upgrade() -> None:
    _repack(_shrunk)
    op.create_table(
        "usage_minutes",
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
            autoincrement=False,
            nullable=False,
            comment="call connection",
        ),
        sa.Column(
            "minute",
            sa.SmallInteger(),
            autoincrement=False,
            nullable=False,
            comment="minute of the UTC day, 0 to 1439",
        ),
        sa.Column(
            "calls",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="calls in it",
        ),
        sa.PrimaryKeyConstraint(
            "day", "target_id", "connection_id", "minute", name=op.f("pk_usage_minutes")
        ),
        sqlite_with_rowid=False,
    )
    _unpack_busy()
    op.drop_column("usage_connections", "minutes")
    _set("fillfactor = 70")


def downgrade() -> None:
    op.drop_table("usage_minutes")
    op.add_column(
        "usage_connections",
        sa.Column(
            "minutes",
            sa.LargeBinary(),
            nullable=False,
            server_default=sa.text("''"),
            comment="tally of calls by minute",
        ),
    )
    _repack(_widened)
    _set("fillfactor = 100")


def _unpack_busy() -> None:
    """Write the busy minutes of every tally, a day at a time."""
    connection, table = op.get_bind(), _CONNECTIONS.c
    days = connection.scalars(sa.select(table.day).distinct()).all()
    for day in days:
        rows = connection.execute(
            sa.select(_CONNECTIONS).where(table.day == day, table.busiest_calls >= _BUSY)
        )
        made = [
            {
                "day": row.day,
                "target_id": row.target_id,
                "connection_id": row.connection_id,
                "minute": int(minute),
                "calls": int(calls),
            }
            for row in rows
            for minute, calls in np.frombuffer(bytes(row.minutes), dtype=_WIDE)
            if calls >= _BUSY
        ]
        if made:
            connection.execute(sa.insert(_MINUTES), made)


def _set(option: str) -> None:
    if op.get_bind().dialect.name == "postgresql":
        for table in _ROOMY:
            op.execute(sa.text(f"ALTER TABLE {table} SET ({option})"))


def _repack(change: Callable[[bytes], bytes]) -> None:
    """Write every tally anew, a day at a time."""
    connection, table = op.get_bind(), _OPERATIONS.c
    days = connection.scalars(sa.select(table.day).distinct()).all()
    for day in days:
        rows = connection.execute(sa.select(_OPERATIONS).where(table.day == day)).all()
        connection.execute(
            sa.update(_OPERATIONS)
            .where(
                table.day == sa.bindparam("of_day"),
                table.target_id == sa.bindparam("target"),
                table.endpoint_id == sa.bindparam("endpoint"),
            )
            .values(latency=sa.bindparam("tally")),
            [
                {
                    "of_day": row.day,
                    "target": row.target_id,
                    "endpoint": row.endpoint_id,
                    "tally": change(bytes(row.latency)),
                }
                for row in rows
            ],
        )


def _shrunk(raw: bytes) -> bytes:
    told = np.frombuffer(raw, dtype=_WIDE)
    if not len(told):
        return b""
    most = int(told["count"].max())
    width = next(width for width in (1, 2, 4, 8) if most < 1 << 8 * width)
    return bytes([width]) + told.astype([("bucket", "<u2"), ("count", f"<u{width}")]).tobytes()


def _widened(raw: bytes) -> bytes:
    if not raw:
        return b""
    told = np.frombuffer(raw[1:], dtype=[("bucket", "<u2"), ("count", f"<u{raw[0]}")])
    return told.astype(_WIDE).tobytes()
