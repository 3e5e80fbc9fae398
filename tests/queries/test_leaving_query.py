"""What stops when people leave, of the small tenant: by whom, why, and the calls behind it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pandas as pd
import pytest
from factories import (
    ADA,
    BRUNO,
    CARLA,
    FINANCE,
    INVOICES,
    INVOICES_KEY,
    MAKERS,
    PAYROLL,
    RUN_TIMES,
    TWIN,
    WEATHER,
    ZED,
    fill,
    moment,
)
from factories_calls import fill_calls
from factories_events import fill_events
from sqlalchemy import Connection, Engine, event, insert, update

import models
from connectory.database import reading, writing
from connectory.domain.leaving import Entry, Leaver
from connectory.queries.call_tables import Window
from connectory.queries.hand_over import HAND_OVER, hand_over
from connectory.queries.leaving import leaving
from connectory.queries.leaving_frames import Leaving
from connectory.queries.leaving_people import find_leavers

AT = moment(3)
WINDOW = Window.before(AT, 15)
SOON, LATER = date(2026, 12, 1), date(2027, 1, 31)


@pytest.fixture
def office(store: Engine) -> Engine:
    """The small tenant with its runs and launches, and who may change what beside its owner."""
    fill(store)
    fill_events(store)
    with writing(store) as connection:
        connection.execute(
            update(models.PrincipalVersion)
            .where(models.PrincipalVersion.principal_id == 2)
            .values(user_principal_name="bruno@tenant.example", enabled=True)
        )
        for flow, key, role in ((1, ADA, "Owner"), (1, ZED, "CanEdit"), (1, CARLA, "Owner"),
                                (2, ADA, "CanView")):  # fmt: skip
            connection.execute(
                insert(models.FlowPermission).values(
                    flow_id=flow, principal_type="user", principal_key=key, role=role, from_run=1
                )
            )
    return store


@pytest.fixture
def connection(office: Engine) -> Iterator[Connection]:
    """A reading transaction on it."""
    with reading(office) as opened:
        yield opened


def gone(connection: Connection, *people: str) -> Leaving:
    """Return what becomes of things when people leave."""
    return leaving(connection, AT, [Leaver(key) for key in people], WINDOW)


def told(rows: pd.DataFrame, *columns: str) -> list[tuple[Any, ...]]:
    """Return some columns of rows, missing values as None."""
    some = rows[list(columns)].astype(object)
    return [tuple(row) for row in some.where(some.notna(), None).itertuples(index=False)]


def test_what_runs_with_a_connection_stops_with_its_account(connection: Connection) -> None:
    """Ada's connection stops, and so does the app of Bruno's that shares it, with its launches."""
    left = gone(connection, ADA)

    assert told(
        left.connections, "connection_id", "effect", "why", "apps", "calls", "evidence"
    ) == [(1, "stops", "signs in as Ada Ample; made by Ada Ample", 1, 6, "launch")]
    assert told(left.apps, "name", "effect", "why", "calls", "leaver") == [
        ("Expense desk", "stops", "runs with Ada's invoices", 6, "Ada Ample")
    ]


def test_what_somebody_owns_goes_on_and_nobody_may_change_it(connection: Connection) -> None:
    """A flow, a reference and an agent of Ada's; whoever left before her does not count."""
    left = gone(connection, ADA)

    assert told(left.flows, "name", "effect", "others", "calls", "evidence") == [
        ("Pay the bills", "orphaned", 0, 28, "run")
    ]
    assert told(left.references, "name", "effect", "why") == [
        ("cr_invoices", "orphaned", "owned by Ada Ample")
    ]
    assert told(left.agents, "name", "effect") == [("Ask finance", "orphaned")]


