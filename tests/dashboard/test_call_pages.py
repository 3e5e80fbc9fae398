"""Usage, Health and the Calls of a connector, in Streamlit's own test runner."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from factories import BRUNO, CARLA, INVOICES, PAYROLL
from factories_calls import call, fill_calls, fill_sources
from sqlalchemy import Engine, text
from streamlit.testing.v1 import AppTest

from collectors.telemetry.call import Calls
from collectors.telemetry.keeping import Keeper
from connectory.database import writing
from dashboard.parts.text import NOTHING

Shown = Callable[..., AppTest]
USAGE, HEALTH, CONNECTOR = "views/usage.py", "views/health.py", "views/connector.py"
TABS = {USAGE: "show", HEALTH: "view"}


def said(page: AppTest) -> str:
    """Everything a page says in Markdown."""
    parts = [*page.title, *page.header, *page.markdown, *page.caption, *page.warning]
    return "\n".join(str(part.value) for part in parts)


def metrics(page: AppTest) -> dict[str, str]:
    """Return the key figures of a page."""
    return {one.label: str(one.value) for one in page.metric}


@pytest.mark.parametrize("page", [USAGE, HEALTH])
@pytest.mark.usefixtures("tenant")
def test_without_a_log_a_page_says_where_calls_would_come_from(shown: Shown, page: str) -> None:
    """No zero stands for what nobody told."""
    app = shown(page)

    assert not app.exception
    assert "No log of calls is read yet" in said(app)
    assert not app.metric


def test_usage_tells_who_called(shown: Shown, tenant: Engine) -> None:
    """Figures, plots and tables, each with what they rest on."""
    fill_calls(tenant)
    app = shown(USAGE)

    assert not app.exception
    assert not app.error
    assert metrics(app)["Calls"] == "7"
    assert metrics(app)["Callers"] == "2"
    assert metrics(app)["Unmatched"] == "1 call"
    assert (
        "Counted from access logs of backends (2 days) (evidence: call), in 28 days from"
        in said(app)
    )
    assert "No log before 14 Nov." in said(app)
    assert "1 file of access logs with 6 different calls" in said(app)
    assert "1 line could not be read" in said(app)
    assert "Invoices" in list(app.dataframe[0].value["connector"])


def test_health_tells_how_calls_fail(shown: Shown, tenant: Engine) -> None:
    """Failed calls, and how near a connection came to its limit."""
    fill_calls(tenant)
    app = shown(HEALTH)

    assert not app.exception
    assert not app.error
    assert metrics(app) == {
        "Failed": "2",
        "Throttled": "1",
        "Timed out": "0",
        "Busiest minute": "5",
        "Largest response": "90 kB",
    }


def test_a_connector_has_its_own_calls(shown: Shown, tenant: Engine) -> None:
    """Of others nothing is shown; one nobody called is said to have none that is known."""
    fill_calls(tenant)
    app = shown(CONNECTOR, id=str(INVOICES), tab="Calls")
    other = shown(CONNECTOR, id="2", tab="Calls")

    assert not app.exception
    assert "GetBill" in list(app.dataframe[0].value["operation"])
    assert "No call is known" in said(other)
    assert other.dataframe[0].value["evidence"].tolist() == ["reference"]


def tab(page: AppTest, place: int = 0) -> list[dict[str, object]]:
    """Return the rows of a table of a page."""
    return page.dataframe[place].value.to_dict("records")


@pytest.mark.parametrize(
    ("page", "name", "column", "expected"),
    [
        (USAGE, "Operations", "operation", ["GetBill", "RunPayroll", "GetInvoice", "GetOld"]),
        (USAGE, "Not called", "connector", ["Scratch", "Vanishing", "Weather and tides"]),
        (USAGE, "Sources", "calls", [6, 9, 54, 109, 4]),
        (USAGE, "Not matched", "calls", [1, 1]),
        (USAGE, "Callers", "name", ["Nobody named", "carla@invented.example",
                                    "ann@invented.example", "bob@invented.example"]),
        (HEALTH, "Failures", "errors", [5]),
        (HEALTH, "Limit", "calls", [7, 6, 1]),  # the one to nowhere came by that connection too
        (HEALTH, "Sizes", "largest_response", [7, 1, 1, 1]),
        (HEALTH, "Retries", "retries", [8]),
        (HEALTH, "Deprecated", "operation", ["GetOld"]),
    ],
)  # fmt: skip
def test_each_part_has_its_rows(
    shown: Shown, tenant: Engine, page: str, name: str, column: str, expected: list[object]
) -> None:
    """Of four sources that tell of three connectors; nothing is added across them."""
    fill_sources(tenant)
    app = shown(page, **{TABS[page]: name})

    assert not app.exception
    assert not app.error
    assert [row[column] for row in tab(app)] == expected


@pytest.mark.parametrize(
    ("page", "name", "first"),
    [
        (USAGE, "Connectors", ["connector", "calls", "errors"]),
        (USAGE, "Operations", ["operation", "calls", "errors"]),
        (USAGE, "Not matched", ["path", "calls"]),
        (HEALTH, "Slowest", ["operation", "p95", "calls"]),
        (HEALTH, "Limit", ["connector", "calls", "share"]),
    ],
)
def test_figures_stand_before_what_they_rest_on(
    shown: Shown, tenant: Engine, page: str, name: str, first: list[str]
) -> None:
    """A phone shows the first columns of a table: its figures, and not their evidence."""
    fill_sources(tenant)
    table = shown(page, **{TABS[page]: name}).dataframe[0]
    columns = list(table.proto.column_order)

    assert columns[: len(first)] == first
    assert [one for one in columns[-2:] if one != "evidence"][-1] == "source"
    assert set(columns) <= set(table.value.columns)


def test_what_was_not_called_is_told_of_the_days_that_are_shown(
    shown: Shown, tenant: Engine
) -> None:
    """Connectors of which no log tells, then operations of the others."""
    fill_sources(tenant)
    app = shown(USAGE, show="Not called", period="7 days")
    headers = [str(one.value) for one in app.header]

    assert not app.exception
    assert metrics(app)["Connectors"] == "3 of 6"
    assert "Connectors not called in 7 days" in headers
    assert "Operations not called in 7 days" in headers
    assert [row["operation"] for row in tab(app, 1)] == ["ListInvoices", "Ping", "GetInvoice"]


def test_a_pseudonym_is_no_further_account(shown: Shown, tenant: Engine) -> None:
    """Of three that are named, Application Insights alone names one."""
    fill_sources(tenant)
    app = shown(USAGE, show="Callers")
    (card,) = [one for one in app.metric if one.label == "Callers"]

    assert (card.value, card.delta) == ("2", "+1 pseudonym")
    assert [row["kind"] for row in tab(app)][1:] == ["Pseudonym", "Account", "Account"]
    assert "20.8% of calls name neither account nor flow or app." in said(app)  # 5 of 24


def test_an_account_that_left_is_marked(shown: Shown, tenant: Engine) -> None:
    """Somebody still signs in as one who is gone: that is what an admin looks for."""
    fill_sources(tenant)
    told = [call(14, "left", caller=CARLA, weight=99), call(14, "off", caller=BRUNO, weight=98)]
    Keeper("access_logs", lambda: writing(tenant)).add(Calls.of(told))
    with writing(tenant) as connection:
        connection.execute(text("UPDATE call_endpoints SET connector_id = :one"), {"one": PAYROLL})
    kinds = {row["name"]: row["kind"] for row in tab(shown(USAGE, show="Callers"))}

    assert (kinds[CARLA], kinds[BRUNO]) == ("Account, gone", "Account, disabled")


def test_where_a_log_names_nobody_stands_a_dash_with_its_reason(
    shown: Shown, tenant: Engine
) -> None:
    """No zero: somebody called. Of Invoices accounts are named, of the twin nobody is."""
    fill_sources(tenant)
    app = shown(USAGE)
    told = app.dataframe[0].value.set_index("connector")[["callers", "consumers"]]

    assert told["callers"].notna().tolist() == [True, False, False]
    assert not told.eq(0).any(axis=None)
    assert (
        "A dash under Callers or Consumers: the log that counts these calls names nobody"
        in said(app)
    )


def test_logs_that_name_no_account_leave_the_figure_unknown(shown: Shown, tenant: Engine) -> None:
    """And no table of them shows a zero."""
    Keeper("access_logs", lambda: writing(tenant)).add(Calls.of([call(14, "nameless")]))
    with writing(tenant) as connection:
        connection.execute(
            text(
                "UPDATE call_endpoints SET connector_id = :invoices, operation_id = 'GetBill', "
                "matched_by = 'path'"
            ),
            {"invoices": INVOICES},
        )
    app = shown(USAGE, show="Operations")

    assert not app.exception
    assert (metrics(app)["Calls"], metrics(app)["Callers"]) == ("1", NOTHING)
    assert pd.isna(tab(app)[0]["callers"])
    assert "A dash under Callers: the log that counts these calls names nobody" in said(app)


def test_failures_are_told_by_their_kind(shown: Shown, tenant: Engine) -> None:
    """Those of one kind come first, and a connector without any of it is not among them."""
    fill_sources(tenant)
    Keeper("gateway_logs", lambda: writing(tenant)).add(
        Calls.of([call(15, "slow", address="pay.example", status=504, weight=90)])
    )
    with writing(tenant) as connection:
        connection.execute(
            text(
                "UPDATE call_endpoints SET connector_id = :one, operation_id = 'Pay' WHERE "
                "target_id = (SELECT id FROM call_targets WHERE address = 'pay.example' "
                "AND source = 'gateway_logs')"
            ),
            {"one": PAYROLL},
        )
    app = shown(HEALTH, view="Failures")
    every = [row["errors"] for row in tab(app)]
    app.segmented_control(key="failures.by").set_value("timed_out").run()

    assert every == sorted(every, reverse=True)
    assert len(every) > 1
    assert [row["timed_out"] for row in tab(app)] == [90]


def test_operations_of_a_few_calls_are_not_the_slowest(shown: Shown, tenant: Engine) -> None:
    """With 26 calls of 0.1 s an operation stands before one with a single call of 9 s."""
    fill_calls(tenant)
    Keeper("access_logs", lambda: writing(tenant)).add(
        Calls.of([call(14, "many", weight=20), call(14, "slow", path="/slow", duration=9_000_000)])
    )
    with writing(tenant) as connection:
        connection.execute(
            text(
                "UPDATE call_endpoints SET connector_id = 1, operation_id = 'Ping', "
                "matched_by = 'path' WHERE path = '/slow'"
            )
        )
    app = shown(HEALTH)

    assert [row["operation"] for row in tab(app)] == ["GetBill", "Ping"]


def test_an_action_that_belongs_to_nothing_stands_by_its_name(shown: Shown, tenant: Engine) -> None:
    """It has no host and no method: only its flow, its environment and its own name."""
    fill_calls(tenant)
    Keeper("flow_actions", lambda: writing(tenant)).add(
        Calls.of([
            call(15, "p", address="place", environment="place", method="ACTION",
                 path="/flow-9/Send_the_bill", weight=7)
        ])
    )  # fmt: skip
    app = shown(USAGE, show="Not matched")
    first = tab(app)[0]

    assert metrics(app)["Unmatched"] == "7 actions"
    assert first["path"] == "Send_the_bill"
    assert pd.isna(first["address"])
    assert "7 actions of flow actions in App Insights" in said(shown("views/runs.py"))


def test_where_a_log_names_no_connection_a_minute_is_of_all_of_the_host(
    shown: Shown, tenant: Engine
) -> None:
    """And the page of the connector says the same."""
    fill_calls(tenant)
    app = shown(HEALTH, view="Limit")
    one = shown(CONNECTOR, id=str(INVOICES), tab="Calls", period="7 days")

    assert [row["connection"] for row in tab(app)] == ["all of the host"]
    assert "Busiest minute: 5 calls to its host on 14 Nov 2026, 12:00 UTC" in said(one)
    assert "in 7 days from" in said(one)
    assert "of access logs with" not in said(one)


def test_the_line_to_the_limit_leaves_quiet_weekdays_out(shown: Shown, tenant: Engine) -> None:
    """Ten calls a day more, but one on weekends: 130 on the 13th, 500 after 37 days more."""
    fill_calls(tenant)
    rising = [
        call(day, f"rising {day}", minute=60, weight=10 * day if day % 7 not in {0, 1} else 1)
        for day in range(1, 14)
    ]
    Keeper("gateway_logs", lambda: writing(tenant)).add(
        Calls.of([*rising, call(15, "last", minute=60)])
    )
    with writing(tenant) as connection:
        connection.execute(
            text("UPDATE call_endpoints SET connector_id = :one, operation_id = 'GetBill'"),
            {"one": INVOICES},
        )
    app = shown(HEALTH, view="Limit")
    (row,) = tab(app)

    assert row["reached"] == "20 Dec 2026"
    assert "less than half as busy as the busiest one" in said(app)


def test_consumers_stand_by_their_names(shown: Shown, tenant: Engine) -> None:
    """Not by the ids that logs tell, where the store knows them."""
    fill_sources(tenant)
    app = shown(USAGE, show="Callers")

    assert [row["name"] for row in tab(app, 1)] == ["None named", "Expense desk", "Pay the bills"]


def test_ignored_connectors_are_in_no_figure(
    shown: Shown, tenant: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The page says how many are left out, as other pages do."""
    place = tmp_path / "config.toml"
    place.write_text('[ignore]\nnames = {"pay*" = "Tests"}\n', encoding="utf-8")
    monkeypatch.setenv("CONNECTORY_CONFIG", str(place))
    fill_sources(tenant)
    usage, health = shown(USAGE), shown(HEALTH, view="Limit")

    assert (metrics(usage)["Calls"], metrics(usage)["Connectors"]) == ("17", "2 of 5")
    assert metrics(health)["Busiest minute"] == "6"
    for app in (usage, health):
        assert "1 connector left out by the settings" in said(app)


