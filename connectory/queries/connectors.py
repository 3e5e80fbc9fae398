"""The list of connectors, each with its owner, its consumers and what is known of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import pandas as pd
from sqlalchemy import Connection, FromClause, RowMapping, Select, and_, case, func, select

from connectory.domain.ignoring import IgnoreRules
from connectory.queries.frames import Schema, frame
from connectory.queries.ignoring import NO_RULES, Ignored, ignored
from connectory.queries.moments import Moment
from connectory.queries.reads import COUNTING, known_counts, unlisted
from connectory.queries.tables import (
    ANSWERS,
    CONNECTOR_EXPOSURE_ANSWERS,
    CONNECTOR_VERSIONS,
    CONNECTORS,
    DEFINITIONS,
    ENVIRONMENT_VERSIONS,
    OPERATIONS,
    POLICY_ANSWERS,
    SIGHTINGS,
    connector_name,
    environment_name,
    holds,
    in_environment,
    known_connectors,
    with_person,
)
from connectory.queries.usage import (
    agent_counts,
    app_counts,
    connection_counts,
    flow_counts,
    reference_counts,
    sharing_counts,
)

SOURCES = ("admin", "maker_list", "dataverse", "connectivity", "inventory")
"""Sources that show connectors, in the order in which they are told."""

UNASSESSED = "owner_unknown"
UNKNOWN_POLICY = "unknown"
NOT_ASSESSED = "its ownership has not been assessed"

_SCHEMA: Schema = {
    "connector_id": "count",
    "display_name": "text",
    "name": "text",
    "environment_id": "count",
    "environment": "text",
    "environment_sku": "text",
    "owner": "text",
    "owner_key": "text",
    "owner_state": "text",
    "owner_reason": "text",
    "everyone": "flag",
    "shared_users": "count",
    "shared_groups": "count",
    "connections": "number",
    "broken_connections": "number",
    "references": "number",
    "flows": "number",
    "apps": "number",
    "agents": "number",
    "consumers": "number",
    "operations": "number",
    "definition_state": "text",
    "host": "text",
    "authentication": "text",
    "policy": "text",
    "licence_cost": "money",
    "managed": "maybe",
    "sources": "list",
    "created_at": "time",
    "changed_at": "time",
    "presence": "text",
    "ignored": "text",
}


def connectors(
    connection: Connection, moment: Moment, ignore: IgnoreRules = NO_RULES
) -> pd.DataFrame:
    """Return every connector that is not gone, by name; missing ones say so in presence.

    Those that the settings leave out of figures are among them, and say why in ignored.

    Consumers are flows, apps and agents. ``shared_users`` and ``shared_groups`` leave owners out. The
    host is that of the address it calls, else that of its definition. ``operations`` is missing
    where no definition tells them; ``licence_cost`` is what retiring it would save a month, missing
    where nothing uses it or that is not known; ``sources`` names who shows it at the moment. A count of none is
    missing where what it counts could not be listed in the environment: there may be some.
    """
    seen, left_out = _sources(connection, moment.run_id), ignored(connection, moment, ignore)
    short = unlisted(connection, moment.run_id, COUNTING)
    rows = [
        _row(row, seen, left_out, short)
        for row in connection.execute(_query(moment.run_id)).mappings()
    ]
    rows.sort(key=lambda row: (row[1].casefold(), row[0]))
    return frame(rows, _SCHEMA)


def _row(
    row: RowMapping,
    seen: dict[int, set[str]],
    left_out: Ignored,
    short: Mapping[str, set[int]],
) -> list[Any]:
    values = dict(row)
    values |= known_counts(values, row["environment_id"], short)
    told = seen.get(row["connector_id"], set())
    values["host"] = host_of(row["backend_url"]) or row["host"]
    values["sources"] = [source for source in SOURCES if source in told]
    values["ignored"] = left_out.get(row["connector_id"])
    return [values[name] for name in _SCHEMA]


def host_of(url: str | None) -> str | None:
    """Return the host of an address as its maker wrote it; None where there is none."""
    try:
        return urlsplit(url or "").hostname
    except ValueError:
        return None


def _sources(connection: Connection, run_id: int) -> dict[int, set[str]]:
    query = select(SIGHTINGS.c.entity_id, SIGHTINGS.c.source).where(
        SIGHTINGS.c.noun == CONNECTORS.name, holds(SIGHTINGS, run_id)
    )
    seen: dict[int, set[str]] = defaultdict(set)
    for entity, source in connection.execute(query):
        seen[entity].add(source)
    return seen


def _query(run_id: int) -> Select[Any]:
    rows, uses, sharing = _joined(run_id)
    rows, owner = with_person(rows, ANSWERS.c.owner_key, run_id, "owner")
    facts = CONNECTOR_VERSIONS.c
    consumers = [func.coalesce(uses[kind], 0) for kind in ("flows", "apps", "agents")]
    return select(
        CONNECTORS.c.id.label("connector_id"),
        connector_name().label("display_name"),
        facts.name,
        CONNECTORS.c.environment_id,
        environment_name().label("environment"),
        ENVIRONMENT_VERSIONS.c.sku.label("environment_sku"),
        owner.name.label("owner"),
        ANSWERS.c.owner_key,
        func.coalesce(ANSWERS.c.state, UNASSESSED).label("owner_state"),
        func.coalesce(ANSWERS.c.reason, NOT_ASSESSED).label("owner_reason"),
        (func.coalesce(sharing.c.everyone, 0) == 1).label("everyone"),
        func.coalesce(sharing.c.shared_users, 0).label("shared_users"),
        func.coalesce(sharing.c.shared_groups, 0).label("shared_groups"),
        *(func.coalesce(column, 0).label(name) for name, column in uses.items()),
        (consumers[0] + consumers[1] + consumers[2]).label("consumers"),
        operation_count(facts).label("operations"),
        facts.definition_state,
        facts.backend_url,
        _definition_host(facts).label("host"),
        facts.authentication,
        func.coalesce(POLICY_ANSWERS.c.data_group, UNKNOWN_POLICY).label("policy"),
        CONNECTOR_EXPOSURE_ANSWERS.c.monthly.label("licence_cost"),
        facts.managed,
        facts.created_at,
        facts.changed_at,
        facts.presence,
    ).select_from(rows)


def _joined(run_id: int) -> tuple[FromClause, dict[str, Any], FromClause]:
    by_connection, by_reference = connection_counts(run_id), reference_counts(run_id)
    by_flow, by_app, by_agent = flow_counts(run_id), app_counts(run_id), agent_counts(run_id)
    sharing = sharing_counts(run_id)
    rows = in_environment(known_connectors(run_id), CONNECTORS.c.environment_id, run_id)
    rows = rows.outerjoin(
        ANSWERS, and_(ANSWERS.c.connector_id == CONNECTORS.c.id, holds(ANSWERS, run_id))
    )
    rows = rows.outerjoin(
        POLICY_ANSWERS,
        and_(POLICY_ANSWERS.c.connector_id == CONNECTORS.c.id, holds(POLICY_ANSWERS, run_id)),
    )
    costs = CONNECTOR_EXPOSURE_ANSWERS
    rows = rows.outerjoin(
        costs, and_(costs.c.connector_id == CONNECTORS.c.id, holds(costs, run_id))
    )
    for counts in (by_connection, by_reference, by_flow, by_app, by_agent, sharing):
        rows = rows.outerjoin(counts, counts.c.connector_id == CONNECTORS.c.id)
    uses = {
        "connections": by_connection.c.connections,
        "broken_connections": by_connection.c.broken_connections,
        "references": by_reference.c.references,
        "flows": by_flow.c.flows,
        "apps": by_app.c.apps,
        "agents": by_agent.c.agents,
    }
    return rows, uses, sharing


def operation_count(facts: Any) -> Any:
    """Return the number of operations of a connector's definition; null if none tells them.

    They are counted from the index of operations: on SQLite the number beside the document
    lies behind all its pages.
    """
    count = (
        select(func.count())
        .select_from(OPERATIONS)
        .where(OPERATIONS.c.definition_id == facts.definition_id)
        .scalar_subquery()
    )
    return case(
        (facts.definition_id.is_(None), None),
        (facts.definition_state == "readable", count),
        else_=func.nullif(count, 0),
    )


def _definition_host(facts: Any) -> Any:
    """Return the host a definition names, read only where the connector itself names none."""
    host = (
        select(DEFINITIONS.c.host).where(DEFINITIONS.c.id == facts.definition_id).scalar_subquery()
    )
    return case((facts.backend_url.is_(None), host))
