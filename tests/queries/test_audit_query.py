from __future__ import annotations

from datetime import UTC, date, datetime

from factories import ADA, BRUNO, INVOICES, PAYROLL, TWIN, fill, moment
from factories_events import fill_events
from sqlalchemy import Connection, Engine, insert

import models
from connectory.database import reading, writing
from connectory.queries.audit import audit_events, launches_by_day, log_read
from connectory.queries.launches import app_launches


def test_events_name_who_and_what(tenant: Connection) -> None:
    """People by their name in the directory, strangers as the log names them, things as people do."""
    frame = audit_events(tenant, moment(3))

    told = frame[["action", "name", "connector", "environment", "actor", "actor_state"]]
    shown = told.astype(object).where(told.notna(), None)
    assert list(shown.itertuples(index=False, name=None))[:2] == [
        ("deleted", "shared_never", None, "Finance", "Ada Ample", "enabled"),
        ("edited", "Pay the bills", None, "Finance", "Ada Ample", "enabled"),
    ]
    assert list(shown.itertuples(index=False, name=None))[-3:] == [
        ("deleted", "shared_invoices-5f0a", "Invoices", "Finance", "Carla Contrived", "deleted"),
        (
            "shared",
            "shared_invoices-5f0a",
            "Invoices",
            "Finance",
            "stranger@elsewhere.example",
            None,
        ),
        ("saved", "shared_invoices-5f0a", "Invoices", "Finance", "Ada Ample", "enabled"),
    ]
    assert frame["succeeded"].tolist()[-3:] == [False, True, True]


def test_a_connector_has_the_events_of_what_uses_it(tenant: Connection) -> None:
    """Its own, those of its connections, and those of the flows and apps that use it."""
    mine = audit_events(tenant, moment(3), INVOICES)
    payroll = audit_events(tenant, moment(3), PAYROLL)

    assert sorted(mine["noun"]) == ["app"] * 3 + ["connection"] + ["connector"] * 3 + ["flow"]
    assert payroll["noun"].tolist() == ["app"] * 3
    assert audit_events(tenant, moment(3), TWIN).empty
    assert audit_events(tenant, moment(2), INVOICES).empty


def test_launches_are_counted_by_day_and_person(tenant: Connection) -> None:
    """A day of which the log was read has its count or zero; one that was lost has none."""
    frame = launches_by_day(tenant, moment(3), INVOICES, 14).set_index("day")
    told = {day.day: row for day, row in frame.iterrows()}

    assert (told[14]["launches"], told[14]["people"]) == (3, 2)
    assert told[13]["launches"] == 0
    assert frame["launches"].isna().tolist()[5:7] == [True, True]
    assert {ADA, BRUNO} == set(audit_events(tenant, moment(3), PAYROLL)["actor_key"])


def test_what_of_the_log_was_read_is_known(tenant: Connection, nothing: Connection) -> None:
    """Two stretches with a hole between, and a part that had expired."""
    read = log_read(tenant, moment(3))

    assert [(begin.day, end.day) for begin, end in read.spans] == [(1, 8), (10, 16)]
    assert read.expired == 1
    assert read.covers(date(2026, 11, 7))
    assert not read.covers(date(2026, 11, 8))
    assert log_read(nothing, moment(1)).spans == ()


def test_a_hole_that_a_query_filled_is_none_from_then_on(store: Engine) -> None:
    """What was asked for afterwards counts as read, but not in what was known before."""
    hole = {
        "from_at": datetime(2026, 11, 8, tzinfo=UTC),
        "to_at": datetime(2026, 11, 10, tzinfo=UTC),
    }
    fill(store)
    fill_events(store)
    with writing(store) as connection:
        for state, run in (("failed", 2), ("filled", 3)):
            row = {"query_key": state, "state": state, "records": 0, "asked_at": hole["to_at"]}
            connection.execute(insert(models.AuditQuery).values(**row, **hole, run_id=run))
    with reading(store) as connection:
        before, after = (log_read(connection, moment(run)) for run in (2, 3))

    assert before.filled == ()
    assert not before.covers(date(2026, 11, 8))
    assert after.filled == ((hole["from_at"], hole["to_at"]),)
    assert [(begin.day, end.day) for begin, end in after.spans] == [(1, 16)]
    assert after.covers(date(2026, 11, 8))


def test_launches_are_told_by_app_person_and_day(tenant: Connection) -> None:
    """Each row is evidence that somebody opened an app, for each connector that the app uses."""
    frame = app_launches(tenant, moment(3))
    told = frame[["connector_id", "app_key", "person_key", "launches", "evidence"]]

    assert sorted(told.itertuples(index=False, name=None)) == sorted(
        (connector, "app-1", person, launches, "launch")
        for connector in (INVOICES, PAYROLL)
        for person, launches in ((BRUNO, 2), (ADA, 1))
    )
    assert {day.date() for day in frame["day"]} == {date(2026, 11, 14)}
    assert len(app_launches(tenant, moment(3), INVOICES)) == 2
    assert app_launches(tenant, moment(3), TWIN).empty
    assert app_launches(tenant, moment(3), INVOICES, 1).empty
    assert app_launches(tenant, moment(2)).empty
