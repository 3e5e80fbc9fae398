"""Create runs, steps and what was sighted in them

Revision: 0001
Follows:
Created: 2026-11-23
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "environments",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="surrogate key",
        ),
        sa.Column(
            "key", sa.String(length=450), nullable=False, comment="environment id, case-folded"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_environments")),
        sa.UniqueConstraint("key", name=op.f("uq_environments_key")),
    )
    op.create_table(
        "leases",
        sa.Column("name", sa.String(length=450), nullable=False, comment="what is leased"),
        sa.Column(
            "holder",
            sa.String(length=1000),
            nullable=False,
            comment="host, process and start of the holder",
        ),
        sa.Column(
            "fence",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="number of this tenure",
        ),
        sa.Column(
            "expires_at",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="wall-clock end unless renewed",
        ),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_leases")),
    )
    op.create_table(
        "runs",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="surrogate key",
        ),
        sa.Column(
            "state",
            sa.String(length=64),
            nullable=False,
            comment="running, complete, partial, failed or died",
        ),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False, comment="start"),
        sa.Column(
            "finished_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="end; null while running",
        ),
        sa.Column(
            "identity",
            sa.String(length=200),
            nullable=True,
            comment="client id or user the run signed in as",
        ),
        sa.Column(
            "product_version", sa.String(length=64), nullable=False, comment="version of Connectory"
        ),
        sa.Column(
            "arguments",
            sa.JSON().with_variant(postgresql.JSONB(), "postgresql"),
            nullable=False,
            comment="collectors and filters asked for",
        ),
        sa.Column(
            "reason", sa.String(length=1000), nullable=True, comment="why the run is not whole"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_runs")),
    )
    with op.batch_alter_table("runs", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_runs_started_at"), ["started_at"], unique=False)
    op.create_table(
        "store_tenant",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="surrogate key",
        ),
        sa.Column(
            "tenant_id",
            sa.String(length=64),
            nullable=False,
            comment="Entra tenant id, case-folded",
        ),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="when the store was first used",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_store_tenant")),
    )
    op.create_table(
        "assessments",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="surrogate key",
        ),
        sa.Column(
            "run_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="run the answers are about",
        ),
        sa.Column(
            "state", sa.String(length=64), nullable=False, comment="running, complete or failed"
        ),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False, comment="start"),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True, comment="end"),
        sa.Column("reason", sa.Text(), nullable=True, comment="why it failed"),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_assessments_run_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assessments")),
    )
    with op.batch_alter_table("assessments", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_assessments_run_id"), ["run_id"], unique=False)
    op.create_table(
        "sightings",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="surrogate key",
        ),
        sa.Column("noun", sa.String(length=64), nullable=False, comment="table of the row seen"),
        sa.Column(
            "entity_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="surrogate key in that table",
        ),
        sa.Column("source", sa.String(length=64), nullable=False, comment="name of the source"),
        sa.Column(
            "from_run",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="first run that saw it",
        ),
        sa.Column(
            "to_run",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=True,
            comment="first complete read without it",
        ),
        sa.Column(
            "last_run",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="latest run that saw it",
        ),
        sa.ForeignKeyConstraint(["from_run"], ["runs.id"], name=op.f("fk_sightings_from_run")),
        sa.ForeignKeyConstraint(["last_run"], ["runs.id"], name=op.f("fk_sightings_last_run")),
        sa.ForeignKeyConstraint(["to_run"], ["runs.id"], name=op.f("fk_sightings_to_run")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sightings")),
    )
    with op.batch_alter_table("sightings", schema=None) as batch_op:
        batch_op.create_index(
            "uq_sightings_open",
            ["noun", "entity_id", "source"],
            unique=True,
            sqlite_where=sa.text("to_run IS NULL"),
            postgresql_where=sa.text("to_run IS NULL"),
        )
    op.create_table(
        "steps",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="surrogate key",
        ),
        sa.Column(
            "run_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="run this step belongs to",
        ),
        sa.Column(
            "collector", sa.String(length=64), nullable=False, comment="name of the collector"
        ),
        sa.Column(
            "environment_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=True,
            comment="scope; null for the tenant",
        ),
        sa.Column(
            "state",
            sa.String(length=64),
            nullable=False,
            comment="running, complete, partial, failed or skipped",
        ),
        sa.Column(
            "reason", sa.String(length=2000), nullable=True, comment="why it is not complete"
        ),
        sa.Column("identity", sa.String(length=200), nullable=True, comment="identity used"),
        sa.Column(
            "requests",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="HTTP requests sent",
        ),
        sa.Column(
            "retries",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="requests sent again",
        ),
        sa.Column(
            "throttled_seconds", sa.Double(), nullable=False, comment="seconds spent waiting"
        ),
        sa.Column(
            "bytes_received",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="bytes of reply bodies",
        ),
        sa.Column(
            "rows_seen",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="rows the sources returned",
        ),
        sa.Column(
            "rows_changed",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="rows opened, closed or altered",
        ),
        sa.Column(
            "watermark", sa.String(length=450), nullable=True, comment="how far a source was read"
        ),
        sa.Column(
            "fence",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="lease number the step wrote under",
        ),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False, comment="start"),
        sa.Column(
            "finished_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="end; null while running",
        ),
        sa.ForeignKeyConstraint(
            ["environment_id"], ["environments.id"], name=op.f("fk_steps_environment_id")
        ),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_steps_run_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_steps")),
        sa.UniqueConstraint(
            "run_id",
            "collector",
            "environment_id",
            name=op.f("uq_steps_run_id_collector_environment_id"),
        ),
    )
    with op.batch_alter_table("steps", schema=None) as batch_op:
        batch_op.create_index(
            "ix_steps_collector_environment_id_run_id",
            ["collector", "environment_id", "run_id"],
            unique=False,
        )
    op.create_table(
        "step_sources",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="surrogate key",
        ),
        sa.Column(
            "step_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="step",
        ),
        sa.Column("source", sa.String(length=64), nullable=False, comment="name of the source"),
        sa.Column(
            "outcome",
            sa.String(length=64),
            nullable=False,
            comment="complete, partial, refused, failed or skipped",
        ),
        sa.Column(
            "reason", sa.String(length=2000), nullable=True, comment="cause and cure, one line"
        ),
        sa.Column(
            "rows",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="rows this source returned",
        ),
        sa.ForeignKeyConstraint(["step_id"], ["steps.id"], name=op.f("fk_step_sources_step_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_step_sources")),
        sa.UniqueConstraint("step_id", "source", name=op.f("uq_step_sources_step_id_source")),
    )


def downgrade() -> None:
    op.drop_table("step_sources")
    with op.batch_alter_table("steps", schema=None) as batch_op:
        batch_op.drop_index("ix_steps_collector_environment_id_run_id")
    op.drop_table("steps")
    with op.batch_alter_table("sightings", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_sightings_open",
            sqlite_where=sa.text("to_run IS NULL"),
            postgresql_where=sa.text("to_run IS NULL"),
        )
    op.drop_table("sightings")
    with op.batch_alter_table("assessments", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_assessments_run_id"))
    op.drop_table("assessments")
    op.drop_table("store_tenant")
    with op.batch_alter_table("runs", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_runs_started_at"))
    op.drop_table("runs")
    op.drop_table("leases")
    op.drop_table("environments")
