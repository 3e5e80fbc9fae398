"""Which flows are asked for their runs, from which day on, and how their days are stored."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, cast

from sqlalchemy import Connection, Table, and_, bindparam, case, delete, func, insert, select

from collectors.lookups import keys_shown_by
from collectors.nouns import FLOW_OPERATIONS, FLOW_REFERENCES, FLOWS
from collectors.store import StepStore
from collectors.targets import using_connectors
from collectors.versions import chunks
from models import FlowRunDay

_DAYS = cast("Table", FlowRunDay.__table__)
COUNTS = ("succeeded", "failed", "cancelled", "unfinished", "other")
_ENDS = {
    "succeeded": "succeeded",
    "success": "succeeded",
    "failed": "failed",
    "timedout": "failed",
    "aborted": "failed",
    "faulted": "failed",
    "cancelled": "cancelled",
    "canceled": "cancelled",
    "running": "unfinished",
    "waiting": "unfinished",
    "paused": "unfinished",
    "suspended": "unfinished",
}
Days = dict[date, Counter[str]]


def kind_of(status: object) -> str:
    """Return which count a run belongs to; sources differ in how they name its end."""
    return _ENDS.get(str(status).casefold(), "other")


@dataclass(frozen=True, slots=True)
class AskedFlow:
    """A flow that uses a custom connector.

    Attributes:
        name: Its id at the Flow service; None if that service has never shown it.
        workflow_id: Id of its Dataverse row, if it has one.
    """

    id: int
    name: str | None
    workflow_id: str | None


def asked_flows(store: StepStore) -> list[AskedFlow]:
    """Return the flows present here that refer to a custom connector, by what is stored."""
    table, versions = FLOWS.entity, FLOWS.versions
    shown = keys_shown_by(store, FLOWS, "flow_api")
    query = (
        select(table.c.id, table.c.key, versions.c.name, versions.c.workflow_id)
        .join(versions, versions.c.flow_id == table.c.id)
        .where(
            table.c.environment_id == store.environment_id,
            versions.c.to_run.is_(None),
            versions.c.presence == "present",
        )
        .order_by(table.c.id)
    )
    with store.looking() as connection:
        using = using_connectors(
            connection, store.environment_id, FLOWS, (FLOW_OPERATIONS, FLOW_REFERENCES)
        )
        return [
            AskedFlow(row.id, row.name if row.key in shown else None, row.workflow_id)
            for row in connection.execute(query)
            if row.id in using
        ]


def window_starts(
    store: StepStore, source: str, flows: Sequence[AskedFlow], *, first: date, overlap: int
) -> dict[int, date]:
    """Return from which day on each flow is read: what may have changed since it was last read.

    Args:
        store: Store of the step.
        source: Who is asked.
        flows: Which flows.
        first: First day that the source still tells whole.
        overlap: Days read once more, since sources tell of runs late.
    """
    starts = dict.fromkeys((flow.id for flow in flows), first)
    table = _DAYS
    query = (
        select(
            table.c.flow_id,
            func.max(table.c.day).label("newest"),
            func.min(case((table.c.unfinished > 0, table.c.day))).label("open"),
        )
        .where(table.c.source == source, table.c.day >= first)
        .group_by(table.c.flow_id)
    )
    with store.looking() as connection:
        for some in chunks(list(starts)):
            for row in connection.execute(query.where(table.c.flow_id.in_(some))):
                again = row.newest - timedelta(days=overlap)
                starts[row.flow_id] = max(first, min(again, row.open or again))
    return starts


def replace_days(
    store: StepStore, source: str, told: Mapping[int, tuple[date, Days]], *, today: date
) -> None:
    """Make what was told the days of these flows, each from its first day until today.

    A day on which nothing ran becomes a row of zeros. What is the same as before is not written.

    Args:
        store: Store of the step.
        source: Who told it.
        told: By flow the first day that was read whole, and the counts of its days.
        today: Last day that was read.
    """
    for some in chunks(list(told)):
        wanted: dict[tuple[int, date], dict[str, Any]] = {}
        for flow in some:
            first, days = told[flow]
            for number in range((today - first).days + 1):
                day = first + timedelta(days=number)
                counts = days.get(day, Counter())
                wanted[flow, day] = {name: counts[name] for name in COUNTS}
        with store.writing() as connection:
            changed = _write(connection, source, some, wanted, store.run_id)
        seen = sum(sum(counts.values()) for flow in some for counts in told[flow][1].values())
        store.tally.add(seen=seen, changed=changed)


def _write(
    connection: Connection,
    source: str,
    flows: Sequence[int],
    wanted: Mapping[tuple[int, date], dict[str, Any]],
    run_id: int,
) -> int:
    table = _DAYS
    since = min(day for _, day in wanted)
    mine = and_(table.c.source == source, table.c.flow_id.in_(flows), table.c.day >= since)
    standing = {
        (row["flow_id"], row["day"]): {name: row[name] for name in COUNTS}
        for row in connection.execute(select(table).where(mine)).mappings()
    }
    fresh = {key: row for key, row in wanted.items() if standing.get(key) != row}
    outdated = [{"of_flow": flow, "on_day": day} for flow, day in fresh if (flow, day) in standing]
    if outdated:
        one = and_(
            table.c.flow_id == bindparam("of_flow"),
            table.c.day == bindparam("on_day"),
            table.c.source == source,
        )
        connection.execute(delete(table).where(one), outdated)
    if fresh:
        connection.execute(
            insert(table),
            [
                {"flow_id": flow, "day": day, "source": source, "run_id": run_id, **row}
                for (flow, day), row in fresh.items()
            ],
        )
    return len(fresh)
