"""Who is hit where a connector changes, with owners, calls and whom to tell."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pandas as pd
import pytest
from factories import (
    ADA,
    BRUNO,
    CARLA,
    INVOICES,
    INVOICES_KEY,
    PAYROLL,
    SANDBOX,
    TWIN,
    WEATHER,
    fill,
    fill_runs_only,
    moment,
)
from factories_calls import fill_sources
from factories_events import fill_events
from sqlalchemy import Connection, Engine, event, insert, update
from tenants import tenant as simulated

import models
from connectory.database import reading, writing
from connectory.queries.call_tables import Window
from connectory.queries.hits import Use, calls_of_operations, contacts, use
from connectory.queries.moments import latest
from connectory.queries.uses import DAYS, TOLD_BY, uses

MONTH = Window(date(2026, 10, 17), date(2026, 11, 15))


@pytest.fixture
def used(store: Engine) -> Engine:
    """The small tenant with its runs, launches and calls."""
    fill(store)
    fill_events(store)
    fill_sources(store)
    return store


def told(frame: pd.DataFrame, *columns: str) -> list[tuple[Any, ...]]:
    """Return some columns as tuples, missing values as None."""
    chosen = frame[list(columns)].astype(object)
    return list(chosen.where(chosen.notna(), None).itertuples(index=False, name=None))


def use_of(engine: Engine, *connectors: int, run: int = 3) -> Use:
    """Return what is known of the use of connectors at a run."""
    with reading(engine) as connection:
        return use(connection, moment(run), MONTH, connectors or None)


def test_a_flow_is_hit_by_exactly_what_it_calls(used: Engine) -> None:
    """By its definition; the app says only that it uses the connector, so it may be."""
    known = use_of(used, INVOICES)

    columns = ("kind", "name", "level", "operation_id", "owner", "mail", "environment", "state")
    assert told(known.hit([INVOICES], {"GetInvoice"}), *columns) == [
        ("flow", "Pay the bills", "operation", "GetInvoice", "Ada Ample", "ada@tenant.example",
         "Finance", "Started"),
        ("agent", "Ask finance", "operation", "GetInvoice", "Ada Ample", "ada@tenant.example",
         "Finance", "Active"),
        ("app", "Expense desk", "connector", None, "Bruno Bogus", None, "Finance", None),
    ]  # fmt: skip
    assert [row[:4] for row in told(known.hit([INVOICES], {"ListInvoices"}), *columns)] == [
        ("app", "Expense desk", "connector", None)
    ]


def test_a_change_of_the_whole_connector_hits_each_consumer_once(used: Engine) -> None:
    """Whatever it calls; calls are those of all its operations, source by source."""
    hit = use_of(used, INVOICES).hit([INVOICES], None)

    assert told(hit, "kind", "name", "level", "operation_id") == [
        ("flow", "Pay the bills", "connector", None),
        ("app", "Expense desk", "connector", None),
        ("agent", "Ask finance", "connector", None),
    ]
    assert told(hit, "flow_actions", "flow_runs", "audit") == [
        (2, 14, None),
        (None, None, 3),
        (None, None, None),
    ]


def test_calls_stand_source_by_source(used: Engine) -> None:
    """Of the operation by that consumer; two sources that tell of the same are never added."""
    with reading(used) as connection:
        frame = calls_of_operations(connection, MONTH, [INVOICES])
        pairs = uses(connection, moment(3), MONTH, [INVOICES])
    bills = frame[frame["operation_id"] == "GetBill"]

    assert told(bills, "source", "evidence", "calls", "errors") == [
        ("gateway_logs", "call", 5, 4),
        ("access_logs", "call", 7, 2),
        ("canvas_calls", "call", 54, 0),
        ("flow_actions", "action", 100, 0),
    ]
    mine = pairs[(pairs["kind"] == "flow") & (pairs["operation_id"] == "GetInvoice")]
    assert told(mine, *TOLD_BY) == [(None, None, None, 2, 14, None)]


def test_what_a_log_saw_an_app_call_is_known(used: Engine) -> None:
    """The app tells its connectors only; a log that names it and the operation tells more."""
    known = use_of(used, PAYROLL)
    hit = known.hit([PAYROLL], {"RunPayroll"})

    assert told(hit, "kind", "name", "level", "flow_actions") == [
        ("flow", "Payroll nightly", "operation", None),
        ("app", "Expense desk", "operation", 7),
    ]
    assert told(known.hit([PAYROLL], {"Elsewhere"}), "name", "level") == [
        ("Expense desk", "connector")
    ]


def test_a_definition_that_was_read_and_calls_nothing_is_not_hit(used: Engine) -> None:
    """One that could not be read may call anything; a link alone is hit with the whole connector."""
    with writing(used) as connection:
        link = {"flow_id": 3, "reference_key": "shared_x", "connector_key": INVOICES_KEY}
        connection.execute(
            insert(models.FlowReference).values(**link, invoker=False, from_run=3, to_run=None)
        )
    whole = use_of(used, INVOICES)
    with writing(used) as connection:
        connection.execute(
            update(models.FlowVersion)
            .where(models.FlowVersion.flow_id == 3)
            .values(definition_state="unreadable")
        )
    unread = use_of(used, INVOICES)

    assert "Legacy sync" in set(whole.hit([INVOICES], None)["name"])
    assert "Legacy sync" not in set(whole.hit([INVOICES], {"GetInvoice"})["name"])
    assert ("Legacy sync", "connector") in told(
        unread.hit([INVOICES], {"GetInvoice"}), "name", "level"
    )


def test_members_of_a_family_are_hit_together(used: Engine) -> None:
    """Each consumer in its environment; one that is gone is not hit any more."""
    before, after = (
        use_of(used, INVOICES, TWIN, run=run).hit([INVOICES, TWIN], {"GetInvoice"})
        for run in (2, 3)
    )

    assert ("Try invoices", "Sandbox") in told(before, "name", "environment")
    assert set(after["environment"]) == {"Finance"}


def test_whether_something_is_used_is_graded(used: Engine) -> None:
    """Known to be called, perhaps, and not as far as anything was read."""
    graded = use_of(used).graded()

    assert graded.of([INVOICES], "GetInvoice") == "used"
    assert graded.of([INVOICES], "GetBill") == "used", "a log tells of calls"
    assert graded.of([INVOICES], "Ping") == "perhaps"
    assert graded.of([TWIN], "GetOld") == "used"
    assert graded.of([TWIN], "Ping") == "unused"
    assert graded.of([INVOICES, TWIN], None) == "used"
    assert graded.of([WEATHER], None) == "unused"


def test_nothing_is_called_unused_where_not_all_was_listed(used: Engine) -> None:
    """An environment whose flows were refused may hold one that calls it."""
    with writing(used) as connection:
        step = {"run_id": 3, "collector": "agents", "environment_id": SANDBOX, "state": "failed"}
        connection.execute(
            insert(models.Step).values(
                id=900, **step, reason="403", requests=1, retries=0, throttled_seconds=0.0,
                bytes_received=0, rows_seen=0, rows_changed=0, started_at=moment(3).read_at,
            )
        )  # fmt: skip

    assert use_of(used).graded().of([WEATHER], None) == "not_known"
    assert use_of(used).graded().of([TWIN], "Ping") == "not_known"


def test_everybody_who_is_hit_is_told_once(used: Engine) -> None:
    """With what of theirs is hit, those first of whose things that is certain; nobody's last."""
    with writing(used) as connection:
        connection.execute(
            update(models.AppVersion).where(models.AppVersion.app_id == 1).values(owner_key=None)
        )
    known = use_of(used, INVOICES, PAYROLL)
    frame = contacts(known.hit([INVOICES, PAYROLL], {"GetInvoice", "GetOld", "RunPayroll"}))

    assert told(frame, "owner_key", "owner", "mail", "owner_state", "certain") == [
        (ADA, "Ada Ample", "ada@tenant.example", "enabled", True),
        (CARLA, "Carla Contrived", None, "deleted", True),
        (None, None, None, None, True),
    ]
    assert told(frame, "flows", "apps", "agents") == [(1, 0, 1), (1, 0, 0), (0, 1, 0)]
    assert frame["hit"].tolist()[0] == [
        "flow Pay the bills (Finance)",
        "agent Ask finance (Finance)",
    ]
    assert frame["operations"].tolist()[0] == ["GetInvoice", "GetOld"]


