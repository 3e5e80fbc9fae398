"""Give watermarks room for the tokens of a directory

Revision: 0017
Follows: 0016
Created: 2026-11-23
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("steps", schema=None) as batch_op:
        batch_op.alter_column("watermark", type_=sa.String(length=4000))


def downgrade() -> None:
    op.execute(sa.text("UPDATE steps SET watermark = NULL WHERE length(watermark) > 450"))
    with op.batch_alter_table("steps", schema=None) as batch_op:
        batch_op.alter_column("watermark", type_=sa.String(length=450))
