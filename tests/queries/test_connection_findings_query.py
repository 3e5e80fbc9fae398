from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
from factories import ADA, DORA, FINANCE, INVOICES_KEY, MAKERS, TENANT, fill, moment
from sqlalchemy import Connection, Engine, insert, select, update

import models
from connectory.database import reading, writing
from connectory.domain.connection_facts import ConnectionRules
from connectory.queries.connection_findings import checks, findings
from connectory.queries.export import rows

# Told by hand from the story in factories.py.
_FOUND = {
    1: [
        ("medium", "unbound", "connection_reference", "cr_payroll"),
        ("medium", "personal_account", "connection", "Ada's invoices"),  # Legacy sync runs with it
        ("medium", "guest", "connection", "conn-6"),
    ],
    2: [
        ("high", "broken", "connection", "conn-2"),
        ("high", "owner_disabled", "connection", "conn-2"),
    ],
    3: [
        ("high", "broken", "connection", "conn-2"),
        ("high", "broken", "connection", "conn-3"),
        ("high", "owner_left", "connection", "conn-3"),
        ("high", "owner_left", "connection_reference", "cr_payroll"),
        ("high", "owner_disabled", "connection", "conn-2"),
        ("medium", "owner_left", "connection", "conn-5"),
    ],
}


def told(frame: pd.DataFrame, *columns: str) -> list[tuple[Any, ...]]:
    """Return some columns as tuples, missing values as None."""
    chosen = frame[list(columns)].astype(object)
    return list(chosen.where(chosen.notna(), None).itertuples(index=False, name=None))


@pytest.mark.parametrize("run", [1, 2, 3])
def test_findings_are_those_of_the_moment(tenant: Connection, run: int) -> None:
    """The worst come first, and a page opened as of an earlier run shows what was wrong then."""
    frame = findings(tenant, moment(run))

    assert told(frame, "severity", "finding", "asset", "name") == _FOUND[run]


def test_a_finding_says_what_relies_on_it_and_what_its_status_means(tenant: Connection) -> None:
    """Each row names connector, environment, people and use; a reference counts flows only."""
    frame = findings(tenant, moment(3))
    columns = ("connector_id", "environment", "owner", "owner_state", "references", "flows", "apps")
    rows_told = dict(zip(zip(frame["finding"], frame["name"], strict=True),
                         told(frame, *columns), strict=True))  # fmt: skip

    assert rows_told["broken", "conn-2"] == (1, "Finance", "Bruno Bogus", "disabled", 1, 1, 0)
    assert rows_told["broken", "conn-3"] == (2, "Finance", "Carla Contrived", "deleted", 1, 0, 1)
    assert rows_told["owner_left", "cr_payroll"] == (
        2, "Finance", "Carla Contrived", "deleted", None, 1, None,
    )  # fmt: skip
    assert frame["status_meaning"].tolist()[0] == (
        "the service behind it refuses the sign-in (Unauthorized)"
    )
    assert frame["proof"].tolist()[0] == "The service behind it refuses the sign-in (Unauthorized)"


def test_a_role_on_a_connection_is_sharing_unless_it_is_its_makers_own(store: Engine) -> None:
    """Everyone, a group and a person are counted; shares that ended or are not allowed are not."""
    fill(store)
    held = [
        (1, "user", ADA, 3, None),
        (1, "user", DORA, 3, None),
        (1, "group", MAKERS, 3, None),
        (2, "tenant", TENANT, 3, None),
        (3, "user", DORA, 1, 3),
        (5, "user", DORA, 3, None),
    ]
    with writing(store) as connection:
        for link, kind, key, start, end in held:
            connection.execute(
                insert(models.ConnectionPermission).values(
                    connection_id=link, principal_type=kind, principal_key=key, role="CanView",
                    from_run=start, to_run=end,
                )
            )  # fmt: skip
        connection.execute(
            update(models.ConnectionVersion)
            .where(models.ConnectionVersion.connection_id == 5)
            .values(allow_sharing=False)
        )
    with reading(store) as connection:
        frame = findings(connection, moment(3))
    shared = frame[frame["finding"] == "shared"]

    assert told(shared, "severity", "name", "proof") == [
        ("high", "conn-2", "It is shared with everyone in the tenant"),
        ("medium", "Ada's invoices", "It is shared with 1 person and 1 group"),
    ]


