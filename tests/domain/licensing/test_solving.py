"""Taking a tenant to pieces changes nothing: the programme over all of it says the same."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from tenants_told import AUTOMATE, PREMIUM, SUITE, TODAY, environment

from connectory.domain.licensing.attribution import causes, without
from connectory.domain.licensing.cheapest import cheapest
from connectory.domain.licensing.classes import classes_of
from connectory.domain.licensing.holders import Holders
from connectory.domain.licensing.links import plain_links
from connectory.domain.licensing.model import Unsolved
from connectory.domain.licensing.naming import needs_of
from connectory.domain.licensing.part import Answer, Best, Part, open_ways
from connectory.domain.licensing.parting import parts_of
from connectory.domain.licensing.plan import Line
from connectory.domain.licensing.prices import Tier, list_prices
from connectory.domain.licensing.products import products
from connectory.domain.licensing.program import answer
from connectory.domain.licensing.reading import read_scenario
from connectory.domain.licensing.solving import Solver

DESKS = tuple(f"desk{number}" for number in range(6))
APPS = tuple(f"app{number}" for number in range(5))
HOMES = ("one", "two", "three")
NOTHING: Best = (0, 0, 0, 0, 0)
Told = dict[str, Any]


def some(*names: str) -> st.SearchStrategy[list[str]]:
    """Return a few of these, each once."""
    return st.lists(st.sampled_from(names), unique=True, min_size=1, max_size=3)


@st.composite
def homes(draw: st.DrawFn, name: str) -> Told:
    """Return an environment, often with passes, managed or metered."""
    return environment(
        name,
        draw(st.sampled_from(["Production", "Sandbox", "Default"])),
        apps=draw(st.sampled_from([False, False, False, True])),
        runs=draw(st.sampled_from([False, False, True])),
        managed=draw(st.booleans()),
        per_app_passes=draw(st.integers(0, 16)),
    )


@st.composite
def flows(draw: st.DrawFn, name: str) -> Told:
    """Return a flow that many people start, or that a service principal owns."""
    trigger = draw(st.sampled_from(["instant", "instant", "instant", "scheduled"]))
    return {
        "id": name,
        "environment": draw(st.sampled_from(HOMES)),
        "custom_connector": True,
        "trigger": trigger,
        "associated_app": draw(st.sampled_from([None] * 8 + [*APPS])),
        "owner": "sp:robot" if trigger == "scheduled" else None,
        "invokers": draw(some(*DESKS)),
        "runs_per_month": draw(st.integers(0, 400)),
        "process_licensed": draw(st.sampled_from([False] * 9 + [True])),
        "process_group": draw(st.sampled_from([None, None, None, "shared"])),
    }


@st.composite
def tenants(draw: st.DrawFn) -> Told:
    """Return a tenant of desks of a few people, so that flows are worth a licence or just not."""
    return {
        "as_of": TODAY.isoformat(),
        "channel": draw(st.sampled_from([None, "csp_new", "csp_new"])),
        "environments": [draw(homes(name)) for name in HOMES],
        "users": [
            {
                "id": name,
                "count": draw(st.integers(1, 9)),
                "skus": draw(
                    st.sampled_from([[SUITE], [SUITE], [SUITE], [SUITE], [PREMIUM], [AUTOMATE]])
                ),
            }
            for name in DESKS
        ],
        "apps": [
            {
                "id": name,
                "environment": draw(st.sampled_from(HOMES)),
                "custom_connector": draw(st.booleans()),
                "payg_opt_out": draw(st.sampled_from([False, False, False, True])),
                "users": draw(some(*DESKS)),
            }
            for name in APPS
        ],
        "flows": [draw(flows(f"flow{place}")) for place in range(draw(st.integers(0, 6)))],
    }


def totals(lines: tuple[Line, ...]) -> dict[tuple[str, str | None], int]:
    """Return units by plan and environment."""
    found: dict[tuple[str, str | None], int] = {}
    for line in lines:
        if line.quantity:
            key = line.plan, line.environment
            found[key] = found.get(key, 0) + line.quantity
    return found


@settings(max_examples=150, deadline=None)
@given(tenants(), st.sampled_from([(0, 20), (0, 20), (0, 12), (20, 12), (0, 0)]))
def test_pieces_say_what_the_whole_does(told: Told, seats_at: tuple[int, int]) -> None:
    """Money, what is metered, capacity, units and ranks; and what is bought costs that much."""
    scenario = read_scenario(json.dumps(told).encode(), "told.json", TODAY)
    needs = needs_of(scenario, Holders(scenario, products()))
    prices = list_prices().on(TODAY, scenario.channel)
    start, seat = seats_at[0], Decimal(seats_at[1])
    tiers = [Tier(start, seat)]
    classes = classes_of(scenario, needs, "plan")
    links = plain_links(scenario, classes, prices)
    solver = Solver(scenario, prices)
    for part in parts_of(scenario, needs, classes, links):
        ways = tuple(dict.fromkeys(open_ways(one), NOTHING) for one in part.classes)
        whole = Part(part.classes, part.flows, ways)
        expected: Answer | None
        try:
            expected = answer(scenario, needs, whole, prices, tiers, links, cost_alone=False)
        except Unsolved:
            expected = None
        try:
            found = solver.answer(solver.take(needs, part, links), tiers, cost_alone=False)
        except Unsolved:
            assert expected is None
            continue
        assert expected is not None
        assert [round(one) for one in found.best] == [round(one) for one in expected.best]
        assert round(found.bound) == round(expected.bound)
        assert found.premium == expected.premium or start or not seat
        spent = sum(prices[plan].price * units for (plan, _), units in totals(found.lines).items())
        seats = max(found.premium, start) if found.premium else 0
        assert (spent + seats * seat) * 100 == round(found.best[0])
        assert [sum(s.people for s in shares) for shares in found.shares] == [
            one.size for one in part.classes
        ]


@settings(max_examples=60, deadline=None)
@given(tenants(), st.data())
def test_what_a_connector_costs_is_found_in_pieces_too(told: Told, data: st.DataObject) -> None:
    """Each is the difference of two plans, and those are freed who need nothing any more."""
    for one in (*told["apps"], *told["flows"]):
        if one["custom_connector"]:
            one["connectors"] = data.draw(some("orders", "claims", "visits", "stock"))
    scenario = read_scenario(json.dumps(told).encode(), "told.json", TODAY)
    holders = Holders(scenario, products())
    needs = needs_of(scenario, holders)
    prices = list_prices().on(TODAY, scenario.channel)
    try:
        plan = cheapest(scenario, needs, prices)
    except Unsolved:
        return
    for cause in causes(scenario, holders, needs, prices):
        changed = without(scenario, cause.connector)
        left = needs_of(changed, holders)

        assert plan.monthly - cheapest(changed, left, prices).monthly == cause.monthly
        before, after = (
            {person for one in classes_of(of, which, "now") for person in one.people.tolist()}
            for of, which in ((scenario, needs), (changed, left))
        )
        assert set(cause.only) == before - after
