"""Actions of cloud flows from Application Insights (evidence: action).

A managed environment can be set to send a row for every action of a flow. The row names the flow
and the action, and neither connector nor user; which operation the action called is told by the
flow's definition as it stood then. Some rows get lost on the way, and nobody says which.
https://learn.microsoft.com/power-platform/admin/app-insights-cloud-flow
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from collectors.contract import Collector, SourceReading, StepContext
from collectors.telemetry.flow_definitions import FlowDefinitions, flows_read_until
from collectors.telemetry.log_query import Record
from collectors.telemetry.logged import Change, collect_logs
from connectory.domain.identity import environment_key, parse_time
from connectory.telemetry_settings import QueriedLog

SOURCE: Final = "flow_actions"
FAILED: Final = 599
"""Stands for an action that failed without a status of HTTP."""
_SUCCEEDED: Final = 200
_IN_WORKSPACE: Final = """AppDependencies
| where {condition}
| where tostring(Properties.resourceProvider) == "Cloud Flow" and tostring(Properties.signalCategory) == "Cloud flow actions"
| project at = TimeGenerated, id = tostring(Id), run = tostring(OperationId), action = tostring(Name), ok = tostring(Success), code = tostring(ResultCode), duration = todouble(DurationMs), items = tolong(ItemCount), environment = tostring(Properties.environmentId), flow = tostring(Properties.resourceId)"""
_IN_APP: Final = """dependencies
| where {condition}
| where tostring(customDimensions.resourceProvider) == "Cloud Flow" and tostring(customDimensions.signalCategory) == "Cloud flow actions"
| project at = timestamp, id = tostring(id), run = tostring(operation_Id), action = tostring(name), ok = tostring(success), code = tostring(resultCode), duration = todouble(duration), items = tolong(itemCount), environment = tostring(customDimensions.environmentId), flow = tostring(customDimensions.resourceId)"""
_TOLD: Final = """
| project at, event = iff(isempty(id), "", strcat(run, " ", id)), address = tolower(environment), environment, method = "ACTION", path = strcat("/", tolower(flow), "/", action), operation = "", consumer = tolower(flow), caller = "", connection = "", status = iff(tolower(ok) == "true", {succeeded}, coalesce(toint(code), {failed})), duration, weight = coalesce(items, tolong(1)), action"""


def query(log: QueriedLog, condition: str) -> str:
    """Return the query for the actions of a condition."""
    rows = _IN_WORKSPACE if log.workspace else _IN_APP
    return rows.format(condition=condition) + _TOLD.format(succeeded=_SUCCEEDED, failed=FAILED)


def _resolved(step: StepContext) -> Change:
    """Return what names the operation that each action called, and leaves out those of others.

    An action that its definition knows to call no custom connector is no call of one, nor is any
    of a flow whose definition calls none; another action that no definition of that time knows is
    kept, and matches none.
    """
    definitions = FlowDefinitions(step.store)

    def change(records: Sequence[Record], reading: SourceReading) -> Sequence[Record]:
        definitions.know({_flow(record) for record in records})
        found: list[Record] = []
        for record in records:
            moment = parse_time(record["at"])
            if definitions.calls_none(_flow(record), moment):
                continue
            called = definitions.called(_flow(record), str(record["action"]), moment)
            if called is None:
                found.append(_told(record, str(record["path"]), ""))
            elif called.custom:
                found.append(_told(record, "", f"{called.connector}/{called.operation or ''}"))
        reading.spared += len(records) - len(found)
        return found

    return change


def _flow(record: Record) -> tuple[str, str]:
    return environment_key(str(record["environment"])), str(record["consumer"])


def _told(record: Record, path: str, operation: str) -> dict[str, Any]:
    place = environment_key(str(record["environment"]))
    told = {name: value for name, value in record.items() if name != "action"}
    return {**told, "address": place, "environment": place, "path": path, "operation": operation}


def collect(step: StepContext) -> None:
    """Read every log that environments send their flows' actions to."""
    logs = step.telemetry.flow_actions
    # What ran after flows were last read is told by definitions that the next run reads.
    until = flows_read_until(step.store) if logs else None
    if logs and until is None:
        step.cannot_ask(
            SOURCE, "no run has read flows yet, whose definitions tell what actions call"
        )
        return
    collect_logs(step, SOURCE, logs, query, _resolved, until)


COLLECTOR = Collector(SOURCE, "tenant", collect, after=("connectors", "flows"))
