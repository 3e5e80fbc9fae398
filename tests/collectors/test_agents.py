"""Agents and the tenant-wide inventory: what they say, and what failures leave untouched."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from expected import differences, expected
from sqlalchemy import Engine, text
from tenants import Tenant, tenant
from told import told

from collectors.agents import actions, parse
from collectors.inventory import links, parse_agent
from connectory.database import reading

pytestmark = pytest.mark.postgresql_in_soak

NOUNS = ("agents", "connectors")


def outcomes(engine: Engine, collector: str) -> dict[str, set[str]]:
    """Return how the newest run of a collector read each of its sources."""
    query = """
        SELECT source, outcome FROM step_sources JOIN steps ON steps.id = step_id
        WHERE collector = :c AND run_id = (SELECT max(run_id) FROM steps WHERE collector = :c)
    """
    found: dict[str, set[str]] = {}
    with reading(engine) as connection:
        for source, outcome in connection.execute(text(query), {"c": collector}):
            found.setdefault(source, set()).add(outcome)
    return found


def compare(engine: Engine, truth: dict[str, Any], *, person: bool) -> list[str]:
    """Return where agents and connectors in a store differ from a tenant."""
    wanted, found = expected(truth, set(), person=person), told(engine)
    return [line for noun in NOUNS for line in differences(wanted[noun], found[noun])]


@pytest.fixture
def simulated(tmp_path: Path) -> Iterator[Tenant]:
    """A tiny tenant that answers."""
    with tenant(tmp_path) as served:
        yield served


# --- single records


def test_an_agent_is_read_with_everything_it_tells() -> None:
    """Ids are folded, the state is a flag, and a day never published stays empty."""
    kept = parse(
        {
            "botid": "ABC",
            "name": "Helper",
            "schemaname": "cr1_helper",
            "statecode": 1,
            "ismanaged": True,
            "solutionid": "s",
            "createdon": "2026-01-01T00:00:00Z",
            "publishedon": None,
        },
        "owner",
    )

    assert kept.key == "abc"
    assert kept.values["active"] is False
    assert kept.values["owner_key"] == "owner"
    assert kept.values["published_at"] is None


def test_the_barest_agent_is_read() -> None:
    """A row that tells nothing but its id is kept, with nothing made up."""
    for kept in (parse({"botid": "ABC"}, None), parse_agent({"name": "ABC"})):
        assert kept.key == "abc"
        assert {name for name, value in kept.values.items() if value} == {"name"}


def test_each_call_of_a_component_has_a_name_of_its_own() -> None:
    """A lone call is called as its component; several carry their step, or their number."""
    call = "- kind: InvokeConnectorAction\n  operationId: A\n"
    step = call + "  id: same\n"

    assert list(actions({"botcomponentid": "1", "schemaname": "x.action.A", "data": call})) == [
        "x.action.A"
    ]
    assert list(actions({"botcomponentid": "1", "data": call + call})) == ["1/1", "1/2"]
    assert list(actions({"botcomponentid": "1", "data": step + step})) == ["1/1", "1/2"]
    assert actions({"botcomponentid": "1", "data": None}) == {}


def test_a_resource_names_its_connectors_with_operations() -> None:
    """Spellings become one key; a connector of tables has no operation, and no list means none."""
    record = {
        "properties": {
            "powerPlatformConnectors": [
                {"connectorId": "shared_X.5f0a", "operations": [{"operationId": "Get"}]},
                {"connectorId": "shared_tables", "operations": []},
            ]
        }
    }

    assert links(record) == {("shared_x-5f0a", "Get"), ("shared_tables", None)}
    assert links({"properties": {"powerPlatformConnectors": None}}) == set()
    assert links({}) == set()


# --- the whole tenant


@pytest.mark.parametrize(
    "size", ["tiny", pytest.param("small", marks=pytest.mark.postgresql_in_soak)]
)
def test_what_is_read_as_a_person_equals_the_truth(
    store: Engine, tmp_path: Path, size: str
) -> None:
    """With a person signed in, agents and sightings are those of every source, also of the inventory."""
    with tenant(tmp_path, size) as simulated:
        settings = simulated.signed_in(store, tmp_path)
        for _ in range(2):
            simulated.post("settings", page_limit=7)
            simulated.collect(store, settings=settings)
            truth = simulated.get("truth")
            assert compare(store, truth, person=True) == []
            simulated.post("advance", days=7)
        assert simulated.get("requests")["trespasses"] == {}

    assert outcomes(store, "inventory") == {"inventory": {"complete"}}
    sources = [set(row["sources"]) for row in truth["agents"]]
    assert {"dataverse", "inventory"} in sources
    assert size == "tiny" or {"inventory"} in sources
    assert any("inventory" in row["sources"] for row in truth["connectors"])


def test_what_is_collected_is_not_empty(store: Engine, simulated: Tenant) -> None:
    """The tiny tenant has agents that call custom connectors, and one that calls nothing."""
    simulated.collect(store)
    found = told(store)["agents"].values()
    custom = {row["name"].casefold() for row in simulated.get("truth")["connectors"] if row["name"]}

    assert any(custom & {call[0] for call in row["operations"]} for row in found)
    assert any(not row["operations"] for row in found)
    assert {call[2] for row in found for call in row["operations"]} == {True, False}


def test_without_a_person_the_inventory_is_not_asked(store: Engine, simulated: Tenant) -> None:
    """An application is refused there, so nothing is sent, and the run is whole without it."""
    report = simulated.collect(store)

    assert report.state == "complete"
    assert outcomes(store, "inventory") == {"inventory": {"not_asked"}}
    asked = simulated.get("requests")["routes"]
    assert not [route for route in asked if "resourcequery" in route]


def test_what_only_a_person_saw_stays_when_nobody_is_signed_in(
    store: Engine, tmp_path: Path, simulated: Tenant
) -> None:
    """Skipping the inventory retires neither an agent that it alone showed nor a sighting."""
    home = next(iter({agent.environment for agent in simulated.served.tenant.agents}))
    simulated.story("revoke_application_user", environment=home)
    simulated.collect(store, settings=simulated.signed_in(store, tmp_path))
    before = {noun: told(store)[noun] for noun in NOUNS}
    for _ in range(3):
        simulated.collect(store)
    after = {noun: told(store)[noun] for noun in NOUNS}

    assert [row for row in before["agents"].values() if row["sources"] == ["inventory"]]
    assert after == before


def test_an_agent_known_to_the_inventory_alone_goes_when_it_is_deleted(
    store: Engine, tmp_path: Path, simulated: Tenant
) -> None:
    """Two whole inventories without it make it missing, then gone."""
    agent = next(one for one in simulated.served.tenant.agents if one.in_inventory)
    simulated.story("revoke_application_user", environment=agent.environment)
    settings = simulated.signed_in(store, tmp_path)
    simulated.collect(store, settings=settings)
    agent.deleted = simulated.served.tenant.now
    simulated.post("advance", days=0)
    seen = []
    for _ in range(2):
        simulated.collect(store, settings=settings)
        seen.append(presence(store, agent.id))

    assert seen == ["missing", "gone"]


def test_an_agent_goes_by_dataverse_though_the_inventory_was_closed(
    store: Engine, tmp_path: Path, simulated: Tenant
) -> None:
    """The list of the database decides; an older sighting in the index holds nothing back."""
    simulated.collect(store, settings=simulated.signed_in(store, tmp_path))
    agent = next(one for one in simulated.served.tenant.agents if one.in_inventory)
    agent.deleted = simulated.served.tenant.now
    simulated.post("advance", days=0)
    simulated.collect(store)
    simulated.collect(store)

    assert presence(store, agent.id) == "gone"


def presence(engine: Engine, agent: str) -> str:
    """Return the presence of an agent."""
    query = """
        SELECT presence FROM agent_versions JOIN agents ON agents.id = agent_id
        WHERE agents.key = :key AND to_run IS NULL
    """
    with reading(engine) as connection:
        return str(connection.scalar(text(query), {"key": agent.casefold()}))


def test_a_connector_still_referred_to_goes_all_the_same(
    store: Engine, tmp_path: Path, simulated: Tenant
) -> None:
    """What the inventory shows of a connector is no proof that it is there."""
    settings = simulated.signed_in(store, tmp_path)
    simulated.collect(store, settings=settings)
    truth = simulated.get("truth")["connectors"]
    used = next(row for row in truth if {"inventory", "admin"} <= set(row["sources"]))
    simulated.story("delete_connector", environment=used["environment_id"], name=used["name"])
    simulated.collect(store, settings=settings)
    simulated.collect(store, settings=settings)

    key = (used["environment_id"].casefold(), used["name"].casefold())
    assert key not in told(store)["connectors"]


# --- failures


@pytest.mark.parametrize(
    ("host", "path", "collector", "source"),
    [
        ("dynamics.com", "/bots", "agents", "dataverse"),
        ("dynamics.com", "/botcomponents", "agents", "components"),
        ("api.powerplatform.com", "resourcequery", "inventory", "inventory"),
        ("api.powerapps.com", r"PowerApps/apis\?", "connectors", "maker_list"),
    ],
)
@pytest.mark.parametrize("kind", ["forbidden", "truncate"])
def test_a_source_that_fails_changes_nothing(
    store: Engine,
    tmp_path: Path,
    simulated: Tenant,
    host: str,
    path: str,
    collector: str,
    source: str,
    kind: str,
) -> None:
    """Whatever cannot be read stays as it was, in every later run until it can be read again."""
    settings = simulated.signed_in(store, tmp_path)
    names = ["environments", "connectors", "agents", "inventory"]
    simulated.collect(store, settings=settings)
    before = {noun: told(store)[noun] for noun in NOUNS}
    simulated.post("faults", host=host, path=path, kind=kind)
    for _ in range(2):
        report = simulated.collect(store, names, settings=settings)
    during = {noun: told(store)[noun] for noun in NOUNS}
    seen = outcomes(store, collector)[source]
    simulated.clear_faults()
    simulated.collect(store, names, settings=settings)

    assert report.state == "partial"
    assert seen & {"partial", "refused", "failed"}
    assert during == before
    assert compare(store, simulated.get("truth"), person=True) == []


def test_an_inventory_cut_in_the_middle_is_partial(
    store: Engine, tmp_path: Path, simulated: Tenant
) -> None:
    """A page that fails leaves the sightings of earlier runs, and the source says so."""
    settings = simulated.signed_in(store, tmp_path)
    simulated.collect(store, settings=settings)
    before = {noun: told(store)[noun] for noun in NOUNS}
    simulated.post("settings", page_limit=4)
    simulated.post(
        "faults", host="api.powerplatform.com", path="resourcequery", kind="500", after=1
    )
    simulated.collect(store, ["inventory"], settings=settings)

    assert outcomes(store, "inventory") == {"inventory": {"failed"}}
    assert {noun: told(store)[noun] for noun in NOUNS} == before


def test_a_database_without_the_tables_of_agents_says_so(store: Engine, simulated: Tenant) -> None:
    """Where Copilot Studio never was, there is no table: a stated skip, and a whole run."""
    simulated.post("settings", agent_tables=False)
    report = simulated.collect(store)

    assert outcomes(store, "agents")["dataverse"] == {"skipped"}
    assert {step.state for step in report.steps if step.collector == "agents"} == {"skipped"}


def test_reading_the_same_again_costs_no_row(
    store: Engine, tmp_path: Path, simulated: Tenant
) -> None:
    """Two runs over an unchanged tenant leave one interval of everything."""
    settings = simulated.signed_in(store, tmp_path)
    simulated.collect(store, settings=settings)
    again = simulated.collect(store, ["connectors", "agents", "inventory"], settings=settings)

    assert {step.state for step in again.steps} <= {"complete", "skipped"}
    assert sum(step.rows_changed for step in again.steps) == 0
