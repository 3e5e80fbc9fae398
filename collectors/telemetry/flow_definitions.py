"""Which operation an action of a flow called at a moment, by the definition that stood then.

A definition is known as of the run that read it, and stood since the flow was last modified then,
if that lies after the run before. What stood before the first, or stands since the flow was last
seen, is not known, and not guessed.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, cast

from sqlalchemy import Connection, Table, and_, func, or_, select

from collectors.nouns import CONNECTORS, ENVIRONMENTS, FLOW_OPERATIONS, FLOWS
from collectors.store import StepStore
from collectors.versions import SIGHTINGS, chunks
from models import Run, Step

_RUNS = cast("Table", Run.__table__)
_STEPS = cast("Table", Step.__table__)
_READABLE: Final = "readable"
FlowKey = tuple[str, str]
"""Environment and flow, case-folded."""


@dataclass(frozen=True, slots=True)
class Called:
    """What an action calls.

    Attributes:
        connector: Key of the connector.
        operation: Its operation, where the action says it.
        custom: The connector is a custom one of the flow's environment.
    """

    connector: str
    operation: str | None
    custom: bool


@dataclass(slots=True)
class _History:
    """The definitions of a flow: when each began to stand, and what its actions call.

    Attributes:
        until: When it was last seen; what it is since then is not known.
        since: When each definition began to stand, rising.
        actions: What its actions call; None where it could not be read.
    """

    until: datetime
    since: list[datetime] = field(default_factory=list)
    actions: list[dict[str, Called] | None] = field(default_factory=list)

    def at(self, moment: datetime) -> dict[str, Called] | None:
        """Return the actions of the definition that stood at a moment, if it is known."""
        place = bisect_right(self.since, moment) - 1
        return self.actions[place] if place >= 0 and moment <= self.until else None

    def add(self, since: datetime, actions: dict[str, Called] | None) -> None:
        """Add what stood since a moment; of two at one moment the later read counts."""
        if self.since and since <= self.since[-1]:
            self.actions[-1] = actions
        else:
            self.since.append(since)
            self.actions.append(actions)


class FlowDefinitions:
    """Definitions of flows as runs have read them, looked up many flows at once."""

    def __init__(self, store: StepStore) -> None:
        self._store = store
        self._known: dict[FlowKey, _History | None] = {}

    def know(self, flows: Iterable[FlowKey]) -> None:
        """Look up the definitions of flows that were not met before."""
        unknown = sorted(set(flows) - self._known.keys())
        self._known.update(dict.fromkeys(unknown))
        if not unknown:
            return
        with self._store.looking() as connection:
            for some in chunks(unknown):
                self._known.update(_histories(connection, some))

    def called(self, flow: FlowKey, action: str, moment: datetime | None) -> Called | None:
        """Return what an action called; None if no definition that stood then knows it."""
        history = self._known.get(flow)
        actions = history.at(moment) if history is not None and moment is not None else None
        return actions.get(_folded(action)) if actions is not None else None

    def calls_none(self, flow: FlowKey, moment: datetime | None) -> bool:
        """Tell whether the definition that stood then is known, and calls no custom connector."""
        history = self._known.get(flow)
        actions = history.at(moment) if history is not None and moment is not None else None
        return actions is not None and not any(one.custom for one in actions.values())


def _folded(action: str) -> str:
    """Return an action's name as it is compared: telemetry may show spaces, definitions do not."""
    return action.replace(" ", "_").casefold()


def _histories(connection: Connection, flows: Sequence[FlowKey]) -> dict[FlowKey, _History]:
    ids = _ids(connection, flows)
    versions, operations = _read(connection, sorted(set(ids.values())))
    custom = _custom(connection, sorted({place for place, _ in flows}))
    runs = {row.from_run for rows in versions.values() for row in rows}
    runs |= {run for rows in operations.values() for row in rows for run in row[-2:] if run}
    read_at = _read_at(connection, sorted(runs))
    until = _seen_until(connection, sorted(set(ids.values())))
    return {
        flow: _history(
            versions[number],
            operations[number],
            custom.get(flow[0], frozenset()),
            read_at,
            until[number],
        )
        for flow, number in ids.items()
        if number in until
    }


def _seen_until(connection: Connection, ids: Sequence[int]) -> dict[int, datetime]:
    """Return when the latest run began that saw each flow, by the flow."""
    found: dict[int, datetime] = {}
    for some in chunks(list(ids)):
        query = (
            select(SIGHTINGS.c.entity_id, func.max(_RUNS.c.started_at))
            .join(_RUNS, _RUNS.c.id == SIGHTINGS.c.last_run)
            .where(SIGHTINGS.c.noun == FLOWS.name, SIGHTINGS.c.entity_id.in_(some))
            .group_by(SIGHTINGS.c.entity_id)
        )
        found.update((number, seen) for number, seen in connection.execute(query))
    return found


