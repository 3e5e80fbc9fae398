"""How completely each environment was last read, collector by collector."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, and_, func, select

from connectory.queries.tables import SOURCES, STEPS

DECIDING: Mapping[str, tuple[str, ...]] = {
    "connectors": ("admin",),
    "connections": ("admin_list",),
    "connection_permissions": ("permissions",),
    "connection_references": ("dataverse",),
    "flows": ("flow_api", "dataverse"),
    "apps": ("admin_list",),
}
"""Sources that list what a collector reads whole: short of one, what is absent proves nothing."""

_SHORT = ("partial", "refused", "failed")


@dataclass(frozen=True, slots=True)
class Reading:
    """How far a collector's latest attempt on an environment came.

    Attributes:
        whole: What the environment holds of it is known.
        reason: Why it is not; empty if it is.
        at: When that attempt started.
    """

    whole: bool
    reason: str
    at: datetime


Readings = Mapping[tuple[int, str], Reading]


def readings(connection: Connection, run_id: int, collectors: Collection[str]) -> Readings:
    """Return the latest attempt of each of these collectors on each environment up to a run.

    A pair of environment and collector that was never tried is not in the answer.
    """
    newest = (
        select(STEPS.c.collector, STEPS.c.environment_id, func.max(STEPS.c.run_id).label("run_id"))
        .where(
            STEPS.c.run_id <= run_id,
            STEPS.c.environment_id.is_not(None),
            STEPS.c.collector.in_(list(collectors)),
        )
        .group_by(STEPS.c.collector, STEPS.c.environment_id)
        .subquery("newest")
    )
    query = (
        select(
            STEPS.c.environment_id,
            STEPS.c.collector,
            STEPS.c.state,
            STEPS.c.reason,
            STEPS.c.started_at,
            SOURCES.c.source,
            SOURCES.c.outcome,
            SOURCES.c.reason.label("why"),
        )
        .join(
            newest,
            and_(
                newest.c.run_id == STEPS.c.run_id,
                newest.c.collector == STEPS.c.collector,
                newest.c.environment_id == STEPS.c.environment_id,
            ),
        )
        .outerjoin(SOURCES, SOURCES.c.step_id == STEPS.c.id)
        .order_by(STEPS.c.id, SOURCES.c.id)
    )
    found: dict[tuple[int, str], Reading] = {}
    for row in connection.execute(query):
        place = row.environment_id, row.collector
        if place not in found:
            broken = row.state in {"failed", "running"}
            found[place] = Reading(not broken, row.reason or "" if broken else "", row.started_at)
        if row.source in DECIDING.get(row.collector, ()) and row.outcome in _SHORT:
            found[place] = Reading(whole=False, reason=row.why or row.outcome, at=row.started_at)
    return found
