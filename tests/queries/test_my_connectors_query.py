"""Everything one person has to do with, and who has to do with connectors at all."""

from __future__ import annotations

from datetime import UTC, date, timedelta

import pytest
from factories import (
    ADA,
    BRUNO,
    CARLA,
    DORA,
    INVOICES,
    MAKERS,
    PAYROLL,
    TENANT,
    TWIN,
    VANISHING,
    WEATHER,
    ZED,
)
from factories_asking import ASKED, AUTUMN, COE, MINE, TODAY, at, fill_asking
from factories_drift import assessed, fill_drift
from factories_entitlements import fill_entitlements
from sqlalchemy import Connection, Engine, insert
from test_effort_query import replies

import models
from connectory.database import reading, writing
from connectory.queries.answerable import Somebody, people, somebody
from connectory.queries.moments import Moment, latest
from connectory.queries.my_connectors import MyConnectors, my_connectors


@pytest.fixture
def mine(module_store: Engine) -> Engine:
    """A store in which somebody is everything there is to be."""
    with reading(module_store) as connection:
        there = latest(connection) is not None
    if there:
        return module_store
    fill_drift(module_store)
    fill_entitlements(module_store)
    fill_asking(module_store)
    assessed(module_store)
    with writing(module_store) as connection:
        _decide(connection)
    return module_store


def _decide(connection: Connection) -> None:
    connection.execute(
        insert(models.Steward).values(
            connector_id=PAYROLL, business_owner_key=ADA, deputy_key=BRUNO, via="dashboard",
            decided_by="Grace", decided_at=at(TODAY),
        )
    )  # fmt: skip
    connection.execute(
        insert(models.Steward).values(
            connector_id=WEATHER, business_owner_key=ADA, via="dashboard", decided_by="Grace",
            decided_at=at(TODAY), replaced_at=at(TODAY), replaced_by="Grace",
        )
    )  # fmt: skip
    connection.execute(
        insert(models.Exemption).values(
            connector_id=PAYROLL, reason="yearly", until=TODAY + timedelta(days=30),
            via="dashboard", exempted_by="Grace", exempted_at=at(TODAY),
        )
    )  # fmt: skip
    for who, role, kind in ((MAKERS, "Owner", "group"), (DORA, "CanEdit", "user")):
        connection.execute(
            insert(models.ConnectorPermission).values(
                connector_id=VANISHING, principal_type=kind, principal_key=who, role=role,
                from_run=3,
            )
        )  # fmt: skip


def now(connection: Connection) -> Moment:
    """Return the latest moment."""
    found = latest(connection)
    assert found is not None
    return found


def told(connection: Connection, person: str, today: date = TODAY) -> MyConnectors:
    """Return everything somebody has to do with."""
    who = Somebody(person, "Somebody", None, None, None, None)
    return my_connectors(connection, now(connection), who, zone=UTC, today=today)


def test_all_that_somebody_has_to_do_with(mine: Engine) -> None:
    """Owned, through a group, as the steward, and asked about; each once, by name."""
    with reading(mine) as connection:
        frame = told(connection, ADA).rows
    roles = dict(zip(frame["connector_id"], frame["roles"], strict=True))

    assert roles == {
        INVOICES: ["owner"],
        TWIN: ["owner", "asked"],
        PAYROLL: ["business_owner"],
        VANISHING: ["group"],
    }
    assert frame["display_name"].tolist() == ["Invoices", "Invoices", "Payroll", "Vanishing"]


def test_what_is_known_of_each(mine: Engine) -> None:
    """Drift as its board shows it, the credential that ends next, the request, the exemption."""
    with reading(mine) as connection:
        frame = told(connection, ADA).rows
        later = told(connection, ADA, date(2027, 5, 10)).rows
    rows = {row["connector_id"]: row for row in frame.to_dict("records")}
    ends = dict(zip(later["connector_id"], later["credential_ends_on"], strict=True))

    assert (rows[TWIN]["drift"], rows[TWIN]["drift_open"]) == ("breaking", 1)
    assert rows[TWIN]["drift_use"] == "perhaps"
    assert rows[INVOICES]["drift"] == "reference"
    assert rows[PAYROLL]["drift"] is None
    assert rows[INVOICES]["credential_ends_on"] is None
    assert ends[INVOICES] == date(2027, 5, 21)
    assert (rows[TWIN]["request_id"], rows[TWIN]["campaign_id"]) == (MINE, AUTUMN)
    assert rows[TWIN]["deadline"] == TODAY - timedelta(days=2)
    assert rows[PAYROLL]["exempt_until"] == TODAY + timedelta(days=30)
    assert rows[PAYROLL]["owner_state"] == "departed_owner"


