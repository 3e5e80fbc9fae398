"""Policies over connectors: data policies (DLP) and allow-lists, and what each says of whom."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import (
    BIG,
    Base,
    Interval,
    Version,
    key,
    label,
    one_open,
    surrogate,
    utc,
    word,
)


class DataPolicy(Base):
    """A policy over connectors; its key is its case-folded id."""

    __tablename__ = "data_policies"
    __table_args__ = (UniqueConstraint("key"),)

    id: Mapped[surrogate]
    key: Mapped[key] = mapped_column(comment="id of the policy, case-folded")


class DataPolicyVersion(Version, Base):
    """Facts about a policy: where it applies, and where what it does not name ends up."""

    __tablename__ = "data_policy_versions"
    __table_args__ = (one_open("data_policy_versions", "data_policy_id"),)

    data_policy_id: Mapped[int] = mapped_column(
        BIG, ForeignKey("data_policies.id"), primary_key=True, comment="whose"
    )
    from_run: Mapped[int] = mapped_column(
        BIG, ForeignKey("runs.id"), primary_key=True, comment="first run that found it so"
    )
    name: Mapped[label | None] = mapped_column(comment="name people see")
    system: Mapped[word] = mapped_column(
        comment="data_policy, or allow_list for an advanced connector policy"
    )
    reach: Mapped[word | None] = mapped_column(
        comment="AllEnvironments, ExceptEnvironments, OnlyEnvironments, SingleEnvironment, Assigned"
    )
    default_group: Mapped[word | None] = mapped_column(
        comment="business, non_business or blocked: where a connector falls that nothing names"
    )
    patterns_read: Mapped[bool] = mapped_column(comment="its URL patterns have been told")
    targets_read: Mapped[bool] = mapped_column(comment="where it applies has been told")
    exempt: Mapped[list[Any] | None] = mapped_column(
        comment="resources it exempts, as told; empty if not told"
    )
    created_at: Mapped[utc | None] = mapped_column(comment="created")
    modified_at: Mapped[utc | None] = mapped_column(comment="last modified")


class DataPolicyTarget(Interval, Base):
    """An environment, or a group of them, that a policy names; what that means tells its reach."""

    __tablename__ = "data_policy_targets"
    __table_args__ = (
        one_open("data_policy_targets", "data_policy_id", "kind", "target_key"),
        Index("ix_data_policy_targets_target_key", "target_key"),
    )

    id: Mapped[surrogate]
    data_policy_id: Mapped[int] = mapped_column(
        BIG, ForeignKey("data_policies.id"), comment="policy"
    )
    kind: Mapped[word] = mapped_column(comment="environment or group")
    target_key: Mapped[key] = mapped_column(comment="environment or group, case-folded")


class DataPolicyConnector(Interval, Base):
    """A custom connector that a policy sorts by its name."""

    __tablename__ = "data_policy_connectors"
    __table_args__ = (
        one_open("data_policy_connectors", "data_policy_id", "environment_key", "connector_key"),
        Index("ix_data_policy_connectors_connector_key", "connector_key"),
    )

    id: Mapped[surrogate]
    data_policy_id: Mapped[int] = mapped_column(
        BIG, ForeignKey("data_policies.id"), comment="policy"
    )
    environment_key: Mapped[key] = mapped_column(
        comment="environment its path names, case-folded; empty text where it names none"
    )
    connector_key: Mapped[key] = mapped_column(comment="key of the connector")
    data_group: Mapped[word] = mapped_column(comment="business, non_business, blocked or allowed")


class DataPolicyPattern(Interval, Base):
    """A line of the ordered list by which a policy sorts custom connectors by their address."""

    __tablename__ = "data_policy_patterns"
    __table_args__ = (one_open("data_policy_patterns", "data_policy_id", "position"),)

    id: Mapped[surrogate]
    data_policy_id: Mapped[int] = mapped_column(
        BIG, ForeignKey("data_policies.id"), comment="policy"
    )
    position: Mapped[int] = mapped_column(comment="place in the list: the first match decides")
    pattern: Mapped[label] = mapped_column(comment="address; * stands for anything")
    data_group: Mapped[word] = mapped_column(comment="business, non_business, blocked or ignore")


class DataPolicyRule(Interval, Base):
    """What a policy says of one action of a custom connector, or of one address of its."""

    __tablename__ = "data_policy_rules"
    __table_args__ = (
        one_open(
            "data_policy_rules",
            "data_policy_id",
            "environment_key",
            "connector_key",
            "kind",
            "position",
        ),
    )

    id: Mapped[surrogate]
    data_policy_id: Mapped[int] = mapped_column(
        BIG, ForeignKey("data_policies.id"), comment="policy"
    )
    environment_key: Mapped[key] = mapped_column(
        comment="environment its path names, case-folded; empty text where it names none"
    )
    connector_key: Mapped[key] = mapped_column(comment="key of the connector")
    kind: Mapped[word] = mapped_column(comment="action, other_actions or endpoint")
    position: Mapped[int] = mapped_column(comment="place among those of its kind, from 1")
    subject: Mapped[label] = mapped_column(comment="operation id or address; * for all others")
    allowed: Mapped[bool] = mapped_column(comment="may be used")
