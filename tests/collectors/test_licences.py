"""Licences, billing and allocations: what one record says, and what failures leave untouched."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, text
from tenants import Tenant, tenant
from told import told

from collectors.billing import meters, policy
from collectors.licences import assignments, sku
from connectory.database import reading

NOUNS = ("licence_skus", "licence_assignments", "billing_policies", "allocations")
SUITE = "05E9A617-0261-4CEE-BB44-138D3EF5D965"
PLAN = "76846AD7-7776-4C40-A281-A386362DD1B9"


def entitled(engine: Engine) -> dict[str, Any]:
    """Return what a store says of licences, billing and allocations."""
    found = told(engine)
    return {noun: found[noun] for noun in NOUNS}


def outcomes(engine: Engine, collector: str) -> dict[str, str]:
    """Return how the latest step of a collector read each of its sources."""
    query = """
        SELECT source, outcome FROM step_sources WHERE step_id =
        (SELECT max(id) FROM steps WHERE collector = :collector)
    """
    with reading(engine) as connection:
        rows = connection.execute(text(query), {"collector": collector})
        return {row.source: row.outcome for row in rows}


def test_a_product_is_read_with_its_plans() -> None:
    """Units by state and the plans inside are kept; ids are folded, plans in a fixed order."""
    plan = {"servicePlanId": PLAN, "servicePlanName": "FLOW_O365_P2",
            "provisioningStatus": "Success", "appliesTo": "User"}  # fmt: skip
    other = {**plan, "servicePlanId": "0F9B09CB-62D1-4FF4-9129-43F4996F83F4"}
    kept = sku(
        {
            "skuId": SUITE,
            "skuPartNumber": "SPE_E3",
            "capabilityStatus": "Warning",
            "appliesTo": "User",
            "consumedUnits": 7,
            "prepaidUnits": {"enabled": 0, "suspended": 1, "warning": 9, "lockedOut": 2},
            "servicePlans": [plan, other],
        }
    )

    assert kept.key == SUITE.lower()
    assert kept.values["warning"] == 9
    assert kept.values["locked_out"] == 2
    assert [plan["id"] for plan in kept.values["service_plans"]] == [
        "0f9b09cb-62d1-4ff4-9129-43f4996f83f4",
        PLAN.lower(),
    ]


def test_the_barest_product_is_read() -> None:
    """A product that tells nothing but its id is kept, with nothing made up."""
    kept = sku({"skuId": SUITE})

    assert {name for name, value in kept.values.items() if value} == set()


def test_a_licence_says_whether_it_is_direct_and_from_which_groups() -> None:
    """Both ways at once are both kept, with what is switched off in the end."""
    states = [
        {"skuId": SUITE, "assignedByGroup": None},
        {"skuId": SUITE, "assignedByGroup": "B-Group"},
        {"skuId": SUITE, "assignedByGroup": "A-Group"},
        {"skuId": "another", "assignedByGroup": "C-Group"},
    ]
    record = {
        "id": "ANN",
        "assignedLicenses": [{"skuId": SUITE, "disabledPlans": [PLAN]}],
        "licenseAssignmentStates": states,
    }

    assert assignments(record) == [
        {
            "principal_key": "ann",
            "sku_key": SUITE.lower(),
            "disabled_plans": [PLAN.lower()],
            "direct": True,
            "group_keys": ["a-group", "b-group"],
        }
    ]
    record["licenseAssignmentStates"] = states[1:]
    assert assignments(record)[0]["direct"] is False


def test_where_ways_are_not_told_they_are_unknown() -> None:
    """Without the states nothing is said of how a licence came, rather than that it is direct."""
    (row,) = assignments({"id": "ann", "assignedLicenses": [{"skuId": SUITE}]})

    assert (row["direct"], row["group_keys"], row["disabled_plans"]) == (None, None, [])


@pytest.mark.parametrize(
    ("told", "wanted"),
    [
        ({}, None),
        ({"powerAppsPolicy": {"payAsYouGoState": "Enabled"}}, {"powerApps": True}),
        (
            {"powerAutomatePolicy": {"cloudFlowRunsPayAsYouGoState": "Disabled"}},
            {"cloudFlowRuns": False},
        ),
        (
            {"payGoEntitlements": [
                {"entitlementId": "PerApp", "payAsYouGoState": True},
                {"entitlementId": "CloudFlowRuns", "payAsYouGoState": False},
            ]},
            {"PerApp": True, "CloudFlowRuns": False},
        ),
        ({"payGoEntitlements": None, "storagePolicy": "x"}, None),
    ],
    ids=["published", "app", "flow", "list", "crooked"],
)  # fmt: skip
def test_meters_are_read_in_every_form_seen(
    told: dict[str, Any], wanted: dict[str, bool] | None
) -> None:
    """A reply that tells no meter leaves them unknown; none counts as on without being told."""
    assert meters(told) == wanted


def test_the_barest_policy_is_read() -> None:
    """A policy that tells nothing but its id is kept, with nothing made up."""
    kept = policy({"id": "ABC"})

    assert kept.key == "abc"
    assert {name for name, value in kept.values.items() if value} == set()


def test_what_is_collected_is_not_empty(store: Engine, tmp_path: Path) -> None:
    """The tiny tenant has some of everything, so that equality proves something."""
    with tenant(tmp_path) as simulated:
        simulated.collect(store)
    found = entitled(store)

    assert all(found.values())
    assert any(row["disabled_plans"] for row in found["licence_assignments"].values())
    assert any(row["groups"] for row in found["licence_assignments"].values())
    assert any(row["environments"] for row in found["billing_policies"].values())
    assert {row["meters"] is None for row in found["billing_policies"].values()} == {True, False}
    assert outcomes(store, "licences") == {
        "subscribed_skus": "complete",
        "assignments": "complete",
        "billing_policies": "complete",
        "billing_policy_environments": "complete",
        "addons": "complete",
        "allocations": "complete",
    }


@pytest.mark.parametrize(
    ("host", "path", "source"),
    [
        ("graph.microsoft.com", "/subscribedSkus", "subscribed_skus"),
        ("graph.microsoft.com", r"/users.*assignedLicenses", "assignments"),
        ("api.powerplatform.com", r"/billingPolicies\?", "billing_policies"),
        ("api.powerplatform.com", "/environments", "billing_policy_environments"),
        ("api.bap.microsoft.com", "addons", "addons"),
        ("api.powerplatform.com", "/allocationsByEnvironment", "allocations"),
    ],
)
@pytest.mark.parametrize("kind", ["forbidden", "truncate", "500"])
def test_a_source_that_fails_changes_nothing(
    sqlite_store: Engine, tmp_path: Path, host: str, path: str, source: str, kind: str
) -> None:
    """Whatever cannot be read stays as it was last read, and the step says which source it was."""
    with tenant(tmp_path) as simulated:
        simulated.collect(sqlite_store, ["environments", "licences"])
        before = entitled(sqlite_store)
        simulated.post("faults", host=host, path=path, kind=kind)
        simulated.collect(sqlite_store, ["licences"])
        after = entitled(sqlite_store)

    assert after == before
    assert outcomes(sqlite_store, "licences")[source] in {"partial", "refused", "failed"}


def _holder(simulated: Tenant) -> str:
    """Return somebody who holds a licence and builds nothing."""
    owners = {connector.created_by for connector in simulated.served.tenant.connectors}
    rows = simulated.get("truth")["licence_assignments"]
    return str(next(row["person_id"] for row in rows if row["person_id"] not in owners))


def test_who_leaves_holds_no_licence_but_only_a_whole_list_says_so(
    store: Engine, tmp_path: Path
) -> None:
    """A list cut in the middle takes nobody's licence; a whole one takes those of who left."""
    with tenant(tmp_path) as simulated:
        simulated.collect(store)
        leaver = _holder(simulated)
        simulated.story("remove_person", person=leaver)
        simulated.post("settings", page_limit=5)
        simulated.post("faults", host="graph.microsoft.com", path="skiptoken", kind="500")
        simulated.collect(store, ["licences"])
        cut = told(store)["licence_assignments"]
        simulated.clear_faults()
        simulated.collect(store, ["licences"])
        whole = told(store)["licence_assignments"]

    assert [key for key in cut if key[0] == leaver]
    assert [key for key in whole if key[0] == leaver] == []
    assert cut.keys() - whole.keys() == {key for key in cut if key[0] == leaver}


def test_reading_the_same_again_costs_no_row(store: Engine, tmp_path: Path) -> None:
    """Two runs over an unchanged tenant leave one interval of everything."""
    with tenant(tmp_path) as simulated:
        simulated.collect(store)
        again = simulated.collect(store, ["licences", "credentials", "asset_permissions"])

    assert {step.state for step in again.steps} == {"complete"}
    assert sum(step.rows_changed for step in again.steps) == 0
