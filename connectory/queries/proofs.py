"""When each source last said what a verdict on ownership rests on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, and_, func, select

from connectory.queries.tables import ENVIRONMENTS, SOURCES, STEPS, alias

_OF_TENANT = {
    "users": "people",
    "deleted_users": "people",
    "service_principals": "people",
    "groups": "group_members",
}
"""Collector of each source of the directory."""


@dataclass(frozen=True, slots=True)
class Proofs:
    """When sources were last read whole.

    Attributes:
        tenant: Of the directory, by source.
        permissions: Of permissions, by environment.
    """

    tenant: Mapping[str, datetime]
    permissions: Mapping[int, datetime]

    def at(self, source: str | None, environment_id: int) -> datetime | None:
        """Return when a source was last read whole for a connector of an environment, if ever."""
        if source == "permissions":
            return self.permissions.get(environment_id)
        return self.tenant.get(source or "")


def proofs(connection: Connection, run_id: int) -> Proofs:
    """Return when each source of ownership was last read whole up to a run.

    Args:
        connection: Open transaction on the store.
        run_id: As of which run.
    """
    whole = and_(SOURCES.c.step_id == STEPS.c.id, SOURCES.c.outcome == "complete")
    tenant = (
        select(SOURCES.c.source, STEPS.c.collector, func.max(STEPS.c.started_at))
        .join(SOURCES, whole)
        .where(
            STEPS.c.collector.in_(sorted(set(_OF_TENANT.values()))),
            STEPS.c.environment_id.is_(None),
            STEPS.c.run_id <= run_id,
        )
        .group_by(SOURCES.c.source, STEPS.c.collector)
    )
    # Asked once an environment, each by the index of its steps: a store has many more of these.
    step, source = alias(STEPS, "read"), alias(SOURCES, "of_read")
    newest = (
        select(step.c.started_at)
        .join(source, and_(source.c.step_id == step.c.id, source.c.outcome == "complete"))
        .where(
            step.c.collector == "permissions",
            step.c.environment_id == ENVIRONMENTS.c.id,
            step.c.run_id <= run_id,
            source.c.source == "permissions",
        )
        .order_by(step.c.run_id.desc())
        .limit(1)
        .scalar_subquery()
    )
    read = connection.execute(select(ENVIRONMENTS.c.id, newest))
    return Proofs(
        {
            source: at
            for source, collector, at in connection.execute(tenant)
            if _OF_TENANT.get(source) == collector
        },
        {environment: at for environment, at in read if at is not None},
    )
