"""Attestation: campaigns that ask who answers for connectors, their answers, and what follows."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import Date, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from models.base import BIG, Base, key, label, prose, surrogate, utc, word
from models.stewardship import one_standing


class Campaign(Base):
    """A round of asking; its steps are kept as they were when it was opened."""

    __tablename__ = "campaigns"

    id: Mapped[surrogate]
    name: Mapped[label] = mapped_column(comment="name people see")
    purpose: Mapped[prose] = mapped_column(comment="why people are asked; stands in the mail")
    chosen: Mapped[dict[str, Any]] = mapped_column(comment="how its connectors were chosen")
    steps: Mapped[dict[str, Any]] = mapped_column(
        comment="days until reminders, escalations and the deadline, by environment group"
    )
    opened_by: Mapped[label] = mapped_column(comment="who opened it, as that person said")
    opened_at: Mapped[utc] = mapped_column(comment="when")
    deadline: Mapped[date] = mapped_column(Date(), comment="last day for answers")
    closed_at: Mapped[utc | None] = mapped_column(comment="when it was closed, if it was")
    closed_by: Mapped[label | None] = mapped_column(comment="by whom")


class AttestationRequest(Base):
    """One connector that somebody is asked about; at most one is open for it at a time."""

    __tablename__ = "attestation_requests"
    __table_args__ = (
        one_standing("uq_attestation_requests_open", "connector_id", ended="closed_at"),
        Index("ix_attestation_requests_campaign_id", "campaign_id"),
        Index("ix_attestation_requests_asked", "asked"),
    )

    id: Mapped[surrogate]
    campaign_id: Mapped[int] = mapped_column(BIG, ForeignKey("campaigns.id"), comment="campaign")
    connector_id: Mapped[int] = mapped_column(BIG, ForeignKey("connectors.id"), comment="connector")
    asked: Mapped[key] = mapped_column(
        comment="who is asked now: object id, or mailbox: and the address of one in the settings"
    )
    asked_name: Mapped[label] = mapped_column(comment="name, as it was then")
    address: Mapped[label] = mapped_column(comment="mail address, as it was then")
    language: Mapped[word | None] = mapped_column(
        comment="language of that person as the directory tells it, e.g. de-DE"
    )
    role: Mapped[word] = mapped_column(
        comment="steward, deputy, owner, group, manager, coe or named (by who was asked before)"
    )
    passed: Mapped[list[Any]] = mapped_column(
        comment="who was to be asked before and why it was not them: role, name, reason"
    )
    nonce: Mapped[word] = mapped_column(
        comment="part of its link; another after each use and for each person"
    )
    facts: Mapped[dict[str, Any]] = mapped_column(
        comment="what was known of the connector when it was asked about, kept as evidence"
    )
    deadline: Mapped[date] = mapped_column(Date(), comment="last day for the answer")
    counted_from: Mapped[date] = mapped_column(
        Date(), comment="day from which reminders and the next escalation are counted"
    )
    reminders: Mapped[int] = mapped_column(comment="reminders the one asked now was due so far")
    escalations: Mapped[int] = mapped_column(comment="how often it went to the next person")
    postponed: Mapped[int] = mapped_column(comment="how often more time was taken")
    letter: Mapped[key | None] = mapped_column(
        comment="occasion of the latest letter about it; null before the first is due"
    )
    told_at: Mapped[utc | None] = mapped_column(
        comment="when that letter was put into the outbox, later when it was sent; null if owed"
    )
    follows_id: Mapped[int | None] = mapped_column(
        BIG,
        ForeignKey("attestation_requests.id"),
        comment="request whose answer led to it: handed over, or not theirs",
    )
    opened_at: Mapped[utc] = mapped_column(comment="when it was opened")
    closed_at: Mapped[utc | None] = mapped_column(comment="when it was answered or given up")
    outcome: Mapped[word | None] = mapped_column(
        comment="keep, retire, hand_over, not_mine, unanswered or cancelled; null while open"
    )
    answered_by: Mapped[label | None] = mapped_column(comment="who answered")
    via: Mapped[word | None] = mapped_column(comment="link, csv or dashboard")
    reason: Mapped[prose | None] = mapped_column(comment="reason given")
    hand_over_to: Mapped[label | None] = mapped_column(comment="name or address that was named")


class AttestationEvent(Base):
    """What happened to a request, kept for audit."""

    __tablename__ = "attestation_events"
    __table_args__ = (Index("ix_attestation_events_request_id", "request_id"),)

    id: Mapped[surrogate]
    request_id: Mapped[int] = mapped_column(
        BIG, ForeignKey("attestation_requests.id"), comment="request"
    )
    at: Mapped[utc] = mapped_column(comment="when")
    what: Mapped[word] = mapped_column(
        comment="opened, told, reminded, escalated, postponed, answered or closed"
    )
    who: Mapped[label] = mapped_column(comment="person or process")
    told: Mapped[dict[str, Any]] = mapped_column(
        comment="details: answer, reason, deadline, how it came, digest of the link"
    )


class RetirementPlan(Base):
    """How a connector is taken out of use by people: announced, frozen, removed."""

    __tablename__ = "retirement_plans"
    __table_args__ = (
        one_standing("uq_retirement_plans_open", "connector_id", ended="closed_at"),
        Index("ix_retirement_plans_request_id", "request_id"),
    )

    id: Mapped[surrogate]
    connector_id: Mapped[int] = mapped_column(BIG, ForeignKey("connectors.id"), comment="connector")
    request_id: Mapped[int | None] = mapped_column(
        BIG, ForeignKey("attestation_requests.id"), comment="answer it follows from, if any"
    )
    planned_by: Mapped[label] = mapped_column(comment="who planned it")
    planned_at: Mapped[utc] = mapped_column(comment="when")
    announce_on: Mapped[date] = mapped_column(Date(), comment="consumers are told by this day")
    freeze_on: Mapped[date] = mapped_column(Date(), comment="nothing new may use it from this day")
    remove_on: Mapped[date] = mapped_column(Date(), comment="it may be removed from this day")
    announced_at: Mapped[utc | None] = mapped_column(comment="when that was said to be done")
    announced_by: Mapped[label | None] = mapped_column(comment="by whom")
    frozen_at: Mapped[utc | None] = mapped_column(comment="when that was said to be done")
    frozen_by: Mapped[label | None] = mapped_column(comment="by whom")
    closed_at: Mapped[utc | None] = mapped_column(comment="when it was removed, or given up")
    closed_by: Mapped[label | None] = mapped_column(comment="by whom; a run that found it gone")
    outcome: Mapped[word | None] = mapped_column(comment="removed or given_up; null while open")
