"""How each noun and edge of the models is written: its tables, its key, its scope."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from sqlalchemy import Boolean, Column, Integer, String, Table

import models
from connectory.domain.redaction import redact_text

_KEY_LENGTH = 450
_WORDS = 1000
"""From this length on a column holds words of people, in which secrets stand at times."""


@dataclass(frozen=True, slots=True)
class Noun:
    """A thing with an identity row and versions.

    Attributes:
        entity: Table of identities.
        versions: Table of versions.
        link: Column of `versions` that names the identity.
        scoped: Lives in an environment.
        defaults: Values of columns that no source has told yet.
    """

    entity: Table
    versions: Table
    link: str
    scoped: bool = True
    defaults: Mapping[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The name of the noun, which is that of its table."""
        return self.entity.name

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns that hold facts."""
        frame = {self.link, "from_run", "to_run"}
        return tuple(column.name for column in self.versions.c if column.name not in frame)


@dataclass(frozen=True, slots=True)
class Edge:
    """A link between two things.

    Attributes:
        table: Table of the links' intervals.
        parent: Column naming the side that is read as a whole.
        key: Columns that tell one open link from another.
    """

    table: Table
    parent: str
    key: tuple[str, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns that hold the link and its facts."""
        frame = {"id", "from_run", "to_run"}
        return tuple(column.name for column in self.table.c if column.name not in frame)


def storable_key(noun: Noun, key: str) -> str:
    """Return a natural key that every store can hold; two keys that differ stay different.

    Args:
        noun: What the key is of.
        key: As a service spells it, folded.
    """
    column = noun.entity.c.key
    fitted = str(fit(column, key))
    if fitted == key:
        return key
    mark = hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()[:16]
    return f"{fitted[: _KEY_LENGTH - len(mark) - 1]}-{mark}"


def fit(column: Column[Any], value: Any) -> Any:
    """Make a value storable everywhere: bounded in length, encodable, free of NUL characters and secrets.

    PostgreSQL refuses a text that is too long, a NUL inside one, and half a surrogate pair, which
    JSON can spell; none of them may stop a step.
    """
    if isinstance(value, str):
        value = value.replace("\x00", "")
        if not value.isascii():
            value = value.encode("utf-8", "replace").decode()
        length = column.type.length if isinstance(column.type, String) else None
        if length is None or length >= _WORDS:
            value = redact_text(value)
        return value[:length] if length else value
    if isinstance(value, dict):
        return {fit(column, str(name)): fit(column, item) for name, item in value.items()}
    if isinstance(value, list):
        return [fit(column, item) for item in value]
    return value


_KINDS: tuple[tuple[type[Any], type[Any], str], ...] = (
    (String, str, "text"),
    (Boolean, bool, "yes or no"),
    (Integer, int, "whole number"),
)


def misfit(column: Column[Any], value: Any) -> str | None:
    """Return why a store would refuse a value in a column, None if it would not.

    Args:
        column: Of any type; texts, flags and whole numbers are looked at, times come parsed.
            One that must be filled does not take None.
        value: As read.
    """
    if value is None:
        return None if column.nullable else f"{column.table.name}.{column.name} is missing"
    for kind, wanted, word in _KINDS:
        if isinstance(column.type, kind):
            good = isinstance(value, wanted) and not (wanted is int and isinstance(value, bool))
            return None if good else f"{column.table.name}.{column.name} is no {word}"
    return None


def _table(model: type[models.Base]) -> Table:
    return cast("Table", model.__table__)


ENVIRONMENTS = Noun(
    _table(models.Environment), _table(models.EnvironmentVersion), "environment_id", scoped=False
)
PRINCIPALS = Noun(
    _table(models.Principal), _table(models.PrincipalVersion), "principal_id", scoped=False
)
CONNECTORS = Noun(
    _table(models.Connector),
    _table(models.ConnectorVersion),
    "connector_id",
    defaults={"definition_state": "not_read"},
)
CONNECTIONS = Noun(_table(models.Connection), _table(models.ConnectionVersion), "connection_id")
CONNECTION_REFERENCES = Noun(
    _table(models.ConnectionReference),
    _table(models.ConnectionReferenceVersion),
    "connection_reference_id",
)
FLOWS = Noun(
    _table(models.Flow),
    _table(models.FlowVersion),
    "flow_id",
    defaults={"definition_state": "not_read"},
)
APPS = Noun(_table(models.App), _table(models.AppVersion), "app_id")
AGENTS = Noun(_table(models.Agent), _table(models.AgentVersion), "agent_id")

