"""The newer Power Platform API: connectors as the caller's role lets it see them."""

from __future__ import annotations

import re

from connectory.simulator.wire import records
from connectory.simulator.wire.exchange import Json, Reply, Request, error, page
from connectory.simulator.wire.world import World

_CONNECTORS = re.compile(
    r"/connectivity/environments/([^/]+)/connectors(?:/([^/]+))?", re.IGNORECASE
)
_PAGE = 100


def answer(world: World, request: Request) -> Reply:
    """Answer a request to the Power Platform API."""
    match = _CONNECTORS.fullmatch(request.path)
    if match is None:
        return error(404, "NotFound", f"No resource at {request.path}.")
    if "environment eq" not in request.query.get("$filter", ""):
        text = "The environment filter is required although the path names the environment."
        return error(400, "MissingEnvironmentFilter", text)
    home = world.environments.get(match[1].casefold())
    if home is None or not home.admin_readable:
        return error(403, "EnvironmentAccessDenied", f"No access to environment '{match[1]}'.")
    found = world.connectors.get(home.name.casefold(), [])
    shown = [c for c in found if c.name is not None and c.in_connectivity]
    rows: list[Json] = [records.first_party(home, name) for name in records.FIRST_PARTY]
    rows += [_dotted(records.connector(world, request, home, c)) for c in shown]
    if match[2]:
        wanted = match[2].casefold()
        one = next((row for row in rows if row["name"].casefold() == wanted), None)
        return Reply(200, one) if one else error(404, "ConnectorNotFound", match[2])
    some, following = page(request, rows, _PAGE, link="@odata.nextLink")
    return Reply(200, {"value": list(some), **following})


def _dotted(record: Json) -> Json:
    """Spell a connector's name as this API does: dots where others write dashes before its parts."""
    name = record["name"].replace("-5f", ".5f")
    for secret in ("apiDefinitions", "scriptDefinitionUrl"):
        record["properties"].pop(secret, None)
    return {**record, "name": name, "id": f"/providers/Microsoft.PowerApps/apis/{name}"}
