from __future__ import annotations

from dataclasses import asdict

import pandas as pd
import pytest
from factories import BALLOON, INVOICES, PAYROLL, TWIN, moment
from sqlalchemy import Connection

from connectory.domain.connection_facts import ConnectionRules
from connectory.domain.ignoring import IgnoreRules
from connectory.queries.changes import change_summary, changes
from connectory.queries.connectors import connectors
from connectory.queries.export import VIEWS, rows
from connectory.queries.ignoring import ignored
from connectory.queries.overview import attention, attention_count, totals, trend
from connectory.queries.reconciliation import by_kind, reconciled, reconciliation

PAY = IgnoreRules(names=(("pay*", "Tests"),))
FINANCE = IgnoreRules(environments=(("finance", "Courses"),))


@pytest.mark.parametrize(
    ("rules", "found"),
    [
        (PAY, {PAYROLL: "Tests (name fits pay*)"}),
        (IgnoreRules(names=(("shared_payroll-*", "Old"),)), {PAYROLL: "Old (name fits shared_payroll-*)"}),
        (
            IgnoreRules(publishers=(("example works", "Theirs"),)),
            {INVOICES: "Theirs (publisher fits example works)"},
        ),
        (IgnoreRules(names=(("trial b*", "Trials"),)), {BALLOON: "Trials (name fits trial b*)"}),
        (IgnoreRules(names=(("no such", "None"),)), {}),
        (IgnoreRules(), {}),
    ],
)  # fmt: skip
def test_rules_find_connectors_by_what_they_are_called(
    tenant: Connection, rules: IgnoreRules, found: dict[int, str]
) -> None:
    """By name, runtime name, publisher or environment, also those that are gone."""
    assert dict(ignored(tenant, moment(3), rules)) == found


def test_a_place_is_known_by_its_name_of_then(tenant: Connection) -> None:
    """Sandbox was called Playground in the first run."""
    rules = IgnoreRules(environments=(("playground", "Courses"),))

    assert ignored(tenant, moment(1), rules)
    assert not ignored(tenant, moment(3), rules)


@pytest.mark.parametrize("rules", [PAY, FINANCE, IgnoreRules(names=(("*n*", "Many"),))])
@pytest.mark.parametrize("run", [1, 2, 3])
def test_figures_count_what_the_list_shows(
    tenant: Connection, rules: IgnoreRules, run: int
) -> None:
    """Key figures, trend and attention are those of the connectors not ignored, counted by hand."""
    left_out = ignored(tenant, moment(run), rules)
    listed = connectors(tenant, moment(run), rules)
    kept = listed[listed["ignored"].isna() & (listed["presence"] == "present")]
    known = listed[listed["ignored"].isna()]
    now = totals(tenant, moment(run), left_out)
    worst = attention(tenant, moment(run), 100, left_out)

    assert 0 < len(kept) < len(listed)
    assert now.connectors == len(kept)
    assert now.connections == known["connections"].sum()
    assert now.broken_connections == known["broken_connections"].sum()
    assert now.references == known["references"].sum()
    assert now.without_definition == (kept["definition_state"] != "readable").sum()
    assert trend(tenant, moment(run), left_out=left_out)["connectors"].iloc[-1] == len(kept)
    assert trend(tenant, moment(run), left_out=left_out)["without_owner"].iloc[-1] == (
        now.without_owner
    )
    assert set(worst["connector_id"]).isdisjoint(left_out)
    assert attention_count(tenant, moment(run), left_out) == len(worst)
    assert reconciled(tenant, moment(run), left_out).connectors == len(known)
    others = reconciliation(tenant, moment(run))
    told = others[~others["connector_id"].isin(left_out)]["kinds"].explode().value_counts()
    counted = by_kind(tenant, moment(run), left_out).set_index("kind")["connectors"]
    assert counted[counted > 0].to_dict() == told.to_dict()


def test_attention_loses_only_what_is_ignored(tenant: Connection) -> None:
    """The others stay as they were, in their order."""
    every = attention(tenant, moment(3), 100)
    kept = attention(tenant, moment(3), 100, {PAYROLL})

    assert PAYROLL in set(every["connector_id"])
    pd.testing.assert_frame_equal(
        kept, every[every["connector_id"] != PAYROLL].reset_index(drop=True)
    )


def test_changes_of_ignored_connectors_are_not_told(tenant: Connection) -> None:
    """Neither one by one nor in the summary; the export has them all."""
    told = changes(tenant, moment(2), moment(3), left_out={INVOICES})

    assert INVOICES in set(changes(tenant, moment(2), moment(3))["connector_id"])
    assert INVOICES not in set(told["connector_id"])
    assert change_summary(tenant, moment(2), moment(3), {INVOICES})["connectors"].sum() < (
        change_summary(tenant, moment(2), moment(3))["connectors"].sum()
    )


def test_an_export_has_every_row_and_says_which_are_ignored(tenant: Connection) -> None:
    """Nothing is removed: the rows are the same, with the reason beside those left out."""
    for view in VIEWS:
        plain = rows(tenant, moment(3), view, ConnectionRules())
        told = rows(tenant, moment(3), view, ConnectionRules(), PAY)
        assert len(told) == len(plain)
        assert list(told.columns) == list(plain.columns)
        if "ignored" in told:
            mine = told["connector_id"].isin([PAYROLL]).astype(bool)
            assert set(told[mine]["ignored"]) <= {"Tests (name fits pay*)"}
            assert told[~mine]["ignored"].isna().all()

    for view in ("connectors", "connection_findings", "reconciliation", "disagreements"):
        assert "ignored" in rows(tenant, moment(3), view, ConnectionRules())


def test_everything_can_be_ignored(tenant: Connection) -> None:
    """Then every figure about connectors is zero, and environments still count."""
    every = set(connectors(tenant, moment(3))["connector_id"]) | {TWIN, BALLOON}
    left = asdict(totals(tenant, moment(3), every))

    assert left.pop("environments") == 2
    assert set(left.values()) == {0}
    assert attention(tenant, moment(3), 6, every).empty


def test_ten_thousand_ignored_connectors_are_no_trouble(tenant: Connection) -> None:
    """No database's bound on values passed beside a statement is met."""
    assert totals(tenant, moment(3), range(100, 100_000)) == totals(tenant, moment(3))
