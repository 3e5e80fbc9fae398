"""Scenarios and price books that cannot be used are refused with the place of what is wrong."""

from __future__ import annotations

import json
import re
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from tenants_told import TODAY, app, environment, flow, scenario, user

from connectory.cli import cli
from connectory.domain.licensing.prices import (
    NEEDED,
    PriceBookError,
    list_prices,
    read_price_book,
)
from connectory.domain.licensing.reading import ScenarioError, read_scenario

USERS = [user("ann"), user("desk", 3)]


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        ({"apps": [app("a", "eve")]}, "apps[0].users[0]: there is no user 'eve'"),
        ({"apps": [app("a", "ann", environment="x")]}, "apps[0].environment: there is no environment 'x'"),
        ({"apps": [app("a", "ann"), app("a")]}, "apps[1].id: 'a' is there twice"),
        ({"apps": [app("a", "ann", active_users=["desk-2"])]}, "apps[0].active_users: 'desk-2' is not among its users"),
        ({"flows": [flow("f", "timer", "ann")]}, "flows[0].trigger: input should be 'automated'"),
        ({"flows": [flow("f", "app", "ann", app="b")]}, "flows[0].app: there is no app 'b'"),
        ({"flows": [flow("f", "http", "desk")]}, "flows[0].owner: 'desk' is a group of 3"),
        ({"flows": [flow("f", "http", "eve")]}, "flows[0].owner: there is no user 'eve'"),
        ({"users": [*USERS, user("desk-2")]}, "users[2]: the id 'desk-2' is there twice"),
        ({"users": [*USERS, user("desk-2", 4)]}, "users[2]: the id 'desk-2' is there twice"),
        ({"users": [user("desk-2"), user("desk", 3)]}, "users[1]: the id 'desk-2' is there twice"),
        ({"users": [user("sp:ann")]}, "users[0].id: sp: begins a service principal's id"),
        ({"users": [user("ann", 0)]}, "users[0].count: input should be greater"),
        ({"users": [user("ann", 10**7)]}, "users[0].count: input should be less than or equal to 2000000"),
        ({"users": [user(name, 10**6) for name in "abc"]}, "users: more than 2,000,000 people"),
        ({"apps": [app("a", "desk-4", "desk-0", "desk-01")]}, "apps[0].users[0]: there is no user 'desk-4'"),
        ({"environments": [environment("prod", "Moon")]}, "environments[0].type: input should be"),
        ({"basis": "some"}, "basis: input should be 'active' or 'access'"),
        ({"channel": "shop"}, "channel: input should be 'csp_new'"),
        ({"as_of": "soon"}, "as_of: input should be a valid date"),
        ({"as_of": "2026-02-30"}, "as_of: input should be a valid date: day is out of range"),
        ({"as_of": 1795392000}, "as_of: input should be a valid date"),
        ({"as_of": "0"}, "as_of: input should be a valid date"),
        ({"users": [user("ann", trial_until=0)]}, "users[0].trial_until: input should be a valid date"),
        ({"environments": [environment(per_app_passes=10**13)]}, "environments[0].per_app_passes: input should be less"),
        ({"agents": [{"id": "h", "environment": "x", "credits_per_month": 1}]}, "agents[0].environment: there is no"),
        ({"flows": [flow("f", "http", "ann", runs_per_month=-1)]}, "flows[0].runs_per_month: input should be greater"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_with_its_place(parts: dict[str, Any], words: str) -> None:
    """The file, the place in it, and what is wrong there."""
    told = json.dumps(scenario(**{"users": USERS, **parts})).encode()
    with pytest.raises(ScenarioError) as caught:
        read_scenario(told, "tenant.json", TODAY)

    assert f"tenant.json: {words}" in str(caught.value)


def test_many_values_that_are_wrong_are_told_ten_at_a_time() -> None:
    """And how many there are besides."""
    told = json.dumps(scenario(apps=[app("a", *(f"u{n}" for n in range(14)))])).encode()
    with pytest.raises(ScenarioError) as caught:
        read_scenario(told, "tenant.json", TODAY)

    assert len(str(caught.value).splitlines()) == 11
    assert "4 more values are wrong" in str(caught.value)


def test_what_is_missing_or_null_has_its_default() -> None:
    """A day, everybody enabled, all users active; unknown fields are told and not read."""
    told = {
        "channel": None,
        "environments": [{"id": "prod", "billing_policy": None, "colour": "red"}],
        "users": [{"id": "desk", "count": 2}, {"id": "solo", "count": 1}],
        "apps": [{"id": "a", "environment": "prod", "users": ["desk", "desk-1", "solo"]}],
    }
    found = read_scenario(json.dumps(told).encode(), "tenant.json", TODAY)

    assert (found.as_of, found.basis, found.channel) == (TODAY, "active", None)
    assert [found.people.name(n) for n in found.apps[0].active] == ["desk-1", "desk-2", "solo-1"]
    assert found.warnings == ("environments[0].colour is no field of a scenario and was not read",)


def test_an_environment_that_cannot_be_linked_counts_as_not_linked() -> None:
    """With a warning."""
    told = scenario(environments=[environment("prod", "Default", apps=True)])
    found = read_scenario(json.dumps(told).encode(), "tenant.json", TODAY)

    assert not found.environments[0].linked
    assert "no billing policy can be linked to" in found.warnings[0]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (
            b'{"users": [], "apps": [{"id": "a", "id": "b"}]}',
            "told.json: apps[0].id is there twice",
        ),
        (b'{"users": [{"id": "a"}], "users": []}', "told.json: users is there twice"),
        (b'{"x": ' + b"[" * 5000 + b"]" * 5000 + b"}", "nested too deeply"),
        (b'{"x": ' + b'{"a": ' * 1000 + b"1" + b"}" * 1001, "nested too deeply"),
        (b'{"users": [{"id": "a", "count": NaN}]}', "told.json is no JSON"),
    ],
)
def test_what_could_be_read_in_two_ways_or_not_at_all_is_refused(
    content: bytes, words: str
) -> None:
    """A field that is there twice, with its place; nesting without end; no number."""
    with pytest.raises(ScenarioError, match=re.escape(words)):
        read_scenario(content, "told.json", TODAY)


