"""The world, turned into rows: each collector reads one noun from its sources."""

from collectors import (
    apps,
    connection_references,
    connections,
    connectors,
    environments,
    flows,
    group_members,
    people,
    permissions,
)
from collectors.contract import Collector

COLLECTORS: tuple[Collector, ...] = (
    environments.COLLECTOR,  # first: every other scope comes from its answer
    people.COLLECTOR,
    connectors.COLLECTOR,
    permissions.COLLECTOR,  # of the connectors just listed
    group_members.COLLECTOR,  # of the groups those permissions name
    connections.COLLECTOR,
    connection_references.COLLECTOR,
    flows.COLLECTOR,
    apps.COLLECTOR,
)

__all__ = ["COLLECTORS", "Collector"]
