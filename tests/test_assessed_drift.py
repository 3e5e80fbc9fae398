"""Drift is answered with each run: families, how their members differ, what versions changed."""

from __future__ import annotations

import json
from typing import Any

import pytest
from factories import INVOICES, INVOICES_NEW, OLD_DOCUMENT, PAYROLL, TWIN, WEATHER
from factories_drift import NOW, assessed, document, fill_drift, run_again, version
from sqlalchemy import Engine, select, text

import models
from connectory.assess import assess
from connectory.cli.drifted import drifted
from connectory.database import reading, writing


@pytest.fixture
def drifting(store: Engine) -> Engine:
    """The small tenant with definitions that can be compared."""
    fill_drift(store)
    return store


def rows(store: Engine, table: type[models.Base]) -> list[Any]:
    """Return the rows of a table, the oldest first."""
    with reading(store) as connection:
        return list(connection.execute(select(table.__table__).order_by(text("1, 2"))))


def standing(store: Engine) -> dict[int, tuple[Any, ...]]:
    """Return how each connector stands to its reference now."""
    return {
        row.connector_id: (row.state, row.against_connector_id, row.reason)
        for row in rows(store, models.DriftAnswer)
        if row.to_run is None
    }


def test_the_same_connector_in_two_environments_is_compared(drifting: Engine) -> None:
    """With that in production; what is expected to differ there is told and is no drift."""
    report = assessed(drifting)
    kept = {row.connector_id: row for row in rows(drifting, models.FamilyAnswer)}
    (answer,) = [row for row in rows(drifting, models.DriftAnswer) if row.connector_id == TWIN]
    changes = [
        (row.rule, row.severity, row.operation_id, row.expected is not None)
        for row in rows(drifting, models.ComparisonChange)
        if row.comparison_id == answer.comparison_id
    ]

    assert kept[TWIN].family_key == kept[INVOICES].family_key == "title:invoices"
    assert (kept[TWIN].rule, kept[TWIN].reference_connector_id) == ("lineage", INVOICES)
    assert (kept[INVOICES].is_reference, kept[TWIN].is_reference) == (True, False)
    assert kept[INVOICES].reference_reason == "Finance is the production environment"
    assert {kept[one].rule for one in (PAYROLL, WEATHER)} == {"alone"}
    assert standing(drifting) == {
        INVOICES: ("same", None, None),
        TWIN: ("breaking", INVOICES, None),
    }
    assert sorted(changes) == [
        ("host-changed", "cosmetic", None, True),
        ("operation-added", "compatible", "GetOld", False),
        ("operation-removed", "breaking", "ListInvoices", False),
    ]
    assert drifted(report.drift) == (
        "drift: 1 connectors beside their reference: 1 breaking; "
        "3 comparisons and 2 new versions told of now"
    )


def test_each_new_version_is_told_with_what_it_changed(drifting: Engine) -> None:
    """Of a definition, and of settings beside it while the definition stays."""
    assessed(drifting)
    steps = {
        (row.connector_id, row.run_id): (row.verdict, row.before_run)
        for row in rows(drifting, models.DefinitionStep)
    }

    assert steps == {(INVOICES, 3): ("breaking", 1), (PAYROLL, 2): ("risky", 1)}


def test_what_did_not_change_costs_no_row_and_no_comparison(drifting: Engine) -> None:
    """Neither again over the same run nor over a run that changed nothing."""
    assessed(drifting)
    again = assessed(drifting)
    run_again(drifting, 5)
    later = assessed(drifting)

    assert (again.changed, again.drift.compared, again.drift.steps) == (0, 0, 0)
    assert (later.changed, later.drift.compared, later.drift.steps, later.run_id) == (0, 0, 0, 5)
    assert len(rows(drifting, models.Comparison)) == 3


