"""Create campaigns with their requests, and retirement plans

Revision: 0035
Follows: 0034
Created: 2026-11-30
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "campaigns",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="surrogate key",
        ),
        sa.Column("name", sa.String(length=1000), nullable=False, comment="name people see"),
        sa.Column(
            "purpose", sa.Text(), nullable=False, comment="why people are asked; stands in the mail"
        ),
        sa.Column(
            "chosen",
            sa.JSON().with_variant(postgresql.JSONB(), "postgresql"),
            nullable=False,
            comment="how its connectors were chosen",
        ),
        sa.Column(
            "steps",
            sa.JSON().with_variant(postgresql.JSONB(), "postgresql"),
            nullable=False,
            comment="days until reminders, escalations and the deadline, by environment group",
        ),
        sa.Column(
            "opened_by",
            sa.String(length=1000),
            nullable=False,
            comment="who opened it, as that person said",
        ),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False, comment="when"),
        sa.Column("deadline", sa.Date(), nullable=False, comment="last day for answers"),
        sa.Column(
            "closed_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="when it was closed, if it was",
        ),
        sa.Column("closed_by", sa.String(length=1000), nullable=True, comment="by whom"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaigns")),
    )
    op.create_table(
        "attestation_requests",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="surrogate key",
        ),
        sa.Column(
            "campaign_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="campaign",
        ),
        sa.Column(
            "connector_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="connector",
        ),
        sa.Column(
            "asked",
            sa.String(length=450),
            nullable=False,
            comment="who is asked now: object id, or mailbox: and the address of one in the settings",
        ),
        sa.Column(
            "asked_name", sa.String(length=1000), nullable=False, comment="name, as it was then"
        ),
        sa.Column(
            "address",
            sa.String(length=1000),
            nullable=False,
            comment="mail address, as it was then",
        ),
        sa.Column(
            "language",
            sa.String(length=64),
            nullable=True,
            comment="language of that person as the directory tells it, e.g. de-DE",
        ),
        sa.Column(
            "role",
            sa.String(length=64),
            nullable=False,
            comment="steward, deputy, owner, group, manager, coe or named (by who was asked before)",
        ),
        sa.Column(
            "passed",
            sa.JSON().with_variant(postgresql.JSONB(), "postgresql"),
            nullable=False,
            comment="who was to be asked before and why it was not them: role, name, reason",
        ),
        sa.Column(
            "nonce",
            sa.String(length=64),
            nullable=False,
            comment="part of its link; another after each use and for each person",
        ),
        sa.Column(
            "facts",
            sa.JSON().with_variant(postgresql.JSONB(), "postgresql"),
            nullable=False,
            comment="what was known of the connector when it was asked about, kept as evidence",
        ),
        sa.Column("deadline", sa.Date(), nullable=False, comment="last day for the answer"),
        sa.Column(
            "counted_from",
            sa.Date(),
            nullable=False,
            comment="day from which reminders and the next escalation are counted",
        ),
        sa.Column(
            "reminders",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="reminders the one asked now was due so far",
        ),
        sa.Column(
            "escalations",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="how often it went to the next person",
        ),
        sa.Column(
            "postponed",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="how often more time was taken",
        ),
        sa.Column(
            "letter",
            sa.String(length=450),
            nullable=True,
            comment="occasion of the latest letter about it; null before the first is due",
        ),
        sa.Column(
            "told_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="when that letter was put into the outbox, later when it was sent; null if owed",
        ),
        sa.Column(
            "follows_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=True,
            comment="request whose answer led to it: handed over, or not theirs",
        ),
        sa.Column(
            "opened_at", sa.DateTime(timezone=True), nullable=False, comment="when it was opened"
        ),
        sa.Column(
            "closed_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="when it was answered or given up",
        ),
        sa.Column(
            "outcome",
            sa.String(length=64),
            nullable=True,
            comment="keep, retire, hand_over, not_mine, unanswered or cancelled; null while open",
        ),
        sa.Column("answered_by", sa.String(length=1000), nullable=True, comment="who answered"),
        sa.Column("via", sa.String(length=64), nullable=True, comment="link, csv or dashboard"),
        sa.Column("reason", sa.Text(), nullable=True, comment="reason given"),
        sa.Column(
            "hand_over_to",
            sa.String(length=1000),
            nullable=True,
            comment="name or address that was named",
        ),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaigns.id"], name=op.f("fk_attestation_requests_campaign_id")
        ),
        sa.ForeignKeyConstraint(
            ["connector_id"], ["connectors.id"], name=op.f("fk_attestation_requests_connector_id")
        ),
        sa.ForeignKeyConstraint(
            ["follows_id"],
            ["attestation_requests.id"],
            name=op.f("fk_attestation_requests_follows_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attestation_requests")),
    )
    with op.batch_alter_table("attestation_requests", schema=None) as batch_op:
        batch_op.create_index("ix_attestation_requests_asked", ["asked"], unique=False)
        batch_op.create_index("ix_attestation_requests_campaign_id", ["campaign_id"], unique=False)
        batch_op.create_index(
            "uq_attestation_requests_open",
            ["connector_id"],
            unique=True,
            sqlite_where=sa.text("closed_at IS NULL"),
            postgresql_where=sa.text("closed_at IS NULL"),
        )

    op.create_table(
        "attestation_events",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="surrogate key",
        ),
        sa.Column(
            "request_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="request",
        ),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False, comment="when"),
        sa.Column(
            "what",
            sa.String(length=64),
            nullable=False,
            comment="opened, told, reminded, escalated, postponed, answered or closed",
        ),
        sa.Column("who", sa.String(length=1000), nullable=False, comment="person or process"),
        sa.Column(
            "told",
            sa.JSON().with_variant(postgresql.JSONB(), "postgresql"),
            nullable=False,
            comment="details: answer, reason, deadline, how it came, digest of the link",
        ),
        sa.ForeignKeyConstraint(
            ["request_id"],
            ["attestation_requests.id"],
            name=op.f("fk_attestation_events_request_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attestation_events")),
    )
    with op.batch_alter_table("attestation_events", schema=None) as batch_op:
        batch_op.create_index("ix_attestation_events_request_id", ["request_id"], unique=False)

    op.create_table(
        "retirement_plans",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="surrogate key",
        ),
        sa.Column(
            "connector_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="connector",
        ),
        sa.Column(
            "request_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=True,
            comment="answer it follows from, if any",
        ),
        sa.Column("planned_by", sa.String(length=1000), nullable=False, comment="who planned it"),
        sa.Column("planned_at", sa.DateTime(timezone=True), nullable=False, comment="when"),
        sa.Column(
            "announce_on", sa.Date(), nullable=False, comment="consumers are told by this day"
        ),
        sa.Column(
            "freeze_on", sa.Date(), nullable=False, comment="nothing new may use it from this day"
        ),
        sa.Column(
            "remove_on", sa.Date(), nullable=False, comment="it may be removed from this day"
        ),
        sa.Column(
            "announced_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="when that was said to be done",
        ),
        sa.Column("announced_by", sa.String(length=1000), nullable=True, comment="by whom"),
        sa.Column(
            "frozen_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="when that was said to be done",
        ),
        sa.Column("frozen_by", sa.String(length=1000), nullable=True, comment="by whom"),
        sa.Column(
            "closed_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="when it was removed, or given up",
        ),
        sa.Column(
            "closed_by",
            sa.String(length=1000),
            nullable=True,
            comment="by whom; a run that found it gone",
        ),
        sa.Column(
            "outcome",
            sa.String(length=64),
            nullable=True,
            comment="removed or given_up; null while open",
        ),
        sa.ForeignKeyConstraint(
            ["connector_id"], ["connectors.id"], name=op.f("fk_retirement_plans_connector_id")
        ),
        sa.ForeignKeyConstraint(
            ["request_id"], ["attestation_requests.id"], name=op.f("fk_retirement_plans_request_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_retirement_plans")),
    )
    with op.batch_alter_table("retirement_plans", schema=None) as batch_op:
        batch_op.create_index("ix_retirement_plans_request_id", ["request_id"], unique=False)
        batch_op.create_index(
            "uq_retirement_plans_open",
            ["connector_id"],
            unique=True,
            sqlite_where=sa.text("closed_at IS NULL"),
            postgresql_where=sa.text("closed_at IS NULL"),
        )


def downgrade() -> None:
    with op.batch_alter_table("retirement_plans", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_retirement_plans_open",
            sqlite_where=sa.text("closed_at IS NULL"),
            postgresql_where=sa.text("closed_at IS NULL"),
        )
        batch_op.drop_index("ix_retirement_plans_request_id")

    op.drop_table("retirement_plans")
    with op.batch_alter_table("attestation_events", schema=None) as batch_op:
        batch_op.drop_index("ix_attestation_events_request_id")

    op.drop_table("attestation_events")
    with op.batch_alter_table("attestation_requests", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_attestation_requests_open",
            sqlite_where=sa.text("closed_at IS NULL"),
            postgresql_where=sa.text("closed_at IS NULL"),
        )
        batch_op.drop_index("ix_attestation_requests_campaign_id")
        batch_op.drop_index("ix_attestation_requests_asked")

    op.drop_table("attestation_requests")
    op.drop_table("campaigns")
