"""What is true of the simulated tenant, said plainly: the account collected facts are held against.

Everything is computed from the state alone, by other code than what answers requests. An
environment that refuses us keeps its facts here; its `admin_readable` and `dataverse_readable`
say that an honest reader cannot know them, and `sources` names who shows a thing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, Protocol, TypeVar

from connectory.simulator import (
    truth_of_agents,
    truth_of_assets,
    truth_of_connections,
    truth_of_drift,
    truth_of_entitlements,
    truth_of_events,
    truth_of_leavers,
    truth_of_licences,
    truth_of_owners,
    truth_of_policies,
    truth_of_use,
)
from connectory.simulator.call_store import CallStore
from connectory.simulator.state import (
    App,
    Connection,
    ConnectionReference,
    Connector,
    Environment,
    Flow,
    Json,
    Person,
    Tenant,
)

RECYCLED: Final = timedelta(days=30)
"""How long the directory still shows a deleted person."""


def truth(tenant: Tenant, calls: CallStore | None = None) -> dict[str, Any]:
    """Return every fact of the tenant at its present clock, ready for JSON.

    Of calls it tells what is known by `calls`, which hold none if they are left out.

    Deleted things and things in deleted environments are left out, except that deleted
    environments and people in the directory's recycle bin (30 days) are listed as deleted.
    Times are ISO 8601 with offset; lists are sorted by id.
    """
    return {
        "now": tenant.now.isoformat(),
        "tenant_id": tenant.id,
        "environments": _sorted(_environment(e) for e in tenant.environments.values()),
        "people": _sorted(_people(tenant)),
        "memberships": _memberships(tenant),
        "connectors": _sorted(_connectors(tenant)),
        "permissions": _permissions(tenant),
        **_people_and_use(tenant, calls or CallStore()),
        "connections": _sorted(_connection(c) for c in _here(tenant, tenant.connections)),
        "connection_references": _sorted(
            _reference(r) for r in _here(tenant, tenant.connection_references)
        ),
        "flows": _sorted(_flow(tenant, f) for f in _here(tenant, tenant.flows)),
        "apps": _sorted(_app(a) for a in _here(tenant, tenant.apps)),
        "agents": truth_of_agents.agents(tenant, _here(tenant, tenant.agents)),
        "app_permissions": truth_of_assets.app_permissions(_here(tenant, tenant.apps), tenant),
        "flow_permissions": truth_of_assets.flow_permissions(_here(tenant, tenant.flows), tenant),
        "audit_events": truth_of_events.audit_events(tenant),
        "flow_runs": truth_of_events.flow_runs(_here(tenant, tenant.flows), tenant),
        "connection_permissions": truth_of_assets.connection_permissions(
            _here(tenant, tenant.connections), tenant
        ),
        "connection_findings": truth_of_connections.connection_findings(
            tenant,
            _here(tenant, tenant.connectors),
            _here(tenant, tenant.connections),
            _here(tenant, tenant.connection_references),
            _here(tenant, tenant.flows),
            _here(tenant, tenant.apps),
        ),
        "drift": truth_of_drift.drift(
            tenant, _here(tenant, tenant.connectors), _here(tenant, tenant.flows)
        ),
        "licence_verdicts": truth_of_licences.licence_verdicts(tenant),
        "licence_verdicts_of_flows": truth_of_licences.flow_verdicts(tenant),
        "connection_cases": truth_of_connections.planted(tenant),
        **truth_of_entitlements.entitlements(tenant),
        **truth_of_policies.policies(tenant),
    }


def _people_and_use(tenant: Tenant, calls: CallStore) -> Json:
    connectors, flows = _here(tenant, tenant.connectors), _here(tenant, tenant.flows)
    apps = _here(tenant, tenant.apps)
    assets = truth_of_leavers.Assets(
        connectors,
        _here(tenant, tenant.connections),
        _here(tenant, tenant.connection_references),
        flows,
        apps,
        _here(tenant, tenant.agents),
    )
    return {
        "owner_verdicts": truth_of_owners.owner_verdicts(tenant, connectors),
        "owner_cases": truth_of_owners.planted(tenant),
        "use": truth_of_use.use(tenant, calls, connectors, flows, apps),
        "leavers": truth_of_leavers.leavers(tenant, calls, assets),
    }


class _Placed(Protocol):
    environment: str
    deleted: datetime | None


Thing = TypeVar("Thing", bound=_Placed)


def _here(tenant: Tenant, things: Sequence[Thing]) -> list[Thing]:
    """Keep what exists now in an environment that exists now."""
    gone = {name for name, e in tenant.environments.items() if e.deleted is not None}
    return [thing for thing in things if thing.deleted is None and thing.environment not in gone]


def _sorted(rows: Iterable[Json]) -> list[Json]:
    keys = ("environment_id", "id", "name", "dataverse_id")
    return sorted(rows, key=lambda row: tuple(str(row.get(key)) for key in keys))


def _environment(environment: Environment) -> Json:
    database = environment.dataverse
    return {
        "id": environment.name,
        "display_name": environment.display_name,
        "sku": environment.sku,
        "location": environment.location,
        "has_dataverse": database is not None,
        "is_default": environment.is_default,
        "managed": environment.managed,
        "group_id": environment.group,
        "deleted": environment.deleted is not None,
        "created": environment.created.isoformat(),
        "admin_readable": environment.admin_readable,
        "dataverse_readable": database is not None and database.application_user,
    }


def _people(tenant: Tenant) -> Iterable[Json]:
    for person in tenant.people.values():
        if person.deleted is None or tenant.now - person.deleted < RECYCLED:
            yield _person(person)
    for group in tenant.groups.values():
        if group.deleted is None:
            told = {"id": group.id, "kind": "group", "display_name": group.display_name}
            yield {**_NOBODY, **told, "mail": group.mail}
    for principal in tenant.service_principals.values():
        yield {
            **_NOBODY,
            "id": principal.id,
            "kind": "service_principal",
            "display_name": principal.display_name,
            "enabled": principal.enabled,
            "app_id": principal.app_id,
        }


_NOBODY: Final[Json] = {
    "user_principal_name": None, "mail": None, "enabled": None, "department": None,
    "job_title": None, "manager_id": None, "deleted": False, "app_id": None,
}  # fmt: skip


def _person(person: Person) -> Json:
    return {
        "id": person.id,
        "kind": "guest" if person.user_type == "Guest" else "user",
        "display_name": person.display_name,
        "user_principal_name": person.user_principal_name,
        "mail": person.mail,
        "enabled": person.enabled,
        "department": person.department,
        "job_title": person.job_title,
        "manager_id": person.manager_id,
        "deleted": person.deleted is not None,
        "app_id": None,
    }


def _memberships(tenant: Tenant) -> list[Json]:
    return [
        {"group_id": group.id, "member_id": member}
        for group in sorted(tenant.groups.values(), key=lambda group: group.id)
        if group.deleted is None
        for member in sorted(_members(tenant, group.id))
    ]


def _members(tenant: Tenant, group_id: str) -> set[str]:
    """Collect the people below a group; a group that contains itself is entered once."""
    found: set[str] = set()
    entered: set[str] = set()
    ahead = [group_id]
    while ahead:
        name = ahead.pop()
        group, person = tenant.groups.get(name), tenant.people.get(name)
        if person is not None and person.deleted is None:
            found.add(name)
        if group is not None and group.deleted is None and name not in entered:
            entered.add(name)
            ahead += group.member_ids
    return found


def _connectors(tenant: Tenant) -> Iterable[Json]:
    used = truth_of_agents.used_in_inventory(tenant)
    for connector in _here(tenant, tenant.connectors):
        yield _connector(tenant, connector, used)


def _connector(tenant: Tenant, connector: Connector, used: set[tuple[str, str]]) -> Json:
    definition, row = connector.definition, connector.dataverse
    known = definition.operations if definition else None
    return {
        "environment_id": connector.environment,
        "name": connector.name,
        "dataverse_id": row.connector_id if row else None,
        "display_name": connector.display_name,
        "created_by": connector.created_by,
        "created": connector.created.isoformat(),
        "changed": connector.changed.isoformat(),
        "sources": _connector_sources(tenant, connector, used),
        "backend_url": connector.backend_url,
        "definition_sha256": (
            hashlib.sha256(definition.content).hexdigest() if definition else None
        ),
        "operations": None if known is None else sorted(str(o["operationId"]) for o in known),
        "policies": len(connector.policies),
        "script_operations": list(connector.script_operations),
        "owner_id": row.owner_id if row else None,
        "family": connector.family,
        "runtime_deleted": connector.runtime_deleted is not None,
    }


def _connector_sources(
    tenant: Tenant, connector: Connector, used: set[tuple[str, str]]
) -> list[str]:
    """Name who shows a connector: the makers' list to the collector, the inventory to people."""
    environment = tenant.environments[connector.environment]
    runs = connector.name is not None and connector.runtime_deleted is None
    runtime = runs and environment.admin_readable
    database = environment.dataverse
    place = (connector.environment.casefold(), (connector.name or "").casefold())
    shown = {
        "admin": runtime and connector.in_admin_list,
        "connectivity": runtime and connector.in_connectivity,
        "dataverse": (
            connector.dataverse is not None and database is not None and database.application_user
        ),
        "inventory": place in used,
        "maker_list": runs and truth_of_agents.shared_with_collector(tenant, connector),
    }
    return [name for name, visible in shown.items() if visible]


