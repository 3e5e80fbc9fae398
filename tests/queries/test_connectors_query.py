from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
from factories import (
    BALLOON,
    CARLA,
    INVOICES,
    PAYROLL,
    SCRATCH,
    TWIN,
    VANISHING,
    WEATHER,
    fill,
    moment,
)
from sqlalchemy import Connection, Engine, delete

from connectory.database import reading, writing
from connectory.queries.connectors import connectors, host_of
from connectory.queries.overview import totals
from models import OwnershipAnswer

_COLUMNS = {
    "connector_id": "int64",
    "display_name": "object",
    "name": "object",
    "environment_id": "int64",
    "environment": "object",
    "environment_sku": "object",
    "owner": "object",
    "owner_key": "object",
    "owner_state": "object",
    "owner_reason": "object",
    "everyone": "bool",
    "shared_users": "int64",
    "shared_groups": "int64",
    "connections": "Int64",
    "broken_connections": "Int64",
    "references": "Int64",
    "flows": "Int64",
    "apps": "Int64",
    "agents": "Int64",
    "consumers": "Int64",
    "operations": "Int64",
    "definition_state": "object",
    "host": "object",
    "authentication": "object",
    "policy": "object",
    "licence_cost": "object",
    "managed": "boolean",
    "sources": "object",
    "created_at": "datetime64[us, UTC]",
    "changed_at": "datetime64[us, UTC]",
    "presence": "object",
    "ignored": "object",
}


def row(connection: Connection, run: int, connector: int) -> dict[str, Any]:
    """Return one row of the list as of a run."""
    frame = connectors(connection, moment(run))
    found: dict[str, Any] = frame[frame["connector_id"] == connector].iloc[0].to_dict()
    return found


def test_the_list_has_exactly_its_columns(tenant: Connection) -> None:
    """Columns and types are the documented ones."""
    assert connectors(tenant, moment(3)).dtypes.astype(str).to_dict() == _COLUMNS


def test_none_is_no_figure_where_not_everything_was_listed(tenant: Connection) -> None:
    """Zero is told where all was read, and nothing where flows or connections were not."""
    scratch, balloon = row(tenant, 2, SCRATCH), row(tenant, 2, BALLOON)

    assert pd.isna(scratch["flows"])
    assert pd.isna(scratch["consumers"])
    assert (scratch["connections"], scratch["apps"]) == (0, 0)
    assert pd.isna(balloon["connections"])
    assert pd.isna(balloon["broken_connections"])
    assert (balloon["flows"], balloon["consumers"]) == (0, 0)
    assert row(tenant, 1, BALLOON)["connections"] == 0
    # What was found is told, though there may be more of it.
    assert row(tenant, 3, INVOICES)["consumers"] == 3


def test_an_empty_list_has_the_same_columns(nothing: Connection) -> None:
    """Without rows nothing about the columns changes."""
    frame = connectors(nothing, moment(1))

    assert frame.empty
    assert frame.dtypes.astype(str).to_dict() == _COLUMNS


@pytest.mark.parametrize(
    ("run", "listed"),
    [
        (1, [INVOICES, TWIN, PAYROLL, BALLOON, VANISHING, WEATHER]),
        (2, [INVOICES, TWIN, PAYROLL, SCRATCH, BALLOON, VANISHING, WEATHER]),
        (3, [INVOICES, TWIN, PAYROLL, SCRATCH, VANISHING, WEATHER]),
    ],
)
def test_the_list_is_that_of_the_moment(tenant: Connection, run: int, listed: list[int]) -> None:
    """By name; a connector not yet found or already gone is not on it."""
    assert connectors(tenant, moment(run))["connector_id"].tolist() == listed


def test_a_missing_connector_is_listed_and_says_so(tenant: Connection) -> None:
    """Missing is not gone: it stays on the list, flagged, and returns."""
    assert [row(tenant, run, VANISHING)["presence"] for run in (1, 2, 3)] == [
        "present",
        "missing",
        "present",
    ]


def test_the_owner_is_that_of_the_moment(tenant: Connection) -> None:
    """A departed owner keeps the name people knew, and was in order before."""
    before, after = row(tenant, 2, PAYROLL), row(tenant, 3, PAYROLL)

    assert (before["owner"], before["owner_state"]) == ("Carla Contrived", "sole_owner")
    assert (after["owner"], after["owner_key"]) == ("Carla Contrived", CARLA)
    assert after["owner_state"] == "departed_owner"
    assert after["owner_reason"] == "its owner is no longer in the directory"


def test_a_person_without_display_name_is_told_by_sign_in_name(tenant: Connection) -> None:
    """Guests often have none."""
    assert row(tenant, 1, BALLOON)["owner"] == "dora@partner.example"


