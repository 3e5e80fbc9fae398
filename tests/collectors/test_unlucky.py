"""Rows, stores and operators that are not as they should be."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, text
from tenants import tenant
from test_store import Opener, environment, next_run, versions

from collectors.nouns import CONNECTORS
from collectors.run import UnknownEnvironment
from collectors.store import Kept
from connectory.database import reading, writing

__all__ = ["next_run"]


def runs(engine: Engine) -> list[tuple[str, str | None]]:
    """Return state and reason of every run."""
    with reading(engine) as connection:
        rows = connection.execute(text("SELECT state, reason FROM runs ORDER BY id"))
        return [(row.state, row.reason) for row in rows]


def test_a_store_that_refuses_one_step_fails_that_step_alone(
    sqlite_store: Engine, tmp_path: Path
) -> None:
    """A row the store refuses fails its step; the run goes on and is not called whole."""
    with writing(sqlite_store) as connection:
        connection.execute(
            text(
                "CREATE TRIGGER refuse BEFORE INSERT ON app_versions "
                "BEGIN SELECT RAISE(ABORT, 'no apps today'); END"
            )
        )
    with tenant(tmp_path) as simulated:
        report = simulated.collect(sqlite_store)

    failed = {step.collector for step in report.steps if step.state == "failed"}
    assert report.state == "partial"
    assert failed == {"apps"}
    assert all("no apps today" in str(step.reason) for step in report.short)
    with reading(sqlite_store) as connection:
        assert connection.scalar(text("SELECT count(*) FROM steps WHERE state='running'")) == 0


def test_a_run_that_breaks_is_never_called_complete(sqlite_store: Engine, tmp_path: Path) -> None:
    """Where the ledger itself cannot be written the run ends as failed, with the reason."""
    with writing(sqlite_store) as connection:
        connection.execute(
            text(
                "CREATE TRIGGER refuse BEFORE INSERT ON steps "
                "BEGIN SELECT RAISE(ABORT, 'the ledger is full'); END"
            )
        )
    with tenant(tmp_path) as simulated, pytest.raises(Exception, match="ledger is full"):
        simulated.collect(sqlite_store)

    assert runs(sqlite_store) == [("failed", "the ledger is full")]


def test_two_provisional_rows_with_one_name_are_merged(store: Engine, next_run: Any) -> None:
    """Two Dataverse rows that turn out to be one connector end as one, without breaking the run."""
    first: Opener = next_run()
    home = environment(first(None))
    rows = [Kept("dv:1", {"display_name": "A"}), Kept("dv:2", {"display_name": "B"})]
    first(home).keep(CONNECTORS, rows, source="dataverse")
    second = next_run()(home)
    second.adopt(CONNECTORS, {"dv:1": "shared_a", "dv:2": "shared_a"})
    second.keep(CONNECTORS, [Kept("shared_a", {"display_name": "A"})], source="dataverse")

    assert [row[:2] for row in versions(store, CONNECTORS, "display_name")] == [
        ("A", "present"),
        ("B", "present"),
        ("B", "gone"),
    ]


@pytest.mark.usefixtures("store")
def test_hostile_keys_are_storable_and_stay_apart(next_run: Any) -> None:
    """Keys that are too long or carry NUL are kept, and two that differ stay two."""
    first: Opener = next_run()
    home = environment(first(None))
    keys = ["shared_" + "x" * 500, "shared_" + "x" * 500 + "y", "shared_a\x00b", "shared_ab"]

    ids = first(home).keep(CONNECTORS, [Kept(key, {}) for key in keys], source="admin")
    again = next_run()(home).keep(CONNECTORS, [Kept(key, {}) for key in keys], source="admin")

    assert list(ids) == keys
    assert len(set(ids.values())) == 4
    assert again == ids


def test_a_refused_list_changes_nothing_it_told_before(store: Engine, tmp_path: Path) -> None:
    """While the admin list is refused, lesser sources do not rewrite what it told."""
    with tenant(tmp_path, "small") as simulated:
        simulated.collect(store)
        simulated.post(
            "faults", host="api.powerapps.com", path=r"environments/[^/]+/apis\?", kind="forbidden"
        )
        simulated.post("faults", host="api.flow.microsoft.com", kind="forbidden")
        simulated.collect(store)

    with reading(store) as connection:
        for table in ("connector_versions", "flow_versions", "flow_operations", "flow_references"):
            query = f"SELECT count(*) FROM {table} WHERE from_run = 2"  # noqa: S608
            assert connection.scalar(text(query)) == 0, table


def test_trouble_at_one_service_does_not_stop_the_others(
    sqlite_store: Engine, tmp_path: Path
) -> None:
    """With Graph refusing to sign anybody in, connectors are read all the same."""
    with tenant(tmp_path) as simulated:
        settings = simulated.settings(
            sqlite_store, scopes={"graph": "https://nothing.example/.default"}
        )
        simulated.post("faults", host="graph.microsoft.com", kind="drop")
        report = simulated.collect(sqlite_store, settings=settings)

    states = {step.collector: step.state for step in report.steps}
    assert report.state == "partial"
    assert states["people"] == "failed"
    assert states["connectors"] == "complete"


def test_an_unknown_environment_is_an_error(sqlite_store: Engine, tmp_path: Path) -> None:
    """A mistyped environment is refused instead of reading nothing and calling it complete."""
    with tenant(tmp_path) as simulated:
        simulated.collect(sqlite_store)
        with pytest.raises(UnknownEnvironment, match="no environment nowhere"):
            simulated.collect(sqlite_store, environments=["nowhere"])

    assert runs(sqlite_store)[-1][0] == "failed"


def test_a_failed_first_run_binds_the_store_to_nobody(sqlite_store: Engine, tmp_path: Path) -> None:
    """A store that was never filled takes the tenant that first fills it."""
    with tenant(tmp_path) as simulated:
        settings = simulated.settings(sqlite_store)
        wrong = settings.tenant.model_copy(update={"id": "22222222-2222-4222-8222-222222222222"})
        mistyped = settings.model_copy(update={"tenant": wrong})
        first = simulated.collect(sqlite_store, settings=mistyped)
        second = simulated.collect(sqlite_store)

    assert (first.state, second.state) == ("failed", "complete")


def test_secrets_in_words_are_not_stored(sqlite_store: Engine, tmp_path: Path) -> None:
    """Secrets in names, descriptions and addresses are replaced before they are stored."""
    with tenant(tmp_path) as simulated:
        running = simulated.served.tenant
        one = next(c for c in running.connectors if c.in_admin_list and c.name and not c.deleted)
        one.backend_url = "https://svc:hunter22@api.example/?code=PLANTED0123456789"
        one.description = "use Bearer PLANTED0123456789abcdef"
        link = running.connections[0]
        link.display_name = "Server=db;Password=PLANTEDhunter22"
        one.connection_parameters = {
            "x-functions-key": {"type": "string", "default": "PLANTED-key"}
        }
        simulated.served.changed()
        simulated.collect(sqlite_store)

    found = []
    with reading(sqlite_store) as connection:
        tables = connection.scalars(text("SELECT name FROM sqlite_master WHERE type='table'")).all()
        for table in tables:
            for row in connection.execute(text(f"SELECT * FROM {table}")):  # noqa: S608
                found += [
                    table for value in row if "PLANTED" in str(value) or "hunter22" in str(value)
                ]
    assert found == []
