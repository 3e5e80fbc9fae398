"""What a tenant consists of: environments, connectors and what consumes them.

Each noun is two tables: who it is (stable surrogate key, natural key) and its versions, one row
per interval during which all its facts stayed the same. References to people and connectors are
kept as keys, not as foreign keys: a tenant points at things that do not exist.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import (
    BIG,
    Base,
    Version,
    environment_ref,
    key,
    label,
    one_open,
    prose,
    surrogate,
    utc,
    word,
)


class Environment(Base):
    """An environment; its key is its case-folded id."""

    __tablename__ = "environments"

    id: Mapped[surrogate]
    key: Mapped[key] = mapped_column(unique=True, comment="environment id, case-folded")


class EnvironmentVersion(Version, Base):
    """Facts about an environment."""

    __tablename__ = "environment_versions"
    __table_args__ = (one_open("environment_versions", "environment_id"),)

    environment_id: Mapped[environment_ref] = mapped_column(primary_key=True, comment="whose")
    from_run: Mapped[int] = mapped_column(
        BIG, ForeignKey("runs.id"), primary_key=True, comment="first run that found it so"
    )
    name: Mapped[label] = mapped_column(comment="environment id as the platform spells it")
    display_name: Mapped[label | None] = mapped_column(comment="name people see")
    description: Mapped[prose | None] = mapped_column(comment="description")
    sku: Mapped[word | None] = mapped_column(comment="Production, Sandbox, Developer, Default, …")
    location: Mapped[word | None] = mapped_column(comment="geography, e.g. europe")
    azure_region: Mapped[word | None] = mapped_column(comment="Azure region, e.g. westeurope")
    is_default: Mapped[bool] = mapped_column(comment="the tenant's default environment")
    managed: Mapped[bool] = mapped_column(comment="a Managed Environment")
    has_dataverse: Mapped[bool] = mapped_column(comment="has a Dataverse database")
    organization_id: Mapped[word | None] = mapped_column(comment="Dataverse organization id")
    instance_url: Mapped[label | None] = mapped_column(comment="Dataverse web address")
    api_url: Mapped[label | None] = mapped_column(comment="Dataverse Web API address")
    state: Mapped[word | None] = mapped_column(comment="runtime state, e.g. Enabled")
    group_key: Mapped[key | None] = mapped_column(comment="group it belongs to, case-folded")
    creator_key: Mapped[key | None] = mapped_column(comment="object id of the creator")
    created_at: Mapped[utc | None] = mapped_column(comment="created")


class Connector(Base):
    """A custom connector in one environment."""

    __tablename__ = "connectors"
    __table_args__ = (UniqueConstraint("environment_id", "key"),)

    id: Mapped[surrogate]
    environment_id: Mapped[environment_ref] = mapped_column(comment="environment")
    key: Mapped[key] = mapped_column(
        comment="runtime name, case-folded, dots as dashes; dv: and the row id before it has one"
    )


class ConnectorVersion(Version, Base):
    """Facts about a custom connector."""

    __tablename__ = "connector_versions"
    __table_args__ = (
        one_open("connector_versions", "connector_id"),
        Index("ix_connector_versions_definition_id", "definition_id"),
        Index("ix_connector_versions_from_run", "from_run"),
    )

    connector_id: Mapped[int] = mapped_column(
        BIG, ForeignKey("connectors.id"), primary_key=True, comment="whose"
    )
    from_run: Mapped[int] = mapped_column(
        BIG, ForeignKey("runs.id"), primary_key=True, comment="first run that found it so"
    )
    name: Mapped[label | None] = mapped_column(comment="runtime name as the platform spells it")
    display_name: Mapped[label | None] = mapped_column(comment="name people see")
    description: Mapped[prose | None] = mapped_column(comment="description")
    dataverse_id: Mapped[word | None] = mapped_column(comment="id of its Dataverse row")
    logical_name: Mapped[label | None] = mapped_column(comment="Dataverse logical name")
    solution_id: Mapped[word | None] = mapped_column(comment="Dataverse solution id")
    managed: Mapped[bool | None] = mapped_column(comment="installed by a managed solution")
    creator_key: Mapped[key | None] = mapped_column(comment="object id of the original maker")
    modifier_key: Mapped[key | None] = mapped_column(comment="object id of the last editor")
    dataverse_owner_key: Mapped[key | None] = mapped_column(comment="owner of the Dataverse row")
    created_at: Mapped[utc | None] = mapped_column(comment="created")
    changed_at: Mapped[utc | None] = mapped_column(comment="last changed at the platform")
    tier: Mapped[word | None] = mapped_column(comment="tier as the platform says it")
    publisher: Mapped[label | None] = mapped_column(comment="publisher as written by its maker")
    brand_color: Mapped[word | None] = mapped_column(comment="icon colour, #rrggbb")
    backend_url: Mapped[label | None] = mapped_column(comment="address the connector calls")
    authentication: Mapped[label | None] = mapped_column(comment="how a connection signs in")
    authentication_kinds: Mapped[list[Any] | None] = mapped_column(comment="the same as codes")
    client_id: Mapped[word | None] = mapped_column(comment="OAuth client id")
    gateway: Mapped[bool | None] = mapped_column(comment="reaches through a data gateway")
    connection_parameters: Mapped[dict[str, Any] | None] = mapped_column(
        comment="connection parameters and sets, secrets redacted"
    )
    policies: Mapped[list[Any] | None] = mapped_column(comment="policies, secrets redacted")
    script_operations: Mapped[list[Any] | None] = mapped_column(comment="operations with a script")
    has_script: Mapped[bool | None] = mapped_column(comment="runs custom code")
    definition_id: Mapped[int | None] = mapped_column(
        BIG, ForeignKey("definitions.id"), comment="its OpenAPI document"
    )
    definition_state: Mapped[word] = mapped_column(
        comment="readable, unreadable, absent or not_read"
    )
    definition_detail: Mapped[label | None] = mapped_column(comment="why it could not be read")


class ConnectorAlias(Base):
    """A spelling under which a source named a connector."""

    __tablename__ = "connector_aliases"
    __table_args__ = (UniqueConstraint("connector_id", "spelling"),)

    id: Mapped[surrogate]
    connector_id: Mapped[int] = mapped_column(BIG, ForeignKey("connectors.id"), comment="whose")
    spelling: Mapped[key] = mapped_column(index=True, comment="name exactly as seen")
    source: Mapped[word] = mapped_column(comment="source that used it first")


class Connection(Base):
    """A connection of one account in one environment; its key is its case-folded name."""

    __tablename__ = "connections"
    __table_args__ = (UniqueConstraint("environment_id", "key"),)

    id: Mapped[surrogate]
    environment_id: Mapped[environment_ref] = mapped_column(comment="environment")
    key: Mapped[key] = mapped_column(comment="connection name, case-folded")


class ConnectionVersion(Version, Base):
    """Facts about a connection."""

    __tablename__ = "connection_versions"
    __table_args__ = (
        one_open("connection_versions", "connection_id"),
        Index("ix_connection_versions_connector_key", "connector_key"),
    )

    connection_id: Mapped[int] = mapped_column(
        BIG, ForeignKey("connections.id"), primary_key=True, comment="whose"
    )
    from_run: Mapped[int] = mapped_column(
        BIG, ForeignKey("runs.id"), primary_key=True, comment="first run that found it so"
    )
    name: Mapped[label] = mapped_column(comment="connection name as the platform spells it")
    connector_key: Mapped[key] = mapped_column(comment="connector it belongs to")
    display_name: Mapped[label | None] = mapped_column(comment="name people see")
    account_name: Mapped[label | None] = mapped_column(comment="account it signs in as, if told")
    creator_key: Mapped[key | None] = mapped_column(comment="object id of its creator")
    creator_name: Mapped[label | None] = mapped_column(comment="creator as the platform names it")
    status: Mapped[word | None] = mapped_column(comment="Error if any part is, else the first")
    status_detail: Mapped[prose | None] = mapped_column(comment="error code and text, redacted")
    allow_sharing: Mapped[bool | None] = mapped_column(comment="may be shared")
    creator_tenant: Mapped[word | None] = mapped_column(comment="its creator's tenant, if another")
    account_tenant: Mapped[word | None] = mapped_column(comment="its account's tenant, if another")
    created_at: Mapped[utc | None] = mapped_column(comment="created")
    modified_at: Mapped[utc | None] = mapped_column(comment="last modified")
    expires_at: Mapped[utc | None] = mapped_column(comment="expiry, if told")


class ConnectionReference(Base):
    """A Dataverse connection reference; its key is its case-folded row id."""

    __tablename__ = "connection_references"
    __table_args__ = (UniqueConstraint("environment_id", "key"),)

    id: Mapped[surrogate]
    environment_id: Mapped[environment_ref] = mapped_column(comment="environment")
    key: Mapped[key] = mapped_column(comment="Dataverse row id, case-folded")


class ConnectionReferenceVersion(Version, Base):
    """Facts about a connection reference."""

    __tablename__ = "connection_reference_versions"
    __table_args__ = (
        one_open("connection_reference_versions", "connection_reference_id"),
        Index("ix_connection_reference_versions_connector_key", "connector_key"),
    )

    connection_reference_id: Mapped[int] = mapped_column(
        BIG, ForeignKey("connection_references.id"), primary_key=True, comment="whose"
    )
    from_run: Mapped[int] = mapped_column(
        BIG, ForeignKey("runs.id"), primary_key=True, comment="first run that found it so"
    )
    logical_name: Mapped[label] = mapped_column(comment="logical name")
    display_name: Mapped[label | None] = mapped_column(comment="name people see")
    connector_key: Mapped[key | None] = mapped_column(comment="connector it points to")
    connector_row_key: Mapped[word | None] = mapped_column(comment="Dataverse connector row")
    connection_key: Mapped[key | None] = mapped_column(comment="bound connection; null if unbound")
    owner_key: Mapped[key | None] = mapped_column(comment="object id of the owner")
    active: Mapped[bool | None] = mapped_column(comment="active rather than inactive")
    managed: Mapped[bool | None] = mapped_column(comment="installed by a managed solution")
    prompting_behavior: Mapped[int | None] = mapped_column(comment="0 prompt, 1 skip")
    solution_id: Mapped[word | None] = mapped_column(comment="Dataverse solution id")
    created_at: Mapped[utc | None] = mapped_column(comment="created")
    modified_at: Mapped[utc | None] = mapped_column(comment="last modified")
