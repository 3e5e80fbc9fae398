"""The world, turned into rows: each collector reads one noun from its sources."""

from collectors import (
    agents,
    apps,
    asset_permissions,
    audit,
    connection_permissions,
    connection_references,
    connections,
    connectors,
    credentials,
    environments,
    flow_runs,
    flows,
    group_members,
    inventory,
    licences,
    people,
    permissions,
    policies,
    upstream_documents,
)
from collectors.contract import Collector
from collectors.telemetry import access_logs, canvas_calls, flow_actions, gateway_logs

COLLECTORS: tuple[Collector, ...] = (
    environments.COLLECTOR,  # first: every other scope comes from its answer
    people.COLLECTOR,
    connectors.COLLECTOR,
    permissions.COLLECTOR,  # of the connectors just listed
    connections.COLLECTOR,
    connection_permissions.COLLECTOR,  # of the connections just listed
    connection_references.COLLECTOR,
    flows.COLLECTOR,
    apps.COLLECTOR,
    agents.COLLECTOR,  # whose connectors stand behind the connection references just read
    inventory.COLLECTOR,  # notes which of the connectors and agents just read it shows
    asset_permissions.COLLECTOR,  # of the flows and apps just found to use a connector
    flow_runs.COLLECTOR,  # of these flows
    group_members.COLLECTOR,  # of the groups that all those permissions name
    licences.COLLECTOR,
    policies.COLLECTOR,
    upstream_documents.COLLECTOR,  # of the APIs behind the connectors just read
    credentials.COLLECTOR,
    audit.COLLECTOR,  # of everything found until here
    gateway_logs.COLLECTOR,
    canvas_calls.COLLECTOR,
    flow_actions.COLLECTOR,  # joined to the definitions of the flows just read
    access_logs.COLLECTOR,  # whose calls are matched to the connectors just read
)

__all__ = ["COLLECTORS", "Collector"]
