"""Keep tallies in fewer bytes, and leave out minutes, which the calls themselves tell

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
# Room in each page, so that a row whose figures grow stays where it is.
_ROOMY = ("usage_hourly", "usage_operations", "usage_connections", "usage_days")


def upgrade() -> None:
    _repack(_shrunk)
    op.drop_column("usage_connections", "minutes")
    _set("fillfactor = 70")


def downgrade() -> None:
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
