"""Which questions were put to the audit log about what had expired, and what came of each."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal, cast

from sqlalchemy import Connection, Table, insert, select, update

from collectors.store import StepStore
from connectory.domain.stretches import Stretch
from models import AuditQuery

_QUERIES = cast("Table", AuditQuery.__table__)
State = Literal["asked", "filled", "failed", "cancelled", "gone"]


@dataclass(frozen=True, slots=True)
class Query:
    """A question about a stretch of time, by when its records had been handed out."""

    id: int
    key: str
    stretch: Stretch
    state: State


def remembered(store: StepStore) -> list[Query]:
    """Return the queries whose answer is awaited or was read."""
    columns = (_QUERIES.c.id, _QUERIES.c.query_key, _QUERIES.c.from_at, _QUERIES.c.to_at)
    query = (
        select(*columns, _QUERIES.c.state)
        .where(_QUERIES.c.state.in_(["asked", "filled"]))
        .order_by(_QUERIES.c.id)
    )
    with store.looking() as connection:
        return [
            Query(row.id, row.query_key, (row.from_at, row.to_at), row.state)
            for row in connection.execute(query)
        ]


def remember(store: StepStore, key: str, stretch: Stretch, now: datetime) -> Query:
    """Note that a query was asked, so that the next run picks it up rather than ask again."""
    values = {
        "query_key": key,
        "from_at": stretch[0],
        "to_at": stretch[1],
        "state": "asked",
        "records": 0,
        "asked_at": now,
        "run_id": store.run_id,
    }
    with store.writing() as connection:
        made = connection.scalar(insert(_QUERIES).values(values).returning(_QUERIES.c.id))
    return Query(cast("int", made), key, stretch, "asked")


def settle(
    connection: Connection, run_id: int, query: Query, state: State, records: int = 0
) -> Query:
    """Note what came of a query."""
    connection.execute(
        update(_QUERIES)
        .where(_QUERIES.c.id == query.id)
        .values(state=state, records=records, run_id=run_id)
    )
    return replace(query, state=state)
