"""What services refuse, cut or get wrong retires nothing and is told in one line each."""

from __future__ import annotations

import base64
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, select, text
from tenants import Tenant, tenant
from told import told

from collectors.nouns import ENVIRONMENT_NOUNS, ENVIRONMENTS
from connectory.config import HttpSection
from connectory.database import reading
from models import Connector, ConnectorVersion, Definition

pytestmark = pytest.mark.postgresql_in_soak


def presences(engine: Engine) -> dict[str, dict[str, int]]:
    """Return how many rows of each noun are present, missing and gone."""
    found: dict[str, dict[str, int]] = {}
    with reading(engine) as connection:
        for noun in (ENVIRONMENTS, *ENVIRONMENT_NOUNS):
            query = (
                f"SELECT presence, count(*) AS n FROM {noun.versions.name}"  # noqa: S608
                " WHERE to_run IS NULL GROUP BY presence"
            )
            found[noun.name] = {row.presence: row.n for row in connection.execute(text(query))}
    return found


def connector(simulated: Tenant) -> tuple[str, str]:
    """Return environment and name of a connector the admin list shows."""
    one = next(
        c
        for c in simulated.served.tenant.connectors
        if c.name and c.in_admin_list and c.dataverse is None and c.deleted is None
    )
    return one.environment, str(one.name)


def history(engine: Engine, name: str) -> list[tuple[str, int, int | None]]:
    """Return presence, from and to of every version of a connector."""
    query = (
        select(ConnectorVersion.presence, ConnectorVersion.from_run, ConnectorVersion.to_run)
        .join(Connector, Connector.id == ConnectorVersion.connector_id)
        .where(Connector.key == name.casefold())
        .order_by(ConnectorVersion.from_run)
    )
    with reading(engine) as connection:
        return [(row[0], row[1], row[2]) for row in connection.execute(query)]


def test_an_environment_that_turns_403_retires_nothing(store: Engine, tmp_path: Path) -> None:
    """Four refused runs of an environment leave all its rows present, and say why."""
    with tenant(tmp_path) as simulated:
        simulated.collect(store)
        before = presences(store)
        denied = next(iter(simulated.served.tenant.environments))
        simulated.story("deny_environment", environment=denied)
        reports = [simulated.collect(store) for _ in range(4)]

    assert presences(store) == before
    assert {report.state for report in reports} == {"partial"}
    assert {step.environment for step in reports[0].short} == {denied}
    assert all("EnvironmentAccessDenied" in str(step.reason) for step in reports[0].short)


@pytest.mark.parametrize("kind", ["drop", "expired_page_token"])
def test_a_listing_cut_in_the_middle_retires_nothing(
    store: Engine, tmp_path: Path, kind: str
) -> None:
    """A continuation that fails in any way leaves what it did not reach untouched."""
    with tenant(tmp_path, "small") as simulated:
        simulated.collect(store)
        before = presences(store)
        simulated.post("faults", host="api.powerapps.com", path="skiptoken", kind=kind)
        simulated.post("faults", host="dynamics.com", path="skiptoken", kind=kind)
        report = simulated.collect(store)

    assert presences(store) == before
    assert report.state == "partial"


def test_a_deleted_connector_goes_and_comes_back(store: Engine, tmp_path: Path) -> None:
    """Deleted in the tenant it is missing, then gone; restored it is present with its history."""
    with tenant(tmp_path) as simulated:
        simulated.collect(store)
        home, name = connector(simulated)
        simulated.story("delete_connector", environment=home, name=name)
        for _ in range(3):
            simulated.collect(store)
        simulated.story("restore_connector", environment=home, name=name)
        simulated.collect(store)

    assert history(store, name) == [
        ("present", 1, 2),
        ("missing", 2, 3),
        ("gone", 3, 5),
        ("present", 5, None),
    ]


