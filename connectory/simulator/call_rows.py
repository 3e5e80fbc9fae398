"""Calls as the log services of Azure hold them: rows of tables, each with when it was taken in.

A gateway logs every call to the backends behind it, in a table of its own or, where nobody changed
that, in the one that all services share. Flows of managed environments log their actions, apps
whose makers switched it on their calls. Rows come late, some hours late; some come twice; busy
environments send a share of theirs, with how many each stands for.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Literal
from urllib.parse import urlsplit

from connectory.simulator.access_logs import LoggedCall, keeper_of
from connectory.simulator.kql.answering import INGESTED, Row
from connectory.simulator.state import Tenant

LogTable = Literal[
    "ApiManagementGatewayLogs", "AzureDiagnostics", "AppDependencies", "dependencies"
]
COLUMNS: Final[dict[LogTable, tuple[str, ...]]] = {
    "ApiManagementGatewayLogs": (
        "TimeGenerated", "CorrelationId", "ApiId", "OperationId", "Method", "Url", "ResponseCode",
        "BackendResponseCode", "TotalTime", "CallerIpAddress", "RequestSize", "ResponseSize",
        "RequestHeaders", "IsRequestSuccess",
    ),
    "AzureDiagnostics": (
        "TimeGenerated", "Category", "CorrelationId", "DurationMs", "apiId_s", "operationId_s",
        "method_s", "url_s", "responseCode_d", "requestSize_d", "responseSize_d", "isRequestSuccess_b",
    ),
    "AppDependencies": (
        "TimeGenerated", "Id", "Name", "DependencyType", "Target", "Success", "ResultCode", "DurationMs",
        "OperationId", "ItemCount", "UserId", "Properties",
    ),
    "dependencies": (
        "timestamp", "id", "name", "type", "target", "data", "success", "resultCode", "duration",
        "operation_Id", "itemCount", "user_Id", "customDimensions",
    ),
}  # fmt: skip
"""Columns of each table that are served."""
_SHARED_LATE: Final = 0.03
_TWICE: Final = 0.02
_SAMPLED: Final = 4
_TRACING: Final = 2


@dataclass(frozen=True, slots=True)
class HeldRow:
    """A row of a table, and what it truly tells of."""

    table: LogTable
    at: datetime
    row: Row
    truth: dict[str, Any]

    @property
    def ingested(self) -> datetime:
        """When the service took it in."""
        told: datetime = self.row[INGESTED]
        return told


def rows_of(tenant: Tenant, call: LoggedCall) -> Iterator[HeldRow]:
    """Yield the rows that tell of a call, the same one twice where it came twice."""
    chance = random.Random(f"{tenant.seed} {call.line['request_id']}")
    keeper = keeper_of(tenant, call.connector)
    if keeper == "gateway":
        yield from _taken_in(chance, "ApiManagementGatewayLogs", call, _gateway(call), 1)
    if keeper == "classic_gateway":
        yield from _taken_in(chance, "AzureDiagnostics", call, _classic(call), 1)
    environment = tenant.environments[call.connector.environment]
    if call.flow is not None and call.action and environment.managed:
        weight = _SAMPLED if _sampled(tenant, environment.name) else 1
        if weight == 1 or chance.randrange(weight) == 0:
            row = _action(call, chance, weight)
            yield from _taken_in(chance, "AppDependencies", call, row, weight)
    if call.app is not None and _traced(tenant, call):
        yield from _taken_in(chance, "dependencies", call, _canvas(tenant, call, chance), 1)


def _sampled(tenant: Tenant, environment: str) -> bool:
    """Tell whether an environment sends a share of its rows: every other one that is managed."""
    managed = sorted(one.name for one in tenant.environments.values() if one.managed)
    return managed.index(environment) % 2 == 0


def _traced(tenant: Tenant, call: LoggedCall) -> bool:
    name = call.app.name if call.app else ""
    return random.Random(f"{tenant.seed} traced {name}").randrange(_TRACING) == 0


def _taken_in(
    chance: random.Random, table: LogTable, call: LoggedCall, row: Row, weight: int
) -> Iterator[HeldRow]:
    late = timedelta(seconds=chance.randrange(60, 900))
    if chance.random() < _SHARED_LATE:
        late = timedelta(hours=chance.randrange(2, 30))
    truth = {
        "table": table,
        "at": call.at.isoformat(),
        "environment": call.connector.environment,
        "connector": call.connector.name,
        "operation": call.operation["operationId"],
        "flow": call.flow.name if call.flow else "",
        "action": call.action,
        "app": call.app.name if call.app else "",
        "status": call.line["status"],
        "took_ms": call.line["took_ms"],
        "weight": weight,
        "id": call.line["request_id"],
    }
    yield HeldRow(table, call.at, {**row, INGESTED: call.at + late}, truth)
    if chance.random() < _TWICE:
        again = late + timedelta(minutes=chance.randrange(1, 300))
        yield HeldRow(table, call.at, {**row, INGESTED: call.at + again}, truth)


def _slug(call: LoggedCall) -> str:
    """Return what a gateway makes of an operation's name on import."""
    told = str(call.operation["operationId"] or "")
    return "".join(c.lower() if c.isalnum() else "-" for c in told)


