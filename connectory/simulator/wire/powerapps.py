"""Connectors, connections and canvas apps, as the Power Apps service answers."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any, Final

from connectory.simulator.state import Connector, Environment
from connectory.simulator.wire import app_records, records
from connectory.simulator.wire.exchange import Json, Reply, Request, error, require_api_version
from connectory.simulator.wire.paging import Pages, Row
from connectory.simulator.wire.world import World

_ROOT = r"/providers/microsoft\.powerapps"
_ADMIN = re.compile(rf"{_ROOT}/scopes/admin/environments/([^/]+)/(.+)", re.IGNORECASE)
_MAKER = re.compile(rf"{_ROOT}/(apis|environments|apps|connections)(?:/([^/]+))?/?", re.IGNORECASE)
_VALIDATE = re.compile(rf"{_ROOT}/objectids/[^/]+/validateapiswagger", re.IGNORECASE)
_IN = re.compile(r"environment eq '([^']*)'", re.IGNORECASE)
_CUSTOM = re.compile(r"iscustomapi eq '?true'?", re.IGNORECASE)
# The service's next links point at Azure Resource Manager, whatever host was asked.
_ELSEWHERE: Final = "https://management.azure.com"
_PAGES: Final = {
    "apis": Pages(50, origin=_ELSEWHERE),
    "permissions": Pages(30, origin=_ELSEWHERE),
    "apps": Pages(250, origin=_ELSEWHERE),
    "connections": Pages(250, origin=_ELSEWHERE),
}


def answer(world: World, request: Request) -> Reply:
    """Answer a request to the Power Apps service."""
    require_api_version(request)
    if match := _ADMIN.fullmatch(request.path):
        home = world.environments.get(match[1].casefold())
        if home is None or not home.admin_readable:
            return denied(world, match[1])
        return _admin(world, request, home, match[2].casefold().rstrip("/").split("/"))
    if match := _MAKER.fullmatch(request.path):
        return _maker(world, request, match[1].casefold(), match[2])
    if _VALIDATE.fullmatch(request.path):
        return Reply(200, {"value": []})
    return _nothing(request)


def denied(world: World, name: str) -> Reply:
    """Return the answer for an environment that does not exist or refuses us: the same for both."""
    text = f"The environment '{name}' could not be found in the tenant '{world.tenant.id}'."
    return error(403, "EnvironmentAccessDenied", text)


def _admin(world: World, request: Request, home: Environment, parts: list[str]) -> Reply:
    folded = home.name.casefold()
    match parts:
        case ["apis"]:
            return _apis(world, request, home)
        case ["apis", name, "connections"]:
            rows = world.connections_of.get((folded, name), [])
            return _listed(request, rows, lambda c: records.connection(world, home, c), parts[2])
        case ["apis", name, "connections", connection, "permissions"]:
            held = [
                c
                for c in world.connections_of.get((folded, name), [])
                if c.name.casefold() == connection
            ]
            if not held:
                return _missing(connection)
            linked = held[0]
            return _listed(
                request,
                records.connection_holders(linked),
                lambda p: records.connection_permission(world, home, linked, p),
                parts[4],
            )
        case ["apis", name, "permissions"]:
            one = world.connector_named.get((folded, name))
            if one is None:
                return _missing(name)
            shown = one
            return _listed(
                request, one.permissions, lambda p: records.permission(world, shown, p), parts[2]
            )
        case ["connections"]:
            rows = world.connections.get(folded, [])
            return _listed(request, rows, lambda c: records.connection(world, home, c), parts[0])
        case ["apps", *rest]:
            return _apps(world, request, home, rest)
        case ["deletedapps"]:
            return Reply(200, {"value": []})
        case _:
            return _nothing(request)


def _apis(world: World, request: Request, home: Environment) -> Reply:
    """List connectors; some of Microsoft's own are among them unless the filter says otherwise."""
    scope = records.place(home)
    rows: list[str | Connector] = []
    if not _CUSTOM.search(request.query.get("$filter", "")):
        rows += records.FIRST_PARTY
    rows += [c for c in _connectors(world, home) if c.in_admin_list]

    def show(row: str | Connector) -> Json:
        if isinstance(row, str):
            return records.first_party(scope, row)
        return records.connector(world, scope, home, row)

    return _listed(request, rows, show, "apis")


def _apps(world: World, request: Request, home: Environment, rest: list[str]) -> Reply:
    folded = home.name.casefold()
    if not rest:
        rows = world.apps.get(folded, [])
        return _listed(request, rows, lambda a: app_records.app(world, home, a), "apps")
    one = world.app_named.get((folded, rest[0]))
    if one is None:
        return _missing(rest[0])
    if len(rest) == 1:
        return Reply(200, app_records.app(world, home, one))
    if rest[1:] == ["permissions"]:
        shown = one
        return _listed(
            request,
            one.permissions,
            lambda p: app_records.app_permission(world, shown, p),
            "permissions",
        )
    return _nothing(request)


def _listed(request: Request, rows: Sequence[Row], show: Callable[[Row], Any], kind: str) -> Reply:
    pages = _PAGES[kind]
    return Reply(200, pages.cut(request, rows, show, request.number("$top", pages.size)))


def _maker(world: World, request: Request, kind: str, name: str | None) -> Reply:
    """Answer what makers ask: only what they may see, next to nothing for an application."""
    if kind == "environments":
        return _maker_environments(world, name)
    if kind == "apps":
        return Reply(200, {"value": []})
    asked = _IN.search(request.query.get("$filter", ""))
    home = world.environments.get(asked[1].casefold()) if asked else None
    if home is None:
        return _missing(name or kind)
    if kind == "connections":
        caller = request.claims.get("oid")
        own = [c for c in world.connections.get(home.name.casefold(), []) if c.created_by == caller]
        return _listed(request, own, lambda c: records.connection(world, home, c), kind)
    scope = "/providers/Microsoft.PowerApps"
    mine = [c for c in _connectors(world, home) if _may_see(request, c)]
    if name is None:
        return _listed(request, mine, lambda c: records.connector(world, scope, home, c), "apis")
    found = next((c for c in mine if (c.name or "").casefold() == name.casefold()), None)
    if found is None:
        return _missing(name)
    whole = records.connector(world, scope, home, found)
    document = records.rewritten(found)
    if document is not None:
        whole["properties"]["swagger"] = document
    return Reply(200, whole)


def _maker_environments(world: World, name: str | None) -> Reply:
    if not name:
        shown = [app_records.maker_environment(e) for e in world.environments.values()]
        return Reply(200, {"value": shown})
    if name.casefold() == "~default":
        one = next((e for e in world.environments.values() if e.is_default), None)
    else:
        one = world.environments.get(name.casefold())
    return Reply(200, app_records.maker_environment(one)) if one else _missing(name)


def _may_see(request: Request, connector: Connector) -> bool:
    caller = request.claims.get("oid")
    return not request.app_only or any(p.principal_id == caller for p in connector.permissions)


def _connectors(world: World, home: Environment) -> list[Connector]:
    """Return the connectors that run, which all have a name."""
    found = world.connectors.get(home.name.casefold(), [])
    return [c for c in found if c.name is not None and c.runtime_deleted is None]


def _missing(name: str) -> Reply:
    return error(404, "ResourceNotFound", f"Could not find '{name}'.")


def _nothing(request: Request) -> Reply:
    return error(404, "NotFound", f"No resource at {request.path}.")
