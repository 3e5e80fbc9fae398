"""Who owns the connectors of the small tenant, since when that is known, and what to do."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pandas as pd
import pytest
from factories import (
    ADA,
    BALLOON,
    BRUNO,
    CARLA,
    DORA,
    INVOICES,
    MAKERS,
    PAYROLL,
    RUN_TIMES,
    SCRATCH,
    TWIN,
    VANISHING,
    WEATHER,
    fill,
    fill_runs_only,
    moment,
)
from sqlalchemy import Engine, insert, update

import models
from connectory.actions.stewarding import appoint
from connectory.assess import assess
from connectory.database import reading, writing
from connectory.domain.stewardship import StewardFields
from connectory.queries.owner_gaps import owner_gaps


@pytest.fixture
def tenant(store: Engine) -> Engine:
    """The small tenant, assessed; the newest finished run is the third."""
    fill(store)
    assess(store, now=lambda: RUN_TIMES[3])
    return store


def gaps(store: Engine, run: int = 3) -> pd.DataFrame:
    """Return the rows by connector."""
    with reading(store) as connection:
        told = owner_gaps(connection, moment(run))
    return told.set_index("connector_id")


def change(store: Engine, model: type[models.Base], values: dict[str, Any], **which: Any) -> None:
    """Write other values into the rows of a table that fit."""
    table = model.__table__
    with writing(store) as connection:
        fits = [table.c[name] == value for name, value in which.items()]
        connection.execute(update(table).where(*fits).values(**values))


def owner(store: Engine, connector: int, kind: str, key: str, **told: Any) -> None:
    """Give somebody a role from run 1 on: Owner, unless it says another."""
    row = {"connector_id": connector, "principal_type": kind, "principal_key": key,
           "role": "Owner", "from_run": 1, **told}  # fmt: skip
    with writing(store) as connection:
        connection.execute(insert(models.ConnectorPermission).values(**row))


def test_one_row_a_connector_that_is_not_gone(tenant: Engine) -> None:
    """With what assess found of each, by name."""
    told = gaps(tenant)

    assert told["state"].to_dict() == {
        INVOICES: "sole_owner",
        PAYROLL: "departed_owner",
        WEATHER: "disabled_owner",
        SCRATCH: "owner_unknown",
        VANISHING: "owner_unknown",  # its permissions were never read whole
        TWIN: "sole_owner",
    }
    assert told["connector"].tolist() == sorted(told["connector"], key=str.lower)
    assert BALLOON not in told.index


def test_each_tells_its_proof(tenant: Engine) -> None:
    """The source, when that was last read whole, and what it says."""
    told = gaps(tenant)

    assert told.loc[PAYROLL, ["source", "reason", "owner", "owner_state"]].tolist() == [
        "deleted_users", "its owner is no longer in the directory", "Carla Contrived", "deleted",
    ]  # fmt: skip
    assert told.loc[WEATHER, "source"] == "users"
    assert told.loc[SCRATCH, "source"] == "permissions"
    # Within its run, step by step; deleted users failed in run 2 but not in run 3.
    assert RUN_TIMES[2] < told.loc[PAYROLL, "proven_at"] < RUN_TIMES[2] + timedelta(minutes=5)


def test_a_source_that_failed_proves_nothing_later_than_before(tenant: Engine) -> None:
    """At run 2 the deleted users could not be read: what is known of them is of run 1."""
    change(tenant, models.OwnershipAnswer, {"source": "deleted_users"}, connector_id=INVOICES)
    told = gaps(tenant, run=2)

    assert RUN_TIMES[0] < told.loc[INVOICES, "proven_at"] < RUN_TIMES[0] + timedelta(minutes=5)
    assert pd.isna(gaps(tenant, run=2).loc[PAYROLL, "proven_at"])  # an answer without a source


def test_who_can_act_is_counted(tenant: Engine) -> None:
    """Owners, others who may edit it, and the people of a group that owns it."""
    owner(tenant, INVOICES, "user", DORA, role="CanEdit")
    owner(tenant, INVOICES, "user", CARLA, role="CanEdit")
    owner(tenant, VANISHING, "group", MAKERS)
    assess(tenant, now=lambda: RUN_TIMES[3])
    told = gaps(tenant)

    assert told.loc[INVOICES, ["state", "owners", "editors"]].tolist() == ["owned", 1, 1]
    assert pd.isna(told.loc[INVOICES, "members"])
    assert told.loc[VANISHING, ["state", "owner", "members", "source"]].tolist() == [
        "group_owned", "Makers", 1, "groups",
    ]  # fmt: skip
    assert pd.isna(told.loc[SCRATCH, "owners"])


def test_a_group_whose_people_left_is_empty(tenant: Engine) -> None:
    """Bruno went out of it at run 3, and his account was disabled before; Ada leaves here."""
    owner(tenant, VANISHING, "group", MAKERS)
    change(tenant, models.PrincipalVersion, {"presence": "missing"}, principal_id=1)
    assess(tenant, now=lambda: RUN_TIMES[3])
    told = gaps(tenant)

    assert told.loc[VANISHING, ["state", "members"]].tolist() == ["empty_group", 0]
    # Absent from a complete answer: that is departed, and the directory's list of users says so.
    assert told.loc[INVOICES, ["state", "source"]].tolist() == ["departed_owner", "users"]


def test_the_department_is_the_last_one_known(tenant: Engine) -> None:
    """Of a leaver, and of the last owner where nobody owns it now."""
    change(tenant, models.PrincipalVersion, {"department": "Payroll"}, principal_id=3, from_run=1)
    owner(tenant, VANISHING, "user", BRUNO, to_run=2)
    change(tenant, models.PrincipalVersion, {"department": None}, principal_id=2, from_run=2)
    told = gaps(tenant)["department"]

    assert told[PAYROLL] == "Payroll"
    assert told[INVOICES] == "Accounting"
    assert told[WEATHER] is None  # he is still there, and in no department any more
    assert told[VANISHING] is None
    change(tenant, models.PrincipalVersion, {"department": "Research"}, principal_id=2, from_run=2)
    assert gaps(tenant)["department"][VANISHING] == "Research"


def test_who_is_named_stands_beside_and_alters_the_advice(tenant: Engine) -> None:
    """As of the moment: it was not so before."""
    before = gaps(tenant).loc[PAYROLL, "advice"]
    fields = StewardFields(business_owner=ADA, team="Pay", review_on=date(2027, 1, 31))
    appoint(tenant, PAYROLL, fields, author="Tess", via="csv", now=RUN_TIMES[2])
    told = gaps(tenant)

    assert told.loc[PAYROLL, ["business_owner", "business_owner_state", "team"]].tolist() == [
        "Ada Ample", "enabled", "Pay",
    ]  # fmt: skip
    assert told.loc[PAYROLL, "review_on"] == date(2027, 1, 31)
    assert before.startswith("Name a business owner now.")
    assert told.loc[PAYROLL, "advice"] != before
    assert gaps(tenant, run=2).loc[PAYROLL, "business_owner"] is None


def test_what_is_built_on_it_is_counted(tenant: Engine) -> None:
    """Missing where there is none among those that could be listed."""
    told = gaps(tenant)["consumers"]

    assert told[PAYROLL] == 2
    assert pd.isna(told[SCRATCH]) or told[SCRATCH] == 0


def test_connectors_that_were_not_assessed_say_so(store: Engine) -> None:
    """They are in the rows, as unknown."""
    fill(store)
    with writing(store) as connection:
        connection.execute(models.OwnershipAnswer.__table__.delete())
    told = gaps(store)

    assert set(told["state"]) == {"owner_unknown"}
    assert set(told["reason"]) == {"its ownership has not been assessed"}
    assert told["proven_at"].isna().all()


def test_a_store_without_connectors(store: Engine) -> None:
    """Has no rows, and the same columns."""
    fill_runs_only(store)
    with reading(store) as connection:
        told = owner_gaps(connection, moment(1))

    assert told.empty
    assert "advice" in told