def test_the_export_is_of_the_days_that_are_shown(shown: Shown, tenant: Engine) -> None:
    """And says so, whichever view of calls is chosen."""
    fill_sources(tenant)
    week, usual = shown(USAGE, period="7 days"), shown(USAGE)
    usual.selectbox(key="export.calls_by_connector").set_value("connectors").run()

    assert "All rows of calls in the 7 whole days before this run" in said(week)
    assert "All rows as of this run" in said(usual)


def test_a_hostile_name_in_a_log_stays_words(shown: Shown, tenant: Engine) -> None:
    """What a log says is shown and never obeyed."""
    fill_calls(tenant)
    with writing(tenant) as connection:
        connection.execute(
            text("UPDATE call_callers SET key = '![x](https://evil.example)' WHERE key LIKE 'ann%'")
        )
    app = shown(USAGE)

    assert not app.exception
    assert "](https://evil.example)" not in said(app)


def lose_some(tenant: Engine) -> None:
    """Let two days of a gateway's log be lost, in the middle of what is told."""
    with writing(tenant) as connection:
        connection.execute(
            text(
                "INSERT INTO call_gaps (source, log, name, from_at, to_at, reason, run_id) VALUES "
                "('gateway_logs', 'place', 'main', :first, :last, 'rows are kept for 30 days', 3)"
            ),
            {"first": "2026-11-10 00:00:00", "last": "2026-11-12 00:00:00"},
        )
        connection.execute(
            text(
                "INSERT INTO call_reads (source, log, name, read_to, run_id) "
                "VALUES ('gateway_logs', 'place', 'main', '2026-11-15 02:00:00', 3)"
            )
        )


