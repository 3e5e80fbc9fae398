"""Connectors, connections and canvas apps, as the Power Apps service answers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from connectory.simulator.state import App, Connection, Connector, Environment
from connectory.simulator.wire import records
from connectory.simulator.wire.exchange import Json, Reply, Request, error, page
from connectory.simulator.wire.world import World

_ROOT = r"/providers/microsoft\.powerapps"
_ADMIN = re.compile(rf"{_ROOT}/scopes/admin/environments/([^/]+)/(.+)", re.IGNORECASE)
_MAKER = re.compile(rf"{_ROOT}/(apis|environments|apps)(?:/([^/]+))?", re.IGNORECASE)
_FILTER = re.compile(r"environment eq '([^']*)'", re.IGNORECASE)
_PAGES = {"apis": 50, "permissions": 30, "apps": 250, "connections": 250}
# The service's next links point at Azure Resource Manager, whatever host was asked.
_LINK_HOST = "management.azure.com"


def answer(world: World, request: Request) -> Reply:
    """Answer a request to the Power Apps service."""
    if "api-version" not in request.query:
        return error(
            400, "MissingApiVersionParameter", "The api-version query parameter is required."
        )
    if match := _ADMIN.fullmatch(request.path):
        environment = world.environments.get(match[1].casefold())
        if environment is None or not environment.admin_readable:
            text = f"The environment '{match[1]}' could not be found in the tenant."
            return error(403, "EnvironmentAccessDenied", text)
        return _admin(world, request, environment, match[2].split("/"))
    if match := _MAKER.fullmatch(request.path):
        return _maker(world, request, match[1].casefold(), match[2])
    if re.fullmatch(rf"{_ROOT}/objectids/[^/]+/validateapiswagger", request.path, re.IGNORECASE):
        return Reply(200, {"value": []})
    return _nothing(request)


def _admin(world: World, request: Request, home: Environment, parts: list[str]) -> Reply:
    match [part.casefold() for part in parts]:
        case ["apis"]:
            shown = [c for c in _connectors(world, home) if c.in_admin_list]
            rows: list[Json] = [records.first_party(home, name) for name in records.FIRST_PARTY]
            rows += [records.connector(world, request, home, c) for c in shown]
            return _listed(request, rows, "apis")
        case ["apis", name, "permissions"]:
            found = _connector(world, home, name)
            if found is None:
                return _missing(name)
            permissions = [records.permission(world, found, p) for p in found.permissions]
            return _listed(request, permissions, "permissions")
        case ["apis", name, "connections"]:
            mine = [c for c in _connections(world, home) if c.connector.casefold() == name]
            return _listed(request, mine, "connections", world, home)
        case ["connections"]:
            return _listed(request, _connections(world, home), "connections", world, home)
        case ["apps"]:
            return _listed(request, _apps(world, home), "apps", world, home)
        case ["apps", name]:
            app = next((a for a in _apps(world, home) if a.name.casefold() == name), None)
            return Reply(200, records.app(world, home, app)) if app else _missing(name)
        case ["apps", name, "permissions"]:
            app = next((a for a in _apps(world, home) if a.name.casefold() == name), None)
            if app is None:
                return _missing(name)
            held = [records.app_permission(world, app, p) for p in app.permissions]
            return _listed(request, held, "permissions")
        case ["deletedapps"]:
            return Reply(200, {"value": []})
        case _:
            return _nothing(request)


def _listed(
    request: Request,
    rows: Sequence[Any],
    kind: str,
    world: World | None = None,
    home: Environment | None = None,
) -> Reply:
    size = min(int(request.query.get("$top", _PAGES[kind])), _PAGES[kind])
    some, following = page(request, rows, size, host=_LINK_HOST)
    if world is not None and home is not None:
        make = records.connection if kind == "connections" else records.app
        some = [make(world, home, row) for row in some]
    return Reply(200, {"value": list(some), **following})


def _maker(world: World, request: Request, kind: str, name: str | None) -> Reply:
    """Answer what makers ask: only what they may see, never anything for an application."""
    if kind == "environments":
        shown = list(world.environments.values())
        if name:
            one = world.environments.get(name.casefold())
            return Reply(200, records.maker_environment(one)) if one else _missing(name)
        return Reply(200, {"value": [records.maker_environment(e) for e in shown]})
    if kind == "apps":
        return Reply(200, {"value": []})
    asked = _FILTER.search(request.query.get("$filter", ""))
    home = world.environments.get(asked[1].casefold()) if asked else None
    if home is None:
        return _missing(name or "apis")
    mine = [c for c in _connectors(world, home) if _may_see(request, c)]
    if name is None:
        return _listed(request, [records.connector(world, request, home, c) for c in mine], "apis")
    found = next((c for c in mine if (c.name or "").casefold() == name.casefold()), None)
    if found is None:
        return _missing(name)
    whole = records.connector(world, request, home, found)
    whole["properties"]["swagger"] = records.rewritten(home, found)
    return Reply(200, whole)


def _may_see(request: Request, connector: Connector) -> bool:
    caller = request.claims.get("oid")
    return not request.app_only or any(p.principal_id == caller for p in connector.permissions)


def _connectors(world: World, home: Environment) -> list[Connector]:
    return [c for c in world.connectors.get(home.name.casefold(), []) if c.name is not None]


def _connector(world: World, home: Environment, name: str) -> Connector | None:
    found = _connectors(world, home)
    return next((c for c in found if c.name and c.name.casefold() == name), None)


def _connections(world: World, home: Environment) -> list[Connection]:
    return world.connections.get(home.name.casefold(), [])


def _apps(world: World, home: Environment) -> list[App]:
    return world.apps.get(home.name.casefold(), [])


def _missing(name: str) -> Reply:
    return error(404, "ResourceNotFound", f"Could not find '{name}'.")


def _nothing(request: Request) -> Reply:
    return error(404, "NotFound", f"No resource at {request.path}.")