def test_a_comparison_is_made_once_whoever_asks(drifting: Engine) -> None:
    """A second connector of the same content shares what was found of the first."""
    assessed(drifting)
    with writing(drifting) as connection:
        connection.execute(text("INSERT INTO environments (id, key) VALUES (9, 'env-lab')"))
        connection.execute(
            text(
                "INSERT INTO environment_versions (environment_id, from_run, presence, name, "
                "is_default, managed, has_dataverse) VALUES (9, 3, 'present', 'env-lab', "
                "FALSE, FALSE, FALSE)"
            )
        )
        connection.execute(
            text("INSERT INTO connectors (id, environment_id, key) VALUES (90, 9, 'shared_copy')")
        )
        table = models.ConnectorVersion.__table__
        open_now = table.select().where(table.c.connector_id == TWIN)
        row = dict(connection.execute(open_now).mappings().one())
        connection.execute(table.insert().values({**row, "connector_id": 90, "from_run": 3}))
    report = assessed(drifting)
    kept = {row.connector_id: row.comparison_id for row in rows(drifting, models.DriftAnswer)}

    assert report.drift.compared == 0
    assert kept[90] == kept[TWIN]


def test_other_settings_are_another_comparison(drifting: Engine) -> None:
    """What was found by the old ones stays; the answer holds from the run on."""
    assessed(drifting)
    run_again(drifting, 5)
    report = assessed(
        drifting,
        severity={"operation-removed": "risky"},
        expected={"Sandbox": {"host": "test.*"}},
    )
    told = {row.from_run: row.state for row in rows(drifting, models.DriftAnswer)
            if row.connector_id == TWIN}  # fmt: skip

    assert report.drift.compared == 1
    assert told == {3: "breaking", 5: "risky"}
    assert len(rows(drifting, models.Comparison)) == 4


def test_where_only_what_is_meant_to_differ_differs_it_is_expected(drifting: Engine) -> None:
    """The host of the other environment, and nothing else."""
    same = document(drifting, 60, OLD_DOCUMENT)
    with writing(drifting) as connection:
        connection.execute(
            text("UPDATE connector_versions SET definition_id = :same WHERE connector_id = 1"),
            {"same": same},
        )
    assessed(drifting)

    assert standing(drifting)[TWIN] == ("expected", INVOICES, None)


def test_what_cannot_be_read_is_told_with_the_reason(drifting: Engine) -> None:
    """Of the connector itself, and of what it is compared with; the others are answered."""
    broken = document(drifting, 60, '{"paths": ')
    run_again(drifting, 5)
    version(drifting, INVOICES, 5, definition_id=broken, definition_state="unreadable")
    assessed(drifting, families={"Bills": ["Finance/Invoices", "Sandbox/Invoices"]})
    told = standing(drifting)

    assert told[INVOICES][0] == "unreadable"
    assert told[TWIN][0] == "unreadable"
    assert str(told[TWIN][2]).startswith("what it is compared with: ")


def test_the_same_text_is_the_same_though_nobody_can_read_it(drifting: Engine) -> None:
    """What differs from nothing needs no reading."""
    broken = document(drifting, 60, '{"paths": ')
    run_again(drifting, 5)
    for connector in (INVOICES, TWIN):
        version(drifting, connector, 5, definition_id=broken, definition_state="unreadable")
    assessed(drifting)

    assert standing(drifting)[TWIN] == ("same", INVOICES, None)
    assert standing(drifting)[INVOICES][0] == "unreadable"


@pytest.mark.parametrize(
    ("facts", "state", "reason"),
    [
        ({"definition_state": "not_read", "definition_detail": "410: expired"}, "unknown",
         "its definition was not read: 410: expired"),
        ({"definition_id": None, "definition_state": "absent"}, "unreadable",
         "it has no definition"),
        ({"definition_id": None, "definition_state": "unreadable",
          "definition_detail": "9 bytes too many"}, "unreadable", "9 bytes too many"),
        ({"connection_parameters": {"parameters": ["odd"], "sets": 7}}, None, None),
    ],
)  # fmt: skip
def test_a_connector_that_cannot_be_compared_costs_itself_an_answer(
    drifting: Engine, facts: dict[str, Any], state: str | None, reason: str | None
) -> None:
    """The run is assessed all the same."""
    run_again(drifting, 5)
    version(drifting, TWIN, 5, **facts)
    assessed(drifting, families={"Bills": ["Finance/Invoices", "Sandbox/Invoices"]})
    told = standing(drifting)[TWIN]

    assert told[1] == INVOICES
    if state is not None:
        assert (told[0], told[2]) == (state, reason)
    assert [row.state for row in rows(drifting, models.Assessment)] == ["complete"]


