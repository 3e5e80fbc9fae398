from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pandas as pd
import pytest
from factories import fill, moment
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine, update

from connectory.database import reading, writing
from connectory.domain.connection_facts import ConnectionRules
from connectory.licensing_settings import LicensingSettings
from connectory.queries.export import VIEWS, rows, to_csv, to_json
from models import ConnectorVersion

_NAMES = {
    "ownership",
    "stewards",
    "steward_log",
    "connectors",
    "connections",
    "connection_references",
    "connection_findings",
    "connection_checks",
    "flows",
    "apps",
    "agents",
    "reconciliation",
    "disagreements",
    "environments",
    "people",
    "permissions",
    "asset_permissions",
    "licences",
    "licences_needed",
    "cost_by_connector",
    "cost_by_department",
    "cost_by_environment",
    "plan_lines",
    "savings",
    "prices",
    "billing_policies",
    "allocations",
    "credentials",
    "data_policies",
    "policy_answers",
    "operations",
    "consumers",
    "flow_runs",
    "audit_events",
    "app_launches",
    "calls_by_connector",
    "calls_by_operation",
    "calls_by_caller",
    "calls_by_consumer",
    "never_called",
    "connectors_not_called",
    "usage_by_source",
    "unmatched_calls",
    "busiest_minutes",
    "bursts",
    "log_files",
    "call_gaps",
    "changes",
    "change_log",
    "connector_uses",
    "drift_board",
    "upstream",
    "stale",
    "runs",
    "coverage",
}


OF_CALLS = {
    "calls_by_connector",
    "calls_by_operation",
    "calls_by_caller",
    "calls_by_consumer",
    "never_called",
    "unmatched_calls",
    "busiest_minutes",
    "bursts",
    "log_files",
    "call_gaps",
}
"""Views of what logs tell; the small tenant has none (test_calls_query.py)."""
OF_DRIFT = {"drift_board", "upstream"}
"""Views of what was compared, which the small tenant was not (test_drift_query.py)."""


OF_STALENESS = {"stale"}
"""Views of verdicts that the small tenant has none of (test_stale_query.py)."""
OF_STEWARDS = {"stewards", "steward_log"}
"""Views of what people decided, who decided nothing there (test_owner_gaps_query.py)."""


def cells(text: str) -> list[list[str]]:
    """Read CSV back as a spreadsheet would."""
    return list(csv.reader(io.StringIO(text, newline="")))


def test_every_view_is_there() -> None:
    """The names are those that commands and pages offer."""
    assert set(VIEWS) == _NAMES


@pytest.mark.parametrize("view", sorted(_NAMES - OF_CALLS - OF_DRIFT - OF_STALENESS - OF_STEWARDS))
def test_a_view_has_the_same_columns_with_and_without_rows(
    tenant: Connection, nothing: Connection, view: str
) -> None:
    """A program that reads an export can rely on its columns and their types."""
    full, none = VIEWS[view](tenant, moment(3)), VIEWS[view](nothing, moment(1))

    assert not full.empty
    assert none.dtypes.equals(full.dtypes)
    assert cells(to_csv(full))[0] == list(none.columns)
    assert len(cells(to_csv(full))) == len(full) + 1
    assert len(json.loads(to_json(full))) == len(full)


@pytest.mark.parametrize(
    ("view", "rows"),
    [
        ("connectors", 6),
        ("connections", 4),
        ("connection_references", 2),
        ("connection_findings", 6),
        ("connection_checks", 22),  # eleven kinds in two environments
        ("flows", 3),
        ("apps", 2),
        ("agents", 1),
        ("reconciliation", 6),
        ("disagreements", 1),
        ("environments", 2),
        ("people", 6),
        ("permissions", 8),  # of the eight of connectors that are not gone
        ("asset_permissions", 4),
        ("data_policies", 4),
        ("policy_answers", 3),
        ("licences", 3),
        ("licences_needed", 1),
        ("cost_by_connector", 2),
        ("cost_by_department", 1),
        ("cost_by_environment", 1),
        ("plan_lines", 2),
        ("savings", 1),
        ("prices", 8),
        ("billing_policies", 2),
        ("allocations", 1),
        ("credentials", 2),
        ("operations", 10),  # five of Invoices with the missing one, three of its twin, one each
        ("consumers", 9),
        ("flow_runs", 4),
        ("audit_events", 9),
        ("usage_by_source", 3),  # runs, launches and links: no log tells a call
        ("changes", 6),
        ("ownership", 6),
        ("runs", 3),  # not the one after the moment
        ("coverage", 1),
    ],
)
def test_a_view_has_every_row_of_the_moment(tenant: Connection, view: str, rows: int) -> None:
    """No view is cut, and none has a row twice."""
    assert len(VIEWS[view](tenant, moment(3))) == rows


