"""Environments: what each is, how much is in it, and how much of it could be read."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from typing import Any

import pandas as pd
from sqlalchemy import Connection, Select, Subquery, and_, func, select

from connectory.queries.frames import Schema, frame
from connectory.queries.ignoring import counted
from connectory.queries.moments import Moment
from connectory.queries.reads import Readings, read_whole_at, readings
from connectory.queries.tables import (
    AGENT_VERSIONS,
    AGENTS,
    APP_VERSIONS,
    APPS,
    CONNECTOR_VERSIONS,
    CONNECTORS,
    ENVIRONMENT_VERSIONS,
    ENVIRONMENTS,
    FLOW_VERSIONS,
    FLOWS,
    environment_name,
    known_connectors,
    present,
    with_person,
)
from connectory.queries.usage import connection_counts, reference_counts

_COUNTED = ("connectors", "connections", "connection_references", "flows", "apps", "agents")
_SCHEMA: Schema = {
    "environment_id": "count",
    "name": "text",
    "key": "text",
    "sku": "text",
    "location": "text",
    "state": "text",
    "is_default": "flag",
    "managed": "flag",
    "has_dataverse": "flag",
    "creator": "text",
    "connectors": "number",
    "connections": "number",
    "connection_references": "number",
    "flows": "number",
    "apps": "number",
    "agents": "number",
    "unread": "list",
    "coverage": "text",
    "read_whole_at": "time",
    "created_at": "time",
}
_GAPS: Schema = {
    "environment_id": "count",
    "environment": "text",
    "collector": "text",
    "source": "text",
    "outcome": "text",
    "reason": "text",
}


def environments(
    connection: Connection, moment: Moment, left_out: Collection[int] = ()
) -> pd.DataFrame:
    """Return the environments present, by name, with how much of each thing is present there.

    connections and connection_references count those of custom connectors, as everywhere. A count
    is missing where what it counts was never read whole and nothing of it is known: no data is no
    zero. Connectors left out are not counted. Without Dataverse there are no connection references, and their count is a true zero.

    unread names what the latest attempt could not read, as "collector, source: reason". coverage
    is complete, partial, or not_read if nothing was ever tried. read_whole_at is as of when
    everything is known; missing if something was never read whole.
    """
    run_id = moment.run_id
    read, whole_at = readings(connection, run_id), read_whole_at(connection, run_id)
    tried, gaps = {place for place, _ in read}, _gaps(read)
    rows = []
    for row in connection.execute(_rows(run_id, left_out)).mappings():
        place = row["environment_id"]
        unread = [_told(*gap) for gap in gaps[place]]
        counts = {name: _known(int(row[name]), read, place, name) for name in _COUNTED}
        coverage = "not_read" if place not in tried else "partial" if unread else "complete"
        values = {**row, **counts, "unread": unread, "coverage": coverage}
        values["read_whole_at"] = whole_at.get(place)
        rows.append(tuple(values[name] for name in _SCHEMA))
    return frame(rows, _SCHEMA)


def _told(collector: str, source: str, outcome: str, reason: str) -> str:
    what = f"{words(collector)}, {words(source)}" if source else words(collector)
    return f"{what}: {reason or outcome}"


def words(name: str) -> str:
    """Return a name of the product's own, such as a collector's, as words."""
    return name.replace("_", " ")


def _known(number: int, read: Readings, place: int, collector: str) -> int | None:
    """Return a count, or None where nothing is known: a zero must have been read to be one."""
    reading = read.get((place, collector))
    whole = reading is not None and reading.lacks(collector) is None
    return number if number or whole else None


def _gaps(read: Readings) -> dict[int, list[tuple[str, str, str, str]]]:
    """Return collector, source, outcome and reason of everything not read, by environment."""
    found: dict[int, list[tuple[str, str, str, str]]] = defaultdict(list)
    for (place, collector), reading in sorted(read.items()):
        found[place] += [
            (collector, one.source, one.outcome, one.reason) for one in reading.shortfalls
        ]
    return found


def environment_gaps(connection: Connection, moment: Moment) -> pd.DataFrame:
    """Return what the latest attempts could not read of environments present, a row a source."""
    gaps = _gaps(readings(connection, moment.run_id))
    rows = [
        (row["environment_id"], row["name"], *gap)
        for row in connection.execute(_rows(moment.run_id)).mappings()
        for gap in gaps[row["environment_id"]]
    ]
    return frame(rows, _GAPS)


def _rows(run_id: int, left_out: Collection[int] = ()) -> Select[Any]:
    facts = ENVIRONMENT_VERSIONS.c
    rows = ENVIRONMENTS.join(
        ENVIRONMENT_VERSIONS,
        and_(facts.environment_id == ENVIRONMENTS.c.id, present(ENVIRONMENT_VERSIONS, run_id)),
    )
    links, references = connection_counts(run_id), reference_counts(run_id)
    there = {
        "connectors": _there(CONNECTORS, CONNECTOR_VERSIONS, "connector_id", run_id).where(
            counted(CONNECTORS.c.id, left_out)
        ),
        "connections": _of_connectors(links, links.c.connections, run_id),
        "connection_references": _of_connectors(references, references.c.references, run_id),
        "flows": _there(FLOWS, FLOW_VERSIONS, "flow_id", run_id),
        "apps": _there(APPS, APP_VERSIONS, "app_id", run_id),
        "agents": _there(AGENTS, AGENT_VERSIONS, "agent_id", run_id),
    }
    joined, creator = with_person(rows, facts.creator_key, run_id, "creator")
    for name, query in there.items():
        there[name] = told = query.subquery(f"{name}_there")
        joined = joined.outerjoin(told, told.c.environment_id == ENVIRONMENTS.c.id)
    return (
        select(
            ENVIRONMENTS.c.id.label("environment_id"),
            environment_name().label("name"),
            ENVIRONMENTS.c.key,
            *(facts[name] for name in _FACTS),
            creator.name.label("creator"),
            *(func.coalesce(there[name].c.number, 0).label(name) for name in there),
        )
        .select_from(joined)
        .order_by(func.lower(environment_name()), ENVIRONMENTS.c.id)
    )


_FACTS = ("sku", "location", "state", "is_default", "managed", "has_dataverse", "created_at")


def _there(noun: Any, versions: Any, link: str, run_id: int) -> Any:
    return (
        select(noun.c.environment_id, func.count().label("number"))
        .join(versions, and_(versions.c[link] == noun.c.id, present(versions, run_id)))
        .group_by(noun.c.environment_id)
    )


def _of_connectors(counts: Subquery, number: Any, run_id: int) -> Any:
    """Add up by environment what is counted by connector, of connectors that are not gone."""
    return (
        select(CONNECTORS.c.environment_id, func.sum(number).label("number"))
        .select_from(
            known_connectors(run_id).join(counts, counts.c.connector_id == CONNECTORS.c.id)
        )
        .group_by(CONNECTORS.c.environment_id)
    )