@pytest.mark.parametrize("page", [USAGE, HEALTH])
def test_what_is_lost_is_said_beside_the_figures(shown: Shown, tenant: Engine, page: str) -> None:
    """Figures leave it out, and nobody is to take that for quiet days."""
    fill_calls(tenant)
    lose_some(tenant)
    app = shown(page)

    assert not app.exception
    assert "1 part of these days cannot be read any more" in said(app)


@pytest.mark.parametrize("page", [USAGE, HEALTH])
def test_nothing_is_said_of_what_is_not_lost(shown: Shown, tenant: Engine, page: str) -> None:
    """Where every log was read, or the days that are shown are others."""
    fill_calls(tenant)

    assert "cannot be read any more" not in said(shown(page))


def test_the_runs_page_tells_how_far_each_log_was_read(shown: Shown, tenant: Engine) -> None:
    """With what of it is lost, and what belongs to nothing."""
    fill_calls(tenant)
    lose_some(tenant)
    app = shown("views/runs.py")
    told = next(one.value for one in app.dataframe if "lost_to" in one.value)

    assert not app.exception
    assert told["source"].tolist() == ["API Management gateway log", "Access logs of backends"]
    assert told["lost"].tolist() == [1, 0]
    assert told["bad_lines"].tolist()[1] == 1
    assert "1 call of access logs of backends (no connector that was read calls this host)" in said(
        app
    )
