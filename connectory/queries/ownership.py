"""Facts about who owns each connector, for the verdict on ownership."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from sqlalchemy import Connection, Table, and_, or_, select

from connectory.domain.ownership import Holder, OwnerFacts, Proof, person_state
from models import (
    Connector,
    ConnectorPermission,
    ConnectorVersion,
    DetailRead,
    GroupMember,
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
_MEMBERS = cast("Table", GroupMember.__table__)
_STEPS = cast("Table", Step.__table__)
_SOURCES = cast("Table", StepSource.__table__)

_DIRECTORY = {"users", "deleted_users", "service_principals"}
_ROLES = ("Owner", "CanEdit")


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
    groups = _groups(connection, run_id, answered=answered)
    owners: dict[int, list[Holder]] = defaultdict(list)
    editors: dict[int, list[Holder]] = defaultdict(list)
    seen: set[int] = set(connection.scalars(_assigned(run_id)))
    for row in connection.execute(_assignments(run_id)):
        holders = owners if row.role == "Owner" else editors
        holders[row.connector_id].append(_holder(row, groups, answered=answered))
    query = (
        select(_CONNECTORS.c.id)
        .join(_VERSIONS, _VERSIONS.c.connector_id == _CONNECTORS.c.id)
        .where(holds(_VERSIONS, run_id), _VERSIONS.c.presence != "gone")
    )
    return {
        row.id: OwnerFacts(
            owners=tuple(owners[row.id]),
            editors=tuple(editors[row.id]),
            permissions_read=row.id in seen or row.id in asked,
        )
        for row in connection.execute(query)
    }


def _assigned(run_id: int) -> Any:
    """Return the connectors on which anybody holds a role."""
    return select(_PERMISSIONS.c.connector_id).distinct().where(holds(_PERMISSIONS, run_id))


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
            _PEOPLE.c.presence_reason,
        )
        .select_from(_PERMISSIONS)
        .outerjoin(people, _PRINCIPALS.c.key == _PERMISSIONS.c.principal_key)
        .where(holds(_PERMISSIONS, run_id), _PERMISSIONS.c.role.in_(_ROLES))
        .order_by(_PERMISSIONS.c.connector_id, _PERMISSIONS.c.id)
    )


@dataclass(slots=True)
class _Group:
    """Who is in a group: people in working order, and how many could not be resolved."""

    working: set[str] = field(default_factory=set)
    unresolved: int = 0


def _groups(connection: Connection, run_id: int, *, answered: bool) -> dict[str, _Group]:
    """Return who is in the groups that own or may edit a connector."""
    people = _PRINCIPALS.join(
        _PEOPLE, and_(_PEOPLE.c.principal_id == _PRINCIPALS.c.id, holds(_PEOPLE, run_id))
    )
    holding = select(_PERMISSIONS.c.principal_key).where(
        holds(_PERMISSIONS, run_id),
        _PERMISSIONS.c.principal_type == "group",
        _PERMISSIONS.c.role.in_(_ROLES),
    )
    query = (
        select(_MEMBERS.c.group_key, _MEMBERS.c.member_key, _PEOPLE.c.presence, _PEOPLE.c.enabled)
        .select_from(_MEMBERS)
        .outerjoin(people, _PRINCIPALS.c.key == _MEMBERS.c.member_key)
        .where(holds(_MEMBERS, run_id), _MEMBERS.c.group_key.in_(holding))
    )
    found: dict[str, _Group] = defaultdict(_Group)
    for group, member, presence, enabled in connection.execute(query):
        state = person_state(presence=presence, enabled=enabled, answered=answered)
        if state == "present":
            found[group].working.add(member)
        elif state == "unresolved":
            found[group].unresolved += 1
    return found


def _holder(row: Any, groups: Mapping[str, _Group], *, answered: bool) -> Holder:
    kind = row.kind or row.principal_type
    if kind == "tenant":
        return Holder(row.principal_key, kind, "present", "permissions")
    if kind == "group":
        return _group_holder(row, groups)
    state = person_state(presence=row.presence, enabled=row.enabled, answered=answered)
    source: Proof = "service_principals" if kind == "service_principal" else "users"
    if kind != "service_principal" and row.presence_reason == "deleted":
        source = "deleted_users"
    return Holder(row.principal_key, kind, state, source)


def _group_holder(row: Any, groups: Mapping[str, _Group]) -> Holder:
    """Return a group; each is read by itself, so that one nobody read is never a deleted one."""
    state = person_state(presence=row.presence, enabled=None, answered=False)
    if state != "present":
        return Holder(row.principal_key, "group", state, "groups")
    told = groups.get(row.principal_key, _Group())
    if not told.working and told.unresolved:
        return Holder(row.principal_key, "group", "unresolved", "users")
    return Holder(row.principal_key, "group", "present", "groups", frozenset(told.working))


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
