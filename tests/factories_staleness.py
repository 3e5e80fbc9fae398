"""Connectors planted so that each verdict on their use is known by hand.

Three runs: 250 and 200 days before `TODAY`, and `TODAY` itself, which read everything whole but the
environment **Closed**, whose flows were refused. The audit log was read for the last 200 days, the
gateway's for the last 150. Every connector is named for what is true of it.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import Connection, Engine, func, insert, select, text

import models
from connectory.database import writing
from connectory.queries.moments import Moment

TODAY = date(2026, 11, 30)
BEGUN = (250, 200, 0)
"""Days before today on which the runs began."""
OPEN, CLOSED = 1, 2
EXPECTED = {
    "called yesterday": "active",
    "ran yesterday": "active",
    "opened yesterday": "active",
    "ran in Closed yesterday": "active",
    "ran 45 days ago": "quiet",
    "opened 120 days ago": "stale",
    "turned off 120 days ago": "stale",
    "called by an agent 100 days ago": "stale",
    "unlinked at the second run": "abandoned",
    "gone with its flow": "abandoned",
    "connected 300 days ago": "abandoned",
    "called 300 days ago": "abandoned",
    "connected, nobody knows when": "abandoned",
    "never used": "never_used",
    "new": "never_used",
    "silent flow": "quiet",
    "agent without a log": "unknown",
    "agent at a shared host": "unknown",
    "flow counted for ten days": "unknown",
    "flow with a hole": "unknown",
    "flow never counted": "unknown",
    "silent in Closed": "unknown",
}
"""The verdict on each."""
_NAMES = list(EXPECTED)
ADA = "a0000000-0000-4000-8000-000000000000"


def ago(days: int) -> date:
    """Return the day so many days before today."""
    return TODAY - timedelta(days=days)


def at(days: int, hour: int = 6) -> datetime:
    """Return an hour of that day."""
    return datetime.combine(ago(days), time(hour), UTC)


def moment(run: int = 3) -> Moment:
    """Return one of the runs as a moment."""
    return Moment(run, at(BEGUN[run - 1]), "partial", run)


def connector(name: str) -> int:
    """Return the surrogate key of a planted connector."""
    return _NAMES.index(name) + 1


def fill_staleness(engine: Engine) -> None:
    """Write them into an empty migrated store."""
    with writing(engine) as connection:
        _runs(connection)
        _places(connection)
        _connectors(connection)
        _steps(connection)
        _connections(connection)
        _flows(connection)
        _apps(connection)
        _agents(connection)
        _calls(connection)
        _logs(connection)
        if connection.dialect.name == "postgresql":
            _advance_sequences(connection)


def _advance_sequences(connection: Connection) -> None:
    for table in models.Base.metadata.tables.values():
        if "id" in table.c and connection.scalar(select(func.max(table.c.id))):
            connection.execute(
                text(
                    f"SELECT setval(pg_get_serial_sequence('{table.name}', 'id'), "  # noqa: S608
                    f"(SELECT max(id) FROM {table.name}))"
                )
            )


def put(connection: Connection, model: type[models.Base], **values: Any) -> None:
    """Write one row."""
    connection.execute(insert(model).values(**values))


def _runs(connection: Connection) -> None:
    for number, days in enumerate(BEGUN, 1):
        put(
            connection, models.Run, id=number, state="partial", started_at=at(days),
            finished_at=at(days, 7), product_version="0", arguments={},
        )  # fmt: skip


def _places(connection: Connection) -> None:
    for number, (name, sku) in enumerate((("Open", "Production"), ("Closed", "Sandbox")), 1):
        put(connection, models.Environment, id=number, key=f"env-{name.lower()}")
        put(
            connection, models.EnvironmentVersion, environment_id=number, from_run=1,
            presence="present", name=f"env-{name.lower()}", display_name=name, sku=sku,
            is_default=False, managed=False, has_dataverse=True, state="Enabled",
        )  # fmt: skip
    put(connection, models.Principal, id=1, key=ADA)
    put(
        connection, models.PrincipalVersion, principal_id=1, from_run=1, presence="present",
        kind="user", display_name="Ada Ample", enabled=True,
    )  # fmt: skip


def place_of(name: str) -> int:
    """Return the environment of a planted connector."""
    return CLOSED if "Closed" in name else OPEN


def _connectors(connection: Connection) -> None:
    for name in _NAMES:
        number = connector(name)
        put(
            connection, models.Connector, id=number, environment_id=place_of(name),
            key=f"shared_c{number}",
        )  # fmt: skip
        put(
            connection, models.ConnectorVersion, connector_id=number, presence="present",
            from_run=3 if name == "new" else 1, name=f"shared_c{number}", display_name=name,
            definition_state="absent", created_at=at(5 if name == "new" else 700),
            changed_at=at(5 if name == "new" else 400), backend_url=f"https://{host_of(name)}/v1",
        )  # fmt: skip


def host_of(name: str) -> str:
    """Return the host that a planted connector calls."""
    if name == "agent at a shared host":
        return "shared.example"
    return f"c{connector(name)}.example"


def _steps(connection: Connection) -> None:
    collectors = ("flows", "apps", "agents", "connections", "connection_references")
    number = 0
    for run, days in enumerate(BEGUN, 1):
        for name in collectors:
            for place in (OPEN, CLOSED):
                number += 1
                refused = (run, name, place) == (3, "flows", CLOSED)
                put(
                    connection, models.Step, id=number, run_id=run, collector=name,
                    environment_id=place, state="partial" if refused else "complete", requests=1,
                    retries=0, throttled_seconds=0, bytes_received=0, rows_seen=1, rows_changed=0,
                    started_at=at(days), finished_at=at(days),
                )  # fmt: skip
                for source in ("dataverse", "flow_api", "admin_list"):
                    put(
                        connection, models.StepSource, step_id=number, source=source, rows=1,
                        outcome="refused" if refused else "complete",
                    )  # fmt: skip


BARE = (
    "unlinked at the second run",
    "gone with its flow",
    "called 300 days ago",
    "never used",
    "new",
)
"""What nothing holds: no connection, no reference, no consumer."""
UNUSED = ("connected 300 days ago", "connected, nobody knows when")
"""What has a broken connection and nothing else."""


def _connections(connection: Connection) -> None:
    for name in _NAMES:
        number = connector(name)
        if name in BARE:
            continue
        place, key = place_of(name), f"conn-{number}"
        put(connection, models.Connection, id=number, environment_id=place, key=key)
        put(
            connection, models.ConnectionVersion, connection_id=number, from_run=1, name=key,
            presence="present", connector_key=f"shared_c{number}", creator_key=ADA,
            status="Error" if name in UNUSED else "Connected",
            created_at=at(300) if name == UNUSED[0] else None,
        )  # fmt: skip
        if name in UNUSED:
            continue
        put(
            connection, models.ConnectionReference, id=number, environment_id=place,
            key=f"ref-{number}",
        )  # fmt: skip
        put(
            connection, models.ConnectionReferenceVersion, connection_reference_id=number,
            from_run=1, presence="present", logical_name=f"ref_{number}", connection_key=key,
            connector_key=f"shared_c{number}",
        )  # fmt: skip


FLOWS: dict[str, tuple[str, Iterable[int], int | None]] = {
    "called yesterday": ("Started", range(200), None),
    "ran yesterday": ("Started", range(200), 1),
    "ran in Closed yesterday": ("Started", range(200), 1),
    "ran 45 days ago": ("Started", range(200), 45),
    "turned off 120 days ago": ("Stopped", (), None),
    "unlinked at the second run": ("Started", range(200), 1),
    "gone with its flow": ("Started", range(190, 240), 201),
    "silent flow": ("Started", range(60), None),
    "flow counted for ten days": ("Started", range(11), None),
    "flow with a hole": ("Started", (*range(10), *range(12, 200)), None),
    "flow never counted": ("Started", (), None),
    "silent in Closed": ("Started", range(200), None),
}
"""State, days before today of which runs were counted, and the one on which it ran."""


def _flows(connection: Connection) -> None:
    for number, (name, (state, days, ran)) in enumerate(FLOWS.items(), 1):
        key = f"flow-{number}"
        put(connection, models.Flow, id=number, environment_id=place_of(name), key=key)
        versions: list[dict[str, Any]] = [{"from_run": 1, "presence": "present"}]
        if name == "gone with its flow":
            versions[0]["to_run"] = 2
            versions.append({"from_run": 2, "presence": "gone"})
        for told in versions:
            put(
                connection, models.FlowVersion, flow_id=number, name=key, state=state,
                definition_state="readable", created_at=at(600), modified_at=at(120), **told,
            )  # fmt: skip
        put(
            connection, models.FlowReference, flow_id=number, reference_key="c", from_run=1,
            connector_key=f"shared_c{connector(name)}", invoker=False,
            to_run=2 if name == "unlinked at the second run" else None,
        )  # fmt: skip
        for day in days:
            put(
                connection, models.FlowRunDay, flow_id=number, day=ago(day), source="dataverse",
                succeeded=int(day == ran), failed=0, cancelled=0, unfinished=0, other=0, run_id=3,
            )  # fmt: skip


def _apps(connection: Connection) -> None:
    told = {"opened yesterday": 1, "opened 120 days ago": 120}
    for number, (name, days) in enumerate(told.items(), 1):
        put(connection, models.App, id=number, environment_id=OPEN, key=f"app-{number}")
        put(
            connection, models.AppVersion, app_id=number, from_run=1, presence="present",
            name=f"app-{number}", created_at=at(600),
        )  # fmt: skip
        put(
            connection, models.AppReference, app_id=number, reference_key="c", from_run=1,
            connector_key=f"shared_c{connector(name)}",
        )  # fmt: skip
        put(
            connection, models.AuditEvent, event_key=f"e{number}", at=at(days), record_type=256,
            operation="LaunchPowerApp", noun="app", action="launched", run_id=3,
            environment_key="env-open", target_key=f"app-{number}", actor_key=ADA,
        )  # fmt: skip


def _agents(connection: Connection) -> None:
    names = ("called by an agent 100 days ago", "agent without a log", "agent at a shared host")
    for number, name in enumerate(names, 1):
        put(connection, models.Agent, id=number, environment_id=OPEN, key=f"agent-{number}")
        put(
            connection, models.AgentVersion, agent_id=number, from_run=1, presence="present",
            name=f"agent-{number}", active=True, created_at=at(600),
        )  # fmt: skip
        put(
            connection, models.AgentOperation, agent_id=number, action="a", from_run=1,
            connector_key=f"shared_c{connector(name)}", operation_id="Get", invoker=False,
        )  # fmt: skip


_CALLS = (
    ("called yesterday", (1,), "path"),
    ("called by an agent 100 days ago", (150, 100), "path"),
    ("agent at a shared host", (150, 100), "several"),
    ("called 300 days ago", (300,), "path"),
)


def _calls(connection: Connection) -> None:
    figures = dict.fromkeys(
        ("unauthorized", "throttled", "refused", "failed", "timed_out", "retries", "timed",
         "duration_us", "request_bytes", "response_bytes", "last_us", "largest_response"), 0
    )  # fmt: skip
    for number, (name, days, matched) in enumerate(_CALLS, 1):
        put(
            connection, models.CallTarget, id=number, address=host_of(name),
            source="access_logs" if name == "called 300 days ago" else "gateway_logs",
            log="" if name == "called 300 days ago" else "main",
        )  # fmt: skip
        put(
            connection, models.CallEndpoint, id=number, target_id=number, environment_key="",
            method="GET", path="/v1", operation="", matched_by=matched,
            connector_id=connector(name) if matched == "path" else None,
        )  # fmt: skip
        for day in days:
            put(
                connection, models.UsageOperation, day=ago(day), target_id=number,
                endpoint_id=number, calls=1, latency=b"", **figures,
            )  # fmt: skip


def _logs(connection: Connection) -> None:
    put(connection, models.AuditSpan, from_at=at(200, 0), to_at=at(0, 5), run_id=3)
    put(
        connection, models.CallRead, source="gateway_logs", log="main", name="main",
        read_to=at(0, 5), run_id=3,
    )  # fmt: skip
