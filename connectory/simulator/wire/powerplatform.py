"""The newer Power Platform API: connectors as the caller's role lets it see them."""

from __future__ import annotations

import re
from typing import Final

from connectory.simulator.state import Connector
from connectory.simulator.wire import allow_lists, billing, records, resources
from connectory.simulator.wire.exchange import Json, Reply, Request, error, require_api_version
from connectory.simulator.wire.paging import Pages
from connectory.simulator.wire.powerapps import denied
from connectory.simulator.wire.world import World

_CONNECTORS = re.compile(
    r"/connectivity/environments/([^/]+)/connectors(?:/([^/]+))?", re.IGNORECASE
)
_PAGES: Final = Pages(100, link="@odata.nextLink")
_SCOPE = "/providers/Microsoft.PowerApps"


def answer(world: World, request: Request) -> Reply:
    """Answer a request to the Power Platform API."""
    if request.path.casefold().startswith("/licensing/"):
        return billing.answer(world, request)
    if request.path.casefold().rstrip("/") == resources.PATH:
        return resources.answer(world, request)
    if request.path.casefold().startswith("/governance/"):
        return allow_lists.answer(world, request)
    match = _CONNECTORS.fullmatch(request.path)
    if match is None:
        return error(404, "NotFound", f"No resource at {request.path}.")
    require_api_version(request)
    if "environment eq" not in request.query.get("$filter", "").casefold():
        text = "The environment filter is required although the path names the environment."
        return error(400, "MissingEnvironmentFilter", text)
    home = world.environments.get(match[1].casefold())
    if home is None or not home.admin_readable:
        return denied(world, match[1])

    def show(row: str | Connector) -> Json:
        if isinstance(row, str):
            return records.first_party(_SCOPE, row)
        return _dotted(records.connector(world, _SCOPE, home, row))

    found = world.connectors.get(home.name.casefold(), [])
    rows: list[str | Connector] = [*records.FIRST_PARTY]
    rows += [
        c for c in found if c.name is not None and c.in_connectivity and c.runtime_deleted is None
    ]
    if match[2] is None:
        return Reply(200, _PAGES.cut(request, rows, show))
    wanted = dotted(match[2]).casefold()
    for row in rows:
        name = row if isinstance(row, str) else row.name or ""
        if dotted(name).casefold() == wanted:
            return Reply(200, show(row))
    return error(404, "ConnectorNotFound", f"Could not find the connector '{match[2]}'.")


def dotted(name: str) -> str:
    """Spell a runtime name as this API does: a dot where others write the dash before `5f`."""
    return name.replace("-5f", ".5f")


def _dotted(record: Json) -> Json:
    name = dotted(record["name"])
    for secret in ("apiDefinitions", "scriptDefinitionUrl"):
        record["properties"].pop(secret, None)
    return {**record, "name": name, "id": f"{_SCOPE}/apis/{name}"}
