"""Licences, billing, credentials and roles on assets, as of any run."""

from __future__ import annotations

from datetime import timedelta

from factories import ADA, BRUNO, DORA, MAKERS, RUN_TIMES, TENANT, moment
from factories_entitlements import CLIENT
from sqlalchemy import Connection

from connectory.queries.asset_sharing import asset_permissions
from connectory.queries.credentials import credentials
from connectory.queries.entitlements import allocations, billing_policies, licences


def test_a_licence_names_product_plans_and_way(tenant: Connection) -> None:
    """Plans have their names where the product tells them; an untold way is missing, not false."""
    frame = licences(tenant, moment(3)).set_index("principal_key")

    assert set(frame.index) == {ADA, BRUNO, DORA}
    assert frame.loc[ADA, "product"] == "PREMIUM"
    assert frame.loc[ADA, "disabled_plans"] == ["FLOW", "plan-unknown"]
    assert bool(frame.loc[ADA, "direct"]) is True
    assert (bool(frame.loc[BRUNO, "direct"]), frame.loc[BRUNO, "groups"]) == (False, 1)
    assert frame["direct"].isna()[DORA]
    assert frame["groups"].isna()[DORA]
    assert frame.loc[BRUNO, "state"] == "disabled"


def test_a_licence_taken_back_was_held_before(tenant: Connection) -> None:
    """As of an earlier run everybody who held one then is there."""
    assert len(licences(tenant, moment(2))) == len(licences(tenant, moment(3))) + 1


def test_meters_that_are_not_told_are_not_none(tenant: Connection) -> None:
    """A policy lists the meters that are on, or nothing where the service does not say."""
    frame = billing_policies(tenant, moment(3)).set_index("name")

    assert frame.loc["PAYG", "meters"] == ["powerApps"]
    assert frame.loc["Pilot", "meters"] is None
    assert frame.loc["PAYG", "environments"] == ["Finance", "elsewhere"]
    assert frame.loc["Pilot", "environments"] == []
    before = billing_policies(tenant, moment(1)).set_index("name")
    assert before.loc["PAYG", "environments"] == ["Finance", "Playground", "elsewhere"]


def test_passes_go_with_their_environment(tenant: Connection) -> None:
    """What a deleted environment was handed out counts no more, and counted before."""
    assert allocations(tenant, moment(3))["allocated"].tolist() == [5]
    assert sorted(allocations(tenant, moment(1))["allocated"]) == [2, 5]


def test_a_credential_counts_the_connectors_that_rest_on_it(tenant: Connection) -> None:
    """Client ids meet whatever their case; an application that is gone has no credentials."""
    frame = credentials(tenant, moment(3))

    assert frame[["client_id", "holder", "kind", "connectors"]].to_numpy().tolist() == [
        ["client-robot", "service_principal", "certificate", 0],
        [CLIENT, "application", "secret", 1],
    ]
    assert frame["ends_at"].tolist()[1] == RUN_TIMES[0] + timedelta(days=200)
    before = credentials(tenant, moment(1))
    assert before["ends_at"].tolist() == [RUN_TIMES[0] + timedelta(days=10)]


def test_roles_are_those_on_assets_that_are_here(tenant: Connection) -> None:
    """A flow that is missing has none; everyone is named as such."""
    frame = asset_permissions(tenant, moment(3))

    assert frame[["kind", "asset", "principal_key", "role"]].to_numpy().tolist() == [
        ["app", "Expense desk", TENANT, "CanView"],
        ["app", "Expense desk", BRUNO, "Owner"],
        ["flow", "Pay the bills", MAKERS, "CanView"],
        ["flow", "Pay the bills", ADA, "Owner"],
    ]
    assert frame["principal"].tolist()[0] == "Everyone in the tenant"
    assert len(asset_permissions(tenant, moment(1))) == 4  # the later share not yet, Sandbox's flow
