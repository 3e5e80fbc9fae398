"""What the audit log told of connectors and of what uses them, and how far it was read."""

from __future__ import annotations

from sqlalchemy import Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, key, label, run_ref, surrogate, utc, word


class AuditEvent(Base):
    """One thing somebody did to a connector, a connection to one, or a flow or app that uses one.

    What happened stays true: rows are added once, under the id of their record, and never change.
    """

    __tablename__ = "audit_events"
    __table_args__ = (
        UniqueConstraint("event_key"),
        Index("ix_audit_events_environment_key_connector_key", "environment_key", "connector_key"),
        Index("ix_audit_events_noun_target_key", "noun", "target_key"),
        Index("ix_audit_events_actor_key", "actor_key"),
    )

    id: Mapped[surrogate]
    event_key: Mapped[key] = mapped_column(comment="id of the record in the log, case-folded")
    at: Mapped[utc] = mapped_column(comment="when it happened")
    record_type: Mapped[int] = mapped_column(comment="type of the record, which names its service")
    operation: Mapped[label] = mapped_column(comment="what was done, in the log's own words")
    noun: Mapped[word] = mapped_column(comment="connector, connection, flow or app")
    action: Mapped[word] = mapped_column(
        comment="created, edited, saved (either of both), deleted, shared, unshared, launched, other"
    )
    environment_key: Mapped[key | None] = mapped_column(comment="environment, case-folded")
    target_key: Mapped[key | None] = mapped_column(comment="what it was done to, case-folded")
    connector_key: Mapped[key | None] = mapped_column(
        comment="connector it is about, of a connector or connection"
    )
    actor_key: Mapped[key | None] = mapped_column(comment="object id of who did it")
    actor_name: Mapped[label | None] = mapped_column(
        comment="name in the log, only where the directory knows nobody of it"
    )
    succeeded: Mapped[bool | None] = mapped_column(comment="whether it was done, if told")
    run_id: Mapped[run_ref] = mapped_column(comment="run that read it")


class AuditBlob(Base):
    """A part of the log as it was handed out; one that was read is not fetched again."""

    __tablename__ = "audit_blobs"

    content_id: Mapped[key] = mapped_column(primary_key=True, comment="its id at the service")
    created_at: Mapped[utc] = mapped_column(index=True, comment="when the service made it")
    state: Mapped[word] = mapped_column(comment="read, or expired before it could be read")
    records: Mapped[int] = mapped_column(comment="records in it, of whatever service")
    run_id: Mapped[run_ref] = mapped_column(comment="run that read it, or came too late")


class AuditSpan(Base):
    """A stretch of time of which every blob was read; what lies between two of them is lost."""

    __tablename__ = "audit_spans"

    id: Mapped[surrogate]
    from_at: Mapped[utc] = mapped_column(comment="first moment read")
    to_at: Mapped[utc] = mapped_column(comment="read up to here")
    run_id: Mapped[run_ref] = mapped_column(comment="run that read furthest")


class AuditQuery(Base):
    """A question about what had expired before it was read; one that was answered fills its hole."""

    __tablename__ = "audit_queries"

    id: Mapped[surrogate]
    query_key: Mapped[key] = mapped_column(comment="its id at the service")
    from_at: Mapped[utc] = mapped_column(comment="what was handed out from here on")
    to_at: Mapped[utc] = mapped_column(comment="and before this is what it asks for")
    state: Mapped[word] = mapped_column(
        comment="asked, filled, failed, cancelled, or gone: no longer known to the service"
    )
    records: Mapped[int] = mapped_column(comment="records it was answered with, of whatever kind")
    asked_at: Mapped[utc] = mapped_column(comment="when it was asked")
    run_id: Mapped[run_ref] = mapped_column(comment="run that asked it, or read its answer")
