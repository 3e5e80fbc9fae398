"""How often the flows that use connectors ran, by the day: evidence of the grade ``run``.

A run says that a flow was started and how it ended. Whether it called the connector, and how often,
it does not say. Where two sources tell of one flow and day, the one that tells of more runs counts:
neither invents any, while Dataverse loses some at times, and the Flow service, asked only while
Dataverse is closed, may have been asked before the day was over. Nothing is added across sources.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pandas as pd
from sqlalchemy import ColumnElement, Connection, Subquery, and_, case, func, literal, select

from connectory.queries.frames import Schema, frame
from connectory.queries.moments import Moment
from connectory.queries.tables import (
    FLOW_RUN_DAYS,
    FLOW_VERSIONS,
    FLOWS,
    environment_name,
    holds,
    in_environment,
)
from connectory.queries.usage import flow_pairs

EVIDENCE = "run"
COUNTS = ("succeeded", "failed", "cancelled", "unfinished", "other")
_RUNS: Schema = {
    "day": "time",
    "flow_id": "count",
    "flow": "text",
    "environment": "text",
    "evidence": "text",
    "source": "text",
    **dict.fromkeys(COUNTS, "count"),
}
_DAYS: Schema = {
    "day": "time",
    "flows": "count",
    "flows_read": "count",
    **dict.fromkeys(COUNTS, "number"),
}


def flow_runs(connection: Connection, moment: Moment) -> pd.DataFrame:
    """Return the runs of flows that use a connector, a row per flow and UTC day that was read.

    A row of zeros: the day was read and had none. No row: it was not read.
    """
    days = best_days(moment)
    pairs = flow_pairs(moment.run_id).subquery("pairs")
    facts = FLOW_VERSIONS.c
    rows = days.join(FLOWS, FLOWS.c.id == days.c.flow_id).join(
        FLOW_VERSIONS, and_(facts.flow_id == FLOWS.c.id, holds(FLOW_VERSIONS, moment.run_id))
    )
    name = func.coalesce(facts.display_name, facts.name, FLOWS.c.key)
    query = (
        select(
            days.c.day,
            FLOWS.c.id,
            name,
            environment_name(),
            literal(EVIDENCE),
            days.c.source,
            *(days.c[count] for count in COUNTS),
        )
        .select_from(in_environment(rows, FLOWS.c.environment_id, moment.run_id))
        .where(FLOWS.c.id.in_(select(pairs.c.flow_id)))
        .order_by(days.c.day, func.lower(name), FLOWS.c.id)
    )
    found = connection.execute(query).all()
    return frame([(_midnight(row[0]), *row[1:]) for row in found], _RUNS)


def runs_by_day(
    connection: Connection, moment: Moment, connector_id: int, days: int
) -> pd.DataFrame:
    """Return how often the flows that use a connector ran on each of the last days.

    Args:
        connection: Open transaction on the store.
        moment: The last day is that of this moment.
        connector_id: Which connector.
        days: How many days.

    Returns:
        One row a day. flows: that use the connector; flows_read: of these, counted on that day.
        Counts are missing, not zero, on a day on which none was read.
    """
    best = best_days(moment)
    pairs = flow_pairs(moment.run_id, connector_id).subquery("pairs")
    flows = connection.scalar(select(func.count()).select_from(pairs)) or 0
    last = moment.read_at.astimezone(UTC).date()
    first = last - timedelta(days=days - 1)
    query = (
        select(
            best.c.day,
            func.count().label("flows_read"),
            *(func.sum(best.c[count]).label(count) for count in COUNTS),
        )
        .join(pairs, pairs.c.flow_id == best.c.flow_id)
        .where(best.c.day >= first)
        .group_by(best.c.day)
    )
    told = {row.day: row for row in connection.execute(query)}
    rows: list[tuple[Any, ...]] = []
    for number in range(days):
        day = first + timedelta(days=number)
        row = told.get(day)
        counts = [int(getattr(row, count)) if row else pd.NA for count in COUNTS]
        rows.append((_midnight(day), flows, row.flows_read if row else 0, *counts))
    return frame(rows, _DAYS)


def best_days(moment: Moment) -> Subquery:
    """Return each flow and day up to the moment once, by the source that counts."""
    table = FLOW_RUN_DAYS.c
    runs: ColumnElement[int] = sum((table[count] for count in COUNTS), literal(0))
    order = (runs.desc(), case((table.source == "dataverse", 0), else_=1))
    ranked = (
        select(
            FLOW_RUN_DAYS,
            func.row_number()
            .over(partition_by=(table.flow_id, table.day), order_by=order)
            .label("place"),
        )
        .where(table.day <= moment.read_at.astimezone(UTC).date())
        .subquery("ranked")
    )
    return select(ranked).where(ranked.c.place == 1).subquery("best")


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
