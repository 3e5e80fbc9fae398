"""Calls from log services: what is kept is what they hold, whatever goes wrong on the way."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from math import ceil
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, text
from tenants import Tenant, tenant

from collectors.run import RunReport
from collectors.telemetry.days import purge
from collectors.telemetry.forgetting import forget
from connectory.config import Settings
from connectory.database import open_store, reading, upgrade, writing
from connectory.domain.histogram import quantile
from connectory.domain.identity import connector_key
from connectory.domain.tallies import merge
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


@pytest.fixture(scope="module")
def simulated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tenant]:
    """A tenant whose services have logged calls for some days."""
    with tenant(tmp_path_factory.mktemp("tenant")) as found:
        found.post("call_logs", days=DAYS, rate=3.0)
        yield found


@pytest.fixture(scope="module")
def inventory(simulated: Tenant, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store that knows the tenant and no call."""
    place = tmp_path_factory.mktemp("inventory") / "store.sqlite"
    engine = open_store(f"sqlite:///{place}")
    upgrade(engine)
    simulated.collect(engine, INVENTORY)
    with engine.begin() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    engine.dispose()
    return place


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


def test_every_call_is_kept_once(simulated: Tenant, store: Engine) -> None:
    """Late rows, doubled rows and sampled rows included, and a second time changes nothing."""
    simulated.collect(store, INVENTORY)
    report = collect(simulated, store)
    again = collect(simulated, store)
    expected = truth(simulated)

    assert {step.state for step in report.steps} == {"complete"}
    assert kept(store) == expected
    assert set(TABLES.values()) == {key[0] for key in expected}
    assert any(weight > 1 for *_, weight in expected)
    assert any(times > 1 for times in Counter(key[:3] for key in expected).values())
    assert sum(expected.values()) > 500
    assert sum(step.rows_changed for step in again.steps) == 0
    assert sum(step.rows_seen for step in again.steps) < sum(s.rows_seen for s in report.steps)


ACTIONS = """
    SELECT p.key AS home, c.key AS connector, e.operation_id, e.matched_by, k.key AS consumer,
           sum(d.calls) AS calls
    FROM usage_daily d JOIN call_endpoints e ON e.id = d.endpoint_id
    JOIN call_targets t ON t.id = d.target_id JOIN call_consumers k ON k.id = d.consumer_id
    LEFT JOIN connectors c ON c.id = e.connector_id
    LEFT JOIN environments p ON p.id = c.environment_id
    WHERE t.source = 'flow_actions' GROUP BY p.key, c.key, e.operation_id, e.matched_by, k.key
"""


def test_actions_are_told_by_the_definition_of_their_time(tmp_path: Path, store: Engine) -> None:
    """An action that swaps its name stays what it was; of what no definition told nothing is guessed."""
    with tenant(tmp_path, "tiny") as simulated:
        simulated.post("call_logs", days=DAYS, rate=5.0)
        (flow, one), *others = busiest(simulated)
        simulated.story("rename_action", flow=flow, action=one, to=f"{one}_of_old")
        stood = {one.name.casefold(): one.modified for one in simulated.served.tenant.flows}
        simulated.collect(store, INVENTORY)
        collect(simulated, store)
        simulated.post("advance", days=2)
        swapped = next(
            (name, action, to)
            for name, action in others
            for other, to in others
            if name == other and action != to and name != flow
        )
        simulated.story("rename_action", flow=swapped[0], action=swapped[1], to=swapped[2])
        simulated.post("advance", days=2)
        # Written down at the hour of the change itself: the calls of that day are told apart by it.
        simulated.collect(store, INVENTORY)
        collect(simulated, store)
        calls = true_calls(simulated)
    known = {(row.home, row.key) for row in rows(store, HOMES)}
    told: Counter[tuple[Any, ...]] = Counter()
    for row in rows(store, ACTIONS):
        matched = row.matched_by == "operation_id"
        place = (row.home, row.connector, row.operation_id) if matched else (None, None, None)
        told[(row.consumer, *place)] += row.calls
    expected: Counter[tuple[Any, ...]] = Counter()
    for call in calls:
        if call["table"] != "AppDependencies":
            continue
        name = call["flow"].casefold()
        before = datetime.fromisoformat(call["at"]) < stood[name]
        home, connector = call["environment"].casefold(), connector_key(call["connector"])
        sure = not before and (home, connector) in known
        place = (home, connector, call["operation"]) if sure else (None, None, None)
        expected[(name, *place)] += call["weight"]

    assert told == expected
    assert any(key[1] for key in expected)
    assert any(key[1] is None for key in expected)


