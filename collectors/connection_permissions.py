"""With whom connections are shared: those to custom connectors, and of these that may be shared.

Source: role assignments of the admin API, one request each; the list of connections has no flag
for it. Whoever made a connection holds the role Owner and is told like the others.
"""

from __future__ import annotations

from typing import Any

from collectors.api.paging import NextLink
from collectors.asset_permissions import worth_asking
from collectors.contract import Collector, StepContext
from collectors.nouns import CONNECTION_PERMISSIONS, CONNECTIONS
from collectors.permissions import ROLE, keep_roles
from collectors.records import every
from collectors.targets import sharable_connections


def collect(step: StepContext) -> None:
    """Read the roles on each connection that is worth asking about."""
    if not worth_asking(step, "permissions", "connections", "admin_list"):
        return
    with step.reading("permissions") as source:
        known = sharable_connections(step.store)
        ids = {name: identity for name, (identity, _) in known.items()}
        keep_roles(
            step,
            source,
            CONNECTION_PERMISSIONS,
            ids,
            lambda name: _read(step, known[name][1], name),
            noun=CONNECTIONS,
        )


def _read(step: StepContext, connector: str, name: str) -> list[dict[str, Any]]:
    # Only the connectivity API writes dots, for connectors that no list of Power Apps shows.
    connector = connector.replace(".", "-")
    path = (
        f"/providers/Microsoft.PowerApps/scopes/admin/environments/{step.scope.name}"
        f"/apis/{connector}/connections/{name}/permissions"
    )
    pages = step.api.pages("powerapps", path, {"api-version": "2017-06-01"}, pager=NextLink())
    return list(every(pages, ROLE, path))


COLLECTOR = Collector(
    "connection_permissions", "environment", collect, after=("connectors", "connections")
)
