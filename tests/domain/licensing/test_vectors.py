"""Worked examples of the licensing rules, reckoned by hand, through the command."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tenants_told import (
    AUTOMATE,
    PREMIUM,
    SUITE,
    app,
    environment,
    flow,
    lines,
    told,
    user,
    ways,
)

ONE_APP = {
    "users": [user("held", 10, PREMIUM), user("suite", 25, SUITE), user("bare", 5)],
    "apps": [app("a", "held", "suite", "bare")],
}


@pytest.mark.parametrize(
    ("channel", "cheapest", "plan"),
    [("csp_new", "150.00", {"pa_per_app": 30}), (None, "300.00", {"pa_payg": 30})],
)
def test_v1_licensed_and_unlicensed(
    tmp_path: Path, channel: str | None, cheapest: str, plan: dict[str, int]
) -> None:
    """V1: 30 of 40 need cover; passes where they can be bought, else the meter, all being active."""
    found = told(tmp_path, channel=channel, **ONE_APP)

    assert (found["need"]["users"], found["need"]["by_rule"]) == (30, {"custom_connector_app": 30})
    assert ways(found) == {
        "premium": "600.00", "per_app": "150.00", "payg": "300.00", "process": None,
    }  # fmt: skip
    assert found["scenarios"]["per_app"]["purchasable"] is (channel is not None)
    assert (found["cheapest"]["monthly"], lines(found)) == (cheapest, plan)
    assert found["cheapest"]["proven"] is True


@pytest.mark.parametrize(
    ("basis", "premium", "per_app"),
    [("active", "480.00", "120.00"), ("access", "4880.00", "1220.00")],
)
def test_v2_a_metered_environment(tmp_path: Path, basis: str, premium: str, per_app: str) -> None:
    """V2: 24 of 30 active ones are billed, 244 of 250 have no licence; nobody needs one."""
    found = told(
        tmp_path,
        basis=basis,
        channel="csp_new",
        environments=[environment(apps=True)],
        users=[user("held", 6, PREMIUM), user("open", 24, SUITE), user("idle", 220, SUITE)],
        apps=[app("a", "held", "open", "idle", active_users=["held", "open"])],
    )

    assert found["need"]["users"] == 0
    assert found["metered_now"] == "240.00"
    assert ways(found)["premium"] == premium
    assert found["scenarios"]["per_app"] == {
        "monthly": per_app, "purchasable": True, "compliant": False,
    }  # fmt: skip
    assert (found["cheapest"]["monthly"], lines(found)) == ("240.00", {"pa_payg": 24})


@pytest.mark.parametrize(
    ("active", "bill"),
    [
        ((["u-1", "u-2"], ["u-3", "u-4", "u-5"], ["u-6", "u-7", "u-8", "u-9"]), "90.00"),
        (([], [], []), "0.00"),
        ((["u-1", "u-2"], ["u-1", "u-2"], ["u-1", "u-2"]), "60.00"),
    ],
)
def test_v3_months_of_a_meter(tmp_path: Path, active: tuple[list[str], ...], bill: str) -> None:
    """V3: one unit for each person and app that is opened, from zero each month."""
    apps = [app(name, "u", active_users=some) for name, some in zip("abc", active, strict=True)]
    meters = [environment(apps=True)]
    found = told(tmp_path, environments=meters, users=[user("u", 9)], apps=apps)

    assert (found["need"]["users"], found["metered_now"]) == (0, bill)


def test_v4_two_apps(tmp_path: Path) -> None:
    """V4: 100 people need 200 passes; without passes a licence and the meter cost the same."""
    parts: dict[str, Any] = {"users": [user("u", 100)], "apps": [app("a", "u"), app("b", "u")]}
    found = told(tmp_path, channel="csp_new", **parts)
    without = told(tmp_path, **parts)

    assert found["need"]["users"] == 100
    assert ways(found) == {
        "premium": "2000.00", "per_app": "1000.00", "payg": "2000.00", "process": None,
    }  # fmt: skip
    assert lines(found) == {"pa_per_app": 200}
    assert lines(without) == {"pa_premium": 100}


@pytest.mark.parametrize(
    ("number", "per_app", "payg"), [(4, "200.00", "400.00"), (5, "250.00", "500.00")]
)
def test_v5_four_and_five_apps(tmp_path: Path, number: int, per_app: str, payg: str) -> None:
    """V5: of four apps passes cost what licences do, and a licence goes before a pass."""
    apps = [app(f"a{place}", "u") for place in range(number)]
    found = told(tmp_path, channel="csp_new", users=[user("u", 10)], apps=apps)

    assert (ways(found)["per_app"], ways(found)["payg"]) == (per_app, payg)
    assert (found["cheapest"]["monthly"], lines(found)) == ("200.00", {"pa_premium": 10})


@pytest.mark.parametrize(
    ("invokers", "metered", "cheapest", "plan"),
    [
        (12, False, "150.00", {"fl_process": 1}),
        (12, True, "87.00", {"fl_payg": 145}),
        (10, False, "150.00", {"fl_premium": 10}),
        (9, False, "135.00", {"fl_premium": 9}),
    ],
)
def test_v7_a_button(
    tmp_path: Path, invokers: int, cheapest: str, plan: dict[str, int], *, metered: bool
) -> None:
    """V7 and V7b: everyone who starts it is concerned, and its owner is not."""
    found = told(
        tmp_path,
        environments=[environment(runs=metered)],
        users=[user("u", invokers, SUITE), user("owner")],
        flows=[flow("f", "instant", "owner", invokers=["u"], runs_per_month=145)],
    )

    assert found["need"]["users"] == (0 if metered else invokers)
    assert (ways(found)["process"], found["cheapest"]["monthly"]) == ("150.00", cheapest)
    assert lines(found) == plan


def test_v7_a_licence_for_apps_is_none_for_a_button(tmp_path: Path) -> None:
    """V7: Power Apps Premium is no substitute."""
    flows = [flow("f", "instant", invokers=["u"])]
    found = told(tmp_path, users=[user("u", 2, PREMIUM)], flows=flows)

    assert (found["need"]["users"], lines(found)) == (2, {"fl_premium": 2})


@pytest.mark.parametrize(
    ("runs", "metered", "cheapest", "plan"),
    [
        (30, False, "15.00", {"fl_premium": 1}),
        (30, True, "15.00", {"fl_premium": 1}),
        (20, True, "12.00", {"fl_payg": 20}),
        (25, True, "15.00", {"fl_premium": 1}),
    ],
)
def test_v8_a_schedule(
    tmp_path: Path, runs: int, cheapest: str, plan: dict[str, int], *, metered: bool
) -> None:
    """V8: its owner alone is concerned; at 25 runs a licence costs what the runs do."""
    found = told(
        tmp_path,
        environments=[environment(runs=metered)],
        users=[user("owner", None, SUITE), user("reader", 500)],
        flows=[flow("f", "scheduled", "owner", runs_per_month=runs)],
    )

    assert found["need"]["users"] == (0 if metered else 1)
    assert (found["cheapest"]["monthly"], lines(found)) == (cheapest, plan)


@pytest.mark.parametrize(
    ("admins", "cheapest", "plan"),
    [
        (8, "135.00", {"fl_premium": 9}),
        (9, "150.00", {"fl_premium": 10}),
        (12, "150.00", {"fl_process": 1}),
    ],
)
def test_v9_a_shared_account(
    tmp_path: Path, admins: int, cheapest: str, plan: dict[str, int]
) -> None:
    """V9: the account and all who can sign in as it; not those whose items start the flow."""
    facts = {"credential_holders": ["admin"], "trigger_users": ["writer"]}
    found = told(
        tmp_path,
        users=[user("svc"), user("admin", admins), user("writer", 400)],
        flows=[flow("f", "automated", "svc", **facts)],
    )

    assert found["need"]["users"] == admins + 1
    assert (found["cheapest"]["monthly"], lines(found)) == (cheapest, plan)


def test_v9_those_who_get_something_back(tmp_path: Path) -> None:
    """They pool behind one licence otherwise: 409 people, or one licence of the flow."""
    facts = {"credential_holders": ["admin"], "trigger_users": ["writer"]}
    found = told(
        tmp_path,
        users=[user("svc"), user("admin", 8), user("writer", 400)],
        flows=[flow("f", "automated", "svc", trigger_users_receive_output=True, **facts)],
    )

    assert (found["need"]["users"], lines(found)) == (409, {"fl_process": 1})


def test_v10_a_button_of_an_account(tmp_path: Path) -> None:
    """V10: what its owner holds does not help those who press it."""
    users = [user("svc", None, AUTOMATE), user("u", 60)]
    found = told(tmp_path, users=users, flows=[flow("f", "instant", "svc", invokers=["u"])])

    assert (found["need"]["users"], ways(found)["premium"]) == (60, "900.00")
    assert (found["cheapest"]["monthly"], lines(found)) == ("150.00", {"fl_process": 1})


@pytest.mark.parametrize(
    ("group", "metered", "runs", "cheapest", "plan"),
    [
        ("orders", False, 200, "150.00", {"fl_process": 1}),
        (None, False, 200, "450.00", {"fl_process": 3}),
        ("orders", True, 200, "120.00", {"fl_payg": 200}),
        ("orders", True, 250, "150.00", {"fl_process": 1}),
    ],
)
def test_v11_flows_of_a_service_principal(
    tmp_path: Path,
    group: str | None,
    runs: int,
    cheapest: str,
    plan: dict[str, int],
    *,
    metered: bool,
) -> None:
    """V11: no licence of a person covers them; one Process licence does, of flows of one process."""
    each = [runs - 100, 50, 50]
    found = told(
        tmp_path,
        environments=[environment(runs=metered)],
        flows=[
            flow(f"f{place}", "automated", "sp:robot", process_group=group, runs_per_month=number)
            for place, number in enumerate(each)
        ],
    )

    assert (found["need"]["users"], found["need"]["flows"]) == (0, 0 if metered else 3)
    assert ways(found)["premium"] is None
    assert (found["cheapest"]["monthly"], lines(found)) == (cheapest, plan)


def test_v11_each_environment_has_its_own(tmp_path: Path) -> None:
    """V11: the same flows in three environments take three licences."""
    names = ("dev", "test", "prod")
    found = told(
        tmp_path,
        environments=[environment(name) for name in names],
        flows=[
            flow(
                f"{name}{place}", "automated", "sp:robot", process_group="orders", environment=name
            )
            for name in names
            for place in range(3)
        ],
    )

    assert (found["need"]["flows"], found["cheapest"]["monthly"]) == (9, "450.00")


@pytest.mark.parametrize(("associated", "need", "cheapest"), [(None, 1, "15.00"), ("a", 0, "0.00")])
def test_v12_in_context(tmp_path: Path, associated: str | None, need: int, cheapest: str) -> None:
    """V12: a flow that an app starts needs nothing more; another one does, until it serves the app."""
    found = told(
        tmp_path,
        users=[user("u", 50, PREMIUM)],
        apps=[app("a", "u", custom_connector=False)],
        flows=[
            flow("started", "app", "u-1", app="a"),
            flow("own", "scheduled", "u-2", associated_app=associated),
        ],
    )

    assert (found["need"]["users"], found["cheapest"]["monthly"]) == (need, cheapest)


GUESTS = {
    "users": [
        user("member", 38, "SPE_E3"),
        user("left", 2, "SPE_E3", PREMIUM, enabled=False),
        user("gone", 2, "SPE_E3", enabled=False),
        user("licensed", 3, type="guest", home_skus=[PREMIUM]),
        user("passes", 2, type="guest", home_skus=["POWERAPPS_PER_APP_NEW"]),
        user("suite", 3, type="guest", home_skus=["SPE_E3"]),
    ],
    "apps": [app("a", "member", "left", "gone", "licensed", "passes", "suite")],
}


def test_v13_disabled_accounts_and_guests(tmp_path: Path) -> None:
    """V13: Premium at home counts, passes at home do not; disabled accounts need nothing."""
    found = told(tmp_path, channel="csp_new", **GUESTS)

    assert found["need"]["users"] == 43
    assert ways(found) == {
        "premium": "860.00", "per_app": "215.00", "payg": "460.00", "process": None,
    }  # fmt: skip
    assert lines(found) == {"pa_per_app": 43}
    assert found["reclaimable"] == [
        {"user": "left-1", "sku": PREMIUM}, {"user": "left-2", "sku": PREMIUM},
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("people", "cheapest", "seats"),
    [(1500, "24000.00", 2000), (1200, "24000.00", 1200), (1199, "23980.00", 1199)],
)
def test_v15_the_volume_tier(tmp_path: Path, people: int, cheapest: str, seats: int) -> None:
    """V15: beyond 1,200 people 2,000 seats cost less than theirs; at 1,200 fewer seats are bought."""
    apps = [app(f"a{place}", "u") for place in range(5)]
    found = told(tmp_path, channel="csp_new", users=[user("u", people)], apps=apps)

    assert (found["cheapest"]["monthly"], lines(found)) == (cheapest, {"pa_premium": seats})


@pytest.mark.parametrize(
    ("number", "cheapest", "plan"),
    [
        (12_000, "120.00", {"cs_payg": 12_000}),
        (7_200, "72.00", {"cs_payg": 7_200}),
        (30_000, "250.00", {"cs_pack": 1, "cs_payg": 5_000}),
        (20_000, "200.00", {"cs_pack": 1}),
        (0, "0.00", {}),
    ],
)
def test_v17_credits(tmp_path: Path, number: int, cheapest: str, plan: dict[str, int]) -> None:
    """V17: packs, metered credits, or both; nobody needs a licence for an agent."""
    agents = [{"id": "helpdesk", "environment": "prod", "credits_per_month": number}]
    found = told(tmp_path, agents=agents)

    assert found["need"]["users"] == 0
    assert (found["cheapest"]["monthly"], lines(found)) == (cheapest, plan)
