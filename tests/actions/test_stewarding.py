"""Naming who answers for a connector: what is written, what is refused, and what stays."""

from __future__ import annotations

import threading
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from factories import (
    ADA,
    BRUNO,
    CARLA,
    INVOICES,
    MAKERS,
    PAYROLL,
    ROBOT,
    RUN_TIMES,
    fill,
    fill_runs_only,
    moment,
)
from sqlalchemy import Engine, insert

import models
from connectory.actions.stewarding import NotAppointed, appoint, dismiss
from connectory.database import reading, writing
from connectory.domain.stewardship import StewardFields
from connectory.queries.stewards import steward_log, steward_of, stewards

NOW = datetime(2026, 11, 24, 8, tzinfo=UTC)
EVA = "80000000-0000-4000-8000-000000000000"
FULL = StewardFields(
    business_owner="ada@tenant.example",
    deputy="Eva Example",
    team="Accounts payable",
    contact="ap@tenant.example",
    review_on=date(2027, 3, 1),
    data_class="Confidential",
    criticality="high",
    support_link="https://wiki.example/invoices",
)


@pytest.fixture
def tenant(store: Engine) -> Engine:
    """The small tenant, in which Eva works as well."""
    fill(store)
    with writing(store) as connection:
        row = insert(models.Principal).values(key=EVA).returning(models.Principal.id)
        number = connection.execute(row).scalar_one()
        facts = {"kind": "user", "display_name": "Eva Example", "enabled": True,
                 "mail": "Eva@Tenant.example", "presence": "present"}  # fmt: skip
        connection.execute(
            insert(models.PrincipalVersion).values(principal_id=number, from_run=1, **facts)
        )
    return store


def name(engine: Engine, connector: int = INVOICES, **told: Any) -> bool:
    """Name somebody, as Tess in a test unless it says otherwise."""
    fields = told.pop("fields", None) or StewardFields(
        **{key: told.pop(key) for key in list(told) if key in StewardFields.__slots__}
    )
    how = {"author": "Tess", "via": "dashboard", "reason": "She runs it", "now": NOW, **told}
    return appoint(engine, connector, fields, **how)


def test_everything_that_is_said_is_kept(tenant: Engine) -> None:
    """With people by their ids, words on one line, and who said so, when and why."""
    assert name(tenant, fields=FULL)
    with reading(tenant) as connection:
        standing = steward_of(connection, INVOICES)
        listed = stewards(connection, moment(3))

    assert standing is not None
    assert standing.fields == StewardFields(
        ADA, EVA, "Accounts payable", "ap@tenant.example", date(2027, 3, 1), "confidential",
        "high", "https://wiki.example/invoices",
    )  # fmt: skip
    assert (standing.decided_by, standing.decided_at, standing.via) == ("Tess", NOW, "dashboard")
    assert listed.iloc[0]["business_owner"] == "Ada Ample"
    assert listed.iloc[0]["business_owner_state"] == "enabled"
    assert listed.iloc[0]["deputy_mail"] == "Eva@Tenant.example"
    assert listed.iloc[0]["review_on"] == date(2027, 3, 1)


@pytest.mark.parametrize(
    "word", [ADA, ADA.upper(), "ADA@tenant.example", "ada ample", " Ada Ample "]
)
def test_a_person_by_whatever_they_are_called(tenant: Engine, word: str) -> None:
    """Object id, address and name, in any letter case."""
    name(tenant, business_owner=word)
    with reading(tenant) as connection:
        standing = steward_of(connection, INVOICES)

    assert standing is not None
    assert standing.fields == StewardFields(business_owner=ADA)


def test_a_new_decision_ends_the_one_before(tenant: Engine) -> None:
    """All of it: what is not said any more does not stand; the log has both."""
    name(tenant, business_owner=ADA, team="One")
    name(tenant, deputy=EVA, author="Tom", now=NOW + timedelta(hours=1), via="csv", reason="")
    with reading(tenant) as connection:
        standing = steward_of(connection, INVOICES)
        log = steward_log(connection, INVOICES)

    assert standing is not None
    assert standing.fields == StewardFields(deputy=EVA)
    assert log["decided_by"].tolist() == ["Tom", "Tess"]
    assert log["replaced_by"].tolist() == [None, "Tom"]
    assert log["business_owner"].tolist() == [None, "Ada Ample"]
    assert log["reason"].tolist() == [None, "She runs it"]
    assert log["replaced_at"].isna().tolist() == [True, False]


def test_what_stands_already_costs_no_row(tenant: Engine) -> None:
    """So that a file can be applied every night."""
    assert name(tenant, fields=FULL)
    assert not name(tenant, fields=FULL, author="Tom")
    with reading(tenant) as connection:
        assert len(steward_log(connection)) == 1


def test_taking_back_leaves_the_log(tenant: Engine) -> None:
    """And is no error where nobody stands."""
    name(tenant, business_owner=ADA)
    how: dict[str, Any] = {"author": "Tom", "via": "dashboard", "reason": "She moved", "now": NOW}

    assert dismiss(tenant, INVOICES, **how)
    assert not dismiss(tenant, INVOICES, **how)
    with reading(tenant) as connection:
        assert steward_of(connection, INVOICES) is None
        log = steward_log(connection)
    assert log["replaced_by"].tolist() == ["Tom"]


