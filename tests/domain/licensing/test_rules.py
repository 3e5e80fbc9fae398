"""Each licensing rule by named cases: who needs cover, by which rule, and what is not decided."""

from __future__ import annotations

from typing import Any

import pytest
from tenants_told import (
    AUTOMATE,
    PREMIUM,
    SUITE,
    app,
    environment,
    estimated,
    flow,
    user,
)

from connectory.domain.licensing.estimate import Estimate

SALES, TEAM = "DYN365_ENTERPRISE_SALES", "DYN365_TEAM_MEMBERS"
APP, FLOW, MANAGED = "custom_connector_app", "custom_connector_flow", "managed_environment"


def needed(found: Estimate) -> list[str]:
    """Return the ids of those who need a licence."""
    return [found.scenario.people.name(person) for person in found.need.people]


def asked(found: Estimate) -> list[str]:
    """Return what is for a person to look at."""
    return [one.subject for one in found.need.review]


@pytest.mark.parametrize(
    ("skus", "more", "need"),
    [
        ((), {}, True),
        ((SUITE,), {}, True),
        ((PREMIUM,), {}, False),
        (("b30411f5-fea1-4a59-9ad9-3db7c7ead579",), {}, False),
        ((PREMIUM.lower(),), {}, False),
        (("POWERFLOW_P2",), {}, False),
        ((AUTOMATE,), {}, True),
        (("POWERAPPS_PER_APP_IW",), {}, True),
        (("POWERAPPS_PER_APP_NEW",), {}, True),
        (("FLOW_FREE",), {}, True),
        (("POWERAPPS_DEV",), {}, True),
        ((PREMIUM,), {"disabled_plans": ["POWERAPPS_PER_USER"]}, True),
        ((PREMIUM,), {"disabled_plans": ["EA2CF03B-ac60-46ae-9c1d-eeaeb63cec86"]}, True),
        ((PREMIUM,), {"disabled_plans": ["Flow_PowerApps_PerUser", "DYN365_CDS_P2"]}, False),
        (("POWERAPPS_VIRAL",), {"trial_until": "2026-11-23"}, False),
        (("POWERAPPS_VIRAL",), {"trial_until": "2026-11-22"}, True),
        (("POWERAPPS_VIRAL",), {}, False),
        ((), {"trial_until": "2027-01-01"}, True),
        ((), {"enabled": False}, False),
        (("NOT_A_PRODUCT",), {}, True),
    ],
)
def test_who_may_run_an_app(skus: tuple[str, ...], more: dict[str, Any], *, need: bool) -> None:
    """By what is held, whether its plans are on, and until when."""
    found = estimated(users=[user("ann", None, *skus, **more)], apps=[app("a", "ann")])

    assert needed(found) == (["ann"] if need else [])


@pytest.mark.parametrize(
    ("more", "dataverse", "need"),
    [
        ({"home_skus": [PREMIUM]}, False, False),
        ({"home_skus": [PREMIUM]}, True, True),
        ({"home_skus": [PREMIUM], "home_cloud_same": False}, False, True),
        ({"home_skus": ["POWERAPPS_PER_APP_NEW"]}, False, True),
        ({"home_skus": [SUITE]}, False, True),
        ({"skus": [PREMIUM]}, True, False),
        ({"home_skus": [PREMIUM], "type": "member"}, False, True),
    ],
)
def test_a_guest(more: dict[str, Any], *, dataverse: bool, need: bool) -> None:
    """A licence at home counts in the same cloud, where the app does not touch Dataverse."""
    guest = {"id": "gus", "type": "guest", **more}
    found = estimated(users=[guest], apps=[app("a", "gus", dataverse=dataverse)])

    assert needed(found) == (["gus"] if need else [])


@pytest.mark.parametrize(
    ("skus", "extends", "there", "need", "review"),
    [
        ((SALES,), SALES, [SALES], False, False),
        ((SALES,), SALES, [], True, False),
        ((SALES,), None, [SALES], True, False),
        (("DYN365_FINANCE",), SALES, [SALES], True, False),
        (("DYN365_SALES_PREMIUM",), SALES, [SALES], False, False),
        ((TEAM,), TEAM, [TEAM], False, True),
        (("POWERAPPS_PER_USER_ISVEMB",), None, [], False, True),
    ],
)
def test_dynamics_covers_what_extends_it(
    skus: tuple[str, ...], extends: str | None, there: list[str], *, need: bool, review: bool
) -> None:
    """In its own environment, and no other app; narrow rights are for a person to look at."""
    found = estimated(
        environments=[environment(d365_skus=there)],
        users=[user("ann", None, *skus)],
        apps=[app("a", "ann", extends_d365_sku=extends)],
    )

    assert needed(found) == (["ann"] if need else [])
    assert asked(found) == (["ann"] if review else [])