def test_a_broken_version_is_passed_over(drifting: Engine) -> None:
    """What comes after it is compared with the last one that could be read."""
    broken = document(drifting, 60, '{"paths": ')
    run_again(drifting, 5)
    run_again(drifting, 6)
    version(drifting, INVOICES, 5, definition_id=broken, definition_state="unreadable",
            definition_detail="not JSON")  # fmt: skip
    version(drifting, INVOICES, 6, definition_id=INVOICES_NEW, definition_state="readable")
    assessed(drifting)
    steps = [
        (row.run_id, row.verdict, row.before_run, row.comparison_id is None)
        for row in rows(drifting, models.DefinitionStep)
        if row.connector_id == INVOICES
    ]

    assert sorted(steps) == [
        (3, "breaking", 1, False),
        (5, "unreadable", 3, True),
        (6, "identical", 3, False),
    ]


def test_what_a_run_still_writes_is_told_when_it_has_ended(drifting: Engine) -> None:
    """A run that began before the latest and goes on may still replace what it wrote."""
    run_again(drifting, 5, state="running")
    run_again(drifting, 6)
    other = document(drifting, 60, OLD_DOCUMENT)
    version(drifting, INVOICES, 5, definition_id=other)
    assessed(drifting)
    early = {row.run_id for row in rows(drifting, models.DefinitionStep)}
    with writing(drifting) as connection:
        connection.execute(text("UPDATE runs SET state = 'complete' WHERE id = 5"))
    assessed(drifting)
    late = {row.run_id for row in rows(drifting, models.DefinitionStep)}

    assert (early, late) == ({2, 3}, {2, 3, 5})


def test_a_run_that_breaks_off_keeps_what_was_compared(drifting: Engine) -> None:
    """The assessment failed and says why; the next one goes on from there."""

    def stop(done: int, _: int) -> None:
        if done:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        assess(drifting, now=lambda: NOW, drift_progress=stop)
    halted = rows(drifting, models.Assessment)
    compared = len(rows(drifting, models.Comparison))
    report = assessed(drifting)

    assert [(row.state, row.reason) for row in halted] == [("failed", "KeyboardInterrupt: ")]
    assert compared == 1
    assert len(rows(drifting, models.ExposureAnswer)) == 1
    assert report.drift.compared == 2


def test_progress_counts_pairs_and_versions(drifting: Engine) -> None:
    """Two connectors of a family and two new versions."""
    seen: list[tuple[int, int]] = []
    assess(drifting, now=lambda: NOW, drift_progress=lambda *told: seen.append(told))

    assert seen == [(2, 4), (4, 4)]


def test_values_are_bounded_and_no_secret_is_kept(drifting: Engine) -> None:
    """A long value is cut as JSON that says so; a comparison reads what is stored, redacted."""
    long = json.loads(json.dumps(OLD_DOCUMENT))
    long["host"] = "sandbox.invoices.example"
    long["paths"]["/invoices/{id}"]["get"]["parameters"][0]["enum"] = [
        f"value {n}" for n in range(3000)
    ]
    number = document(drifting, 60, long)
    run_again(drifting, 5)
    version(drifting, TWIN, 5, definition_id=number)
    assessed(drifting)
    values = [
        json.loads(value)
        for row in rows(drifting, models.ComparisonChange)
        for value in (row.before, row.after)
        if value is not None
    ]

    assert max(len(str(value)) for value in values) <= 4_000
    assert any(isinstance(value, str) and value.endswith("characters)") for value in values)
