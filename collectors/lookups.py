"""What a step asks of the store while it reads: what is known already, and by which name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

from sqlalchemy import Table, func, select

from collectors.nouns import (
    CONNECTION_REFERENCES,
    CONNECTORS,
    ENVIRONMENTS,
    FLOWS,
    Edge,
    Noun,
)
from collectors.store import StepStore
from collectors.versions import SIGHTINGS, Ledger, chunks
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


def open_parents(store: StepStore, edge: Edge, **facts: Any) -> set[str]:
    """Return the parents that have an edge now, of an edge whose parents are named by key.

    Args:
        store: Store of the step.
        edge: Which edges.
        facts: What their columns hold; any if none is named.
    """
    table = edge.table
    query = select(table.c[edge.parent]).distinct().where(table.c.to_run.is_(None))
    query = query.where(*(table.c[name] == value for name, value in facts.items()))
    with store.looking() as connection:
        return set(connection.scalars(query))


def definition(store: StepStore, digest: str) -> tuple[int, str, str | None] | None:
    """Return id, state and detail of a definition that is stored already.

    Args:
        store: Store of the step.
        digest: SHA-256 of the document as received, in hex.
    """
    table = _DEFINITIONS
    query = select(table.c.id, table.c.state, table.c.detail).where(table.c.sha256 == digest)
    with store.looking() as connection:
        row = connection.execute(query).first()
    return (row.id, row.state, row.detail) if row else None


def flow_keys(store: StepStore, workflow_ids: Sequence[str]) -> dict[str, str]:
    """Return the keys under which flows are known, by the id of their Dataverse row."""
    table, versions = FLOWS.entity, FLOWS.versions
    query = (
        select(versions.c.workflow_id, table.c.key)
        .join(versions, versions.c.flow_id == table.c.id)
        .where(
            table.c.environment_id == store.environment_id,
            versions.c.to_run.is_(None),
            versions.c.workflow_id.in_(workflow_ids),
        )
    )
    with store.looking() as connection:
        return {row.workflow_id: row.key for row in connection.execute(query)}


def keys_shown_by(store: StepStore, noun: Noun, source: str) -> set[str]:
    """Return the natural keys in this scope that a source showed when it was last read whole."""
    table, seen = noun.entity, SIGHTINGS
    query = (
        select(table.c.key)
        .join(seen, seen.c.entity_id == table.c.id)
        .where(
            table.c.environment_id == store.environment_id,
            seen.c.noun == noun.name,
            seen.c.source == source,
            seen.c.to_run.is_(None),
        )
    )
    with store.looking() as connection:
        return set(connection.scalars(query))


def known_keys(store: StepStore, noun: Noun, keys: Sequence[str]) -> set[str]:
    """Return which of these natural keys the store knows in this scope."""
    with store.looking() as connection:
        return set(Ledger(connection, store.run_id, store.environment_id).known(noun, keys))


def connectors_of_references(store: StepStore, names: Sequence[str]) -> dict[str, str]:
    """Return the connector behind each connection reference of this scope that is known.

    Args:
        store: Store of the step.
        names: Logical names of the references.

    Returns:
        Connector key by case-folded logical name.
    """
    table, versions = CONNECTION_REFERENCES.entity, CONNECTION_REFERENCES.versions
    name = func.lower(versions.c.logical_name)
    found: dict[str, str] = {}
    with store.looking() as connection:
        for chunk in chunks([name.casefold() for name in names]):
            query = (
                select(name.label("name"), versions.c.connector_key)
                .join(table, table.c.id == versions.c[CONNECTION_REFERENCES.link])
                .where(
                    table.c.environment_id == store.environment_id,
                    versions.c.to_run.is_(None),
                    versions.c.connector_key.is_not(None),
                    name.in_(chunk),
                )
                .order_by(versions.c.presence == "present", table.c.id)
            )
            found.update((row.name, row.connector_key) for row in connection.execute(query))
    return found


def environment_ids(store: StepStore) -> dict[str, int]:
    """Return the surrogate key of every environment that is present, by its key."""
    table, versions = ENVIRONMENTS.entity, ENVIRONMENTS.versions
    query = (
        select(table.c.key, table.c.id)
        .join(versions, versions.c[ENVIRONMENTS.link] == table.c.id)
        .where(versions.c.to_run.is_(None), versions.c.presence == "present")
    )
    with store.looking() as connection:
        return {row.key: row.id for row in connection.execute(query)}


def ids_by_key(store: StepStore, noun: Noun) -> dict[tuple[int, str], int]:
    """Return the surrogate key of everything of a noun, by environment and natural key."""
    table = noun.entity
    query = select(table.c.environment_id, table.c.key, table.c.id)
    with store.looking() as connection:
        return {(row.environment_id, row.key): row.id for row in connection.execute(query)}


def seen_by(store: StepStore, noun: Noun, keys: Sequence[str], *, source: str) -> dict[str, int]:
    """Return id by key of those rows of this scope that a source has ever shown."""
    seen = SIGHTINGS
    with store.looking() as connection:
        known = Ledger(connection, store.run_id, store.environment_id).known(noun, keys)
        shown: set[int] = set()
        for chunk in chunks(list(known.values())):
            query = select(seen.c.entity_id).where(
                seen.c.noun == noun.name, seen.c.source == source, seen.c.entity_id.in_(chunk)
            )
            shown.update(connection.scalars(query))
    return {key: identity for key, identity in known.items() if identity in shown}


def ids_of(store: StepStore, noun: Noun, keys: Sequence[str]) -> dict[str, int]:
    """Return the surrogate keys of those natural keys that are stored in this scope."""
    with store.looking() as connection:
        return Ledger(connection, store.run_id, store.environment_id).known(noun, keys)


def workflow_ids(store: StepStore, flows: Mapping[int, str]) -> dict[str, str]:
    """Return the key of each of these flows by the id of its Dataverse row, where one is known.

    Args:
        store: Store of the step.
        flows: Key by surrogate key.
    """
    versions = FLOWS.versions
    found: dict[str, str] = {}
    with store.looking() as connection:
        for some in chunks(list(flows)):
            query = select(versions.c.flow_id, versions.c.workflow_id).where(
                versions.c.flow_id.in_(some),
                versions.c.to_run.is_(None),
                versions.c.workflow_id.is_not(None),
            )
            found |= {row.workflow_id: flows[row.flow_id] for row in connection.execute(query)}
    return found


def defined(store: StepStore, connectors: Sequence[str]) -> set[str]:
    """Return those of these connectors, by key, of which it is known what defines them, if any."""
    entity, versions = CONNECTORS.entity, CONNECTORS.versions
    found: set[str] = set()
    with store.looking() as connection:
        for chunk in chunks(connectors):
            query = (
                select(entity.c.key)
                .join(versions, versions.c[CONNECTORS.link] == entity.c.id)
                .where(
                    entity.c.environment_id == store.environment_id,
                    entity.c.key.in_(chunk),
                    versions.c.to_run.is_(None),
                    versions.c.definition_state.is_not(None),
                    versions.c.definition_state != "not_read",
                )
            )
            found.update(connection.scalars(query))
    return found
