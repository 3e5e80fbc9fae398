"""What changes would cost before anything is done: laws over tenants that chance makes up."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from hypothesis import assume, given, settings
from hypothesis import strategies as st
from tenants_told import AUTOMATE, PREMIUM, SUITE, flow, user
from test_properties import APPS, HOMES, PEOPLE, Told, of, some, tenants

from connectory.domain.licensing.attribution import causes
from connectory.domain.licensing.changes import (
    Associate,
    Buy,
    BuyPasses,
    BuyProcess,
    Change,
    Link,
    Move,
    Refused,
    Replace,
    Retire,
    Scale,
    change_as_text,
    change_of,
)
from connectory.domain.licensing.estimate import Estimate
from connectory.domain.licensing.showback import given as gets
from connectory.domain.licensing.what_if import WhatIf, what_if

CONNECTORS = ("orders", "claims", "weather")
GIVEN: Any = {"max_examples": 40, "deadline": None}


@st.composite
def connected(draw: st.DrawFn) -> Estimate:
    """Return the estimate of a tenant whose connectors have names."""
    return of(draw(named()))


@st.composite
def named(draw: st.DrawFn) -> Told:
    """Return a tenant whose connectors have names."""
    told = draw(tenants())
    for one in (*told["apps"], *told["flows"]):
        if one["custom_connector"]:
            one["connectors"] = draw(some(*CONNECTORS).filter(bool))
    return told


def tried(before: Estimate, *changes: Change) -> WhatIf:
    """Return what changes would cost; an example is left if one cannot be made."""
    try:
        return what_if(before, changes)
    except Refused:
        assume(False)
        raise


@settings(**GIVEN)
@given(connected())
def test_retiring_a_connector_saves_what_it_costs(before: Estimate) -> None:
    """For every connector, the amount that is shown as caused by it."""
    each = causes(before.scenario, before.holders, before.needs, before.prices)

    assert {one.connector: -one.monthly for one in each} == {
        one.connector: what_if(before, [Retire(one.connector)]).difference for one in each
    }


@settings(**GIVEN)
@given(connected(), st.sampled_from(CONNECTORS), st.integers(1, 3), some(PREMIUM, AUTOMATE, SUITE))
def test_more_people_never_cost_less(
    before: Estimate, connector: str, people: int, holding: list[str]
) -> None:
    """Whatever the new ones hold already; and nobody who is there ceases to need anything by it."""
    found = tried(before, Scale(connector, people, holding=tuple(holding)))

    assert found.difference >= 0
    assert len(found.after.need.people) >= len(before.need.people)


@settings(**GIVEN)
@given(connected(), st.sampled_from(CONNECTORS))
def test_nothing_changes_nothing(before: Estimate, connector: str) -> None:
    """No change at all, and a connector in the place of itself."""
    assert what_if(before, []).after is before
    assert what_if(before, []).difference == 0
    same = tried(before, Replace(connector, connector))

    assert [same.difference, same.begin, same.cease] == [0, {}, {}]
    assert same.after.lines == before.lines


@settings(**GIVEN)
@given(connected(), st.sampled_from(HOMES))
def test_linking_never_saves_what_the_plan_would_not_have_saved(
    before: Estimate, home: str
) -> None:
    """Where the cheapest plan links an environment, linking it costs nothing; elsewhere it may."""
    found = tried(before, Link(home))
    linked = {before.scenario.environments[number].id for number in before.plan.linked}

    assert found.difference >= 0
    assert home not in linked or found.difference == 0


@settings(**GIVEN)
@given(
    connected(),
    st.one_of(
        st.builds(Buy, st.sampled_from(["pa_premium", "fl_premium"]), st.integers(1, 4)),
        st.builds(BuyPasses, st.sampled_from(HOMES), st.integers(1, 4)),
        st.builds(BuyProcess, st.just(("flow0",)), st.just(1)),
    ),
)
def test_what_is_bought_by_hand_is_never_cheaper_than_the_plan(
    before: Estimate, change: Change
) -> None:
    """The money counts: the cheapest plan could have bought the same."""
    assert tried(before, change).difference >= 0


@settings(**GIVEN)
@given(connected(), st.sampled_from(["pa_premium", "fl_premium"]))
def test_buying_what_the_plan_buys_costs_what_the_plan_does(before: Estimate, plan: str) -> None:
    """Licences for those to whom the cheapest plan gives them, told by name or not."""
    plain = gets(before.plan.classes, before.plan.shares)
    who = [
        before.scenario.people.name(one.person)
        for one in plain
        if (one.premium if plan == "pa_premium" else one.automate)
    ]
    with suppress(Refused):  # nobody is named, or holds one already that is switched off
        assert what_if(before, [Buy(plan, len(who), tuple(who))]).difference == 0
        assert what_if(before, [Buy(plan, len(who))]).difference == 0


@settings(**GIVEN)
@given(named(), st.sampled_from(APPS), st.sampled_from(["scheduled", "instant"]))
def test_a_flow_that_serves_an_app_never_costs_more(told: Told, serving: str, trigger: str) -> None:
    """Association opens one more way to cover it, where it served no app before."""
    (home,) = [one["environment"] for one in told["apps"] if one["id"] == serving]
    mine = flow("mine", trigger, "ann", environment=home, invokers=list(PEOPLE), runs_per_month=9)
    before = of({**told, "flows": [*told["flows"], mine]})

    assert what_if(before, [Associate("mine", serving)]).difference <= 0


@settings(**GIVEN)
@given(named(), st.sampled_from(PEOPLE))
def test_flows_moved_there_and_back_cost_what_they_did(told: Told, who: str) -> None:
    """To somebody who owns nothing yet, where nobody else can sign in as their owner."""
    flows = [{**one, "credential_holders": []} for one in told["flows"]]
    flows.append(flow("mine", "http", who, environment=HOMES[0], runs_per_month=9))
    before = of({**told, "users": [*told["users"], user("new")], "flows": flows})

    assert tried(before, Move("new", owner=who), Move(who, owner="new")).difference == 0


TEXTS = st.text(min_size=1, max_size=12)


@given(
    st.one_of(
        st.builds(
            Scale, TEXTS, st.integers(1, 10**6), st.none() | TEXTS, st.lists(TEXTS).map(tuple)
        ),
        st.builds(Retire, TEXTS),
        st.builds(Replace, TEXTS, st.none() | TEXTS),
        st.builds(Link, TEXTS, st.booleans()),
        st.builds(Buy, TEXTS, st.integers(1, 10**6), st.lists(TEXTS).map(tuple)),
        st.builds(BuyPasses, TEXTS, st.integers(1, 10**6)),
        st.builds(BuyProcess, st.lists(TEXTS, min_size=1).map(tuple), st.integers(1, 10**6)),
        st.builds(Associate, TEXTS, TEXTS),
        st.builds(Move, TEXTS, st.none() | TEXTS, st.none() | TEXTS),
    )
)
def test_a_change_survives_an_address(change: Change) -> None:
    """Whatever ids a tenant has."""
    assert change_of(change_as_text(change)) == change


@given(st.text())
def test_any_text_is_a_change_or_refused(text: str) -> None:
    """An address is written by anybody."""
    with suppress(Refused):
        assert change_of(change_as_text(change_of(text))) == change_of(text)