def test_a_reference_is_matched_by_its_row_before_its_path(store: Engine) -> None:
    """After an import the path names another environment's connector, the row the one here."""
    fill(store)
    with writing(store) as connection:
        connection.execute(
            update(models.ConnectorVersion)
            .where(models.ConnectorVersion.connector_id == 1)
            .values(dataverse_id="ROW-1")
        )
        for entity, row in ((1, "row-1"), (2, "row-of-nobody")):
            connection.execute(
                update(models.ConnectionReferenceVersion)
                .where(models.ConnectionReferenceVersion.connection_reference_id == entity)
                .values(connector_key="shared_elsewhere", connector_row_key=row)
            )
    with reading(store) as connection:
        frame = findings(connection, moment(3))
    lost = frame[frame["finding"] == "connector_absent"]

    assert told(lost, "name", "connector_id", "connector") == [
        ("cr_payroll", None, "shared_elsewhere")
    ]


def test_references_of_standard_connectors_are_left_out(store: Engine) -> None:
    """A name that no custom connector ever had, and that is not formed like theirs, is Microsoft's."""
    fill(store)
    names = {"shared_office365": False, f"shared_hub-5f{'0a' * 8}": True, INVOICES_KEY: False}
    for name, absent in names.items():
        with writing(store) as connection:
            connection.execute(
                update(models.ConnectionReferenceVersion)
                .where(models.ConnectionReferenceVersion.connection_reference_id == 1)
                .values(connector_key=name)
            )
        with reading(store) as connection:
            kinds = set(findings(connection, moment(3))["finding"])
        assert ("connector_absent" in kinds) is absent


@pytest.mark.parametrize("source", ["admin", "admin_list"])
def test_nothing_is_absent_from_what_was_not_read(store: Engine, source: str) -> None:
    """Where connectors or connections were refused, a reference may point to one unseen."""
    fill(store)
    with writing(store) as connection:
        connection.execute(
            update(models.ConnectionReferenceVersion)
            .where(models.ConnectionReferenceVersion.connection_reference_id == 1)
            .values(connector_key=f"shared_hub-5f{'0a' * 8}", connection_key="unseen")
        )
    with reading(store) as connection:
        before = set(findings(connection, moment(3))["finding"])
    with writing(store) as connection:
        connection.execute(
            update(models.StepSource)
            .where(
                models.StepSource.source == source,
                models.StepSource.step_id.in_(
                    select(models.Step.id).where(models.Step.environment_id == FINANCE)
                ),
            )
            .values(outcome="refused", reason="403")
        )
    with reading(store) as connection:
        after = set(findings(connection, moment(3))["finding"])
        table = checks(connection, moment(3)).set_index(["environment", "finding"])
    hidden = {"admin": "connector_absent", "admin_list": "connection_absent"}[source]

    assert {"connector_absent", "connection_absent"} <= before
    assert before - after == {hidden}
    assert table.loc[("Finance", hidden), "checked"] == False  # noqa: E712 - a value of numpy
    assert table.loc[("Finance", "unbound"), "checked"] == True  # noqa: E712 - same


def test_checks_have_every_kind_of_every_environment(tenant: Connection) -> None:
    """Counts are those of the rows; what was never asked is not ruled out."""
    frame = checks(tenant, moment(3))
    found = findings(tenant, moment(3))

    assert frame["findings"].sum() == len(found)
    assert len(frame) == 2 * 11
    short = frame[~frame["checked"]]
    assert told(short, "environment", "finding", "reason") == [
        ("Finance", "shared", "connection permissions: never read"),
        ("Sandbox", "shared", "connection permissions: never read"),
    ]
    # At run 2 the directory was not read whole, and connections of Trial were not.
    second = checks(tenant, moment(2))
    unknown = second[~second["checked"]].groupby("environment")["finding"].count().to_dict()
    assert unknown == {"Finance": 6, "Sandbox": 6, "Trial": 9}


def test_the_settings_decide_what_a_service_account_is(tenant: Connection) -> None:
    """The rows of the export follow the same rules as those of the page."""
    rules = ConnectionRules(service_accounts=("ada",))
    without = rows(tenant, moment(1), "connection_findings", rules)

    assert "personal_account" in set(findings(tenant, moment(1))["finding"])
    assert "personal_account" not in set(without["finding"])


def test_where_nothing_is_there_are_no_findings(tenant: Connection, nothing: Connection) -> None:
    """An empty store has empty frames of the same columns and types."""
    for query in (findings, checks):
        none = query(nothing, moment(1))
        assert none.empty
        assert none.dtypes.equals(query(tenant, moment(3)).dtypes)
