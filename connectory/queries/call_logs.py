"""Which logs of calls are read, how far, and what of them belongs to nothing or is lost."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from typing import Any

import pandas as pd
from sqlalchemy import Connection, func, select

from connectory.queries.call_tables import (
    ENDPOINTS,
    FILES,
    GAPS,
    OPERATIONS,
    READS,
    TARGETS,
    Window,
    read_by,
    total,
    within,
)
from connectory.queries.frames import Schema, frame
from connectory.queries.moments import Moment

_FILES_OF = "access_logs"
_MATCHED = ("path", "operation_id")
_LOGS: Schema = {
    "source": "text",
    "log": "text",
    "read_to": "time",
    "files": "number",
    "bad_lines": "number",
    "late_rows": "number",
    "lost": "count",
    "lost_to": "time",
}
_UNMATCHED: Schema = {"source": "text", "reason": "text", "calls": "count"}


def call_logs(connection: Connection, moment: Moment) -> pd.DataFrame:
    """Return every log of calls that was read up to a moment.

    read_to: when its service had taken in the last of what was read; of files, the latest call in
    them. lost: stretches that can no longer be read, the last of which ends at lost_to.
    """
    gaps: dict[tuple[str, str], tuple[int, datetime]] = {}
    query = (
        select(GAPS.c.source, GAPS.c.log, func.count(), func.max(GAPS.c.to_at))
        .where(GAPS.c.run_id <= moment.run_id)
        .group_by(GAPS.c.source, GAPS.c.log)
    )
    for source, log, number, last in connection.execute(query):
        gaps[source, log] = number, last
    found: list[tuple[Any, ...]] = []
    reads = select(READS.c.source, READS.c.log, READS.c.name, READS.c.read_to).order_by(
        READS.c.source, READS.c.name
    )
    for source, log, name, read_to in connection.execute(reads):
        lost = gaps.get((source, log), (0, pd.NaT))
        found.append((source, name, read_to, pd.NA, pd.NA, pd.NA, *lost))
    files = (
        select(
            FILES.c.log,
            func.max(FILES.c.last_at),
            func.count(),
            total(FILES.c.bad_lines),
            total(FILES.c.late_rows),
        )
        .where(read_by(moment))
        .group_by(FILES.c.log)
        .order_by(FILES.c.log)
    )
    for log, last, *numbers in connection.execute(files):
        found.append((_FILES_OF, log, last, *numbers, 0, pd.NaT))
    return frame(found, _LOGS)


def unmatched_by_source(connection: Connection, window: Window) -> pd.DataFrame:
    """Return by source and reason how many calls belong to no operation, the most first."""
    query = (
        select(TARGETS.c.source, ENDPOINTS.c.matched_by, total(OPERATIONS.c.calls))
        .select_from(
            OPERATIONS.join(ENDPOINTS, ENDPOINTS.c.id == OPERATIONS.c.endpoint_id).join(
                TARGETS, TARGETS.c.id == OPERATIONS.c.target_id
            )
        )
        .where(within(OPERATIONS.c.day, window), ENDPOINTS.c.matched_by.not_in(_MATCHED))
        .group_by(TARGETS.c.source, ENDPOINTS.c.matched_by)
    )
    sums: dict[tuple[str, str], int] = defaultdict(int)
    for source, reason, calls in connection.execute(query):
        sums[source, reason] += calls
    rows = sorted(sums.items(), key=lambda one: (-one[1], one[0]))
    return frame([(*key, calls) for key, calls in rows], _UNMATCHED)
