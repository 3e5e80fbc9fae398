"""Freeze estimates

Revision: 0029
Follows: 0028
Created: 2026-11-29
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def _big() -> sa.types.TypeEngine[int]:
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "frozen_estimates",
        sa.Column(
            "number", _big(), autoincrement=False, nullable=False, comment="1, 2, 3 and so on"
        ),
        sa.Column(
            "made_at", sa.DateTime(timezone=True), nullable=False, comment="when it was frozen"
        ),
        sa.Column(
            "author",
            sa.String(length=1000),
            nullable=False,
            comment="who froze it, as that person said",
        ),
        sa.Column(
            "note", sa.Text(), nullable=False, comment="what it was made for; may be nothing"
        ),
        sa.Column("run_id", _big(), nullable=False, comment="run whose facts it rests on"),
        sa.Column("as_of", sa.Date(), nullable=False, comment="day of its prices"),
        sa.Column("basis", sa.String(length=64), nullable=False, comment="active or access"),
        sa.Column(
            "channel", sa.String(length=64), nullable=True, comment="how licences are bought"
        ),
        sa.Column("currency", sa.String(length=1000), nullable=False, comment="of every amount"),
        sa.Column("price_book", sa.Text(), nullable=False, comment="version of the prices"),
        sa.Column(
            "monthly",
            sa.String(length=1000),
            nullable=False,
            comment="what the cheapest plan costs a month",
        ),
        sa.Column("people_in_need", _big(), nullable=False, comment="people without cover"),
        sa.Column("flows_in_need", _big(), nullable=False, comment="flows without cover"),
        sa.Column("recipients", _big(), nullable=False, comment="people whom the plan covers"),
        sa.Column(
            "statement",
            sa.JSON().with_variant(postgresql.JSONB(), "postgresql"),
            nullable=False,
            comment="lines, naive ways, prices in force, rules and what is open",
        ),
        sa.Column(
            "scenario",
            sa.LargeBinary(),
            nullable=False,
            comment="what it was reckoned from: a scenario file, compressed (zlib)",
        ),
        sa.Column(
            "digest",
            sa.String(length=64),
            nullable=False,
            comment="SHA-256 of all of it, by which a change would show",
        ),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_frozen_estimates_run_id")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_frozen_estimates")),
    )
    op.create_table(
        "frozen_recipients",
        sa.Column("number", _big(), nullable=False, comment="whose"),
        sa.Column(
            "position", _big(), autoincrement=False, nullable=False, comment="place in the list"
        ),
        sa.Column(
            "person_key", sa.String(length=450), nullable=False, comment="object id of the account"
        ),
        sa.Column("person", sa.String(length=1000), nullable=False, comment="name"),
        sa.Column("department", sa.String(length=1000), nullable=True, comment="department"),
        sa.Column("gets", sa.String(length=1000), nullable=False, comment="what covers the person"),
        sa.Column("connectors", sa.Text(), nullable=False, comment="because of which connectors"),
        sa.Column("apps", sa.Text(), nullable=False, comment="by which apps"),
        sa.Column("flows", sa.Text(), nullable=False, comment="by which flows"),
        sa.Column("environments", sa.Text(), nullable=False, comment="where"),
        sa.Column("rules", sa.String(length=1000), nullable=False, comment="by which rules"),
        sa.ForeignKeyConstraint(
            ["number"], ["frozen_estimates.number"], name=op.f("fk_frozen_recipients_number")
        ),
        sa.PrimaryKeyConstraint("number", "position", name=op.f("pk_frozen_recipients")),
    )


def downgrade() -> None:
    op.drop_table("frozen_recipients")
    op.drop_table("frozen_estimates")
