"""One change, and from when on a change is one rather than the first sight of something."""

from __future__ import annotations

from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, func, select

from connectory.queries.tables import CONNECTOR_VERSIONS, CONNECTORS, STEPS

Window = tuple[int, int]
"""After the first run and up to the second."""


class Change(NamedTuple):
    """A change that a run found."""

    run_id: int
    kind: str
    noun: str
    entity_id: int
    connector_id: int
    detail: str


def within(column: ColumnElement[Any], window: Window) -> ColumnElement[bool]:
    """Return the condition that a run lies in a window."""
    return column.between(window[0] + 1, window[1])


def first_sights(
    connection: Connection, collector: str, connector_id: int | None
) -> dict[int, int]:
    """Return by connector the run until which links found are first sights, not additions.

    That is the later of the run that first saw the connector and the run in which a collector
    first read its environment.
    """
    seen = (
        select(
            CONNECTOR_VERSIONS.c.connector_id,
            func.min(CONNECTOR_VERSIONS.c.from_run).label("run_id"),
        )
        .group_by(CONNECTOR_VERSIONS.c.connector_id)
        .subquery("seen")
    )
    read = (
        select(STEPS.c.environment_id, func.min(STEPS.c.run_id).label("run_id"))
        .where(STEPS.c.collector == collector, STEPS.c.state.in_(["complete", "partial"]))
        .group_by(STEPS.c.environment_id)
        .subquery("read")
    )
    query = select(
        CONNECTORS.c.id, seen.c.run_id, func.coalesce(read.c.run_id, 0).label("read")
    ).select_from(
        CONNECTORS.join(seen, seen.c.connector_id == CONNECTORS.c.id).outerjoin(
            read, read.c.environment_id == CONNECTORS.c.environment_id
        )
    )
    if connector_id is not None:
        query = query.where(CONNECTORS.c.id == connector_id)
    return {row.id: max(row.run_id, row.read) for row in connection.execute(query)}
