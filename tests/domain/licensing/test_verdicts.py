"""What is said of each person: which rule asks because of which asset, and what covers or why not."""

from __future__ import annotations

from typing import Any

import pytest
from tenants_told import AUTOMATE, ENV, PREMIUM, SUITE, app, environment, estimated, flow, user

from connectory.domain.licensing.verdicts import verdicts

APP, FLOW, MANAGED = "custom_connector_app", "custom_connector_flow", "managed_environment"


def said(**parts: Any) -> list[tuple[str | None, ...]]:
    """Return person, rule, asset, state and what covers or is asked, of everybody."""
    found = estimated(**parts)
    scenario = found.scenario
    return [
        (
            None if one.person is None else scenario.people.name(one.person),
            one.rule,
            (scenario.apps if one.asset == "app" else scenario.flows)[one.number].id,
            one.state,
            one.by or one.question,
        )
        for one in verdicts(found)
    ]


def test_of_an_app_each_user_has_a_verdict() -> None:
    """A licence is named by its product; who is disabled or does not use it is not named."""
    found = said(
        users=[
            user("ann", None, SUITE, PREMIUM), user("bob", None, SUITE), user("cas", None),
            user("dee", None, PREMIUM, enabled=False),
            user("eve", None, type="guest", home_skus=["POWERFLOW_P2"]),
        ],
        apps=[app("claims", "ann", "bob", "cas", "dee", "eve", active_users=["ann", "bob", "eve"])],
    )  # fmt: skip

    assert found == [
        ("ann", APP, "claims", "licence", PREMIUM),
        ("bob", APP, "claims", "need", ""),
        ("eve", APP, "claims", "licence", "POWERFLOW_P2"),
    ]


@pytest.mark.parametrize(
    ("home", "states"),
    [
        (environment(per_app_passes=1), ["need", "pass"]),
        (environment(per_app_passes=2), ["pass", "pass"]),
        (environment(apps=True, per_app_passes=9), ["app meter", "app meter"]),
        (environment(runs=True, per_app_passes=9), ["need", "need"]),
        (environment(kind="Developer"), []),
    ],
)
def test_what_covers_who_holds_nothing(home: dict[str, Any], states: list[str]) -> None:
    """Passes as far as they go, unless the environment is linked; the meter; a free environment."""
    found = said(environments=[home], users=[user("desk", 2)], apps=[app("claims", "desk")])

    assert sorted(str(state) for _, _, _, state, _ in found) == states


def test_the_two_rules_are_told_apart() -> None:
    """Automate Premium satisfies a managed environment, not the connector; a lack is told once."""
    found = said(
        environments=[environment(managed=True)],
        users=[user("ann", None, AUTOMATE), user("bob", None, PREMIUM), user("cas", None)],
        apps=[
            app("claims", "ann", "bob"),
            {"id": "news", "environment": ENV, "users": ["ann", "cas"]},
        ],
    )

    assert found == [
        ("ann", APP, "claims", "need", ""),
        ("bob", APP, "claims", "licence", PREMIUM),
        ("bob", MANAGED, "claims", "licence", PREMIUM),
        ("ann", MANAGED, "news", "licence", AUTOMATE),
        ("cas", MANAGED, "news", "need", ""),
    ]


def test_flows_are_told_by_whom_they_concern() -> None:
    """Owner or invokers; Process covers all; a service principal is no person."""
    found = said(
        users=[user("ann", None, AUTOMATE), user("bob", None, PREMIUM), user("cas", None)],
        apps=[app("claims", "bob")],
        flows=[
            flow("nightly", "scheduled", "ann"),
            flow("orders", "automated", "bob"),
            flow("button", "instant", "ann", invokers=["ann", "cas"]),
            flow("served", "automated", "cas", process_licensed=True),
            flow("along", "automated", "bob", associated_app="claims"),
            flow("robot", "automated", "sp:robot"),
        ],
    )[1:]

    assert found == [
        ("ann", FLOW, "nightly", "licence", AUTOMATE),
        ("bob", FLOW, "orders", "need", ""),
        ("ann", FLOW, "button", "licence", AUTOMATE),
        ("cas", FLOW, "button", "need", ""),
        ("cas", FLOW, "served", "process", ""),
        ("bob", FLOW, "along", "licence", PREMIUM),
        (None, "service_principal_flow", "robot", "need", ""),
    ]


def test_runs_that_are_billed_cover() -> None:
    """The run meter covers people and service principals alike, and leaves licences what they are."""
    found = said(
        environments=[environment(runs=True)],
        users=[user("ann", None, AUTOMATE), user("bob", None)],
        flows=[
            flow("a", "automated", "ann", runs_per_month=5),
            flow("b", "automated", "bob", runs_per_month=5),
            flow("c", "automated", "sp:robot", runs_per_month=5),
        ],
    )

    assert [(person, state) for person, _, _, state, _ in found] == [
        ("ann", "licence"), ("bob", "run meter"), (None, "run meter"),
    ]  # fmt: skip


def test_what_no_rule_decides_is_told_with_its_question() -> None:
    """Of a product of which it is open what it covers, and of environments of Teams."""
    found = said(
        environments=[environment(), environment("team", "Teams")],
        users=[user("ann", None, "POWERAPPS_PER_USER_ISVEMB"), user("bob", None, PREMIUM)],
        apps=[app("claims", "ann"), app("chat", "bob") | {"environment": "team"}],
    )

    assert [(person, asset, state) for person, _, asset, state, _ in found] == [
        ("ann", "claims", "review"), ("bob", "chat", "review"),
    ]  # fmt: skip
    assert "POWERAPPS_PER_USER_ISVEMB" in str(found[0][4])
    assert "Teams" in str(found[1][4])
