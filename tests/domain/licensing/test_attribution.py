"""What a connector costs is what the cheapest plan costs less without it."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from tenants_told import PREMIUM, TODAY, app, environment, flow, scenario, user
from test_properties import APPS, Told, some, tenants

from connectory.domain.licensing.attribution import Cause, cause_of, causes, without
from connectory.domain.licensing.cheapest import cheapest
from connectory.domain.licensing.holders import Holders
from connectory.domain.licensing.naming import needs_of
from connectory.domain.licensing.prices import list_prices
from connectory.domain.licensing.products import products
from connectory.domain.licensing.reading import read_scenario
from connectory.domain.licensing.scenario import Scenario

CONNECTORS = ("orders", "claims", "weather")


def of(told: Told) -> tuple[Scenario, dict[str, Cause]]:
    """Return a scenario and what each of its connectors costs."""
    found = read_scenario(json.dumps(told).encode(), "told.json", TODAY)
    holders = Holders(found, products())
    prices = list_prices().on(TODAY, found.channel)
    each = causes(found, holders, needs_of(found, holders), prices)
    return found, {one.connector: one for one in each}


def least(found: Scenario) -> Decimal:
    """Return what the cheapest plan of a scenario costs."""
    needs = needs_of(found, Holders(found, products()))
    return cheapest(found, needs, list_prices().on(TODAY, found.channel)).monthly


@settings(max_examples=80, deadline=None)
@given(tenants(), st.data())
def test_it_is_the_difference_of_two_plans(told: Told, data: st.DataObject) -> None:
    """Looking at the parts it touches is as good as looking at everything again."""
    for one in (*told["apps"], *told["flows"]):
        if one["custom_connector"]:
            one["connectors"] = data.draw(some(*CONNECTORS).filter(bool))
    found, each = of(told)

    holders = Holders(found, products())
    prices = list_prices().on(TODAY, found.channel)
    for connector, cause in each.items():
        assert cause_of(found, holders, needs_of(found, holders), prices, connector) == cause
        assert cause.monthly == least(found) - least(without(found, connector))
        assert cause.monthly >= 0
    assert set(APPS) >= {found.apps[number].id for one in each.values() for number in one.apps}


def test_two_connectors_of_one_app_cost_nothing_each() -> None:
    """Without either the other one still makes it premium: what it costs is shared."""
    found, each = of(
        scenario(
            users=[user("ann"), user("bob")],
            environments=[environment("prod", "Default")],
            apps=[
                app("both", "ann", connectors=["orders", "claims"]),
                app("one", "bob", connectors=["claims"]),
            ],
        )
    )

    assert least(found) == 40
    assert {name: one.monthly for name, one in each.items()} == {"orders": 0, "claims": 20}
    assert each["orders"].only == ()
    assert [found.people.name(person) for person in each["claims"].only] == ["bob"]


def test_a_person_who_needs_it_for_another_reason_is_not_freed() -> None:
    """Ann uses an app of either connector; a flow of hers needs something else again."""
    parts: dict[str, Any] = {
        "users": [user("ann"), user("bob"), user("held", None, PREMIUM)],
        "environments": [environment("prod", "Default")],
        "apps": [
            app("first", "ann", "held", connectors=["orders"]),
            app("second", "ann", connectors=["claims"]),
        ],
        "flows": [flow("nightly", "scheduled", "bob", connectors=["orders"])],
    }
    found, each = of(scenario(**parts))

    assert least(found) == 35
    assert {name: one.monthly for name, one in each.items()} == {"orders": 15, "claims": 0}
    assert [found.people.name(person) for person in each["orders"].only] == ["bob"]
    assert (each["orders"].apps, each["orders"].flows) == ((0,), (0,))


def test_who_is_left_with_a_flow_joins_those_it_is_covered_for() -> None:
    """Ann's pass for the app does for its flow; without the app the flow's own licence does.

    Forty others only start the flow: 40 passes cost more than one Process licence. So retiring
    orders saves Ann's pass alone, though she turns from a user of the app to one of the flow.
    """
    people = [user("ann"), user("desk", 40)]
    flows = [
        flow("send", "instant", associated_app="a", invokers=["ann", "desk"], connectors=["claims"])
    ]
    told = scenario(
        channel="csp_new",
        environments=[environment(kind="Default")],
        users=people,
        apps=[app("a", "ann", connectors=["orders"])],
        flows=flows,
    )
    found, each = of(told)

    assert least(found) == Decimal(155)
    assert each["orders"].monthly == Decimal(5)
    assert each["claims"].monthly == Decimal(150)


def test_a_flow_that_serves_an_app_may_come_to_need_more_without_it() -> None:
    """Forty people use the app, whose passes do for its flow; five others start the flow alone.

    For five a Process licence is never worth it. Without the app it is for forty-five: 150 rather
    than 225 for passes.
    """
    told = scenario(
        channel="csp_new",
        environments=[environment(kind="Default")],
        users=[user("desk", 40), user("more", 5)],
        apps=[app("a", "desk", connectors=["orders"])],
        flows=[
            flow(
                "send",
                "instant",
                associated_app="a",
                invokers=["desk", "more"],
                connectors=["claims"],
            )
        ],
    )
    found, each = of(told)

    assert least(found) == Decimal(225)
    assert each["orders"].monthly == Decimal(75)
    assert each["claims"].monthly == Decimal(25)


def test_retiring_a_connector_may_end_the_need_of_a_tier() -> None:
    """1,300 people cost 2,000 seats at the tier; without 400 of them the rest cost list price."""
    found, each = of(
        scenario(
            users=[user("many", 900), user("more", 400)],
            environments=[environment("prod", "Default")],
            apps=[app("a", "many", connectors=["orders"]), app("b", "more", connectors=["claims"])],
        )
    )

    assert least(found) == 24_000
    assert each["claims"].monthly == 24_000 - 900 * 20
    assert each["orders"].monthly == 24_000 - 400 * 20