def busiest(simulated: Tenant) -> list[tuple[str, str]]:
    """Return flows and their actions that were called most, of flows that keep still."""
    found = Counter(
        (call["flow"], call["action"])
        for call in true_calls(simulated)
        if call["table"] == "AppDependencies"
    )
    return [key for key, _ in found.most_common()]


HOMES = """
    SELECT p.key AS home, c.key FROM connectors c JOIN environments p ON p.id = c.environment_id
"""
FAULTS: dict[str, dict[str, Any]] = {
    "throttled": {"kind": "429", "retry_after": 0, "times": 5},
    "broken": {"kind": "503"},
    "dropped": {"kind": "drop"},
    "cut off": {"kind": "truncate"},
    "a proxy": {"kind": "not_json"},
    "half of the rows": {"kind": "partial_error", "times": 40},
    "only ever half of the rows": {"kind": "partial_error"},
    "nothing but an error": {"kind": "error_page"},
    "rows that are none": {"kind": "malformed_record", "how": "null_record"},
    "broken after a while": {"kind": "500", "after": 6},
    "closed": {"kind": "forbidden"},
    "the token ended": {"kind": "unauthorized", "after": 3, "times": 2},
}


@pytest.mark.parametrize("detail", ["rows", "summary"])
@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_invents_and_loses_nothing(
    simulated: Tenant, inventory: Path, tmp_path: Path, fault: str, detail: str
) -> None:
    """Under it no figure is too large, and the first good run makes all of them right."""
    engine = copied(inventory, tmp_path)
    simulated.post("faults", host="api.loganalytics.azure.com", **FAULTS[fault])
    simulated.post("faults", host="api.applicationinsights.io", **FAULTS[fault])
    report = collect(simulated, engine, detail=detail, window_hours=48)
    simulated.clear_faults()
    short = [step for step in report.steps if step.state != "complete"]
    before = sums(engine)
    collect(simulated, engine, detail=detail)
    after, expected = sums(engine), true_sums(simulated)
    engine.dispose()

    assert all(number <= expected[key] for key, number in before.items())
    assert short or before == expected
    assert all(step.reason for step in short)
    assert after == expected


def copied(inventory: Path, folder: Path) -> Engine:
    """Return a store of one's own that knows the tenant."""
    place = folder / "copy.sqlite"
    place.write_bytes(inventory.read_bytes())
    return open_store(f"sqlite:///{place}")


