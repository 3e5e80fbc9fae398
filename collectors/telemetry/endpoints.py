"""Endpoints: what logs say was called, and which operation of which connector that is."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, cast
from urllib.parse import urlsplit

from sqlalchemy import Connection, Table, func, or_, select, update

from collectors.nouns import CONNECTORS, ENVIRONMENTS
from collectors.telemetry.actions import actions_in
from collectors.telemetry.names import LONGEST, add_missing
from collectors.versions import chunks
from connectory.domain.calls import Actions, Matched, Offered, Operations, without_ids
from models import CallEndpoint, CallTarget, Definition, DefinitionOperation

_TARGETS = cast("Table", CallTarget.__table__)
_ENDPOINTS = cast("Table", CallEndpoint.__table__)
_DEFINITIONS = cast("Table", Definition.__table__)
_OPERATIONS = cast("Table", DefinitionOperation.__table__)
_MOST_ENDPOINTS = 20_000
_FEW = 50
_OTHERS = "/…"
"""Path of what nothing is offered at, once there are too many to tell apart."""

Seen = tuple[str, str, str, str, str]
"""Address, environment, method, path as called, operation: what a log says of a call's place."""
Shape = tuple[int, str, str, str, str]
"""Target, environment, method, path without ids, operation: what is an endpoint."""


_OF_ACTIONS = "flow_actions"


def offered(
    connection: Connection, source: str, addresses: Iterable[str]
) -> Mapping[str, Operations | Actions]:
    """Return what the calls of a source can be, by the address it names.

    Args:
        connection: Open transaction.
        source: Its address is a host, or, where actions of flows are told, an environment.
        addresses: Case-folded.
    """
    if source == _OF_ACTIONS:
        return actions_in(connection, addresses)
    return offered_at(connection, addresses)


def offered_at(connection: Connection, addresses: Iterable[str]) -> Mapping[str, Operations]:
    """Return what connectors offer, as their definitions stand now, by the host they call.

    Of a host that no connector calls any more those that are gone tell: it was one of them.
    """
    wanted = set(addresses)
    if not wanted:
        return {}
    facts, places = CONNECTORS.versions, ENVIRONMENTS.entity
    query = (
        select(
            facts.c.backend_url,
            _DEFINITIONS.c.host,
            _DEFINITIONS.c.base_path,
            facts.c.connector_id,
            places.c.key,
            _OPERATIONS.c.method,
            _OPERATIONS.c.path,
            _OPERATIONS.c.operation_id,
            facts.c.presence,
        )
        .join(CONNECTORS.entity, CONNECTORS.entity.c.id == facts.c.connector_id)
        .join(places, places.c.id == CONNECTORS.entity.c.environment_id)
        .join(_DEFINITIONS, _DEFINITIONS.c.id == facts.c.definition_id)
        .join(_OPERATIONS, _OPERATIONS.c.definition_id == _DEFINITIONS.c.id)
        .where(facts.c.to_run.is_(None))
        .order_by(facts.c.connector_id, _OPERATIONS.c.ordinal)
    )
    if len(wanted) <= _FEW:
        named = [facts.c.backend_url.icontains(host, autoescape=True) for host in sorted(wanted)]
        bare = func.lower(_DEFINITIONS.c.host)
        query = query.where(or_(*named, *(bare.startswith(host) for host in sorted(wanted))))
    living: dict[str, list[Offered]] = {address: [] for address in wanted}
    gone: dict[str, list[Offered]] = {address: [] for address in wanted}
    for row in connection.execute(query):
        host, base = _place(row.backend_url, row.host, row.base_path)
        if host in wanted:
            one = Offered(row.connector_id, row.key, base, row.method, row.path, row.operation_id)
            (gone if row.presence == "gone" else living)[host].append(one)
    return {address: Operations.of(living[address] or gone[address]) for address in wanted}


def _place(backend: str | None, host: str | None, base_path: str | None) -> tuple[str, str]:
    """Return the host a connector calls and what its paths begin with.

    What the platform says it calls may carry a path of its own; a definition that names another
    base path is the nearer word on that.
    """
    try:
        told = urlsplit(backend or "")
        name, path = told.hostname, told.path
    except ValueError:  # its maker may write anything
        name, path = None, ""
    base = (base_path or path).rstrip("/")
    return (name or host or "").casefold().partition(":")[0], base


