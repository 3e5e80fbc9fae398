"""What changes would cost before anything is done, case by case."""

from __future__ import annotations

from typing import Any

import pytest
from tenants_told import AUTOMATE, PREMIUM, SUITE, app, environment, flow, scenario, user
from test_properties import of

from connectory.domain.licensing.changes import (
    MOST_CHANGES,
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
    change_of,
)
from connectory.domain.licensing.estimate import Estimate
from connectory.domain.licensing.what_if import RefusedAt, what_if


def case(**parts: Any) -> Estimate:
    """Return the estimate of a small tenant where licences of people are bought."""
    return of(scenario(**{"environments": [environment("prod", "Default")], **parts}))


def orders(*users: str, **more: Any) -> dict[str, Any]:
    """Return an app that uses the connector orders."""
    return app("desk", *users, connectors=["orders"], **more)


def test_more_people_use_every_app_with_a_connector() -> None:
    """They need one licence each, however many apps it is in; who holds one needs none."""
    before = case(users=[user("ann")], apps=[orders("ann"), app("more", connectors=["orders"])])
    found = what_if(before, [Scale("orders", 50)])

    assert [before.monthly, found.monthly, found.difference] == [20, 1020, 1000]
    assert len(found.begin) == 50
    assert what_if(before, [Scale("orders", 50, holding=(PREMIUM,))]).difference == 0
    assert found.notes == (("They use desk, more.",),)


def test_a_connector_of_flows_alone_is_scaled_by_who_starts_them() -> None:
    """Ten more of them make a Process licence as good as a licence each."""
    before = case(
        users=[user("ann")], flows=[flow("f", "instant", invokers=["ann"], connectors=["orders"])]
    )

    assert what_if(before, [Scale("orders", 5)]).difference == 5 * 15
    assert what_if(before, [Scale("orders", 50)]).monthly == 150


def test_a_replacement_pays_off_with_what_follows() -> None:
    """Another custom connector saves nothing, a standard one does, and so does retiring both."""
    before = case(users=[user("ann")], apps=[orders("ann")])

    assert what_if(before, [Replace("orders", "claims")], connectors=["claims"]).difference == 0
    assert what_if(before, [Replace("orders")]).difference == -20
    both: list[Change] = [Replace("orders", "claims"), Retire("claims")]
    assert what_if(before, both, connectors=["claims"]).difference == -20


def test_money_for_licences_stays_spent() -> None:
    """A licence that is bought and not needed any more after the next change still costs."""
    before = case(users=[user("ann")], apps=[orders("ann")])
    found = what_if(before, [Buy("pa_premium", 1, ("ann",)), Retire("orders")])

    assert found.after.monthly == 0
    assert [found.monthly, found.difference] == [20, 0]
    assert list(found.cease) == [0]


def test_licences_go_first_to_who_costs_most() -> None:
    """Cat is metered in two apps and needs a third; bob needs one pass. Seats nobody needs lie idle."""
    before = of(
        scenario(
            channel="csp_new",
            users=[user("bob"), user("cat"), user("dan")],
            environments=[environment("prod"), environment("linked", apps=True)],
            apps=[
                orders("bob"),
                app("a", "cat", environment="linked"),
                app("b", "dan", environment="prod", users=["dan"], active_users=[]),
            ],
        )
    )
    found = what_if(before, [Buy("pa_premium", 1)])
    more = what_if(before, [Buy("pa_premium", 5)])

    assert [one.skus for one in found.after.scenario.people.users] == [(), (PREMIUM,), ()]
    assert found.difference == 20 - 10
    assert more.notes == (("2 people get one.", "3 lie idle, since nobody else needs one."),)
    assert more.monthly == 100


def test_who_needs_cover_by_two_rules_may_cease_to_by_one() -> None:
    """Ann's flow needs a licence still when her app does not."""
    before = case(
        users=[user("ann")],
        apps=[orders("ann")],
        flows=[flow("f", "http", "ann", connectors=["claims"])],
    )
    found = what_if(before, [Retire("orders")])

    assert found.cease == {0: ("custom_connector_app",)}
    assert found.needing[1] == {0: ("custom_connector_flow",)}
    assert what_if(before, [Retire("orders"), Retire("claims")]).needing[1] == {}


def test_a_person_of_a_group_gets_a_licence_alone() -> None:
    """The others stay as they are, and everybody keeps the number."""
    before = case(users=[user("desk", 3), user("ann")], apps=[orders("desk", "ann")])
    found = what_if(before, [Buy("pa_premium", 1, ("desk-2",))])
    people = found.after.scenario.people

    assert [people.name(n) for n in range(4)] == ["desk-1", "desk-2", "desk-3", "ann"]
    assert list(found.cease) == [1]
    assert found.difference == 0


