"""What log services hold of a tenant's calls, what a store keeps of them, and how they are read."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, text
from tenants import Tenant

from collectors.run import RunReport
from connectory.config import Settings
from connectory.database import open_store, reading
from connectory.telemetry_settings import TelemetrySettings

SOURCES = ("gateway_logs", "canvas_calls", "flow_actions")
TABLES = {
    "ApiManagementGatewayLogs": "gateway_logs",
    "AzureDiagnostics": "gateway_logs",
    "dependencies": "canvas_calls",
    "AppDependencies": "flow_actions",
}
INVENTORY = ("environments", "connectors", "flows", "apps")
DAYS = 7
ERROR = 400


def telemetry(simulated: Tenant, **more: Any) -> TelemetrySettings:
    """Return settings that name every log there is."""
    places = simulated.get("calls")["places"]
    log = {"keeps_days": 30, **more}
    own = {
        "workspace": places["gateway"],
        "environment_header": "X-MS-Environment-Id",
        "caller_header": "x-ms-user-principal-name",
        "connection_header": "x-ms-connection-id",
    }
    classic = {"workspace": places["classic_gateway"], "table": "azure_diagnostics"}
    flows = {k: v for k, v in log.items() if k != "detail"}
    return TelemetrySettings.model_validate(
        {
            "gateway_logs": {"own": own | log, "classic": classic | log},
            "canvas_calls": {"apps": {"app": places["apps"]} | log},
            "flow_actions": {"flows": {"workspace": places["flows"]} | flows},
        }
    )


def settings(simulated: Tenant, engine: Engine, **more: Any) -> Settings:
    """Return settings that read every log there is."""
    chosen = simulated.settings(engine)
    return chosen.model_copy(update={"telemetry": telemetry(simulated, **more)})


def rows(engine: Engine, query: str) -> list[Any]:
    """Return the rows of a query."""
    with reading(engine) as connection:
        return list(connection.execute(text(query)).all())


KEPT = """
    SELECT t.source, i.day, i.event_key, i.status, i.duration_us, i.weight
    FROM invocations i JOIN call_targets t ON t.id = i.target_id
"""


def kept(engine: Engine) -> Counter[tuple[Any, ...]]:
    """Return every call that is kept: its source, when, how it ended, how long, how many."""
    found: Counter[tuple[Any, ...]] = Counter()
    for source, day, key, status, took, weight in rows(engine, KEPT):
        moment = int.from_bytes(bytes(key)[:5], "big")
        found[source, str(day), moment, status, took, weight] += 1
    return found


def true_calls(simulated: Tenant) -> list[dict[str, Any]]:
    """Return what the services hold, each call once, of flows only what calls a custom connector."""
    found: list[dict[str, Any]] = simulated.get("calls")["calls"]
    return found


def truth(simulated: Tenant) -> Counter[tuple[Any, ...]]:
    """Return the same of what the services truly hold."""
    found: Counter[tuple[Any, ...]] = Counter()
    for call in true_calls(simulated):
        at = datetime.fromisoformat(call["at"]).astimezone(UTC)
        start = at.replace(hour=0, minute=0, second=0, microsecond=0)
        moment = (at - start) // timedelta(microseconds=1)
        source = TABLES[call["table"]]
        status = call["status"]
        if source == "flow_actions":
            status = 599 if status >= ERROR else 200
        took = round(call["took_ms"] * 1000)
        found[source, str(at.date()), moment, status, took, call["weight"]] += 1
    return found


def collect(simulated: Tenant, engine: Engine, **more: Any) -> RunReport:
    """Read the logs once."""
    return simulated.collect(engine, SOURCES, settings=settings(simulated, engine, **more))


def copied(inventory: Path, folder: Path) -> Engine:
    """Return a store of one's own that knows the tenant."""
    place = folder / "copy.sqlite"
    place.write_bytes(inventory.read_bytes())
    return open_store(f"sqlite:///{place}")


SUMS = """
    SELECT t.source, d.day, sum(d.calls) AS calls, sum(d.unauthorized + d.throttled + d.refused
           + d.failed + d.timed_out) AS errors, sum(d.duration_us) AS took, max(d.last_us) AS last
    FROM usage_operations d JOIN call_targets t ON t.id = d.target_id GROUP BY t.source, d.day
"""


def sums(engine: Engine) -> Counter[tuple[str, str, str]]:
    """Return what is told of each source and day."""
    found: Counter[tuple[str, str, str]] = Counter()
    for row in rows(engine, SUMS):
        for name in ("calls", "errors", "took"):
            found[row.source, str(row.day), name] = getattr(row, name)
    return found


def true_sums(simulated: Tenant) -> Counter[tuple[str, str, str]]:
    """Return the same of what the services truly hold."""
    found: Counter[tuple[str, str, str]] = Counter()
    for (source, day, _, status, took, weight), number in truth(simulated).items():
        found[source, day, "calls"] += weight * number
        found[source, day, "errors"] += weight * number if status >= ERROR else 0
        found[source, day, "took"] += took * weight * number
    return found


ACTIONS = """
    SELECT p.key AS home, c.key AS connector, e.operation_id, e.matched_by, k.key AS consumer,
           sum(d.calls) AS calls
    FROM usage_daily d JOIN call_endpoints e ON e.id = d.endpoint_id
    JOIN call_targets t ON t.id = d.target_id JOIN call_consumers k ON k.id = d.consumer_id
    LEFT JOIN connectors c ON c.id = e.connector_id
    LEFT JOIN environments p ON p.id = c.environment_id
    WHERE t.source = 'flow_actions' GROUP BY p.key, c.key, e.operation_id, e.matched_by, k.key
"""


HOMES = """
    SELECT p.key AS home, c.key FROM connectors c JOIN environments p ON p.id = c.environment_id
"""


def busiest(simulated: Tenant) -> list[tuple[str, str]]:
    """Return flows and their actions that were called most, of flows that keep still."""
    found = Counter(
        (call["flow"], call["action"])
        for call in true_calls(simulated)
        if call["table"] == "AppDependencies"
    )
    return [key for key, _ in found.most_common()]


def moment(value: Any) -> datetime:
    """Return a time as either database writes it."""
    told = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    return told if told.tzinfo else told.replace(tzinfo=UTC)