@pytest.mark.parametrize(
    ("skus", "custom", "rules"),
    [
        ((SUITE,), False, {MANAGED: 1}),
        ((AUTOMATE,), False, {}),
        ((AUTOMATE,), True, {APP: 1}),
        ((SALES,), False, {}),
        ((TEAM,), False, {}),
        ((PREMIUM,), True, {}),
        ((SUITE,), True, {APP: 1, MANAGED: 1}),
    ],
)
def test_the_rule_of_managed_environments_is_another_one(
    skus: tuple[str, ...], rules: dict[str, int], *, custom: bool
) -> None:
    """Power Automate Premium satisfies it and not that of custom connectors; both may ask."""
    found = estimated(
        environments=[environment(managed=True)],
        users=[user("ann", None, *skus)],
        apps=[app("a", "ann", custom_connector=custom)],
    )

    assert found.need.by_rule == rules


def test_a_managed_environment_asks_only_those_who_use_an_app() -> None:
    """Also where all who have access need a licence for custom connectors."""
    found = estimated(
        basis="access",
        environments=[environment(managed=True)],
        users=[user("ann"), user("idle")],
        apps=[
            app("standard", "ann", "idle", active_users=["ann"], custom_connector=False),
            app("custom", "ann", "idle", active_users=[]),
        ],
    )

    assert needed(found) == ["ann", "idle"]
    assert found.need.by_rule == {APP: 2, MANAGED: 1}


@pytest.mark.parametrize(
    ("kind", "managed", "need", "review"),
    [
        ("Developer", False, [], []),
        ("Developer", True, ["ann"], []),
        ("Teams", False, [], ["a"]),
        ("Default", False, ["ann"], []),
        ("Trial", False, ["ann"], []),
    ],
)
def test_kinds_of_environments(
    kind: str, need: list[str], review: list[str], *, managed: bool
) -> None:
    """A developer environment is free unless it is managed; Teams has no custom connectors."""
    found = estimated(
        environments=[environment("prod", kind, managed=managed)],
        users=[user("ann", None, SUITE)],
        apps=[app("a", "ann")],
    )

    assert (needed(found), asked(found)) == (need, review)
    assert found.ways["payg"] is None or not found.ways["payg"].purchasable


@pytest.mark.parametrize(
    ("trigger", "facts", "need"),
    [
        ("automated", {}, ["owner"]),
        ("scheduled", {}, ["owner"]),
        ("http", {}, ["owner"]),
        ("instant", {"invokers": ["ann"]}, ["ann"]),
        ("automated", {"credential_holders": ["ann"]}, ["ann", "owner"]),
        ("automated", {"trigger_users": ["ann"]}, ["owner"]),
        ("automated", {"trigger_users": ["ann"], "trigger_users_receive_output": True},
         ["ann", "owner"]),
        ("automated", {"process_licensed": True}, []),
        ("automated", {"custom_connector": False}, []),
        ("automated", {"associated_app": "a"}, ["owner"]),
    ],
)  # fmt: skip
def test_whom_a_flow_concerns(trigger: str, facts: dict[str, Any], need: list[str]) -> None:
    """Its owner, or those who start it."""
    found = estimated(
        users=[user("ann"), user("owner")],
        apps=[app("a", custom_connector=False)],
        flows=[flow("f", trigger, "owner", **facts)],
    )

    assert sorted(needed(found)) == need
    assert found.need.by_rule == ({FLOW: len(need)} if need else {})


@pytest.mark.parametrize(
    ("skus", "context", "need"),
    [
        ((AUTOMATE,), False, False),
        (("FLOW_P2",), False, False),
        (("FLOW_PER_USER",), False, False),
        ((PREMIUM,), False, True),
        ((SALES,), True, False),
        ((SALES,), False, True),
    ],
)
def test_what_covers_an_owner(skus: tuple[str, ...], *, context: bool, need: bool) -> None:
    """Power Automate; Dynamics 365 for flows that serve it alone; Power Apps Premium does not."""
    found = estimated(
        users=[user("owner", None, *skus)],
        flows=[flow("f", "automated", "owner", d365_context_only=context)],
    )

    assert needed(found) == (["owner"] if need else [])


