"""Figures that a log service has summed: those of its rows, and in place of nothing else."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import timedelta
from math import ceil
from pathlib import Path
from typing import Any

import pytest
from held_calls import (
    DAYS,
    INVENTORY,
    KEPT,
    SOURCES,
    collect,
    copied,
    rows,
    settings,
    sums,
    true_sums,
    truth,
)
from sqlalchemy import Engine, text
from tenants import Tenant, tenant

from collectors.telemetry.days import purge
from collectors.telemetry.forgetting import forget
from connectory.database import writing
from connectory.domain.histogram import quantile
from connectory.domain.tallies import merge
from connectory.telemetry_settings import TelemetrySettings

ROLLED = {
    "daily": """
        SELECT t.source, d.day, t.address, e.environment_key, e.method, e.path, e.operation, k.key, a.key,
               d.calls, d.errors
        FROM usage_daily d JOIN call_endpoints e ON e.id = d.endpoint_id
        JOIN call_targets t ON t.id = d.target_id JOIN call_consumers k ON k.id = d.consumer_id
        JOIN call_callers a ON a.id = d.caller_id
    """,
    "operations": """
        SELECT t.source, d.day, t.address, e.environment_key, e.method, e.path, e.operation, d.calls,
               d.unauthorized, d.throttled, d.refused, d.failed, d.timed_out, d.timed, d.retries,
               d.duration_us, d.request_bytes, d.response_bytes, d.last_us, d.largest_response
        FROM usage_operations d JOIN call_endpoints e ON e.id = d.endpoint_id
        JOIN call_targets t ON t.id = d.target_id
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


FORGOTTEN = """
    SELECT d.day, d.target_id, d.sealed, d.forgotten FROM usage_days d
    JOIN call_targets t ON t.id = d.target_id
    WHERE t.source = 'gateway_logs' AND d.forgotten IS NOT NULL ORDER BY d.day, d.target_id
"""


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


def test_a_day_that_stands_whole_is_no_gap(tmp_path: Path, store: Engine) -> None:
    """Neither one that is closed nor one that was summed before its service let go of it."""
    with tenant(tmp_path) as simulated:
        simulated.post("call_logs", days=DAYS, rate=3.0)
        simulated.collect(store, INVENTORY)
        collect(simulated, store, detail="summary")
        before = sums(store)
        ahead = simulated.served.tenant.now + timedelta(days=3)
        purge(lambda: writing(store), simulated.served.tenant.now.date() - timedelta(days=2))
        for keeps, change in (
            (30, "UPDATE call_reads SET read_to = :ahead"),
            (3, "DELETE FROM call_reads WHERE :ahead = :ahead"),
        ):
            with writing(store) as connection:
                connection.execute(
                    text(change),
                    {
                        "ahead": ahead.replace(tzinfo=None)
                        if store.dialect.name == "sqlite"
                        else ahead
                    },
                )
            collect(simulated, store, detail="summary", keeps_days=keeps)
        gaps = rows(store, "SELECT source, from_at, to_at FROM call_gaps")

    assert gaps == []
    assert sums(store) == before
