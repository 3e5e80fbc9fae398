"""Recognise a log file that has grown by what it began with

Files that were read before are not recognised so: their sizes were not kept.

Revision: 0027
Follows: 0026
Created: 2026-11-29
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def _big() -> sa.types.TypeEngine[int]:
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    with op.batch_alter_table("call_files", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("size", _big(), nullable=True, comment="how many bytes these are")
        )
        batch_op.add_column(
            sa.Column(
                "grown_run_id",
                _big(),
                nullable=True,
                comment="run that found it grown; its row tells of all of it",
            )
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_call_files_grown_run_id"), "runs", ["grown_run_id"], ["id"]
        )


def downgrade() -> None:
    # Without these columns every length a file had would count as a file.
    op.execute("DELETE FROM call_files WHERE grown_run_id IS NOT NULL")
    with op.batch_alter_table("call_files", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_call_files_grown_run_id"), type_="foreignkey")
        batch_op.drop_column("grown_run_id")
        batch_op.drop_column("size")
