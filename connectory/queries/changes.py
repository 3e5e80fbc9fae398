"""What changed between two moments: derived from the intervals, never stored.

A change belongs to the run that found it, which may be one that failed later. What was already
so when a connector was first seen is part of its being new, not a change of its own.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import pandas as pd
from sqlalchemy import Connection, Select, and_, select

from connectory.queries.change import Window, within
from connectory.queries.changes_of_connectors import ownership_changes, version_changes
from connectory.queries.changes_of_links import consumer_changes, permission_changes
from connectory.queries.frames import Schema, frame
from connectory.queries.moments import Moment
from connectory.queries.tables import (
    CONNECTOR_VERSIONS,
    CONNECTORS,
    RUNS,
    connector_name,
    environment_name,
    holds,
    in_environment,
)

__all__ = ["SUMMARISED", "change_summary", "changes"]

SUMMARISED = ("new", "definition_changed", "owner_changed", "missing", "gone", "returned")
"""Kinds that the summary tells, in its order."""

_NAMED = 3
_ORDER = (
    *SUMMARISED,
    "renamed",
    "changed",
    "permission_added",
    "permission_removed",
    "consumer_added",
    "consumer_removed",
)
_SCHEMA: Schema = {
    "run_id": "count",
    "at": "time",
    "kind": "text",
    "noun": "text",
    "entity_id": "count",
    "connector_id": "count",
    "name": "text",
    "environment": "text",
    "detail": "text",
}
_SUMMARY: Schema = {"kind": "text", "connectors": "count", "detail": "text"}


def changes(
    connection: Connection,
    since: Moment | None,
    until: Moment,
    connector_id: int | None = None,
    left_out: Collection[int] = (),
) -> pd.DataFrame:
    """Return every change after one moment and up to another, the newest first.

    Args:
        connection: Open transaction on the store.
        since: Changes found after this; None for all since the first run.
        until: Changes found up to this.
        connector_id: Only of this connector.
        left_out: Connectors whose changes are not told.

    Returns:
        One row a change. kind: new, definition_changed, owner_changed, renamed, changed, missing,
        gone, returned, permission_added, permission_removed, consumer_added or consumer_removed.
        noun and entity_id: the row that changed, e.g. flows for a consumer. name and environment:
        the connector's, as of `until`. detail: what changed, in words.
    """
    window = (since.run_id if since else 0, until.run_id)
    found = [
        change
        for part in (version_changes, ownership_changes, permission_changes, consumer_changes)
        for change in part(connection, window, connector_id)
        if change.connector_id not in left_out
    ]
    found.sort(key=lambda change: (-change.run_id, change.connector_id, _ORDER.index(change.kind)))
    named = _names(connection, until.run_id)
    times = {row.id: row.started_at for row in connection.execute(_times(window))}
    return frame(
        [
            (
                change.run_id,
                times[change.run_id],
                change.kind,
                change.noun,
                change.entity_id,
                change.connector_id,
                *named[change.connector_id],
                change.detail,
            )
            for change in found
        ],
        _SCHEMA,
    )


def change_summary(
    connection: Connection,
    since: Moment | None,
    until: Moment,
    left_out: Collection[int] = (),
) -> pd.DataFrame:
    """Return how many connectors changed in which way, for the kinds that matter most.

    Kinds without a connector are left out; detail names the first connectors.
    """
    found = changes(connection, since, until, left_out=left_out)
    rows = []
    for kind in SUMMARISED:
        named = found[found["kind"] == kind].drop_duplicates("connector_id")
        if not named.empty:
            names = sorted(named["name"], key=str.casefold)
            rest = len(names) - _NAMED
            told = ", ".join(names[:_NAMED])
            rows.append((kind, len(names), f"{told} and {rest} more" if rest > 0 else told))
    return frame(rows, _SUMMARY)


def _names(connection: Connection, run_id: int) -> dict[int, tuple[str, str]]:
    rows = CONNECTORS.join(
        CONNECTOR_VERSIONS,
        and_(
            CONNECTOR_VERSIONS.c.connector_id == CONNECTORS.c.id, holds(CONNECTOR_VERSIONS, run_id)
        ),
    )
    query = select(CONNECTORS.c.id, connector_name(), environment_name()).select_from(
        in_environment(rows, CONNECTORS.c.environment_id, run_id)
    )
    return {number: (name, place) for number, name, place in connection.execute(query)}


def _times(window: Window) -> Select[Any]:
    return select(RUNS.c.id, RUNS.c.started_at).where(within(RUNS.c.id, window))
