"""Log Analytics and Application Insights: queries over the tables that hold the tenant's calls.

Shapes: https://learn.microsoft.com/azure/azure-monitor/logs/api/response-format. A reply that is
too large is cut without a word, but for an error beside the rows where the service gives up midway.
"""

from __future__ import annotations

import json
import re
from datetime import datetime, timedelta
from typing import Any, Final, cast

from connectory.simulator.call_rows import COLUMNS, LogTable
from connectory.simulator.kql.answering import Row
from connectory.simulator.kql.answering import answer as answered
from connectory.simulator.kql.reading import Applied, Expression, NotUnderstood, Query, Value, read
from connectory.simulator.wire.exchange import Json, Reply, Request, error
from connectory.simulator.wire.world import World, derived

_PATH = re.compile(r"/v1/(workspaces|apps)/([^/]+)/query")
_TABLES: Final[dict[str, tuple[LogTable, ...]]] = {
    "gateway": ("ApiManagementGatewayLogs",),
    "classic_gateway": ("AzureDiagnostics",),
    "flows": ("AppDependencies",),
    "apps": ("dependencies",),
}
_PARTIAL: Final = {
    "code": "PartialError",
    "message": "There were some errors when processing your query.",
    "details": [
        {"code": "EngineError", "message": "Query result set has exceeded the internal limits."}
    ],
}


def places(world: World) -> dict[str, str]:
    """Return the id of each workspace or application by what it holds."""
    return {name: derived(world.tenant.id, "logs", name) for name in _TABLES}


def answer(world: World, request: Request) -> Reply:
    """Answer a query."""
    match = _PATH.fullmatch(request.path)
    named = {number: name for name, number in places(world).items()}
    name = named.get(match[2].casefold()) if match else None
    if match is None or name is None or (match[1] == "apps") != (name == "apps"):
        return error(404, "PathNotFoundError", "The requested path does not exist")
    if request.method != "POST":
        return error(400, "BadArgumentError", "The query is missing")
    if name in world.settings.logs_closed.split():
        text = (
            "The provided credentials have insufficient access to perform the requested operation"
        )
        return error(403, "InsufficientAccessError", text)
    text = str(request.json().get("query", ""))
    world.calls.note_asked(text)
    try:
        return _answered(world, read(text), _TABLES[name])
    except NotUnderstood as failure:
        beside = {"code": "SyntaxError", "message": str(failure)}
        told = {"code": "BadArgumentError", "message": "The request had some invalid properties"}
        return Reply(400, {"error": {**told, "innererror": beside}})


def _answered(world: World, query: Query, tables: tuple[LogTable, ...]) -> Reply:
    if query.table not in tables:
        raise NotUnderstood(f"'{query.table}' is no table here")
    (table,) = (one for one in tables if one == query.table)
    kept = timedelta(days=world.settings.log_days)
    held = world.calls.rows(table, world.tenant.now, kept, _window(query))
    names, rows = answered(query, held, COLUMNS[table])
    limit = world.settings.log_row_limit
    given_up = 0 < world.settings.log_partial_above < len(rows)
    shown = rows[: len(rows) // 2] if given_up else rows[:limit]
    body = {"tables": [_table(names, shown)]}
    if given_up:
        return Reply(200, {**body, "error": _PARTIAL})
    return Reply(200, body)


def note_handed_out(world: World, request: Request, reply: Reply) -> None:
    """Note what a reply that reached its caller whole has told."""
    body = reply.body if isinstance(reply.body, dict) else {}
    if reply.status != 200 or "error" in body:  # noqa: PLR2004 - HTTP
        return
    query = read(str(request.json()["query"]))
    taken = next((one.rows for one in query.operators if one.kind == "take"), 0)
    most = min(taken or world.settings.log_row_limit, world.settings.log_row_limit)
    window = _window(query)
    if window is not None and len(body["tables"][0]["rows"]) < most:
        world.calls.note_read(cast("LogTable", query.table), *window)


def _window(query: Query) -> tuple[datetime, datetime] | None:
    """Return the window that a query asks for by when rows were taken in."""
    bounds: dict[str, datetime] = {}
    for operator in query.operators:
        for one in _parts(operator.condition):
            if one.function in {">=", "<"} and one.arguments[0] == Applied("ingestion_time", ()):
                told = one.arguments[1]
                if isinstance(told, Value):
                    bounds[one.function] = told.value
    return (bounds[">="], bounds["<"]) if len(bounds) == 2 else None  # noqa: PLR2004 - both ends


def _parts(condition: Expression | None) -> list[Applied]:
    if not isinstance(condition, Applied):
        return []
    if condition.function == "and":
        return [one for part in condition.arguments for one in _parts(part)]
    return [condition]


def _table(names: list[str], rows: list[Row]) -> Json:
    return {
        "name": "PrimaryResult",
        "columns": [{"name": name, "type": _kind([row[name] for row in rows])} for name in names],
        "rows": [[_cell(row[name]) for name in names] for row in rows],
    }


def _kind(values: list[Any]) -> str:
    first = next((value for value in values if value is not None), "")
    kinds = {bool: "bool", int: "long", float: "real", datetime: "datetime", dict: "dynamic"}
    return kinds.get(type(first), "string")


def _cell(value: Any) -> Any:
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%dT%H:%M:%S.%f}0Z".replace(".0000000Z", "Z")
    return json.dumps(value) if isinstance(value, (dict, list)) else value
