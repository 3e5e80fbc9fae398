"""The world, turned into rows: each collector reads one noun from its sources."""

from collectors import (
    apps,
    asset_permissions,
    audit,
    connection_references,
    connections,
    connectors,
    credentials,
    environments,
    flow_runs,
    flows,
    group_members,
    licences,
    people,
    permissions,
    policies,
)
from collectors.contract import Collector

COLLECTORS: tuple[Collector, ...] = (
    environments.COLLECTOR,  # first: every other scope comes from its answer
    people.COLLECTOR,
    connectors.COLLECTOR,
    permissions.COLLECTOR,  # of the connectors just listed
    connections.COLLECTOR,
    connection_references.COLLECTOR,
    flows.COLLECTOR,
    apps.COLLECTOR,
    asset_permissions.COLLECTOR,  # of the flows and apps just found to use a connector
    flow_runs.COLLECTOR,  # of these flows
    group_members.COLLECTOR,  # of the groups that all those permissions name
    licences.COLLECTOR,
    policies.COLLECTOR,
    credentials.COLLECTOR,
    audit.COLLECTOR,  # of everything found until here
)

__all__ = ["COLLECTORS", "Collector"]
