"""The change log: what changed, by whose hand, and why that is not known where it is not."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from factories import ADA, INVOICES, PAYROLL, RUN_TIMES, TWIN, fill, fill_runs_only, moment
from factories_events import fill_events
from sqlalchemy import Connection, Engine, event, insert, update
from tenants import tenant as simulated

import models
from connectory.database import reading, writing
from connectory.queries.change_log import change_log
from connectory.queries.moments import latest


@pytest.fixture
def logged(store: Engine) -> Engine:
    """The small tenant with its audit log."""
    fill(store)
    fill_events(store)
    return store


def told(frame: pd.DataFrame, *columns: str) -> list[tuple[Any, ...]]:
    """Return some columns as tuples, missing values as None."""
    chosen = frame[list(columns)].astype(object)
    return list(chosen.where(chosen.notna(), None).itertuples(index=False, name=None))


def log(engine: Engine, run: int = 3, **asked: Any) -> pd.DataFrame:
    """Return the log as of a run."""
    with reading(engine) as connection:
        return change_log(connection, moment(run), **asked)


def add(connection: Connection, day: int, action: str, actor: str | None, connector: str) -> None:
    """Add an entry of the audit log."""
    number = connection.scalar(
        insert(models.AuditEvent)
        .values(
            event_key=f"more-{day}-{action}", at=datetime(2026, 11, day, 12, tzinfo=UTC),
            record_type=256, operation="PutApi", noun="connector", action=action,
            environment_key="env-finance", target_key=connector, connector_key=connector,
            actor_key=actor, succeeded=True, run_id=3,
        )
        .returning(models.AuditEvent.id)
    )  # fmt: skip
    assert number


def test_a_change_has_its_author_from_the_log(logged: Engine) -> None:
    """When it was done and by whom; the entry is no row of its own any more."""
    with writing(logged) as connection:
        add(connection, 13, "saved", ADA, "shared_invoices-5f0a")
    frame = log(logged, connector_id=INVOICES)
    (row,) = frame[frame["kind"] == "definition_changed"].to_dict("records")

    assert (row["who"], row["who_key"], row["who_state"]) == (["Ada Ample"], ADA, "enabled")
    assert (row["told_by"], row["exact"], row["run_id"]) == ("audit_log", True, 3)
    assert row["at"] == datetime(2026, 11, 13, 12, tzinfo=UTC)
    assert row["found_at"] >= RUN_TIMES[2]
    assert (row["connector"], row["environment"]) == ("Invoices", "Finance")
    assert "added ListInvoices, Ping" in row["detail"]
    assert not ((frame["kind"] == "saved") & (frame["at"] == row["at"])).any()


def test_a_change_that_nothing_tells_of_says_why(logged: Engine) -> None:
    """Nobody is guessed: the log of 8 and 9 November is lost."""
    frame = log(logged, connector_id=PAYROLL)
    changed = frame[frame["kind"] == "changed"]

    assert told(changed, "who", "exact", "told_by", "why_unknown") == [
        ([], False, None, "the audit log of that time was not read whole")
    ]
    assert changed["detail"].tolist() == ["backend address, policies"]


def test_the_record_of_the_connector_tells_who_made_it(logged: Engine) -> None:
    """Where the log does not reach so far back."""
    frame = log(logged, connector_id=INVOICES)
    new = frame[frame["kind"] == "new"]

    assert told(new, "who", "who_state", "told_by", "exact") == [
        (["Bruno Bogus"], "disabled", "connector", True)
    ]


def test_the_last_editor_counts_where_the_log_names_nobody(logged: Engine) -> None:
    """If the connector was last changed between both reads."""
    with writing(logged) as connection:
        connection.execute(
            update(models.ConnectorVersion)
            .where(
                models.ConnectorVersion.connector_id == INVOICES,
                models.ConnectorVersion.from_run == 3,
            )
            .values(modifier_key=ADA)
        )
    frame = log(logged, connector_id=INVOICES)

    assert told(frame[frame["kind"] == "definition_changed"], "who", "told_by") == [
        (["Ada Ample"], "connector")
    ]


def test_entries_without_a_change_are_told_beside(logged: Engine) -> None:
    """A save that changed nothing, an attempt that failed, and a connector nobody ever saw."""
    frame = log(logged)
    alone = frame[frame["run_id"].isna()]

    assert told(alone, "kind", "connector", "who", "detail") == [
        ("deleted", "shared_never", ["Ada Ample"], "of a connector that no read showed"),
        ("deleted", "Invoices", ["Carla Contrived"], "it failed"),
        ("shared", "Invoices", ["stranger@elsewhere.example"], "no difference was found"),
        ("saved", "Invoices", ["Ada Ample"], "no difference was found"),
    ]


def test_a_change_that_was_compared_has_its_verdict(logged: Engine) -> None:
    """Of definition and settings; what nobody compared has none."""
    with writing(logged) as connection:
        step = {"connector_id": INVOICES, "run_id": 3, "before_run": 1, "verdict": "breaking"}
        connection.execute(insert(models.DefinitionStep).values(**step))
    frame = log(logged)
    judged = frame[frame["severity"].notna()]

    assert told(judged, "connector_id", "run_id", "kind", "severity") == [
        (INVOICES, 3, "definition_changed", "breaking")
    ]


def test_the_newest_stands_first_and_old_ones_can_be_left_out(logged: Engine) -> None:
    """By when it was done, or found."""
    every, week = log(logged), log(logged, days=7)

    assert every["at"].is_monotonic_decreasing
    assert set(week["kind"]) < set(every["kind"])
    assert week["at"].min() > datetime(2026, 11, 9, 2, tzinfo=UTC)
    assert len(log(logged, run=1)) < len(every)


def test_a_connector_has_its_own_rows_only(logged: Engine) -> None:
    """And the same as the whole log tells of it."""
    every = log(logged)
    for connector in (INVOICES, PAYROLL, TWIN):
        mine = every[every["connector_id"] == connector].reset_index(drop=True)
        pd.testing.assert_frame_equal(log(logged, connector_id=connector), mine)


def test_without_rows_there_are_columns(store: Engine) -> None:
    """Of a store that knows no connector."""
    fill_runs_only(store)
    frame = log(store, run=1)

    assert frame.empty
    assert "why_unknown" in frame


def test_it_asks_as_often_however_many_there_are(logged: Engine) -> None:
    """For one connector, for all, and for none."""

    def asked(run: int, **some: Any) -> int:
        sent: list[str] = []
        with reading(logged) as connection:
            event.listen(connection, "before_cursor_execute", lambda *told: sent.append(told[2]))
            change_log(connection, moment(run), **some)
        return len(sent)

    assert asked(3) == asked(3, connector_id=INVOICES) == asked(1)


def test_the_simulated_tenant_names_who_edited(store: Engine, tmp_path: Path) -> None:
    """Each definition that changed in a week: by exactly those who edited it meanwhile."""
    with simulated(tmp_path) as tenant:
        tenant.collect(store)
        began = tenant.served.tenant.now
        for _ in range(3):
            tenant.post("advance", days=7)
            tenant.collect(store)
        truth = tenant.get("truth")
    with reading(store) as connection:
        now = latest(connection)
        assert now is not None
        frame = change_log(connection, now)
        query = "SELECT c.id, e.key, c.key FROM connectors c JOIN environments e ON e.id = c.environment_id"
        keys = {row[0]: (row[1], row[2]) for row in connection.exec_driver_sql(query)}
    names = {one["id"]: one["display_name"] for one in truth["people"]}
    done: dict[tuple[str, str], set[str]] = {}
    for one in truth["audit_events"]:
        if one["noun"] == "connector" and one["action"] == "edited" and one["told"]:
            key = one["environment_id"].casefold(), one["target"].casefold()
            if datetime.fromisoformat(one["at"]) > began:
                done.setdefault(key, set()).add(names[one["actor_id"]])
    changed = frame[(frame["kind"] == "definition_changed") & frame["told_by"].eq("audit_log")]
    found: dict[tuple[str, str], set[str]] = {}
    for connector, who in zip(changed["connector_id"], changed["who"], strict=True):
        found.setdefault(keys[connector], set()).update(who)

    every = {keys[one] for one in frame[frame["kind"] == "definition_changed"]["connector_id"]}

    assert len(found) > 1
    assert found == {key: done[key] for key in every & done.keys()}
    unknown = frame[frame["who"].str.len() == 0]
    assert unknown["why_unknown"].notna().all()
    assert frame[frame["who"].str.len() > 0]["why_unknown"].isna().all()