def test_a_partial_read_between_two_whole_ones_does_not_count(
    store: Engine, tmp_path: Path
) -> None:
    """Missing does not become gone by a run that could not read the source."""
    with tenant(tmp_path) as simulated:
        simulated.collect(store)
        home, name = connector(simulated)
        simulated.story("delete_connector", environment=home, name=name)
        simulated.collect(store)
        simulated.post("faults", host="api.powerapps.com", path="/apis", kind="forbidden")
        simulated.collect(store)
        assert history(store, name)[-1][0] == "missing"
        simulated.clear_faults()
        simulated.collect(store)

    assert history(store, name)[-1][:2] == ("gone", 4)


def test_a_deleted_environment_takes_its_children_and_brings_them_back(
    store: Engine, tmp_path: Path
) -> None:
    """Listed as deleted it is gone with all that lived there; restored, all is present again."""
    with tenant(tmp_path) as simulated:
        simulated.collect(store)
        before = presences(store)
        home, _ = connector(simulated)
        simulated.story("delete_environment", environment=home)
        simulated.collect(store)
        within = presences(store)
        simulated.story("restore_environment", environment=home)
        simulated.collect(store)

    assert within["environments"]["gone"] == before["environments"].get("gone", 0) + 1
    assert within["connectors"].get("gone", 0) > 0
    assert within["connectors"].get("missing", 0) == 0
    assert presences(store) == before


def test_a_filtered_run_retires_nothing_outside_its_filter(store: Engine, tmp_path: Path) -> None:
    """A run over one environment says nothing about the others."""
    with tenant(tmp_path) as simulated:
        simulated.collect(store)
        home, name = connector(simulated)
        other = next(e for e in simulated.served.tenant.environments if e != home)
        simulated.story("delete_connector", environment=home, name=name)
        report = simulated.collect(store, environments=[other])

    assert history(store, name)[-1][0] == "present"
    assert {step.environment for step in report.steps} == {None, other}


def test_flows_fall_back_to_dataverse_where_the_service_refuses(
    store: Engine, tmp_path: Path
) -> None:
    """With the Flow service closed to applications, flows in solutions are read all the same."""
    with tenant(tmp_path) as simulated:
        simulated.post("settings", flow_app_only="refuse")
        report = simulated.collect(store)
        truth = simulated.get("truth")

    stored = {
        (row["environment_id"].casefold(), row["workflow_id"]): row
        for row in truth["flows"]
        if "dataverse" in row["sources"]
    }
    found = told(store)["flows"]
    assert stored
    assert found.keys() == stored.keys()
    for key, row in stored.items():
        calls = {(o["connector"].casefold(), o["operation_id"]) for o in row["operations"]}
        assert {call[:2] for call in found[key]["operations"]} == calls
    short = [step for step in report.short if step.collector == "flows"]
    assert short
    assert all("UserNotLicensed" in str(step.reason) for step in short)


def test_a_flow_known_from_dataverse_keeps_its_identity_when_the_service_opens(
    store: Engine, tmp_path: Path
) -> None:
    """Opening the Flow service later doubles no flow."""
    with tenant(tmp_path) as simulated:
        simulated.post("settings", flow_app_only="refuse")
        simulated.collect(store)
        simulated.post("settings", flow_app_only="allow")
        simulated.collect(store)
        truth = simulated.get("truth")

    assert len(told(store)["flows"]) == len([row for row in truth["flows"] if row["sources"]])


