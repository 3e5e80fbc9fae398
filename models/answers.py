"""Answers of the domain about a finished run, kept as intervals: unchanged costs no row."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import JSON, Boolean, Date, ForeignKey, Index
from sqlalchemy.dialects.postgresql import JSONB
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
    source: Mapped[word | None] = mapped_column(
        comment="which source says so, e.g. permissions, users, deleted_users, groups; "
        "null in answers from before it was kept"
    )
    owners: Mapped[int | None] = mapped_column(comment="holders of the role Owner who can act")
    editors: Mapped[int | None] = mapped_column(comment="others who can act and may edit it")
    members: Mapped[int | None] = mapped_column(
        comment="people in working order in the groups that own it; null if not group-owned"
    )


class StalenessAnswer(Interval, Base):
    """Whether a connector is still in use, by a score whose parts are kept."""

    __tablename__ = "staleness_answers"
    __table_args__ = (one_open("staleness_answers", "connector_id"),)

    id: Mapped[surrogate]
    connector_id: Mapped[int] = mapped_column(BIG, ForeignKey("connectors.id"), comment="connector")
    state: Mapped[word] = mapped_column(
        comment="active, quiet, stale, abandoned, never_used or unknown"
    )
    score: Mapped[int | None] = mapped_column(
        comment="0 (in use) to 100 (abandoned); null if too little is known"
    )
    parts: Mapped[list[Any]] = mapped_column(
        comment="the arithmetic: part, what was found, points, of how many"
    )
    last_used_on: Mapped[date | None] = mapped_column(
        Date(), comment="last day of use by the best evidence there is"
    )
    evidence: Mapped[word | None] = mapped_column(comment="grade of that evidence, e.g. call, run")
    source: Mapped[word | None] = mapped_column(comment="source of that evidence")
    profile: Mapped[word] = mapped_column(comment="thresholds it was judged by, e.g. production")
    known: Mapped[bool] = mapped_column(
        Boolean(), comment="everything that could tell of use was read"
    )
    reason: Mapped[label] = mapped_column(comment="the verdict in one sentence")


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


class ExposureAnswer(Interval, Base):
    """What the tenant needs in licences and what that costs a month, or why that is not known.

    Where it could not be reckoned every figure is null, and so it is of every connector.
    """

    __tablename__ = "exposure_answers"
    __table_args__ = (one_open("exposure_answers", "scope"),)

    id: Mapped[surrogate]
    scope: Mapped[word] = mapped_column(comment="what it is about: tenant")
    reason: Mapped[label | None] = mapped_column(comment="why it could not be reckoned")
    people: Mapped[int | None] = mapped_column(comment="people who need cover they do not have")
    flows: Mapped[int | None] = mapped_column(comment="flows that need cover no person can give")
    review: Mapped[int | None] = mapped_column(comment="what no rule decides; in no figure")
    monthly: Mapped[Decimal | None] = mapped_column(comment="cheapest plan that leaves no need")
    proven: Mapped[bool | None] = mapped_column(comment="the solver proved that none costs less")
    metered_now: Mapped[Decimal | None] = mapped_column(
        comment="what linked environments bill as things are"
    )
    ways: Mapped[dict[str, Any] | None] = mapped_column(
        JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql"),
        comment="naive ways by name: monthly, purchasable and compliant; null if one does not apply",
    )
    currency: Mapped[word | None] = mapped_column(comment="of every amount, also of connectors")
    price_book: Mapped[label | None] = mapped_column(comment="version of the prices")
    basis: Mapped[word] = mapped_column(comment="who needs a licence for an app: active or access")
    channel: Mapped[word] = mapped_column(comment="how licences are bought; empty if not told")


class ConnectorExposureAnswer(Interval, Base):
    """What one connector costs a month; one that nothing uses has none."""

    __tablename__ = "connector_exposure_answers"
    __table_args__ = (one_open("connector_exposure_answers", "connector_id"),)

    id: Mapped[surrogate]
    connector_id: Mapped[int] = mapped_column(BIG, ForeignKey("connectors.id"), comment="connector")
    monthly: Mapped[Decimal] = mapped_column(comment="what retiring it would save")
    people: Mapped[int] = mapped_column(comment="people who need cover because of it alone")
    apps: Mapped[int] = mapped_column(comment="apps that use it")
    flows: Mapped[int] = mapped_column(comment="flows that use it")
