"""Where definitions differ: comparisons, families of connectors, and what people accepted.

A comparison is kept once for what it compares, however many connectors and runs ask for it. Its
values come from definitions as they are stored, whose secrets are redacted.
"""

from __future__ import annotations

from datetime import date

from sqlalchemy import Boolean, CheckConstraint, Date, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import (
    BIG,
    Base,
    Interval,
    key,
    label,
    one_open,
    prose,
    run_ref,
    surrogate,
    utc,
    word,
)


def _one_standing(name: str, *columns: str) -> Index:
    """Return the index that lets only one acceptance of a fact stand."""
    standing = text("withdrawn_at IS NULL")
    return Index(name, *columns, unique=True, sqlite_where=standing, postgresql_where=standing)


class Comparison(Base):
    """Two definitions with their settings, compared; a row is written once and never again."""

    __tablename__ = "comparisons"

    id: Mapped[surrogate]
    digest: Mapped[word] = mapped_column(
        unique=True, comment="SHA-256 of both sides, how they are compared and the rules' version"
    )
    purpose: Mapped[word] = mapped_column(comment="history, environments or upstream")
    rules_version: Mapped[word] = mapped_column(comment="version of the rules it was made by")
    before_definition_id: Mapped[int | None] = mapped_column(
        BIG, ForeignKey("definitions.id"), comment="definition compared with"
    )
    after_definition_id: Mapped[int | None] = mapped_column(
        BIG, ForeignKey("definitions.id"), comment="definition compared"
    )
    verdict: Mapped[word] = mapped_column(
        comment="breaking, risky, compatible, cosmetic or identical"
    )
    breaking: Mapped[int] = mapped_column(comment="breaking changes")
    risky: Mapped[int] = mapped_column(comment="risky changes")
    compatible: Mapped[int] = mapped_column(comment="compatible changes")
    cosmetic: Mapped[int] = mapped_column(comment="cosmetic changes, expected ones among them")
    expected: Mapped[int] = mapped_column(comment="changes that are meant to be")
    cut: Mapped[bool] = mapped_column(
        Boolean(), comment="there are more changes than are kept; the counts are of all"
    )
    first_run: Mapped[run_ref] = mapped_column(comment="run that asked for it first")


class ComparisonChange(Base):
    """One change that a comparison found, the worst first."""

    __tablename__ = "comparison_changes"
    __table_args__ = (Index("ix_comparison_changes_fingerprint", "fingerprint"),)

    comparison_id: Mapped[int] = mapped_column(
        BIG, ForeignKey("comparisons.id"), primary_key=True, comment="comparison"
    )
    ordinal: Mapped[int] = mapped_column(
        BIG, primary_key=True, autoincrement=False, comment="place in the list, from 0"
    )
    rule: Mapped[word] = mapped_column(comment="rule that found it (docs/drift.md)")
    severity: Mapped[word] = mapped_column(comment="breaking, risky, compatible or cosmetic")
    direction: Mapped[word] = mapped_column(comment="request, response or connector")
    operation_id: Mapped[label | None] = mapped_column(
        comment="operation on the side before, of an addition after; METHOD /path without an id"
    )
    method: Mapped[word | None] = mapped_column(comment="HTTP method, upper case")
    path: Mapped[prose | None] = mapped_column(comment="path template")
    kind: Mapped[word | None] = mapped_column(comment="place of a parameter: query, path, …")
    name: Mapped[label | None] = mapped_column(comment="name of a parameter")
    status: Mapped[word | None] = mapped_column(comment="status of a response")
    property: Mapped[label | None] = mapped_column(
        comment="property of a body or response, by path"
    )
    before: Mapped[prose | None] = mapped_column(comment="what was there, as JSON, bounded")
    after: Mapped[prose | None] = mapped_column(comment="what is there now, as JSON, bounded")
    message: Mapped[prose] = mapped_column(comment="what happened and why it matters")
    expected: Mapped[label | None] = mapped_column(comment="why it is meant to be; null if not")
    fingerprint: Mapped[word] = mapped_column(comment="what an acceptance of it is tied to")


