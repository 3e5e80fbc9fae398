"""What people are written: every message is a row before it is sent, and settled after."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import BIG, Base, key, label, prose, surrogate, utc, word


class OutboxMessage(Base):
    """One message to one recipient through one channel."""

    __tablename__ = "outbox"
    __table_args__ = (
        UniqueConstraint("occasion", "recipient", "channel"),
        Index("ix_outbox_state", "state", "not_before", "id"),
        Index("ix_outbox_recipient_key", "recipient_key"),
        Index("ix_outbox_campaign_id", "campaign_id"),
        Index("ix_outbox_message_id", "message_id"),
        Index("ix_outbox_settled_at", "settled_at"),
    )

    id: Mapped[surrogate]
    occasion: Mapped[key] = mapped_column(
        comment="what it is sent for, e.g. owner-digest/2026-W48 or campaign/7/reminder-1; "
        "nobody is written twice for one"
    )
    report: Mapped[word] = mapped_column(
        comment="owner-digest, tenant-summary, exposure-summary or attestation"
    )
    recipient: Mapped[key] = mapped_column(
        comment="whom it is for: object id, or mailbox: and the address of one in the settings"
    )
    recipient_key: Mapped[key | None] = mapped_column(comment="object id; null for a mailbox")
    recipient_name: Mapped[label] = mapped_column(comment="name, as it was then")
    address: Mapped[label] = mapped_column(comment="mail address it goes to")
    role: Mapped[word] = mapped_column(
        comment="steward, deputy, owner, group, manager, coe or named (in the settings)"
    )
    passed: Mapped[list[Any]] = mapped_column(
        comment="who was to be asked before and why it was not them: role, name, reason"
    )
    channel: Mapped[word] = mapped_column(comment="smtp, graph, teams or folder")
    language: Mapped[word] = mapped_column(comment="language it is written in, e.g. de")
    subject: Mapped[label] = mapped_column(comment="subject line")
    message_id: Mapped[label] = mapped_column(comment="Message-ID; the same when it is sent again")
    campaign_id: Mapped[int | None] = mapped_column(
        BIG, ForeignKey("campaigns.id"), comment="campaign it asks for, if any"
    )
    connectors: Mapped[list[Any]] = mapped_column(comment="surrogate keys of what it is about")
    state: Mapped[word] = mapped_column(
        comment="held, queued, sending, sent, uncertain, refused, bounced or cancelled"
    )
    reason: Mapped[prose | None] = mapped_column(comment="why it is in that state")
    tries: Mapped[int] = mapped_column(
        comment="how often sending was begun, counted anew when a person has it sent again"
    )
    not_before: Mapped[utc] = mapped_column(comment="earliest time of the next try")
    claimed_by: Mapped[label | None] = mapped_column(comment="process that sends it")
    claimed_until: Mapped[utc | None] = mapped_column(
        comment="after this a message that is still sending is uncertain"
    )
    queued_at: Mapped[utc] = mapped_column(comment="when it was written down")
    settled_at: Mapped[utc | None] = mapped_column(comment="when its state became final")


class OutboxContent(Base):
    """What a message says; forgotten after `reports.keep_content_days`, the message stays."""

    __tablename__ = "outbox_contents"

    outbox_id: Mapped[int] = mapped_column(
        BIG, ForeignKey("outbox.id"), primary_key=True, comment="message"
    )
    text: Mapped[prose] = mapped_column(comment="as plain text")
    html: Mapped[prose] = mapped_column(comment="as HTML")
    card: Mapped[dict[str, Any] | None] = mapped_column(comment="as an adaptive card")


class OutboxEvent(Base):
    """What became of a message: each claim, answer of a server, bounce and decision of a person."""

    __tablename__ = "outbox_events"
    __table_args__ = (
        Index("ix_outbox_events_outbox_id", "outbox_id"),
        Index("ix_outbox_events_at", "at"),
    )

    id: Mapped[surrogate]
    outbox_id: Mapped[int] = mapped_column(BIG, ForeignKey("outbox.id"), comment="message")
    at: Mapped[utc] = mapped_column(comment="when")
    state: Mapped[word] = mapped_column(comment="state it came to")
    told: Mapped[prose | None] = mapped_column(comment="what was answered or decided")
    actor: Mapped[label] = mapped_column(comment="process, or person as that person said")
