"""What stops working, and what nobody may change any more, when people leave.

From the accounts to their connections, from these to references, and on to flows, apps and agents,
with the calls behind each. A consumer counts once, by the best evidence there is of it; so the
figure of a group may rest on several grades, which its evidence names.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

import pandas as pd
from sqlalchemy import Connection

from connectory.domain.leaving import Effect, Leaver, worst
from connectory.queries.call_tables import Window
from connectory.queries.frames import frame
from connectory.queries.leaving_calls import Load, Loads, loads
from connectory.queries.leaving_frames import (
    CONNECTIONS,
    CONNECTORS,
    CONSUMERS,
    KINDS,
    PEOPLE,
    REFERENCES,
    Leaving,
    in_order,
)
from connectory.queries.leaving_links import (
    connections,
    consumers,
    others_who_may_change,
    references,
)
from connectory.queries.leaving_owners import OwnedRow, owned_connectors
from connectory.queries.leaving_people import Known, known_leavers
from connectory.queries.moments import Moment


def leaving(
    connection: Connection, moment: Moment, people: Collection[Leaver], window: Window
) -> Leaving:
    """Return what stops working when people leave, why, and the calls behind it.

    Args:
        connection: Open transaction on the store.
        moment: As of when.
        people: Who leaves, all of them together.
        window: Days of which calls, runs and launches are counted.

    Returns:
        Frames of which calls are per 30 days, missing where no source tells of any. leaver: the
        one of them who makes it so first, by the last day.
    """
    case = _Case(connection, moment, people, window)
    case.gather()
    return case.told()


class _Hit(NamedTuple):
    """By whose leaving a thing is hit, and how; of a consumer in its use of which connector."""

    effect: Effect
    leaver: str
    connector: int | None


@dataclass(slots=True)
class _Thing:
    """One connection, reference, flow, app, agent or connector, with what becomes of it."""

    row: Any
    hits: list[_Hit] = field(default_factory=list)
    why: list[str] = field(default_factory=list)
    users: set[tuple[str, int]] = field(default_factory=set)
    references: set[int] = field(default_factory=set)
    connectors: dict[int, str] = field(default_factory=dict)
    others: list[str] = field(default_factory=list)

    def hit(self, effect: Effect, why: str, leaver: str, connector: int | None = None) -> None:
        """Note that it is hit, why, and by whose leaving."""
        self.hits.append(_Hit(effect, leaver, connector))
        if why not in self.why:
            self.why.append(why)

    def worst(self, connector: int | None = None) -> list[_Hit]:
        """Return the hits that are worst, of its use of one connector if one is named."""
        told = [one for one in self.hits if connector in (None, one.connector)]
        effect = worst(one.effect for one in told)
        return [one for one in told if one.effect == effect]


class _Case:
    """Follows the links from accounts to what rests on them."""

    def __init__(
        self, connection: Connection, moment: Moment, people: Collection[Leaver], window: Window
    ) -> None:
        self._store, self._moment, self._window = connection, moment, window
        self._days = {one.key.casefold(): one.last_day for one in people}
        self._people: dict[str, Known] = known_leavers(connection, moment.run_id, list(self._days))
        self._connections: dict[int, _Thing] = {}
        self._references: dict[int, _Thing] = {}
        self._consumers: dict[tuple[str, int], _Thing] = {}
        self._owned: dict[int, OwnedRow] = {}
        self._places: dict[int, Any] = {}
        self._loads: Loads = {}

    def gather(self) -> None:
        """Read everything that rests on the accounts, in a fixed number of statements."""
        keys = list(self._days)
        self._connect(keys)
        self._refer(keys)
        self._consume(keys)
        self._owned = owned_connectors(self._store, self._moment, frozenset(keys))
        wanted = {row.connector_id for row in self._places.values()}
        if wanted:
            self._loads = loads(self._store, self._moment, self._window, sorted(wanted))

    def _name(self, key: str) -> str:
        return self._people[key].name

    def _connect(self, keys: list[str]) -> None:
        accounts = {name: key for key, known in self._people.items() for name in known.accounts}
        for row in connections(self._store, self._moment.run_id, keys, list(accounts)):
            thing = self._connections[row.id] = _Thing(row)
            self._places[row.connector_id] = row
            signs_in = accounts.get((row.account_name or "").casefold())
            if signs_in is not None:
                thing.hit("stops", f"signs in as {self._name(signs_in)}", signs_in)
            if row.creator_key in self._days:
                maker = self._name(row.creator_key)
                as_maker = row.account_name is None and row.authentication_kinds == ["oauth2"]
                effect: Effect = "stops" if as_maker else "may_stop"
                told = f"signs in as {maker}" if as_maker else f"made by {maker}"
                if not as_maker and signs_in is None:
                    told += f", signs in as {row.account_name or 'nobody: by a key, or without'}"
                thing.hit(effect, told, row.creator_key)

    def _refer(self, keys: list[str]) -> None:
        for row in references(self._store, self._moment.run_id, keys, list(self._connections)):
            thing = self._references[row.id] = _Thing(row)
            self._places[row.connector_id] = row
            bound = self._connections.get(row.connection_id)
            if bound is not None:
                self._pass_on(bound, thing, f"bound to {bound.row.name}")
                bound.references.add(row.id)
            if row.owner_key in self._days:
                thing.hit("orphaned", f"owned by {self._name(row.owner_key)}", row.owner_key)

    def _pass_on(
        self, cause: _Thing, thing: _Thing, why: str, connector: int | None = None
    ) -> None:
        """Let a thing be hit as what it rests on is, by those who make that so."""
        for one in cause.worst():
            thing.hit(one.effect, why, one.leaver, connector)

    def _consume(self, keys: list[str]) -> None:
        by_key = {(one.row.environment_id, one.row.key): one for one in self._connections.values()}
        by_name = {
            (one.row.environment_id, one.row.logical_name): one
            for one in self._references.values()
            if one.row.connection_id in self._connections
        }
        links = consumers(
            self._store,
            self._moment.run_id,
            keys,
            sorted({key for _, key in by_key}),
            sorted({name for _, name in by_name}),
        )
        found: dict[tuple[str, int], _Thing] = {}
        for row in links:
            thing = found.setdefault((row.kind, row.id), _Thing(row))
            place = row.environment_id
            bound = None if row.invoker else by_name.get((place, row.logical_name))
            direct = None if row.invoker else by_key.get((place, row.connection_key))
            if bound is not None:
                self._pass_on(bound, thing, f"runs with {bound.row.name}", row.connector_id)
                bound.users.add((row.kind, row.id))
                direct = self._connections[bound.row.connection_id]
            elif direct is not None:
                self._pass_on(direct, thing, f"runs with {direct.row.name}", row.connector_id)
            if direct is not None:
                direct.users.add((row.kind, row.id))
            if direct is not None or row.owner_key in self._days:
                thing.connectors[row.connector_id] = row.connector
                self._places[row.connector_id] = row
        self._consumers = {key: one for key, one in found.items() if one.connectors}
        self._orphan(keys)

    def _orphan(self, keys: list[str]) -> None:
        """Note what belongs to those who leave, and whether anybody else may change it."""
        some = {kind: [n for what, n in self._consumers if what == kind] for kind in KINDS}
        others: dict[tuple[str, int], set[str]] = defaultdict(set)
        for kind, number, key in others_who_may_change(
            self._store, self._moment.run_id, keys, some["flow"], some["app"]
        ):
            others[kind, number].add(key)
        for place, thing in self._consumers.items():
            thing.others = sorted(others[place] - {thing.row.owner_key})
            if thing.row.owner_key in self._days:
                effect: Effect = "kept" if thing.others else "orphaned"
                thing.hit(
                    effect, f"owned by {self._name(thing.row.owner_key)}", thing.row.owner_key
                )

    def told(self) -> Leaving:
        """Return everything as frames."""
        by_kind = {kind: self._of_kind(kind) for kind in KINDS}
        return Leaving(
            people=self._who(),
            connectors=in_order(self._of_connectors(), CONNECTORS),
            connections=in_order(self._of_connections(), CONNECTIONS),
            references=in_order(self._of_references(), REFERENCES),
            flows=in_order(by_kind["flow"], CONSUMERS),
            apps=in_order(by_kind["app"], CONSUMERS),
            agents=in_order(by_kind["agent"], CONSUMERS),
        )

    def _who(self) -> pd.DataFrame:
        rows = [
            (key, one.name, self._days[key], one.mail, one.state, one.department, one.manager_key)
            for key, one in self._people.items()
        ]
        rows.sort(key=lambda row: (row[2] or date.max, str(row[1]).casefold()))
        return frame(rows, PEOPLE)

    def _first(self, keys: Iterable[str]) -> tuple[str, str, date | None]:
        """Return the one of some leavers who goes first."""
        key = min(keys, key=lambda one: (self._days.get(one) or date.max, self._name(one), one))
        return key, self._name(key), self._days.get(key)

    def _tells(self, thing: _Thing) -> tuple[Any, ...]:
        hits = thing.worst()
        return (*self._first(one.leaver for one in hits), hits[0].effect, "; ".join(thing.why))

    def _sum(self, users: Iterable[tuple[str, int]], connector: int | None) -> tuple[Any, Any]:
        """Return the calls of some consumers to one connector, or to all that are concerned."""
        told = [
            self._loads.get((kind, number, one))
            for kind, number in users
            for one in ([connector] if connector else self._consumers[kind, number].connectors)
        ]
        return Load.all_of(load for load in told if load is not None)

    def _of_kind(self, kind: str) -> list[tuple[Any, ...]]:
        return [
            (
                kind,
                number,
                one.row.name,
                one.row.environment,
                one.row.state,
                list(one.connectors),
                list(one.connectors.values()),
                one.row.owner_key,
                len(one.others),
                one.others,
                *self._tells(one),
                *self._load_of(what, number),
            )
            for (what, number), one in self._consumers.items()
            if what == kind
        ]

    def _load_of(self, kind: str, number: int) -> tuple[Any, Any]:
        """Return the calls of one consumer: those of several connectors, but its runs once."""
        connectors = self._consumers[kind, number].connectors
        return Load.of_one(
            load for one in connectors if (load := self._loads.get((kind, number, one))) is not None
        )

    def _of_connections(self) -> list[tuple[Any, ...]]:
        return [
            (
                number, one.row.name, one.row.account_name, one.row.status, one.row.connector_id,
                one.row.connector, one.row.environment, *self._tells(one), len(one.references),
                *_counts(one.users), *self._sum(one.users, one.row.connector_id),
            )
            for number, one in self._connections.items()
        ]  # fmt: skip

    def _of_references(self) -> list[tuple[Any, ...]]:
        return [
            (
                number, one.row.name, one.row.connector_id, one.row.connector, one.row.environment,
                *self._tells(one), _counts(one.users)[0], _counts(one.users)[2],
                *self._sum(one.users, one.row.connector_id),
            )
            for number, one in self._references.items()
        ]  # fmt: skip

    def _of_connectors(self) -> list[tuple[Any, ...]]:
        rows = []
        for number in sorted(self._places.keys() | self._owned.keys()):
            owned = self._owned.get(number)
            mine = [one for one in self._connections.values() if one.row.connector_id == number]
            bound = [one for one in self._references.values() if one.row.connector_id == number]
            hit = _Thing(owned or self._places[number])
            users = self._stopping(number, hit)
            for who, what, why in owned.reasons(self._name) if owned else ():
                hit.hit(what, why, who)
            for one in (*mine, *bound):
                hit.hit("kept", "they have a connection or reference to it", one.hits[0].leaver)
            if hit.hits:
                verdicts = (owned.before, owned.after) if owned else (None, None)
                rows.append(
                    (
                        number, hit.row.connector, hit.row.environment, *self._tells(hit),
                        *verdicts, any(one.effect == "orphaned" for one in hit.hits), len(mine), len(bound), *_counts(users),
                        *self._sum(users, number),
                    )
                )  # fmt: skip
        return rows

    def _stopping(self, connector: int, hit: _Thing) -> list[tuple[str, int]]:
        """Return the consumers of a connector that stop or may, and note that on it."""
        found = []
        for place, one in self._consumers.items():
            hits = one.worst(connector) if connector in one.connectors else []
            if hits and hits[0].effect in ("stops", "may_stop"):
                found.append(place)
                for told in hits:
                    hit.hit(
                        told.effect, "what uses it runs with a connection of theirs", told.leaver
                    )
        return found


def _counts(users: Iterable[tuple[str, int]]) -> tuple[int, int, int]:
    kinds = [kind for kind, _ in users]
    return kinds.count("flow"), kinds.count("app"), kinds.count("agent")
