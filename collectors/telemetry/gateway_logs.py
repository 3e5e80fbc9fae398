"""Calls from the log of an API Management gateway, in Log Analytics (evidence: call).

The gateway tells each call with its own name of the operation. Who called it does not know: its
users are those of its developer portal, and the address that calls is the platform's. Headers that
a connector sends can tell more, where the gateway is set to log them; any caller can write them.
https://learn.microsoft.com/azure/azure-monitor/reference/tables/apimanagementgatewaylogs
"""

from __future__ import annotations

from typing import Final

from collectors.contract import Collector, StepContext
from collectors.telemetry.logged import collect_logs
from connectory.telemetry_settings import GatewayLog

SOURCE: Final = "gateway_logs"
_OWN: Final = """ApiManagementGatewayLogs
| where {condition}
| extend headers = todynamic(tostring(column_ifexists("RequestHeaders", dynamic(null))))
| extend received = column_ifexists("RequestSize", dynamic(null)), sent = column_ifexists("ResponseSize", dynamic(null))
| project at = TimeGenerated, correlation = tostring(CorrelationId), operation = tostring(OperationId), method = toupper(tostring(Method)), url = tostring(Url), status = toint(ResponseCode), duration = todouble(TotalTime), received, sent, headers"""
_SHARED: Final = """AzureDiagnostics
| where {condition} and Category == "GatewayLogs"
| extend headers = todynamic(tostring(column_ifexists("requestHeaders_s", "")))
| extend received = column_ifexists("requestSize_d", dynamic(null)), sent = column_ifexists("responseSize_d", dynamic(null))
| project at = TimeGenerated, correlation = tostring(CorrelationId), operation = tostring(column_ifexists("operationId_s", "")), method = toupper(tostring(method_s)), url = tostring(url_s), status = toint(responseCode_d), duration = todouble(DurationMs), received, sent, headers"""
_TOLD: Final = """
| project at, event = iff(isempty(correlation), "", strcat(correlation, " ", tostring(status), " ", tostring(duration))), address = tolower(tostring(parse_url(url).Host)), environment = {environment}, method, path = tostring(parse_url(url).Path), operation, consumer = {consumer}, caller = {caller}, connection = {connection}, status, duration, request_bytes = tolong(received), response_bytes = tolong(sent), weight = {weight}"""


def query(log: GatewayLog, condition: str) -> str:
    """Return the query for the calls of a condition.

    Several tries of a call share their correlation id: what became of each, and how long it took,
    tells them apart. Of an address the query part never leaves the service.
    """
    rows = _OWN if log.table == "resource_specific" else _SHARED
    return rows.format(condition=condition) + _TOLD.format(
        environment=_header(log.environment_header, log.environment),
        consumer=_header(log.consumer_header),
        caller=_header(log.caller_header),
        connection=_header(log.connection_header),
        weight=log.weight,
    )


def _header(name: str, otherwise: str = "") -> str:
    """Return what tells the value of a header, whose name may come in two spellings."""
    default = _quoted(otherwise)
    if not name:
        return default
    told = f"tostring(headers[{_quoted(name)}])"
    folded = f"tostring(headers[{_quoted(name.lower())}])"
    return f"coalesce({told}, {folded}, {default})"


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def collect(step: StepContext) -> None:
    """Read every gateway's log."""
    collect_logs(step, SOURCE, step.telemetry.gateway_logs, query)


COLLECTOR = Collector(SOURCE, "tenant", collect, after=("connectors",))
