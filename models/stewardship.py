"""What people decide about a connector: who answers for it, and what the rules shall leave alone.

The platform cannot give a custom connector another owner (docs/owners.md), so the people who
answer for it are named here. Rows are ended, never altered: they are the log of who decided what.
"""

from __future__ import annotations

from datetime import date

from sqlalchemy import Date, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import BIG, Base, key, label, prose, surrogate, utc, word


def one_standing(name: str, *columns: str, ended: str) -> Index:
    """Return the index that lets only one decision of a kind stand.

    Args:
        name: Name of the index.
        columns: What the decision is about.
        ended: Column that tells when it ended.
    """
    standing = text(f"{ended} IS NULL")
    return Index(name, *columns, unique=True, sqlite_where=standing, postgresql_where=standing)


class Steward(Base):
    """Who answers for a connector beside its platform owner; each change is a row of its own."""

    __tablename__ = "stewards"
    __table_args__ = (
        one_standing("uq_stewards_standing", "connector_id", ended="replaced_at"),
        Index("ix_stewards_business_owner_key", "business_owner_key"),
        Index("ix_stewards_deputy_key", "deputy_key"),
    )

    id: Mapped[surrogate]
    connector_id: Mapped[int] = mapped_column(BIG, ForeignKey("connectors.id"), comment="connector")
    business_owner_key: Mapped[key | None] = mapped_column(
        comment="object id of the business owner; null if none is named"
    )
    deputy_key: Mapped[key | None] = mapped_column(comment="object id of the deputy")
    team: Mapped[label | None] = mapped_column(comment="team that runs it")
    contact: Mapped[label | None] = mapped_column(comment="mail address or words to reach the team")
    review_on: Mapped[date | None] = mapped_column(Date(), comment="day of the next review")
    data_class: Mapped[word | None] = mapped_column(
        comment="public, internal, confidential or restricted"
    )
    criticality: Mapped[word | None] = mapped_column(comment="low, medium, high or critical")
    support_link: Mapped[label | None] = mapped_column(comment="https address for support")
    via: Mapped[word] = mapped_column(comment="dashboard, csv, file or attestation")
    reason: Mapped[prose | None] = mapped_column(comment="why it was changed, where that is said")
    decided_by: Mapped[label] = mapped_column(comment="who changed it, as that person said")
    decided_at: Mapped[utc] = mapped_column(comment="when")
    replaced_at: Mapped[utc | None] = mapped_column(comment="when it was replaced or taken back")
    replaced_by: Mapped[label | None] = mapped_column(comment="by whom")


class Exemption(Base):
    """A connector that is not to be called stale until a day; ended, never altered."""

    __tablename__ = "exemptions"
    __table_args__ = (one_standing("uq_exemptions_standing", "connector_id", ended="withdrawn_at"),)

    id: Mapped[surrogate]
    connector_id: Mapped[int] = mapped_column(BIG, ForeignKey("connectors.id"), comment="connector")
    reason: Mapped[prose] = mapped_column(comment="why it may be quiet")
    until: Mapped[date] = mapped_column(Date(), comment="last day for which it holds")
    via: Mapped[word] = mapped_column(comment="dashboard or attestation")
    exempted_by: Mapped[label] = mapped_column(comment="who decided it, as that person said")
    exempted_at: Mapped[utc] = mapped_column(comment="when")
    withdrawn_at: Mapped[utc | None] = mapped_column(comment="when it was withdrawn, if it was")
    withdrawn_by: Mapped[label | None] = mapped_column(comment="by whom")
    withdrawn_reason: Mapped[prose | None] = mapped_column(comment="why")
