from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
from factories import (
    BALLOON,
    INVOICES,
    PAYROLL,
    RUN_TIMES,
    SCRATCH,
    TWIN,
    VANISHING,
    WEATHER,
    fill,
    moment,
)
from sqlalchemy import Connection, Engine, insert, update

from connectory.database import reading, writing
from connectory.queries.changes import change_summary, changes
from models import (
    ConnectorPermission,
    ConnectorVersion,
    FlowOperation,
    FlowReference,
    OwnershipAnswer,
)

_AT_2 = {
    ("consumer_removed", INVOICES, "flow Legacy sync"),
    ("changed", PAYROLL, "backend address, policies"),
    ("consumer_added", PAYROLL, "flow Payroll nightly"),
    ("owner_changed", WEATHER, "Bruno Bogus: the account of its owner is disabled"),
    ("renamed", WEATHER, "Weather → Weather and tides"),
    ("new", SCRATCH, "in Dataverse only, without a runtime name"),
    ("missing", VANISHING, "no source shows it any more"),
    ("owner_changed", TWIN, "Robot → Ada Ample"),
    ("permission_added", TWIN, "Ada Ample: owner"),
    ("permission_removed", TWIN, "Robot: owner"),
}
_AT_3 = {
    (
        "definition_changed",
        INVOICES,
        "version 1.0 → 1.1; added ListInvoices, Ping; removed GetOld",
    ),
    ("permission_added", INVOICES, "Everyone in the tenant: may use"),
    ("owner_changed", PAYROLL, "Carla Contrived: its owner is no longer in the directory"),
    ("gone", BALLOON, "its environment is gone"),
    ("returned", VANISHING, "it is shown again"),
    ("consumer_removed", TWIN, "flow Try invoices"),
}


def told(frame: pd.DataFrame) -> set[tuple[str, int, str]]:
    """Return kind, connector and detail of every change."""
    return set(zip(frame["kind"], frame["connector_id"], frame["detail"], strict=True))


def test_changes_between_two_moments(tenant: Connection) -> None:
    """Exactly what the story says changed in each week, nothing twice and nothing more."""
    second = changes(tenant, moment(1), moment(2))
    third = changes(tenant, moment(2), moment(3))

    assert told(second) == _AT_2
    assert len(second) == len(_AT_2)
    assert set(second["at"]) == {RUN_TIMES[1]}
    assert told(third) == _AT_3
    assert len(third) == len(_AT_3)


def test_changes_over_several_runs_are_those_of_each(tenant: Connection) -> None:
    """Two weeks have the changes of both, the newest first."""
    frame = changes(tenant, moment(1), moment(3))

    assert told(frame) == _AT_2 | _AT_3
    assert frame["run_id"].tolist() == sorted(frame["run_id"], reverse=True)


def test_the_first_run_only_finds_new_connectors(tenant: Connection) -> None:
    """What was already so when a connector was first seen is no change of its own."""
    frame = changes(tenant, None, moment(1))

    assert sorted(frame["connector_id"]) == [1, 2, 3, 5, 6, 7]
    assert set(frame["kind"]) == {"new"}


def test_nothing_changes_between_a_moment_and_itself(tenant: Connection) -> None:
    """An empty window has an empty frame of the same columns."""
    some, none = (
        changes(tenant, moment(2), moment(3)),
        changes(tenant, moment(3), moment(3)),
    )

    assert none.empty
    assert none.dtypes.equals(some.dtypes)


def test_changes_name_the_connector_as_it_is_called_then(tenant: Connection) -> None:
    """Name and environment are those at the end of the window, whatever they were."""
    frame = changes(tenant, None, moment(3), WEATHER)

    assert set(frame["name"]) == {"Weather and tides"}
    assert set(frame["environment"]) == {"Sandbox"}


def test_changes_of_one_connector_are_its_own(tenant: Connection) -> None:
    """The history of one connector has none of its twin's."""
    assert told(changes(tenant, moment(1), moment(3), INVOICES)) == {
        change for change in _AT_2 | _AT_3 if change[1] == INVOICES
    }


def test_changes_say_which_row_changed(tenant: Connection) -> None:
    """A consumer's change names the flow by noun and id."""
    frame = changes(tenant, moment(1), moment(2), PAYROLL)
    added = frame[frame["kind"] == "consumer_added"].iloc[0]

    assert (added["noun"], added["entity_id"]) == ("flows", 2)


def test_the_summary_counts_connectors_by_kind(tenant: Connection) -> None:
    """The kinds that matter, in their order, with names; kinds without any are left out."""
    frame = change_summary(tenant, moment(1), moment(2))

    assert list(frame.itertuples(index=False, name=None)) == [
        ("new", 1, "Scratch"),
        ("owner_changed", 2, "Invoices, Weather and tides"),
        ("missing", 1, "Vanishing"),
    ]


def test_a_long_summary_names_the_first_three(tenant: Connection) -> None:
    """The rest is counted."""
    first = change_summary(tenant, None, moment(1)).iloc[0]

    assert (first["kind"], first["connectors"]) == ("new", 6)
    assert first["detail"] == "Invoices, Invoices, Payroll and 3 more"


