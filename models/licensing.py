"""What the tenant has bought and handed out: licences, pay-as-you-go billing, capacity."""

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


class LicenceSku(Base):
    """A product the tenant subscribes to; its key is the case-folded id of the SKU."""

    __tablename__ = "licence_skus"
    __table_args__ = (UniqueConstraint("key"),)

    id: Mapped[surrogate]
    key: Mapped[key] = mapped_column(comment="id of the SKU, case-folded")


class LicenceSkuVersion(Version, Base):
    """Facts about a product: how many were bought, are in use, and what each contains."""

    __tablename__ = "licence_sku_versions"
    __table_args__ = (one_open("licence_sku_versions", "sku_id"),)

    sku_id: Mapped[int] = mapped_column(
        BIG, ForeignKey("licence_skus.id"), primary_key=True, comment="whose"
    )
    from_run: Mapped[int] = mapped_column(
        BIG, ForeignKey("runs.id"), primary_key=True, comment="first run that found it so"
    )
    part_number: Mapped[label | None] = mapped_column(comment="e.g. POWERAPPS_PER_USER")
    capability_status: Mapped[word | None] = mapped_column(
        comment="Enabled, Warning, Suspended, LockedOut or Deleted"
    )
    applies_to: Mapped[word | None] = mapped_column(comment="User or Company")
    consumed: Mapped[int | None] = mapped_column(comment="units assigned")
    enabled: Mapped[int | None] = mapped_column(comment="units bought and usable")
    warning: Mapped[int | None] = mapped_column(comment="units past their end, still usable")
    suspended: Mapped[int | None] = mapped_column(comment="units suspended")
    locked_out: Mapped[int | None] = mapped_column(comment="units locked out")
    service_plans: Mapped[list[Any] | None] = mapped_column(
        comment="plans inside: id, name, provisioning status, whom each applies to"
    )


class LicenceAssignment(Interval, Base):
    """A licence somebody holds, and the service plans of it that are switched off."""

    __tablename__ = "licence_assignments"
    __table_args__ = (
        one_open("licence_assignments", "principal_key", "sku_key"),
        Index("ix_licence_assignments_sku_key", "sku_key"),
    )

    id: Mapped[surrogate]
    principal_key: Mapped[key] = mapped_column(comment="object id of the user or guest")
    sku_key: Mapped[key] = mapped_column(comment="id of the SKU, case-folded")
    disabled_plans: Mapped[list[Any]] = mapped_column(comment="ids of plans switched off, sorted")
    direct: Mapped[bool | None] = mapped_column(comment="assigned to the person; empty if not told")
    group_keys: Mapped[list[Any] | None] = mapped_column(
        comment="object ids of the groups it comes from, sorted; empty if not told"
    )


class BillingPolicy(Base):
    """A pay-as-you-go billing policy; its key is its case-folded id."""

    __tablename__ = "billing_policies"
    __table_args__ = (UniqueConstraint("key"),)

    id: Mapped[surrogate]
    key: Mapped[key] = mapped_column(comment="id of the policy, case-folded")


class BillingPolicyVersion(Version, Base):
    """Facts about a billing policy: whom it bills, and for what."""

    __tablename__ = "billing_policy_versions"
    __table_args__ = (one_open("billing_policy_versions", "billing_policy_id"),)

    billing_policy_id: Mapped[int] = mapped_column(
        BIG, ForeignKey("billing_policies.id"), primary_key=True, comment="whose"
    )
    from_run: Mapped[int] = mapped_column(
        BIG, ForeignKey("runs.id"), primary_key=True, comment="first run that found it so"
    )
    name: Mapped[label | None] = mapped_column(comment="name people see")
    kind: Mapped[word | None] = mapped_column(comment="type of the policy, as told")
    status: Mapped[word | None] = mapped_column(comment="Enabled or Disabled")
    location: Mapped[word | None] = mapped_column(comment="region of the policy")
    subscription_id: Mapped[word | None] = mapped_column(comment="Azure subscription that pays")
    resource_group: Mapped[label | None] = mapped_column(comment="its resource group")
    meters: Mapped[dict[str, Any] | None] = mapped_column(
        comment="whether each meter is on, by its name; empty if not told"
    )
    created_at: Mapped[utc | None] = mapped_column(comment="created")
    modified_at: Mapped[utc | None] = mapped_column(comment="last modified")


class BillingPolicyEnvironment(Interval, Base):
    """An environment that a billing policy pays for."""

    __tablename__ = "billing_policy_environments"
    __table_args__ = (
        one_open("billing_policy_environments", "billing_policy_id", "environment_key"),
        Index("ix_billing_policy_environments_environment_key", "environment_key"),
    )

    id: Mapped[surrogate]
    billing_policy_id: Mapped[int] = mapped_column(
        BIG, ForeignKey("billing_policies.id"), comment="policy"
    )
    environment_key: Mapped[key] = mapped_column(comment="environment, case-folded")


class EnvironmentAllocation(Interval, Base):
    """Capacity handed out to an environment: passes per app, process licences and the like."""

    __tablename__ = "environment_allocations"
    __table_args__ = (one_open("environment_allocations", "environment_key", "currency"),)

    id: Mapped[surrogate]
    environment_key: Mapped[key] = mapped_column(comment="environment, case-folded")
    currency: Mapped[word] = mapped_column(comment="what is handed out, e.g. AppPass")
    allocated: Mapped[int] = mapped_column(comment="units handed out")
