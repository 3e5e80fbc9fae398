"""What a step asks of the store while it reads: what is known already, and by which name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

from sqlalchemy import Connection, Row, Table, and_, func, insert, select

from collectors.nouns import (
    CONNECTION_REFERENCES,
    CONNECTIONS,
    CONNECTORS,
    ENVIRONMENTS,
    FLOWS,
    PRINCIPALS,
    Edge,
    Noun,
    fit,
)
from collectors.store import StepStore
from collectors.versions import SIGHTINGS, Ledger, chunks
from connectory.domain.identity import connector_key
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
    with store.writing() as connection:
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
    with store.writing() as connection:
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
    with store.writing() as connection:
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
    with store.writing() as connection:
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
    with store.writing() as connection:
        row = connection.execute(query).first()
    return (row.reason or row.outcome) if row and row.outcome == "refused" else None


def open_parents(store: StepStore, edge: Edge) -> set[str]:
    """Return the parents that have an edge now, of an edge whose parents are named by key."""
    table = edge.table
    query = select(table.c[edge.parent]).distinct().where(table.c.to_run.is_(None))
    with store.writing() as connection:
        return set(connection.scalars(query))


def definition(store: StepStore, digest: str) -> tuple[int, str, str | None] | None:
    """Return id, state and detail of a definition that is stored already.

    Args:
        store: Store of the step.
        digest: SHA-256 of the document as received, in hex.
    """
    table = _DEFINITIONS
    query = select(table.c.id, table.c.state, table.c.detail).where(table.c.sha256 == digest)
    with store.writing() as connection:
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
    with store.writing() as connection:
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
    with store.writing() as connection:
        return set(connection.scalars(query))


def known_keys(store: StepStore, noun: Noun, keys: Sequence[str]) -> set[str]:
    """Return which of these natural keys the store knows in this scope."""
    with store.writing() as connection:
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
    with store.writing() as connection:
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
    with store.writing() as connection:
        return {row.key: row.id for row in connection.execute(query)}


def ids_by_key(store: StepStore, noun: Noun) -> dict[tuple[int, str], int]:
    """Return the surrogate key of everything of a noun, by environment and natural key."""
    table = noun.entity
    query = select(table.c.environment_id, table.c.key, table.c.id)
    with store.writing() as connection:
        return {(row.environment_id, row.key): row.id for row in connection.execute(query)}


def seen_by(store: StepStore, noun: Noun, keys: Sequence[str], *, source: str) -> dict[str, int]:
    """Return id by key of those rows of this scope that a source has ever shown."""
    seen = SIGHTINGS
    with store.writing() as connection:
        known = Ledger(connection, store.run_id, store.environment_id).known(noun, keys)
        shown: set[int] = set()
        for chunk in chunks(list(known.values())):
            query = select(seen.c.entity_id).where(
                seen.c.noun == noun.name, seen.c.source == source, seen.c.entity_id.in_(chunk)
            )
            shown.update(connection.scalars(query))
    return {key: identity for key, identity in known.items() if identity in shown}


def note_spellings(
    store: StepStore, ids: Mapping[str, int], spelled: Sequence[str], source: str
) -> None:
    """Remember how a source spells the names of connectors.

    Args:
        store: Store of the step.
        ids: Surrogate key by connector key.
        spelled: Names exactly as seen; those of other connectors are left out.
        source: Who spells them so.
    """
    keys = {name: connector_key(name) for name in spelled}
    wanted = {
        (ids[key], fit(_ALIASES.c.spelling, name)) for name, key in keys.items() if key in ids
    }
    if not wanted:
        return
    with store.writing() as connection:
        fresh = wanted - _noted(connection, [identity for identity, _ in wanted])
        rows = [
            {"connector_id": identity, "spelling": spelling, "source": source}
            for identity, spelling in sorted(fresh)
        ]
        if rows:
            connection.execute(insert(_ALIASES), rows)


def _noted(connection: Connection, connectors: Sequence[int]) -> set[tuple[int, str]]:
    query = select(_ALIASES.c.connector_id, _ALIASES.c.spelling).where(
        _ALIASES.c.connector_id.in_(connectors)
    )
    return {(row.connector_id, row.spelling) for row in connection.execute(query)}


def ids_of(store: StepStore, noun: Noun, keys: Sequence[str]) -> dict[str, int]:
    """Return the surrogate keys of those natural keys that are stored in this scope."""
    with store.writing() as connection:
        return Ledger(connection, store.run_id, store.environment_id).known(noun, keys)


def workflow_ids(store: StepStore, flows: Mapping[int, str]) -> dict[str, str]:
    """Return the key of each of these flows by the id of its Dataverse row, where one is known.

    Args:
        store: Store of the step.
        flows: Key by surrogate key.
    """
    versions = FLOWS.versions
    found: dict[str, str] = {}
    with store.writing() as connection:
        for some in chunks(list(flows)):
            query = select(versions.c.flow_id, versions.c.workflow_id).where(
                versions.c.flow_id.in_(some),
                versions.c.to_run.is_(None),
                versions.c.workflow_id.is_not(None),
            )
            found |= {row.workflow_id: flows[row.flow_id] for row in connection.execute(query)}
    return found
