from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest
from factories import BALLOON, INVOICES, PAYROLL, TWIN, fill, moment
from sqlalchemy import Connection, Engine, update

from connectory.database import reading, writing
from connectory.queries.connectors import connectors
from connectory.queries.consumers import connections, consumers, references
from connectory.queries.overview import totals
from models import ConnectorVersion

Query = Callable[..., pd.DataFrame]


def rows(frame: pd.DataFrame, *columns: str) -> list[tuple[Any, ...]]:
    """Return some columns as tuples, missing values as None."""
    chosen = frame[list(columns)].astype(object)
    return list(chosen.where(chosen.notna(), None).itertuples(index=False, name=None))


def test_connections_to_custom_connectors_are_listed_broken_first(tenant: Connection) -> None:
    """Standard connectors are left out; each connection names account, creator and state."""
    frame = connections(tenant, moment(3))

    assert rows(
        frame, "name", "connector", "environment", "status", "creator", "creator_state"
    ) == [
        ("conn-2", "Invoices", "Finance", "Error", "Bruno Bogus", "disabled"),
        ("conn-3", "Payroll", "Finance", "Error", "Carla Contrived", "deleted"),
        ("conn-1", "Invoices", "Finance", "Connected", "Ada Ample", "enabled"),
        ("conn-5", "Invoices", "Sandbox", "Connected", "Zed Zero", "deleted"),
    ]
    assert frame["account"].tolist()[0] == "bruno@tenant.example"
    assert frame["status_detail"].tolist()[0] == "Unauthorized: the token has expired"


@pytest.mark.parametrize(
    ("run", "names"),
    [
        (1, ["conn-1", "conn-2", "conn-3", "conn-6"]),
        (2, ["conn-2", "conn-1", "conn-3"]),
        (3, ["conn-2", "conn-3", "conn-1", "conn-5"]),
    ],
)
def test_connections_are_those_of_the_moment(
    tenant: Connection, run: int, names: list[str]
) -> None:
    """Missing and gone connections are not listed, and later ones not yet."""
    assert connections(tenant, moment(run))["name"].tolist() == names


def test_connections_of_one_connector_are_its_own(tenant: Connection) -> None:
    """The twin of the same key in another environment has its own."""
    assert connections(tenant, moment(3), INVOICES)["connection_id"].tolist() == [2, 1]
    assert connections(tenant, moment(3), TWIN)["connection_id"].tolist() == [5]


def test_references_say_what_they_are_bound_to(tenant: Connection) -> None:
    """An unbound reference has no connection; one that is bound names it."""
    columns = ("logical_name", "connector", "owner", "bound", "connection", "active")

    assert rows(references(tenant, moment(1)), *columns) == [
        ("cr_invoices", "Invoices", "Ada Ample", True, "conn-2", True),
        ("cr_payroll", "Payroll", "Carla Contrived", False, None, True),
    ]
    assert rows(references(tenant, moment(2), PAYROLL), *columns) == [
        ("cr_payroll", "Payroll", "Carla Contrived", True, "conn-3", True),
    ]


def test_consumers_have_a_row_per_call_and_per_app(tenant: Connection) -> None:
    """Flows come first, by name; calls of standard connectors are left out."""
    frame = consumers(tenant, moment(3))
    columns = ("kind", "name", "operation_id", "action", "is_trigger", "invoker", "connector")

    assert rows(frame, *columns) == [
        ("flow", "Pay the bills", "OnInvoice", "When_one_arrives", True, False, "Invoices"),
        ("flow", "Pay the bills", "GetInvoice", "Get_it", False, False, "Invoices"),
        ("flow", "Pay the bills", "GetInvoice", "Get_it_again", False, False, "Invoices"),
        ("flow", "Pay the bills", "GetOld", "Get_old", False, False, "Invoices"),
        ("flow", "Payroll nightly", "RunPayroll", "Run", False, True, "Payroll"),
        ("app", "Expense desk", None, None, None, None, "Invoices"),
        ("app", "Expense desk", None, None, None, None, "Payroll"),
        (
            "agent",
            "Ask finance",
            "GetInvoice",
            "cr_agent.action.GetInvoice",
            None,
            True,
            "Invoices",
        ),
        ("agent", "Ask finance", "GetOld", "cr_agent.topic.Ask/step1", None, False, "Invoices"),
    ]


def test_a_flow_that_only_refers_has_one_row_without_operation(tenant: Connection) -> None:
    """A link without a call is use all the same; its owner is the creator, without Dataverse."""
    frame = consumers(tenant, moment(1), INVOICES)
    legacy = frame[frame["name"] == "Legacy sync"]

    assert rows(legacy, "operation_id", "action", "owner", "state") == [
        (None, None, "Bruno Bogus", "Stopped")
    ]
    assert "Legacy sync" not in set(consumers(tenant, moment(2), INVOICES)["name"])


def test_consumers_of_one_connector_are_its_own(tenant: Connection) -> None:
    """A flow in Sandbox uses the connector of Sandbox."""
    assert set(consumers(tenant, moment(2), TWIN)["name"]) == {"Try invoices"}
    assert set(consumers(tenant, moment(2), INVOICES)["name"]) == {
        "Pay the bills",
        "Expense desk",
        "Ask finance",
    }
    assert consumers(tenant, moment(3), TWIN).empty


@pytest.mark.parametrize("run", [1, 2, 3])
def test_lists_and_figures_agree(tenant: Connection, run: int) -> None:
    """A number exists once: rows of the lists, counts of connectors and totals are the same."""
    every, now = connectors(tenant, moment(run)), totals(tenant, moment(run))
    used = consumers(tenant, moment(run))
    linked = connections(tenant, moment(run))

    assert len(linked) == now.connections == every["connections"].sum()
    assert (linked["status"] == "Error").sum() == now.broken_connections
    assert len(references(tenant, moment(run))) == now.references == every["references"].sum()
    assert used[used["kind"] == "flow"]["consumer_id"].nunique() == now.flows
    assert used[used["kind"] == "app"]["consumer_id"].nunique() == now.apps
    assert used[used["kind"] == "agent"]["consumer_id"].nunique() == now.agents
    for row in every.itertuples():
        mine = used[used["connector_id"] == row.connector_id].groupby("kind")["consumer_id"]
        for kind, told in (("flow", row.flows), ("app", row.apps), ("agent", row.agents)):
            # None found where not everything could be listed is no figure.
            assert mine.nunique().to_dict().get(kind, 0) == (0 if pd.isna(told) else told)


def test_a_connector_that_is_gone_still_tells_who_uses_it(store: Engine) -> None:
    """Asked for by name it does; lists and figures leave it out."""
    fill(store)
    with writing(store) as connection:
        connection.execute(
            update(ConnectorVersion)
            .where(ConnectorVersion.connector_id == PAYROLL, ConnectorVersion.to_run.is_(None))
            .values(presence="gone", presence_reason="deleted")
        )
    with reading(store) as connection:
        assert set(consumers(connection, moment(3), PAYROLL)["name"]) == {
            "Payroll nightly",
            "Expense desk",
        }
        assert "Payroll" not in set(consumers(connection, moment(3))["connector"])
        assert totals(connection, moment(3)).flows == 1


@pytest.mark.parametrize("query", [connections, references, consumers])
def test_without_rows_the_columns_stay(tenant: Connection, query: Query) -> None:
    """A connector that nothing uses has empty frames of the same columns and types."""
    none = query(tenant, moment(3), BALLOON)

    assert none.empty
    assert none.dtypes.equals(query(tenant, moment(3)).dtypes)
