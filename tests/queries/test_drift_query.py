"""The drift board, comparisons with what was accepted, new versions, and connectors by name."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from factories import FINANCE, INVOICES, PAYROLL, TWIN, moment
from factories_drift import NOW, assessed, fill_drift
from sqlalchemy import Connection, Engine, event

from connectory.actions.accepting import accept, withdraw
from connectory.database import reading
from connectory.domain.drift.api import Api
from connectory.drift_settings import DriftSettings
from connectory.queries.api_at import NoSuchApi, api_at
from connectory.queries.attention import attention
from connectory.queries.drift_board import drift_board
from connectory.queries.drift_changes import comparison, comparison_rows, definition_steps
from connectory.queries.moments import Moment

NOW_AT = moment(3)
TOMORROW = NOW.date() + timedelta(days=30)


@pytest.fixture(scope="module")
def drifted(module_store: Engine) -> Engine:
    """The small tenant, assessed; what tests accept they withdraw."""
    fill_drift(module_store)
    assessed(module_store)
    return module_store


@pytest.fixture
def tenant(drifted: Engine) -> Iterator[Connection]:
    """A reading transaction on it."""
    with reading(drifted) as connection:
        yield connection


def board(engine: Engine, *, today: date | None = None, **told: Any) -> dict[str, dict[str, Any]]:
    """Return the rows of the board by environment, of the family of Invoices."""
    with reading(engine) as connection:
        settings = DriftSettings.model_validate(told)
        rows = drift_board(connection, NOW_AT, settings, today=today)
    return {
        row["environment"]: row
        for row in rows.to_dict("records")
        if row["family"] == "title:invoices"
    }


def open_rows(engine: Engine, connector: int = TWIN, at: Moment = NOW_AT) -> dict[str, Any]:
    """Return the breaking change of a connector against its reference."""
    number = int(board(engine)["Sandbox"]["comparison_id"])
    with reading(engine) as connection:
        rows = comparison_rows(connection, number, connector, at)
    (row,) = [row for row in rows.to_dict("records") if row["severity"] == "breaking"]
    return {str(name): value for name, value in row.items()} | {"comparison_id": number}


@pytest.fixture
def accepting(drifted: Engine) -> Iterator[Callable[..., tuple[int, ...]]]:
    """A function that accepts the breaking change; it is withdrawn at the end."""
    row = open_rows(drifted)
    numbers: list[int] = []

    def decide(**told: Any) -> tuple[int, ...]:
        usual = {"until": TOMORROW, "reason": "Sandbox lags on purpose", "author": "Ada",
                 "now": NOW}  # fmt: skip
        scope = {} if "family_key" in told else {"connector_id": TWIN}
        found = accept(
            drifted,
            comparison_id=row["comparison_id"],
            fingerprints=[row["fingerprint"]],
            **{**usual, **scope, **told},
        )
        numbers.extend(found)
        return found

    yield decide
    if numbers and board(drifted)["Sandbox"]["accepted"]:
        withdraw(drifted, numbers, reason="the test is over", author="Ada", now=NOW)


def test_a_family_is_told_by_environment(drifted: Engine) -> None:
    """The reference and each other member, with counts of what differs, and when it changed."""
    found = board(drifted)
    sandbox, finance = found["Sandbox"], found["Finance"]

    assert set(found) == {"Sandbox", "Finance"}
    assert (finance["connector_id"], finance["is_reference"], finance["state"]) == (
        INVOICES, True, "same",
    )  # fmt: skip
    assert finance["environment_type"] == "Production"
    assert finance["reference_reason"] == "Finance is the production environment"
    assert (sandbox["connector_id"], sandbox["state"], sandbox["against_connector_id"]) == (
        TWIN, "breaking", INVOICES,
    )  # fmt: skip
    counts = ("breaking", "risky", "compatible", "cosmetic", "expected", "accepted", "open")
    assert [sandbox[name] for name in counts] == [1, 0, 1, 1, 1, 0, 1]
    assert finance["changed_at"] == NOW_AT.read_at
    assert str(sandbox["changed_at"]) == "NaT"


def test_a_member_is_missed_in_its_chain(drifted: Engine) -> None:
    """Where the settings declare one; connectors without family are told there too."""
    chained = {"chains": [["Finance", "Sandbox"]]}
    found = board(drifted, chains=[["Finance", "Sandbox", "Nowhere"]])
    with reading(drifted) as connection:
        rows = drift_board(connection, NOW_AT, DriftSettings.model_validate(chained))
        kept_apart = drift_board(
            connection, NOW_AT, DriftSettings.model_validate(chained), left_out=[PAYROLL]
        )
    missing = rows[rows["state"] == "missing"].to_dict("records")

    assert set(found) == {"Finance", "Sandbox"}
    payroll = next(row for row in missing if row["family_name"] == "Payroll")
    assert (payroll["environment"], payroll["against_connector_id"]) == ("Sandbox", PAYROLL)
    assert rows[rows["state"] == "missing"]["connector_id"].isna().all()
    assert "Payroll" not in set(kept_apart["family_name"])


def test_a_past_moment_keeps_its_board(drifted: Engine) -> None:
    """Before the first assessment nothing was answered."""
    with reading(drifted) as connection:
        assert drift_board(connection, moment(2)).empty


def test_what_a_comparison_found_is_told(tenant: Connection) -> None:
    """As a whole and change by change, the worst first."""
    number = int(drift_board(tenant, NOW_AT)["comparison_id"].dropna().iloc[0])
    told = comparison(tenant, number)
    rows = comparison_rows(tenant, number, TWIN, NOW_AT)

    assert told is not None
    assert (told.purpose, told.verdict, told.breaking, told.cut) == (
        "environments", "breaking", 1, False,
    )  # fmt: skip
    assert rows["rule"].tolist() == ["operation-removed", "operation-added", "host-changed"]
    first = rows.iloc[0]
    assert (first["operation_id"], first["method"], first["path"]) == (
        "ListInvoices", "GET", "/invoices",
    )  # fmt: skip
    assert not first["accepted"]
    assert rows["expected"].notna().tolist() == [False, False, True]
    assert rows["before"].tolist()[2] == '"invoices.example"'
    assert comparison(tenant, 10_000) is None
    assert comparison_rows(tenant, 10_000, TWIN, NOW_AT).empty


def test_what_is_accepted_is_marked_and_no_longer_open(
    drifted: Engine, accepting: Callable[..., Any]
) -> None:
    """It keeps its state, and whoever looks sees by whom, why and until when."""
    accepting()
    row, sandbox = open_rows(drifted), board(drifted)["Sandbox"]

    assert (sandbox["state"], sandbox["accepted"], sandbox["open"]) == ("breaking", 1, 0)
    assert (row["accepted"], row["accepted_for"]) == (True, "connector")
    assert (row["accepted_by"], row["accepted_reason"], row["accepted_until"]) == (
        "Ada", "Sandbox lags on purpose", TOMORROW.isoformat(),
    )  # fmt: skip
    assert row["accepted_at"].to_pydatetime() == NOW
    assert not open_rows(drifted, INVOICES)["accepted"]


def test_a_family_accepts_for_all_its_members(
    drifted: Engine, accepting: Callable[..., Any]
) -> None:
    """Also where a member looks at it that did not."""
    accepting(family_key="title:invoices")

    assert open_rows(drifted)["accepted_for"] == "family"
    assert open_rows(drifted, INVOICES)["accepted"]
    assert board(drifted)["Sandbox"]["open"] == 0


def test_an_acceptance_ends_with_its_day(drifted: Engine, accepting: Callable[..., Any]) -> None:
    """The last day still counts; the day after it is open again."""
    accepting(until=NOW.date() + timedelta(days=1))

    assert board(drifted, today=NOW.date() + timedelta(days=1))["Sandbox"]["open"] == 0
    assert board(drifted, today=NOW.date() + timedelta(days=2))["Sandbox"]["open"] == 1


def test_a_decision_belongs_to_the_run_before_it(
    drifted: Engine, accepting: Callable[..., Any]
) -> None:
    """What was accepted after run 3 was open at run 2, whatever one looks at today."""
    accepting()

    assert open_rows(drifted)["accepted"]
    assert not open_rows(drifted, at=moment(2))["accepted"]


def test_what_is_withdrawn_is_open_again(
    drifted: Engine, accepting: Callable[..., tuple[int, ...]]
) -> None:
    """From the moment on at which it was withdrawn."""
    numbers = accepting()
    withdraw(drifted, numbers, reason="not any more", author="Bruno", now=NOW)

    assert board(drifted)["Sandbox"]["open"] == 1
    assert not open_rows(drifted)["accepted"]


def test_another_fact_is_not_accepted(drifted: Engine, accepting: Callable[..., Any]) -> None:
    """What was accepted of one change says nothing of the next one."""
    accepting()
    with reading(drifted) as connection:
        steps = definition_steps(connection, None, NOW_AT, INVOICES)

    assert steps["open"].tolist() == [1]


def test_new_versions_are_told_with_who_made_them(tenant: Connection) -> None:
    """The newest first, with what they changed; of a window, of a connector, or all."""
    every = definition_steps(tenant, None, NOW_AT)
    mine = definition_steps(tenant, None, NOW_AT, PAYROLL)

    assert every[["connector_id", "run_id", "verdict", "open"]].to_numpy().tolist() == [
        [INVOICES, 3, "breaking", 1],
        [PAYROLL, 2, "risky", 1],
    ]
    assert every["environment_id"].tolist() == [FINANCE, FINANCE]
    assert every["at"].iloc[0] == NOW_AT.read_at
    assert every["before_run"].tolist() == [1, 1]
    assert mine["name"].tolist() == ["Payroll"]
    assert definition_steps(tenant, moment(2), NOW_AT)["connector_id"].tolist() == [INVOICES]
    assert definition_steps(tenant, moment(3), NOW_AT).empty
    assert definition_steps(tenant, None, NOW_AT, left_out=[INVOICES])["run_id"].tolist() == [2]


def test_breaking_drift_needs_attention(drifted: Engine, accepting: Callable[..., Any]) -> None:
    """A new version since the run before, and a member against its reference, until accepted."""

    def told() -> dict[tuple[str, int], tuple[str, str]]:
        with reading(drifted) as connection:
            rows = attention(connection, NOW_AT, limit=50).to_dict("records")
        return {(row["kind"], row["connector_id"]): (row["severity"], row["detail"])
                for row in rows if row["kind"] in {"broke", "drifted"}}  # fmt: skip

    found = told()
    accepting()

    assert set(found) == {("broke", INVOICES), ("drifted", TWIN)}
    assert found["broke", INVOICES] == (
        "high",
        "1 breaking change against the version before; used by 1 flow, 1 app and 1 agent",
    )
    assert found["drifted", TWIN] == (
        "medium",
        "1 breaking change against Finance; not used by any flow, app or agent that was read",
    )
    assert set(told()) == {("broke", INVOICES)}


# --- connectors by name


@pytest.mark.parametrize(
    "reference",
    ["Finance/Invoices", "env-finance/INVOICES", "Finance/shared_Invoices-5f0a",
     "finance/shared_invoices-5f0a", "Finance/Invoices@2026-11-16", "Finance/Invoices@2026-11-17T00:00"],
)  # fmt: skip
def test_a_connector_is_found_by_what_it_is_called(tenant: Connection, reference: str) -> None:
    """The environment by name or id, the connector by every name it has."""
    found = api_at(tenant, reference)

    assert isinstance(found, Api)
    assert sorted(str(one.operation_id) for one in found.operations) == [
        "GetInvoice", "ListInvoices", "OnInvoice",
    ]  # fmt: skip


def test_a_connector_of_a_past_day_is_as_it_was(tenant: Connection) -> None:
    """By the names of that day, in the zone that is asked for."""
    old = api_at(tenant, "Finance/Invoices@2026-11-15")
    first = api_at(tenant, "Playground/Invoices@2026-11-02")

    assert "GetOld" in {one.operation_id for one in old.operations}
    assert first.location.host == "sandbox.invoices.example"
    with pytest.raises(NoSuchApi, match="no finished run of 2026-11-01 or before"):
        api_at(tenant, "Finance/Invoices@2026-11-01")
    with pytest.raises(NoSuchApi, match="no finished run"):
        api_at(tenant, "Finance/Invoices@2026-11-02T05:00", ZoneInfo("Asia/Tokyo"))


@pytest.mark.parametrize(
    ("reference", "words"),
    [
        ("Finance/Invoice", "did you mean finance/invoices"),
        ("Invoices", "did you mean sandbox/invoices or finance/invoices?"),
        ("Finance/Invoices@yesterday", "'yesterday' is no date"),
        ("Sandbox/Weather and tides", "Sandbox/Weather and tides: "),
        ("", "write environment/connector"),
    ],
)
def test_what_cannot_be_found_is_told(tenant: Connection, reference: str, words: str) -> None:
    """In one line, with what to write instead."""
    with pytest.raises(NoSuchApi) as told:
        api_at(tenant, reference)

    assert words in str(told.value)
    assert "\n" not in str(told.value)


# --- what is asked of the store

TABLES = "comparisons|comparison_changes|definition_steps|acceptances"
SCAN = re.compile(rf"SCAN (?P<table>{TABLES}|own|shared|told)\b(?P<rest>.*)")
QUESTIONS: dict[str, tuple[int, Callable[[Connection], Any]]] = {
    "board": (2, lambda connection: drift_board(connection, NOW_AT)),
    "changes": (1, lambda connection: comparison_rows(connection, 1, TWIN, NOW_AT)),
    "steps": (1, lambda connection: definition_steps(connection, moment(2), NOW_AT)),
    "steps of one": (1, lambda connection: definition_steps(connection, None, NOW_AT, TWIN)),
    "attention": (1, lambda connection: attention(connection, NOW_AT)),
}


@pytest.mark.parametrize("name", QUESTIONS)
def test_few_statements_are_asked_and_they_go_by_indexes(sqlite_store: Engine, name: str) -> None:
    """However much was compared, no history of it is read from end to end."""
    fill_drift(sqlite_store)
    assessed(sqlite_store)
    times, ask = QUESTIONS[name]
    sent: list[tuple[str, Any]] = []
    with reading(sqlite_store) as connection:
        note = lambda *told: sent.append((told[2], told[3]))  # noqa: E731
        event.listen(sqlite_store, "before_cursor_execute", note)
        ask(connection)
        event.remove(sqlite_store, "before_cursor_execute", note)
        plans = [
            row[3]
            for statement, values in sent
            for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
        ]

    assert len(sent) == times
    assert [plan for plan in plans if SCAN.match(plan)] == []
