"""Who is hit where a connector changes: consumers, whether it is used at all, and whom to tell."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any, Final, Literal

import pandas as pd
from sqlalchemy import Connection, func, select, true

from connectory.domain import evidence
from connectory.queries.call_tables import (
    ENDPOINTS,
    OPERATIONS,
    TARGETS,
    Window,
    errors,
    moment_of,
    total,
    within,
)
from connectory.queries.frames import Schema, frame
from connectory.queries.moments import Moment
from connectory.queries.reads import COUNTED_BY, unlisted
from connectory.queries.tables import CONNECTORS
from connectory.queries.uses import Connectors, uses

Grade = Literal["used", "perhaps", "not_known", "unused"]
"""How far a changed operation is used.

used: a flow, agent or app is known to call it, or a log tells of calls. perhaps: something uses the
connector, and which operation is not known. not_known: nothing is known to use it, but flows, apps
or agents there could not all be listed. unused: nothing that was read uses it.
"""
GRADES: Final[tuple[Grade, ...]] = ("used", "perhaps", "not_known", "unused")
"""From the worst to the least."""

_CALLS: Schema = {
    "connector_id": "count",
    "operation_id": "text",
    "source": "text",
    "evidence": "text",
    "calls": "count",
    "errors": "count",
    "last_used": "time",
}
_CONTACTS: Schema = {
    "owner_key": "text",
    "owner": "text",
    "mail": "text",
    "owner_state": "text",
    "certain": "flag",
    "flows": "count",
    "apps": "count",
    "agents": "count",
    "environments": "list",
    "operations": "list",
    "hit": "list",
}
_KINDS = ("flow", "app", "agent")


def calls_of_operations(
    connection: Connection, window: Window, connectors: Connectors = None
) -> pd.DataFrame:
    """Return how often operations were called, a row per source: none is added to another.

    operation_id is missing for calls of a connector of which the operation is not known.

    Args:
        connection: Open transaction on the store.
        window: Days.
        connectors: Which connectors; all if none are named.
    """
    called = ENDPOINTS.c
    columns = (called.connector_id, called.operation_id, TARGETS.c.source)
    query = (
        select(*columns, total(OPERATIONS.c.calls), errors(), func.max(OPERATIONS.c.day))
        .select_from(
            OPERATIONS.join(ENDPOINTS, called.id == OPERATIONS.c.endpoint_id).join(
                TARGETS, TARGETS.c.id == OPERATIONS.c.target_id
            )
        )
        .where(
            within(OPERATIONS.c.day, window),
            called.connector_id.is_not(None),
            true() if connectors is None else called.connector_id.in_(list(connectors)),
        )
        .group_by(*columns)
    )
    grades = {one.name: one.evidence for one in evidence.CALL_SOURCES}
    rows = [
        (connector, operation or None, source, grades.get(source), calls, failed, moment_of(last))
        for connector, operation, source, calls, failed, last in connection.execute(query)
    ]
    rows.sort(key=lambda row: (row[0], row[1] or "", evidence.place(row[2]), row[2]))
    return frame(rows, _CALLS)


@dataclass(frozen=True)
class Use:
    """What is known of the use of some connectors.

    Attributes:
        consumers: What `uses` returns.
        calls: What `calls_of_operations` returns.
        short: Connectors where flows, apps or agents could not all be listed.
    """

    consumers: pd.DataFrame
    calls: pd.DataFrame
    short: frozenset[int]

    def hit(self, connectors: Collection[int], operations: Collection[str] | None) -> pd.DataFrame:
        """Return the consumers that a change hits, those known to call it first.

        Args:
            connectors: Where it is, or where it would go.
            operations: Operations that change; None if the connector changes as a whole.

        Returns:
            Rows of `uses`. Of a change of the whole connector each consumer once, whatever it
            calls, as one of the connector.
        """
        here = self.consumers[self.consumers["connector_id"].isin(list(connectors))]
        if operations is None:
            whole = here.drop_duplicates(["kind", "consumer_id", "connector_id"])
            nothing = pd.Series([None] * len(whole), index=whole.index, dtype=object)
            told = whole.assign(operation_id=nothing, level="connector")
            calls = [one.name for one in evidence.CALL_SOURCES]
            return _in_order(told.drop(columns=calls).merge(_summed(here, calls), how="left"))
        exact = (here["level"] == "operation") & here["operation_id"].isin(list(operations))
        known = here[exact]
        certain = set(zip(known["kind"], known["consumer_id"], known["connector_id"], strict=True))
        loose = here[here["level"] == "connector"]
        keys = zip(loose["kind"], loose["consumer_id"], loose["connector_id"], strict=True)
        perhaps = loose[[key not in certain for key in keys]]
        return _in_order(pd.concat([known, perhaps]) if len(perhaps) else known)

    def called(
        self, connectors: Collection[int], operations: Collection[str] | None
    ) -> pd.DataFrame:
        """Return the calls of what changes, a row per connector, operation and source."""
        here = self.calls[self.calls["connector_id"].isin(list(connectors))]
        if operations is not None:
            here = here[here["operation_id"].isin(list(operations))]
        return here.reset_index(drop=True)

    def graded(self) -> Grades:
        """Return the same as something that tells quickly whether an operation is used."""
        told = self.consumers
        exact = told[told["level"] == "operation"]
        called = self.calls[self.calls["calls"] > 0]
        return Grades(
            operations=_pairs(exact) | _pairs(called[called["operation_id"].notna()]),
            connectors=frozenset(told["connector_id"]) | frozenset(called["connector_id"]),
            unsure=frozenset(told[told["level"] == "connector"]["connector_id"]),
            short=self.short,
        )


@dataclass(frozen=True, slots=True)
class Grades:
    """What is used.

    Attributes:
        operations: Connector and operation that something is known to call.
        connectors: Connectors that something uses.
        unsure: Connectors of which something uses an operation, and which is not known.
        short: Connectors where not everything could be listed that may use them.
    """

    operations: frozenset[tuple[int, str]]
    connectors: frozenset[int]
    unsure: frozenset[int]
    short: frozenset[int]

    def of(self, connectors: Iterable[int], operation: str | None) -> Grade:
        """Return how far an operation is used in some connectors; without one, these as a whole."""
        chosen = frozenset(connectors)
        if operation is None:
            used = bool(chosen & self.connectors)
        else:
            used = any((one, operation) in self.operations for one in chosen)
        if used:
            return "used"
        if operation is not None and chosen & self.unsure:
            return "perhaps"
        return "not_known" if chosen & self.short else "unused"


def use(
    connection: Connection, moment: Moment, window: Window, connectors: Connectors = None
) -> Use:
    """Return what is known of the use of connectors; of all if none are named.

    Args:
        connection: Open transaction on the store.
        moment: As of when.
        window: Days of which calls, runs and launches are counted.
        connectors: Which connectors.
    """
    blind: set[int] = set().union(
        *unlisted(connection, moment.run_id, COUNTED_BY["consumers"]).values()
    )
    query = select(CONNECTORS.c.id).where(CONNECTORS.c.environment_id.in_(sorted(blind)))
    return Use(
        uses(connection, moment, window, connectors),
        calls_of_operations(connection, window, connectors),
        frozenset(connection.scalars(query)),
    )


def contacts(hit: pd.DataFrame) -> pd.DataFrame:
    """Return whom to tell, each owner once, those first whose things are known to be hit.

    Args:
        hit: Rows of `Use.hit`.

    Returns:
        certain: something of theirs is known to call what changes. flows, apps, agents: how many.
        hit: these by kind, name and environment. What nobody owns stands in the last row.
    """
    rows: list[tuple[Any, ...]] = []
    keys = hit["owner_key"].astype(object).where(hit["owner_key"].notna(), "")
    for key, owned in hit.groupby(keys, sort=False):
        each = owned.drop_duplicates(["kind", "consumer_id"])
        told = {kind: int((each["kind"] == kind).sum()) for kind in _KINDS}
        who = each.iloc[0]
        rows.append(
            (
                *((key, who["owner"], who["mail"], who["owner_state"]) if key else (None,) * 4),
                bool((owned["level"] == "operation").any()),
                *told.values(),
                sorted(set(each["environment"])),
                sorted({name for name in owned["operation_id"] if name}),
                [
                    f"{one.kind} {one.name} ({one.environment})"
                    for one in each.itertuples(index=False)
                ],
            )
        )
    rows.sort(key=lambda row: (row[0] is None, not row[4], -sum(row[5:8]), str(row[1]).casefold()))
    return frame(rows, _CONTACTS)


def _summed(rows: pd.DataFrame, sources: list[str]) -> pd.DataFrame:
    """Return what each source tells of each consumer of a connector, whichever operation it called."""
    by = ["kind", "consumer_id", "connector_id"]
    return rows.groupby(by, as_index=False, sort=False)[sources].sum(min_count=1)


def _in_order(rows: pd.DataFrame) -> pd.DataFrame:
    kinds = {kind: place for place, kind in enumerate(_KINDS)}
    order = pd.DataFrame(
        {
            "level": rows["level"] != "operation",
            "kind": rows["kind"].map(kinds),
            "name": rows["name"].str.casefold(),
            "id": rows["consumer_id"],
        }
    )
    return rows.loc[order.sort_values(list(order.columns), kind="stable").index].reset_index(
        drop=True
    )


def _pairs(rows: pd.DataFrame) -> frozenset[tuple[int, str]]:
    return frozenset(zip(rows["connector_id"], rows["operation_id"], strict=True))
