"""What the store says of sources and their disagreements, held against the tenant's own account."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event
from tenants import Tenant, tenant

from connectory.database import reading
from connectory.domain.reconciliation import SOURCES
from connectory.queries.export import VIEWS, to_csv
from connectory.queries.moments import latest
from connectory.queries.reconciliation import by_kind, reconciled, reconciliation

pytestmark = pytest.mark.postgresql_in_soak

Key = tuple[str, str]


@pytest.fixture
def simulated(tmp_path: Path) -> Iterator[Tenant]:
    """A small tenant that answers."""
    with tenant(tmp_path, "small") as served:
        yield served


def view(engine: Engine, name: str) -> list[dict[str, Any]]:
    """Return an exported view as of the newest run."""
    with reading(engine) as connection:
        moment = latest(connection)
        assert moment is not None
        return [dict(row) for row in VIEWS[name](connection, moment).to_dict("records")]


def bare(name: str) -> str:
    """Return a name as every source can be made to spell it."""
    return name.casefold().replace(".", "-").removeprefix("shared_")


def keyed(truth: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the truth about each connector the store can know, by its bare name."""
    homes = {row["id"]: row for row in truth["environments"]}
    return {
        bare(row["name"]): {**row, "home": homes[row["environment_id"]]}
        for row in truth["connectors"]
        if set(row["sources"]) - {"inventory"} and row["name"]
    }


def wanted(row: dict[str, Any], *, person: bool) -> dict[str, str]:
    """Return what each source says of a connector, by the tenant's account."""
    home = row["home"]
    told = {source: "shows" if source in row["sources"] else "lacks" for source in SOURCES}
    if not home["admin_readable"]:
        told |= {"admin": "not_known", "connectivity": "not_known"}
    if not home["has_dataverse"]:
        told["dataverse"] = "not_there"
    elif not home["dataverse_readable"]:
        told["dataverse"] = "not_known"
    return told if person else told | {"inventory": "not_known"}


@pytest.mark.parametrize("person", [True, False])
def test_what_each_source_says_is_what_it_shows(
    store: Engine, tmp_path: Path, simulated: Tenant, *, person: bool
) -> None:
    """For every connector and source, shows and lacks are true, and a refusal is not known."""
    settings = simulated.signed_in(store, tmp_path) if person else simulated.settings(store)
    simulated.collect(store, settings=settings)
    truth = keyed(simulated.get("truth"))
    rows = view(store, "reconciliation")
    found = {bare(row["name"]): row for row in rows if row["name"]}

    assert found.keys() == truth.keys()
    for name, row in truth.items():
        assert {source: found[name][source] for source in SOURCES} == wanted(row, person=person)


def test_planted_disagreements_are_found_with_their_reason(
    store: Engine, tmp_path: Path, simulated: Tenant
) -> None:
    """Every planted state is told by its kind, and nothing is told that was not planted."""
    simulated.collect(store, settings=simulated.signed_in(store, tmp_path))
    told = simulated.get("truth")
    truth = keyed(told)
    rows = view(store, "reconciliation")
    kinds = {bare(row["name"]): set(row["kinds"]) for row in rows if row["name"]}

    def named(*conditions: Any) -> set[str]:
        return {name for name, row in truth.items() if all(test(row) for test in conditions)}

    def having(kind: str) -> set[str]:
        return {name for name, found in kinds.items() if kind in found}

    runs = lambda row: {"admin", "connectivity", "maker_list"} & set(row["sources"])  # noqa: E731
    lacks = lambda source: lambda row: source not in row["sources"]  # noqa: E731
    readable = lambda row: row["home"]["dataverse_readable"]  # noqa: E731
    assert having("not_in_solution") == named(
        runs, lacks("dataverse"), readable, lambda row: row["dataverse_id"] is None
    )
    assert having("no_runtime") == named(lambda row: row["runtime_deleted"])
    assert having("list_lag") >= named(lacks("admin"), runs)
    assert having("list_lag") | having("role_limited") == named(
        runs, lambda row: not {"admin", "connectivity"} <= set(row["sources"])
    )
    assert having("not_shared") == named(lacks("maker_list"), runs)
    assert having("unused") == named(lacks("inventory"))
    nameless = [row for row in rows if row["name"] is None]
    visible = [row for row in told["connectors"] if not row["name"] and row["sources"]]
    assert len(nameless) == len(visible) > 0
    assert all("no_runtime" in row["kinds"] for row in nameless)
    assert all(having(kind) for kind in ("no_runtime", "list_lag", "role_limited", "unused"))


def test_figures_are_sums_of_rows(store: Engine, tmp_path: Path, simulated: Tenant) -> None:
    """The key figures, the plot and the exports count the same connectors."""
    simulated.collect(store, settings=simulated.signed_in(store, tmp_path))
    rows, single = view(store, "reconciliation"), view(store, "disagreements")
    with reading(store) as connection:
        moment = latest(connection)
        assert moment is not None
        told = reconciled(connection, moment)
        kinds = by_kind(connection, moment).set_index("kind")["connectors"].to_dict()

    parts = told.worth_a_look + told.explained + told.agreed + told.not_compared
    assert told.connectors == len(rows) == parts
    assert told.worth_a_look == sum(row["worth_a_look"] for row in rows)
    assert sum(kinds.values()) == len(single) == sum(len(row["kinds"]) for row in rows)
    assert {row["connector_id"] for row in single} == {
        row["connector_id"] for row in rows if row["kinds"]
    }


