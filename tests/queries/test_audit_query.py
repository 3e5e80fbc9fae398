from __future__ import annotations

from datetime import date

from factories import ADA, BRUNO, INVOICES, PAYROLL, TWIN, moment
from sqlalchemy import Connection

from connectory.queries.audit import audit_events, launches_by_day, log_read


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
