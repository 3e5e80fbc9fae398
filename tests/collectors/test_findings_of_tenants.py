"""What is found wrong with connections equals what is wrong with them, by the tenant's account."""

from __future__ import annotations

import csv
import io
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from sqlalchemy import Engine
from streamlit.testing.v1 import AppTest
from tenants import Tenant, tenant

import dashboard
from connectory.database import reading
from connectory.domain.connection_facts import ConnectionRules
from connectory.queries.connection_findings import checks, findings
from connectory.queries.export import rows, to_csv
from connectory.queries.moments import all_moments, latest
from dashboard import caching
from dashboard.parts.badges import ASSET, CONNECTION_FINDING, state_of
from models import Connection, ConnectionReference, Environment

pytestmark = pytest.mark.postgresql_in_soak

Found = set[tuple[str, str, str, str]]


def wrong(truth: dict[str, Any]) -> Found:
    """Return the findings an honest reader can know: environment, asset, key, finding."""
    homes = {row["id"]: row for row in truth["environments"]}
    return {
        (row["environment_id"].casefold(), row["asset"], row["id"].casefold(), row["finding"])
        for row in truth["connection_findings"]
        if all(homes[row["environment_id"]][f"{need}_readable"] for need in row["needs"])
    }


def found(engine: Engine) -> Found:
    """Return the findings of a store in the same words."""
    with reading(engine) as connection:
        moment = latest(connection)
        assert moment is not None
        frame = findings(connection, moment)
        homes = {row.id: row.key for row in connection.execute(Environment.__table__.select())}
        keys = {
            asset: {row.id: row.key for row in connection.execute(model.__table__.select())}
            for asset, model in (
                ("connection", Connection),
                ("connection_reference", ConnectionReference),
            )
        }
    return {
        (homes[row.environment_id], row.asset, keys[row.asset][row.asset_id], row.finding)
        for row in frame.itertuples()
    }


@pytest.mark.parametrize("seed", [7, pytest.param(11, marks=pytest.mark.soak)])
def test_findings_of_a_tiny_tenant_are_true_through_three_runs(
    store: Engine, tmp_path: Path, seed: int
) -> None:
    """Every planted case and everything that happened by chance is found, and nothing else."""
    with tenant(tmp_path, seed=seed) as simulated:
        for _ in range(3):
            simulated.collect(store)
            truth = simulated.get("truth")
            assert found(store) == wrong(truth)
            simulated.post("advance", days=7)
    assert len({row[3] for row in wrong(truth)}) > 8


def test_findings_of_a_small_tenant_are_true(store: Engine, tmp_path: Path) -> None:
    """The same where one Dataverse is refused, and there are guests, groups and leavers."""
    with tenant(tmp_path, "small", seed=5) as simulated:
        simulated.collect(store)
        simulated.post("advance", days=7)
        simulated.collect(store)
        truth = simulated.get("truth")

    assert found(store) == wrong(truth)
    assert len({row[3] for row in wrong(truth)}) == 11


def test_every_planted_case_is_found_as_planted(sqlite_store: Engine, tmp_path: Path) -> None:
    """Case by case: what each was made to show is what is found of it, no more and no less."""
    with tenant(tmp_path) as simulated:
        simulated.collect(sqlite_store)
        cases = simulated.get("truth")["connection_cases"]
    known = found(sqlite_store)

    assert {
        case["case"]: sorted(
            kind
            for _, asset, key, kind in known
            if (asset, key) == (case["asset"], case["id"].casefold())
        )
        for case in cases
    } == {case["case"]: sorted(case["findings"]) for case in cases}


