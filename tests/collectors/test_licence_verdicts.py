"""The verdict of licensing on every person equals the one that was planted for them.

Of the medium tenant test_collected.py holds the same, which reads that tenant anyhow.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from licence_truth import licence_differences
from sqlalchemy import Engine, text
from tenants import tenant

from connectory.database import open_store, writing


@pytest.mark.postgresql_in_soak
def test_everybody_of_a_small_tenant_is_judged_as_planted(store: Engine, tmp_path: Path) -> None:
    """On either basis, at first and after two weeks in which people, shares and licences move."""
    with tenant(tmp_path, "small") as simulated:
        simulated.collect(store)
        first = simulated.get("truth")
        assert licence_differences(store, first, "active") == []
        assert licence_differences(store, first, "access") == []
        for _ in range(2):
            simulated.post("advance", days=7)
            simulated.collect(store)
        later = simulated.get("truth")
        assert licence_differences(store, later, "active") == []
        assert licence_differences(store, later, "access") == []


@pytest.mark.parametrize("seed", [7, 11])
def test_everybody_of_a_tiny_tenant_is_judged_as_planted(
    sqlite_store: Engine, tmp_path: Path, seed: int
) -> None:
    """A tenant with room for few cases has a verdict on everybody as well."""
    with tenant(tmp_path, seed=seed) as simulated:
        simulated.collect(sqlite_store)
        truth = simulated.get("truth")

    assert licence_differences(sqlite_store, truth, "active") == []
    assert licence_differences(sqlite_store, truth, "access") == []


SPOILED = {
    "UPDATE licence_assignments SET disabled_plans = '[]'": "disabled-service-plan",
    "UPDATE licence_sku_versions SET capability_status = 'Enabled'": "expired-subscription",
    "DELETE FROM audit_events": "access-but-never-opened",
    "DELETE FROM group_members": "app-shared-to-a-group",
    "DELETE FROM billing_policy_environments": "app-meter-on",
    "DELETE FROM environment_allocations": "per-app-passes-held-enough",
    "DELETE FROM app_permissions": "uses-connector-app-with-m365-only",
    "UPDATE flow_versions SET trigger_kind = NULL": "invoker-of-instant-flow",
    "UPDATE principal_versions SET enabled = 1": "disabled-holder",
    "UPDATE environment_versions SET managed = 0": "premium-in-a-managed-environment",
}
"""Facts taken away or changed, each with a case that depends on them."""


def test_a_fact_that_is_read_wrongly_shows(sqlite_store: Engine, tmp_path: Path) -> None:
    """Whatever fact is spoiled, the case about it tells."""
    place = Path(str(sqlite_store.url.database))
    with tenant(tmp_path, "small") as simulated:
        simulated.collect(sqlite_store)
        truth = simulated.get("truth")
    with sqlite_store.connect() as connection:
        connection.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))
    whole = place.read_bytes()
    unnoticed = []
    for number, (statement, case) in enumerate(SPOILED.items()):
        copy = tmp_path / f"{number}.sqlite"
        copy.write_bytes(whole)
        engine = open_store(f"sqlite:///{copy}")
        with writing(engine) as connection:
            connection.execute(text(statement))
        lines = licence_differences(engine, truth, "active")
        engine.dispose()
        if not any(line.startswith(case) for line in lines):
            unnoticed.append((statement, lines[:5]))

    assert unnoticed == []
