"""The audit log: read once, whatever repeats or comes late, and a gap where it is not handed out."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from click.testing import CliRunner
from expected_of_entitlements import using_connectors
from expected_of_events import audit_event
from sqlalchemy import Engine, Table, select
from tenants import Silent, Tenant, tenant
from test_collected import compare
from told_of_events import audit_events

from collectors.api.allowed import refuse_writing
from collectors.nouns import CONNECTORS
from collectors.run import RunReport
from connectory.cli import cli
from connectory.collecting import collect_once, named
from connectory.database import reading
from connectory.signing_in import open_api
from models import AuditEvent, AuditSpan

EVENTS: Table = AuditEvent.__table__  # type: ignore[assignment]
SPANS: Table = AuditSpan.__table__  # type: ignore[assignment]
NOUNS = ("connector", "connection", "flow", "app")


def kept(engine: Engine, *nouns: str) -> dict[str, dict[str, Any]]:
    """Return what is kept of the log."""
    with reading(engine) as connection:
        return audit_events(connection, *(nouns or NOUNS))


def spans(engine: Engine) -> list[tuple[Any, Any]]:
    """Return the stretches of time that were read whole."""
    with reading(engine) as connection:
        query = select(SPANS.c.from_at, SPANS.c.to_at).order_by(SPANS.c.from_at)
        return [(row.from_at, row.to_at) for row in connection.execute(query)]


def short(report: RunReport) -> list[str]:
    """Return why the log was not read whole."""
    return [str(step.reason) for step in report.short if step.collector == "audit"]


def presence(engine: Engine, environment: str, name: str) -> tuple[str, str | None]:
    """Return whether a connector is there, and why not."""
    facts = CONNECTORS.versions
    with reading(engine) as connection:
        row = connection.execute(
            select(facts.c.presence, facts.c.presence_reason).where(
                facts.c.name == name, facts.c.to_run.is_(None)
            )
        ).one()
    del environment
    return row.presence, row.presence_reason


def custom(simulated: Tenant) -> dict[str, Any]:
    """Return a connector that every list shows."""
    rows = simulated.get("truth")["connectors"]
    return next(row for row in rows if row["name"] and "admin" in row["sources"])


def visible(truth: dict[str, Any]) -> set[tuple[str, str]]:
    """Return the flows and apps that some list shows under the name by which the log knows them."""
    readable = {row["id"] for row in truth["environments"] if row["admin_readable"]}
    flows = {
        (row["environment_id"], row["id"])
        for row in truth["flows"]
        if "flow_api" in row["sources"] or (row["sources"] and row["id"] == row["workflow_id"])
    }
    apps = {(row["environment_id"], row["id"]) for row in truth["apps"]}
    return flows | {(home, app) for home, app in apps if home in readable}


def test_flows_and_apps_are_kept_only_if_they_use_a_connector(
    sqlite_store: Engine, tmp_path: Path
) -> None:
    """Of flows, apps and launches those are kept that were known to use one when the log was read."""
    wanted: dict[str, dict[str, Any]] = {}
    known: set[tuple[str, str]] = set()
    handled: set[str] = set()
    everything = 0
    with tenant(tmp_path, "small") as simulated:
        for _ in range(4):
            simulated.collect(sqlite_store)
            truth = simulated.get("truth")
            known |= using_connectors(truth) & visible(truth)
            told = [row for row in truth["audit_events"] if row["told"]]
            for row in told:
                new = row["id"] not in handled and row["noun"] in {"flow", "app"}
                everything += new
                if new and (row["environment_id"], row["target"]) in known:
                    wanted[row["id"]] = audit_event(row)
            handled |= {row["id"] for row in told}
            simulated.post("advance", days=3)

    assert kept(sqlite_store, "flow", "app") == wanted
    assert {row["action"] for row in wanted.values()} >= {"launched", "edited"}
    assert len(wanted) < everything


def test_reading_the_log_again_changes_nothing(store: Engine, tmp_path: Path) -> None:
    """Records repeated in several blobs and blobs listed again are kept once, and fetched once."""
    with tenant(tmp_path) as simulated:
        simulated.collect(store)
        simulated.post("advance", days=2)
        simulated.collect(store)
        before = kept(store)
        httpx.delete(f"{simulated.served.url}/_sim/requests").raise_for_status()
        report = simulated.collect(store, ["audit"])
        routes = simulated.get("requests")["routes"]

    assert before
    assert kept(store) == before
    assert {step.rows_changed for step in report.steps} == {0}
    assert not [route for route in routes if "/feed/audit/" in route]


def test_blobs_that_appear_late_are_read_when_they_do(store: Engine, tmp_path: Path) -> None:
    """A blob that is listed two days after it was made is found by looking back."""
    with tenant(tmp_path) as simulated:
        simulated.post("settings", audit_late_hours=48)
        for _ in range(8):
            simulated.collect(store)
            simulated.post("advance", days=1)
        behind = compare(store, simulated.get("truth"))
        simulated.post("settings", audit_late_hours=0)
        report = simulated.collect(store)

        assert report.state == "complete"
        assert "audit_events" in behind
        assert compare(store, simulated.get("truth")) == {}


def test_a_log_nobody_subscribed_to_is_a_gap_with_its_cure(store: Engine, tmp_path: Path) -> None:
    """Collecting never subscribes; it says that somebody has to, and which command does."""
    with tenant(tmp_path) as simulated:
        simulated.post("settings", audit_subscribed=False)
        report = simulated.collect(store)
        routes = simulated.get("requests")["routes"]

    assert short(report)
    assert "not subscribed to" in short(report)[0]
    assert "connectory audit start" in short(report)[0]
    assert kept(store) == {}
    assert spans(store) == []
    assert not [r for r in routes if r.startswith("POST manage.office.com")]


def test_the_command_subscribes_once_and_nothing_from_before_is_claimed(
    sqlite_store: Engine, tmp_path: Path
) -> None:
    """After the start only what was made since is handed out, and only that counts as read."""
    with tenant(tmp_path) as simulated:
        simulated.post("advance", days=2)
        simulated.post("settings", audit_subscribed=False)
        place = tmp_path / "config.toml"
        place.write_text(
            f"""
