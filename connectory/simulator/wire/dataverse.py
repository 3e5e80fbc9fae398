"""An environment's Dataverse, as its Web API answers."""

from __future__ import annotations

import re
from typing import Final

from connectory.simulator.state import Dataverse, Environment
from connectory.simulator.wire.exchange import Json, Reply, Request, error, selected
from connectory.simulator.wire.filters import parsed, unknown_column
from connectory.simulator.wire.paging import Pages
from connectory.simulator.wire.tables import TABLES, Table
from connectory.simulator.wire.world import World, derived, system_user

_PATH = re.compile(r"/api/data/v9\.[0-2]/([a-z_]+)(?:\(([^)]*)\))?/?", re.IGNORECASE)
_SIZE = re.compile(r"odata\.maxpagesize=(\d+)")
_LOGICAL = re.compile(r"logicalname='([^']*)'", re.IGNORECASE)
_AGENTS: Final = frozenset({"bots", "botcomponents"})
_PAGES: Final = Pages(5000, link="@odata.nextLink", cookie=True)


def answer(world: World, request: Request) -> Reply:
    """Answer a request to one environment's Dataverse."""
    home = world.by_host.get(request.host)
    if home is None or home.dataverse is None:
        return error(404, "0x80040217", f"No organization at {request.host}.")
    if request.app_only and not home.dataverse.application_user:
        return error(403, "0x80072560", "The user is not a member of the organization.")
    match = _PATH.fullmatch(request.path)
    if match is None:
        return _unknown(request.path)
    name, key = match[1].casefold(), match[2]
    if name == "whoami":
        reply = Reply(200, _who(request, home, home.dataverse))
    elif name == "entitydefinitions":
        reply = _definitions(request, key)
    elif name in _AGENTS and not world.settings.agent_tables:
        reply = _unknown(match[1])
    elif name in TABLES:
        reply = _rows(world, request, home, TABLES[name], name, key)
    else:
        reply = _unknown(match[1])
    reply.headers["OData-Version"] = "4.0"
    return reply


def _rows(
    world: World, request: Request, home: Environment, table: Table, name: str, key: str | None
) -> Reply:
    text = request.query.get("$filter", "")
    passes = parsed(text)
    found = [o for o in table.rows(world, home, text) if passes(table.facts(world, home, o))]
    context = f"{request.origin}/api/data/v9.2/$metadata#{name}"
    if key is not None:
        wanted = key.strip("'").casefold()
        for one in found:
            row = table.row(world, home, one)
            if str(row[table.key]).casefold() == wanted:
                return Reply(200, {"@odata.context": context, **_chosen(row, request)})
        return error(404, "0x80040217", f"{table.name} With Id = {key} Does Not Exist")
    asked = _SIZE.search(request.headers.get("prefer", ""))
    page = _PAGES.cut(
        request,
        found,
        lambda one: _chosen(table.row(world, home, one), request),
        int(asked[1]) if asked else 0,
    )
    reply = Reply(200, {"@odata.context": context, **page})
    if asked:
        reply.headers["Preference-Applied"] = asked[0]
    return reply


def _chosen(row: Json, request: Request) -> Json:
    """Return the columns asked for; one that the table does not have is refused."""
    for name in request.query.get("$select", "").split(","):
        if name.strip() and name.strip() not in row:
            raise unknown_column(name.strip())
    return selected(row, request.query)


def _who(request: Request, home: Environment, database: Dataverse) -> Json:
    return {
        "@odata.context": f"{request.origin}/api/data/v9.2/$metadata#WhoAmIResponse",
        "BusinessUnitId": derived("business unit", database.organization_id),
        "UserId": system_user(home, str(request.claims.get("oid", ""))),
        "OrganizationId": database.organization_id,
    }


def _definitions(request: Request, key: str | None) -> Reply:
    """Answer what tables there are, or the one of a logical name."""
    rows = {
        table.name: {
            "MetadataId": derived("table", table.name),
            "LogicalName": table.name,
            "EntitySetName": plural,
            "PrimaryIdAttribute": table.key,
            "IsIntersect": False,
        }
        for plural, table in TABLES.items()
    }
    context = f"{request.origin}/api/data/v9.2/$metadata#EntityDefinitions"
    if key is None:
        value = [selected(row, request.query) for row in rows.values()]
        return Reply(200, {"@odata.context": context, "value": value})
    wanted = _LOGICAL.search(key)
    row = rows.get(wanted[1].casefold()) if wanted else None
    if row is None:
        return error(404, "0x80060888", f"Could not find an entity with specified {key}.")
    return Reply(200, {"@odata.context": context, **selected(row, request.query)})


def _unknown(name: str) -> Reply:
    return error(404, "0x80060888", f"Resource not found for the segment '{name}'.")
