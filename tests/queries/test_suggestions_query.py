"""Who could answer for the connectors of the small tenant, and why."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pandas as pd
import pytest
from factories import (
    ADA,
    BRUNO,
    CARLA,
    DORA,
    INVOICES,
    MAKERS,
    PAYROLL,
    RUN_TIMES,
    SCRATCH,
    TENANT,
    TWIN,
    VANISHING,
    WEATHER,
    ZED,
    fill,
    fill_runs_only,
    moment,
)
from factories_calls import fill_calls
from sqlalchemy import Engine, event, insert, text, update

import models
from connectory.actions.stewarding import appoint
from connectory.database import reading, writing
from connectory.domain.stewardship import StewardFields
from connectory.queries.suggestions import suggestions

EVA = "80000000-0000-4000-8000-000000000000"
FINN = "90000000-0000-4000-8000-000000000000"


@pytest.fixture
def tenant(store: Engine) -> Engine:
    """The small tenant, in which Eva and Finn work as well."""
    fill(store)
    for key, name in ((EVA, "Eva Example"), (FINN, "Finn Fiction")):
        with writing(store) as connection:
            row = insert(models.Principal).values(key=key).returning(models.Principal.id)
            number = connection.execute(row).scalar_one()
            facts = {"kind": "user", "display_name": name, "enabled": True, "presence": "present",
                     "mail": f"{name[:4].strip().lower()}@tenant.example", "department": "Tests",
                     "user_principal_name": f"{name[:4].strip().upper()}@tenant.example"}  # fmt: skip
            connection.execute(
                insert(models.PrincipalVersion).values(principal_id=number, from_run=1, **facts)
            )
    return store


def role(store: Engine, connector: int, kind: str, key: str, **told: Any) -> None:
    """Give somebody a role from run 1 on: CanEdit, unless it says another."""
    row = {"connector_id": connector, "principal_type": kind, "principal_key": key,
           "role": "CanEdit", "from_run": 1, **told}  # fmt: skip
    with writing(store) as connection:
        connection.execute(insert(models.ConnectorPermission).values(**row))


def asked(store: Engine, connectors: Iterable[int] | None = None, **more: Any) -> pd.DataFrame:
    """Return what is suggested at run 3."""
    chosen = None if connectors is None else list(connectors)
    with reading(store) as connection:
        return suggestions(connection, moment(3), chosen, **more)


def told(store: Engine, connector: int, **more: Any) -> list[tuple[str, str]]:
    """Return who is suggested for a connector, and the best reason."""
    rows = asked(store, [connector], **more)
    assert rows["rank"].tolist() == list(range(1, len(rows) + 1))
    return list(zip(rows["name"], rows["reason"], strict=True))


def test_who_may_edit_it(tenant: Engine) -> None:
    """People of the tenant who work; no guest, leaver, disabled account, group or everyone."""
    for kind, key in (
        ("user", EVA), ("user", DORA), ("user", CARLA), ("user", BRUNO), ("user", ZED),
        ("group", MAKERS), ("tenant", TENANT),
    ):  # fmt: skip
        role(tenant, VANISHING, kind, key)

    assert told(tenant, VANISHING) == [("Eva Example", "editor")]


def test_who_owns_it_is_not_suggested(tenant: Engine) -> None:
    """Ada owns Invoices and made a connection to it; Eva made one as well."""
    change(tenant, models.ConnectionVersion, {"creator_key": EVA}, connection_id=2)

    assert told(tenant, INVOICES) == [("Eva Example", "connection_owner")]


def change(store: Engine, model: type[models.Base], values: dict[str, Any], **which: Any) -> None:
    """Write other values into the rows of a table that fit."""
    table = model.__table__
    with writing(store) as connection:
        fits = [table.c[name] == value for name, value in which.items()]
        connection.execute(update(table).where(*fits).values(**values))


def test_the_leavers_manager(tenant: Engine) -> None:
    """As last known, by the name of the leaver."""
    change(tenant, models.PrincipalVersion, {"manager_key": EVA}, principal_id=3, from_run=1)
    rows = asked(tenant, [PAYROLL])

    assert rows["name"].tolist() == ["Eva Example"]
    assert rows["words"].tolist() == ["Manager of Carla Contrived"]
    assert rows["reasons"].tolist() == [
        [{"reason": "manager", "count": 0, "where": "Carla Contrived"}]
    ]


def test_the_manager_of_the_last_owner_where_there_is_none_now(tenant: Engine) -> None:
    """Bruno owned Vanishing until run 2; his manager is Ada."""
    role(tenant, VANISHING, "user", BRUNO, role="Owner", to_run=2)

    assert told(tenant, VANISHING) == [("Ada Ample", "manager")]


def test_who_owns_the_same_one_elsewhere(tenant: Engine) -> None:
    """A family of three, two of which Eva owns."""
    family = {"family_key": "f", "family_name": "Invoices", "rule": "lineage", "reason": "r",
              "reference_connector_id": INVOICES, "is_reference": False, "from_run": 1}  # fmt: skip
    with writing(tenant) as connection:
        for connector in (INVOICES, TWIN, WEATHER):
            connection.execute(insert(models.FamilyAnswer).values(connector_id=connector, **family))
    for connector in (TWIN, WEATHER):
        role(tenant, connector, "user", EVA, role="Owner")
    rows = asked(tenant, [INVOICES])

    assert rows[["name", "words"]].to_numpy().tolist() == [
        ["Eva Example", "Owns the same one in Sandbox and 1 more"]
    ]
    assert "Ada Ample" in asked(tenant, [WEATHER])["name"].tolist()


def test_who_calls_it_most(tenant: Engine) -> None:
    """By the account a log tells; what a log keeps as a hash is nobody's."""
    fill_calls(tenant)
    with writing(tenant) as connection:
        rename = text("UPDATE call_callers SET key = :new WHERE key = :old")
        connection.execute(rename, {"new": "eva@tenant.example", "old": "ann@invented.example"})
        connection.execute(rename, {"new": "#" + "0" * 32, "old": "bob@invented.example"})
    rows = asked(tenant, [INVOICES])

    assert rows[["name", "words"]].to_numpy().tolist() == [
        ["Eva Example", "Called it 2 times in 28 days"]
    ]
    assert (
        asked(tenant)[["connector_id", "name"]].to_numpy().tolist().count([INVOICES, "Eva Example"])
        == 1
    )


