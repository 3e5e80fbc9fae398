"""Changes of what is linked to connectors: permissions, and the flows and apps that use them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from sqlalchemy import Connection, Select, Table, and_, func, or_, select, true, union

from connectory.queries.change import Change, Window, first_sights, within
from connectory.queries.tables import (
    AGENT_OPERATIONS,
    AGENT_VERSIONS,
    AGENTS,
    APP_REFERENCES,
    APP_VERSIONS,
    APPS,
    CONNECTORS,
    EVERYONE,
    FLOW_OPERATIONS,
    FLOW_REFERENCES,
    FLOW_VERSIONS,
    FLOWS,
    PERMISSIONS,
    with_person,
)

_ROLES = {
    "Owner": "owner",
    "CanEdit": "may edit",
    "CanView": "may use",
    "CanViewWithShare": "may use and share",
}
Span = tuple[int, int | None]


def role_words(role: str) -> str:
    """Return what a role allows, in words; an unknown role as it is."""
    return _ROLES.get(role, role)


def permission_changes(
    connection: Connection, window: Window, connector_id: int | None
) -> Iterator[Change]:
    """Yield roles given and taken in the window."""
    known = first_sights(connection, "permissions", connector_id)
    query = _permission_spans(window, connector_id)
    for row in connection.execute(query):
        who = EVERYONE if row.principal_type == "tenant" else row.who
        facts = (PERMISSIONS.name, row.id, row.connector_id, f"{who}: {role_words(row.role)}")
        if row.begins and row.from_run > known.get(row.connector_id, 0):
            yield Change(row.from_run, "permission_added", *facts)
        if row.ends:
            yield Change(row.to_run, "permission_removed", *facts)


def _permission_spans(window: Window, connector_id: int | None) -> Select[Any]:
    """Roles whose interval begins or ends in the window, and not only to change their words."""
    same: dict[str, Any] = {
        "partition_by": [
            PERMISSIONS.c.connector_id,
            PERMISSIONS.c.principal_type,
            PERMISSIONS.c.principal_key,
            PERMISSIONS.c.role,
        ],
        "order_by": PERMISSIONS.c.from_run,
    }
    every = select(
        PERMISSIONS,
        func.lag(PERMISSIONS.c.to_run).over(**same).label("ended_before"),
        func.lead(PERMISSIONS.c.from_run).over(**same).label("begins_next"),
    )
    if connector_id is not None:
        every = every.where(PERMISSIONS.c.connector_id == connector_id)
    spans = every.subquery("spans")
    begins = and_(
        within(spans.c.from_run, window), spans.c.ended_before.is_distinct_from(spans.c.from_run)
    )
    ends = and_(
        within(spans.c.to_run, window), spans.c.begins_next.is_distinct_from(spans.c.to_run)
    )
    rows, person = with_person(spans, spans.c.principal_key, window[1], "principal")
    return (
        select(
            spans.c.id,
            spans.c.connector_id,
            spans.c.principal_type,
            spans.c.role,
            spans.c.from_run,
            spans.c.to_run,
            begins.label("begins"),
            func.coalesce(ends, False).label("ends"),
            func.coalesce(
                person.facts.c.display_name,
                person.facts.c.user_principal_name,
                spans.c.principal_name,
                spans.c.principal_key,
            ).label("who"),
        )
        .select_from(rows)
        .where(or_(begins, ends))
        .order_by(spans.c.id)
    )


def consumer_changes(
    connection: Connection, window: Window, connector_id: int | None
) -> Iterator[Change]:
    """Yield flows, apps and agents that began or ceased to use a connector in the window.

    A consumer uses a connector while it is present and any of its links names it.
    """
    flow_edges, app_edges = (FLOW_OPERATIONS, FLOW_REFERENCES), (APP_REFERENCES,)
    for word, consumer, versions, link, edges in (
        ("flow", FLOWS, FLOW_VERSIONS, "flow_id", flow_edges),
        ("app", APPS, APP_VERSIONS, "app_id", app_edges),
        ("agent", AGENTS, AGENT_VERSIONS, "agent_id", (AGENT_OPERATIONS,)),
    ):
        known = first_sights(connection, consumer.name, connector_id)
        uses: dict[tuple[int, int], list[Span]] = defaultdict(list)
        names: dict[int, str] = {}
        for edge in edges:
            query = _uses(consumer, versions, link, edge, edges, window, connector_id)
            for row in connection.execute(query):
                pair = (row.connector_id, row.consumer_id)
                uses[pair].append((max(row.from_run, row.since), _sooner(row.to_run, row.until)))
                names[row.consumer_id] = row.name
        for (connector, consumer_id), spans in uses.items():
            facts = (consumer.name, consumer_id, connector, f"{word} {names[consumer_id]}")
            for start, end in _merged(spans):
                if window[0] < start <= window[1] and start > known.get(connector, 0):
                    yield Change(start, "consumer_added", *facts)
                if end is not None and window[0] < end <= window[1]:
                    yield Change(end, "consumer_removed", *facts)


def _uses(
    consumer: Table,
    versions: Table,
    link: str,
    edge: Table,
    edges: tuple[Table, ...],
    window: Window,
    connector_id: int | None,
) -> Select[Any]:
    """Every time at which a link and its consumer held at once, of consumers that changed."""
    touched = union(
        *(
            select(table.c[link]).where(
                or_(within(table.c.from_run, window), within(table.c.to_run, window))
            )
            for table in (*edges, versions)
        )
    ).subquery("touched")
    # Links are found by their connector first: links of a consumer have no index over their past.
    links = (
        select(
            CONNECTORS.c.id.label("connector_id"),
            CONNECTORS.c.environment_id,
            edge.c[link].label("consumer_id"),
            edge.c.from_run,
            edge.c.to_run,
        )
        .join(edge, edge.c.connector_key == CONNECTORS.c.key)
        .where(
            edge.c.from_run <= window[1],
            true() if connector_id is None else CONNECTORS.c.id == connector_id,
        )
        .cte("links")
        .prefix_with("MATERIALIZED")
    )
    return (
        select(
            links.c.connector_id,
            links.c.consumer_id,
            func.coalesce(versions.c.display_name, versions.c.name, consumer.c.key).label("name"),
            links.c.from_run,
            links.c.to_run,
            versions.c.from_run.label("since"),
            versions.c.to_run.label("until"),
        )
        .select_from(
            links.join(
                consumer,
                and_(
                    consumer.c.id == links.c.consumer_id,
                    consumer.c.environment_id == links.c.environment_id,
                ),
            ).join(versions, versions.c[link] == consumer.c.id)
        )
        .where(
            versions.c.presence == "present",
            versions.c.from_run <= window[1],
            or_(links.c.to_run.is_(None), links.c.to_run > versions.c.from_run),
            or_(versions.c.to_run.is_(None), versions.c.to_run > links.c.from_run),
            links.c.consumer_id.in_(select(touched)),
        )
        .order_by(versions.c.from_run)
    )


def _sooner(one: int | None, other: int | None) -> int | None:
    return min((end for end in (one, other) if end is not None), default=None)


def _merged(spans: Iterable[Span]) -> Iterator[Span]:
    """Join intervals that touch or overlap."""
    ordered = sorted(spans, key=lambda span: span[0])
    start, end = ordered[0]
    for following, until in ordered[1:]:
        if end is not None and following > end:
            yield start, end
            start, end = following, until
        elif end is not None:
            end = None if until is None else max(end, until)
    yield start, end
