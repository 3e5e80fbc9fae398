"""What is true of every estimate, over tenants that chance makes up."""

from __future__ import annotations

import json
from copy import deepcopy
from decimal import Decimal
from typing import Any

import brute_force
from hypothesis import given, settings
from hypothesis import strategies as st
from tenants_told import AUTOMATE, PREMIUM, SUITE, TODAY, environment

from connectory.domain.licensing.cheapest import cheapest
from connectory.domain.licensing.classes import classes_of
from connectory.domain.licensing.estimate import Estimate, estimate
from connectory.domain.licensing.holders import Holders
from connectory.domain.licensing.naming import needs_of
from connectory.domain.licensing.part import Part, open_ways
from connectory.domain.licensing.prices import Tier, list_prices
from connectory.domain.licensing.products import products
from connectory.domain.licensing.program import answer
from connectory.domain.licensing.reading import read_scenario
from connectory.domain.licensing.rules import OpenRules

HOMES = ("one", "two")
PEOPLE = ("ann", "bob", "cat")
APPS = ("claims", "orders", "visits")
SKUS = (PREMIUM, AUTOMATE, SUITE, "FLOW_P2", "POWERFLOW_P2", "DYN365_ENTERPRISE_SALES")
Told = dict[str, Any]


def some(*names: str) -> st.SearchStrategy[list[str]]:
    """Return a few of these, each once."""
    return st.lists(st.sampled_from(names), unique=True, max_size=len(names))


@st.composite
def homes(draw: st.DrawFn, name: str) -> Told:
    """Return an environment."""
    kind = draw(st.sampled_from(["Production", "Production", "Sandbox", "Default", "Developer"]))
    return environment(
        name,
        kind,
        apps=draw(st.booleans()),
        runs=draw(st.booleans()),
        managed=draw(st.booleans()),
        per_app_passes=draw(st.integers(0, 3)),
        d365_skus=draw(some("DYN365_ENTERPRISE_SALES")),
    )


@st.composite
def users(draw: st.DrawFn, name: str) -> Told:
    """Return a person."""
    guest = draw(st.booleans())
    return {
        "id": name,
        "enabled": draw(st.sampled_from([True, True, True, False])),
        "type": "guest" if guest else "member",
        "skus": draw(some(*SKUS)),
        "home_skus": draw(some(PREMIUM, AUTOMATE)) if guest else [],
        "disabled_plans": draw(some("POWERAPPS_PER_USER", "FLOW_P2")),
    }


@st.composite
def apps(draw: st.DrawFn, name: str) -> Told:
    """Return an app."""
    access = draw(some(*PEOPLE))
    return {
        "id": name,
        "environment": draw(st.sampled_from(HOMES)),
        "custom_connector": draw(st.booleans()),
        "dataverse": draw(st.booleans()),
        "payg_opt_out": draw(st.sampled_from([False, False, True])),
        "extends_d365_sku": draw(st.sampled_from([None, "DYN365_ENTERPRISE_SALES"])),
        "users": access,
        "active_users": [one for one in access if draw(st.booleans())],
    }


@st.composite
def flows(draw: st.DrawFn, name: str) -> Told:
    """Return a flow."""
    trigger = draw(st.sampled_from(["automated", "scheduled", "instant", "http", "app"]))
    return {
        "id": name,
        "environment": draw(st.sampled_from(HOMES)),
        "custom_connector": draw(st.sampled_from([True, True, False])),
        "trigger": trigger,
        "app": draw(st.sampled_from(APPS)) if trigger == "app" else None,
        "associated_app": draw(st.sampled_from([None, *APPS])),
        "owner": draw(st.sampled_from([*PEOPLE, "sp:robot"])),
        "invokers": draw(some(*PEOPLE)),
        "credential_holders": draw(some(*PEOPLE)),
        "runs_per_month": draw(st.integers(0, 400)),
        "process_licensed": draw(st.sampled_from([False, False, False, True])),
        "process_group": draw(st.sampled_from([None, "shared"])),
        "d365_context_only": draw(st.booleans()),
    }


@st.composite
def tenants(draw: st.DrawFn) -> Told:
    """Return a tenant of three people, two environments, three apps and a few flows."""
    return {
        "as_of": TODAY.isoformat(),
        "channel": draw(st.sampled_from([None, "csp_new"])),
        "basis": draw(st.sampled_from(["active", "access"])),
        "environments": [draw(homes(name)) for name in HOMES],
        "users": [draw(users(name)) for name in PEOPLE],
        "apps": [draw(apps(name)) for name in APPS],
        "flows": [draw(flows(f"flow{place}")) for place in range(draw(st.integers(0, 3)))],
    }


def of(told: Told) -> Estimate:
    """Return the estimate of a tenant."""
    return estimate(read_scenario(json.dumps(told).encode(), "told.json", TODAY))


@settings(max_examples=120, deadline=None)
@given(tenants())
def test_nothing_costs_less(told: Told) -> None:
    """Trying every plan finds none that is cheaper, and the plan found is proven."""
    found = of(told)

    assert found.plan.proven
    assert found.plan.monthly == brute_force.cheapest(found.scenario)


