"""Create the outbox

Revision: 0036
Follows: 0035
Created: 2026-11-30
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "outbox",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="surrogate key",
        ),
        sa.Column(
            "occasion",
            sa.String(length=450),
            nullable=False,
            comment="what it is sent for, e.g. owner-digest/2026-W48 or campaign/7/reminder-1; nobody is written twice for one",
        ),
        sa.Column(
            "report",
            sa.String(length=64),
            nullable=False,
            comment="owner-digest, tenant-summary, exposure-summary or attestation",
        ),
        sa.Column(
            "recipient",
            sa.String(length=450),
            nullable=False,
            comment="whom it is for: object id, or mailbox: and the address of one in the settings",
        ),
        sa.Column(
            "recipient_key",
            sa.String(length=450),
            nullable=True,
            comment="object id; null for a mailbox",
        ),
        sa.Column(
            "recipient_name", sa.String(length=1000), nullable=False, comment="name, as it was then"
        ),
        sa.Column(
            "address", sa.String(length=1000), nullable=False, comment="mail address it goes to"
        ),
        sa.Column(
            "role",
            sa.String(length=64),
            nullable=False,
            comment="steward, deputy, owner, group, manager, coe or named (in the settings)",
        ),
        sa.Column(
            "passed",
            sa.JSON().with_variant(postgresql.JSONB(), "postgresql"),
            nullable=False,
            comment="who was to be asked before and why it was not them: role, name, reason",
        ),
        sa.Column(
            "channel", sa.String(length=64), nullable=False, comment="smtp, graph, teams or folder"
        ),
        sa.Column(
            "language",
            sa.String(length=64),
            nullable=False,
            comment="language it is written in, e.g. de",
        ),
        sa.Column("subject", sa.String(length=1000), nullable=False, comment="subject line"),
        sa.Column(
            "message_id",
            sa.String(length=1000),
            nullable=False,
            comment="Message-ID; the same when it is sent again",
        ),
        sa.Column(
            "campaign_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=True,
            comment="campaign it asks for, if any",
        ),
        sa.Column(
            "connectors",
            sa.JSON().with_variant(postgresql.JSONB(), "postgresql"),
            nullable=False,
            comment="surrogate keys of what it is about",
        ),
        sa.Column(
            "state",
            sa.String(length=64),
            nullable=False,
            comment="held, queued, sending, sent, uncertain, refused, bounced or cancelled",
        ),
        sa.Column("reason", sa.Text(), nullable=True, comment="why it is in that state"),
        sa.Column(
            "tries",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="how often sending was begun, counted anew when a person has it sent again",
        ),
        sa.Column(
            "not_before",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="earliest time of the next try",
        ),
        sa.Column(
            "claimed_by", sa.String(length=1000), nullable=True, comment="process that sends it"
        ),
        sa.Column(
            "claimed_until",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="after this a message that is still sending is uncertain",
        ),
        sa.Column(
            "queued_at",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="when it was written down",
        ),
        sa.Column(
            "settled_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="when its state became final",
        ),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaigns.id"], name=op.f("fk_outbox_campaign_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
        sa.UniqueConstraint(
            "occasion", "recipient", "channel", name=op.f("uq_outbox_occasion_recipient_channel")
        ),
    )
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.create_index("ix_outbox_campaign_id", ["campaign_id"], unique=False)
        batch_op.create_index("ix_outbox_message_id", ["message_id"], unique=False)
        batch_op.create_index("ix_outbox_recipient_key", ["recipient_key"], unique=False)
        batch_op.create_index("ix_outbox_settled_at", ["settled_at"], unique=False)
        batch_op.create_index("ix_outbox_state", ["state", "not_before", "id"], unique=False)

    op.create_table(
        "outbox_contents",
        sa.Column(
            "outbox_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="message",
        ),
        sa.Column("text", sa.Text(), nullable=False, comment="as plain text"),
        sa.Column("html", sa.Text(), nullable=False, comment="as HTML"),
        sa.Column(
            "card",
            sa.JSON().with_variant(postgresql.JSONB(), "postgresql"),
            nullable=True,
            comment="as an adaptive card",
        ),
        sa.ForeignKeyConstraint(
            ["outbox_id"], ["outbox.id"], name=op.f("fk_outbox_contents_outbox_id")
        ),
        sa.PrimaryKeyConstraint("outbox_id", name=op.f("pk_outbox_contents")),
    )
    op.create_table(
        "outbox_events",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="surrogate key",
        ),
        sa.Column(
            "outbox_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="message",
        ),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False, comment="when"),
        sa.Column("state", sa.String(length=64), nullable=False, comment="state it came to"),
        sa.Column("told", sa.Text(), nullable=True, comment="what was answered or decided"),
        sa.Column(
            "actor",
            sa.String(length=1000),
            nullable=False,
            comment="process, or person as that person said",
        ),
        sa.ForeignKeyConstraint(
            ["outbox_id"], ["outbox.id"], name=op.f("fk_outbox_events_outbox_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox_events")),
    )
    with op.batch_alter_table("outbox_events", schema=None) as batch_op:
        batch_op.create_index("ix_outbox_events_at", ["at"], unique=False)
        batch_op.create_index("ix_outbox_events_outbox_id", ["outbox_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("outbox_events", schema=None) as batch_op:
        batch_op.drop_index("ix_outbox_events_outbox_id")
        batch_op.drop_index("ix_outbox_events_at")

    op.drop_table("outbox_events")
    op.drop_table("outbox_contents")
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.drop_index("ix_outbox_state")
        batch_op.drop_index("ix_outbox_settled_at")
        batch_op.drop_index("ix_outbox_recipient_key")
        batch_op.drop_index("ix_outbox_message_id")
        batch_op.drop_index("ix_outbox_campaign_id")

    op.drop_table("outbox")
