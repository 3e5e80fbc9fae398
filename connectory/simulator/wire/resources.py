"""The tenant-wide inventory, as the resource query of the Power Platform API answers."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator
from typing import Any, Final

from connectory.simulator.state import Agent, App, Flow
from connectory.simulator.wire.exchange import (
    Json,
    Refused,
    Reply,
    Request,
    error,
    require_api_version,
    stamp,
)
from connectory.simulator.wire.world import World

PATH: Final = "/resourcequery/resources/query"
_MOST: Final = 1000
_TABULAR: Final = frozenset({"shared_commondataserviceforapps"})
"""Connectors of tables, of which the inventory tells no operation."""


def answer(world: World, request: Request) -> Reply:
    """Answer a query; only people with an administrator's role are answered."""
    require_api_version(request)
    if request.app_only:
        text = "App-only tokens are not supported for this resource."
        return error(403, "Forbidden", text)
    query = request.json()
    if query.get("TableName") != "PowerPlatformResources":
        return error(400, "BadRequest", "The table is not known.")
    options = query.get("Options") or {}
    rows = _filtered(list(_rows(world)), query.get("Clauses") or [])
    size = min(int(options.get("Top") or _MOST), _MOST)
    if request.page_limit:
        size = min(size, request.page_limit)
    start = _place(str(options.get("SkipToken") or ""))
    data = rows[start : start + size]
    more = start + size < len(rows)
    token = base64.urlsafe_b64encode(f"{start + size:06}".encode()).decode() if more else ""
    reply: Json = {
        "totalRecords": len(rows),
        "count": len(data),
        "resultTruncated": int(more),
        "skipToken": token,
        "data": data,
    }
    return Reply(200, reply)


def _place(token: str) -> int:
    if not token:
        return 0
    try:
        return int(base64.urlsafe_b64decode(token.encode("ascii")))
    except ValueError as failure:
        text = "The continuation token is invalid or has expired."
        raise Refused(error(400, "InvalidContinuationToken", text)) from failure


def _filtered(rows: list[Json], clauses: Iterable[Json]) -> list[Json]:
    """Apply the clauses that readers of this tenant use; any other is refused, never passed over."""
    for clause in clauses:
        kind = str(clause.get("$type"))
        if kind == "where" and clause.get("FieldName") == "type":
            wanted = {str(value).strip("'").casefold() for value in clause.get("Values", ())}
            rows = [row for row in rows if str(row["type"]).casefold() in wanted]
        elif kind == "orderby" and list(clause.get("FieldNamesAscDesc") or ()) == ["name"]:
            rows = sorted(rows, key=lambda row: str(row["name"]))
        else:
            text = f"The clause '{kind}' is not one this simulated tenant understands."
            raise Refused(error(400, "BadRequest", text))
    return rows


def _rows(world: World) -> Iterator[Json]:
    for home in world.environments:
        for flow in world.flows.get(home, ()):
            yield _flow(flow)
        for app in world.apps.get(home, ()):
            yield _app(app)
        for agent in world.agents.get(home, ()):
            if agent.in_inventory:
                yield _agent(agent)


def _resource(one: Flow | App | Agent, name: str, kind: str, uses: list[tuple[str, str]]) -> Json:
    links: dict[str, list[str]] = {}
    for connector, operation in uses:
        told = links.setdefault(connector, [])
        if operation and connector not in _TABULAR and operation not in told:
            told.append(operation)
    properties: dict[str, Any] = {
        "displayName": one.display_name,
        # Some ids of environments come in lower case, as they are kept in an index.
        "environmentId": one.environment.lower(),
        "ownerId": one.owner_id,
        "createdAt": stamp(one.created),
        "lastModifiedAt": stamp(one.modified),
        "powerPlatformConnectors": [
            {"connectorId": key, "operations": [{"operationId": told} for told in operations]}
            for key, operations in links.items()
        ],
    }
    return {"name": name, "type": kind, "location": "europe", "properties": properties}


def _flow(flow: Flow) -> Json:
    uses = [(call.connector, call.operation_id) for call in flow.calls]
    uses += [(reference.connector, "") for reference in flow.references]
    return _resource(flow, flow.name, "microsoft.powerautomate/cloudflows", uses)


def _app(app: App) -> Json:
    uses = [(reference.connector, "") for reference in app.references]
    return _resource(app, app.name, "microsoft.powerapps/canvasapps", uses)


def _agent(agent: Agent) -> Json:
    uses = [(call.connector, call.operation_id) for call in agent.calls]
    row = _resource(agent, agent.id.upper(), "microsoft.copilotstudio/agents", uses)
    row["properties"]["schemaName"] = agent.schema_name
    row["properties"]["lastPublishedAt"] = stamp(agent.published)
    return row
