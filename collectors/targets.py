"""Whom a step asks about: what is here, what is worth a request of its own, what was refused."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from sqlalchemy import Connection, Row, Table, and_, select

from collectors.nouns import (
    CONNECTIONS,
    CONNECTORS,
    PRINCIPALS,
    Edge,
    Noun,
)
from collectors.store import StepStore
from collectors.versions import SIGHTINGS
from models import (
    AppPermission,
    ConnectorAlias,
    ConnectorPermission,
    Definition,
    FlowPermission,
    Step,
    StepSource,
)

_ALIASES = cast("Table", ConnectorAlias.__table__)
_DEFINITIONS = cast("Table", Definition.__table__)
_PERMISSIONS = tuple(
    cast("Table", model.__table__) for model in (ConnectorPermission, AppPermission, FlowPermission)
)
_STEPS = cast("Table", Step.__table__)
_SOURCES = cast("Table", StepSource.__table__)


def present(store: StepStore, noun: Noun, *, source: str) -> Sequence[Row[Any, Any]]:
    """Return id and name of the rows of this scope that a source still shows.

    Args:
        store: Store of the step.
        noun: What is asked for; its versions have a column ``name``.
        source: Source whose latest complete read showed them.
    """
    table, versions, seen = noun.entity, noun.versions, SIGHTINGS
    query = (
        select(table.c.id, versions.c.name)
        .join(versions, versions.c[noun.link] == table.c.id)
        .join(seen, seen.c.entity_id == table.c.id)
        .where(
            table.c.environment_id == store.environment_id,
            versions.c.to_run.is_(None),
            versions.c.presence == "present",
            seen.c.noun == noun.name,
            seen.c.source == source,
            seen.c.to_run.is_(None),
        )
        .order_by(table.c.id)
    )
    with store.looking() as connection:
        return connection.execute(query).all()


def groups_that_matter(store: StepStore) -> list[str]:
    """Return the object ids of groups that hold a permission, or did and are still there."""
    holders = [
        select(held.c.principal_key).where(
            held.c.principal_type == "group", held.c.to_run.is_(None)
        )
        for held in _PERMISSIONS
    ]
    table, versions = PRINCIPALS.entity, PRINCIPALS.versions
    known = (
        select(table.c.key)
        .join(versions, versions.c.principal_id == table.c.id)
        .where(
            versions.c.kind == "group",
            versions.c.to_run.is_(None),
            versions.c.presence == "present",
        )
    )
    with store.looking() as connection:
        return sorted(connection.scalars(known.union(*holders)))


def users_of_connectors(
    store: StepStore, noun: Noun, links: Sequence[Edge], *, source: str
) -> dict[str, int]:
    """Return id by name of what is here, was shown by a source and refers to a custom connector.

    Decided by what is stored, so that nothing has to be asked about anything else.

    Args:
        store: Store of the step.
        noun: What is asked for; its versions have a column ``name``.
        links: Its edges that name connectors.
        source: Source whose latest complete read showed it.
    """
    with store.looking() as connection:
        using = using_connectors(connection, store.environment_id, noun, links)
    here = present(store, noun, source=source)
    return {row.name: row.id for row in here if row.name and row.id in using}


def using_connectors(
    connection: Connection, environment_id: int | None, noun: Noun, links: Sequence[Edge]
) -> set[int]:
    """Return the ids of what refers to a custom connector of its environment, present or not.

    Args:
        connection: Open transaction.
        environment_id: Which environment.
        noun: What is asked for.
        links: Its edges that name connectors.
    """
    connectors, facts = CONNECTORS.entity, CONNECTORS.versions
    known = (
        select(connectors.c.key)
        .join(facts, facts.c[CONNECTORS.link] == connectors.c.id)
        .where(
            connectors.c.environment_id == environment_id,
            facts.c.to_run.is_(None),
            facts.c.presence != "gone",
        )
    )
    using: set[int] = set()
    for link in links:
        query = (
            select(link.table.c[link.parent])
            .distinct()
            .join(noun.entity, noun.entity.c.id == link.table.c[link.parent])
            .where(
                noun.entity.c.environment_id == environment_id,
                link.table.c.to_run.is_(None),
                link.table.c.connector_key.in_(known),
            )
        )
        using.update(connection.scalars(query))
    return using


def sharable_connections(store: StepStore) -> dict[str, tuple[int, str]]:
    """Return id and connector of connections here that may be shared, by their name.

    Only those to custom connectors; where the service does not say whether they may be shared,
    they might.
    """
    table, facts = CONNECTIONS.entity, CONNECTIONS.versions
    connectors, told = CONNECTORS.entity, CONNECTORS.versions
    query = (
        select(table.c.id, facts.c.name, told.c.name.label("connector"))
        .join(facts, facts.c[CONNECTIONS.link] == table.c.id)
        .join(
            connectors,
            and_(
                connectors.c.environment_id == table.c.environment_id,
                connectors.c.key == facts.c.connector_key,
            ),
        )
        .join(told, told.c[CONNECTORS.link] == connectors.c.id)
        .where(
            table.c.environment_id == store.environment_id,
            facts.c.to_run.is_(None),
            facts.c.presence == "present",
            facts.c.allow_sharing.is_distinct_from(False),
            told.c.to_run.is_(None),
            told.c.presence == "present",
            told.c.name.is_not(None),
        )
        .order_by(table.c.id)
    )
    with store.looking() as connection:
        return {row.name: (row.id, row.connector) for row in connection.execute(query)}


def refusal(store: StepStore, collector: str, source: str) -> str | None:
    """Return why a source refused a collector here when it was last asked; None if it did not.

    Args:
        store: Store of the step.
        collector: Collector that asked.
        source: Source of its steps.
    """
    query = (
        select(_SOURCES.c.outcome, _SOURCES.c.reason)
        .join(_STEPS, _STEPS.c.id == _SOURCES.c.step_id)
        .where(
            _STEPS.c.collector == collector,
            _STEPS.c.environment_id == store.environment_id,
            _SOURCES.c.source == source,
        )
        .order_by(_STEPS.c.id.desc())
        .limit(1)
    )
    with store.looking() as connection:
        row = connection.execute(query).first()
    return (row.reason or row.outcome) if row and row.outcome == "refused" else None
