"""The schedule on the page Runs and coverage: silent collectors are said first and plainly."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, insert
from streamlit.testing.v1 import AppTest

from connectory.database import writing
from models import ScheduleEvent

RUNS = "views/runs.py"
Shown = Callable[..., AppTest]


def armed(store: Engine, job: str, days: float, state: str = "armed", **values: object) -> None:
    """Put the newest row of a daily job into the ledger, so many days ago."""
    then = datetime.now(UTC) - timedelta(days=days)
    row = {"job": job, "cron": "0 2 * * *", "time_zone": "UTC", "due_at": then}
    with writing(store) as connection:
        connection.execute(
            insert(ScheduleEvent).values(**row, first_due_at=then, times=1, state=state, **values)
        )


def table(page: AppTest) -> list[dict[str, Any]]:
    """Return the rows of the schedule's table; none if it is not drawn."""
    frames = [element.value for element in page.dataframe if "cron" in element.value.columns]
    return [dict(row) for frame in frames for row in frame.to_dict("records")]


@pytest.mark.usefixtures("tenant")
def test_a_silent_collector_is_said_first(shown: Shown, sqlite_store: Engine) -> None:
    """A job nothing has come of for days stands in a banner, with what to do, and in the table."""
    armed(sqlite_store, "agents", 5)
    armed(sqlite_store, "ledgers", 0.02)
    armed(sqlite_store, "ledgers", 0.01, "failed", reason="[x](https://evil.example) refused")
    page = shown(RUNS)

    assert not page.exception
    (banner,) = page.warning
    assert "**agents** was due" in banner.value
    assert "last complete run: never" in banner.value
    assert "connectory schedule" in banner.value
    assert "ledgers" not in banner.value
    assert [(row["job"], *row["state"], *row["last_state"]) for row in table(page)] == [
        ("agents", "✕ Silent", "Not due yet"),
        ("ledgers", "✓ On time", "✕ Failed"),
    ]


@pytest.mark.usefixtures("tenant")
def test_what_came_of_due_moments_is_listed(shown: Shown, sqlite_store: Engine) -> None:
    """Also what nobody ran has its row, with the reason, the newest first."""
    armed(sqlite_store, "agents", 0.03)
    armed(sqlite_store, "agents", 0.02, "missed", reason="no scheduler ran at that time")
    page = shown(RUNS)
    rows = [f.value.to_dict("records") for f in page.dataframe if "first_due_at" in f.value.columns]

    assert not page.exception
    assert [row["state"][0] for row in rows[0]] == ["▲ Missed", "Not due yet"]
    assert rows[0][0]["reason"] == "no scheduler ran at that time"


@pytest.mark.usefixtures("tenant")
def test_what_is_on_time_raises_no_alarm(shown: Shown, sqlite_store: Engine) -> None:
    """A job just taken up is listed with its next due moment, and no banner is drawn."""
    armed(sqlite_store, "agents", 0.01)
    page = shown(RUNS)

    assert not page.warning
    assert [(row["job"], *row["state"]) for row in table(page)] == [("agents", "✓ On time")]


@pytest.mark.usefixtures("tenant")
def test_without_a_scheduler_nothing_is_said_of_it(shown: Shown) -> None:
    """Who collects by other means sees no schedule and no alarm."""
    page = shown(RUNS)

    assert not page.warning
    assert table(page) == []
    assert "Schedule" not in [header.value for header in page.header]


def test_silence_is_said_before_any_run(shown: Shown, sqlite_store: Engine) -> None:
    """A scheduler that never brought a run to its end is told on the empty page too."""
    armed(sqlite_store, "agents", 5)
    page = shown(RUNS)

    assert not page.exception
    assert "**agents** was due" in page.warning[0].value