SUMS = """
    SELECT t.source, d.day, sum(d.calls) AS calls, sum(d.unauthorized + d.throttled + d.refused
           + d.failed + d.timed_out) AS errors, sum(d.duration_us) AS took, max(d.last_us) AS last
    FROM usage_daily d JOIN call_targets t ON t.id = d.target_id GROUP BY t.source, d.day
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


LIMITS = [
    {"log_row_limit": 40},
    {"log_partial_above": 60},
    {"log_row_limit": 90, "log_partial_above": 70},
]


@pytest.mark.parametrize("limits", LIMITS, ids=str)
def test_what_is_cut_is_asked_for_in_parts(
    simulated: Tenant, inventory: Path, tmp_path: Path, limits: dict[str, int]
) -> None:
    """A service that cuts without a word, or gives up midway, still tells all in the end."""
    engine = copied(inventory, tmp_path)
    simulated.post("settings", **limits)
    # A limit of the service that is not known here would cut unseen: the smaller of both counts.
    most = limits.get("log_row_limit", 50_000)
    report = collect(simulated, engine, rows_per_query=most)
    simulated.post("settings", log_row_limit=500_000, log_partial_above=0)
    found = kept(engine)
    engine.dispose()

    assert {step.state for step in report.steps} == {"complete"}
    assert found == truth(simulated)


ROLLED = {
    "daily": """
        SELECT t.source, d.day, t.address, e.environment_key, e.method, e.path, e.operation, k.key, a.key,
               d.calls, d.unauthorized, d.throttled, d.refused, d.failed, d.timed_out, d.timed,
               d.duration_us, d.request_bytes, d.response_bytes, d.last_us
        FROM usage_daily d JOIN call_endpoints e ON e.id = d.endpoint_id
        JOIN call_targets t ON t.id = d.target_id JOIN call_consumers k ON k.id = d.consumer_id
        JOIN call_callers a ON a.id = d.caller_id
    """,
    "hourly": """
        SELECT t.source, d.day, t.address, e.environment_key, e.method, e.path, e.operation, d.hour,
               d.calls, d.errors, d.throttled
        FROM usage_hourly d JOIN call_endpoints e ON e.id = d.endpoint_id
        JOIN call_targets t ON t.id = d.target_id
    """,
    "minutes": """
        SELECT t.source, d.day, t.address, c.key, d.busiest_minute, d.busiest_calls
        FROM usage_connections d JOIN call_connections c ON c.id = d.connection_id
        JOIN call_targets t ON t.id = d.target_id
    """,
    "busy": """
        SELECT t.source, d.day, t.address, c.key, d.minute, d.calls
        FROM usage_minutes d JOIN call_connections c ON c.id = d.connection_id
        JOIN call_targets t ON t.id = d.target_id
    """,
    "days": """
        SELECT t.source, d.day, t.address, d.rows FROM usage_days d
        JOIN call_targets t ON t.id = d.target_id
    """,
}


def rolled(engine: Engine, name: str) -> Counter[tuple[Any, ...]]:
    """Return the rows of a rollup, with names in place of ids."""
    return Counter(
        tuple(str(v) if n == 1 else bytes(v) if isinstance(v, memoryview) else v
              for n, v in enumerate(row))
        for row in rows(engine, ROLLED[name])
    )  # fmt: skip


def test_sums_of_the_service_are_those_of_its_rows(
    simulated: Tenant, store: Engine, inventory: Path, tmp_path: Path
) -> None:
    """Byte for byte but for durations, of which three digits are told."""
    simulated.collect(store, INVENTORY)
    collect(simulated, store, detail="summary", rows_per_query=900)
    other = copied(inventory, tmp_path)
    collect(simulated, other)
    found = {name: (rolled(store, name), rolled(other, name)) for name in ROLLED}
    raw = {row[0] for row in rows(store, KEPT)}
    other.dispose()

    assert all(one == two for one, two in found.values())
    assert all(len(one) > 20 for name, (one, _) in found.items() if name != "busy")
    assert raw == {"flow_actions"}


def test_days_pass_and_what_expired_unread_is_a_gap(tmp_path: Path, store: Engine) -> None:
    """The gaps are those of the services' own account; the rest is what they still held."""
    with tenant(tmp_path, "tiny") as simulated:
        simulated.post("call_logs", days=DAYS, rate=3.0)
        simulated.collect(store, INVENTORY)
        simulated.post("settings", log_days=5)
        held = truth(simulated)
        collect(simulated, store, keeps_days=5)
        first = kept(store)
        simulated.post("advance", days=3)
        simulated.collect(store, INVENTORY)
        held |= truth(simulated)
        collect(simulated, store, keeps_days=5)
        second = kept(store)
        simulated.post("advance", days=9)
        simulated.collect(store, INVENTORY)
        report = collect(simulated, store, keeps_days=5)
        held |= truth(simulated)
        lost = simulated.get("calls")["gaps"]
        again = collect(simulated, store, keeps_days=5)
    told = {
        (row.source, row.name, moment(row.from_at), moment(row.to_at))
        for row in rows(store, "SELECT source, name, from_at, to_at FROM call_gaps")
    }
    logs = {
        "ApiManagementGatewayLogs": ("gateway_logs", "own"),
        "AzureDiagnostics": ("gateway_logs", "classic"),
        "dependencies": ("canvas_calls", "apps"),
        "AppDependencies": ("flow_actions", "flows"),
    }

    assert first
    assert second != first
    assert kept(store) == held
    assert told == {(*logs[gap["table"]], moment(gap["from"]), moment(gap["to"])) for gap in lost}
    assert len(told) == len(logs)
    assert {step.state for step in report.steps} == {"complete"}
    assert sum(step.rows_changed for step in again.steps) == 0


def moment(value: Any) -> datetime:
    """Return a time as either database writes it."""
    told = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    return told if told.tzinfo else told.replace(tzinfo=UTC)


def test_a_log_that_changes_its_detail_counts_nothing_twice(tmp_path: Path, store: Engine) -> None:
    """A day stays as it was first read, by rows or summed; later ones follow the setting."""
    with tenant(tmp_path, "tiny") as simulated:
        simulated.post("call_logs", days=DAYS, rate=3.0)
        simulated.collect(store, INVENTORY)
        for detail in ("rows", "summary", "rows", "summary"):
            collect(simulated, store, detail=detail)
            assert sums(store) == true_sums(simulated)
            simulated.post("advance", days=2)
            simulated.collect(store, INVENTORY)
        collect(simulated, store, detail="rows")

        assert sums(store) == true_sums(simulated)


