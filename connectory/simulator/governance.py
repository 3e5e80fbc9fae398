"""What governs connectors in the simulated tenant: plain records, like `state`."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

Group = Literal["Confidential", "General", "Blocked"]
"""Business, non-business and blocked, in the words of the service."""

Reach = Literal["AllEnvironments", "ExceptEnvironments", "OnlyEnvironments", "SingleEnvironment"]


@dataclass(slots=True)
class UrlPattern:
    """One line of the ordered list by which a policy sorts custom connectors."""

    pattern: str
    group: Literal["Confidential", "General", "Blocked", "Ignore"]


@dataclass(slots=True)
class NamedConnector:
    """A connector a policy sorts by its name; `environment` is None for a name without a place."""

    connector: str
    environment: str | None
    group: Group


@dataclass(slots=True)
class ConnectorRule:
    """What a policy lets one connector do: an action by its id, or an address by its pattern."""

    connector: str
    environment: str | None
    kind: Literal["action", "endpoint"]
    subject: str
    allowed: bool


@dataclass(slots=True)
class DataPolicy:
    """A data policy (DLP)."""

    id: str
    display_name: str
    default: Group
    reach: Reach
    environments: list[str]
    created: datetime
    modified: datetime
    created_by: str
    connectors: list[NamedConnector] = field(default_factory=list)
    patterns: list[UrlPattern] = field(default_factory=list)
    rules: list[ConnectorRule] = field(default_factory=list)
    old: bool = False
    """Made long ago and never touched since: only the oldest of the lists shows it."""
    thin: bool = False
    """The newest list leaves out its patterns and rules, which must be asked for by name."""
    exempt: Any = None
    """Resources it exempts, in whatever form."""


@dataclass(slots=True)
class AllowedConnector:
    """An entry of an allow-list; `actions` is None where all are allowed."""

    connector: str
    environment: str | None
    actions: list[str] | None = None


@dataclass(slots=True)
class AdvancedPolicy:
    """An advanced connector policy: what its list does not name is blocked."""

    id: str
    name: str
    modified: datetime
    allowed: list[AllowedConnector]
    environments: list[str] = field(default_factory=list)
    groups: list[str] = field(default_factory=list)
    """Environment groups it is assigned to."""
    others: list[str] = field(default_factory=list)
    """Things it is assigned to that are of a kind nobody has described."""
    thin: bool = False
    """The list tells only how many rule sets it has."""


@dataclass(frozen=True, slots=True)
class Sorted:
    """A planted case: where a connector stands under all policies, and what decides it."""

    environment: str
    connector: str
    group: Group
    rule: Literal["name", "pattern", "default", "allow_list"]


@dataclass(slots=True)
class Gateway:
    """An on-premises data gateway."""

    id: str
    name: str
    machine: str


@dataclass(slots=True)
class Governance:
    """Everything above, of one tenant."""

    policies: list[DataPolicy] = field(default_factory=list)
    advanced: list[AdvancedPolicy] = field(default_factory=list)
    sorted: list[Sorted] = field(default_factory=list)
    gateways: list[Gateway] = field(default_factory=list)
