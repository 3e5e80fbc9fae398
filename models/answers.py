"""Answers of the domain about a finished run, kept as intervals: unchanged costs no row."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from models.base import BIG, Base, Interval, key, label, one_open, surrogate, word


class OwnershipAnswer(Interval, Base):
    """Who owns a connector and how good that is."""

    __tablename__ = "ownership_answers"
    __table_args__ = (
        one_open("ownership_answers", "connector_id"),
        Index("ix_ownership_answers_owner_key", "owner_key"),
    )

    id: Mapped[surrogate]
    connector_id: Mapped[int] = mapped_column(BIG, ForeignKey("connectors.id"), comment="connector")
    state: Mapped[word] = mapped_column(comment="verdict, e.g. owned, departed_owner, nobody")
    owner_key: Mapped[key | None] = mapped_column(comment="object id of the owner it rests on")
    reason: Mapped[label] = mapped_column(comment="the proof in one sentence")


class PolicyAnswer(Interval, Base):
    """Where a connector stands under all policies that apply to its environment."""

    __tablename__ = "policy_answers"
    __table_args__ = (one_open("policy_answers", "connector_id"),)

    id: Mapped[surrogate]
    connector_id: Mapped[int] = mapped_column(BIG, ForeignKey("connectors.id"), comment="connector")
    data_group: Mapped[word] = mapped_column(
        comment="blocked, unknown, business, non_business, or unrestricted if no policy applies"
    )
    rule: Mapped[word] = mapped_column(
        comment="what decides: name, pattern, default, allow_list, unread or none"
    )
    policies: Mapped[int] = mapped_column(comment="policies that apply")
    reason: Mapped[label] = mapped_column(comment="the policies that decide, and how")
