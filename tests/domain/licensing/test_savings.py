"""Licences that cost something and cover nothing, by named cases."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tenants_told import AUTOMATE, PREMIUM, SUITE, TODAY, app, environment, flow, scenario, user

from connectory.domain.licensing.products import products
from connectory.domain.licensing.reading import read_scenario
from connectory.domain.licensing.savings import Saving, savings


def found(**parts: Any) -> list[Saving]:
    """Return what need not be paid for."""
    told = read_scenario(json.dumps(scenario(**parts)).encode(), "told.json", TODAY)
    return savings(told, products())


def kinds(some: list[Saving]) -> list[tuple[str, str]]:
    """Return of each its kind and product."""
    return [(one.kind, one.product) for one in some]


@pytest.mark.parametrize(
    ("skus", "expected"),
    [
        ((PREMIUM,), []),
        ((PREMIUM, AUTOMATE), [("unneeded", "Power Automate Premium")]),
        ((AUTOMATE,), [("unneeded", "Power Automate Premium")]),
        ((PREMIUM, "POWERAPPS_PER_USER_BD_ONLY"), [("doubled", "Power Apps Per User BD Only")]),
        ((PREMIUM, "POWERFLOW_P2"), [("doubled", "Power Apps Premium")]),
        ((SUITE,), []),
        (("POWERAPPS_PER_USER_ISVEMB",), []),
    ],
)
def test_a_user_of_an_app(skus: tuple[str, ...], expected: list[tuple[str, str]]) -> None:
    """What covers the app is needed; what covers flows is not, and one of two that are alike."""
    told = found(users=[user("ann", None, *skus)], apps=[app("a", "ann")])

    assert kinds(told) == expected


def test_whoever_uses_nothing_is_asked_about() -> None:
    """An owner of a flow needs what covers flows; who has only access, by the basis."""
    parts: dict[str, Any] = {
        "users": [
            user("owner", None, AUTOMATE),
            user("idle", None, PREMIUM),
            user("none", None, PREMIUM),
        ],
        "apps": [app("a", "idle", active_users=[])],
        "flows": [flow("f", "automated", "owner")],
    }
    active, access = found(**parts), found(**parts, basis="access")

    assert [one.person for one in active] == [1, 2]
    assert [one.person for one in access] == [2]
    assert {one.kind for one in active} == {"unneeded"}
    assert "ask what else it is for" in active[0].reason


def test_a_disabled_account_holds_what_could_be_handed_on() -> None:
    """Each paid licence of it, and no other kind of saving."""
    told = found(users=[user("left", 2, PREMIUM, SUITE, enabled=False)])

    assert [(one.kind, one.person, one.plan) for one in told] == [
        ("disabled", 0, "pa_premium"),
        ("disabled", 1, "pa_premium"),
    ]


@pytest.mark.parametrize(
    ("until", "kind"), [("2026-12-23", ["trial"]), ("2026-12-24", []), ("2026-11-22", [])]
)
def test_a_trial_is_told_of_before_it_ends(until: str, kind: list[str]) -> None:
    """Thirty days ahead; one that has ended covers nothing and costs nothing."""
    told = found(users=[user("ann", None, "POWERAPPS_VIRAL", trial_until=until)])

    assert [one.kind for one in told] == kind


def test_passes_of_an_environment_that_is_billed_lie_idle() -> None:
    """All of them; those of one that is not are what they are for."""
    told = found(
        environments=[
            environment("billed", apps=True, per_app_passes=7),
            environment("other", per_app_passes=3),
        ]
    )

    assert [(one.kind, one.environment, one.quantity, one.plan) for one in told] == [
        ("stranded", 0, 7, "pa_per_app")
    ]