@pytest.mark.parametrize(
    ("content", "state", "words", "run"),
    [
        (b"<html>not JSON</html>", "unreadable", "line 1, column 1", "complete"),
        (b'{"a":"' + b"x" * 6_000_000 + b'"}', "unreadable", "larger than", "partial"),
        (b"[" * 10_000 + b"]" * 10_000, "unreadable", "100 levels", "partial"),
    ],
)
def test_bad_definitions_are_told_and_spoil_nothing(
    store: Engine, tmp_path: Path, content: bytes, state: str, words: str, run: str
) -> None:
    """A definition that is no JSON, 6 MB or 10,000 deep is one line, and nothing of it is half kept."""
    with tenant(tmp_path) as simulated:
        home, name = connector(simulated)
        simulated.story(
            "replace_definition",
            environment=home,
            name=name,
            content=base64.b64encode(content).decode(),
        )
        report = simulated.collect(store)

    query = (
        select(ConnectorVersion)
        .join(Connector, Connector.id == ConnectorVersion.connector_id)
        .where(Connector.key == name.casefold())
    )
    with reading(store) as connection:
        row = connection.execute(query).mappings().one()
        kept = connection.execute(select(Definition).where(Definition.id == row["definition_id"]))
        documents = kept.mappings().all()
    assert report.state == run
    assert words in row["definition_detail"]
    assert (row["definition_state"], row["presence"]) in {
        (state, "present"),
        ("not_read", "present"),
    }
    if run == "partial":
        assert documents == []
        assert words in str(report.short[0].reason)
    else:
        assert documents[0]["content"] == content.decode()
        assert documents[0]["operations"] is None


def test_an_expired_secret_fails_the_run_in_one_line(store: Engine, tmp_path: Path) -> None:
    """Nobody is signed in: the run fails at once, says why, and keeps what was stored."""
    with tenant(tmp_path) as simulated:
        simulated.collect(store)
        before = presences(store)
        simulated.post("settings", secret_expired=True)
        report = simulated.collect(store)

    assert report.state == "failed"
    assert "AADSTS7000222" in str(report.reason)
    assert "\n" not in str(report.reason)
    assert len(report.steps) == 1
    assert presences(store) == before


def test_an_unreachable_tenant_fails_the_run_in_one_line(store: Engine, tmp_path: Path) -> None:
    """Nothing answers: the run fails at once and names what to check."""
    with tenant(tmp_path) as simulated:
        settings = simulated.settings(store)
        nowhere = HttpSection(**{**settings.http.model_dump(), "reroute_to": "http://127.0.0.1:9"})
        report = simulated.collect(store, settings=settings.model_copy(update={"http": nowhere}))

    assert report.state == "failed"
    assert len(report.steps) == 1
    assert "check the network" in str(report.reason)


def test_throttling_is_waited_out_and_counted(store: Engine, tmp_path: Path) -> None:
    """Requests answered 429 are asked again; the step tells how often and how long."""
    with tenant(tmp_path) as simulated:
        simulated.post(
            "faults", host="api.powerapps.com", kind="429", times=2, retry_after="0", path="/apps"
        )
        report = simulated.collect(store)
    with reading(store) as connection:
        retries = connection.scalar(text("SELECT sum(retries) FROM steps WHERE collector='apps'"))

    assert report.state == "complete"
    assert retries == 2


def test_a_token_revoked_in_the_middle_is_renewed(store: Engine, tmp_path: Path) -> None:
    """A 401 in the middle of a run costs one new token and loses nothing."""
    with tenant(tmp_path) as simulated:
        simulated.post("faults", host="graph.microsoft.com", kind="unauthorized", times=1, after=1)
        report = simulated.collect(store)

    assert report.state == "complete"


def test_the_next_days_are_stored_in_the_tenants_time(store: Engine, tmp_path: Path) -> None:
    """Runs are stamped with the clock they were given, not with the machine's."""
    with tenant(tmp_path) as simulated:
        simulated.collect(store, ["environments"])
        first = simulated.served.tenant.now
        simulated.post("advance", days=7)
        simulated.collect(store, ["environments"])
    with reading(store) as connection:
        stamps: list[Any] = list(
            connection.scalars(text("SELECT started_at FROM runs ORDER BY id"))
        )

    assert [str(stamp)[:10] for stamp in stamps] == [
        first.date().isoformat(),
        (first + timedelta(days=7)).date().isoformat(),
    ]
