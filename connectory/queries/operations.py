"""The operations connectors offer, and which flows call them."""

from __future__ import annotations

from typing import Any

import pandas as pd
from sqlalchemy import (
    CompoundSelect,
    Connection,
    Select,
    Subquery,
    and_,
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
from connectory.queries.tables import (
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
    "flows": "count",
}
_ALL: Schema = {
    "connector_id": "count",
    "connector": "text",
    "environment": "text",
    **_SCHEMA,
}


def operations(connection: Connection, moment: Moment, connector_id: int) -> pd.DataFrame:
    """Return the operations a connector's definition offers, in its order, with their flows.

    Operations that flows call but a readable definition no longer offers follow with the kind
    ``missing``; they have no ordinal, method or path.
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
    every = _offered_and_called(rows, _calls(run_id, connector_id)).subquery("every")
    query = select(*(every.c[name] for name in _SCHEMA)).order_by(
        every.c.ordinal.is_(None), every.c.ordinal, every.c.operation_id
    )
    return framed(connection, query, _SCHEMA)


def all_operations(connection: Connection, moment: Moment) -> pd.DataFrame:
    """Return the operations of every connector that is not gone, with the connector's name."""
    run_id = moment.run_id
    every = _offered_and_called(known_connectors(run_id), _calls(run_id, None)).subquery("every")
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


def _offered_and_called(rows: Any, calls: Subquery) -> CompoundSelect[Any]:
    """Return what definitions offer, and what flows call that they do not."""
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
        func.coalesce(calls.c.flows, 0).label("flows"),
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
            calls.c.flows,
        )
        .select_from(rows.join(calls, calls.c.connector_id == CONNECTORS.c.id))
        .where(readable, ~there)
    )
    return union_all(offered, missing)


def _calls(run_id: int, connector_id: int | None) -> Subquery:
    """Return connector_id, operation_id and the number of distinct flows that call it."""
    query = (
        select(
            CONNECTORS.c.id.label("connector_id"),
            FLOW_OPERATIONS.c.operation_id,
            func.count(FLOWS.c.id.distinct()).label("flows"),
        )
        .select_from(
            CONNECTORS.join(FLOW_OPERATIONS, FLOW_OPERATIONS.c.connector_key == CONNECTORS.c.key)
            .join(
                FLOWS,
                and_(
                    FLOWS.c.id == FLOW_OPERATIONS.c.flow_id,
                    FLOWS.c.environment_id == CONNECTORS.c.environment_id,
                ),
            )
            .join(FLOW_VERSIONS, FLOW_VERSIONS.c.flow_id == FLOWS.c.id)
        )
        .where(
            holds(FLOW_OPERATIONS, run_id),
            present(FLOW_VERSIONS, run_id),
            FLOW_OPERATIONS.c.operation_id.is_not(None),
        )
        .group_by(CONNECTORS.c.id, FLOW_OPERATIONS.c.operation_id)
    )
    if connector_id is not None:
        query = query.where(CONNECTORS.c.id == connector_id)
    return query.subquery("calls")