def test_what_was_decided_belongs_to_its_time(tenant: Engine) -> None:
    """A past moment shows who was named then."""
    name(tenant, business_owner=ADA, now=RUN_TIMES[0])
    name(tenant, business_owner=EVA, now=RUN_TIMES[2] - timedelta(days=1))
    with reading(tenant) as connection:
        told = [stewards(connection, moment(run))["business_owner"].tolist() for run in (1, 2, 3)]

    assert told == [["Ada Ample"], ["Eva Example"], ["Eva Example"]]


@pytest.mark.parametrize(
    ("told", "says"),
    [
        ({}, "nothing is said"),
        ({"team": "  \n "}, "nothing is said"),
        ({"business_owner": "nobody@tenant.example"}, "nobody in the directory is called"),
        ({"business_owner": CARLA}, "Carla Contrived is no longer in the directory"),
        ({"deputy": BRUNO}, "deputy: Bruno Bogus may not sign in"),
        ({"business_owner": MAKERS}, "Makers is a group"),
        ({"business_owner": ROBOT}, "Robot is an application"),
        ({"business_owner": "x" * 201}, "201 characters; at most 200"),
        ({"business_owner": ADA, "deputy": "ada@tenant.example"}, "it is the business owner"),
        ({"business_owner": ADA, "deputy": ADA}, "it is the business owner"),
        ({"team": "a\x00b"}, "cannot be printed"),
        ({"data_class": "secret"}, "none of public, internal, confidential, restricted"),
        ({"criticality": "extreme"}, "none of low, medium, high, critical"),
        ({"support_link": "http://wiki.example"}, "no https address"),
        ({"support_link": "javascript:alert(1)"}, "no https address"),
        ({"support_link": "https://user:pass@wiki.example"}, "no https address"),
        ({"support_link": "https://wiki.example/<script>"}, "no https address"),
        ({"support_link": "https://[bad"}, "no https address"),
        ({"review_on": date(1990, 1, 1)}, "the year 1990 is not meant"),
        ({"team": "T", "author": " \n"}, "nobody is named who decides"),
    ],
)  # fmt: skip
def test_what_is_refused_writes_nothing(tenant: Engine, told: dict[str, Any], says: str) -> None:
    """And says which field, and what to write instead."""
    with pytest.raises(NotAppointed, match=says.replace("(", r"\(")):
        name(tenant, **told)
    with reading(tenant) as connection:
        assert steward_log(connection).empty


def test_several_of_one_name_are_told_apart(tenant: Engine) -> None:
    """By what to write instead; one who left does not count beside one who is here."""
    with writing(tenant) as connection:
        for number, (key, here) in enumerate(
            [("90", "present"), ("91", "present"), ("92", "gone")]
        ):
            row = insert(models.Principal).values(key=key).returning(models.Principal.id)
            one = connection.execute(row).scalar_one()
            facts = {"kind": "user", "enabled": True, "presence": here,
                     "display_name": "Eva Example" if number else "Carla Contrived",
                     "user_principal_name": f"twin{number}@tenant.example"}  # fmt: skip
            connection.execute(
                insert(models.PrincipalVersion).values(principal_id=one, from_run=1, **facts)
            )
    with pytest.raises(NotAppointed, match=r"2 people are called Eva Example: .*twin1@tenant"):
        name(tenant, business_owner="Eva Example")

    assert name(tenant, business_owner="Carla Contrived")


def test_a_connector_nobody_knows(tenant: Engine) -> None:
    """Cannot have a steward."""
    with pytest.raises(NotAppointed, match="the store knows no connector 4711"):
        name(tenant, 4711, team="T")


def test_nobody_can_be_named_before_anybody_was_read(store: Engine) -> None:
    """The directory is that of the latest run."""
    fill_runs_only(store)
    with writing(store) as connection:
        connection.execute(insert(models.Environment).values(id=1, key="e"))
        connection.execute(insert(models.Connector).values(id=1, environment_id=1, key="c"))

    with pytest.raises(NotAppointed, match="nobody in the directory is called"):
        name(store, 1, business_owner=ADA)
    assert name(store, 1, team="T")


def test_two_at_once_leave_one_standing(tenant: Engine) -> None:
    """Whoever comes second replaces the first, or is told to read again."""
    told: list[bool | str] = []

    def decide(number: int) -> None:
        try:
            told.append(name(tenant, PAYROLL, team=f"Team {number}"))
        except NotAppointed as error:
            told.append(str(error))

    threads = [threading.Thread(target=decide, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    with reading(tenant) as connection:
        log = steward_log(connection, PAYROLL)

    assert len(told) == 4
    assert log["replaced_at"].isna().sum() == 1
    assert all(one is True or "at this moment" in str(one) for one in told)
    assert len(log) == told.count(True)