def test_somebody_else_who_may_change_a_flow_keeps_it(office: Engine) -> None:
    """Zed, once the directory knows of Zed."""
    with writing(office) as connection:
        connection.execute(insert(models.Principal).values(id=9, key=ZED))
        connection.execute(
            insert(models.PrincipalVersion).values(
                principal_id=9, from_run=1, presence="present", kind="user", enabled=True,
                display_name="Zed Zero", mail="zed@tenant.example",
            )
        )  # fmt: skip
    with reading(office) as connection:
        left = gone(connection, ADA)
        both = gone(connection, ADA, ZED)
        rows = hand_over(connection, AT, left)

    assert told(left.flows, "effect", "others", "other_keys") == [("kept", 1, [ZED])]
    assert told(both.flows, "effect", "others") == [("orphaned", 0)]
    assert "Pay the bills" not in list(rows["name"])


def test_a_group_keeps_a_flow_while_somebody_stays_in_it(office: Engine) -> None:
    """The makers may change it: Bruno does, while he is one of them."""
    with writing(office) as connection:
        connection.execute(
            insert(models.FlowPermission).values(
                flow_id=1, principal_type="group", principal_key=MAKERS, role="CanEdit", from_run=1
            )
        )
        connection.execute(
            update(models.GroupMember)
            .where(models.GroupMember.member_key == BRUNO)
            .values(to_run=None)
        )
    with reading(office) as connection:
        one, both = gone(connection, ADA), gone(connection, ADA, BRUNO)

    assert told(one.flows, "effect", "other_keys") == [("kept", [MAKERS])]
    assert told(both.flows, "effect", "others") == [("stops", 0)]


def test_a_reference_bound_to_a_connection_stops_with_it(connection: Connection) -> None:
    """Bruno's connection: the reference bound to it, and the flow that runs with it."""
    left = gone(connection, BRUNO)

    assert told(left.connections, "connection_id", "effect", "references", "flows", "calls") == [
        (2, "stops", 1, 1, 28)
    ]
    assert told(left.references, "name", "effect", "why") == [
        ("cr_invoices", "stops", "bound to conn-2")
    ]
    assert told(left.flows, "name", "effect", "why") == [("Pay the bills", "stops", "runs with conn-2")]  # fmt: skip
    assert told(left.apps, "name", "effect") == [("Expense desk", "orphaned")]


def test_whoever_runs_a_flow_with_their_own_connection_keeps_it_running(
    connection: Connection,
) -> None:
    """The nightly flow takes the connection of whoever runs it; Carla only owned it."""
    left = gone(connection, CARLA)

    assert told(left.flows, "name", "effect", "why") == [
        ("Payroll nightly", "orphaned", "owned by Carla Contrived")
    ]


def test_a_connection_with_a_key_may_go_on(office: Engine) -> None:
    """Made by Ada, it signs in as a service account: it works until somebody removes it."""
    with writing(office) as connection:
        connection.execute(
            update(models.ConnectionVersion)
            .where(models.ConnectionVersion.connection_id == 1)
            .values(account_name="svc@tenant.example")
        )
    with reading(office) as connection:
        left = gone(connection, ADA)

    assert told(left.connections, "effect", "why") == [
        ("may_stop", "made by Ada Ample, signs in as svc@tenant.example")
    ]
    assert told(left.apps, "effect") == [("may_stop",)]


def test_connectors_tell_who_is_left_and_what_stops_there(connection: Connection) -> None:
    """Ada's two lose their only owner; in one of them the app stops as well."""
    left = gone(connection, ADA)

    assert told(
        left.connectors,
        "connector_id",
        "effect",
        "ownership",
        "ownership_after",
        "orphaned",
        "apps",
    ) == [
        (INVOICES, "stops", "sole_owner", "departed_owner", True, 1),
        (TWIN, "orphaned", "sole_owner", "departed_owner", True, 0),
    ]


def test_only_the_use_that_stops_counts_for_a_connector(connection: Connection) -> None:
    """The app loses its connection to Invoices, not the one to Payroll, though Bruno owned it."""
    left = gone(connection, ADA, BRUNO)

    assert PAYROLL not in set(left.connectors["connector_id"])
    assert told(left.apps, "effect", "connectors") == [("stops", ["Invoices", "Payroll"])]