def _url(call: LoggedCall) -> str:
    return f"https://{call.line['host']}{call.line['path']}"


def _headers(call: LoggedCall) -> dict[str, str]:
    told = {
        "x-ms-environment-id": call.line["environment"],
        "x-ms-workflow-id": call.line["workflow"],
        "x-ms-user-principal-name": call.line["user"],
        "x-ms-connection-id": call.line["connection"],
    }
    return {name: value for name, value in told.items() if value}


def _gateway(call: LoggedCall) -> Row:
    line = call.line
    return {
        "TimeGenerated": call.at,
        "CorrelationId": line["request_id"],
        "ApiId": urlsplit(_url(call)).path.strip("/").partition("/")[0],
        "OperationId": _slug(call),
        "Method": line["method"],
        "Url": _url(call),
        "ResponseCode": line["status"],
        "BackendResponseCode": line["status"],
        "TotalTime": line["took_ms"],
        "CallerIpAddress": "203.0.113.9",
        "RequestSize": line["received"],
        "ResponseSize": line["sent"],
        "RequestHeaders": _headers(call),
        "IsRequestSuccess": line["status"] < 400,  # noqa: PLR2004 - HTTP
    }


def _classic(call: LoggedCall) -> Row:
    line = call.line
    return {
        "TimeGenerated": call.at,
        "Category": "GatewayLogs",
        "CorrelationId": line["request_id"],
        "DurationMs": line["took_ms"],
        "apiId_s": urlsplit(_url(call)).path.strip("/").partition("/")[0],
        "operationId_s": _slug(call),
        "method_s": line["method"],
        "url_s": _url(call),
        "responseCode_d": float(line["status"]),
        "requestSize_d": float(line["received"]),
        "responseSize_d": float(line["sent"]),
        "isRequestSuccess_b": line["status"] < 400,  # noqa: PLR2004 - HTTP
    }


def _action(call: LoggedCall, chance: random.Random, weight: int) -> Row:
    line, flow = call.line, call.flow
    failed = line["status"] >= 400  # noqa: PLR2004 - HTTP
    data = {"FlowDisplayName": flow.display_name if flow else "", "OriginRunId": line["request_id"]}
    properties = {
        "resourceProvider": "Cloud Flow",
        "signalCategory": "Cloud flow actions",
        "environmentId": call.connector.environment,
        "resourceId": flow.name if flow else "",
        "error": json.dumps({"code": "ActionFailed"}) if failed else "",
        "Data": json.dumps(data),
    }
    return {
        "TimeGenerated": call.at,
        "Id": line["request_id"][:16],
        "Name": call.action,
        "DependencyType": "OpenApiConnection",
        "Target": "",
        "Success": not failed,
        "ResultCode": "ActionFailed" if failed else "Succeeded",
        "DurationMs": line["took_ms"],
        "OperationId": f"0858{chance.getrandbits(80):020X}",
        "ItemCount": weight,
        "UserId": "",
        "Properties": properties,
    }


def _canvas(tenant: Tenant, call: LoggedCall, chance: random.Random) -> Row:
    line, app = call.line, call.app
    pseudonym = random.Random(f"{tenant.seed} {line['user']}").getrandbits(48)
    return {
        "timestamp": call.at,
        "id": f"|{line['request_id']}.",
        "name": f"{line['method']} {line['path'].partition('?')[0]}",
        "type": "Fetch",
        "target": line["host"],
        "data": _url(call),
        "success": "True" if line["status"] < 400 else "False",  # noqa: PLR2004 - HTTP
        "resultCode": str(line["status"]),
        "duration": line["took_ms"],
        "operation_Id": f"{chance.getrandbits(128):032x}",
        "itemCount": 1,
        "user_Id": f"{pseudonym:012x}",
        "customDimensions": {
            "ms-appId": app.name if app else "",
            "ms-appName": app.display_name if app else "",
            "ms-appSessionId": f"{chance.getrandbits(64):016x}",
        },
    }