def test_a_flow_that_an_app_starts_makes_it_premium() -> None:
    """Whoever uses the app is concerned; the owner of the flow is not."""
    found = estimated(
        users=[user("ann"), user("owner")],
        apps=[app("a", "ann", custom_connector=False)],
        flows=[flow("f", "app", "owner", app="a")],
    )

    assert (needed(found), found.need.by_rule) == (["ann"], {APP: 1})


def test_a_service_principal_takes_a_licence_of_the_flow() -> None:
    """Also where an app starts it; not where it serves Dynamics 365 alone."""
    found = estimated(
        users=[user("ann", None, PREMIUM)],
        apps=[app("a", "ann")],
        flows=[
            flow("started", "app", "sp:robot", app="a"),
            flow("dynamics", "automated", "sp:robot", d365_context_only=True),
        ],
    )

    assert [found.scenario.flows[number].id for number in found.need.flows] == ["started"]
    assert str(found.monthly) == "150.00"
    assert found.ways["premium"] is None


def test_a_licence_of_a_process_has_room_for_more_flows() -> None:
    """For 25 beside its own; the 26th takes another one."""
    flows = [flow("first", "automated", "sp:robot", process_group="p", process_licensed=True)]
    flows += [
        flow(f"f{place:02d}", "automated", "sp:robot", process_group="p") for place in range(26)
    ]
    found = estimated(flows=flows)

    assert len(found.need.flows) == 1
    assert str(found.monthly) == "150.00"


@pytest.mark.parametrize(
    ("facts", "subject"),
    [
        ({"owner": "off"}, "f"),
        ({"owner": None}, "f"),
        ({"owner": "ann", "environment": "teams"}, "f"),
        ({"owner": "ann", "environment": "metered"}, "f"),
    ],
)
def test_what_no_rule_decides_is_asked(facts: dict[str, Any], subject: str) -> None:
    """A disabled or unknown owner, a flow in Teams, runs that nobody counted: in no figure."""
    found = estimated(
        environments=[
            environment(),
            environment("teams", "Teams"),
            environment("metered", runs=True),
        ],
        users=[user("ann"), user("off", enabled=False)],
        flows=[flow("f", "automated", **facts)],
    )

    assert (asked(found), needed(found), str(found.monthly)) == ([subject], [], "0")


def test_who_else_a_flow_concerns_is_open_while_its_owner_is() -> None:
    """Of one that runs on the owner's licence; whoever starts one by hand needs cover all the same."""
    found = estimated(
        users=[user("off", enabled=False), user("desk", 2)],
        flows=[
            flow("shared", "automated", "off", credential_holders=["desk"]),
            flow("unowned", "http", credential_holders=["desk"]),
        ],
    )
    by_hand = estimated(
        users=[user("off", enabled=False), user("desk", 2)],
        flows=[flow("button", "instant", "off", invokers=["desk"])],
    )

    assert (asked(found), needed(found), str(found.monthly)) == (["shared", "unowned"], [], "0")
    assert (asked(by_hand), needed(by_hand)) == (["off"], ["desk-1", "desk-2"])


def test_ways_whose_people_all_have_passes_cost_nothing() -> None:
    """They apply, since there is something to cover; the meter would bill all the same."""
    found = estimated(
        environments=[environment(per_app_passes=3)], users=[user("ann", 3)], apps=[app("a", "ann")]
    )
    told = {name: way and str(way.monthly) for name, way in found.ways.items()}

    assert told == {"premium": "0.00", "per_app": "0.00", "payg": "30.00", "process": None}


def test_what_a_reader_should_know_is_told() -> None:
    """Unknown products, trials and disabled owners."""
    found = estimated(
        users=[
            user("ann", None, "MADE_UP"),
            user("try", 2, "POWERAPPS_VIRAL", trial_until="2026-12-01"),
            user("off", enabled=False),
        ],
        flows=[flow("f", "automated", "off")],
    )
    told = "\n".join(found.warnings)

    assert "product MADE_UP is not known" in told
    assert "2 people on a trial count as covered until 2026-12-01" in told
    assert "flow f: its owner off is disabled" in told
