"""Tell what could not be asked apart from what there is not

Revision: 0019
Follows: 0018
Created: 2026-11-28
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

_BEFORE = "complete, partial, refused, failed or skipped"
_NOW = "complete, partial, refused, failed, skipped or not_asked"


def _comment(before: str, now: str) -> None:
    with op.batch_alter_table("step_sources", schema=None) as batch_op:
        batch_op.alter_column(
            "outcome",
            existing_type=sa.String(length=64),
            existing_nullable=False,
            existing_comment=before,
            comment=now,
        )


def upgrade() -> None:
    _comment(_BEFORE, _NOW)


def downgrade() -> None:
    op.execute(sa.text("UPDATE step_sources SET outcome = 'skipped' WHERE outcome = 'not_asked'"))
    _comment(_NOW, _BEFORE)