def test_who_only_may_be_hit_stands_behind(used: Engine) -> None:
    """The owner of an app that uses the connector, behind the owner of a flow that calls it."""
    frame = contacts(use_of(used, INVOICES).hit([INVOICES], {"GetInvoice"}))

    assert told(frame, "owner_key", "certain") == [(ADA, True), (BRUNO, False)]


def test_without_rows_there_are_columns(store: Engine) -> None:
    """Of every frame."""
    fill_runs_only(store)
    known = use_of(store, run=1)
    full = use_of(store, 1, run=1)

    for frame in (known.hit([1], None), known.hit([1], {"A"}), contacts(full.hit([1], None))):
        assert frame.empty
        assert "owner" in frame
    assert known.called([1], None).empty
    assert known.graded().of([1], "A") == "unused"


def asked(engine: Engine, *connectors: int, run: int) -> int:
    """Return how many statements a question sends."""
    sent: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        sent.append(statement)

    with reading(engine) as connection:
        event.listen(connection, "before_cursor_execute", note)
        use(connection, moment(run), MONTH, connectors or None)
    return len(sent)


def test_it_asks_as_often_however_many_there_are(used: Engine) -> None:
    """One connector, two, or all."""
    assert asked(used, INVOICES, run=3) == asked(used, INVOICES, TWIN, run=3) == asked(used, run=3)


@pytest.fixture(scope="module")
def collected(module_store: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A simulated tenant that was collected, and what is true of it."""
    with simulated(tmp_path_factory.mktemp("tenant")) as found:
        found.collect(module_store)
        yield module_store, found.get("truth")


def keyed(connection: Connection) -> set[tuple[str, str]]:
    """Return environment and key of each connector."""
    query = "SELECT e.key, c.key FROM connectors c JOIN environments e ON e.id = c.environment_id"
    return {(row[0], row[1]) for row in connection.exec_driver_sql(query)}


def test_the_simulated_tenant_is_told_as_it_is(collected: tuple[Engine, dict[str, Any]]) -> None:
    """Of every operation exactly the flows and agents that call it, each with its owner."""
    store, truth = collected
    with reading(store) as connection:
        now = latest(connection)
        assert now is not None
        known = use(connection, now, Window.before(now, DAYS))
        connectors = keyed(connection)
    people = {one["id"]: one["display_name"] for one in truth["people"]}
    expected = {
        (kind, one["display_name"], call["operation_id"], people.get(owner, owner))
        for kind in ("flows", "agents")
        for one in truth[kind]
        for owner in [one["owner_id" if "dataverse" in one["sources"] else "creator_id"]]
        for call in one["operations"]
        if (one["environment_id"].casefold(), call["connector"].casefold()) in connectors
    }
    exact = known.consumers[known.consumers["level"] == "operation"]
    found = set(
        told(exact.assign(kind=exact["kind"] + "s"), "kind", "name", "operation_id", "owner")
    )

    assert len(expected) > 20
    assert found == expected
