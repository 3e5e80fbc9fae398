"""Create the ledger of the schedule and the memory of alerts

Revision: 0010
Follows: 0009
Created: 2026-11-23
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "alerts_sent",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="surrogate key",
        ),
        sa.Column(
            "cause", sa.String(length=64), nullable=False, comment="failed, silent or credential"
        ),
        sa.Column(
            "subject", sa.String(length=64), nullable=False, comment="job or credential it is about"
        ),
        sa.Column("day", sa.Date(), nullable=False, comment="day it is about, in the display zone"),
        sa.Column("channel", sa.String(length=64), nullable=False, comment="mail or webhook"),
        sa.Column("state", sa.String(length=64), nullable=False, comment="sent or failed"),
        sa.Column(
            "tries",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="how often it was tried",
        ),
        sa.Column("tried_at", sa.DateTime(timezone=True), nullable=False, comment="last try"),
        sa.Column(
            "reason", sa.String(length=1000), nullable=True, comment="why the last try failed"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alerts_sent")),
        sa.UniqueConstraint(
            "cause",
            "subject",
            "day",
            "channel",
            name=op.f("uq_alerts_sent_cause_subject_day_channel"),
        ),
    )
    op.create_table(
        "schedule_events",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="surrogate key",
        ),
        sa.Column("job", sa.String(length=64), nullable=False, comment="collector, or assess"),
        sa.Column("cron", sa.String(length=200), nullable=False, comment="cron it was due by"),
        sa.Column(
            "time_zone", sa.String(length=64), nullable=False, comment="zone that cron is read in"
        ),
        sa.Column(
            "due_at",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="when it was due, the last time if several",
        ),
        sa.Column(
            "first_due_at",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="when it was due first, if several",
        ),
        sa.Column(
            "times",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="due moments this row stands for",
        ),
        sa.Column(
            "state",
            sa.String(length=64),
            nullable=False,
            comment="armed, disarmed, waiting, running, complete, partial, failed, stopped, skipped, missed or lost",
        ),
        sa.Column(
            "reason", sa.String(length=1000), nullable=True, comment="why it is not complete"
        ),
        sa.Column(
            "scheduler",
            sa.String(length=1000),
            nullable=True,
            comment="host, process and start of the scheduler that took it",
        ),
        sa.Column(
            "started_at", sa.DateTime(timezone=True), nullable=True, comment="when it was started"
        ),
        sa.Column(
            "finished_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="when its end was known",
        ),
        sa.Column(
            "run_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=True,
            comment="run that it became, if it says so",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_schedule_events")),
        sa.UniqueConstraint("job", "due_at", name=op.f("uq_schedule_events_job_due_at")),
    )
    with op.batch_alter_table("schedule_events", schema=None) as batch_op:
        batch_op.create_index(
            "ix_schedule_events_state_finished_at", ["state", "finished_at"], unique=False
        )


def downgrade() -> None:
    with op.batch_alter_table("schedule_events", schema=None) as batch_op:
        batch_op.drop_index("ix_schedule_events_state_finished_at")

    op.drop_table("schedule_events")
    op.drop_table("alerts_sent")
