"""Make room to forget who called, and for how many called

Revision: 0022
Follows: 0021
Created: 2026-11-29
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

_ACCOUNT = "account, case-folded"
_ACCOUNT_OR_NONE = "account, case-folded, or its pseudonym; null for those forgotten"
_CALLER = "call caller"
_CALLER_OR_NONE = "call caller; 0 once who called is forgotten"


def _big() -> sa.types.TypeEngine[int]:
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "usage_callers",
        sa.Column("day", sa.Date(), nullable=False, comment="UTC day the calls began on"),
        sa.Column("target_id", _big(), autoincrement=False, nullable=False, comment="call target"),
        sa.Column("endpoint_id", _big(), nullable=False, comment="call endpoint"),
        sa.Column("callers", _big(), nullable=False, comment="accounts that called this endpoint"),
        sa.Column(
            "of_operation",
            _big(),
            nullable=False,
            comment="accounts that called its operation, as it was matched then; 0 but at one endpoint",
        ),
        sa.Column(
            "of_connector",
            _big(),
            nullable=False,
            comment="accounts that called its connector, as it was matched then; 0 but at one endpoint",
        ),
        sa.Column(
            "of_source",
            _big(),
            nullable=False,
            comment="accounts that called any connector, by its source; 0 but at one endpoint",
        ),
        sa.PrimaryKeyConstraint("day", "target_id", "endpoint_id", name=op.f("pk_usage_callers")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("call_callers", schema=None) as batch_op:
        batch_op.alter_column(
            "key",
            existing_type=sa.String(length=450),
            nullable=True,
            existing_comment=_ACCOUNT,
            comment=_ACCOUNT_OR_NONE,
        )
        batch_op.add_column(
            sa.Column(
                "last_day",
                sa.Date(),
                nullable=True,
                comment="last day of which a figure names it; null if none does",
            )
        )
    op.execute(
        sa.text(
            "UPDATE call_callers SET last_day = told.day FROM "
            "(SELECT caller_id, max(day) AS day FROM usage_daily GROUP BY caller_id) AS told "
            "WHERE told.caller_id = call_callers.id"
        )
    )
    op.execute(sa.text("UPDATE call_callers SET key = NULL WHERE id = 0"))
    op.execute(
        sa.text(
            "INSERT INTO call_callers (id, key) SELECT 0, NULL "
            "WHERE NOT EXISTS (SELECT 1 FROM call_callers WHERE id = 0)"
        )
    )
    # SQLite keeps no comments, and would copy a table of years of calls to change one.
    if op.get_bind().dialect.name == "postgresql":
        _comment_on_callers(_CALLER, _CALLER_OR_NONE)
    op.add_column(
        "usage_days",
        sa.Column(
            "forgotten",
            sa.Boolean(),
            nullable=True,
            comment="who called is forgotten, how many called is in usage_callers; null while known",
        ),
    )
    op.create_index(
        "ix_usage_days_callers_known",
        "usage_days",
        ["day"],
        unique=False,
        sqlite_where=sa.text("forgotten IS NULL"),
        postgresql_where=sa.text("forgotten IS NULL"),
    )


def _comment_on_callers(before: str, now: str) -> None:
    op.alter_column(
        "usage_daily",
        "caller_id",
        existing_type=_big(),
        existing_nullable=False,
        existing_comment=before,
        comment=now,
    )


def downgrade() -> None:
    op.drop_index("ix_usage_days_callers_known", table_name="usage_days")
    op.drop_column("usage_days", "forgotten")
    if op.get_bind().dialect.name == "postgresql":
        _comment_on_callers(_CALLER_OR_NONE, _CALLER)
    # Names of logs are stripped: none begins with a blank.
    op.execute(sa.text("UPDATE call_callers SET key = ' (former)' WHERE id = 0"))
    with op.batch_alter_table("call_callers", schema=None) as batch_op:
        batch_op.alter_column(
            "key",
            existing_type=sa.String(length=450),
            nullable=False,
            existing_comment=_ACCOUNT_OR_NONE,
            comment=_ACCOUNT,
        )
        batch_op.drop_column("last_day")
    op.drop_table("usage_callers")
