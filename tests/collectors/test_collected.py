"""What was collected equals what is true of the tenant."""

from __future__ import annotations

from pathlib import Path

import pytest
from expected import differences, expected
from licence_truth import licence_differences
from sqlalchemy import Engine
from tenants import tenant
from told import told

NOUNS = [
    "environments",
    "people",
    "memberships",
    "connectors",
    "permissions",
    "connections",
    "connection_references",
    "flows",
    "apps",
    "agents",
    "licence_skus",
    "licence_assignments",
    "billing_policies",
    "allocations",
    "app_registrations",
    "connector_clients",
    "app_permissions",
    "flow_permissions",
    "flow_runs",
    "audit_events",
    "connection_permissions",
    "data_policies",
]


def compare(engine: Engine, truth: dict[str, object]) -> dict[str, list[str]]:
    """Return every difference between a store and a tenant, by noun."""
    found = told(engine)
    asked = {key for key, row in found["people"].items() if row["kind"] == "group"}
    wanted = expected(truth, asked)
    assert sorted(wanted) == sorted(found) == sorted(NOUNS)
    return {noun: lines[:10] for noun in NOUNS if (lines := differences(wanted[noun], found[noun]))}


@pytest.mark.parametrize("seed", [7, pytest.param(11, marks=pytest.mark.postgresql_in_soak)])
def test_a_tiny_tenant_is_read_as_it_is_through_three_runs(
    store: Engine, tmp_path: Path, seed: int
) -> None:
    """Three runs with weeks between leave exactly the tenant's present facts present."""
    with tenant(tmp_path, seed=seed) as simulated:
        for _ in range(3):
            assert simulated.collect(store).state == "complete"
            assert compare(store, simulated.get("truth")) == {}
            simulated.post("advance", days=7)
        assert simulated.get("requests")["trespasses"] == {}


@pytest.mark.postgresql_in_soak
@pytest.mark.parametrize(
    ("size", "environments", "flows"),
    [("small", 6, 131), pytest.param("medium", 61, 2501, marks=pytest.mark.soak)],
)
def test_a_tenant_of_real_definitions_is_read_as_it_is(
    store: Engine, tmp_path: Path, corpus: Path, size: str, environments: int, flows: int
) -> None:
    """Environments with all real definitions are read whole, but for what is refused."""
    with tenant(tmp_path, size, definitions=corpus / "connectors") as simulated:
        report = simulated.collect(store)
        truth = simulated.get("truth")
        trespasses = simulated.get("requests")["trespasses"]

    assert report.state == "partial"
    assert compare(store, truth) == {}
    assert licence_differences(store, truth, "active") == []
    assert trespasses == {}
    assert len(truth["environments"]) == environments
    assert len(truth["flows"]) >= flows
    refused = {row["id"] for row in truth["environments"] if not row["admin_readable"]} | {
        row["id"]
        for row in truth["environments"]
        if row["has_dataverse"] and not row["dataverse_readable"] and not row["deleted"]
    }
    assert {step.environment for step in report.short} == refused