def test_a_group_that_loses_its_last_member_owns_nothing_more(office: Engine) -> None:
    """Weather is owned by the makers, of whom Ada is the last."""
    with writing(office) as connection:
        connection.execute(
            update(models.ConnectorPermission)
            .where(models.ConnectorPermission.connector_id == WEATHER)
            .values(principal_key=MAKERS, principal_type="group")
        )
    with reading(office) as connection:
        left = gone(connection, ADA)

    assert (WEATHER, "group_owned", "empty_group", True) in told(
        left.connectors, "connector_id", "ownership", "ownership_after", "orphaned"
    )


def test_whoever_answers_for_a_connector_is_told(office: Engine) -> None:
    """A steward who leaves: it is kept, and somebody must be named anew."""
    with writing(office) as connection:
        connection.execute(
            insert(models.Steward).values(
                connector_id=PAYROLL, business_owner_key=ADA, via="dashboard", decided_by="Bo",
                decided_at=RUN_TIMES[0],
            )
        )  # fmt: skip
    with reading(office) as connection:
        left = gone(connection, ADA)

    assert (PAYROLL, "kept", "answered for by Ada Ample") in told(
        left.connectors, "connector_id", "effect", "why"
    )


def test_the_first_who_leaves_makes_a_thing_stop(connection: Connection) -> None:
    """Of several leavers each thing names the one whose last day comes first."""
    people = [Leaver(ADA, LATER), Leaver(BRUNO, SOON)]
    left = leaving(connection, AT, people, WINDOW)

    assert told(left.people, "leaver", "last_day") == [("Bruno Bogus", SOON), ("Ada Ample", LATER)]
    assert told(left.flows, "leaver", "last_day") == [("Bruno Bogus", SOON)]
    assert told(left.references, "leaver", "why") == [
        ("Bruno Bogus", "bound to conn-2; owned by Ada Ample")
    ]


def test_calls_are_the_best_evidence_and_never_added_to_weaker(office: Engine) -> None:
    """With a log that names the flow its calls count, not its runs, as of thirty days."""
    fill_calls(office)
    with writing(office) as connection:
        connection.execute(
            update(models.CallConsumer)
            .where(models.CallConsumer.key == "invented-flow")
            .values(key="flow-1")
        )
        connection.execute(
            update(models.CallEndpoint)
            .where(models.CallEndpoint.operation_id == "GetBill")
            .values(operation_id="GetInvoice")
        )
    with reading(office) as connection:
        left = gone(connection, BRUNO)

    assert told(left.flows, "calls", "evidence") == [(2, "call")]
    assert told(left.connections, "calls", "evidence") == [(2, "call")]


def test_people_are_found_by_id_name_or_address(connection: Connection) -> None:
    """Whatever the case; those whom nobody is called, and groups, are named with their line."""
    found, problems = find_leavers(
        connection,
        AT,
        [
            Entry(1, "ADA@tenant.example", LATER),
            Entry(2, ADA.upper(), SOON),
            Entry(3, "carla@tenant.example"),
            Entry(4, MAKERS),
            Entry(5, "Bruno@Tenant.Example"),
        ],
    )

    assert found == [Leaver(ADA, SOON), Leaver(BRUNO)]
    assert problems == [
        "line 3: nobody is called 'carla@tenant.example' in the directory; write the object id",
        f"line 4: '{MAKERS}' is a group; name its members",
    ]


def test_an_address_that_two_have_is_nobodys(office: Engine) -> None:
    """Unless one of them has left."""
    with writing(office) as connection:
        connection.execute(
            update(models.PrincipalVersion)
            .where(models.PrincipalVersion.principal_id.in_((2, 3)))
            .values(mail="shared@tenant.example")
        )
    entry = [Entry(1, "shared@tenant.example")]
    with reading(office) as connection:
        now, problems = find_leavers(connection, AT, entry)
        before, several = find_leavers(connection, moment(2), entry)

    assert (now, problems) == ([Leaver(BRUNO)], [])
    assert before == []
    assert several[0].startswith("line 1: several people are called")


