"""Which operations of connectors each flow, app and agent uses, with its owner and its calls.

What a flow or an agent calls stands in its definition. A canvas app tells its connectors only, and
so does whatever could not be read: which operation it calls is known where a log names it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import UTC, datetime, time, timedelta
from typing import Any, Final, Literal, NamedTuple

import pandas as pd
from sqlalchemy import (
    Connection,
    Select,
    and_,
    case,
    func,
    literal,
    null,
    select,
    true,
)

from connectory.domain import evidence
from connectory.queries.call_tables import (
    CONSUMERS,
    DAILY,
    ENDPOINTS,
    TARGETS,
    Window,
    total,
    within,
)
from connectory.queries.flow_runs import COUNTS, best_days
from connectory.queries.frames import Schema, frame
from connectory.queries.moments import Moment
from connectory.queries.tables import (
    AGENT_OPERATIONS,
    AGENT_VERSIONS,
    AGENTS,
    APP_VERSIONS,
    APPS,
    AUDIT_EVENTS,
    CONNECTOR_VERSIONS,
    CONNECTORS,
    ENVIRONMENTS,
    FLOW_OPERATIONS,
    FLOW_VERSIONS,
    FLOWS,
    connector_name,
    environment_name,
    holds,
    in_environment,
    meaning_of_absence,
    with_person,
)
from connectory.queries.usage import agent_pairs, app_pairs, flow_pairs

DAYS: Final = 30
"""How far back calls are counted, where nobody says."""
TOLD_BY: Final = tuple(one.name for one in evidence.RANKED if one is not evidence.REFERENCES)
"""Sources that count use, the best first; each has a column, and nothing is added across them."""

Level = Literal["operation", "connector", "link"]
Connectors = Collection[int] | None
"""Some connectors, or all."""

_USES: Schema = {
    "kind": "text",
    "consumer_id": "count",
    "name": "text",
    "environment": "text",
    "state": "text",
    "connector_id": "count",
    "connector": "text",
    "operation_id": "text",
    "level": "text",
    "owner_key": "text",
    "owner": "text",
    "mail": "text",
    "owner_state": "text",
    **dict.fromkeys(TOLD_BY, "number"),
}


class _Found(NamedTuple):
    """A consumer of a connector, once per operation that it calls."""

    kind: str
    consumer_id: int
    keys: tuple[str | None, ...]
    name: str
    environment: str
    state: str | None
    connector_id: int
    connector: str
    operation_id: str | None
    level: Level
    owner: tuple[str | None, str | None, str | None, str | None]


Told = Mapping[str, int]
"""How much each source tells, by its name."""
Logged = Mapping[tuple[int, str], Mapping[str | None, Told]]
"""What logs tell by connector and consumer: of each operation how many calls."""


def uses(
    connection: Connection, moment: Moment, window: Window, connectors: Connectors = None
) -> pd.DataFrame:
    """Return who uses connectors: a row per consumer, connector and operation.

    Args:
        connection: Open transaction on the store.
        moment: As of when.
        window: Days of which calls, runs and launches are counted.
        connectors: Which connectors; all if none are named.

    Returns:
        kind: flow, app or agent. level: ``operation`` where it is known to call that operation;
        ``connector`` where which one it calls is not known, and operation_id is missing; ``link``
        of a flow that names the connector and whose definition, which was read, calls nothing of
        it. The owner of a flow without Dataverse row is its creator. A column per source of
        `TOLD_BY`: of calls those of that operation by that consumer; flow_runs its runs and audit
        its launches, whatever they called; missing where a source tells nothing.
    """
    absent = meaning_of_absence(connection, moment.run_id)
    logged = _logged(connection, window, connectors)
    runs = _runs(connection, moment, window, connectors)
    launches = _launches(connection, moment, window, connectors)
    found = [
        *_flows(connection, moment.run_id, absent, connectors),
        *_apps(connection, moment.run_id, absent, connectors),
        *_agents(connection, moment.run_id, absent, connectors),
    ]
    rows = []
    for one in _with_logged(found, logged):
        told = dict(_logged_of(logged, one).get(one.operation_id, {}))
        if one.kind == "flow" and one.consumer_id in runs:
            told[evidence.RUNS.name] = runs[one.consumer_id]
        if one.kind == "app" and one.consumer_id in launches:
            told[evidence.LAUNCHES.name] = launches[one.consumer_id]
        rows.append(
            (
                *(one.kind, one.consumer_id, one.name, one.environment, one.state),
                *(one.connector_id, one.connector, one.operation_id, one.level, *one.owner),
                *(told.get(source, pd.NA) for source in TOLD_BY),
            )
        )
    return frame(rows, _USES)


def _with_logged(found: Iterable[_Found], logged: Logged) -> Iterator[_Found]:
    """Add to what may call any operation those that a log saw it call."""
    for one in found:
        yield one
        if one.level == "connector":
            for operation in sorted(name for name in _logged_of(logged, one) if name):
                yield one._replace(operation_id=operation, level="operation")


def _logged_of(logged: Logged, one: _Found) -> Mapping[str | None, Told]:
    merged: dict[str | None, Told] = {}
    for key in one.keys:
        merged |= logged.get((one.connector_id, key or ""), {})
    return merged


def _owner(row: Any) -> tuple[str | None, str | None, str | None, str | None]:
    return row.owner_key, row.owner, row.mail, row.owner_state


def _flows(
    connection: Connection, run_id: int, absent: str, connectors: Connectors
) -> Iterator[_Found]:
    pairs = flow_pairs(run_id, connectors).subquery("pairs")
    facts, calls = FLOW_VERSIONS.c, FLOW_OPERATIONS.c
    rows = (
        pairs.join(FLOWS, FLOWS.c.id == pairs.c.flow_id)
        .join(FLOW_VERSIONS, and_(facts.flow_id == FLOWS.c.id, holds(FLOW_VERSIONS, run_id)))
        .join(CONNECTORS, CONNECTORS.c.id == pairs.c.connector_id)
        .outerjoin(
            FLOW_OPERATIONS,
            and_(
                calls.flow_id == FLOWS.c.id,
                calls.connector_key == CONNECTORS.c.key,
                holds(FLOW_OPERATIONS, run_id),
            ),
        )
    )
    name = func.coalesce(facts.display_name, facts.name, FLOWS.c.key)
    query = _query(
        rows,
        run_id,
        absent,
        id=FLOWS.c.id,
        key=FLOWS.c.key,
        other_key=func.lower(facts.workflow_id),
        name=name,
        state=facts.state,
        owner_key=func.coalesce(facts.owner_key, facts.creator_key),
        operation_id=calls.operation_id,
        called=calls.id.is_not(None),
        read=facts.definition_state == "readable",
    )
    for row in connection.execute(query):
        level: Level = "operation" if row.operation_id else "connector"
        if row.read and not row.called:
            level = "link"
        yield _found("flow", row, level)


def _apps(
    connection: Connection, run_id: int, absent: str, connectors: Connectors
) -> Iterator[_Found]:
    pairs, facts = app_pairs(run_id, connectors).subquery("pairs"), APP_VERSIONS.c
    rows = (
        pairs.join(APPS, APPS.c.id == pairs.c.app_id)
        .join(APP_VERSIONS, and_(facts.app_id == APPS.c.id, holds(APP_VERSIONS, run_id)))
        .join(CONNECTORS, CONNECTORS.c.id == pairs.c.connector_id)
    )
    query = _query(
        rows,
        run_id,
        absent,
        id=APPS.c.id,
        key=APPS.c.key,
        other_key=null(),
        name=func.coalesce(facts.display_name, facts.name),
        state=null(),
        owner_key=facts.owner_key,
        operation_id=null(),
    )
    for row in connection.execute(query):
        yield _found("app", row, "connector")


def _agents(
    connection: Connection, run_id: int, absent: str, connectors: Connectors
) -> Iterator[_Found]:
    pairs = agent_pairs(run_id, connectors).subquery("pairs")
    facts, calls = AGENT_VERSIONS.c, AGENT_OPERATIONS.c
    rows = (
        pairs.join(AGENTS, AGENTS.c.id == pairs.c.agent_id)
        .join(AGENT_VERSIONS, and_(facts.agent_id == AGENTS.c.id, holds(AGENT_VERSIONS, run_id)))
        .join(CONNECTORS, CONNECTORS.c.id == pairs.c.connector_id)
        .join(
            AGENT_OPERATIONS,
            and_(
                calls.agent_id == AGENTS.c.id,
                calls.connector_key == CONNECTORS.c.key,
                holds(AGENT_OPERATIONS, run_id),
            ),
        )
    )
    active = case((facts.active.is_(True), "Active"), (facts.active.is_(False), "Inactive"))
    query = _query(
        rows,
        run_id,
        absent,
        id=AGENTS.c.id,
        key=AGENTS.c.key,
        other_key=null(),
        name=func.coalesce(facts.display_name, facts.name),
        state=active,
        owner_key=facts.owner_key,
        operation_id=calls.operation_id,
    )
    for row in connection.execute(query):
        yield _found("agent", row, "operation" if row.operation_id else "connector")


def _query(rows: Any, run_id: int, absent: str, **told: Any) -> Select[Any]:
    """Return each different row of what is told of consumers, with owner and environment."""
    joined, owner = with_person(rows, told["owner_key"], run_id, "owner")
    facts = CONNECTOR_VERSIONS.c
    placed = in_environment(
        joined.outerjoin(
            CONNECTOR_VERSIONS,
            and_(facts.connector_id == CONNECTORS.c.id, holds(CONNECTOR_VERSIONS, run_id)),
        ),
        CONNECTORS.c.environment_id,
        run_id,
    )
    return (
        select(
            *(column.label(name) for name, column in told.items()),
            CONNECTORS.c.id.label("connector_id"),
            connector_name().label("connector"),
            environment_name().label("environment"),
            owner.name.label("owner"),
            owner.facts.c.mail.label("mail"),
            owner.state(absent=absent).label("owner_state"),
        )
        .distinct()
        .select_from(placed)
        .order_by("name", "id", "connector_id", "operation_id")
    )


def _found(kind: str, row: Any, level: Level) -> _Found:
    return _Found(
        kind,
        row.id,
        tuple(dict.fromkeys((row.key, row.other_key))),
        row.name,
        row.environment,
        row.state,
        row.connector_id,
        row.connector,
        row.operation_id,
        level,
        _owner(row),
    )


def _logged(connection: Connection, window: Window, connectors: Connectors) -> Logged:
    told, called = CONSUMERS.c, ENDPOINTS.c
    columns = (called.connector_id, told.key, called.operation_id, TARGETS.c.source)
    query = (
        select(*columns, total(DAILY.c.calls))
        .select_from(
            DAILY.join(ENDPOINTS, called.id == DAILY.c.endpoint_id)
            .join(TARGETS, TARGETS.c.id == DAILY.c.target_id)
            .join(CONSUMERS, told.id == DAILY.c.consumer_id)
        )
        .where(
            within(DAILY.c.day, window),
            told.key != "",
            called.connector_id.is_not(None),
            true() if connectors is None else called.connector_id.in_(list(connectors)),
        )
        .group_by(*columns)
    )
    found: dict[tuple[int, str], dict[str | None, dict[str, int]]] = defaultdict(
        lambda: defaultdict(dict)
    )
    for connector, consumer, operation, source, calls in connection.execute(query):
        found[connector, consumer][operation or None][source] = calls
    return found


def _runs(
    connection: Connection, moment: Moment, window: Window, connectors: Connectors
) -> dict[int, int]:
    """Return how often each flow ran; one of which no day was read is not in the answer."""
    best, pairs = best_days(moment), flow_pairs(moment.run_id, connectors).subquery("pairs")
    number: Any = sum((best.c[name] for name in COUNTS), literal(0))
    query = (
        select(best.c.flow_id, total(number))
        .where(
            within(best.c.day, window),
            best.c.flow_id.in_(select(pairs.c.flow_id)),
        )
        .group_by(best.c.flow_id)
    )
    return dict(iter(connection.execute(query)))


def _launches(
    connection: Connection, moment: Moment, window: Window, connectors: Connectors
) -> dict[int, int]:
    """Return how often each app was opened; one that no entry of the log names is not there."""
    events, pairs = AUDIT_EVENTS.c, app_pairs(moment.run_id, connectors).subquery("pairs")
    rows = AUDIT_EVENTS.join(ENVIRONMENTS, ENVIRONMENTS.c.key == events.environment_key).join(
        APPS, and_(APPS.c.environment_id == ENVIRONMENTS.c.id, APPS.c.key == events.target_key)
    )
    query = (
        select(APPS.c.id, func.count())
        .select_from(rows)
        .where(
            events.noun == "app",
            events.action == "launched",
            events.run_id <= moment.run_id,
            events.at >= datetime.combine(window.first, time(), UTC),
            events.at < datetime.combine(window.last + timedelta(days=1), time(), UTC),
            APPS.c.id.in_(select(pairs.c.app_id)),
        )
        .group_by(APPS.c.id)
    )
    return dict(iter(connection.execute(query)))
