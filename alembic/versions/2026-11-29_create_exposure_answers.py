"""Create the answers on licences and what they cost

Revision: 0028
Follows: 0027
Created: 2026-11-29
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
AMOUNT = sa.Numeric().with_variant(sa.String(length=40), "sqlite")
DOCUMENT = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    op.create_table(
        "exposure_answers",
        sa.Column("id", BIG, nullable=False, comment="surrogate key"),
        sa.Column(
            "scope", sa.String(length=64), nullable=False, comment="what it is about: tenant"
        ),
        sa.Column(
            "reason",
            sa.String(length=1000),
            nullable=True,
            comment="why it could not be reckoned",
        ),
        sa.Column("people", BIG, nullable=True, comment="people who need cover they do not have"),
        sa.Column("flows", BIG, nullable=True, comment="flows that need cover no person can give"),
        sa.Column("review", BIG, nullable=True, comment="what no rule decides; in no figure"),
        sa.Column("monthly", AMOUNT, nullable=True, comment="cheapest plan that leaves no need"),
        sa.Column(
            "proven", sa.Boolean(), nullable=True, comment="the solver proved that none costs less"
        ),
        sa.Column(
            "metered_now",
            AMOUNT,
            nullable=True,
            comment="what linked environments bill as things are",
        ),
        sa.Column(
            "ways",
            DOCUMENT,
            nullable=True,
            comment="naive ways by name: monthly, purchasable and compliant; null if one does not apply",
        ),
        sa.Column(
            "currency",
            sa.String(length=64),
            nullable=True,
            comment="of every amount, also of connectors",
        ),
        sa.Column(
            "price_book", sa.String(length=1000), nullable=True, comment="version of the prices"
        ),
        sa.Column(
            "basis",
            sa.String(length=64),
            nullable=False,
            comment="who needs a licence for an app: active or access",
        ),
        sa.Column(
            "channel",
            sa.String(length=64),
            nullable=False,
            comment="how licences are bought; empty if not told",
        ),
        sa.Column("from_run", BIG, nullable=False, comment="first run that found it so"),
        sa.Column("to_run", BIG, nullable=True, comment="first run that found it otherwise"),
        sa.ForeignKeyConstraint(
            ["from_run"], ["runs.id"], name=op.f("fk_exposure_answers_from_run")
        ),
        sa.ForeignKeyConstraint(["to_run"], ["runs.id"], name=op.f("fk_exposure_answers_to_run")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exposure_answers")),
    )
    op.create_table(
        "connector_exposure_answers",
        sa.Column("id", BIG, nullable=False, comment="surrogate key"),
        sa.Column("connector_id", BIG, nullable=False, comment="connector"),
        sa.Column("monthly", AMOUNT, nullable=False, comment="what retiring it would save"),
        sa.Column(
            "people", BIG, nullable=False, comment="people who need cover because of it alone"
        ),
        sa.Column("apps", BIG, nullable=False, comment="apps that use it"),
        sa.Column("flows", BIG, nullable=False, comment="flows that use it"),
        sa.Column("from_run", BIG, nullable=False, comment="first run that found it so"),
        sa.Column("to_run", BIG, nullable=True, comment="first run that found it otherwise"),
        sa.ForeignKeyConstraint(
            ["connector_id"],
            ["connectors.id"],
            name=op.f("fk_connector_exposure_answers_connector_id"),
        ),
        sa.ForeignKeyConstraint(
            ["from_run"], ["runs.id"], name=op.f("fk_connector_exposure_answers_from_run")
        ),
        sa.ForeignKeyConstraint(
            ["to_run"], ["runs.id"], name=op.f("fk_connector_exposure_answers_to_run")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_connector_exposure_answers")),
    )
    for table, column in (
        ("exposure_answers", "scope"),
        ("connector_exposure_answers", "connector_id"),
    ):
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.create_index(
                f"uq_{table}_open",
                [column],
                unique=True,
                sqlite_where=sa.text("to_run IS NULL"),
                postgresql_where=sa.text("to_run IS NULL"),
            )
    with op.batch_alter_table("alerts_sent", schema=None) as batch_op:
        batch_op.alter_column(
            "cause",
            existing_type=sa.String(length=64),
            existing_nullable=False,
            comment="failed, silent, credential or budget",
            existing_comment="failed, silent or credential",
        )
        batch_op.alter_column(
            "subject",
            existing_type=sa.String(length=64),
            existing_nullable=False,
            comment="job, credential or figure it is about",
            existing_comment="job or credential it is about",
        )


def downgrade() -> None:
    with op.batch_alter_table("alerts_sent", schema=None) as batch_op:
        batch_op.alter_column(
            "subject",
            existing_type=sa.String(length=64),
            existing_nullable=False,
            comment="job or credential it is about",
            existing_comment="job, credential or figure it is about",
        )
        batch_op.alter_column(
            "cause",
            existing_type=sa.String(length=64),
            existing_nullable=False,
            comment="failed, silent or credential",
            existing_comment="failed, silent, credential or budget",
        )
    op.drop_table("connector_exposure_answers")
    op.drop_table("exposure_answers")
