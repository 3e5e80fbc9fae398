"""Facts about who owns each connector, for the verdict on ownership."""

from __future__ import annotations

from collections import defaultdict
from typing import Any, cast

from sqlalchemy import Connection, Table, and_, or_, select

from connectory.domain.ownership import Owner, OwnerFacts
from models import (
    Connector,
    ConnectorPermission,
    ConnectorVersion,
    DetailRead,
    Principal,
    PrincipalVersion,
    Step,
    StepSource,
)

_CONNECTORS = cast("Table", Connector.__table__)
_VERSIONS = cast("Table", ConnectorVersion.__table__)
_READS = cast("Table", DetailRead.__table__)
_PERMISSIONS = cast("Table", ConnectorPermission.__table__)
_PRINCIPALS = cast("Table", Principal.__table__)
_PEOPLE = cast("Table", PrincipalVersion.__table__)
_STEPS = cast("Table", Step.__table__)
_SOURCES = cast("Table", StepSource.__table__)

_DIRECTORY = {"users", "deleted_users", "service_principals"}


def holds(table: Table, run_id: int) -> Any:
    """Return the condition that an interval of `table` covers a run."""
    return and_(table.c.from_run <= run_id, or_(table.c.to_run.is_(None), table.c.to_run > run_id))


def owner_facts(connection: Connection, run_id: int) -> dict[int, OwnerFacts]:
    """Return the facts on ownership of every connector that is not gone.

    Args:
        connection: Open transaction on the store.
        run_id: The run they are asked for.

    Returns:
        Facts by surrogate key of the connector.
    """
    answered = _directory_answered(connection, run_id)
    asked = _asked_about(connection)
    owners: dict[int, list[Owner]] = defaultdict(list)
    editors: dict[int, int] = defaultdict(int)
    seen: set[int] = set()
    for row in connection.execute(_assignments(run_id)):
        seen.add(row.connector_id)
        state = _state(row, answered=answered)
        if row.role == "Owner":
            kind = row.kind or row.principal_type
            owners[row.connector_id].append(Owner(row.principal_key, kind, state))
        elif row.role == "CanEdit" and state == "present":
            editors[row.connector_id] += 1
    query = (
        select(_CONNECTORS.c.id)
        .join(_VERSIONS, _VERSIONS.c.connector_id == _CONNECTORS.c.id)
        .where(holds(_VERSIONS, run_id), _VERSIONS.c.presence != "gone")
    )
    return {
        row.id: OwnerFacts(
            owners=tuple(owners[row.id]),
            editors=editors[row.id],
            permissions_read=row.id in seen or row.id in asked,
        )
        for row in connection.execute(query)
    }


def _assignments(run_id: int) -> Any:
    people = _PRINCIPALS.join(
        _PEOPLE, and_(_PEOPLE.c.principal_id == _PRINCIPALS.c.id, holds(_PEOPLE, run_id))
    )
    return (
        select(
            _PERMISSIONS.c.connector_id,
            _PERMISSIONS.c.principal_key,
            _PERMISSIONS.c.principal_type,
            _PERMISSIONS.c.role,
            _PEOPLE.c.kind,
            _PEOPLE.c.enabled,
            _PEOPLE.c.presence,
        )
        .select_from(_PERMISSIONS)
        .outerjoin(people, _PRINCIPALS.c.key == _PERMISSIONS.c.principal_key)
        .where(holds(_PERMISSIONS, run_id))
        .order_by(_PERMISSIONS.c.connector_id, _PERMISSIONS.c.id)
    )


def _state(row: Any, *, answered: bool) -> Any:
    if row.principal_type == "tenant":
        return "present"
    if row.presence is None:
        return "deleted" if answered and row.principal_type != "group" else "unresolved"
    if row.presence == "gone":
        return "deleted"
    return "disabled" if row.enabled is False else "present"


def _directory_answered(connection: Connection, run_id: int) -> bool:
    """Tell whether the directory was last read whole: only then does absence prove anything."""
    latest = (
        select(_STEPS.c.id)
        .where(_STEPS.c.collector == "people", _STEPS.c.run_id <= run_id)
        .where(_STEPS.c.state != "running")
        .order_by(_STEPS.c.run_id.desc())
        .limit(1)
        .scalar_subquery()
    )
    rows = connection.execute(
        select(_SOURCES.c.source).where(
            _SOURCES.c.step_id == latest, _SOURCES.c.outcome == "complete"
        )
    )
    return set(rows.scalars()) >= _DIRECTORY


def _asked_about(connection: Connection) -> set[int]:
    """Return the connectors whose permissions were ever read, whatever they said.

    An environment read whole proves nothing of a connector that only other sources show there:
    the permissions are asked of those on the administrators' list.
    """
    return set(
        connection.scalars(
            select(_READS.c.entity_id).where(
                _READS.c.noun == _CONNECTORS.name, _READS.c.detail == "roles"
            )
        )
    )