[tenant]
id = "{simulated.served.tenant.id}"
[sign_in]
client_id = "{simulated.served.tenant.collector_app_id}"
secret_file = "{simulated.secret_file}"
token_cache = ""
[http]
reroute_to = "{simulated.served.url}"
""",
            encoding="utf-8",
        )

        def run(*words: str) -> tuple[int, str]:
            ended = CliRunner().invoke(cli, ["--config", str(place), "audit", *words])
            return ended.exit_code, ended.output

        assert run("status") == (3, "not subscribed; run: connectory audit start\n")
        assert run("start")[1].startswith("subscribed;")
        assert run("start")[1].startswith("subscribed already")
        assert run("status") == (0, "subscribed\n")
        routes = simulated.get("requests")["routes"]
        started = simulated.get("clock")["now"]
        simulated.collect(sqlite_store)
        assert kept(sqlite_store) == {}
        assert spans(sqlite_store) == []
        simulated.post("advance", days=2)
        assert simulated.collect(sqlite_store).state == "complete"
        truth = simulated.get("truth")

    assert sum(count for route, count in routes.items() if route.startswith("POST manage.")) == 1
    wanted = {
        row["id"]
        for row in truth["audit_events"]
        if row["custom"] and row["told"] and row["told"] >= started
    }
    assert set(kept(sqlite_store, "connector", "connection")) == wanted
    assert [begin.isoformat() >= started for begin, _ in spans(sqlite_store)] == [True]


def test_what_expired_before_it_was_read_is_said_to_be_lost(store: Engine, tmp_path: Path) -> None:
    """After ten days without reading the first three are lost for good, and stay named."""
    with tenant(tmp_path) as simulated:
        simulated.collect(store)
        begun = simulated.get("clock")["now"]
        simulated.post("advance", days=10)
        report = simulated.collect(store)
        truth = simulated.get("truth")
        again = simulated.collect(store)
    held = spans(store)
    week = truth["now"].replace(truth["now"][8:10], f"{int(truth['now'][8:10]) - 7:02}", 1)

    assert "is lost" in short(report)[0]
    assert short(again) == []
    assert len(held) == 2
    assert held[0][1].isoformat() == begun
    assert held[1][0].isoformat() == week
    lost = {
        row["id"]
        for row in truth["audit_events"]
        if row["custom"] and row["told"] and begun < row["told"] < week
    }
    assert lost
    assert lost & set(kept(store)) <= {
        row["id"] for row in truth["audit_events"] if int(row["id"][:2], 16) % 7 == 0
    }


def test_a_clock_that_is_slow_costs_minutes_and_not_the_log(store: Engine, tmp_path: Path) -> None:
    """Where the service holds our oldest window for too old, a somewhat younger one is asked for."""
    with tenant(tmp_path) as simulated:
        settings = simulated.settings(store)
        slow = simulated.served.tenant.now - timedelta(seconds=5)
        report = collect_once(
            store,
            settings,
            named(()),
            now=lambda: slow,
            wall=lambda: datetime.now(UTC),
            progress=Silent(),
        )
        first = slow - timedelta(days=7)
        wanted = {
            row["id"]
            for row in simulated.get("truth")["audit_events"]
            if row["custom"]
            and row["told"]
            and datetime.fromisoformat(row["told"]) >= first + timedelta(minutes=10)
        }

    assert report.state == "complete"
    assert set(kept(store, "connector", "connection")) == wanted


def test_a_blob_that_fails_is_fetched_in_the_next_run(store: Engine, tmp_path: Path) -> None:
    """A failure in the middle keeps what was read and moves no mark; later all is there."""
    with tenant(tmp_path) as simulated:
        simulated.post("advance", days=3)
        simulated.post("faults", path="/feed/audit/", kind="500", after=3)
        report = simulated.collect(store)
        assert "blob" in short(report)[0]
        assert compare(store, simulated.get("truth")).keys() == {"audit_events"}

        simulated.clear_faults()
        assert simulated.collect(store).state == "complete"
        assert compare(store, simulated.get("truth")) == {}


def test_a_deleted_connector_is_gone_at_once_and_somebody_did_it(
    store: Engine, tmp_path: Path
) -> None:
    """The log proves a deletion that a list only suggests, and says who did it."""
    with tenant(tmp_path) as simulated:
        simulated.collect(store)
        one = custom(simulated)
        simulated.story("delete_connector", environment=one["environment_id"], name=one["name"])
        simulated.collect(store)
        assert presence(store, one["environment_id"], one["name"]) == ("missing", "unseen")
        simulated.post("advance", days=3)
        simulated.collect(store)
        assert presence(store, one["environment_id"], one["name"])[0] == "gone"

        other = custom(simulated)
        simulated.story("delete_connector", environment=other["environment_id"], name=other["name"])
        happened = simulated.get("truth")["audit_events"]
        event = next(one for one in reversed(happened) if one["action"] == "deleted")
        simulated.post("advance", days=3)
        simulated.collect(store)
        assert presence(store, other["environment_id"], other["name"]) == ("gone", "deleted")

        simulated.story(
            "restore_connector", environment=other["environment_id"], name=other["name"]
        )
        simulated.collect(store)
        assert presence(store, other["environment_id"], other["name"]) == ("present", None)

    assert kept(store)[event["id"]]["actor_id"] == event["actor_id"]
    assert kept(store)[event["id"]]["action"] == "deleted"


def test_a_deletion_that_was_undone_before_it_was_told_ends_nothing(
    store: Engine, tmp_path: Path
) -> None:
    """A connector that a later run has seen is there, whatever the log tells of the time before."""
    with tenant(tmp_path) as simulated:
        simulated.collect(store)
        one = custom(simulated)
        place = {"environment": one["environment_id"], "name": one["name"]}
        simulated.story("delete_connector", **place)
        simulated.story("restore_connector", **place)
        simulated.post("advance", days=3)
        simulated.collect(store)

    deleted = [row for row in kept(store, "connector").values() if row["action"] == "deleted"]
    assert one["name"] in {row["target"] for row in deleted}
    assert presence(store, one["environment_id"], one["name"]) == ("present", None)


@pytest.mark.parametrize(
    ("family", "path"),
    [
        ("activity", "/api/v1.0/{tenant}/activity/feed/subscriptions/stop"),
        ("graph", "/api/v1.0/{tenant}/activity/feed/subscriptions/start"),
        ("activity", "/api/v1.0/x/../activity/feed/subscriptions/start"),
        ("graph", "/v1.0/security/auditLog/queries"),
    ],
)
def test_no_other_command_is_ever_sent(tmp_path: Path, family: str, path: str) -> None:
    """The client refuses a command that is not on its list before anything goes out."""
    with tenant(tmp_path) as simulated:
        settings = simulated.settings(_anywhere(tmp_path))
        httpx.delete(f"{simulated.served.url}/_sim/requests").raise_for_status()
        with (
            open_api(settings, prompt=None) as api,
            pytest.raises(PermissionError, match=re.escape("never sent")),
        ):
            api.command(family, path.replace("{tenant}", simulated.served.tenant.id), {})
        assert simulated.get("requests")["requests"] == {}


QUERY = {
    "displayName": "",
    "filterStartDateTime": "2026-10-01T00:00:00Z",
    "filterEndDateTime": "2026-10-02T00:00:00Z",
    "recordTypeFilters": ["powerAppsApp"],
    "operationFilters": [],
    "userPrincipalNameFilters": [],
}


@pytest.mark.parametrize(
    ("family", "path", "body"),
    [
        ("graph", "/v1.0/security/auditLog/queries", QUERY | {"more": "than that"}),
        ("graph", "/v1.0/security/auditLog/queries", QUERY | {"recordTypeFilters": "all"}),
        ("graph", "/v1.0/security/auditLog/queries", QUERY | {"operationFilters": [{}]}),
        ("graph", "/v1.0/security/auditLog/queries", {"displayName": ""}),
        ("graph", "/v1.0/security/auditLog/queries", [QUERY]),
        ("graph", "/v1.0/security/auditLog/queries?x=1", QUERY),
        ("graph", "/v1.0/security/auditLog/queries/", QUERY),
        ("graph", "/beta/security/auditLog/queries", QUERY),
        ("bap", "/v1.0/security/auditLog/queries", QUERY),
    ],
)
def test_a_query_of_another_form_is_never_sent(family: str, path: str, body: Any) -> None:
    """Of what a query could hold only the known members pass, at the one address."""
    with pytest.raises(PermissionError, match="never sent"):
        refuse_writing(family, path, body)


def test_a_query_of_the_known_form_may_be_sent() -> None:
    """The audit log may be asked a question."""
    refuse_writing("graph", "/v1.0/security/auditLog/queries", QUERY)


def _anywhere(folder: Path) -> Engine:
    from connectory.database import open_store  # noqa: PLC0415 - nothing is ever written there

    return open_store(f"sqlite:///{folder}/unused.sqlite")
