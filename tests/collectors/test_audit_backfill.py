"""What of the audit log had expired before it was read: asked for, waited for, filled or stated."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from expected_of_events import audit_event
from sqlalchemy import Engine, Table, delete, select
from stored import facts
from tenants import Tenant, tenant
from test_audit import kept, short
from test_collected import compare

from collectors.api.hosts import COMMERCIAL
from collectors.audit_backfill import PERMISSION, SOURCE
from collectors.run import RunReport
from collectors.waiting import Waiting
from connectory.config import Settings, TenantSettings
from connectory.database import reading, writing
from connectory.queries.audit import log_read
from connectory.queries.coverage import Gap, coverage
from connectory.queries.moments import latest
from connectory.simulator.wire.faults import KINDS
from models import AuditEvent, AuditQuery

pytestmark = pytest.mark.postgresql_in_soak

QUERIES: Table = AuditQuery.__table__  # type: ignore[assignment]
EVENTS: Table = AuditEvent.__table__  # type: ignore[assignment]
GRAPH = "graph.microsoft.com"
ASKED = "/security/auditLog/queries"
ON = {"audit_backfill_days": 1, "audit_query_poll_seconds": 0.001}
"""A day back lies within what the feed hands out: only holes are asked for."""


def asked(engine: Engine) -> list[tuple[str, int]]:
    """Return state and number of records of every query, in the order they were asked."""
    with reading(engine) as connection:
        query = select(QUERIES.c.state, QUERIES.c.records).order_by(QUERIES.c.id)
        return [(row.state, row.records) for row in connection.execute(query)]


def stated(engine: Engine) -> list[Gap]:
    """Return what coverage says of the log's holes."""
    with reading(engine) as connection:
        moment = latest(connection)
        assert moment is not None
        found = coverage(connection, moment).gaps
    return [gap for gap in found if gap.source == SOURCE]


def posts(simulated: Tenant) -> int:
    """Return how many queries were sent."""
    routes = simulated.get("requests")["routes"]
    return sum(n for route, n in routes.items() if route.startswith("POST") and ASKED in route)


def own(simulated: Tenant) -> dict[str, dict[str, Any]]:
    """Return everything that was done to custom connectors and connections, as the log tells it."""
    rows = simulated.get("truth")["audit_events"]
    return {row["id"]: audit_event(row) for row in rows if row["custom"] and row["told"]}


def neglected(simulated: Tenant, store: Engine, days: int = 17, **collect: Any) -> RunReport:
    """Read, leave the log alone for so long that it has a hole, and read again."""
    simulated.collect(store, **{**ON, **collect})
    simulated.post("advance", days=days)
    return simulated.collect(store, **{**ON, **collect})


def test_a_hole_of_ten_days_is_filled(store: Engine, tmp_path: Path) -> None:
    """Everything that happened is known, as if the log had been read all the time."""
    with tenant(tmp_path) as simulated:
        simulated.collect(store)
        begun = simulated.get("clock")["now"]
        before = set(kept(store))
        simulated.post("advance", days=17)
        report = simulated.collect(store, **ON)
        truth = simulated.get("truth")
        wanted = own(simulated)
        trespasses = simulated.get("requests")["trespasses"]
        week = datetime.fromisoformat(truth["now"]) - timedelta(days=7)
        lost = {
            row["id"]
            for row in truth["audit_events"]
            if row["custom"] and row["told"] and begun < row["told"] < week.isoformat()
        }

        assert report.state == "complete", report.reason
        assert kept(store, "connector", "connection") == wanted
        assert compare(store, truth) == {}
    with reading(store) as connection:
        read = log_read(connection, latest(connection))  # type: ignore[arg-type]

    assert len(lost - before) > 5
    assert trespasses == {}
    assert [state for state, _ in asked(store)] == ["filled"]
    assert stated(store) == []
    assert len(read.spans) == 1
    assert read.filled == ((datetime.fromisoformat(begun), week),)