LICENCE_SKUS = Noun(
    _table(models.LicenceSku), _table(models.LicenceSkuVersion), "sku_id", scoped=False
)
BILLING_POLICIES = Noun(
    _table(models.BillingPolicy),
    _table(models.BillingPolicyVersion),
    "billing_policy_id",
    scoped=False,
)
APP_REGISTRATIONS = Noun(
    _table(models.AppRegistration),
    _table(models.AppRegistrationVersion),
    "app_registration_id",
    scoped=False,
)
DATA_POLICIES = Noun(
    _table(models.DataPolicy),
    _table(models.DataPolicyVersion),
    "data_policy_id",
    scoped=False,
    defaults={"patterns_read": False, "targets_read": False},
)

UPSTREAM_DOCUMENTS = Noun(
    _table(models.UpstreamDocument),
    _table(models.UpstreamDocumentVersion),
    "upstream_document_id",
    scoped=False,
    defaults={"state": "failed"},
)

ENVIRONMENT_NOUNS = (CONNECTORS, CONNECTIONS, CONNECTION_REFERENCES, FLOWS, APPS, AGENTS)
"""What goes when its environment goes."""

GROUP_MEMBERS = Edge(_table(models.GroupMember), "group_key", ("group_key", "member_key"))
CONNECTOR_PERMISSIONS = Edge(
    _table(models.ConnectorPermission),
    "connector_id",
    ("connector_id", "principal_type", "principal_key", "role"),
)
CONNECTION_PERMISSIONS = Edge(
    _table(models.ConnectionPermission),
    "connection_id",
    ("connection_id", "principal_type", "principal_key", "role"),
)
FLOW_OPERATIONS = Edge(_table(models.FlowOperation), "flow_id", ("flow_id", "action", "is_trigger"))
FLOW_REFERENCES = Edge(_table(models.FlowReference), "flow_id", ("flow_id", "reference_key"))
APP_REFERENCES = Edge(_table(models.AppReference), "app_id", ("app_id", "reference_key"))
AGENT_OPERATIONS = Edge(_table(models.AgentOperation), "agent_id", ("agent_id", "action"))

LICENCE_ASSIGNMENTS = Edge(
    _table(models.LicenceAssignment), "principal_key", ("principal_key", "sku_key")
)
BILLING_POLICY_ENVIRONMENTS = Edge(
    _table(models.BillingPolicyEnvironment),
    "billing_policy_id",
    ("billing_policy_id", "environment_key"),
)
ENVIRONMENT_ALLOCATIONS = Edge(
    _table(models.EnvironmentAllocation), "environment_key", ("environment_key", "currency")
)
APP_CREDENTIALS = Edge(_table(models.AppCredential), "holder_key", ("holder_key", "credential_key"))
APP_PERMISSIONS = Edge(
    _table(models.AppPermission), "app_id", ("app_id", "principal_type", "principal_key", "role")
)
FLOW_PERMISSIONS = Edge(
    _table(models.FlowPermission),
    "flow_id",
    ("flow_id", "principal_type", "principal_key", "role"),
)
DATA_POLICY_TARGETS = Edge(
    _table(models.DataPolicyTarget), "data_policy_id", ("data_policy_id", "kind", "target_key")
)
DATA_POLICY_CONNECTORS = Edge(
    _table(models.DataPolicyConnector),
    "data_policy_id",
    ("data_policy_id", "environment_key", "connector_key"),
)
DATA_POLICY_PATTERNS = Edge(
    _table(models.DataPolicyPattern), "data_policy_id", ("data_policy_id", "position")
)
DATA_POLICY_RULES = Edge(
    _table(models.DataPolicyRule),
    "data_policy_id",
    ("data_policy_id", "environment_key", "connector_key", "kind", "position"),
)
CONNECTOR_UPSTREAMS = Edge(_table(models.ConnectorUpstream), "connector_id", ("connector_id",))
