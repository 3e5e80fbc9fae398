"""A second run reads again only what may have changed, says what it left, and misses nothing."""

from __future__ import annotations

import base64
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, update
from tenants import Tenant, tenant
from test_collected import compare
from told import told

from collectors.run import RunReport
from connectory.database import reading, writing
from connectory.queries.runs import runs, step_sources
from models import Step

pytestmark = pytest.mark.postgresql_in_soak


def asked(simulated: Tenant) -> int:
    """Return how many requests the tenant counted since this was last asked."""
    count = sum(simulated.get("requests")["requests"].values())
    simulated.forget_requests()
    return count


def spared(report: RunReport) -> dict[str, int]:
    """Return what each collector did not read again."""
    found: dict[str, int] = {}
    for step in report.steps:
        found[step.collector] = found.get(step.collector, 0) + step.spared
    return {name: number for name, number in found.items() if number}


def connector(simulated: Tenant) -> Any:
    """Return a connector whose definition storage serves."""
    return next(
        one
        for one in simulated.served.tenant.connectors
        if one.name and one.in_admin_list and one.dataverse is None and one.deleted is None
    )


def test_an_unchanged_tenant_takes_at_most_half_the_requests(store: Engine, tmp_path: Path) -> None:
    """The second run asks for no known detail, says how many it left, and knows as much."""
    with tenant(tmp_path, "small") as simulated:
        simulated.collect(store)
        first = asked(simulated)
        report = simulated.collect(store)
        second = asked(simulated)
        truth = simulated.get("truth")

    assert second <= first / 2
    assert compare(store, truth) == {}
    assert set(spared(report)) == {
        "asset_permissions",
        "connection_permissions",
        "connectors",
        "flows",
        "group_members",
        "people",
        "permissions",
    }
    with reading(store) as connection:
        listed = runs(connection)
        sources = step_sources(connection, report.run_id)
    assert listed["spared"].tolist() == [sum(spared(report).values()), 0]
    assert sources["spared"].sum() == sum(spared(report).values())


def test_full_reads_everything_again(store: Engine, tmp_path: Path) -> None:
    """Asked for everything, a run sends what the first one sent but for blobs, which never change."""
    with tenant(tmp_path) as simulated:
        simulated.collect(store)
        first = simulated.get("requests")["routes"]
        simulated.forget_requests()
        report = simulated.collect(store, full=True)
        again = simulated.get("requests")["routes"]

    assert spared(report) == {}
    # Steps of one environment look their owners up at the same time or one after the other.
    changing = {
        route
        for route in first
        if "/activity/feed/audit/" not in route and not route.endswith("/systemusers")
    }
    assert {route: again.get(route, 0) for route in changing} == {
        route: first[route] for route in changing
    }


def test_a_definition_that_changed_is_read_again_and_no_other(
    store: Engine, tmp_path: Path
) -> None:
    """A new stamp in the list is what makes a known definition unknown."""
    with tenant(tmp_path) as simulated:
        simulated.collect(store)
        before = spared(simulated.collect(store))["connectors"]
        one = connector(simulated)
        simulated.story(
            "replace_definition",
            environment=one.environment,
            name=one.name,
            content=base64.b64encode(b'{"swagger": "2.0", "paths": {}}').decode(),
        )
        report = simulated.collect(store)
        truth = simulated.get("truth")

    assert spared(report)["connectors"] == before - 1
    assert compare(store, truth) == {}


def test_a_definition_that_could_not_be_read_is_not_known(store: Engine, tmp_path: Path) -> None:
    """What failed is tried again although the connector did not change."""
    with tenant(tmp_path) as simulated:
        simulated.post("faults", host="blob.core.windows.net", kind="503")
        assert simulated.collect(store).state == "partial"
        simulated.clear_faults()
        report = simulated.collect(store)
        truth = simulated.get("truth")

    assert report.state == "complete"
    assert compare(store, truth) == {}


