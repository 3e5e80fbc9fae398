"""A scenario that is written and read again gives the same figures."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from tenants_told import PREMIUM, SUITE, TODAY, app, environment, flow, scenario, user
from test_properties import PEOPLE, Told, tenants

from connectory.cli import cli
from connectory.domain.licensing.changes import Buy, Scale
from connectory.domain.licensing.estimate import Estimate, estimate
from connectory.domain.licensing.ids import told_apart
from connectory.domain.licensing.payload import payload
from connectory.domain.licensing.reading import read_scenario
from connectory.domain.licensing.scenario import Environment, Flow, People, Scenario, User
from connectory.domain.licensing.what_if import what_if
from connectory.domain.licensing.writing import as_told, write_scenario


def read(told: Told) -> Scenario:
    """Return the scenario of a file."""
    return read_scenario(json.dumps(told).encode(), "told.json", TODAY)


def figures(found: Estimate) -> dict[str, Any]:
    """Return every figure of an estimate; of whom or what, how many."""
    told = payload(found)
    need = told["need"]
    for name in ("user_ids", "flow_ids", "review"):
        need[name] = len(need[name])
    return {**told, "reclaimable": len(told["reclaimable"]), "warnings": ()}


def again(told: Scenario) -> Scenario:
    """Return a scenario as it is read from what was written of it."""
    return read_scenario(write_scenario(told), "written.json", date(1, 1, 1))


@st.composite
def crowds(draw: st.DrawFn) -> Told:
    """Return a tenant with people who are alike, told as such or not."""
    told = draw(tenants())
    alike = [user(f"twin{number}", None, SUITE) for number in range(draw(st.integers(0, 4)))]
    told["users"] = [*told["users"], user("desk", draw(st.integers(1, 4))), *alike]
    for one in told["apps"]:
        every = ["desk", *(twin["id"] for twin in alike)]
        one["users"] = [*one["users"], *(name for name in every if draw(st.booleans()))]
    return told


@settings(max_examples=80, deadline=None)
@given(crowds())
def test_every_figure_is_the_same(told: Told) -> None:
    """Whoever is alike in everything stands there once."""
    found = read(told)
    written = again(found)

    assert figures(estimate(written)) == figures(estimate(found))
    assert len(written.people) == len(found.people)
    assert as_told(written) == as_told(found)


@st.composite
def hostile(draw: st.DrawFn) -> Scenario:
    """Return a tenant whose ids are whatever a tenant may call things."""
    found = read(draw(tenants()))
    name = st.sampled_from(
        ["people", "people-1", "people-2", "people~2", "", "sp:x", "\ud800", "x"]
    )
    users = [replace(one, id=draw(name)) for one in found.people.users]
    crowd = [User(draw(name), count=draw(st.none() | st.integers(1, 3))) for _ in range(4)]
    some = np.arange(len(PEOPLE), len(PEOPLE) + sum(one.size for one in crowd))
    return replace(
        found,
        people=People([*users, *crowd]),
        environments=tuple(replace(one, id=draw(name)) for one in found.environments),
        apps=tuple(
            replace(one, id=draw(name), users=np.concatenate([one.users, some]),
                    active=np.concatenate([one.active, some[::2]]))
            for one in found.apps
        ),
        flows=tuple(replace(one, id=f"{draw(name)}{place}") for place, one in enumerate(found.flows)),
    )  # fmt: skip


@settings(max_examples=80, deadline=None)
@given(hostile())
def test_ids_that_collide_are_told_apart(found: Scenario) -> None:
    """With those of others, with members of groups, with service principals, or are no text."""
    told, written = figures(estimate(found)), figures(estimate(again(found)))
    # Lines name environments, and here several have one name.
    for one in (told, written):
        lines = one["cheapest"].pop("lines")
        one["total"] = sorted((line["plan"], line["quantity"], line["monthly"]) for line in lines)
        one["need"].pop("review")  # what is asked of two things of one id is asked once

    if len({one.id for one in found.environments}) == len(found.environments):
        assert written == told
    assert written["cheapest"] == told["cheapest"]
    assert written["need"] == told["need"]


@given(st.lists(st.sampled_from(["a", "a~2", "a~3", "", "unnamed", "b"]), max_size=12))
def test_names_are_told_apart(names: list[str]) -> None:
    """Each is there once, and what is there once keeps its name."""
    found = told_apart(names)

    assert len(set(found)) == len(names)
    if "" not in names:
        assert all(found[names.index(name)] == name for name in names)


def test_people_who_are_alike_are_one_group() -> None:
    """Not who owns a flow, nor who is in other lists or holds something else."""
    users = [user(f"u{number}", None, SUITE) for number in range(6)]
    users.append(user("held", None, SUITE, PREMIUM))
    every = [one["id"] for one in users]
    told = scenario(
        users=users,
        apps=[app("desk", *every, active_users=every[:4])],
        flows=[flow("nightly", "scheduled", "u0")],
    )

    assert as_told(read(told))["users"] == [
        {"id": "u0", "skus": [SUITE]},
        {"id": "people", "count": 3, "skus": [SUITE]},
        {"id": "people.2", "count": 2, "skus": [SUITE]},
        {"id": "held", "skus": [SUITE, PREMIUM]},
    ]
    assert as_told(read(told))["apps"][0]["active_users"] == ["u0", "people"]


def test_a_group_keeps_its_id_as_long_as_it_is_one() -> None:
    """If one of it gets a licence, the others are told by another id, since theirs would collide."""
    told = scenario(users=[user("desk", 4), user("ann")], apps=[app("a", "desk")])
    before = estimate(read(told))
    found = what_if(before, [Buy("pa_premium", 1, ("desk-2",))])

    assert [one["id"] for one in as_told(before.scenario)["users"]] == ["desk", "ann"]
    assert as_told(found.after.scenario)["users"] == [
        {"id": "people", "count": 3},
        {"id": "desk-2", "skus": [PREMIUM]},
        {"id": "ann"},
    ]


def test_a_flow_of_which_it_is_not_told_what_app_starts_it_is_asked_about() -> None:
    """As a tenant that was read has them; also when it is read from a file."""
    homes = (Environment("prod", "Production"),)
    started = (Flow("f", 0, custom_connector=True, trigger="app"),)
    found = Scenario(TODAY, None, "active", homes, People([]), (), started)

    assert [one.subject for one in estimate(found).need.review] == ["f"]
    assert [one.subject for one in estimate(again(found)).need.review] == ["f"]


def test_a_large_tenant_is_written_in_seconds() -> None:
    """20,000 people in 300 apps, most of whom are alike."""
    every = np.arange(20_000)
    small = read(scenario(apps=[app(f"a{n}") for n in range(300)]))
    people = People([User(f"{n:08x}", skus=(SUITE,)) for n in range(20_000)])
    apps = tuple(
        replace(one, users=every, active=every[n : n + 10]) for n, one in enumerate(small.apps)
    )
    written = as_told(replace(small, people=people, apps=apps))

    assert len(written["users"]) < 400
    assert sum(one.get("count", 1) for one in written["users"]) == 20_000


@pytest.mark.parametrize("kind", ["Production", "Default"])
def test_the_command_says_what_the_what_if_does(tmp_path: Path, kind: str) -> None:
    """Before and after, from the files that are exported."""
    told = scenario(
        channel="csp_new",
        environments=[environment("prod", kind)],
        users=[user("desk", 30)],
        apps=[app("a", "desk", connectors=["orders"])],
    )
    found = what_if(estimate(read(told)), [Scale("orders", 12), Buy("pa_premium", 3)])

    for name, one in (("before", found.before), ("after", found.after)):
        place = tmp_path / f"{name}.json"
        place.write_bytes(write_scenario(one.scenario))
        ended = CliRunner().invoke(cli, ["estimate", str(place), "--format", "json"])
        assert ended.exit_code == 0, ended.output
        said = json.loads(ended.stdout)
        assert said["cheapest"] == json.loads(json.dumps(payload(one)["cheapest"]))
        assert said["need"]["users"] == len(one.need.people)
