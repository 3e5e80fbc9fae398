"""Keep of each caller how much it called and how much failed, all other figures by operation

What a caller's row told beside that nobody asked of it: there are hundreds of such rows to one of
an operation, and each batch of calls writes most of them.

Revision: 0026
Follows: 0025
Created: 2026-11-29
"""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

_FAILED = {
    "unauthorized": "of these, answered 401",
    "throttled": "of these, answered 429",
    "refused": "of these, answered another 4xx",
    "failed": "of these, answered 5xx but for timeouts",
    "timed_out": "of these, 408, 504, or no response at all",
}
_CALLS = {"calls": "calls, sampled rows by their weight"}
_FURTHER = {
    **_FAILED,
    "retries": "tries before these calls, where told",
    "timed": "calls whose duration is known",
    "duration_us": "microseconds these took together",
    "request_bytes": "size of requests, where told",
    "response_bytes": "size of responses, where told",
    "last_us": "time of day of the last call, in microseconds",
}
_ERRORS = {"errors": "of these, 4xx, 5xx or without a response"}
_ALL = " + ".join(_FAILED)
_WITHIN = ("day", "target_id", "endpoint_id")


def upgrade() -> None:
    _add("usage_operations", {**_CALLS, **_FURTHER})
    sums = ", ".join(f"sum({name}) AS {name}" for name in (*_CALLS, *_FURTHER) if name != "last_us")
    _copy(
        "usage_operations",
        f"SELECT {', '.join(_WITHIN)}, {sums}, max(last_us) AS last_us "  # noqa: S608 - names of ours
        f"FROM usage_daily GROUP BY {', '.join(_WITHIN)}",
        _WITHIN,
        (*_CALLS, *_FURTHER),
    )
    _settle("usage_operations", (*_CALLS, *_FURTHER))
    _add("usage_daily", _ERRORS)
    op.execute(sa.text(f"UPDATE usage_daily SET errors = {_ALL}"))  # noqa: S608
    _settle("usage_daily", _ERRORS, gone=_FURTHER)


def downgrade() -> None:
    """Lay what is known of an operation at the first of its callers: sums are what they were."""
    _add("usage_daily", _FURTHER)
    key = (*_WITHIN, "consumer_id", "caller_id")
    _copy(
        "usage_daily",
        f"SELECT one.*, {', '.join(f'told.{name}' for name in _FURTHER)} FROM ("  # noqa: S608
        f"SELECT {', '.join(key)}, row_number() OVER (PARTITION BY {', '.join(_WITHIN)} "
        "ORDER BY consumer_id, caller_id) AS place FROM usage_daily) one "
        f"JOIN usage_operations told ON {_same('told', 'one', _WITHIN)} WHERE one.place = 1",
        key,
        tuple(_FURTHER),
    )
    _settle("usage_daily", _FURTHER, gone=_ERRORS)
    _settle("usage_operations", (), gone=(*_CALLS, *_FURTHER))


def _same(one: str, other: str, key: Sequence[str]) -> str:
    return " AND ".join(f"{one}.{name} = {other}.{name}" for name in key)


def _copy(table: str, query: str, key: Sequence[str], figures: Sequence[str]) -> None:
    told = ", ".join(f"{name} = told.{name}" for name in figures)
    op.execute(
        sa.text(f"UPDATE {table} SET {told} FROM ({query}) told WHERE {_same('told', table, key)}")  # noqa: S608
    )


def _big() -> sa.types.TypeEngine[int]:
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _add(table: str, columns: dict[str, str]) -> None:
    """Add figures that are 0 until they are worked out."""
    for name, comment in columns.items():
        op.add_column(
            table,
            sa.Column(name, _big(), nullable=False, server_default=sa.text("0"), comment=comment),
        )


def _settle(
    table: str, made: Sequence[str] | dict[str, str], gone: Sequence[str] | dict[str, str] = ()
) -> None:
    """Let figures be told from now on, and drop others; on SQLite the table is copied once."""
    kept = {"sqlite_with_rowid": False}
    with op.batch_alter_table(table, schema=None, table_kwargs=kept) as batch_op:
        for name in made:
            batch_op.alter_column(
                name, existing_type=_big(), existing_nullable=False, server_default=None
            )
        for name in gone:
            batch_op.drop_column(name)
