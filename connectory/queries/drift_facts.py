"""What decides to which family a connector belongs, and which pairs and steps are to be compared."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

from sqlalchemy import (
    JSON,
    ColumnElement,
    Connection,
    Select,
    Text,
    and_,
    cast,
    exists,
    func,
    or_,
    select,
)

from connectory.domain.lineage import Candidate
from connectory.queries.tables import (
    ASSESSMENTS,
    CONNECTOR_VERSIONS,
    CONNECTORS,
    DEFINITION_STEPS,
    DEFINITIONS,
    ENVIRONMENT_VERSIONS,
    ENVIRONMENTS,
    OPERATIONS,
    RUNS,
    alias,
    connector_name,
    environment_name,
    in_environment,
    known_connectors,
)

SETTINGS: Final = (
    "connection_parameters",
    "policies",
    "script_operations",
    "has_script",
    "gateway",
)
"""Columns of a connector that take part in a comparison and whose change is a step of its own."""

_CHUNK: Final = 400
_BEFORE, _AFTER = alias(CONNECTOR_VERSIONS, "before"), alias(CONNECTOR_VERSIONS, "after")


def candidates(connection: Connection, run_id: int) -> list[Candidate]:
    """Return every connector that is not gone, with what tells whose relative it is."""
    facts, place, document = CONNECTOR_VERSIONS.c, ENVIRONMENT_VERSIONS.c, DEFINITIONS.c
    rows = in_environment(known_connectors(run_id), CONNECTORS.c.environment_id, run_id)
    query = select(
        CONNECTORS.c.id,
        CONNECTORS.c.key,
        CONNECTORS.c.environment_id,
        connector_name().label("told"),
        environment_name().label("environment"),
        ENVIRONMENTS.c.key.label("environment_key"),
        place.name.label("environment_id_text"),
        place.display_name.label("environment_shown"),
        place.sku,
        facts.name,
        facts.display_name,
        facts.logical_name,
        facts.dataverse_id,
        facts.backend_url,
        facts.changed_at,
        facts.definition_id,
        document.state,
        document.title,
        document.host,
    ).select_from(
        rows.join(ENVIRONMENTS, ENVIRONMENTS.c.id == CONNECTORS.c.environment_id).outerjoin(
            DEFINITIONS, document.id == facts.definition_id
        )
    )
    found = connection.execute(query).all()
    offered = _offered(connection, run_id)
    nothing: tuple[frozenset[str], frozenset[str]] = (frozenset(), frozenset())
    return [
        Candidate(
            id=row.id,
            name=row.told,
            environment_id=row.environment_id,
            environment=row.environment,
            kind=row.sku,
            places=_names(row.environment_shown, row.environment_id_text, row.environment_key),
            labels=_names(row.display_name, row.name, row.key),
            logical_name=row.logical_name,
            row=row.dataverse_id,
            titles=_names(row.title, row.display_name),
            host=row.host or _host(row.backend_url),
            definition=row.definition_id,
            operations=offered.get(row.definition_id, nothing)[0]
            if row.state == "readable"
            else None,
            routes=offered.get(row.definition_id, nothing)[1],
            published_at=row.changed_at,
        )
        for row in found
    ]


def _names(*names: str | None) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for name in names if name))


def _host(address: str | None) -> str | None:
    try:
        return urlsplit(address).hostname if address else None
    except ValueError:
        return None


def _offered(
    connection: Connection, run_id: int
) -> dict[int, tuple[frozenset[str], frozenset[str]]]:
    """Return the operation ids, and methods with paths, of each definition that is in use."""
    used = select(CONNECTOR_VERSIONS.c.definition_id).select_from(known_connectors(run_id))
    query = (
        select(
            OPERATIONS.c.definition_id,
            OPERATIONS.c.operation_id,
            OPERATIONS.c.method,
            OPERATIONS.c.path,
        )
        .where(OPERATIONS.c.definition_id.in_(used))
        .order_by(OPERATIONS.c.definition_id)
    )
    found: dict[int, tuple[set[str], set[str]]] = {}
    for definition, operation, method, path in connection.execute(query):
        ids, routes = found.setdefault(definition, (set(), set()))
        route = f"{method} {path}"
        ids.add(operation or route)
        routes.add(route)
    return {name: (frozenset(ids), frozenset(routes)) for name, (ids, routes) in found.items()}


@dataclass(frozen=True, slots=True)
class Step:
    """A version of a connector that took the place of another with other content.

    Attributes:
        connector_id: Whose.
        run_id: Run that found it.
        before_run: Run of the last version before it that could be read; None if none could.
    """

    connector_id: int
    run_id: int
    before_run: int | None


def steps_through(connection: Connection, run_id: int) -> int:
    """Return up to which run steps can be told for good: no run before it is still writing."""
    running = select(func.min(RUNS.c.id)).where(RUNS.c.state == "running", RUNS.c.id <= run_id)
    first = connection.scalar(running)
    return run_id if first is None else int(first) - 1


def new_steps(connection: Connection, through: int) -> list[Step]:
    """Return the steps up to a run that are not told yet, by connector and the oldest first."""
    floor = connection.scalar(select(func.max(ASSESSMENTS.c.steps_through))) or 0
    if floor >= through:
        return []
    told = exists(
        select(DEFINITION_STEPS.c.id).where(
            DEFINITION_STEPS.c.connector_id == _AFTER.c.connector_id,
            DEFINITION_STEPS.c.run_id == _AFTER.c.from_run,
        )
    )
    query = (
        select(
            _AFTER.c.connector_id,
            _AFTER.c.from_run,
            _BEFORE.c.from_run.label("before_run"),
            _BEFORE.c.definition_state.label("before_state"),
        )
        .select_from(
            _AFTER.join(
                _BEFORE,
                and_(
                    _BEFORE.c.connector_id == _AFTER.c.connector_id,
                    _BEFORE.c.to_run == _AFTER.c.from_run,
                ),
            )
        )
        .where(_AFTER.c.from_run > floor, _AFTER.c.from_run <= through, ~told, _replaced())
        .order_by(_AFTER.c.connector_id, _AFTER.c.from_run)
    )
    rows = connection.execute(query).all()
    unread = [row.connector_id for row in rows if row.before_state != "readable"]
    readable = _readable(connection, unread, through)
    return [
        Step(
            row.connector_id,
            row.from_run,
            row.before_run
            if row.before_state == "readable"
            else _last_before(readable.get(row.connector_id, ()), row.from_run),
        )
        for row in rows
    ]


def _replaced() -> ColumnElement[bool]:
    """Return the condition that a version has another content than the one before."""
    before, after = _BEFORE.c, _AFTER.c
    known = and_(before.definition_state != "not_read", after.definition_state != "not_read")
    return or_(
        before.definition_id.is_distinct_from(after.definition_id),
        and_(known, before.definition_state != after.definition_state),
        *(_told_otherwise(name) for name in SETTINGS),
    )


def _told_otherwise(name: str) -> ColumnElement[bool]:
    """Return the condition that a setting was told before and is told otherwise now."""
    before, after = _BEFORE.c[name], _AFTER.c[name]
    if isinstance(after.type, JSON):
        # A document may be stored as null or as the JSON value null, which mean the same.
        old, new = (func.coalesce(cast(side, Text), "null") for side in (before, after))
        return and_(old != new, old != "null", new != "null")
    return before != after


def _readable(
    connection: Connection, ids: Sequence[int], through: int
) -> dict[int, tuple[int, ...]]:
    """Return the runs of each connector's versions that could be read, the oldest first."""
    facts = CONNECTOR_VERSIONS.c
    found: dict[int, list[int]] = {}
    for chunk in chunked(sorted(set(ids))):
        query = (
            select(facts.connector_id, facts.from_run)
            .where(
                facts.connector_id.in_(chunk),
                facts.from_run <= through,
                facts.definition_state == "readable",
            )
            .order_by(facts.connector_id, facts.from_run)
        )
        for connector, run in connection.execute(query):
            found.setdefault(connector, []).append(run)
    return {connector: tuple(runs) for connector, runs in found.items()}


def _last_before(runs: Sequence[int], run_id: int) -> int | None:
    return max((run for run in runs if run < run_id), default=None)


def chunked(values: Sequence[Any], size: int = _CHUNK) -> Iterator[Sequence[Any]]:
    """Cut a sequence into parts that fit the parameters of one statement."""
    for start in range(0, len(values), size):
        yield values[start : start + size]


def versions_of(pairs: Iterable[tuple[int, int]]) -> Select[Any]:
    """Select versions of connectors by connector and first run."""
    wanted = list(pairs)
    facts = CONNECTOR_VERSIONS.c
    return select(CONNECTOR_VERSIONS).where(
        facts.connector_id.in_({connector for connector, _ in wanted}),
        facts.from_run.in_({run for _, run in wanted}),
    )