def test_somebody_the_directory_never_knew_is_looked_for_by_id(connection: Connection) -> None:
    """Zed's connection is found by the id that made it."""
    left = gone(connection, ZED)

    assert told(left.people, "leaver", "state") == [(ZED, None)]
    assert told(left.connections, "connection_id", "effect") == [(5, "may_stop")]


def test_the_sheet_tells_what_to_do_first_and_to_whom(connection: Connection) -> None:
    """What stops first; the cause before what rests on it; to the manager where nobody else is."""
    rows = hand_over(connection, AT, gone(connection, BRUNO))

    assert told(rows, "place", "kind", "name", "effect", "to", "to_reason")[:3] == [
        (1, "connection", "conn-2", "stops", "Ada Ample", "manager of Bruno Bogus"),
        (2, "flow", "Pay the bills", "stops", "Ada Ample", "manager of Bruno Bogus"),
        (3, "app", "Expense desk", "orphaned", "Ada Ample", "manager of Bruno Bogus"),
    ]
    assert list(rows["to_do"].str.len() > 0) == [True] * len(rows)


def test_nobody_is_told_to_hand_over_to_who_leaves(connection: Connection) -> None:
    """Bruno's manager leaves as well: nobody is known."""
    rows = hand_over(connection, AT, gone(connection, ADA, BRUNO))

    assert not rows.empty
    assert ADA not in set(rows["to_key"])
    assert BRUNO not in set(rows["to_key"])


def test_nobody_leaves_nothing_behind(connection: Connection) -> None:
    """Without leavers, and of somebody who has nothing, every frame has its columns and no row."""
    for left in (gone(connection), gone(connection, MAKERS)):
        for rows in (left.connectors, left.connections, left.references, left.consumers()):
            assert rows.empty
    assert list(hand_over(connection, AT, gone(connection)).columns) == list(HAND_OVER)


def test_the_number_of_statements_does_not_grow_with_leavers(office: Engine) -> None:
    """A list of a thousand takes as many statements as one; no single call is read."""
    crowd = [Leaver(f"{number:08x}-0000-4000-8000-000000000000") for number in range(1000)]

    def asked(*people: Leaver) -> list[str]:
        sent: list[str] = []
        with reading(office) as connection:
            event.listen(connection, "before_cursor_execute", lambda *told: sent.append(told[2]))
            hand_over(connection, AT, leaving(connection, AT, people, WINDOW))
        return sent

    one, many = asked(Leaver(BRUNO)), asked(Leaver(BRUNO), Leaver(ADA), *crowd)

    assert len(one) == len(many)
    assert not any("invocations" in statement for statement in many)


def test_the_past_is_told_as_it_was(connection: Connection) -> None:
    """At the first run Bruno's connection worked, and nobody had a payroll at night."""
    first = Window(WINDOW.first - timedelta(days=20), WINDOW.first)
    left = leaving(connection, moment(1), [Leaver(CARLA)], first)

    assert left.flows.empty
    assert told(left.connections, "connection_id", "status") == [(3, "Connected")]


def test_another_environment_with_the_same_key_is_left_alone(office: Engine) -> None:
    """A connection of the same name elsewhere is not theirs."""
    with writing(office) as connection:
        connection.execute(
            update(models.Connection).where(models.Connection.id == 5).values(key="conn-1")
        )
        connection.execute(
            insert(models.AppReference).values(
                app_id=2, reference_key="x", connector_key=INVOICES_KEY, connection_key="conn-5",
                from_run=1,
            )
        )  # fmt: skip
    with reading(office) as connection:
        left = gone(connection, ZED)

    assert FINANCE == 1
    assert left.apps.empty