def test_a_deletion_in_one_list_is_dated(store: Engine, simulated: Tenant) -> None:
    """What runs is deleted while the row stays: told from the run on that saw it."""
    simulated.collect(store)
    one = next(
        row
        for row in simulated.get("truth")["connectors"]
        if {"admin", "connectivity", "dataverse"} <= set(row["sources"])
    )
    simulated.story("delete_runtime", environment=one["environment_id"], name=one["name"])
    simulated.post("advance", days=1)
    simulated.collect(store)
    when = simulated.served.tenant.now
    (row,) = [
        row
        for row in view(store, "disagreements")
        if row["kind"] == "deleted_in_one" and row["shown_by"] == ["dataverse"]
    ]

    assert {"admin", "connectivity"} <= set(row["not_shown_by"])
    assert row["since"] == when


def test_a_connector_hidden_from_one_list_is_told_by_that_list(
    store: Engine, simulated: Tenant
) -> None:
    """Each list that stops showing what another still shows is named."""
    simulated.collect(store)
    found = [
        row
        for row in simulated.get("truth")["connectors"]
        if {"admin", "connectivity"} <= set(row["sources"])
    ][:2]
    for one, source in zip(found, ("admin", "connectivity"), strict=True):
        simulated.story(
            "hide_connector", environment=one["environment_id"], name=one["name"], source=source
        )
    simulated.collect(store)
    # Dataverse, which may be the one that tells it now, spells some names without what they begin
    # with, and the connectivity service all of them with dots.
    listed = view(store, "reconciliation")
    told = {str(row["name"]).removeprefix("shared_").replace(".", "-"): row for row in listed}

    for one, source in zip(found, ("admin", "connectivity"), strict=True):
        row = told[one["name"].removeprefix("shared_")]
        assert row[source] == "lacks"
        assert "deleted_in_one" in row["kinds"]
        assert row["presence"] == "present"


def test_names_that_collide_are_told_and_none_is_lost_silently(
    store: Engine, simulated: Tenant
) -> None:
    """Two spellings of one key in a list are a disagreement of their own, with both names."""
    one = next(
        row
        for row in simulated.get("truth")["connectors"]
        if "admin" in row["sources"] and "-5f" in row["name"]
    )
    simulated.story("add_twin", environment=one["environment_id"], name=one["name"])
    report = simulated.collect(store)
    (row,) = [row for row in view(store, "disagreements") if row["kind"] == "alias_collision"]

    assert report.state == "partial"
    assert one["name"] in row["reason"]
    assert one["name"].replace("-5f", ".5f") in row["reason"]


@pytest.mark.parametrize(
    ("host", "path", "source"),
    [
        ("api.powerapps.com", r"/scopes/admin/.*/apis\?", "admin"),
        ("api.powerapps.com", r"PowerApps/apis\?", "maker_list"),
        ("dynamics.com", "/connectors", "dataverse"),
        ("api.powerplatform.com", "/connectivity/", "connectivity"),
        ("api.powerplatform.com", "/resourcequery/", "inventory"),
    ],
)
@pytest.mark.parametrize("kind", ["forbidden", "500"])
def test_a_source_that_is_refused_never_lacks_anything(
    store: Engine, tmp_path: Path, host: str, path: str, source: str, kind: str
) -> None:
    """Refused from the first run or only later, it is not known, and no disagreement names it."""
    with tenant(tmp_path) as simulated:
        settings = simulated.signed_in(store, tmp_path)
        simulated.collect(store, settings=settings)
        simulated.post("faults", host=host, path=path, kind=kind)
        simulated.collect(store, ["connectors", "inventory"], settings=settings)

    rows = view(store, "reconciliation")
    assert rows
    assert {row[source] for row in rows} <= {"not_known", "not_there"}
    assert all(source not in row["not_shown_by"] for row in view(store, "disagreements"))


def test_an_earlier_moment_is_told_as_it_was(store: Engine, simulated: Tenant) -> None:
    """As of the first run nothing was hidden yet."""
    simulated.collect(store)
    with reading(store) as connection:
        first = latest(connection)
        assert first is not None
        before = reconciliation(connection, first)
    one = next(
        row for row in simulated.get("truth")["connectors"]
        if {"admin", "connectivity"} <= set(row["sources"])
    )  # fmt: skip
    simulated.story(
        "hide_connector", environment=one["environment_id"], name=one["name"], source="admin"
    )
    simulated.post("advance", days=1)
    simulated.collect(store)
    with reading(store) as connection:
        after = reconciliation(connection, first)

    assert after.equals(before)


def test_the_export_is_safe_and_whole(store: Engine, simulated: Tenant) -> None:
    """A hostile name is neutralised, and every connector has its row."""
    simulated.collect(store)
    with reading(store) as connection:
        moment = latest(connection)
        assert moment is not None
        frame = reconciliation(connection, moment)
    cells = list(csv.reader(io.StringIO(to_csv(frame), newline="")))

    assert len(cells) == len(frame) + 1
    assert not [cell for row in cells for cell in row if cell.startswith(("=", "+", "@"))]


def test_the_number_of_questions_is_fixed(store: Engine, simulated: Tenant) -> None:
    """However many connectors there are, the store is asked as often."""
    asked: list[str] = []
    simulated.collect(store)
    with reading(store) as connection:
        moment = latest(connection)
        assert moment is not None
        event.listen(connection, "before_cursor_execute", lambda *told: asked.append(told[2]))
        frame = reconciliation(connection, moment)

    assert len(frame) > 40
    assert len(asked) == 5
