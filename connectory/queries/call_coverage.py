"""What logs tell that belongs to no operation, and which files were read."""

from __future__ import annotations

import pandas as pd
from sqlalchemy import Connection, and_, func, select

from connectory.domain import evidence
from connectory.queries.call_tables import (
    ENDPOINTS,
    EVERY,
    FILES,
    OPERATIONS,
    TARGETS,
    Chosen,
    Window,
    moment_of,
    read_by,
    total,
    within,
)
from connectory.queries.frames import Schema, frame, framed
from connectory.queries.moments import Moment
from connectory.queries.tables import ENVIRONMENT_VERSIONS, ENVIRONMENTS, environment_name

_MATCHED = ("path", "operation_id")
_UNMATCHED: Schema = {
    "evidence": "text",
    "source": "text",
    "address": "text",
    "environment": "text",
    "method": "text",
    "path": "text",
    "operation": "text",
    "reason": "text",
    "connector_id": "number",
    "calls": "count",
    "last_used": "time",
}
_FILES: Schema = {
    "log": "text",
    "file": "text",
    "rows": "count",
    "new_rows": "count",
    "late_rows": "count",
    "bad_lines": "count",
    "first_bad": "text",
    "first_at": "time",
    "last_at": "time",
}


def unmatched_calls(connection: Connection, window: Window, chosen: Chosen = EVERY) -> pd.DataFrame:
    """Return calls that belong to no operation that is known, with the reason, the most first.

    Each source tells its own: two may tell of the same calls. Those of an operation that the
    definition of one connector alone does not have name the connector, and are among its calls;
    those without a connector are in no other figure. environment: by its name where it is known.
    """
    columns = (
        TARGETS.c.source,
        TARGETS.c.address,
        func.coalesce(environment_name(), ENDPOINTS.c.environment_key),
        ENDPOINTS.c.method,
        ENDPOINTS.c.path,
        ENDPOINTS.c.operation,
        ENDPOINTS.c.matched_by,
        ENDPOINTS.c.connector_id,
    )
    query = (
        select(*columns, total(OPERATIONS.c.calls), func.max(OPERATIONS.c.day))
        .select_from(
            OPERATIONS.join(ENDPOINTS, ENDPOINTS.c.id == OPERATIONS.c.endpoint_id)
            .join(TARGETS, TARGETS.c.id == OPERATIONS.c.target_id)
            .outerjoin(ENVIRONMENTS, ENVIRONMENTS.c.key == ENDPOINTS.c.environment_key)
            .outerjoin(
                ENVIRONMENT_VERSIONS,
                and_(
                    ENVIRONMENT_VERSIONS.c.environment_id == ENVIRONMENTS.c.id,
                    ENVIRONMENT_VERSIONS.c.to_run.is_(None),
                ),
            )
        )
        .where(
            within(OPERATIONS.c.day, window),
            ENDPOINTS.c.matched_by.not_in(_MATCHED),
            chosen.holds(ENDPOINTS.c.connector_id) | ENDPOINTS.c.connector_id.is_(None),
        )
        .group_by(*columns)
        .order_by(total(OPERATIONS.c.calls).desc(), *columns[:-1])
    )
    found = [
        (_grade(source), source, *rest, moment_of(last))
        for source, *rest, last in connection.execute(query)
    ]
    return frame(found, _UNMATCHED)


def _grade(source: str) -> str | None:
    rank = evidence.place(source)
    return evidence.RANKED[rank].evidence if rank < len(evidence.RANKED) else None


def any_told(connection: Connection) -> bool:
    """Tell whether any source ever told of a call."""
    return connection.scalar(select(TARGETS.c.id).limit(1)) is not None


def log_files(connection: Connection, moment: Moment) -> pd.DataFrame:
    """Return every log file that was read up to a moment, the newest calls first."""
    query = (
        select(
            FILES.c.log,
            FILES.c.name,
            FILES.c.rows,
            FILES.c.new_rows,
            FILES.c.late_rows,
            FILES.c.bad_lines,
            FILES.c.first_bad,
            FILES.c.first_at,
            FILES.c.last_at,
        )
        .where(read_by(moment))
        .order_by(FILES.c.last_at.desc(), FILES.c.id)
    )
    return framed(connection, query, _FILES)