def flows_read_until(store: StepStore) -> datetime | None:
    """Return when the latest run began that read flows; None if none ever did."""
    query = (
        select(func.max(_RUNS.c.started_at))
        .join(_STEPS, _STEPS.c.run_id == _RUNS.c.id)
        .where(_STEPS.c.collector == FLOWS.name, _STEPS.c.state.in_(["complete", "partial"]))
    )
    with store.looking() as connection:
        found: datetime | None = connection.scalar(query)
    return found


def _read_at(connection: Connection, runs: Sequence[int]) -> dict[int, datetime]:
    found: dict[int, datetime] = {}
    for some in chunks(list(runs)):
        query = select(_RUNS.c.id, _RUNS.c.started_at).where(_RUNS.c.id.in_(some))
        found.update((row.id, row.started_at) for row in connection.execute(query))
    return found


def _ids(connection: Connection, flows: Sequence[FlowKey]) -> dict[FlowKey, int]:
    """Return which flow each key means: its name at the Flow service, or the id of its row."""
    wanted, table, facts = set(flows), FLOWS.entity, FLOWS.versions
    home, names = ENVIRONMENTS.entity, sorted({name for _, name in flows})
    query = (
        select(home.c.key.label("home"), table.c.key, facts.c.workflow_id, table.c.id)
        .distinct()
        .join(home, home.c.id == table.c.environment_id)
        .join(facts, facts.c[FLOWS.link] == table.c.id)
        .where(or_(table.c.key.in_(names), facts.c.workflow_id.in_(names)))
        .order_by(table.c.id)
    )
    found: dict[FlowKey, int] = {}
    for row in connection.execute(query):
        for name in (row.workflow_id, row.key):
            if name and (row.home, name.casefold()) in wanted:
                found[row.home, name.casefold()] = row.id
    return found


def _read(
    connection: Connection, ids: Sequence[int]
) -> tuple[dict[int, list[Any]], dict[int, list[Any]]]:
    """Return versions and operations of flows, by flow, in the order of runs."""
    facts, edges = FLOWS.versions.c, FLOW_OPERATIONS.table.c
    versions: dict[int, list[Any]] = defaultdict(list)
    operations: dict[int, list[Any]] = defaultdict(list)
    for some in chunks(list(ids)):
        query = (
            select(
                facts[FLOWS.link].label("flow"),
                facts.from_run,
                facts.to_run,
                facts.modified_at,
                facts.definition_state,
            )
            .where(facts[FLOWS.link].in_(some))
            .order_by(facts.from_run)
        )
        for row in connection.execute(query):
            versions[row.flow].append(row)
        held = select(
            edges.flow_id.label("flow"),
            edges.action,
            edges.connector_key,
            edges.operation_id,
            edges.from_run,
            edges.to_run,
        ).where(edges.flow_id.in_(some), ~edges.is_trigger)
        for edge in connection.execute(held):
            operations[edge.flow].append(edge)
    return versions, operations


def _custom(connection: Connection, places: Sequence[str]) -> dict[str, frozenset[str]]:
    """Return the keys of the custom connectors that environments have or had."""
    table, home = CONNECTORS.entity, ENVIRONMENTS.entity
    found: dict[str, set[str]] = defaultdict(set)
    for some in chunks(list(places)):
        query = select(home.c.key.label("home"), table.c.key).join(
            home, and_(home.c.id == table.c.environment_id, home.c.key.in_(some))
        )
        for row in connection.execute(query):
            found[row.home].add(row.key)
    return {place: frozenset(keys) for place, keys in found.items()}


def _history(
    versions: Sequence[Any],
    operations: Sequence[Any],
    custom: frozenset[str],
    read_at: Mapping[int, datetime],
    until: datetime,
) -> _History:
    """Put the definitions of a flow in the order of time."""
    history = _History(until)
    before: datetime | None = None
    starts = {version.from_run: version for version in versions}
    edges = {run for row in operations for run in (row.from_run, row.to_run) if run is not None}
    version: Any | None = None
    for run in sorted(edges | starts.keys()):
        begins = starts.get(run)
        version = begins or version
        if version is None:
            continue
        if version.definition_state != _READABLE:
            history.add(read_at[run], None)
            continue
        modified = begins.modified_at if begins else None
        late = modified is None or (before is not None and modified < before)
        since = read_at[run] if late or modified is None else modified
        before = read_at[run]
        history.add(
            since,
            {
                _folded(row.action): Called(
                    row.connector_key, row.operation_id, row.connector_key in custom
                )
                for row in operations
                if row.from_run <= run and (row.to_run is None or run < row.to_run)
            },
        )
    return history