@settings(max_examples=200, deadline=None)
@given(tenants())
def test_no_naive_way_that_can_be_bought_and_covers_all_costs_less(told: Told) -> None:
    """And nothing is ever paid back. Guests whom a meter bills are in no other way: they hold cover."""
    scenario = read_scenario(json.dumps(told).encode(), "told.json", TODAY)
    found = estimate(scenario, rules=OpenRules(meter_honours_home_premium=True))
    good = [way for way in found.ways.values() if way and way.purchasable and way.compliant]

    assert found.monthly >= 0
    assert all(found.monthly <= way.monthly for way in good)


@settings(max_examples=100, deadline=None)
@given(tenants(), st.sampled_from(PEOPLE), st.sampled_from([*SKUS, None]))
def test_a_licence_more_or_a_person_less_never_costs_more(
    told: Told, who: str, sku: str | None
) -> None:
    """A licence is added to somebody, or the account is disabled."""
    other = deepcopy(told)
    (person,) = [one for one in other["users"] if one["id"] == who]
    if sku is None:
        person["enabled"] = False
    else:
        person["skus"] = [*person["skus"], sku]

    assert of(other).monthly <= of(told).monthly


def renamed(told: Told, mark: str) -> Told:
    """Return a tenant all of whose ids carry a mark."""

    def mine(value: Any) -> Any:
        if isinstance(value, str):
            return value if value.startswith("sp:") else value + mark
        return [mine(one) for one in value] if isinstance(value, list) else value

    names = {
        "environments": ("id",),
        "users": ("id",),
        "apps": ("id", "environment", "users", "active_users"),
        "flows": ("id", "environment", "app", "associated_app", "owner", "invokers",
                  "credential_holders"),
    }  # fmt: skip
    return {
        **told,
        **{
            part: [
                {**one, **{name: mine(one[name]) for name in fields if one.get(name) is not None}}
                for one in told[part]
            ]
            for part, fields in names.items()
        },
    }


@settings(max_examples=60, deadline=None)
@given(tenants(), tenants())
def test_tenants_that_share_nothing_cost_their_sum(one: Told, other: Told) -> None:
    """Where neither the volume tier nor credits come in."""
    other = {**renamed(other, "2"), "channel": one["channel"], "basis": one["basis"]}
    parts = ("environments", "users", "apps", "flows")
    both = {**one, **{part: [*one[part], *other[part]] for part in parts}}

    assert of(both).monthly == of(one).monthly + of(other).monthly


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 1_000_000))
def test_credits_cost_least(number: int) -> None:
    """No number of packs with the rest metered is cheaper."""
    agents = [{"id": "helpdesk", "environment": "one", "credits_per_month": number}]
    told = {"environments": [environment("one")], "agents": agents}
    ways = [
        200 * packs + Decimal("0.01") * max(0, number - 25_000 * packs)
        for packs in range(number // 25_000 + 2)
    ]

    assert of(told).monthly == min(ways)


@st.composite
def crowds(draw: st.DrawFn) -> Told:
    """Return a tenant of hundreds of people in three environments that may share nothing."""
    names = ("one", "two", "three")
    people = [
        {"id": f"desk{place}", "count": draw(st.integers(200, 1500)), "skus": [SUITE]}
        for place in range(4)
    ]
    desks = [str(one["id"]) for one in people]
    uses = [
        {
            "id": f"app{place}",
            "environment": draw(st.sampled_from(names)),
            "custom_connector": True,
            "users": draw(some(*desks)),
        }
        for place in range(draw(st.integers(3, 12)))
    ]
    return {
        "as_of": TODAY.isoformat(),
        "channel": draw(st.sampled_from([None, "csp_new"])),
        "environments": [
            environment(name, draw(st.sampled_from(["Production", "Default"])), per_app_passes=draw(st.integers(0, 900)))
            for name in names
        ],
        "users": people,
        "apps": uses,
        "flows": [],
    }  # fmt: skip


@settings(max_examples=80, deadline=None)
@given(crowds())
def test_parts_put_together_cost_what_the_whole_does(told: Told) -> None:
    """Also where seats become cheaper in large numbers, over parts that share nothing else."""
    scenario = read_scenario(json.dumps(told).encode(), "told.json", TODAY)
    needs = needs_of(scenario, Holders(scenario, products()))
    prices = list_prices().on(TODAY, scenario.channel)
    classes = classes_of(scenario, needs, "plan")
    price = prices["pa_premium"]
    tiers = [Tier(0, price.price), *price.tiers]
    ways = tuple(dict.fromkeys(open_ways(one), (0, 0, 0, 0, 0)) for one in classes)
    whole = answer(
        scenario, needs, Part(tuple(classes), (), ways), prices, tiers, {}, cost_alone=True
    )
    plan = cheapest(scenario, needs, prices)

    assert plan.proven
    assert int(plan.monthly * 100) == whole.best[0]
    assert sum(share.people for shares in plan.shares for share in shares) == sum(
        one.size for one in classes
    )