def test_page_and_export_show_what_is_true(
    store: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a reader sees on the page and finds in the file is the tenant's own account."""
    with tenant(tmp_path) as simulated:
        simulated.collect(store)
        truth = simulated.get("truth")
    homes = {row["id"].casefold(): row["display_name"] for row in truth["environments"]}
    wanted = Counter([(kind, asset, homes[home]) for home, asset, _, kind in wrong(truth)])
    with reading(store) as connection:
        moment = latest(connection)
        assert moment is not None
        frame = rows(connection, moment, "connection_findings", ConnectionRules())
    file = csv.DictReader(io.StringIO(to_csv(frame), newline=""))
    exported = Counter([(row["finding"], row["asset"], row["environment"]) for row in file])

    url = store.url.render_as_string(hide_password=False)
    monkeypatch.setenv("CONNECTORY_DATABASE_URL", url)
    monkeypatch.delenv("CONNECTORY_CONFIG", raising=False)
    st.cache_data.clear()
    st.cache_resource.clear()
    page = AppTest.from_file(str(Path(dashboard.__file__).parent / "app.py"), default_timeout=60)
    page.run()
    page.switch_page("views/connections.py")
    page.run()
    table = page.dataframe[0].value
    assert not page.error
    shown = Counter(
        [
            (state_of(CONNECTION_FINDING, chip[0].split(" ", 1)[1]), state_of(ASSET, of[0]), place)
            for chip, of, place in zip(
                table["finding"], table["asset"], table["environment"], strict=True
            )
        ]
    )
    caching.engine(url).dispose()
    assert exported == wanted
    assert shown == wanted


def test_a_past_moment_tells_what_was_wrong_then(sqlite_store: Engine, tmp_path: Path) -> None:
    """After everything was mended, the first run still shows what it found."""
    with tenant(tmp_path) as simulated:
        simulated.collect(sqlite_store)
        then = wrong(simulated.get("truth"))
        for one in simulated.served.tenant.connections:
            one.statuses = [{"status": "Connected"}]
        simulated.collect(sqlite_store)
        now = wrong(simulated.get("truth"))
    with reading(sqlite_store) as connection:
        first = all_moments(connection).iloc[0]
        moment = latest(connection)
        assert moment is not None
        past = type(moment)(int(first["run_id"]), first["read_at"], first["state"])
        before, after = findings(connection, past), findings(connection, moment)

    assert (len(before), len(after)) == (len(then), len(now))
    assert (before["finding"] == "broken").sum() > (after["finding"] == "broken").sum() == 0


def unchecked(simulated: Tenant, engine: Engine) -> dict[str, set[str]]:
    """Return, by environment, the kinds that could not be ruled out after another run."""
    simulated.collect(engine)
    with reading(engine) as connection:
        moment = latest(connection)
        assert moment is not None
        frame = checks(connection, moment)
        homes = {row.id: row.key for row in connection.execute(Environment.__table__.select())}
    short = frame[~frame["checked"]]
    assert short["reason"].notna().all()
    return {homes[place]: set(rows["finding"]) for place, rows in short.groupby("environment_id")}


def test_what_was_not_read_is_told_and_never_a_zero(store: Engine, tmp_path: Path) -> None:
    """A refused Dataverse hides references, a refused environment everything, a fault nothing more.

    What was found before in what is refused now stays as it was last read.
    """
    with tenant(tmp_path) as simulated:
        assert unchecked(simulated, store) == {}
        before = found(store)
        home = simulated.served.tenant.planted[0].environment
        simulated.story("revoke_application_user", environment=home)
        without_dataverse = unchecked(simulated, store)
        simulated.story("deny_environment", environment=home)
        without_anything = unchecked(simulated, store)

    of_references = {"unbound", "connection_absent", "connector_absent", "owner_left",
                     "owner_disabled", "personal_account", "guest"}  # fmt: skip
    assert without_dataverse == {home.casefold(): of_references}
    assert without_anything.keys() == {home.casefold()}
    assert len(without_anything[home.casefold()]) == 11
    kept = {row for row in found(store) if row[3] not in {"connector_absent", "connection_absent"}}
    assert kept == {
        row for row in before if row[3] not in {"connector_absent", "connection_absent"}
    }


def test_nobody_has_left_while_the_directory_is_silent(store: Engine, tmp_path: Path) -> None:
    """Who is in no answer of a directory that did not answer is unknown, not gone."""
    with tenant(tmp_path) as simulated:
        simulated.post("faults", host="graph.microsoft.com", path=".*", kind="500")
        short = unchecked(simulated, store)

    assert not [row for row in found(store) if row[3] in {"owner_left", "owner_disabled", "guest"}]
    assert all({"owner_left", "guest", "outside"} <= kinds for kinds in short.values())
    assert len(short) == 2
