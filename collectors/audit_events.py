"""Which events of the audit log bear on custom connectors, who is behind them, and what they end.

A record is kept once, under its own id. Whatever is about a custom connector is kept; what is about
a connection only if it leads to one, what is about a flow or app only if that was ever seen to use
one. The rest of the log is none of our business and is not stored.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Connection, Table, and_, func, insert, or_, select

from collectors.contract import ODD
from collectors.nouns import (
    APP_REFERENCES,
    APPS,
    CONNECTIONS,
    CONNECTORS,
    ENVIRONMENTS,
    FLOW_OPERATIONS,
    FLOW_REFERENCES,
    FLOWS,
    PRINCIPALS,
    Edge,
    Noun,
    fit,
)
from collectors.retiring import follow_deletions
from collectors.store import StepStore
from collectors.versions import chunks
from connectory.domain.audit import AuditEvent
from models import AuditEvent as Stored

_EVENTS = cast("Table", Stored.__table__)
_NOUNS: Mapping[str, Noun] = {
    "connector": CONNECTORS,
    "connection": CONNECTIONS,
    "flow": FLOWS,
    "app": APPS,
}
_HOME = ENVIRONMENTS.entity
Place = tuple[str, str]
"""Environment key and natural key."""


def events_in(
    records: Iterable[Any], read: Callable[[Any], AuditEvent | None]
) -> tuple[list[AuditEvent], int]:
    """Return what records say, and how many of them cannot be read.

    Args:
        records: Records of the log, as a service hands them out.
        read: Reads one; None if it is about nothing that is kept.
    """
    found: list[AuditEvent] = []
    odd = 0
    for record in records:
        try:
            event = read(record)
        except ODD:
            odd += 1
            continue
        if event is not None:
            found.append(event)
    return found, odd


@dataclass(slots=True)
class EventKeeper:
    """Keeps the events of one step; remembers who acted, since the same people act again."""

    store: StepStore
    _people: dict[str, str | None] = field(default_factory=dict)

    def keep(self, connection: Connection, events: Iterable[AuditEvent]) -> int:
        """Store events that bear on connectors and were not known, and follow deletions.

        Args:
            connection: Writing transaction, which also notes where the events came from.
            events: As read; repeated ones count once.

        Returns:
            How many were new and kept.
        """
        fresh = _unknown(connection, {event.id: event for event in events})
        kept = _bearing(connection, fresh)
        self._meet(connection, {event.actor for event, _ in kept if event.actor})
        rows = [self._row(event, connector) for event, connector in kept]
        if rows:
            connection.execute(insert(_EVENTS), rows)
        self._follow(connection, [event for event, _ in kept])
        self.store.tally.add(seen=len(rows), changed=len(rows))
        return len(rows)

    def _row(self, event: AuditEvent, connector: str | None) -> dict[str, Any]:
        actor = self._people.get(event.actor) if event.actor else None
        values = {
            "event_key": event.id,
            "at": event.at,
            "record_type": event.record_type,
            "operation": event.operation,
            "noun": event.noun,
            "action": event.action,
            "environment_key": event.environment_key,
            "target_key": event.target_key,
            "connector_key": connector,
            "actor_key": actor,
            "actor_name": None if actor else event.actor,
            "succeeded": event.succeeded,
        }
        fitted = {name: fit(_EVENTS.c[name], value) for name, value in values.items()}
        return {**fitted, "run_id": self.store.run_id}

    def _meet(self, connection: Connection, names: set[str]) -> None:
        """Learn the object ids behind sign-in names and client ids, of people who left as well."""
        table, facts = PRINCIPALS.entity, PRINCIPALS.versions
        strange = sorted(names - self._people.keys())
        self._people.update(dict.fromkeys(strange))
        for some in chunks(strange):
            known = [
                (table.c.key, table.c.key),
                (func.lower(facts.c.user_principal_name), table.c.key),
                (func.lower(facts.c.application_id), table.c.key),
            ]
            for name, key in known:
                query = (
                    select(name.label("name"), key)
                    .join(facts, facts.c.principal_id == table.c.id)
                    .where(name.in_(some))
                    # Where a name was given twice, whoever has it now or had it last comes last.
                    .order_by(facts.c.from_run)
                )
                self._people.update((row.name, row.key) for row in connection.execute(query))

    def _follow(self, connection: Connection, events: Sequence[AuditEvent]) -> None:
        """Let what was deleted be gone."""
        ended: dict[str, dict[Place, datetime]] = defaultdict(dict)
        for event in events:
            if event.action == "deleted" and event.succeeded is not False and event.noun:
                place = (event.environment_key or "", event.target_key or "")
                ended[event.noun][place] = max(event.at, ended[event.noun].get(place, event.at))
        for name, moments in ended.items():
            noun = _NOUNS[name]
            ids = _ids(connection, noun, moments)
            follow_deletions(self.store, noun, {ids[place]: moments[place] for place in ids})


def _unknown(connection: Connection, events: Mapping[str, AuditEvent]) -> list[AuditEvent]:
    known: set[str] = set()
    for some in chunks(list(events)):
        query = select(_EVENTS.c.event_key).where(_EVENTS.c.event_key.in_(some))
        known.update(connection.scalars(query))
    return [event for key, event in events.items() if key not in known]


def _bearing(
    connection: Connection, events: Sequence[AuditEvent]
) -> list[tuple[AuditEvent, str | None]]:
    """Return the events that bear on custom connectors, each with the connector it is about."""
    leads_to = _connectors_of(connection, _targets(events, "connection"))
    leads_to = _told_of(connection, events) | leads_to
    named = {
        (event.environment_key or "", key)
        for event in events
        if event.noun == "connection"
        and (key := event.connector_key or leads_to.get(_place(event)))
    }
    custom = set(_ids(connection, CONNECTORS, named))
    custom |= {_place(event) for event in events if event.noun == "connector"}
    using = _using(connection, FLOWS, (FLOW_OPERATIONS, FLOW_REFERENCES), _targets(events, "flow"))
    using |= _using(connection, APPS, (APP_REFERENCES,), _targets(events, "app"))
    found: list[tuple[AuditEvent, str | None]] = []
    for event in events:
        if event.noun == "connector":
            found.append((event, event.target_key))
        elif event.noun == "connection":
            key = event.connector_key or leads_to.get(_place(event))
            if (event.environment_key or "", key) in custom:
                found.append((event, key))
        elif event.noun is not None and (event.noun, *_place(event)) in using:
            found.append((event, None))
    return found


def _place(event: AuditEvent) -> Place:
    return event.environment_key or "", event.target_key or ""


def _targets(events: Iterable[AuditEvent], noun: str) -> list[str]:
    return sorted({e.target_key for e in events if e.noun == noun and e.target_key})


def _ids(connection: Connection, noun: Noun, places: Iterable[Place]) -> dict[Place, int]:
    wanted = set(places)
    table = noun.entity
    found: dict[Place, int] = {}
    for some in chunks(sorted({key for _, key in wanted})):
        query = (
            select(_HOME.c.key.label("home"), table.c.key, table.c.id)
            .join(_HOME, _HOME.c.id == table.c.environment_id)
            .where(table.c.key.in_(some))
        )
        for row in connection.execute(query):
            if (row.home, row.key) in wanted:
                found[row.home, row.key] = row.id
    return found


def _connectors_of(connection: Connection, names: Sequence[str]) -> dict[Place, str]:
    """Return which connector each of these connections leads to, as far as it was ever seen."""
    table, facts = CONNECTIONS.entity, CONNECTIONS.versions
    found: dict[Place, str] = {}
    for some in chunks(names):
        query = (
            select(_HOME.c.key.label("home"), table.c.key, facts.c.connector_key)
            .join(_HOME, _HOME.c.id == table.c.environment_id)
            .join(facts, facts.c.connection_id == table.c.id)
            .where(table.c.key.in_(some))
            .order_by(facts.c.from_run)
        )
        found.update(((r.home, r.key), r.connector_key) for r in connection.execute(query))
    return found


def _told_of(connection: Connection, events: Sequence[AuditEvent]) -> dict[Place, str]:
    """Return which connector connections lead to by what the log itself told of them.

    A record of a deletion no longer says it, and who is made and deleted between two runs is in no
    list.
    """
    silent = sorted(
        {
            event.target_key
            for event in events
            if event.noun == "connection" and event.target_key and not event.connector_key
        }
    )
    found: dict[Place, str] = {}
    for some in chunks(silent):
        query = select(
            _EVENTS.c.environment_key, _EVENTS.c.target_key, _EVENTS.c.connector_key
        ).where(
            _EVENTS.c.noun == "connection",
            _EVENTS.c.target_key.in_(some),
            _EVENTS.c.connector_key.is_not(None),
        )
        found.update(
            ((r.environment_key or "", r.target_key), r.connector_key)
            for r in connection.execute(query)
        )
    for event in events:
        if event.noun == "connection" and event.connector_key:
            found[_place(event)] = event.connector_key
    return found


def _using(
    connection: Connection, noun: Noun, edges: Sequence[Edge], names: Sequence[str]
) -> set[tuple[str, str, str]]:
    """Return those of these flows or apps that were ever seen to use a custom connector."""
    table, facts, connectors = noun.entity, noun.versions, CONNECTORS.entity
    row_id = facts.c.workflow_id if "workflow_id" in facts.c else table.c.key
    word = next(word for word, one in _NOUNS.items() if one is noun)
    found: set[tuple[str, str, str]] = set()
    for some in chunks(names):
        for edge in edges:
            query = (
                select(_HOME.c.key.label("home"), table.c.key, row_id.label("row"))
                .distinct()
                .join(_HOME, _HOME.c.id == table.c.environment_id)
                .join(facts, facts.c[noun.link] == table.c.id)
                .join(edge.table, edge.table.c[edge.parent] == table.c.id)
                .join(
                    connectors,
                    and_(
                        connectors.c.environment_id == table.c.environment_id,
                        connectors.c.key == edge.table.c.connector_key,
                    ),
                )
                .where(or_(table.c.key.in_(some), row_id.in_(some)))
            )
            for row in connection.execute(query):
                found.update((word, row.home, key) for key in (row.key, row.row) if key)
    return found
