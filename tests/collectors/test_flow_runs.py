"""Runs of flows: counted by the day, never twice, and a gap where nobody tells them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
from expected import expected
from expected_of_entitlements import using_connectors
from sqlalchemy import Engine, Table, select, text
from tenants import Tenant, tenant
from told import told

from collectors.flow_run_days import kind_of
from connectory.database import reading
from connectory.queries.flow_runs import flow_runs
from connectory.queries.moments import latest
from models import FlowRunDay, Step

COUNTS = ("succeeded", "failed", "cancelled", "unfinished", "other")
DAYS: Table = FlowRunDay.__table__  # type: ignore[assignment]


def rows(engine: Engine, *columns: str) -> list[tuple[Any, ...]]:
    """Return what is stored of every day."""
    with reading(engine) as connection:
        query = select(*(DAYS.c[name] for name in columns or DAYS.c.keys()))
        return sorted(tuple(row) for row in connection.execute(query))


def equals_truth(engine: Engine, simulated: Tenant) -> bool:
    """Tell whether the counts are those of the tenant."""
    return bool(told(engine)["flow_runs"] == expected(simulated.get("truth"), set())["flow_runs"])


def test_ends_are_known_by_the_names_of_either_source() -> None:
    """Sources differ in how they name an end; one that is not known is counted apart."""
    named = ("Success", "Succeeded", "Failed", "TimedOut", "Cancelled", "Running", "Odd", None)

    assert [kind_of(one) for one in named] == [
        "succeeded",
        "succeeded",
        "failed",
        "failed",
        "cancelled",
        "unfinished",
        "other",
        "other",
    ]


def test_runs_that_end_after_days_are_counted_on_the_day_they_began(
    sqlite_store: Engine, tmp_path: Path
) -> None:
    """Day by day, every run is counted once, however long it waited and however late it is told."""
    with tenant(tmp_path, "small") as simulated:
        for _ in range(8):
            simulated.collect(sqlite_store, ["environments", "connectors", "flows", "flow_runs"])
            assert equals_truth(sqlite_store, simulated)
            simulated.post("advance", days=1)


def test_what_stood_in_for_a_closed_service_never_hides_the_fuller_count(
    store: Engine, tmp_path: Path
) -> None:
    """A day that the Flow service told before it was over is counted in full once Dataverse is back."""
    names = ["environments", "connectors", "flows", "flow_runs"]
    with tenant(tmp_path) as simulated:
        simulated.collect(store, names)
        simulated.post("faults", host="dynamics.com", kind="503")
        simulated.collect(store, names)
        simulated.clear_faults()
        for _ in range(3):
            simulated.post("advance", days=1)
            simulated.collect(store, names)
        truth = {
            (row["workflow_id"] or row["flow"], row["day"]): row
            for row in simulated.get("truth")["flow_runs"]
        }
    with reading(store) as connection:
        moment = latest(connection)
        assert moment is not None
        frame = flow_runs(connection, moment)
        query = "SELECT f.id, coalesce(v.workflow_id, f.key) FROM flows f JOIN flow_versions v "
        query += "ON v.flow_id = f.id AND v.to_run IS NULL"
        keys = dict(tuple(row) for row in connection.execute(text(query)))
    counted = {
        (keys[row.flow_id], str(row.day.date())): sum(getattr(row, name) for name in COUNTS)
        for row in frame.itertuples()
    }
    short = {
        key: (row, counted[key])
        for key, row in truth.items()
        if key in counted and counted[key] < sum((row["dataverse"] or {}).values())
    }

    assert {row.source for row in frame.itertuples()} == {"dataverse", "flow_api"}
    assert short == {}


def test_reading_the_same_days_again_changes_nothing(store: Engine, tmp_path: Path) -> None:
    """A replay of the same window writes no row, and the step says how far it has read."""
    with tenant(tmp_path) as simulated:
        simulated.collect(store)
        before = rows(store)
        report = simulated.collect(store, ["flow_runs"])
        now = simulated.get("truth")["now"]
    with reading(store) as connection:
        marks = set(connection.scalars(select(Step.watermark).where(Step.collector == "flow_runs")))

    assert before
    assert rows(store) == before
    assert {step.rows_changed for step in report.steps} == {0}
    assert marks == {now}


def test_a_day_without_runs_is_a_row_of_zeros(store: Engine, tmp_path: Path) -> None:
    """Zero is stored, so that it cannot be taken for a day that nobody read."""
    with tenant(tmp_path) as simulated:
        simulated.collect(store)
        truth = expected(simulated.get("truth"), set())["flow_runs"]
    found = rows(store, "flow_id", "day", "succeeded", "failed", "cancelled", "unfinished", "other")
    flows = {row[0] for row in found}

    assert len(found) == 28 * len(flows)
    assert sum(any(row[2:]) for row in found) == len(truth)


def test_where_dataverse_keeps_no_runs_the_flow_service_is_asked(
    store: Engine, tmp_path: Path
) -> None:
    """A database told to keep none is no zero: the Flow service tells what it knows, the rest lacks."""
    with tenant(tmp_path) as simulated:
        simulated.post("settings", flow_run_ttl=0)
        report = simulated.collect(store)
        sources = {row[0] for row in rows(store, "source")}
        truth = simulated.get("truth")
    using = using_connectors(truth)
    alone = {
        row["environment_id"]
        for row in truth["flows"]
        if row["sources"] == ["dataverse"] and (row["environment_id"], row["id"]) in using
    }

    assert sources == {"flow_api"}
    lacking = [step for step in report.short if step.collector == "flow_runs"]
    assert alone
    assert {step.environment for step in lacking} == alone
    assert all("known to Dataverse alone" in str(step.reason) for step in lacking)


def test_a_closed_flow_service_is_a_gap_and_not_a_zero(store: Engine, tmp_path: Path) -> None:
    """Flows outside solutions keep what was counted; what came since is missing, not nothing."""
    with tenant(tmp_path) as simulated:
        simulated.collect(store)
        before = [row for row in rows(store) if "flow_api" in row]
        simulated.post("advance", days=3)
        simulated.post("settings", flow_app_only="refuse")
        httpx.delete(f"{simulated.served.url}/_sim/requests").raise_for_status()
        report = simulated.collect(store)
        routes = simulated.get("requests")["routes"]

    assert before
    assert [row for row in rows(store) if "flow_api" in row] == before
    assert not [route for route in routes if route.endswith("/runs")]
    short = [step for step in report.short if step.collector == "flow_runs"]
    assert short
    assert all("flow_api: refused" in str(step.reason) for step in short)


def test_runs_that_dataverse_missed_are_said_to_be_missing(store: Engine, tmp_path: Path) -> None:
    """Where Dataverse admits that it could not take in runs, the source falls short, days named."""
    with tenant(tmp_path) as simulated:
        simulated.post("settings", flow_runs_dropped=True)
        report = simulated.collect(store)
        day = simulated.get("truth")["now"][:8]

    short = [step for step in report.short if step.collector == "flow_runs"]
    assert short
    assert all("missed flow runs on " + day[:7] in str(step.reason) for step in short)


def test_a_flow_that_cannot_be_asked_keeps_its_days(store: Engine, tmp_path: Path) -> None:
    """A failure on the runs of flows leaves theirs as they were; afterwards all is made good."""
    with tenant(tmp_path) as simulated:
        simulated.collect(store)
        before = rows(store)
        simulated.post("advance", days=2)
        simulated.post("faults", path="/runs|/flowruns", kind="500")
        report = simulated.collect(store)

        assert rows(store) == before
        assert [step for step in report.short if step.collector == "flow_runs"]

        simulated.clear_faults()
        simulated.collect(store)

        assert equals_truth(store, simulated)


def test_nothing_of_a_run_but_its_day_and_end_is_stored(
    sqlite_store: Engine, tmp_path: Path
) -> None:
    """Links to inputs and outputs, trackers and messages of runs are in no table."""
    with tenant(tmp_path) as simulated:
        simulated.collect(sqlite_store)
    with reading(sqlite_store) as connection:
        tables = connection.scalars(
            text("SELECT name FROM sqlite_master WHERE type = 'table'")
        ).all()
        stored = str([connection.execute(text(f"SELECT * FROM {t}")).all() for t in tables])  # noqa: S608 - names of our own tables

    assert "flow_api" in stored
    assert "logic.azure.com" not in stored
    assert "CU01" not in stored
