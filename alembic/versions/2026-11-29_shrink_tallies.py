"""Leave out the minutes that can be counted from the calls themselves

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


def upgrade() -> None:
    op.drop_column("usage_connections", "minutes")


def downgrade() -> None:
    op.add_column(
        "usage_connections",
        sa.Column("minutes", sa.LargeBinary(), nullable=False, server_default=sa.text("''"), comment="tally of calls by minute"),
    )