def test_nobody_is_no_name(tenant: Connection) -> None:
    """Where no owner is known the name is None, not a missing number."""
    assert row(tenant, 3, VANISHING)["owner"] is None
    assert row(tenant, 3, SCRATCH)["owner"] is None


def test_before_any_assessment_the_owner_is_unknown(store: Engine) -> None:
    """Without answers nothing is claimed of ownership."""
    fill(store)
    with writing(store) as connection:
        connection.execute(delete(OwnershipAnswer))
    with reading(store) as connection:
        frame = connectors(connection, moment(3))
        unknown = totals(connection, moment(3)).owner_unknown

    assert set(frame["owner_state"]) == {"owner_unknown"}
    assert set(frame["owner_reason"]) == {"its ownership has not been assessed"}
    assert unknown == len(frame)


def test_sharing_leaves_owners_out(tenant: Connection) -> None:
    """Users and groups it is shared with are counted, and everyone is told from run 3 on."""
    payroll, invoices = row(tenant, 3, PAYROLL), row(tenant, 3, INVOICES)

    assert (payroll["shared_users"], payroll["shared_groups"]) == (2, 0)
    assert (invoices["shared_users"], invoices["shared_groups"]) == (0, 1)
    assert [row(tenant, run, INVOICES)["everyone"] for run in (1, 2, 3)] == [False, False, True]


@pytest.mark.parametrize(
    ("run", "connector", "connections", "broken", "references", "flows", "apps", "agents"),
    [
        (1, INVOICES, 2, 0, 1, 2, 1, 1),
        (2, INVOICES, 2, 1, 1, 1, 1, 1),
        (3, INVOICES, 2, 1, 1, 1, 1, 1),
        (1, PAYROLL, 2, 0, 1, 0, 1, 0),
        (2, PAYROLL, 1, 0, 1, 1, 1, 0),
        (3, PAYROLL, 1, 1, 1, 1, 1, 0),
        (1, TWIN, 0, 0, 0, 1, 0, 0),
        (3, TWIN, 1, 0, 0, 0, 0, 0),
    ],
)
def test_use_is_counted_in_its_own_environment(
    tenant: Connection,
    run: int,
    connector: int,
    connections: int,
    broken: int,
    references: int,
    flows: int,
    apps: int,
    agents: int,
) -> None:
    """Two connectors of one key in two environments do not share their consumers."""
    told = row(tenant, run, connector)

    assert told["connections"] == connections
    assert told["broken_connections"] == broken
    assert told["references"] == references
    assert (told["flows"], told["apps"], told["agents"]) == (flows, apps, agents)
    assert told["consumers"] == flows + apps + agents


def test_operations_are_those_of_the_definition_then(tenant: Connection) -> None:
    """A definition that was replaced counts until it was; an unreadable one counts nothing."""
    assert [row(tenant, run, INVOICES)["operations"] for run in (1, 2, 3)] == [3, 3, 4]
    assert pd.isna(row(tenant, 3, WEATHER)["operations"])
    assert pd.isna(row(tenant, 3, SCRATCH)["operations"])


def test_sources_are_who_shows_it_at_the_moment(tenant: Connection) -> None:
    """They change over time and stand in a fixed order."""
    assert [row(tenant, run, INVOICES)["sources"] for run in (1, 2, 3)] == [
        ["admin", "dataverse"],
        ["admin", "connectivity"],
        ["admin", "connectivity"],
    ]
    assert row(tenant, 2, VANISHING)["sources"] == []


def test_the_host_is_what_it_calls_else_what_its_definition_says(tenant: Connection) -> None:
    """Ports and paths are left out; without address and definition there is none."""
    assert row(tenant, 1, PAYROLL)["host"] == "old.payroll.example"
    assert row(tenant, 2, PAYROLL)["host"] == "payroll.example"
    assert row(tenant, 3, VANISHING)["host"] == "api.example"
    assert row(tenant, 3, SCRATCH)["host"] is None


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://API.example:8443/v1", "api.example"),
        ("api.example/v1", None),
        ("https://[broken", None),
        ("", None),
        (None, None),
    ],
)
def test_an_address_anyone_wrote_never_fails(url: str | None, host: str | None) -> None:
    """What is no address has no host."""
    assert host_of(url) == host


def test_the_environment_has_the_name_it_had_then(tenant: Connection) -> None:
    """Sandbox was called Playground at run 1."""
    assert [row(tenant, run, WEATHER)["environment"] for run in (1, 2)] == ["Playground", "Sandbox"]
    assert [row(tenant, run, WEATHER)["display_name"] for run in (1, 2)] == [
        "Weather",
        "Weather and tides",
    ]
