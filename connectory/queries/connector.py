"""One connector: what it is, where it is, who owns it, and the document that describes it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pandas as pd
from sqlalchemy import Connection, FromClause, RowMapping, Select, and_, func, select

from connectory.domain.definition import Document, Unreadable, read
from connectory.queries.changes import changes
from connectory.queries.connectors import NOT_ASSESSED, SOURCES, UNASSESSED, host_of
from connectory.queries.consumers import connections, consumers, references
from connectory.queries.moments import Moment
from connectory.queries.operations import operations
from connectory.queries.reads import COUNTING, known_counts, unlisted
from connectory.queries.sharing import permissions
from connectory.queries.tables import (
    ANSWERS,
    CONNECTOR_VERSIONS,
    CONNECTORS,
    DEFINITIONS,
    ENVIRONMENT_VERSIONS,
    ENVIRONMENTS,
    RUNS,
    SIGHTINGS,
    connector_name,
    environment_name,
    holds,
    in_environment,
    with_person,
)
from connectory.queries.usage import (
    agent_counts,
    app_counts,
    connection_counts,
    flow_counts,
    reference_counts,
)

__all__ = [
    "ConnectorCard",
    "card",
    "connections",
    "consumers",
    "document",
    "history",
    "manifest",
    "operations",
    "permissions",
    "references",
]

_DEPTH = 500
"""Deepest nesting that settings allow to be kept."""


@dataclass(frozen=True, slots=True)
class ConnectorCard:
    """The facts of one connector at a moment.

    Attributes:
        presence_since: Start of the run that found it so present, missing or gone.
        owner: Name of the owner the verdict rests on.
        owner_reason: Proof of the verdict, in one sentence.
        creator: Name of its original maker; says nothing of ownership.
        dataverse_owner: Name of the owner of its Dataverse row.
        host: Of the address it calls, else the one its definition names.
        authentication_kinds: Ways of signing in as codes.
        connection_parameters: Parameters and sets of its connections, secrets redacted.
        definition_since: Start of the run that found this definition first on it.
        definition_size: Bytes as received.
        redactions: Secrets replaced in the definition before it was stored.
        sources: Who shows it at the moment.
        connections: Connections to it, of which `broken_connections` are in error. This count and
            those below are None where there is none among those that could be listed.
        references: Connection references that point to it.
        flows: Cloud flows that use it.
        apps: Canvas apps that use it.
        agents: Agents that use it.
    """

    connector_id: int
    key: str
    name: str | None
    display_name: str
    description: str | None
    environment_id: int
    environment: str
    environment_key: str
    environment_sku: str | None
    presence: str
    presence_since: datetime
    owner: str | None
    owner_key: str | None
    owner_state: str
    owner_reason: str
    creator: str | None
    dataverse_owner: str | None
    created_at: datetime | None
    changed_at: datetime | None
    tier: str | None
    publisher: str | None
    managed: bool | None
    backend_url: str | None
    host: str | None
    base_path: str | None
    authentication: str | None
    authentication_kinds: tuple[str, ...]
    client_id: str | None
    gateway: bool | None
    policies: tuple[dict[str, Any], ...]
    script_operations: tuple[str, ...]
    has_script: bool | None
    connection_parameters: dict[str, Any]
    definition_id: int | None
    definition_sha256: str | None
    definition_state: str
    definition_detail: str | None
    definition_since: datetime | None
    definition_format: str | None
    definition_size: int | None
    definition_title: str | None
    definition_version: str | None
    redactions: int
    sources: tuple[str, ...]
    connections: int | None
    broken_connections: int | None
    references: int | None
    flows: int | None
    apps: int | None
    agents: int | None

    @property
    def consumers(self) -> int | None:
        """Flows, apps and agents; None if there are none among those that could be listed."""
        kinds = (self.flows, self.apps, self.agents)
        return sum(kind or 0 for kind in kinds) if any(kinds) or None not in kinds else None


def card(connection: Connection, moment: Moment, connector_id: int) -> ConnectorCard | None:
    """Return the facts of a connector, also of one that is gone; None if there was none yet."""
    run_id = moment.run_id
    row = connection.execute(_facts(run_id, connector_id)).mappings().first()
    if row is None:
        return None
    counts = connection.execute(_counts(run_id, connector_id)).mappings().one()
    found = {name: int(counts[name] or 0) for name in counts}
    short = unlisted(connection, run_id, COUNTING)
    values: dict[str, Any] = {**row, **known_counts(found, row["environment_id"], short)}
    values["host"] = host_of(row["backend_url"]) or row["host"]
    values["redactions"] = row["redactions"] or 0
    values["policies"] = tuple(_items(row["policies"], dict))
    values["script_operations"] = tuple(_items(row["script_operations"], str))
    values["authentication_kinds"] = tuple(_items(row["authentication_kinds"], str))
    values["connection_parameters"] = dict(row["connection_parameters"] or {})
    return ConnectorCard(
        **values,
        **_since(connection, run_id, row),
        sources=_sources(connection, run_id, connector_id),
    )


def _items(value: object, kind: type) -> list[Any]:
    return [item for item in value if isinstance(item, kind)] if isinstance(value, list) else []


def _facts(run_id: int, connector_id: int) -> Select[Any]:
    facts, definition = CONNECTOR_VERSIONS.c, DEFINITIONS.c
    rows: FromClause = CONNECTORS.join(
        CONNECTOR_VERSIONS,
        and_(facts.connector_id == CONNECTORS.c.id, holds(CONNECTOR_VERSIONS, run_id)),
    ).join(ENVIRONMENTS, ENVIRONMENTS.c.id == CONNECTORS.c.environment_id)
    rows = in_environment(rows, CONNECTORS.c.environment_id, run_id)
    rows = rows.outerjoin(
        ANSWERS, and_(ANSWERS.c.connector_id == CONNECTORS.c.id, holds(ANSWERS, run_id))
    ).outerjoin(DEFINITIONS, definition.id == facts.definition_id)
    rows, owner = with_person(rows, ANSWERS.c.owner_key, run_id, "owner")
    rows, creator = with_person(rows, facts.creator_key, run_id, "creator")
    rows, keeper = with_person(rows, facts.dataverse_owner_key, run_id, "dataverse_owner")
    return (
        select(
            CONNECTORS.c.id.label("connector_id"),
            CONNECTORS.c.key,
            connector_name().label("display_name"),
            CONNECTORS.c.environment_id,
            environment_name().label("environment"),
            ENVIRONMENTS.c.key.label("environment_key"),
            ENVIRONMENT_VERSIONS.c.sku.label("environment_sku"),
            owner.name.label("owner"),
            ANSWERS.c.owner_key,
            func.coalesce(ANSWERS.c.state, UNASSESSED).label("owner_state"),
            func.coalesce(ANSWERS.c.reason, NOT_ASSESSED).label("owner_reason"),
            creator.name.label("creator"),
            keeper.name.label("dataverse_owner"),
            func.coalesce(facts.definition_detail, definition.detail).label("definition_detail"),
            *(facts[name] for name in _TOLD),
            definition.sha256.label("definition_sha256"),
            definition.format.label("definition_format"),
            definition.size_bytes.label("definition_size"),
            definition.title.label("definition_title"),
            definition.version.label("definition_version"),
            definition.redactions,
            definition.host,
            definition.base_path,
        )
        .select_from(rows)
        .where(CONNECTORS.c.id == connector_id)
    )


_TOLD = (
    "name",
    "description",
    "presence",
    "created_at",
    "changed_at",
    "tier",
    "publisher",
    "managed",
    "backend_url",
    "authentication",
    "authentication_kinds",
    "client_id",
    "gateway",
    "policies",
    "script_operations",
    "has_script",
    "connection_parameters",
    "definition_id",
    "definition_state",
)


def _counts(run_id: int, connector_id: int) -> Select[Any]:
    parts = {
        "connections": connection_counts(run_id, connector_id),
        "broken_connections": connection_counts(run_id, connector_id),
        "references": reference_counts(run_id, connector_id),
        "flows": flow_counts(run_id, connector_id),
        "apps": app_counts(run_id, connector_id),
        "agents": agent_counts(run_id, connector_id),
    }
    return select(
        *(select(part.c[name]).scalar_subquery().label(name) for name, part in parts.items())
    )


def _since(connection: Connection, run_id: int, row: RowMapping) -> dict[str, Any]:
    """Return since when it has its presence and its definition, from its versions up to a run."""
    facts = CONNECTOR_VERSIONS.c
    other = {
        "presence_since": facts.presence != row["presence"],
        "definition_since": facts.definition_id.is_distinct_from(row["definition_id"]),
    }
    mine = and_(facts.connector_id == row["connector_id"], facts.from_run <= run_id)
    begins = {
        name: func.coalesce(
            select(func.max(facts.to_run))
            .where(mine, differs, facts.to_run <= run_id)
            .scalar_subquery(),
            select(func.min(facts.from_run)).where(mine).scalar_subquery(),
        )
        for name, differs in other.items()
    }
    query = select(
        *(
            select(RUNS.c.started_at).where(RUNS.c.id == run).scalar_subquery().label(name)
            for name, run in begins.items()
        )
    )
    found = dict(connection.execute(query).mappings().one())
    if row["definition_id"] is None:
        found["definition_since"] = None
    return found


def _sources(connection: Connection, run_id: int, connector_id: int) -> tuple[str, ...]:
    query = select(SIGHTINGS.c.source).where(
        SIGHTINGS.c.noun == CONNECTORS.name,
        SIGHTINGS.c.entity_id == connector_id,
        holds(SIGHTINGS, run_id),
    )
    seen = set(connection.scalars(query))
    return tuple(source for source in SOURCES if source in seen)


def document(connection: Connection, definition_id: int) -> str | None:
    """Return the text of a definition, secrets redacted; None if it was not kept."""
    return connection.scalar(select(DEFINITIONS.c.content).where(DEFINITIONS.c.id == definition_id))


def manifest(connection: Connection, definition_id: int) -> Document | Unreadable | None:
    """Return what a definition says, or why it cannot be read; None if there is no such one."""
    query = select(DEFINITIONS.c.state, DEFINITIONS.c.detail, DEFINITIONS.c.content).where(
        DEFINITIONS.c.id == definition_id
    )
    row = connection.execute(query).first()
    if row is None:
        return None
    detail = row.detail or "the reason is not known"
    if row.content is None:
        return Unreadable("too_large", detail)
    content = row.content.encode()
    told = read(content, max_bytes=len(content), max_depth=_DEPTH)
    if row.state == "unreadable" and isinstance(told, Document):
        return Unreadable("not_json", detail)
    return told


def history(connection: Connection, moment: Moment, connector_id: int) -> pd.DataFrame:
    """Return every change of a connector up to the moment, the newest first."""
    return changes(connection, None, moment, connector_id)