def test_a_closed_log_is_a_stated_gap_and_the_others_are_read(
    simulated: Tenant, inventory: Path, tmp_path: Path
) -> None:
    """Each log is read in its own right, and the permission is named."""
    engine = copied(inventory, tmp_path)
    simulated.post("settings", logs_closed="classic_gateway")
    report = collect(simulated, engine)
    simulated.post("settings", logs_closed="")
    told = {step.collector: (step.state, step.reason or "") for step in report.steps}
    engine.dispose()

    assert told["gateway_logs"][0] == "partial"
    assert "Log Analytics Reader" in told["gateway_logs"][1]
    assert told["canvas_calls"][0] == told["flow_actions"][0] == "complete"


def two_logs(simulated: Tenant, **details: str) -> TelemetrySettings:
    """Return settings under which logs of these names all lie in the gateway's workspace."""
    workspace = simulated.get("calls")["places"]["gateway"]
    logs = {name: {"workspace": workspace, "detail": detail} for name, detail in details.items()}
    return TelemetrySettings.model_validate({"gateway_logs": logs})


def test_one_log_cannot_be_named_twice(simulated: Tenant) -> None:
    """Its calls would count once by rows and once summed."""
    with pytest.raises(ValueError, match="a and b are the same log"):
        two_logs(simulated, a="summary", b="rows")


def test_a_log_under_another_name_goes_on(
    simulated: Tenant, inventory: Path, tmp_path: Path
) -> None:
    """Nothing of it counts again, by rows or summed."""
    engine = copied(inventory, tmp_path)
    chosen = simulated.settings(engine)
    found = []
    for details in ({"a": "summary"}, {"b": "summary"}, {"c": "rows"}, {"d": "summary"}):
        named = chosen.model_copy(update={"telemetry": two_logs(simulated, **details)})
        report = simulated.collect(engine, ["gateway_logs"], settings=named, full=True)
        found.append((report.state, sums(engine)))
    engine.dispose()

    assert {state for state, _ in found} == {"complete"}
    assert all(told == found[0][1] for _, told in found)
    assert sum(found[0][1].values()) > 0


def test_another_workspace_under_a_name_begins_anew(
    simulated: Tenant, inventory: Path, tmp_path: Path
) -> None:
    """Everything it keeps is read, and what the first one told stays."""
    engine = copied(inventory, tmp_path)
    chosen, places = simulated.settings(engine), simulated.get("calls")["places"]
    for detail in ("rows", "summary"):
        for place, table in (
            ("gateway", "resource_specific"),
            ("classic_gateway", "azure_diagnostics"),
        ):
            log = {"workspace": places[place], "table": table, "detail": detail}
            told = TelemetrySettings.model_validate({"gateway_logs": {"main": log}})
            named = chosen.model_copy(update={"telemetry": told})
            simulated.collect(engine, ["gateway_logs"], settings=named, full=True)
    found = sums(engine)
    engine.dispose()

    expected = true_sums(simulated)
    assert found == {key: n for key, n in expected.items() if key[0] == "gateway_logs"}


def test_a_day_kept_in_part_is_not_summed_again(tmp_path: Path, store: Engine) -> None:
    """A service that keeps the end of a day only would make the whole of it smaller."""
    with tenant(tmp_path) as simulated:
        simulated.post("call_logs", days=DAYS, rate=3.0)
        simulated.collect(store, INVENTORY)
        collect(simulated, store, detail="summary")
        before = sums(store)
        simulated.post("settings", log_days=3)
        for detail in ("summary", "rows"):
            chosen = settings(simulated, store, detail=detail, keeps_days=3)
            simulated.collect(store, SOURCES, settings=chosen, full=True)

    assert sums(store) == before


def test_a_day_that_is_read_first_after_midnight_is_summed(tmp_path: Path, store: Engine) -> None:
    """Also where the last reading ended a moment into it: no row of it is kept."""
    with tenant(tmp_path) as simulated:
        simulated.post("call_logs", days=DAYS, rate=3.0)
        simulated.collect(store, INVENTORY)
        for _ in range(3):
            collect(simulated, store, detail="summary")
            simulated.post("advance", days=1)
            simulated.collect(store, INVENTORY)
        collect(simulated, store, detail="summary")
        expected = true_sums(simulated)

    assert sums(store) == expected
    assert {row[0] for row in rows(store, KEPT)} == {"flow_actions"}