def test_what_happened_before_the_first_run_is_asked_for(store: Engine, tmp_path: Path) -> None:
    """A store that is filled for the first time looks further back than a week, in parts.

    Of a connector that was gone by then its own events are kept; what led to it was never seen to.
    """
    with tenant(tmp_path) as simulated:
        simulated.post("advance", days=40)
        report = simulated.collect(store, **{**ON, "audit_backfill_days": 60})
        wanted = own(simulated)
        rows = simulated.get("truth")["connectors"]
        here = {row["name"].casefold() for row in rows if row["name"] and row["sources"]}
        simulated.forget_requests()
        again = simulated.collect(store, **{**ON, "audit_backfill_days": 60})
        routes = simulated.get("requests")["routes"]

    held = kept(store, "connector", "connection")
    missing = [row for key, row in wanted.items() if key not in held]
    assert (report.state, again.state) == ("complete", "complete")
    assert held == {key: row for key, row in wanted.items() if key in held}
    assert len(held) > 30
    assert {row["noun"] for row in missing} <= {"connection"}
    assert not {row["connector"] for row in missing} & here
    assert [state for state, _ in asked(store)] == ["filled", "filled"]
    assert not [route for route in routes if ASKED in route]


def test_launches_come_this_way_too(sqlite_store: Engine, tmp_path: Path) -> None:
    """Who opened an app that uses a connector is known of the time that had expired."""
    with tenant(tmp_path) as simulated:
        report = neglected(simulated, sqlite_store)
        truth = simulated.get("truth")
    names = {(a["environment_id"].casefold(), a["id"].casefold()) for a in truth["apps"]}
    told = {
        row["id"]: audit_event(row)
        for row in truth["audit_events"]
        if row["action"] == "launched" and row["told"]
    }
    found = {key: row for key, row in kept(sqlite_store, "app").items() if key in told}
    days = {row["at"][:10] for row in found.values()}

    assert report.state == "complete"
    assert {key: told[key] for key in found} == found
    assert {(row["environment_id"], row["target"]) for row in found.values()} <= names
    # Of an app that is known to use a connector every launch is kept, on each day.
    apps = {(row["environment_id"], row["target"]) for row in found.values()}
    of_these = [row for row in told.values() if (row["environment_id"], row["target"]) in apps]
    assert len(of_these) == len(found)
    assert len(days) > 17


def test_what_came_after_a_hole_can_need_what_it_hid(sqlite_store: Engine, tmp_path: Path) -> None:
    """A connection made in the hole and deleted after it: only together the two records tell."""
    with tenant(tmp_path, "small") as simulated:
        simulated.collect(sqlite_store, **ON)
        begun = datetime.fromisoformat(simulated.get("clock")["now"])
        simulated.post("advance", days=17)
        simulated.collect(sqlite_store, **ON)
        truth = simulated.get("truth")
        found = compare(sqlite_store, truth)
    split = begun + timedelta(days=10)
    of_connections = [r for r in truth["audit_events"] if r["noun"] == "connection" and r["custom"]]
    made = {
        row["target"]
        for row in of_connections
        if row["action"] == "created" and begun < datetime.fromisoformat(row["at"]) < split
    }

    assert found == {}
    assert [
        row
        for row in of_connections
        if row["action"] == "deleted"
        and row["target"] in made
        and datetime.fromisoformat(row["at"]) > split
    ]


def test_asking_again_changes_nothing(store: Engine, tmp_path: Path) -> None:
    """What a query tells a second time, or the feed told before, is known by its id."""
    with tenant(tmp_path) as simulated:
        neglected(simulated, store)
        before = facts(store)
        with writing(store) as connection:
            connection.execute(delete(QUERIES))
        report = simulated.collect(store, ["audit"], **ON)

    after = facts(store)
    assert {step.rows_changed for step in report.steps} == {0}
    assert after.pop("audit_queries")
    assert before.pop("audit_queries")
    assert after == before


def test_a_query_that_takes_long_is_read_by_the_next_run(store: Engine, tmp_path: Path) -> None:
    """It is remembered and not asked again; until then the hole is stated."""
    with tenant(tmp_path) as simulated:
        simulated.post("settings", audit_query_polls=1000)
        report = neglected(simulated, store, audit_query_wait_minutes=0.0001)
        gaps = stated(store)
        simulated.post("settings", audit_query_polls=1)
        again = simulated.collect(store, **ON)
        truth = simulated.get("truth")

        assert posts(simulated) == 1
        assert "the next run reads the answer" in short(report)[0]
        assert [gap.outcome for gap in gaps] == ["partial"]
        assert again.state == "complete"
        assert stated(store) == []
        assert compare(store, truth) == {}