class FamilyAnswer(Interval, Base):
    """Which connectors are one and the same in several environments."""

    __tablename__ = "family_answers"
    __table_args__ = (
        one_open("family_answers", "connector_id"),
        Index("ix_family_answers_family_key", "family_key"),
    )

    id: Mapped[surrogate]
    connector_id: Mapped[int] = mapped_column(BIG, ForeignKey("connectors.id"), comment="connector")
    family_key: Mapped[key] = mapped_column(comment="its family; one of its own if it stands alone")
    family_name: Mapped[label] = mapped_column(comment="name of the family")
    rule: Mapped[word] = mapped_column(
        comment="logical_name, solution_component, lineage, override or alone"
    )
    reason: Mapped[label] = mapped_column(comment="why it belongs there")
    reference_connector_id: Mapped[int] = mapped_column(
        BIG, ForeignKey("connectors.id"), comment="connector it is compared with"
    )
    is_reference: Mapped[bool] = mapped_column(Boolean(), comment="it is that connector itself")
    reference_reason: Mapped[label | None] = mapped_column(comment="why that one is the reference")


class DriftAnswer(Interval, Base):
    """How a connector of a family differs from that of the reference environment."""

    __tablename__ = "drift_answers"
    __table_args__ = (
        one_open("drift_answers", "connector_id"),
        Index("ix_drift_answers_comparison_id", "comparison_id"),
    )

    id: Mapped[surrogate]
    connector_id: Mapped[int] = mapped_column(BIG, ForeignKey("connectors.id"), comment="connector")
    state: Mapped[word] = mapped_column(
        comment="same, expected, cosmetic, compatible, risky, breaking, unreadable or unknown"
    )
    against_connector_id: Mapped[int | None] = mapped_column(
        BIG, ForeignKey("connectors.id"), comment="reference; null if it is that itself"
    )
    comparison_id: Mapped[int | None] = mapped_column(
        BIG, ForeignKey("comparisons.id"), comment="what was compared"
    )
    reason: Mapped[label | None] = mapped_column(comment="why it is unreadable or unknown")


class DefinitionStep(Base):
    """A run that found a connector's definition or settings replaced, and what that changed."""

    __tablename__ = "definition_steps"
    __table_args__ = (
        UniqueConstraint("connector_id", "run_id"),
        Index("ix_definition_steps_run_id", "run_id"),
    )

    id: Mapped[surrogate]
    connector_id: Mapped[int] = mapped_column(BIG, ForeignKey("connectors.id"), comment="connector")
    run_id: Mapped[run_ref] = mapped_column(comment="run that found the new version")
    before_run: Mapped[run_ref | None] = mapped_column(
        comment="run of the version it is compared with: the last one that could be read"
    )
    verdict: Mapped[word] = mapped_column(
        comment="breaking, risky, compatible, cosmetic, identical, unreadable or unknown"
    )
    comparison_id: Mapped[int | None] = mapped_column(
        BIG, ForeignKey("comparisons.id"), comment="what was compared"
    )
    reason: Mapped[label | None] = mapped_column(comment="why it is unreadable or unknown")


class Acceptance(Base):
    """A change that somebody accepted until a day; it is withdrawn, never altered."""

    __tablename__ = "acceptances"
    __table_args__ = (
        CheckConstraint("(connector_id IS NULL) <> (family_key IS NULL)", name="one_scope"),
        Index("ix_acceptances_fingerprint", "fingerprint"),
        Index("ix_acceptances_until", "until"),
        _one_standing("uq_acceptances_connector", "connector_id", "fingerprint"),
        _one_standing("uq_acceptances_family", "family_key", "fingerprint"),
    )

    id: Mapped[surrogate]
    connector_id: Mapped[int | None] = mapped_column(
        BIG, ForeignKey("connectors.id"), comment="connector it holds for; null for a family"
    )
    family_key: Mapped[key | None] = mapped_column(
        comment="family it holds for; null for a connector"
    )
    fingerprint: Mapped[word] = mapped_column(comment="the change, as a fact")
    comparison_id: Mapped[int] = mapped_column(
        BIG, ForeignKey("comparisons.id"), comment="comparison in which it was accepted"
    )
    rule: Mapped[word] = mapped_column(comment="rule that found it")
    severity: Mapped[word] = mapped_column(comment="how bad it was then")
    reason: Mapped[prose] = mapped_column(comment="why it was accepted")
    until: Mapped[date] = mapped_column(Date(), comment="last day for which it is accepted")
    accepted_by: Mapped[label] = mapped_column(comment="who accepted it, as that person said")
    accepted_at: Mapped[utc] = mapped_column(comment="when")
    withdrawn_at: Mapped[utc | None] = mapped_column(comment="when it was withdrawn, if it was")
    withdrawn_by: Mapped[label | None] = mapped_column(comment="by whom")
    withdrawn_reason: Mapped[prose | None] = mapped_column(comment="why")
