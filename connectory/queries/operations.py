"""The operations connectors offer, and which flows and agents call them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    CompoundSelect,
    Connection,
    Select,
    Subquery,
    Table,
    and_,
    case,
    cast,
    exists,
    false,
    func,
    literal,
    null,
    select,
    union_all,
)

from connectory.queries.frames import Schema, framed
from connectory.queries.moments import Moment
from connectory.queries.reads import unlisted
from connectory.queries.tables import (
    AGENT_OPERATIONS,
    AGENT_VERSIONS,
    AGENTS,
    CONNECTOR_VERSIONS,
    CONNECTORS,
    DEFINITIONS,
    FLOW_OPERATIONS,
    FLOW_VERSIONS,
    FLOWS,
    OPERATIONS,
    connector_name,
    environment_name,
    holds,
    in_environment,
    known_connectors,
    present,
)

_SCHEMA: Schema = {
    "ordinal": "number",
    "operation_id": "text",
    "method": "text",
    "path": "text",
    "summary": "text",
    "kind": "text",
    "visibility": "text",
    "deprecated": "flag",
    "parameters": "number",
    "responses": "number",
    "flows": "number",
    "agents": "number",
}
_CALLING = ("flows", "agents")
"""Columns that count who calls an operation, each called like the collector that tells it."""
_ALL: Schema = {
    "connector_id": "count",
    "connector": "text",
    "environment": "text",
    **_SCHEMA,
}


def operations(connection: Connection, moment: Moment, connector_id: int) -> pd.DataFrame:
    """Return the operations a connector's definition offers, in its order, with who calls them.

    Operations that flows or agents call but a readable definition no longer offers follow with the kind
    ``missing``; they have no ordinal, method or path. A count of none is missing where flows, or
    agents, could not be listed in the environment: some may call it.
    """
    run_id = moment.run_id
    rows = CONNECTORS.join(
        CONNECTOR_VERSIONS,
        and_(
            CONNECTOR_VERSIONS.c.connector_id == CONNECTORS.c.id,
            holds(CONNECTOR_VERSIONS, run_id),
            CONNECTORS.c.id == connector_id,
        ),
    )
    short = unlisted(connection, run_id, _CALLING)
    every = _offered_and_called(rows, _calls(run_id, connector_id), short).subquery("every")
    query = select(*(every.c[name] for name in _SCHEMA)).order_by(
        every.c.ordinal.is_(None), every.c.ordinal, every.c.operation_id
    )
    return framed(connection, query, _SCHEMA)


def all_operations(connection: Connection, moment: Moment) -> pd.DataFrame:
    """Return the operations of every connector that is not gone, with the connector's name."""
    run_id = moment.run_id
    short = unlisted(connection, run_id, _CALLING)
    calls = _calls(run_id, None)
    every = _offered_and_called(known_connectors(run_id), calls, short).subquery("every")
    rows = in_environment(
        every.join(CONNECTORS, CONNECTORS.c.id == every.c.connector_id).join(
            CONNECTOR_VERSIONS,
            and_(
                CONNECTOR_VERSIONS.c.connector_id == CONNECTORS.c.id,
                holds(CONNECTOR_VERSIONS, run_id),
            ),
        ),
        CONNECTORS.c.environment_id,
        run_id,
    )
    query = (
        select(
            every.c.connector_id,
            connector_name(),
            environment_name(),
            *(every.c[name] for name in _SCHEMA),
        )
        .select_from(rows)
        .order_by(
            every.c.connector_id,
            every.c.ordinal.is_(None),
            every.c.ordinal,
            every.c.operation_id,
        )
    )
    return framed(connection, query, _ALL)