class Endpoints:
    """Ids of endpoints of one log: looked up once, matched when first seen.

    What is remembered is true only once its transaction is committed: call `forget` otherwise.
    """

    def __init__(self, source: str, log: str = "") -> None:
        self._source, self._log = source, log
        self._targets: dict[str, int] = {}
        self._offered: dict[str, Operations | Actions] = {}
        self._endpoints: dict[Shape, int] = {}
        self._placed: dict[Seen, int] = {}

    def forget(self) -> None:
        """Remember nothing: what was made was rolled back."""
        for known in (self._targets, self._offered, self._endpoints, self._placed):
            known.clear()

    def of(
        self, connection: Connection, seen: Sequence[Sequence[Any]]
    ) -> tuple[list[int], list[int]]:
        """Return targets and endpoints of calls, whose places are told column by column."""
        try:
            found = [self._placed[one] for one in zip(*seen, strict=True)]
        except KeyError:
            self._know(connection, set(zip(*seen, strict=True)))
            found = [self._placed[one] for one in zip(*seen, strict=True)]
        return [self._targets[address] for address in seen[0]], found

    def _know(self, connection: Connection, seen: set[Seen]) -> None:
        if len(self._placed) > _MOST_ENDPOINTS:
            self._placed.clear()
        unknown = sorted(seen - self._placed.keys())
        self._know_targets(connection, {one[0] for one in unknown})
        shapes: dict[Seen, Shape] = {}
        new: set[Shape] = set()
        for one in unknown:
            shapes[one] = self._shape(one, new)
            new.add(shapes[one])
        self._know_endpoints(connection, new)
        for one, shape in shapes.items():
            self._placed[one] = self._endpoints[shape]

    def _shape(self, one: Seen, new: Collection[Shape]) -> Shape:
        address, environment, method, path, operation = one
        template = self._offered[address].template(method, path)
        told = (template or without_ids(path))[:LONGEST]
        place = self._targets[address], environment[:64], method[:64]
        shape = (*place, told, operation[:LONGEST])
        known = shape in self._endpoints or shape in new
        crowded = len(self._endpoints) + len(new) >= _MOST_ENDPOINTS and not known
        return (place[0], "", "", _OTHERS, "") if crowded and template is None else shape

    def _know_targets(self, connection: Connection, addresses: set[str]) -> None:
        unknown = sorted(addresses - self._targets.keys())
        if not unknown:
            return
        rows: list[dict[str, object]] = [
            {"source": self._source, "log": self._log, "address": address} for address in unknown
        ]
        add_missing(connection, _TARGETS, rows)
        query = select(_TARGETS.c.address, _TARGETS.c.id).where(
            _TARGETS.c.source == self._source,
            _TARGETS.c.log == self._log,
            _TARGETS.c.address.in_(unknown),
        )
        found = {row[0]: row[1] for row in connection.execute(query)}
        self._targets |= found
        self._load(connection, found.values())
        self._offered.update(offered(connection, self._source, unknown))

    def _know_endpoints(self, connection: Connection, shapes: set[Shape]) -> None:
        by_target = {target: address for address, target in self._targets.items()}
        missing = sorted(shapes - self._endpoints.keys())
        rows: list[dict[str, object]] = [
            {**_named(shape), **_facts(self._offered[by_target[shape[0]]].match(*shape[1:]))}
            for shape in missing
        ]
        add_missing(connection, _ENDPOINTS, rows)
        self._load(connection, {shape[0] for shape in missing})

    def _load(self, connection: Connection, targets: Iterable[int]) -> None:
        """Remember every endpoint of some targets."""
        table = _ENDPOINTS.c
        for some in chunks(sorted(targets)):
            query = select(
                table.target_id,
                table.environment_key,
                table.method,
                table.path,
                table.operation,
                table.id,
            ).where(table.target_id.in_(some))
            for *shape, number in connection.execute(query).all():
                self._endpoints[shape[0], shape[1], shape[2], shape[3], shape[4]] = number


def _named(shape: tuple[int, str, str, str, str]) -> dict[str, object]:
    names = ("target_id", "environment_key", "method", "path", "operation")
    return dict(zip(names, shape, strict=True))


def _facts(matched: Matched) -> dict[str, object]:
    return {
        "connector_id": matched.connector_id,
        "operation_id": matched.operation_id,
        "matched_by": matched.by,
    }


def match_again(connection: Connection) -> int:
    """Match every endpoint against definitions as they stand now; return how many changed.

    No call moves for it: calls and what they add up to point at endpoints.
    """
    table = _ENDPOINTS.c
    query = (
        select(_ENDPOINTS, _TARGETS.c.source, _TARGETS.c.address)
        .join(_TARGETS, _TARGETS.c.id == table.target_id)
        .order_by(table.id)
    )
    rows = connection.execute(query).mappings().all()
    known = {
        source: offered(connection, source, {r["address"] for r in rows if r["source"] == source})
        for source in {row["source"] for row in rows}
    }
    changed = 0
    for row in rows:
        place = (row["environment_key"], row["method"], row["path"], row["operation"])
        facts = _facts(known[row["source"]][row["address"]].match(*place))
        if any(row[name] != value for name, value in facts.items()):
            connection.execute(update(_ENDPOINTS).where(table.id == row["id"]).values(**facts))
            changed += 1
    return changed