def test_a_file_may_begin_with_a_mark_and_nest_what_is_not_read() -> None:
    """Editors of Windows write the mark; a field that the format does not have is only told of."""
    content = b'\xef\xbb\xbf{"x": ' + b"[" * 500 + b"]" * 500 + b"}"

    assert read_scenario(content, "told.json", TODAY).warnings == (
        "x is no field of a scenario and was not read",
    )


def test_a_field_that_is_not_read_is_told_once() -> None:
    """Where it is first, and how often; also within a billing policy."""
    told = scenario(users=[user(name, colour="red") for name in "abc"])
    told["environments"][0]["billing_policy"]["app_meter"] = True
    found = read_scenario(json.dumps(told).encode(), "told.json", TODAY)

    assert found.warnings == (
        "environments[0].billing_policy.app_meter is no field of a scenario and was not read",
        "users[0].colour and 2 more are no field of a scenario and were not read",
    )


def test_apps_that_everybody_has_access_to_take_no_room() -> None:
    """Of 200,000 people, none is kept for an app of which only one is told to use it."""
    apps = [app(f"a{n}", "all", active_users=[f"all-{n + 1}"]) for n in range(200)]
    told = scenario(users=[user("all", 200_000)], apps=apps)
    found = read_scenario(json.dumps(told).encode(), "told.json", TODAY)

    assert all(np.shares_memory(found.apps[0].users, one.users) for one in found.apps)
    assert [len(one.active) for one in found.apps] == [1] * 200


@pytest.mark.parametrize("content", [b"", b"[]", b"{", b"\xff\xfe"])
def test_what_is_no_scenario_at_all_is_refused(tmp_path: Path, content: bytes) -> None:
    """In one line, by the command as well, which ends with 1."""
    place = tmp_path / "odd.json"
    place.write_bytes(content)
    ended = CliRunner().invoke(cli, ["estimate", str(place)])

    assert ended.exit_code == 1
    assert "odd.json is no JSON" in ended.output