def test_a_closed_day_is_summed_no_more(tmp_path: Path, store: Engine) -> None:
    """What is forgotten or sealed stays so, whatever its service still keeps."""
    with tenant(tmp_path) as simulated:
        simulated.post("call_logs", days=DAYS, rate=3.0)
        simulated.collect(store, INVENTORY)
        collect(simulated, store, detail="summary")
        now = simulated.served.tenant.now.date()
        purge(lambda: writing(store), now - timedelta(days=2))
        forget(lambda: writing(store), now - timedelta(days=2))
        before = rows(store, FORGOTTEN)
        chosen = settings(simulated, store, detail="summary")
        report = simulated.collect(store, ["gateway_logs"], settings=chosen, full=True)

    assert rows(store, FORGOTTEN) == before != []
    assert "were closed" in str(report.steps[-1].reason)


FORGOTTEN = """
    SELECT d.day, d.target_id, d.sealed, d.forgotten FROM usage_days d
    JOIN call_targets t ON t.id = d.target_id
    WHERE t.source = 'gateway_logs' AND d.forgotten IS NOT NULL ORDER BY d.day, d.target_id
"""


def test_what_ran_after_flows_were_read_waits(tmp_path: Path, store: Engine) -> None:
    """An action of a flow that changed since is told by the definition that the next run reads."""
    with tenant(tmp_path) as simulated:
        simulated.post("call_logs", days=DAYS, rate=5.0)
        simulated.collect(store, INVENTORY)
        flow, action = busiest(simulated)[0]
        simulated.story("rename_action", flow=flow, action=action, to=f"{action}_anew")
        simulated.post("advance", days=2)
        collect(simulated, store)
        waiting = {str(row[1]) for row in rows(store, KEPT) if row[0] == "flow_actions"}
        simulated.collect(store, INVENTORY)
        collect(simulated, store)
        expected = Counter(
            {
                call["operation"]: 0
                for call in true_calls(simulated)
                if call["flow"] == flow and call["table"] == "AppDependencies"
            }
        )
        for call in true_calls(simulated):
            if call["flow"] == flow and call["table"] == "AppDependencies":
                expected[call["operation"]] += call["weight"]
    told = Counter[str]()
    for row in rows(store, ACTIONS):
        if row.consumer == flow.casefold():
            told[row.operation_id] += row.calls

    assert max(waiting) <= "2026-11-02"
    assert told == expected


def test_every_fault_at_once_changes_no_figure(tmp_path: Path, store: Engine) -> None:
    """Each comes a few times, in the middle of others, while answers are cut and given up."""
    with tenant(tmp_path) as simulated:
        simulated.post("call_logs", days=DAYS, rate=3.0)
        simulated.collect(store, INVENTORY)
        simulated.post("settings", log_row_limit=120, log_partial_above=110)
        for place, fault in enumerate(FAULTS.values()):
            for host in ("api.loganalytics.azure.com", "api.applicationinsights.io"):
                simulated.post("faults", host=host, **{**fault, "times": 2, "after": place * 3})
        states = [collect(simulated, store, rows_per_query=120).state for _ in range(6)]
        before = kept(store)
        simulated.clear_faults()
        collect(simulated, store, rows_per_query=120)
        expected = truth(simulated)

    assert not before - expected
    assert set(states) > {"complete"}
    assert kept(store) == expected


LATENCIES = """
    SELECT t.source, d.day, d.latency FROM usage_operations d
    JOIN call_targets t ON t.id = d.target_id
"""


@pytest.mark.parametrize("detail", ["rows", "summary"])
def test_quantiles_are_within_two_percent(
    simulated: Tenant, inventory: Path, tmp_path: Path, detail: str
) -> None:
    """Of every source and day, at the median and near the end, sampled rows by their weight."""
    engine = copied(inventory, tmp_path)
    collect(simulated, engine, detail=detail)
    tallies: dict[tuple[str, str], list[bytes]] = defaultdict(list)
    for source, day, raw in rows(engine, LATENCIES):
        tallies[source, str(day)].append(bytes(raw))
    engine.dispose()
    took: dict[tuple[str, str], list[int]] = defaultdict(list)
    for (source, day, _, _, lasted, weight), number in truth(simulated).items():
        took[source, day] += [lasted] * weight * number

    assert tallies.keys() == took.keys()
    for key, true in took.items():
        for share in (0.5, 0.95, 0.99):
            exact = sorted(true)[ceil(share * len(true)) - 1]
            told = quantile(merge(tallies[key]), share)
            assert told == pytest.approx(exact, rel=0.02), (key, share)
