"""What is true of agents, and of who shows what besides the lists of one environment."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from connectory.simulator.state import Agent, Connector, Environment, Json, Tenant


def agents(tenant: Tenant, here: Sequence[Agent]) -> list[Json]:
    """Return the agents, with who shows each: the inventory shows them to people only."""
    rows = (_agent(tenant.environments[agent.environment], agent) for agent in here)
    return sorted(rows, key=lambda row: (row["environment_id"], row["id"]))


def _agent(home: Environment, agent: Agent) -> Json:
    database = home.dataverse
    shown = {
        "dataverse": database is not None and database.application_user,
        "inventory": agent.in_inventory,
    }
    operations = [
        {
            "component": call.component,
            "connector": call.connector,
            "operation_id": call.operation_id,
            "invoker": call.invoker,
        }
        for call in agent.calls
    ]
    return {
        "environment_id": agent.environment,
        "id": agent.id,
        "display_name": agent.display_name,
        "owner_id": agent.owner_id,
        "active": agent.active,
        "created": agent.created.isoformat(),
        "published": agent.published.isoformat() if agent.published else None,
        "sources": [name for name, visible in shown.items() if visible],
        "operations": sorted(operations, key=lambda row: tuple(map(str, row.values()))),
    }


def shared_with_collector(tenant: Tenant, connector: Connector) -> bool:
    """Tell whether the collecting application was given a role on a connector."""
    own = {p.id for p in tenant.service_principals.values() if p.app_id == tenant.collector_app_id}
    return any(held.principal_id in own for held in connector.permissions)


def used_in_inventory(tenant: Tenant) -> set[tuple[str, str]]:
    """Return environment and connector, case-folded, of every use that the inventory tells."""
    used: set[tuple[str, str]] = set()
    for home, names in _uses(tenant):
        if tenant.environments[home].deleted is None:
            used |= {(home.casefold(), name.casefold()) for name in names}
    return used


def _uses(tenant: Tenant) -> Iterable[tuple[str, set[str]]]:
    for flow in tenant.flows:
        if flow.deleted is None:
            called = {call.connector for call in flow.calls}
            yield flow.environment, called | {r.connector for r in flow.references}
    for app in tenant.apps:
        if app.deleted is None:
            yield app.environment, {r.connector for r in app.references}
    for agent in tenant.agents:
        if agent.deleted is None and agent.in_inventory:
            yield agent.environment, {c.connector for c in agent.calls}
