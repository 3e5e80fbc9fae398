"""What a connector's page says of use by day and of the audit log, and what it rests on."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import factories
import pytest
from factories_events import fill_events
from sqlalchemy import Engine, insert
from streamlit.testing.v1 import AppTest
from test_pages import said

import models
from connectory.database import writing

Shown = Callable[..., AppTest]
CONNECTOR = "views/connector.py"


def test_runs_and_launches_are_shown_with_their_evidence(tenant: Engine, shown: Shown) -> None:
    """Two plots that are never added, each with what it rests on and what was not read."""
    fill_events(tenant)
    app = shown(CONNECTOR, id="1", tab="Use by day")

    assert not app.exception
    assert len(app.get("plotly_chart")) == 2
    assert "Evidence: runs of flows that use it (1 flow)" in said(app)
    assert (
        "14 runs in 3 days: 10 succeeded, 1 failed, 1 cancelled, 1 under way, 1 ended otherwise"
        in said(app)
    )
    assert "Not every flow was read on 25 days" in said(app)
    assert "Evidence: launches of apps that use it (1 app)" in said(app)
    opened = app.dataframe[-1].value
    assert list(opened["launches"]) == [2, 1]
    assert list(opened["days"]) == [1, 1]


def test_what_was_not_read_is_no_zero(tenant: Engine, shown: Shown) -> None:
    """Without counts and without a log the page says so, and draws no line at the bottom."""
    assert tenant is not None
    app = shown(CONNECTOR, id="1", tab="Use by day")

    assert not app.get("plotly_chart")
    assert "Flow runs were not read" in said(app)
    assert "The audit log was not read" in said(app)


def test_a_connector_nobody_uses_has_nothing_to_count(tenant: Engine, shown: Shown) -> None:
    """No flow and no app is a fact, not a gap."""
    fill_events(tenant)
    app = shown(CONNECTOR, id="3", tab="Use by day")

    assert "No flow uses it" in said(app)
    assert "No app uses it" in said(app)


def test_the_story_tells_who_did_what(tenant: Engine, shown: Shown) -> None:
    """Entries of the log beside the changes, failed attempts marked, and what of the log is lost."""
    fill_events(tenant)
    app = shown(CONNECTOR, id="1", tab="History")
    text = said(app).replace("\\", "")

    assert "by Ada Ample" in text
    assert "by Carla Contrived, which failed" in text
    assert "flow Pay the bills by Ada Ample" in text
    assert "What it handed out from 8 Nov 2026 to 10 Nov 2026 had expired and is lost" in text
    assert "Opened" not in text


def test_what_was_asked_for_afterwards_is_not_lost(tenant: Engine, shown: Shown) -> None:
    """A hole that a query filled is told as such, and its days have their counts."""
    fill_events(tenant)
    hole = {
        "from_at": datetime(2026, 11, 8, tzinfo=UTC),
        "to_at": datetime(2026, 11, 10, tzinfo=UTC),
    }
    with writing(tenant) as connection:
        row = {"query_key": "one", "state": "filled", "records": 0, "asked_at": hole["to_at"]}
        connection.execute(insert(models.AuditQuery).values(**row, **hole, run_id=3))
    app = shown(CONNECTOR, id="1", tab="History")
    text = said(app).replace("\\", "")

    assert "from 8 Nov 2026 to 10 Nov 2026 had expired and was asked for afterwards" in text
    assert "is lost" not in text


@pytest.mark.parametrize("tab", ["Use by day", "History"])
def test_a_log_nobody_subscribed_to_says_which_command_helps(
    tenant: Engine, shown: Shown, tab: str
) -> None:
    """The gap is told where its figures would be, with its cure."""
    reason = "refused: the audit log is not subscribed to; run: connectory audit start"
    with writing(tenant) as connection:
        step = connection.scalar(
            insert(models.Step)
            .values(run_id=3, collector="audit", state="failed", reason=reason,
                    started_at=factories.RUN_TIMES[2])
            .returning(models.Step.id)
        )  # fmt: skip
        connection.execute(
            insert(models.StepSource).values(
                step_id=step, source="activity_feed", outcome="refused", reason=reason, rows=0
            )
        )
    app = shown(CONNECTOR, id="1", tab=tab)

    assert "connectory audit start" in said(app)