def test_a_plan_that_is_switched_off_is_on_in_a_licence_that_is_bought() -> None:
    """It is switched off of another product."""
    ann = user("ann", None, SUITE, disabled_plans=["POWERAPPS_PER_USER", "FLOW_O365_P2"])
    before = case(users=[ann], apps=[orders("ann")])

    assert list(what_if(before, [Buy("pa_premium", 1, ("ann",))]).cease) == [0]


def test_seats_that_are_bought_and_those_of_the_plan_are_one_order() -> None:
    """Of 1,500 seats 100 bought by hand do not make the tier dearer; 1,000 reach it with 500."""
    before = case(users=[user("many", 1500)], apps=[orders("many")])

    assert before.monthly == 24_000
    for seats in (1, 100, 1000, 1500):
        found = what_if(before, [Buy("pa_premium", seats)])
        assert [seats, found.difference] == [seats, 0]
    assert what_if(before, [Buy("pa_premium", 1000)]).together < 0
    assert what_if(before, [Buy("pa_premium", 2100)]).monthly == 2100 * 12


def test_passes_are_for_an_environment_that_is_not_linked() -> None:
    """Ten of them for ten people cost half of what the meter would."""
    before = of(scenario(channel="csp_new", users=[user("desk", 10)], apps=[orders("desk")]))
    found = what_if(before, [BuyPasses("prod", 10)])

    assert [before.monthly, found.difference, len(found.cease)] == [50, 0, 10]
    assert what_if(before, [BuyPasses("prod", 12)]).difference == 10
    with pytest.raises(
        RefusedAt, match="prod is linked to pay-as-you-go, where passes are not"
    ) as at:
        what_if(before, [Link("prod"), BuyPasses("prod", 10)])
    assert at.value.place == 1


def test_flows_that_share_a_process_licence() -> None:
    """Three flows of a service principal cost 450 by themselves, and 150 as one process."""
    three = [flow(name, "scheduled", "sp:robot", connectors=["orders"]) for name in ("f", "g", "h")]
    before = case(flows=three)
    found = what_if(before, [BuyProcess(("f", "g", "h"))])

    assert [before.monthly, found.monthly] == [450, 150]
    assert [one.process_licensed for one in found.after.scenario.flows] == [True, False, False]
    assert what_if(before, [BuyProcess(("g",))]).difference == 0


def test_an_owner_who_holds_a_licence_takes_flows_over() -> None:
    """All of somebody's flows or one; to a service principal they cost a Process licence each."""
    before = case(
        users=[user("ann"), user("bob", None, AUTOMATE), user("off", enabled=False)],
        flows=[
            flow("f", "scheduled", "ann", connectors=["orders"], credential_holders=["bob"]),
            flow("g", "http", "ann", connectors=["orders"]),
            flow("h", "http", "off", connectors=["orders"]),
        ],
    )

    assert before.monthly == 15
    assert what_if(before, [Move("bob", owner="ann")]).difference == -15
    assert what_if(before, [Move("bob", flow="f")]).difference == 0
    assert what_if(before, [Move("sp:robot", flow="f")]).difference == 150
    rescued = what_if(before, [Move("bob", flow="h")])
    assert [len(before.need.review), len(rescued.after.need.review)] == [1, 0]


def test_an_account_that_is_shared_is_shared_for_what_it_takes_over() -> None:
    """Who can sign in as it is known from its other flows."""
    before = case(
        users=[user("ann"), user("svc"), user("desk", 3)],
        flows=[
            flow("f", "scheduled", "svc", credential_holders=["desk"]),
            flow("g", "scheduled", "ann"),
        ],
    )
    found = what_if(before, [Move("svc", flow="g")])

    assert [before.monthly, found.monthly] == [75, 60]
    assert len(found.after.scenario.flows[1].credential_holders) == 3