def test_people_read_a_table(tmp_path: Path) -> None:
    """The same figures in words, names of a tenant as they are."""
    place = tmp_path / "told.json"
    told = scenario(
        users=[user("[red]ann")], apps=[app("a", "[red]ann")], environments=[environment()]
    )
    told["flows"] = [flow("[link=x]f", "automated")]
    place.write_text(json.dumps(told))
    ended = CliRunner().invoke(cli, ["estimate", str(place)])

    assert ended.exit_code == 0, ended.output
    assert "1 people and 0 flows" in ended.output
    assert "Cheapest: 10.00 USD" in ended.output
    assert "To decide: [link=x]f: Who owns it?" in ended.output


PLAN = '[[plan]]\nid = "pa_premium"\nkind = "user"\n[[plan.line]]\nsince = 2026-01-01\n'


def test_prices_of_a_customer_take_the_place_of_list_prices() -> None:
    """Plan by plan, in the same currency, all times the multiplier."""
    own = f'schema = 1\nversion = "ours"\nmultiplier = "1.05"\n{PLAN}price = "18.40"\n'
    prices = read_price_book(own, "own.toml", list_prices()).on(TODAY, None)

    assert prices["pa_premium"].price == Decimal("19.3200")
    assert prices["fl_premium"].price == Decimal("15.7500")
    assert prices["pa_premium"].of(3000)[1] == Decimal("19.3200")  # it has no tier of its own


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("schema = 2", "schema: input should be 1"),
        (f"schema = 1\n{PLAN}price = 20.0", "plan[0].line[0].price: write an amount as a text"),
        (f'schema = 1\n{PLAN}price = "much"', "plan[0].line[0].price: is no amount"),
        (f'schema = 1\n{PLAN}price = "-1"', "plan[0].line[0].price: is no amount"),
        ('schema = 1\n[[plan]]\nid = "x"\nkind = "user"', "plan[0].line: field required"),
        (
            f'schema = 1\n{PLAN}price = "1"\n{PLAN}price = "2"',
            "plan: plan pa_premium is there twice",
        ),
        (f'schema = 1\n{PLAN}price = "1"\navailability = {{ shop = true }}', "availability.shop"),
        ("schema = [", "own.toml is no TOML"),
        ("schema = 1\ncolour = 1", "colour: extra inputs are not permitted"),
    ],
)
def test_a_price_book_that_is_wrong_is_refused_with_the_place(content: str, words: str) -> None:
    """The file, the plan and the line."""
    with pytest.raises(PriceBookError) as caught:
        read_price_book(content, "own.toml", list_prices())

    assert words in str(caught.value)


def test_a_price_book_without_a_plan_that_is_needed_names_it(tmp_path: Path) -> None:
    """One in another currency stands alone, and lacks all that it does not name."""
    (tmp_path / "own.toml").write_text(f'schema = 1\ncurrency = "EUR"\n{PLAN}price = "18.70"\n')
    (tmp_path / "config.toml").write_text(f'[licensing]\nprice_book = "{tmp_path / "own.toml"}"\n')
    (tmp_path / "told.json").write_text(json.dumps(scenario()))
    ended = CliRunner().invoke(
        cli, ["--config", str(tmp_path / "config.toml"), "estimate", str(tmp_path / "told.json")]
    )

    assert ended.exit_code == 1
    assert all(name in ended.output for name in NEEDED if name != "pa_premium")


@pytest.mark.parametrize(
    ("day", "channel", "can"),
    [
        (date(2025, 12, 31), "ea_new", True),
        (date(2026, 1, 2), "ea_new", False),
        (date(2026, 1, 2), "ea_renew", True),
        (date(2026, 3, 31), "csp_new", False),
        (date(2026, 4, 1), "csp_new", True),
        (date(2026, 11, 23), "mpsa_new", False),
        (date(2026, 11, 23), None, False),
    ],
)
def test_the_line_in_force_says_who_can_buy_passes(day: date, channel: Any, *, can: bool) -> None:
    """By the day and the channel."""
    assert list_prices().on(day, channel)["pa_per_app"].purchasable is can


def test_a_day_before_any_price_is_refused() -> None:
    """The plan and the day are named."""
    with pytest.raises(PriceBookError, match="no price of pa_premium on 2001-01-01"):
        list_prices().on(date(2001, 1, 1), None)