@pytest.mark.parametrize("first", ["=", "+", "-", "@", "\t", "\r", "\n"])
def test_a_text_that_looks_like_a_formula_is_neutralised(first: str) -> None:
    """A spreadsheet shows the text instead of computing it."""
    frame = pd.DataFrame({"name": [f'{first}HYPERLINK("x")'], "list": [[f"{first}1", "b"]]})

    assert cells(to_csv(frame))[1] == [f'\'{first}HYPERLINK("x")', f"'{first}1; b"]


def test_numbers_are_no_formulas() -> None:
    """A negative number stays a number."""
    frame = pd.DataFrame({"count": [-5], "seconds": [-0.5]})

    assert cells(to_csv(frame))[1] == ["-5", "-0.5"]


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_any_text_comes_back_from_csv(text: str) -> None:
    """Quotes, separators and foreign letters survive; only an apostrophe may have been added."""
    frame = pd.DataFrame({"name": pd.Series([text], dtype=object), "end": ["x"]})
    (told, end) = cells(to_csv(frame))[1]

    assert told.removeprefix("'") == text.removeprefix("'")
    assert not told.startswith(("=", "+", "-", "@", "\t", "\r", "\n"))
    assert end == "x"


def test_every_kind_of_value_is_written() -> None:
    """Times are ISO 8601 with their zone, missing values empty, lists joined."""
    frame = pd.DataFrame(
        {
            "at": pd.Series([datetime(2026, 11, 2, 2, tzinfo=UTC), None]),
            "number": pd.array([3, None], dtype="Int64"),
            "flag": pd.array([True, None], dtype="boolean"),
            "list": [["a", "b"], []],
            "money": pd.Series([Decimal("-12.5"), None], dtype=object),
            "text": pd.Series(["ü", None], dtype=object),
        }
    )

    assert cells(to_csv(frame))[1:] == [
        ["2026-11-02T02:00:00+00:00", "3", "true", "a; b", "-12.50", "ü"],
        ["", "", "", "", "", ""],
    ]
    assert json.loads(to_json(frame)) == [
        {
            "at": "2026-11-02T02:00:00+00:00",
            "number": 3,
            "flag": True,
            "list": ["a", "b"],
            "money": "-12.50",
            "text": "ü",
        },
        {"at": None, "number": None, "flag": None, "list": [], "money": None, "text": None},
    ]


def test_a_frame_without_rows_is_written(nothing: Connection) -> None:
    """CSV has the heads alone, JSON an empty array."""
    frame = VIEWS["connectors"](nothing, moment(1))

    assert len(cells(to_csv(frame))) == 1
    assert json.loads(to_json(frame)) == []


@pytest.mark.parametrize("write", [to_csv, to_json])
def test_names_from_the_tenant_cannot_break_out(
    sqlite_store: Engine, write: Callable[[pd.DataFrame], str]
) -> None:
    """A name of quotes, lines and formulas stays one value of one row."""
    hostile = '=cmd|"/c calc"!A1\n","x</script>\u2028'
    fill(sqlite_store)
    with writing(sqlite_store) as connection:
        connection.execute(
            update(ConnectorVersion)
            .where(ConnectorVersion.connector_id == 3)
            .values(display_name=hostile)
        )
    with reading(sqlite_store) as connection:
        text = write(VIEWS["connectors"](connection, moment(3)))

    if write is to_json:
        assert hostile in [row["display_name"] for row in json.loads(text)]
    else:
        assert f"'{hostile}" in [row[1] for row in cells(text)]
        assert {len(row) for row in cells(text)} == {32}


def test_views_of_licences_are_at_the_prices_of_the_settings(
    tenant: Connection, tmp_path: Path
) -> None:
    """Amounts are exact, as texts in JSON and without an apostrophe in CSV."""
    own = tmp_path / "own.toml"
    own.write_text(
        'schema = 1\n[[plan]]\nid = "fl_premium"\nkind = "user"\n'
        '[[plan.line]]\nsince = 2020-01-01\nprice = "13.375"\n'
    )
    settings = LicensingSettings(price_book=str(own))
    told = rows(tenant, moment(3), "plan_lines", ConnectionRules(), licensing=settings)

    assert [row["monthly"] for row in json.loads(to_json(told))] == ["13.375", "10.00"]
    assert [row[3:] for row in cells(to_csv(told))[1:]] == [
        ["13.375", "13.375"],
        ["10.00", "10.00"],
    ]


def test_a_negative_amount_is_no_formula() -> None:
    """A decimal stays a number whatever its sign."""
    frame = pd.DataFrame({"more": [Decimal("-450.4")]})

    assert cells(to_csv(frame))[1] == ["-450.40"]
