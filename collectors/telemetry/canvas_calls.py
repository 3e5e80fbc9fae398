"""Calls of canvas apps from Application Insights, where a maker switched their tracing on (evidence: call).

An app whose correlation tracing is on tells every call of a custom connector, and of no other: the
host, the address and the result. Its user stands under a pseudonym of that service.
https://learn.microsoft.com/power-apps/maker/canvas-apps/application-insights
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sqlalchemy import select

from collectors.contract import Collector, SourceReading, StepContext
from collectors.nouns import APPS, ENVIRONMENTS
from collectors.telemetry.log_query import Record
from collectors.telemetry.logged import Change, collect_logs
from collectors.versions import chunks
from connectory.telemetry_settings import QueriedLog

SOURCE: Final = "canvas_calls"
_IN_WORKSPACE: Final = """AppDependencies
| where {condition}
| extend app = tostring(Properties["ms-appId"])
| where isnotempty(app)
| project at = TimeGenerated, id = tostring(Id), trace = tostring(OperationId), target = tostring(Target), told = tostring(Name), url = tostring(Data), code = tostring(ResultCode), duration = todouble(DurationMs), user = tostring(UserId), items = tolong(ItemCount), app"""
_IN_APP: Final = """dependencies
| where {condition}
| extend app = tostring(customDimensions["ms-appId"])
| where isnotempty(app)
| project at = timestamp, id = tostring(id), trace = tostring(operation_Id), target = tostring(target), told = tostring(name), url = tostring(data), code = tostring(resultCode), duration = todouble(duration), user = tostring(user_Id), items = tolong(itemCount), app"""
_TOLD: Final = """
| extend told_host = tolower(tostring(split(target, " ")[0])), told_path = tostring(split(tostring(split(told, " ")[1]), "?")[0])
| extend address = iff(url startswith "http", tolower(tostring(parse_url(url).Host)), told_host), called = iff(url startswith "http", tostring(parse_url(url).Path), told_path)
| project at, event = iff(isempty(id), "", strcat(trace, " ", id)), address, environment = "", method = toupper(tostring(split(told, " ")[0])), path = called, operation = "", consumer = tolower(app), caller = user, connection = "", status = toint(code), duration, request_bytes = long(null), response_bytes = long(null), weight = coalesce(items, tolong(1))"""


def query(log: QueriedLog, condition: str) -> str:
    """Return the query for the calls of a condition."""
    rows = _IN_WORKSPACE if log.workspace else _IN_APP
    return rows.format(condition=condition) + _TOLD


def _at_home(step: StepContext) -> Change:
    """Return what adds the environment of each app: several may call one host."""
    known: dict[str, str] = {}

    def change(records: Sequence[Record], _: SourceReading) -> Sequence[Record]:
        unknown = {str(record["consumer"]) for record in records} - known.keys()
        known.update(dict.fromkeys(unknown, ""))
        known.update(_homes(step, sorted(unknown)))
        return [{**one, "environment": known[str(one["consumer"])]} for one in records]

    return change


def _homes(step: StepContext, apps: Sequence[str]) -> dict[str, str]:
    """Return the environment of each of these apps that stands in one alone."""
    table, home = APPS.entity, ENVIRONMENTS.entity
    found: dict[str, set[str]] = {}
    with step.store.looking() as connection:
        for some in chunks(list(apps)):
            query = (
                select(table.c.key, home.c.key.label("home"))
                .join(home, home.c.id == table.c.environment_id)
                .where(table.c.key.in_(some))
            )
            for row in connection.execute(query):
                found.setdefault(row.key, set()).add(row.home)
    return {app: homes.pop() for app, homes in found.items() if len(homes) == 1}


def collect(step: StepContext) -> None:
    """Read every log that apps send their traces to."""
    collect_logs(step, SOURCE, step.telemetry.canvas_calls, query, _at_home)


COLLECTOR = Collector(SOURCE, "tenant", collect, after=("connectors", "apps"))
