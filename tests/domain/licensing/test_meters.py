"""Passes and meters: whom they cover, whom they bill, and where they lie idle."""

from __future__ import annotations

import json

import pytest
from tenants_told import (
    AUTOMATE,
    PREMIUM,
    SUITE,
    TODAY,
    app,
    environment,
    estimated,
    flow,
    scenario,
    user,
)
from test_rules import needed

from connectory.domain.licensing.estimate import estimate
from connectory.domain.licensing.reading import read_scenario
from connectory.domain.licensing.rules import OpenRules


def test_passes_go_where_the_fewest_remain_in_need() -> None:
    """Three passes cover three people of one app rather than one of three."""
    found = estimated(
        environments=[environment(per_app_passes=3)],
        users=[user("many"), user("one", 3)],
        apps=[app("a", "many", "one"), app("b", "many"), app("c", "many")],
    )

    assert needed(found) == ["many"]
    assert str(found.ways["per_app"] and found.ways["per_app"].monthly) == "15.00"
    assert str(found.ways["premium"] and found.ways["premium"].monthly) == "20.00"


def test_passes_of_a_linked_environment_lie_idle() -> None:
    """The meter bills whatever passes there are; without the meter nobody is covered."""
    users, apps = [user("ann", None, SUITE)], [app("a", "ann")]
    linked = environment(per_app_passes=5, apps=True)
    off = {**linked, "billing_policy": {"linked": True, "power_apps_meter": False}}
    billed = estimated(environments=[linked], users=users, apps=apps)
    without = estimated(environments=[off], users=users, apps=apps)

    assert (needed(billed), str(billed.metered_now)) == ([], "10.00")
    assert (needed(without), str(without.metered_now)) == (["ann"], "0.00")
    assert [line.plan for line in without.lines] == ["pa_payg"]


def test_an_app_that_is_opted_out_takes_licences_of_people() -> None:
    """Neither passes nor the meter cover it."""
    found = estimated(
        channel="csp_new",
        environments=[environment(apps=True, per_app_passes=5)],
        users=[user("ann", None, SUITE)],
        apps=[app("a", "ann", payg_opt_out=True)],
    )

    assert (needed(found), [line.plan for line in found.lines]) == (["ann"], ["pa_premium"])
    assert all(
        way and not way.compliant for name, way in found.ways.items() if name in ("per_app", "payg")
    )


@pytest.mark.parametrize(
    ("skus", "custom", "managed", "billed"),
    [
        ((), False, False, False),
        ((SUITE,), False, False, False),
        (("POWERAPPS_PER_USER_ISVEMB",), True, False, False),
        ((SUITE,), False, True, True),
        ((SUITE, AUTOMATE), False, True, False),
        ((SUITE,), True, False, True),
        ((PREMIUM,), True, True, False),
        (("POWERAPPS_VIRAL",), True, False, False),
    ],
)
def test_whom_the_app_meter_counts(
    skus: tuple[str, ...], *, custom: bool, managed: bool, billed: bool
) -> None:
    """Who uses an app and has no licence that lets them; nobody of whom that is not decided."""
    found = estimated(
        environments=[environment(apps=True, managed=managed)],
        users=[user("ann", None, *skus)],
        apps=[app("a", "ann", custom_connector=custom)],
    )

    assert str(found.metered_now) == ("10.00" if billed else "0.00")


@pytest.mark.parametrize(
    ("rules", "bill"),
    [
        (OpenRules(), "10.00"),
        (OpenRules(meter_honours_home_premium=True), "0.00"),
        (OpenRules(meter_honours_trials=False), "20.00"),
        (OpenRules(run_meter_bills_old_plans=True), "16.00"),
    ],
)
def test_open_questions_are_settings(rules: OpenRules, bill: str) -> None:
    """A guest with Premium at home, somebody on a trial, and a flow of one with an old plan."""
    told = scenario(
        environments=[environment(apps=True, runs=True)],
        flows=[flow("f", "automated", "old", runs_per_month=10)],
        users=[
            user("gus", type="guest", home_skus=[PREMIUM]),
            user("ann", None, "POWERAPPS_VIRAL"),
            user("old", None, "FLOW_P2"),
        ],
        apps=[app("a", "gus", "ann")],
    )
    found = estimate(read_scenario(json.dumps(told).encode(), "told", TODAY), rules=rules)

    assert str(found.metered_now) == bill