def _offered_and_called(
    rows: Any, calls: Subquery, short: Mapping[str, set[int]]
) -> CompoundSelect[Any]:
    """Return what definitions offer, and what flows and agents call that they do not."""
    counts = [_count(calls.c[name], short[name]).label(name) for name in _CALLING]
    offered: Select[Any] = select(
        CONNECTORS.c.id.label("connector_id"),
        OPERATIONS.c.ordinal,
        OPERATIONS.c.operation_id,
        OPERATIONS.c.method,
        OPERATIONS.c.path,
        OPERATIONS.c.summary,
        OPERATIONS.c.kind,
        OPERATIONS.c.visibility,
        OPERATIONS.c.deprecated,
        OPERATIONS.c.parameters,
        OPERATIONS.c.responses,
        *counts,
    ).select_from(
        rows.join(
            OPERATIONS, OPERATIONS.c.definition_id == CONNECTOR_VERSIONS.c.definition_id
        ).outerjoin(
            calls,
            and_(
                calls.c.connector_id == CONNECTORS.c.id,
                calls.c.operation_id == OPERATIONS.c.operation_id,
            ),
        )
    )
    readable = exists(
        select(DEFINITIONS.c.id)
        .where(
            DEFINITIONS.c.id == CONNECTOR_VERSIONS.c.definition_id,
            DEFINITIONS.c.state == "readable",
        )
        .correlate(CONNECTOR_VERSIONS)
    )
    there = exists(
        select(OPERATIONS.c.id)
        .where(
            OPERATIONS.c.definition_id == CONNECTOR_VERSIONS.c.definition_id,
            OPERATIONS.c.operation_id == calls.c.operation_id,
        )
        .correlate(CONNECTOR_VERSIONS, calls)
    )
    nothing = [null().label(name) for name in ("method", "path", "summary")]
    missing: Select[Any] = (
        select(
            CONNECTORS.c.id,
            null().label("ordinal"),
            calls.c.operation_id,
            *nothing,
            literal("missing").label("kind"),
            null().label("visibility"),
            false().label("deprecated"),
            null().label("parameters"),
            null().label("responses"),
            *counts,
        )
        .select_from(rows.join(calls, calls.c.connector_id == CONNECTORS.c.id))
        .where(readable, ~there)
    )
    return union_all(offered, missing)


def _count(calls: ColumnElement[int], short: set[int]) -> ColumnElement[int | None]:
    """Return how many call; null for none where not everything that might call was listed."""
    found = func.coalesce(calls, 0)
    unsure = and_(found == 0, CONNECTORS.c.environment_id.in_(sorted(short)))
    return case((unsure, None), else_=found)


def _calls(run_id: int, connector_id: int | None) -> Subquery:
    """Return connector_id, operation_id and how many distinct flows and agents call it."""
    every = union_all(
        _pairs(run_id, connector_id, FLOW_OPERATIONS, FLOWS, FLOW_VERSIONS, "flow_id"),
        _pairs(run_id, connector_id, AGENT_OPERATIONS, AGENTS, AGENT_VERSIONS, "agent_id"),
    ).subquery("every_call")
    return (
        select(
            every.c.connector_id,
            every.c.operation_id,
            func.count(every.c.flow_id.distinct()).label("flows"),
            func.count(every.c.agent_id.distinct()).label("agents"),
        )
        .group_by(every.c.connector_id, every.c.operation_id)
        .subquery("calls")
    )


def _pairs(
    run_id: int,
    connector_id: int | None,
    calls: Table,
    callers: Table,
    versions: Table,
    link: str,
) -> Select[Any]:
    """Return each call of consumers of one kind that are present, the other kind left null."""
    query = (
        select(
            CONNECTORS.c.id.label("connector_id"),
            calls.c.operation_id,
            *(
                (callers.c.id if name == link else cast(null(), BigInteger)).label(name)
                for name in ("flow_id", "agent_id")
            ),
        )
        .select_from(
            CONNECTORS.join(calls, calls.c.connector_key == CONNECTORS.c.key)
            .join(
                callers,
                and_(
                    callers.c.id == calls.c[link],
                    callers.c.environment_id == CONNECTORS.c.environment_id,
                ),
            )
            .join(versions, versions.c[link] == callers.c.id)
        )
        .where(holds(calls, run_id), present(versions, run_id), calls.c.operation_id.is_not(None))
    )
    return query if connector_id is None else query.where(CONNECTORS.c.id == connector_id)