@pytest.mark.parametrize("end", ["failed", "cancelled"])
def test_a_query_that_comes_to_nothing_is_asked_anew(
    store: Engine, tmp_path: Path, end: str
) -> None:
    """The hole stays stated with what became of the query, and the next run asks once more."""
    with tenant(tmp_path) as simulated:
        simulated.post("settings", audit_query_ends=end)
        report = neglected(simulated, store)
        gaps = stated(store)
        held = kept(store)
        simulated.post("settings", audit_query_ends="succeeded")
        again = simulated.collect(store, **ON)

        assert f"the query for it is {end}" in short(report)[0]
        assert f"the query for it is {end}" in gaps[0].reason
        assert held
        assert again.state == "complete"
        assert [state for state, _ in asked(store)] == [end, "filled"]
        assert compare(store, simulated.get("truth")) == {}


def test_a_query_that_is_refused_names_the_permission(store: Engine, tmp_path: Path) -> None:
    """The hole stays a stated gap in every run until the permission is there."""
    with tenant(tmp_path) as simulated:
        simulated.post("faults", host=GRAPH, path=ASKED, kind="forbidden")
        report = neglected(simulated, store)
        gaps = stated(store)
        later = simulated.collect(store, **ON)
        since = stated(store)
        simulated.clear_faults()
        again = simulated.collect(store, **ON)

        assert PERMISSION in short(report)[0]
        assert PERMISSION in short(later)[0]
        assert [gap.outcome for gap in gaps] == ["refused"]
        assert "had expired before it was read and may not be asked for" in gaps[0].reason
        assert [gap.since for gap in since] == [gap.since for gap in gaps]
        assert again.state == "complete"
        assert stated(store) == []
        assert compare(store, simulated.get("truth")) == {}


def test_what_is_older_than_the_log_is_kept_stays_lost(store: Engine, tmp_path: Path) -> None:
    """What is still kept of a hole is filled; the rest is stated for good, and no run is short for it."""
    with tenant(tmp_path) as simulated:
        report = neglected(simulated, store, audit_retention_days=10)
        gaps = stated(store)
        simulated.forget_requests()
        again = simulated.collect(store, **ON, audit_retention_days=10)

        assert (report.state, again.state) == ("complete", "complete")
        assert posts(simulated) == 0
        assert [gap.outcome for gap in gaps] == ["not_asked"]
        assert "older than the log is kept and stays lost" in gaps[0].reason
        assert [gap.reason for gap in stated(store)] == [gap.reason for gap in gaps]
        assert [state for state, _ in asked(store)] == ["filled"]
        held, everything = kept(store, "connector", "connection"), own(simulated)
        assert held == {key: everything[key] for key in held}
        assert held.keys() < everything.keys()


def test_without_the_setting_nothing_is_asked(store: Engine, tmp_path: Path) -> None:
    """The hole is said to be lost, and stays stated with the setting that would fill it."""
    with tenant(tmp_path) as simulated:
        report = neglected(simulated, store, audit_backfill_days=0)
        again = simulated.collect(store)

        assert posts(simulated) == 0
        assert "is lost" in short(report)[0]
        assert short(again) == []
        assert [gap.outcome for gap in stated(store)] == ["not_asked"]
        assert "collect.audit_backfill_days" in stated(store)[0].reason


def test_another_cloud_has_no_such_query(sqlite_store: Engine, tmp_path: Path) -> None:
    """Nothing is sent, and the hole is a stated gap."""
    with tenant(tmp_path) as simulated:
        neglected(simulated, sqlite_store, audit_backfill_days=0)
        settings = elsewhere(simulated.settings(sqlite_store))
        simulated.collect(sqlite_store, ["audit"], settings=settings, **ON)

        assert posts(simulated) == 0
        assert [gap.outcome for gap in stated(sqlite_store)] == ["not_asked"]
        assert "not offered in the cloud gcc" in stated(sqlite_store)[0].reason


def elsewhere(settings: Settings) -> Settings:
    """Return settings of a tenant in another cloud, whose services answer at the known hosts."""
    section = TenantSettings(id=settings.tenant.id, cloud="gcc")
    http = settings.http.model_copy(
        update={"hosts": dict(COMMERCIAL.hosts), "scopes": dict(COMMERCIAL.scopes)}
    )
    return settings.model_copy(update={"tenant": section, "http": http})