REFUSED: list[tuple[Change, str]] = [
    (Retire("weather"), "no app and no flow uses weather"),
    (Scale("weather", 5), "no app and no flow uses weather"),
    (Scale("orders", 0), "the number of people is to be from 1 to 1,000,000, not 0"),
    (Scale("orders", 5, "other"), "the app other does not use orders"),
    (Scale("orders", 5, "nowhere"), "there is no app 'nowhere'"),
    (Scale("orders", 5, holding=("MAGIC",)), "product 'MAGIC' is not known"),
    (Scale("night", 5), "no app uses night, and no flow with it is started by hand"),
    (Replace("orders", "magic"), "there is no connector 'magic'"),
    (Link("default"), "default is of type Default: only Production and Sandbox"),
    (Link("linked"), "linked is linked already, and its meter is on"),
    (Link("moon"), "there is no environment 'moon'"),
    (Buy("pa_payg", 1), "'pa_payg' is no licence of people"),
    (Buy("pa_premium", 1, ("ann", "bob")), "1 licences are not enough for 2 people"),
    (Buy("pa_premium", 1, ("off",)), "the account of off is disabled, and needs no licence"),
    (Buy("pa_premium", 1, ("bob",)), "bob holds Power Apps Premium already"),
    (Buy("pa_premium", 1, ("eve",)), "there is no person 'eve'"),
    (BuyPasses("prod", 5), "Power Apps per app cannot be bought the way this tenant buys"),
    (BuyProcess(()), "no flow is named"),
    (BuyProcess(("f",), 2), "2 Process licences are more than the 1 flows without one"),
    (BuyProcess(("f", "elsewhere")), "the flows of one process are in one environment"),
    (BuyProcess(("started",)), "the flow started is started by an app"),
    (BuyProcess(("plain",)), "the flow plain has no custom connector"),
    (BuyProcess(("one", "two")), "these flows belong to several processes"),
    (Associate("f", "nowhere"), "there is no app 'nowhere'"),
    (Associate("started", "desk"), "the flow started is started by an app"),
    (Associate("robotic", "desk"), "the flow robotic is owned by a service principal"),
    (Associate("elsewhere", "desk"), "are in different environments"),
    (Associate("serving", "desk"), "the flow serving is associated to desk already"),
    (Move("off", flow="f"), "the account of off is disabled, and cannot run a flow"),
    (Move("ann", flow="f"), "ann owns the flow f already"),
    (Move("ann", owner="bob"), "bob owns no flow with a custom connector"),
    (Move("ann"), "either one flow moves or all of one owner do"),
    (Move("ann", owner="sp:magic"), "sp:magic owns no flow"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "words"), REFUSED)
def test_what_cannot_be_done_is_refused_with_the_reason(change: Change, words: str) -> None:
    """In a sentence that names what is meant."""
    told = {"connectors": ["timer"], "environment": "prod"}
    before = of(
        scenario(
            users=[user("ann"), user("bob", None, PREMIUM), user("off", enabled=False)],
            environments=[environment(), environment("linked", apps=True),
                          environment("default", "Default")],
            apps=[orders("ann"), app("other", "ann", connectors=["claims"])],
            flows=[
                flow("f", "scheduled", "ann", **{**told, "connectors": ["night"]}),
                flow("elsewhere", "scheduled", "ann", **{**told, "environment": "linked"}),
                flow("started", "app", "ann", app="desk", **told),
                flow("plain", "http", "ann", custom_connector=False),
                flow("robotic", "http", "sp:robot", **told),
                flow("serving", "http", "ann", associated_app="desk", **told),
                flow("one", "http", "ann", process_group="p", **told),
                flow("two", "http", "ann", process_group="q", **told),
            ],
        )
    )  # fmt: skip
    with pytest.raises(RefusedAt) as refused:
        what_if(before, [Retire("claims"), change])

    assert words in str(refused.value)
    assert refused.value.place == 1


def test_too_many_changes_are_refused() -> None:
    """An address may hold any number of them."""
    changes: list[Change] = [Retire("orders")] * (MOST_CHANGES + 1)
    with pytest.raises(Refused, match="more than 20 changes at once"):
        what_if(case(users=[user("ann")], apps=[orders("ann")]), changes)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("burn?connector=a", "'burn' is no kind of change; known are scale, retire"),
        ("retire", "'retire' does not tell its 'connector'"),
        ("retire?connector=a&colour=red", "'retire' has no 'colour'"),
        ("retire?connector=a&connector=b", "'retire' tells its 'connector' more than once"),
        ("scale?connector=a&people=many", "'people' is to be a whole number, not 'many'"),
        ("scale?connector=a&people=-1", "'people' is to be from 1 to 1,000,000, not -1"),
        ("retire?=&", "the change 'retire?=&' cannot be read"),
    ],
)
def test_an_address_that_tells_no_change_says_why(text: str, words: str) -> None:
    """Somebody wrote it by hand, or it is of another version."""
    with pytest.raises(Refused) as refused:
        change_of(text)

    assert words in str(refused.value)
