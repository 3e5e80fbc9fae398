"""What the simulated tenant has bought, handed out and registered: plain records, like `state`."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal


@dataclass(frozen=True, slots=True)
class Product:
    """A product as Microsoft's table of products names it; ids are the public ones."""

    part_number: str
    sku: str
    plans: tuple[tuple[str, str], ...]
    """Id and name of each service plan inside."""
    applies_to: Literal["User", "Company"] = "User"


@dataclass(slots=True)
class Subscription:
    """A product the tenant subscribes to; units in use follow from the licences held."""

    product: Product
    status: Literal["Enabled", "Warning", "Suspended"]
    enabled: int
    warning: int = 0
    suspended: int = 0


@dataclass(slots=True)
class Licence:
    """A licence that a person holds, directly, from groups, or both."""

    person: str
    sku: str
    direct: bool
    groups: list[str]
    disabled_plans: list[str] = field(default_factory=list)


@dataclass(slots=True)
class BillingPolicy:
    """A pay-as-you-go billing policy and the environments it pays for."""

    id: str
    name: str
    enabled: bool
    location: str
    subscription: str
    resource_group: str
    created: datetime
    modified: datetime
    created_by: str | None
    environments: list[str]
    meters: dict[str, bool] | None
    """Whether each meter is on; None where the service does not say."""


@dataclass(slots=True)
class Allocation:
    """Capacity handed out to an environment."""

    environment: str
    currency: str
    allocated: int


@dataclass(slots=True)
class Credential:
    """A secret or certificate of an application; what it is, nobody tells."""

    key_id: str
    kind: Literal["secret", "certificate"]
    display_name: str | None
    start: datetime
    end: datetime


@dataclass(slots=True)
class Registration:
    """An application registered in the directory; `app_id` is its client id."""

    id: str
    app_id: str
    display_name: str
    created: datetime
    credentials: list[Credential]
    deleted: datetime | None = None
