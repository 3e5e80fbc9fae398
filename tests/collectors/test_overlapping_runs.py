"""Runs that overlap, and steps that break off: what is known stays in order and is never overstated."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, text
from tenants import Tenant, tenant
from test_collected import compare
from test_interrupted import doubled

from collectors.run import RunReport
from connectory.assess import assess
from connectory.database import reading, writing


def rows(engine: Engine, query: str, **values: Any) -> list[tuple[Any, ...]]:
    """Return what a query finds."""
    with reading(engine) as connection:
        return [tuple(row) for row in connection.execute(text(query), values)]


def begun(engine: Engine, run: int, collector: str) -> bool:
    """Tell whether a run has begun a step of a collector."""
    query = "SELECT 1 FROM steps WHERE run_id = :run AND collector = :collector"
    return bool(rows(engine, query, run=run, collector=collector))


@contextmanager
def meanwhile(
    simulated: Tenant, engine: Engine, names: list[str], *, until: str
) -> Iterator[list[RunReport]]:
    """Run collectors in a thread of their own, and go on once one of them has begun."""
    reports: list[RunReport] = []
    last = rows(engine, "SELECT coalesce(max(id), 0) FROM runs")[0][0]
    thread = threading.Thread(target=lambda: reports.append(simulated.collect(engine, names)))
    thread.start()
    waiting = time.monotonic() + 30
    while not begun(engine, last + 1, until) and time.monotonic() < waiting:
        time.sleep(0.02)
    try:
        yield reports
    finally:
        thread.join(60)


def test_two_runs_that_tell_of_one_connector_leave_intervals_in_order(
    store: Engine, tmp_path: Path
) -> None:
    """The audit log tells of a deletion while a newer run finds the connector missing."""
    with tenant(tmp_path) as simulated:
        simulated.collect(store)
        found = rows(
            store,
            "SELECT v.name, e.key, v.connector_id FROM connector_versions v"
            " JOIN connectors c ON c.id = v.connector_id"
            " JOIN environments e ON e.id = c.environment_id"
            " WHERE v.to_run IS NULL AND v.presence = 'present' AND v.name IS NOT NULL",
        )
        name, home, connector = found[0]
        named = {one.casefold(): one for one in simulated.served.tenant.environments}
        simulated.post("advance", days=1)
        simulated.story("delete_connector", environment=named[home], name=name)
        simulated.served.tenant.now += timedelta(hours=3)
        simulated.post(
            "faults", host="manage.office.com", path="subscriptions/content", kind="slow",
            seconds=3, times=1,
        )  # fmt: skip
        with meanwhile(simulated, store, ["audit"], until="audit") as reports:
            newer = simulated.collect(store, ["connectors"])
        older = reports[0]
        simulated.collect(store)
        simulated.collect(store)
        wrong = compare(store, simulated.get("truth"))
    query = """
        SELECT from_run, to_run, presence FROM connector_versions
        WHERE connector_id = :connector ORDER BY from_run
    """
    history = rows(store, query, connector=connector)

    assert older.run_id < newer.run_id
    assert doubled(store) == []
    assert all(to_run is None or to_run > from_run for from_run, to_run, _ in history)
    assert [earlier[1] for earlier in history[:-1]] == [later[0] for later in history[1:]]
    assert history[-1][2] == "gone"
    assert wrong == {}


def test_an_older_run_leaves_alone_what_a_newer_one_has_read(store: Engine, tmp_path: Path) -> None:
    """Its step over that collector is not made, and says why."""
    with tenant(tmp_path) as simulated:
        simulated.collect(store)
        simulated.post(
            "faults", host="graph.microsoft.com", path="deletedItems", kind="slow", seconds=3,
            times=1,
        )  # fmt: skip
        with meanwhile(simulated, store, ["people", "audit"], until="people") as reports:
            newer = simulated.collect(store, ["audit"])
        again = simulated.collect(store, ["people", "audit"])
    told = {step.collector: (step.state, step.reason) for step in reports[0].steps}

    assert reports[0].run_id < newer.run_id
    assert told["audit"] == ("skipped", "a newer run has read this already")
    assert told["people"][0] == "complete"
    assert {step.state for step in again.steps} == {"complete"}


def refuse(engine: Engine, source: str) -> None:
    """Let the store take nothing more that one source shows."""
    with writing(engine) as connection:
        for event in ("INSERT", "UPDATE"):
            connection.execute(
                text(
                    f"CREATE TRIGGER refuse_{event} BEFORE {event} ON sightings"
                    f" WHEN NEW.source = '{source}'"
                    " BEGIN SELECT RAISE(ABORT, 'no room for more'); END"
                )
            )


def accept(engine: Engine) -> None:
    """Let the store take everything again."""
    with writing(engine) as connection:
        for event in ("INSERT", "UPDATE"):
            connection.execute(text(f"DROP TRIGGER refuse_{event}"))


def ownership(engine: Engine, simulated: Tenant) -> dict[int, str]:
    """Assess and return how each connector is owned."""
    assess(engine, now=lambda: simulated.served.tenant.now)
    query = "SELECT connector_id, state FROM ownership_answers WHERE to_run IS NULL"
    return dict(rows(engine, query))  # type: ignore[arg-type]


def test_a_source_is_not_read_whole_where_its_step_breaks_off(
    sqlite_store: Engine, tmp_path: Path
) -> None:
    """Nobody is taken to have left because the store refused to take those who are there."""
    names = ["environments", "people", "connectors", "permissions"]
    with tenant(tmp_path, "small") as simulated:
        refuse(sqlite_store, "service_principals")
        report = simulated.collect(sqlite_store, names)
        during = ownership(sqlite_store, simulated)
        read = dict(
            rows(
                sqlite_store,
                "SELECT source, outcome FROM step_sources JOIN steps ON steps.id = step_id"
                " WHERE collector = 'people'",
            )
        )  # type: ignore[arg-type]
        accept(sqlite_store)
        simulated.collect(sqlite_store, names)
        after = ownership(sqlite_store, simulated)

    assert any("no room for more" in str(step.reason) for step in report.steps)
    assert read["users"] == "complete"
    assert read["service_principals"] == "failed"
    assert "service_principal_owner" in after.values()
    for connector, state in during.items():
        assert state == after[connector] or state not in {"departed_owner", "nobody"}, state


@pytest.mark.parametrize("fault", ["breaks off", "says that the bookmark is too old"])
def test_somebody_who_went_is_gone_although_a_run_in_between_broke(
    sqlite_store: Engine, tmp_path: Path, fault: str
) -> None:
    """Where nothing may be concluded, the place up to which was read does not move either."""
    with tenant(tmp_path) as simulated:
        world = simulated.served.tenant
        simulated.collect(sqlite_store)
        leaver = next(one for one in world.people.values() if one.deleted is None and one.enabled)
        # Purged: no list of the directory shows the person any more.
        leaver.deleted, leaver.enabled = world.now - timedelta(days=60), False
        simulated.post("advance", days=1)
        if fault == "breaks off":
            refuse(sqlite_store, "service_principals")
            broken = simulated.collect(sqlite_store, ["people"])
            assert [step.state for step in broken.steps] == ["failed"]
            accept(sqlite_store)
        else:
            simulated.post(
                "faults", host="graph.microsoft.com", path="deltatoken", kind="expired_page_token"
            )
        for _ in range(2):
            simulated.post("advance", days=1)
            report = simulated.collect(sqlite_store, ["people"])
            assert [step.state for step in report.steps] == ["complete"]
        query = """
            SELECT presence FROM principal_versions JOIN principals ON principals.id = principal_id
            WHERE key = :key AND to_run IS NULL
        """
        found = rows(sqlite_store, query, key=leaver.id.casefold())

    assert found == [("gone",)]