def _permissions(tenant: Tenant) -> list[Json]:
    rows = [
        {
            "environment_id": connector.environment,
            "connector": connector.name,
            "principal_type": permission.principal_type,
            "principal_id": permission.principal_id,
            "role": permission.role,
        }
        for connector in _here(tenant, tenant.connectors)
        for permission in connector.permissions
        if connector.name is not None
    ]
    return sorted(rows, key=lambda row: tuple(map(str, row.values())))


def _connection(connection: Connection) -> Json:
    statuses = [str(element["status"]) for element in connection.statuses]
    return {
        "environment_id": connection.environment,
        "name": connection.name,
        "connector": connection.connector,
        "created_by": connection.created_by,
        "account_name": connection.account_name,
        "status": "Error" if "Error" in statuses else statuses[0] if statuses else None,
        "created": connection.created.isoformat(),
    }


def _reference(reference: ConnectionReference) -> Json:
    return {
        "environment_id": reference.environment,
        "id": reference.id,
        "logical_name": reference.logical_name,
        "connector": reference.connector,
        "connection": reference.connection,
        "owner_id": reference.owner_id,
        "active": reference.active,
    }


def _flow(tenant: Tenant, flow: Flow) -> Json:
    environment = tenant.environments[flow.environment]
    database = environment.dataverse
    shown = {
        "dataverse": (
            flow.workflow_id is not None and database is not None and database.application_user
        ),
        "flow_api": flow.in_flow_api and environment.admin_readable,
    }
    operations = [
        {
            "connector": call.connector,
            "operation_id": call.operation_id,
            "action": call.action,
            "trigger": call.trigger,
        }
        for call in flow.calls
    ]
    references = [
        {
            "connector": reference.connector,
            "connection": reference.connection,
            "reference_logical_name": reference.reference_logical_name,
            "invoker": reference.invoker,
        }
        for reference in flow.references
    ]
    return {
        "environment_id": flow.environment,
        "id": flow.name,
        "workflow_id": flow.workflow_id,
        "display_name": flow.display_name,
        "state": flow.state,
        "creator_id": flow.creator_id,
        "owner_id": flow.owner_id,
        "sources": [name for name, visible in shown.items() if visible],
        "operations": sorted(operations, key=lambda row: tuple(map(str, row.values()))),
        "references": sorted(references, key=lambda row: tuple(map(str, row.values()))),
    }


def _app(app: App) -> Json:
    return {
        "environment_id": app.environment,
        "id": app.name,
        "display_name": app.display_name,
        "owner_id": app.owner_id,
        "connectors": sorted({reference.connector for reference in app.references}),
        "flows": sorted({r.flow for r in app.references if r.flow is not None}),
        "shared_users": app.shared_users,
        "shared_groups": app.shared_groups,
    }
