"""Every fact of a store as its rows are: where they are the same, so is all that it tells."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Engine

import models
from connectory.database import reading

_BOOKS = {
    "alerts_sent",
    "assessments",
    "detail_reads",
    "leases",
    "runs",
    "schedule_events",
    "step_sources",
    "steps",
    "store_tenant",
}
"""Tables of what was done, not of what a tenant holds."""
_DONE = {"last_run", "run_id"}
"""Columns of the same kind."""


def facts(engine: Engine) -> dict[str, list[tuple[Any, ...]]]:
    """Return all rows, in their order, of every table that holds facts; by its name."""
    found = {}
    with reading(engine) as connection:
        for table in models.Base.metadata.sorted_tables:
            if table.name in _BOOKS:
                continue
            columns = ", ".join(c.name for c in table.columns if c.name not in _DONE)
            order = ", ".join(c.name for c in table.primary_key)
            query = f"SELECT {columns} FROM {table.name} ORDER BY {order}"  # noqa: S608
            found[table.name] = [tuple(r) for r in connection.exec_driver_sql(query)]
    return found