def test_a_summary_of_nothing_is_empty(tenant: Connection) -> None:
    """No change has no row, but the columns."""
    frame = change_summary(tenant, moment(3), moment(3))

    assert frame.empty
    assert list(frame.columns) == ["kind", "connectors", "detail"]


# --- what must not look like a change


def changed(store: Engine, *statements: Any) -> set[tuple[str, int, str]]:
    """Return the changes of run 3 after something was altered in the filled store."""
    fill(store)
    with writing(store) as connection:
        for statement in statements:
            connection.execute(statement)
    with reading(store) as connection:
        return told(changes(connection, moment(2), moment(3)))


def test_another_call_of_a_known_consumer_is_no_new_consumer(store: Engine) -> None:
    """A flow that swaps one action for another still uses the connector."""
    found = changed(
        store,
        update(FlowOperation).where(FlowOperation.flow_id == 2).values(to_run=3),
        update(FlowReference).where(FlowReference.flow_id == 2).values(to_run=3),
        insert(FlowOperation).values(
            flow_id=2,
            action="Run_again",
            is_trigger=False,
            connector_key="shared_payroll-5f0b",
            operation_id="RunPayroll",
            from_run=3,
        ),
    )

    assert found == _AT_3


def test_a_principal_called_otherwise_is_no_new_permission(store: Engine) -> None:
    """The same role of the same principal under another name is the same permission."""
    zed = "70000000-0000-4000-8000-000000000000"
    found = changed(
        store,
        update(ConnectorPermission)
        .where(ConnectorPermission.principal_key == zed)
        .values(to_run=3),
        insert(ConnectorPermission).values(
            connector_id=PAYROLL,
            principal_type="user",
            principal_key=zed,
            principal_name="Zed Z. Zero",
            role="CanView",
            from_run=3,
        ),
    )

    assert found == _AT_3


def test_not_knowing_the_owner_for_a_while_changes_nobody(store: Engine) -> None:
    """An answer that was unknown in between is passed over."""
    ada = OwnershipAnswer.connector_id == INVOICES
    found = changed(
        store,
        update(OwnershipAnswer).where(ada).values(to_run=2),
        insert(OwnershipAnswer).values(
            connector_id=INVOICES, state="owner_unknown", reason="-", from_run=2, to_run=3
        ),
        insert(OwnershipAnswer).values(
            connector_id=INVOICES,
            state="owned",
            owner_key="10000000-0000-4000-8000-000000000000",
            reason="one owner and 1 more who may edit it",
            from_run=3,
        ),
    )

    assert found == _AT_3


def test_a_definition_that_could_not_be_fetched_did_not_change(store: Engine) -> None:
    """Not read is a gap of the run, not a change of the connector."""
    payroll = ConnectorVersion.connector_id == PAYROLL
    columns = [name for name in ConnectorVersion.__table__.columns.keys() if name != "to_run"]  # noqa: SIM118
    fill(store)
    with writing(store) as connection:
        row = (
            connection.execute(
                ConnectorVersion.__table__.select().where(payroll, ConnectorVersion.from_run == 2)
            )
            .mappings()
            .one()
        )
        connection.execute(
            update(ConnectorVersion).where(payroll, ConnectorVersion.from_run == 2).values(to_run=3)
        )
        copied = {name: row[name] for name in columns}
        copied |= {"from_run": 3, "definition_state": "not_read", "definition_detail": "504"}
        connection.execute(insert(ConnectorVersion).values(**copied))
    with reading(store) as connection:
        assert told(changes(connection, moment(2), moment(3))) == _AT_3


@pytest.mark.parametrize(
    ("values", "kind", "detail"),
    [
        (
            {"definition_id": None, "definition_state": "absent"},
            "definition_changed",
            "it has no definition any more",
        ),
        (
            {
                "definition_id": None,
                "definition_state": "unreadable",
                "definition_detail": "6 MB, more than the limit",
            },
            "definition_changed",
            "it cannot be read: 6 MB, more than the limit",
        ),
        (
            {"definition_id": 4},
            "definition_changed",
            "version 1.0 → 3; added RunPayroll; removed GetInvoice, GetOld, OnInvoice",
        ),
        ({"has_script": False, "script_operations": []}, "changed", "script"),
        ({"presence": "gone", "presence_reason": "deleted"}, "gone", "it was deleted"),
    ],
)
def test_what_a_change_says(store: Engine, values: dict[str, Any], kind: str, detail: str) -> None:
    """Each way in which a connector can change has its words."""
    invoices = ConnectorVersion.connector_id == INVOICES
    third = update(ConnectorVersion).where(invoices, ConnectorVersion.from_run == 3)
    found = changed(store, third.values(definition_id=1), third.values(**values))

    assert {change[::2] for change in found if change[1] == INVOICES} == {
        (kind, detail),
        ("permission_added", "Everyone in the tenant: may use"),
    }
