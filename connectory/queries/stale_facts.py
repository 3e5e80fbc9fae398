"""Facts about the use of every connector, for the verdict on staleness: figures of days only."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final
from urllib.parse import urlsplit

from sqlalchemy import Connection, Select, and_, func, select

from connectory.domain import evidence
from connectory.domain.staleness import Seen, StaleFacts
from connectory.queries.moments import Moment
from connectory.queries.silence import (
    LISTING,
    Listed,
    Ran,
    called,
    day_of,
    gateways_read_since,
    launches_read_since,
    listed,
    runs_of_flows,
)
from connectory.queries.stale_links import connections_of, references_of, unlinked_at
from connectory.queries.tables import (
    AGENT_VERSIONS,
    ANSWERS,
    APP_VERSIONS,
    APPS,
    AUDIT_EVENTS,
    CONNECTOR_VERSIONS,
    CONNECTORS,
    DEFINITIONS,
    ENVIRONMENT_VERSIONS,
    ENVIRONMENTS,
    FLOW_VERSIONS,
    RUNS,
    holds,
    in_environment,
    known_connectors,
)
from connectory.queries.usage import agent_pairs, app_pairs, flow_pairs

_SOURCES: Final = frozenset(one.name for one in evidence.CALL_SOURCES)
_STOPPED: Final = "Stopped"
_RUNS_UNREAD: Final = "runs of flows"
_LAUNCHES_UNREAD: Final = "launches of apps"
_AGENTS_UNREAD: Final = "calls of agents"


@dataclass(slots=True)
class _Use:
    """What is found of the consumers of one connector.

    Attributes:
        since: From when on each of them is known to be silent; none of one that always was.
        unread: What would have to be read of them.
    """

    flows: int = 0
    apps: int = 0
    agents: int = 0
    stopped: int = 0
    seen: dict[str, date] = field(default_factory=dict)
    since: list[date] = field(default_factory=list)
    unread: set[str] = field(default_factory=set)

    @property
    def linked(self) -> bool:
        """Tell whether anything uses it now."""
        return bool(self.flows or self.apps or self.agents)

    def saw(self, source: str, day: date | None) -> None:
        """Note a day of which a source tells use."""
        if day is not None:
            self.seen[source] = max(day, self.seen.get(source, day))

    def silent(self, since: date | None, created: datetime | None, unread: str) -> None:
        """Note from when on a consumer is known to be silent; None if that is not known."""
        if since is None:
            self.unread.add(unread)
        elif created is None or since > created.date():
            self.since.append(since)


def stale_facts(connection: Connection, moment: Moment) -> dict[int, StaleFacts]:
    """Return what is known of the use of every connector that is not gone, by its surrogate key.

    Args:
        connection: Open transaction on the store.
        moment: As of when.
    """
    run_id, uses = moment.run_id, defaultdict[int, _Use](_Use)
    _flows(connection, moment, uses)
    _apps(connection, moment, uses)
    _agents(connection, run_id, uses)
    told = called(connection, moment)
    for one in told:
        if one.connector_id is not None and one.source in _SOURCES:
            uses[one.connector_id].saw(one.source, one.last)
    gateways = gateways_read_since(connection, moment, told)
    unlinked: dict[int, datetime] = dict(iter(connection.execute(unlinked_at(run_id))))
    links = {row.connector_id: row for row in connection.execute(connections_of(run_id))}
    references = {row.connector_id: row for row in connection.execute(references_of(run_id))}
    names = (*LISTING, "connections", "connection_references")
    lists = listed(connection, moment, names)
    found: dict[int, StaleFacts] = {}
    for row in connection.execute(_connectors(run_id)):
        use, bound = uses[row.id], references.get(row.id)
        place = row.environment_id
        link = links.get(row.id)
        ended = day_of(unlinked.get(row.id))
        if not use.linked:
            use.saw(evidence.REFERENCES.name, ended)
            use.saw(evidence.REFERENCES.name, day_of(link.made_at) if link else None)
        created = day_of(row.created_at)
        since, unread = _silence(use, place, created, ended, lists, connected=link is not None)
        gateway = gateways.get(_host(row.backend_url, row.host))
        if gateway is not None and (unread or (since is not None and gateway < since)):
            since, unread = (None if created and created >= gateway else gateway), ()
        found[row.id] = StaleFacts(
            known_since=created or row.started_at.date(),
            seen=tuple(Seen(source, day) for source, day in sorted(use.seen.items())),
            silent_since=since,
            unread=unread,
            flows=use.flows,
            apps=use.apps,
            agents=use.agents,
            stopped=use.stopped,
            connections=_number(link, lists, place, "connections"),
            broken=link.broken if link else 0,
            references=_number(bound, lists, place, "connection_references"),
            bound=bound.bound if bound else 0,
            changed_on=day_of(row.changed_at or row.created_at),
            owner=row.state,
            kind=row.sku,
        )
    return found


def _silence(
    use: _Use,
    place: int,
    created: date | None,
    ended: date | None,
    lists: Listed,
    *,
    connected: bool,
) -> tuple[date | None, tuple[str, ...]]:
    """Return from when on nothing can have used a connector unseen, and what was not read of that."""
    if use.linked:
        unread = (*lists.lacks(place, LISTING), *sorted(use.unread))
        return max([*use.since, *([ended] if ended else [])], default=None), unread
    unread = lists.lacks(place, (*LISTING, "connections"))
    if use.seen or not connected:
        return None, unread
    since = max((lists.since[place, name] for name in LISTING if (place, name) in lists.since),
                default=date.max)  # fmt: skip
    return (None if created and created >= since else since), unread


def _number(row: Any, lists: Listed, place: int, collector: str) -> int | None:
    """Return how many there are; None for none where they could not be listed whole."""
    return row.number if row else (None if lists.lacks(place, (collector,)) else 0)


def _host(backend: str | None, host: str | None) -> str:
    try:
        named = urlsplit(backend or "").hostname
    except ValueError:
        named = None
    return (named or host or "").casefold().partition(":")[0]


def _connectors(run_id: int) -> Select[Any]:
    facts = CONNECTOR_VERSIONS.c
    every = CONNECTOR_VERSIONS.alias("every")
    first = (
        select(every.c.connector_id, func.min(every.c.from_run).label("run_id"))
        .group_by(every.c.connector_id)
        .subquery("first")
    )
    rows = (
        in_environment(known_connectors(run_id), CONNECTORS.c.environment_id, run_id)
        .join(first, first.c.connector_id == CONNECTORS.c.id)
        .join(RUNS, RUNS.c.id == first.c.run_id)
        .outerjoin(DEFINITIONS, DEFINITIONS.c.id == facts.definition_id)
        .outerjoin(ANSWERS, and_(ANSWERS.c.connector_id == CONNECTORS.c.id, holds(ANSWERS, run_id)))
    )
    return select(
        CONNECTORS.c.id,
        CONNECTORS.c.environment_id,
        ENVIRONMENT_VERSIONS.c.sku,
        facts.created_at,
        facts.changed_at,
        facts.backend_url,
        DEFINITIONS.c.host,
        RUNS.c.started_at,
        ANSWERS.c.state,
    ).select_from(rows)


def _flows(connection: Connection, moment: Moment, uses: dict[int, _Use]) -> None:
    pairs, facts = flow_pairs(moment.run_id).subquery("pairs"), FLOW_VERSIONS.c
    told: dict[int, Ran] = runs_of_flows(connection, moment, select(pairs.c.flow_id))
    query = (
        select(
            pairs.c.connector_id,
            pairs.c.flow_id,
            facts.state,
            facts.created_at,
            facts.modified_at,
        )
        .join(FLOW_VERSIONS, facts.flow_id == pairs.c.flow_id)
        .where(holds(FLOW_VERSIONS, moment.run_id))
    )
    nothing = Ran(None, None)
    for row in connection.execute(query):
        use, ran = uses[row.connector_id], told.get(row.flow_id, nothing)
        use.flows += 1
        use.stopped += row.state == _STOPPED
        use.saw(evidence.RUNS.name, ran.last)
        off = day_of(row.modified_at) if row.state == _STOPPED else None
        use.silent(_earlier(ran.since, off), row.created_at, _RUNS_UNREAD)


def _earlier(one: date | None, other: date | None) -> date | None:
    return min((day for day in (one, other) if day), default=None)


def _apps(connection: Connection, moment: Moment, uses: dict[int, _Use]) -> None:
    pairs, events = app_pairs(moment.run_id).subquery("pairs"), AUDIT_EVENTS.c
    opened = (
        select(APPS.c.id, func.max(events.at).label("at"))
        .select_from(
            AUDIT_EVENTS.join(ENVIRONMENTS, ENVIRONMENTS.c.key == events.environment_key).join(
                APPS,
                and_(APPS.c.environment_id == ENVIRONMENTS.c.id, APPS.c.key == events.target_key),
            )
        )
        .where(
            events.noun == "app",
            events.action == "launched",
            events.run_id <= moment.run_id,
            events.at <= moment.read_at,
        )
        .group_by(APPS.c.id)
        .subquery("opened")
    )
    query = (
        select(pairs.c.connector_id, APP_VERSIONS.c.created_at, opened.c["at"])
        .join(APP_VERSIONS, APP_VERSIONS.c.app_id == pairs.c.app_id)
        .outerjoin(opened, opened.c.id == pairs.c.app_id)
        .where(holds(APP_VERSIONS, moment.run_id))
    )
    since = launches_read_since(connection, moment)
    for connector, created, at in connection.execute(query):
        use = uses[connector]
        use.apps += 1
        use.saw(evidence.LAUNCHES.name, day_of(at))
        use.silent(since, created, _LAUNCHES_UNREAD)


def _agents(connection: Connection, run_id: int, uses: dict[int, _Use]) -> None:
    """No log but a gateway's tells of what agents call: one that is turned on may call any day."""
    pairs, facts = agent_pairs(run_id).subquery("pairs"), AGENT_VERSIONS.c
    query = (
        select(pairs.c.connector_id, facts.active, facts.created_at, facts.modified_at)
        .join(AGENT_VERSIONS, facts.agent_id == pairs.c.agent_id)
        .where(holds(AGENT_VERSIONS, run_id))
    )
    for connector, active, created, modified in connection.execute(query):
        use, off = uses[connector], active is False
        use.agents += 1
        use.stopped += off
        use.silent(day_of(modified) if off else None, created, _AGENTS_UNREAD)