def test_the_deputy_stands_first_with_every_reason(tenant: Engine) -> None:
    """And what else speaks for them."""
    role(tenant, VANISHING, "user", EVA)
    role(tenant, VANISHING, "user", FINN)
    fields = StewardFields(business_owner=ADA, deputy=FINN)
    appoint(tenant, VANISHING, fields, author="Tess", via="csv", now=RUN_TIMES[2])
    rows = asked(tenant, [VANISHING])

    assert rows["name"].tolist() == ["Finn Fiction", "Eva Example"]
    assert rows["words"].tolist() == ["Named as deputy, may edit it", "May edit it"]
    assert rows.iloc[0][["mail", "department"]].tolist() == ["finn@tenant.example", "Tests"]


def test_those_who_are_about_to_leave_are_not_suggested(tenant: Engine) -> None:
    """Whoever hands over to somebody needs one who stays."""
    role(tenant, VANISHING, "user", EVA)
    role(tenant, VANISHING, "user", FINN)

    assert told(tenant, VANISHING, without=[EVA]) == [("Finn Fiction", "editor")]
    assert told(tenant, VANISHING, most=1) == [("Eva Example", "editor")]


def statements(store: Engine, *arguments: Any) -> int:
    """Return how many statements a question sends."""
    sent: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        sent.append(statement)

    event.listen(store, "before_cursor_execute", note)
    asked(store, *arguments)
    event.remove(store, "before_cursor_execute", note)
    return len(sent)


def test_it_asks_as_often_however_many_there_are(tenant: Engine) -> None:
    """One connector, more than can be named in a statement, or all."""
    one = statements(tenant, [INVOICES])

    assert one == statements(tenant, range(1, 1_000)) == statements(tenant)


def test_nobody_for_what_is_not_there(tenant: Engine) -> None:
    """A connector that is gone, or never was."""
    assert asked(tenant, [4711]).empty
    assert asked(tenant, []).empty
    assert SCRATCH not in set(asked(tenant)["connector_id"])


def test_a_store_without_anything(store: Engine) -> None:
    """Has the columns."""
    fill_runs_only(store)
    with reading(store) as connection:
        assert "words" in suggestions(connection, moment(1))
