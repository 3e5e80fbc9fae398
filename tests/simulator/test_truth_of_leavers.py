"""What would stop when somebody leaves, by the tenant's account."""

from __future__ import annotations

from typing import Any

import pytest

from connectory.simulator.advance import advance
from connectory.simulator.call_store import CallStore
from connectory.simulator.state import Permission, Tenant
from connectory.simulator.tenant import build
from connectory.simulator.truth import truth

Rows = dict[str, Any]


@pytest.fixture
def tenant() -> Tenant:
    """A fresh small tenant that a test may change."""
    return build("small", 7, None)


def leaver_of(tenant: Tenant, case: str) -> tuple[str, str, str]:
    """Return the owner of a planted connector, and where that is."""
    (one,) = (c for c in tenant.owning.planted.values() if c.case == case)
    place = one.environment, one.name
    connector = next(c for c in tenant.connectors if (c.environment, c.name) == place)
    return str(connector.permissions[0].principal_id), *place


def rows_of(tenant: Tenant, person: str, calls: CallStore | None = None) -> Rows:
    """Return what becomes of things if a person leaves."""
    (row,) = (row for row in truth(tenant, calls)["leavers"] if row["person_id"] == person)
    return dict(row)


def effects(rows: Rows, kind: str, connector: str) -> list[str]:
    """Return what becomes of the things of one kind that use a connector."""
    return sorted(row["effect"] for row in rows[kind] if connector in row["connectors"])


def test_everything_that_runs_by_an_account_stops_with_it(tenant: Tenant) -> None:
    """The connection, what is bound to it, a colleague's flow, the app and the agent; calls and all."""
    calls = CallStore()
    calls.begin(tenant, 28, 1.0)
    who, home, name = leaver_of(tenant, "Route Planner")
    rows = rows_of(tenant, who, calls)
    owned = {row["connector"]: (row["before"], row["after"]) for row in rows["connectors"]}
    bound = [
        r for r in tenant.connection_references if (r.environment, r.connector) == (home, name)
    ]
    flows = [row for row in rows["flows"] if name in row["connectors"]]
    owners = {f.owner_id for f in tenant.flows for row in flows if f.name == row["id"]}

    assert owned == {name: ("sole_owner", "departed_owner")}
    assert [r["effect"] for r in rows["connections"] if r["connector"] == name] == ["stops"]
    assert {r["id"]: r["effect"] for r in rows["references"]} == {bound[0].id: "stops"}
    assert effects(rows, "flows", name) == ["stops", "stops"]
    assert len(owners) == 2
    assert effects(rows, "apps", name) == effects(rows, "agents", name) == ["stops"]
    assert sum(row["calls"] for row in flows) > 0


def test_who_is_not_their_account_may_leave(tenant: Tenant) -> None:
    """A colleague whose flow runs by somebody else's connection takes the flow along, not its working."""
    who, _, name = leaver_of(tenant, "Route Planner")
    flows = [f for f in tenant.flows if any(c.connector == name for c in f.calls)]
    (colleague,) = {f.owner_id for f in flows} - {who}
    rows = rows_of(tenant, colleague)

    assert effects(rows, "flows", name) == ["orphaned"]
    assert not [row for row in rows["connections"] if row["connector"] == name]


def test_a_key_outlives_whoever_typed_it(tenant: Tenant) -> None:
    """What signs in with a key may stop, when somebody removes the connection."""
    who, home, name = leaver_of(tenant, "Route Planner")
    (connection,) = (c for c in tenant.connections if (c.environment, c.connector) == (home, name))
    connector = next(c for c in tenant.connectors if (c.environment, c.name) == (home, name))
    connector.connection_parameters = {"api_key": {"type": "securestring"}}
    connector.connection_parameter_sets = None
    connection.account_name, connection.display_name = None, "Route Planner"
    rows = rows_of(tenant, who)

    assert [r["effect"] for r in rows["connections"] if r["connector"] == name] == ["may_stop"]
    assert effects(rows, "flows", name) == ["may_stop", "may_stop"]
    assert effects(rows, "apps", name) == ["may_stop"]


def test_an_account_that_is_not_told_counts_all_the_same(tenant: Tenant) -> None:
    """Whether the record says it or not, it is theirs; a reader cannot know, and that is said."""
    who, home, name = leaver_of(tenant, "Route Planner")
    (connection,) = (c for c in tenant.connections if (c.environment, c.connector) == (home, name))
    connection.account_name = None
    (row,) = (r for r in rows_of(tenant, who)["connections"] if r["connector"] == name)

    assert (row["effect"], row["account_told"]) == ("stops", False)


def test_a_co_owner_who_can_act_keeps_a_flow(tenant: Tenant) -> None:
    """Without one it is orphaned; one who is blocked is none."""
    who, _, name = leaver_of(tenant, "Idea Box")
    flow = next(f for f in tenant.flows if any(c.connector == name for c in f.calls))
    flow.calls, flow.owner_id = flow.calls[:1], who
    for reference in flow.references:
        reference.connection = reference.reference_logical_name = None
    other = next(p for p in tenant.people.values() if p.enabled and p.id != who)
    told = [effects(rows_of(tenant, who), "flows", name)]
    flow.permissions.append(Permission(other.id, "CanEdit", "User", other.id))
    told.append(effects(rows_of(tenant, who), "flows", name))
    other.enabled = False
    told.append(effects(rows_of(tenant, who), "flows", name))

    assert told == [["orphaned"], ["kept"], ["orphaned"]]


def test_an_owner_among_others_leaves_a_connector_owned(tenant: Tenant) -> None:
    """Of two owners one remains, who is then the only one."""
    who, _, name = leaver_of(tenant, "Parking Permits")
    (row,) = (r for r in rows_of(tenant, who)["connectors"] if r["connector"] == name)

    assert (row["before"], row["after"]) == ("owned", "sole_owner")


def test_asking_about_leavers_changes_nobody(tenant: Tenant) -> None:
    """The account only tells; and a month on it still can."""
    before = {p.id: (p.deleted, p.enabled) for p in tenant.people.values()}
    truth(tenant)

    assert {p.id: (p.deleted, p.enabled) for p in tenant.people.values()} == before
    advance(tenant, 30)
    assert truth(tenant)["leavers"]