def test_a_run_that_dies_between_two_pages_is_made_good(store: Engine, tmp_path: Path) -> None:
    """What was read is kept, the query is not asked again, and its answer is read from its start."""
    with tenant(tmp_path) as simulated:
        simulated.collect(store)
        simulated.post("advance", days=17)
        simulated.post("settings", page_limit=20)
        simulated.post("faults", host=GRAPH, path="/records", kind="expired_page_token", after=2)
        before = set(kept(store))
        report = simulated.collect(store, **ON)
        between = set(kept(store))
        simulated.clear_faults()
        again = simulated.collect(store, **ON)

        assert "was not read whole" in short(report)[0]
        assert before < between < set(kept(store))
        assert posts(simulated) == 1
        assert again.state == "complete"
        assert compare(store, simulated.get("truth")) == {}


def test_a_process_that_ends_while_it_waits_leaves_its_query_to_the_next(
    store: Engine, tmp_path: Path
) -> None:
    """A query is remembered as soon as it is asked."""

    class Killed(BaseException):
        """The process is told to end."""

    def end(_: float) -> None:
        raise Killed

    with tenant(tmp_path) as simulated:
        simulated.collect(store)
        simulated.post("advance", days=17)
        # The log is kept of what is known to use a connector by then.
        simulated.collect(store, ["connectors", "flows", "apps"])
        with pytest.raises(Killed):
            simulated.collect(store, ["audit"], waiting=Waiting(sleep=end), **ON)
        assert [state for state, _ in asked(store)] == ["asked"]
        again = simulated.collect(store, **ON)

        assert again.state == "complete"
        assert posts(simulated) == 1
        assert compare(store, simulated.get("truth")) == {}


@pytest.mark.parametrize(
    "variant",
    [
        *({"kind": kind} for kind in sorted(KINDS - {"slow"})),
        {"kind": "slow", "seconds": 0.001},
        {"kind": "500", "after": 1},
        {"kind": "429", "after": 2, "retry_after": "0"},
        {"kind": "drop", "after": 4},
        {"kind": "partial_error", "after": 1},
        {"kind": "malformed_record", "how": "null_record"},
        {"kind": "malformed_record", "how": "wrong_type"},
    ],
    ids=lambda variant: "-".join(str(value) for value in variant.values()),
)
def test_a_query_under_a_fault(
    neglected_tenant: tuple[Tenant, dict[str, Any]], module_store: Engine, variant: dict[str, Any]
) -> None:
    """Nothing wrong is kept, what is missing is said, and the next run fills the hole."""
    simulated, wanted = neglected_tenant
    with writing(module_store) as connection:
        connection.execute(delete(QUERIES))
        connection.execute(delete(EVENTS).where(EVENTS.c.event_key.in_(wanted)))
    simulated.post("faults", host=GRAPH, path=ASKED, **variant)
    try:
        report = simulated.collect(module_store, ["audit"], **ON)
        under = kept(module_store, "connector", "connection")
    finally:
        simulated.clear_faults()
        again = simulated.collect(module_store, ["audit"], **ON)

    assert {key: row for key, row in under.items() if key in wanted}.items() <= wanted.items()
    assert report.short or set(wanted) <= set(under)
    assert again.state == "complete", again.reason
    found = kept(module_store, "connector", "connection")
    assert {key: found.get(key) for key in wanted} == wanted


@pytest.fixture(scope="module")
def neglected_tenant(module_store: Engine, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A tenant whose log has a hole, and what only a query can tell of it."""
    with tenant(tmp_path_factory.mktemp("hole")) as simulated:
        simulated.collect(module_store)
        begun = simulated.get("clock")["now"]
        simulated.post("advance", days=17)
        simulated.collect(module_store, **ON)
        # Small pages, so that the list of records goes on and can break in its middle.
        simulated.post("settings", page_limit=20)
        truth = simulated.get("truth")
        week = datetime.fromisoformat(truth["now"]) - timedelta(days=7, hours=-4)
        wanted = {
            row["id"]: audit_event(row)
            for row in truth["audit_events"]
            if row["custom"]
            and row["told"]
            and begun < row["at"]
            and row["told"] < week.isoformat()
        }
        assert len(wanted) > 5
        yield simulated, wanted


def test_waiting_is_bounded_by_either_clock() -> None:
    """Rounds end when no more may be waited, or when the rounds themselves took that long."""
    slept: list[float] = []
    still = Waiting(sleep=slept.append, monotonic=lambda: 0.0)
    hours = iter(range(0, 36_000, 3_600))
    slow = Waiting(sleep=slept.append, monotonic=lambda: float(next(hours)))

    assert len(list(still.rounds(30, 100))) == 4
    assert slept == [30, 30, 30]
    assert len(list(slow.rounds(30, 100))) == 1
    assert len(list(still.rounds(30, 0))) == 1