def test_what_is_to_be_done(mine: Engine) -> None:
    """What the digest would say, the answer that is late first."""
    with reading(mine) as connection:
        mine_told = told(connection, ADA)
    todo = {one.connector_id: [task.kind for task in tasks] for one, tasks in mine_told.todo}
    counts = dict(zip(mine_told.rows["connector_id"], mine_told.rows["tasks"], strict=True))

    assert next(iter(todo)) == TWIN
    assert todo[TWIN][:2] == ["answer", "drifted"]
    assert "owner" in todo[PAYROLL]
    assert counts == {one: len(kinds) for one, kinds in todo.items()}


def test_an_exemption_holds_until_its_day(mine: Engine) -> None:
    """The day after it is told no more."""
    with reading(mine) as connection:
        frame = told(connection, ADA, TODAY + timedelta(days=31)).rows

    assert frame["exempt_until"].tolist() == [None] * 4


def test_those_asked_without_owning_anything(mine: Engine) -> None:
    """Somebody who is asked, may edit, or is the deputy has those connectors; a mailbox too."""
    with reading(mine) as connection:

        def roles(person: str) -> dict[int, list[str]]:
            frame = told(connection, person).rows
            return dict(zip(frame["connector_id"], frame["roles"], strict=True))

        assert roles(DORA) == {PAYROLL: ["asked"], VANISHING: ["editor"]}
        assert roles(BRUNO) == {WEATHER: ["owner"], PAYROLL: ["deputy"]}
        assert roles(MAKERS) == {VANISHING: ["owner"]}
        assert roles(COE) == {}
        request = told(connection, DORA).rows.iloc[0]["request_id"]
    assert request == ASKED


def test_everybody_who_has_to_do_with_connectors(mine: Engine) -> None:
    """By name, with how many; the whole tenant is nobody."""
    with reading(mine) as connection:
        frame = people(connection, now(connection))
    told = dict(zip(frame["key"], frame["connectors"], strict=True))

    assert told == {ADA: 3, BRUNO: 2, CARLA: 1, DORA: 2, MAKERS: 1}
    assert TENANT not in told
    assert frame["name"].tolist() == [
        "Ada Ample", "Bruno Bogus", "Carla Contrived", "dora@partner.example", "Makers",
    ]  # fmt: skip
    assert frame["state"].tolist() == ["enabled", "disabled", "deleted", "enabled", "enabled"]


def test_somebody_is_found_by_id_and_address(mine: Engine) -> None:
    """In any letter case; an id that only a role names is told by that; nobody is None."""
    with reading(mine) as connection:
        moment = now(connection)
        found = somebody(connection, moment, "ADA@tenant.example ")
        assert found == somebody(connection, moment, ADA.upper())
        assert found is not None
        assert (found.key, found.name, found.state) == (ADA, "Ada Ample", "enabled")
        left = somebody(connection, moment, CARLA)
        assert left is not None
        assert left.state == "deleted"
        named = somebody(connection, moment, ZED)
        assert named is not None
        assert (named.name, named.kind) == ("Zed Zero", None)
        mailbox = somebody(connection, moment, COE)
        assert mailbox is not None
        assert (mailbox.name, mailbox.state) == ("coe@example.test", None)
        assert somebody(connection, moment, "nobody@tenant.example") is None
        assert somebody(connection, moment, "") is None


def test_it_asks_as_often_however_many_there_are(mine: Engine) -> None:
    """The number of statements is the same for somebody with four connectors and with none."""
    counts = []
    for person in (ADA, ZED):
        with reading(mine) as connection, replies(connection) as seen:
            told(connection, person)
        counts.append(len(seen))

    assert counts[0] == counts[1]


def test_nobody_has_nothing(nothing: Connection) -> None:
    """Frames have their columns also without rows."""
    moment = now(nothing)

    assert told(nothing, ADA).rows.empty
    assert told(nothing, ADA).todo == ()
    assert people(nothing, moment).empty
    assert "roles" in told(nothing, ADA).rows.columns
