"""Remember how far logs of calls were read, and tell their targets apart

Revision: 0023
Follows: 0022
Created: 2026-11-29
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

_BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_NAMING = {
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
}


def upgrade() -> None:
    op.create_table(
        "call_summaries",
        _word("source", "source of calls"),
        _word("log", "where the log lies"),
        sa.Column("day", sa.Date(), nullable=False, comment="UTC day"),
        sa.PrimaryKeyConstraint("source", "log", "day", name=op.f("pk_call_summaries")),
    )
    op.create_table(
        "call_gaps",
        sa.Column("id", _BIG, nullable=False, comment="surrogate key"),
        _word("source", "source of calls"),
        _word("log", "where the log lies"),
        _word("name", "name of the log in the settings"),
        _moment("from_at", "first moment that is missing"),
        _moment("to_at", "first moment that is not"),
        sa.Column("reason", sa.String(length=1000), nullable=False, comment="why it is lost"),
        sa.Column("run_id", _BIG, nullable=False, comment="run that found it"),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_call_gaps_run_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_call_gaps")),
    )
    op.create_index("ix_call_gaps_source_log", "call_gaps", ["source", "log"])
    op.create_table(
        "call_reads",
        _word("source", "source of calls"),
        _word("log", "where the log lies"),
        _word("name", "name of the log in the settings"),
        _moment("read_to", "by when rows were taken in by the service"),
        sa.Column("run_id", _BIG, nullable=False, comment="run that read so far"),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_call_reads_run_id")),
        sa.PrimaryKeyConstraint("source", "log", name=op.f("pk_call_reads")),
    )
    with _let_go(), op.batch_alter_table("call_targets", naming_convention=_NAMING) as table:
        table.add_column(
            sa.Column(
                "log",
                sa.String(length=64),
                server_default=sa.text("''"),
                nullable=False,
                comment="where the log lies that is queried; empty for files",
            )
        )
        table.drop_constraint("uq_call_targets_source_address", type_="unique")
        table.create_unique_constraint(
            "uq_call_targets_source_log_address", ["source", "log", "address"]
        )


def downgrade() -> None:
    op.execute(
        sa.text(
            "DELETE FROM call_endpoints WHERE target_id IN "
            "(SELECT id FROM call_targets WHERE log <> '')"
        )
    )
    op.execute(sa.text("DELETE FROM call_targets WHERE log <> ''"))
    with _let_go(), op.batch_alter_table("call_targets", naming_convention=_NAMING) as table:
        table.drop_constraint("uq_call_targets_source_log_address", type_="unique")
        table.create_unique_constraint("uq_call_targets_source_address", ["source", "address"])
        table.drop_column("log")
    op.drop_table("call_reads")
    op.drop_index("ix_call_gaps_source_log", table_name="call_gaps")
    op.drop_table("call_gaps")
    op.drop_table("call_summaries")


@contextmanager
def _let_go() -> Iterator[None]:
    """Let nothing refer to targets meanwhile: SQLite drops a table to alter it."""
    if op.get_bind().dialect.name != "sqlite":
        yield
        return
    with op.batch_alter_table("call_endpoints", naming_convention=_NAMING) as table:
        table.drop_constraint("fk_call_endpoints_target_id", type_="foreignkey")
    yield
    with op.batch_alter_table("call_endpoints", naming_convention=_NAMING) as table:
        table.create_foreign_key(
            "fk_call_endpoints_target_id", "call_targets", ["target_id"], ["id"]
        )


def _word(name: str, comment: str) -> sa.Column[str]:
    return sa.Column(name, sa.String(length=64), nullable=False, comment=comment)


def _moment(name: str, comment: str) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=False, comment=comment)