def test_roles_are_known_for_as_long_as_the_settings_say(store: Engine, tmp_path: Path) -> None:
    """No stamp tells when a role changes, so that only time makes roles unknown."""
    with tenant(tmp_path) as simulated:
        simulated.collect(store)
        assert spared(simulated.collect(store, ["permissions"]))["permissions"] > 0
        assert spared(simulated.collect(store, ["permissions"], reread_hours=0)) == {}
        simulated.served.tenant.now += timedelta(hours=11)
        assert spared(simulated.collect(store, ["permissions"]))["permissions"] > 0
        simulated.served.tenant.now += timedelta(hours=2)
        assert spared(simulated.collect(store, ["permissions"])) == {}


def test_weeks_of_changes_are_found_without_reading_everything(
    store: Engine, tmp_path: Path
) -> None:
    """Over a month of a tenant's life, what is spared is never what changed."""
    with tenant(tmp_path) as simulated:
        for _ in range(5):
            report = simulated.collect(store)
            assert compare(store, simulated.get("truth")) == {}
            simulated.post("advance", days=6)

    assert spared(report)["flows"] > 0
    assert spared(report)["connectors"] > 0


def test_only_who_changed_is_read_of_the_directory(store: Engine, tmp_path: Path) -> None:
    """Who came, went and was renamed is found by a handful of requests, and nobody is lost."""
    with tenant(tmp_path) as simulated:
        people = simulated.served.tenant.people
        simulated.collect(store)
        simulated.forget_requests()
        left, renamed = [one for one in people.values() if one.deleted is None][:2]
        simulated.story("remove_person", person=left.id)
        people[renamed.id] = replace(renamed, display_name="Someone Invented Else")
        simulated.post("advance", days=0)
        report = simulated.collect(store, ["people"])
        routes = simulated.get("requests")["routes"]
        found = told(store)["people"]
        simulated.collect(store)
        truth = simulated.get("truth")

    assert routes["GET graph.microsoft.com/v1.0/users/delta"] == 1
    assert "GET graph.microsoft.com/v1.0/users" not in routes
    assert routes["GET graph.microsoft.com/v1.0/users/*"] == 1
    assert spared(report)["people"] > 0
    assert found[renamed.id.casefold()]["display_name"] == "Someone Invented Else"
    assert compare(store, truth) == {}


def test_everybody_is_listed_again_where_changes_cannot_be_told(
    store: Engine, tmp_path: Path
) -> None:
    """A token too old, a week gone by, or being asked to: the directory is read whole."""
    with tenant(tmp_path) as simulated:
        simulated.collect(store, ["people"])
        listings = 0
        for days, options in ((0, {"full": True}), (7, {}), (1, {"people_listed_days": 0})):
            simulated.post("advance", days=days)
            simulated.forget_requests()
            assert spared(simulated.collect(store, ["people"], **options)) == {}
            routes = simulated.get("requests")["routes"]
            listings += routes["GET graph.microsoft.com/v1.0/users"] > 0
        with writing(store) as connection:
            aged = f"{simulated.served.tenant.now.isoformat()} 9999"
            connection.execute(update(Step).values(watermark=aged))
        report = simulated.collect(store, ["people"])

    assert listings == 3
    assert spared(report) == {}
    assert report.state == "complete"


def test_a_person_who_cannot_be_read_again_is_not_taken_for_gone(
    store: Engine, tmp_path: Path
) -> None:
    """Where one of those who changed cannot be read, the step is partial and nobody is missing."""
    with tenant(tmp_path) as simulated:
        simulated.collect(store, ["people"])
        before = told(store)["people"]
        one = next(p for p in simulated.served.tenant.people.values() if p.deleted is None)
        simulated.served.tenant.people[one.id] = replace(one, department="Invented")
        simulated.post("advance", days=0)
        simulated.post("faults", path="/users/[0-9a-f]{8}", kind="500")
        assert simulated.collect(store, ["people"]).state == "partial"
        assert told(store)["people"] == before
        simulated.clear_faults()
        simulated.collect(store, ["people"])

    assert told(store)["people"][one.id.casefold()]["department"] == "Invented"
