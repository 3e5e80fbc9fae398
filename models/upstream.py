"""Upstream documents: what the APIs behind connectors say of themselves, and which is whose."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import BIG, Base, Interval, Version, key, label, one_open, surrogate, utc, word


class UpstreamDocument(Base):
    """A document of an API; its key is the address it is asked for at."""

    __tablename__ = "upstream_documents"
    __table_args__ = (UniqueConstraint("key"),)

    id: Mapped[surrogate]
    key: Mapped[key] = mapped_column(comment="address, its host case-folded")


class UpstreamDocumentVersion(Version, Base):
    """What a document was found to be; its content is stored once, with the definitions."""

    __tablename__ = "upstream_document_versions"
    __table_args__ = (one_open("upstream_document_versions", "upstream_document_id"),)

    upstream_document_id: Mapped[int] = mapped_column(
        BIG, ForeignKey("upstream_documents.id"), primary_key=True, comment="whose"
    )
    from_run: Mapped[int] = mapped_column(
        BIG, ForeignKey("runs.id"), primary_key=True, comment="first run that found it so"
    )
    url: Mapped[label | None] = mapped_column(comment="address it was found at in the end")
    state: Mapped[word] = mapped_column(
        comment="read, unreadable, absent, refused or failed, the last time it was asked for"
    )
    detail: Mapped[label | None] = mapped_column(comment="why it was not read, or cannot be")
    definition_id: Mapped[int | None] = mapped_column(
        BIG, ForeignKey("definitions.id"), comment="its content when it was last read"
    )
    changed_at: Mapped[utc | None] = mapped_column(
        comment="when this content was found in place of another; null: it was so when first read"
    )


class ConnectorUpstream(Interval, Base):
    """The document of the API that a connector wraps."""

    __tablename__ = "connector_upstreams"
    __table_args__ = (
        one_open("connector_upstreams", "connector_id"),
        Index("ix_connector_upstreams_upstream_document_id", "upstream_document_id"),
    )

    id: Mapped[surrogate]
    connector_id: Mapped[int] = mapped_column(BIG, ForeignKey("connectors.id"), comment="connector")
    upstream_document_id: Mapped[int] = mapped_column(
        BIG, ForeignKey("upstream_documents.id"), comment="document"
    )
    how: Mapped[word] = mapped_column(
        comment="registered in the settings, or found at a usual address: convention"
    )


class UpstreamAnswer(Interval, Base):
    """How a connector stands to the document of the API it wraps."""

    __tablename__ = "upstream_answers"
    __table_args__ = (
        one_open("upstream_answers", "connector_id"),
        Index("ix_upstream_answers_comparison_id", "comparison_id"),
    )

    id: Mapped[surrogate]
    connector_id: Mapped[int] = mapped_column(BIG, ForeignKey("connectors.id"), comment="connector")
    upstream_document_id: Mapped[int] = mapped_column(
        BIG, ForeignKey("upstream_documents.id"), comment="document it is compared with"
    )
    state: Mapped[word] = mapped_column(
        comment="same, cosmetic, compatible, risky, breaking, unreadable or unknown"
    )
    comparison_id: Mapped[int | None] = mapped_column(
        BIG, ForeignKey("comparisons.id"), comment="what was compared"
    )
    available: Mapped[int | None] = mapped_column(
        comment="operations of the API that the connector does not wrap"
    )
    behind_since: Mapped[utc | None] = mapped_column(
        comment="when the document changed and the connector did not follow; null: it did, or nobody knows"
    )
    reason: Mapped[label | None] = mapped_column(comment="why it is unreadable or unknown")
