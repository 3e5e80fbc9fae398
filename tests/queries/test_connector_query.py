from __future__ import annotations

from dataclasses import fields

import pandas as pd
import pytest
from factories import (
    ADA,
    BALLOON,
    INVOICES,
    INVOICES_NEW,
    INVOICES_OLD,
    MAKERS,
    OLD_DOCUMENT,
    PAYROLL,
    RUN_TIMES,
    SCRATCH,
    TWIN,
    VANISHING,
    WEATHER,
    WEATHER_TEXT,
    fill,
    moment,
)
from sqlalchemy import Connection, Engine, insert, select, update

from connectory.database import reading, writing
from connectory.domain.definition import Document, Unreadable
from connectory.queries.connector import (
    ConnectorCard,
    card,
    document,
    history,
    manifest,
    operations,
    permissions,
)
from connectory.queries.connectors import connectors
from models import Definition, FlowOperation, FlowVersion, GroupMember, Principal, PrincipalVersion


def known(connection: Connection, run: int, connector: int) -> ConnectorCard:
    """Return the card of a connector that exists."""
    found = card(connection, moment(run), connector)
    assert found is not None
    return found


def test_a_card_tells_the_connector_whole(tenant: Connection) -> None:
    """Identity, owner, configuration and definition stand as the sources told them."""
    told = known(tenant, 3, INVOICES)

    assert (told.key, told.name) == ("shared_invoices-5f0a", "shared_Invoices-5f0a")
    assert (told.environment, told.environment_key) == ("Finance", "env-finance")
    assert (told.owner, told.owner_key, told.owner_state) == ("Ada Ample", ADA, "sole_owner")
    assert (told.creator, told.dataverse_owner) == ("Bruno Bogus", "Bruno Bogus")
    assert (told.host, told.base_path) == ("invoices.example", "/v1")
    assert told.authentication_kinds == ("oauth2",)
    assert told.policies == ({"templateId": "setheader"},)
    assert told.script_operations == ("GetInvoice",)
    assert told.connection_parameters["parameters"] == {"token": {"type": "oauthSetting"}}
    assert (told.definition_title, told.definition_version) == ("Invoices API", "1.1")
    assert (told.definition_id, told.redactions) == (INVOICES_NEW, 1)
    assert told.sources == ("admin", "connectivity")


def test_a_card_is_that_of_the_moment(tenant: Connection) -> None:
    """The definition, and since when it is there, are those of the run asked for."""
    old, new = known(tenant, 2, INVOICES), known(tenant, 3, INVOICES)

    assert (old.definition_id, old.definition_since) == (INVOICES_OLD, RUN_TIMES[0])
    assert (new.definition_id, new.definition_since) == (INVOICES_NEW, RUN_TIMES[2])
    assert new.presence_since == RUN_TIMES[0]


def test_a_card_knows_since_when_a_connector_is_there_or_not(tenant: Connection) -> None:
    """Each change of presence begins anew; a change of anything else does not."""
    assert [
        (told.presence, told.presence_since)
        for told in (known(tenant, run, VANISHING) for run in (1, 2, 3))
    ] == [("present", RUN_TIMES[0]), ("missing", RUN_TIMES[1]), ("present", RUN_TIMES[2])]
    assert known(tenant, 2, WEATHER).presence_since == RUN_TIMES[0]


def test_a_connector_that_is_gone_keeps_its_card(tenant: Connection) -> None:
    """What was last read of it stays to be seen."""
    told = known(tenant, 3, BALLOON)

    assert (told.presence, told.presence_since) == ("gone", RUN_TIMES[2])
    assert (told.display_name, told.environment) == ("Trial balloon", "Trial")


def test_before_it_was_found_there_is_no_card(tenant: Connection) -> None:
    """Neither for a connector of a later run nor for one that never was."""
    assert card(tenant, moment(1), SCRATCH) is None
    assert card(tenant, moment(3), 99) is None


def test_what_nobody_told_is_empty(tenant: Connection) -> None:
    """A row from Dataverse alone has no runtime name, configuration or definition."""
    told = known(tenant, 3, SCRATCH)

    assert (told.name, told.host, told.definition_id, told.definition_since) == (None,) * 4
    assert (told.policies, told.script_operations, told.connection_parameters) == ((), (), {})
    assert (told.owner, told.owner_state) == (None, "owner_unknown")
    assert told.owner_reason == "its permissions have not been read"


@pytest.mark.parametrize("run", [1, 2, 3])
def test_a_card_agrees_with_the_list(tenant: Connection, run: int) -> None:
    """A figure exists once: what the list says of a connector, its card says too."""
    shared = {field.name for field in fields(ConnectorCard)} - {"sources"}
    for row in connectors(tenant, moment(run)).to_dict("records"):
        told = known(tenant, run, row["connector_id"])
        for name in shared & row.keys():
            value = None if pd.isna(row[name]) else row[name]
            assert getattr(told, name) == value, name
        assert list(told.sources) == row["sources"]


def test_operations_count_the_flows_that_call_them(tenant: Connection) -> None:
    """A flow that calls an operation twice counts once; a flow elsewhere does not count."""
    frame = operations(tenant, moment(2), INVOICES)

    assert list(zip(frame["operation_id"], frame["kind"], frame["flows"], strict=True)) == [
        ("OnInvoice", "trigger", 1),
        ("GetInvoice", "action", 1),
        ("GetOld", "action", 1),
    ]
    assert frame["deprecated"].tolist() == [False, False, True]
    assert frame["parameters"].tolist() == [1, 1, 0]


def test_operations_that_flows_call_in_vain_are_told(tenant: Connection) -> None:
    """What the new definition no longer offers follows as missing, without place or method."""
    frame = operations(tenant, moment(3), INVOICES)
    last = frame.iloc[-1]

    assert frame["operation_id"].tolist() == [
        "OnInvoice",
        "GetInvoice",
        "ListInvoices",
        "Ping",
        "GetOld",
    ]
    # In the third run some flows could not be read: none found is not none there.
    assert frame["flows"].fillna(-1).tolist() == [1, 1, -1, -1, 1]
    assert (last["kind"], last["method"], last["path"]) == ("missing", None, None)
    assert pd.isna(last["ordinal"])


@pytest.mark.parametrize("connector", [WEATHER, SCRATCH, BALLOON, 99])
def test_without_a_definition_there_are_no_operations(tenant: Connection, connector: int) -> None:
    """Nothing is called missing where no definition says what there is."""
    frame = operations(tenant, moment(3), connector)

    assert frame.empty
    assert frame.dtypes.equals(operations(tenant, moment(3), INVOICES).dtypes)


def test_nothing_is_missing_from_a_definition_that_could_not_be_read(store: Engine) -> None:
    """A flow may call what an unreadable definition offers; nobody can tell."""
    fill(store)
    with writing(store) as connection:
        connection.execute(
            update(FlowOperation)
            .where(FlowOperation.flow_id == 4)
            .values(connector_key="shared_weather-5f0c")
        )
        connection.execute(
            update(FlowVersion).where(FlowVersion.flow_id == 4).values(presence="present")
        )
    with reading(store) as connection:
        assert operations(connection, moment(3), WEATHER).empty


def test_permissions_have_owners_first(tenant: Connection) -> None:
    """Each role names its holder and what the directory says; a group says whom it reaches."""
    frame = permissions(tenant, moment(3), INVOICES)

    assert list(frame[["principal", "role", "state"]].itertuples(index=False, name=None)) == [
        ("Ada Ample", "Owner", "enabled"),
        ("Everyone in the tenant", "CanView", "enabled"),
        ("Makers", "CanView", "enabled"),
    ]
    assert frame["department"].tolist()[0] == "Accounting"
    assert frame["people"].isna().tolist() == [True, True, False]
    assert frame["people"].tolist()[2] == 1


def test_permissions_are_those_of_the_moment(tenant: Connection) -> None:
    """Bruno was in the group until run 3; everyone was not yet allowed; an application owned."""
    group = permissions(tenant, moment(2), INVOICES)

    assert group["principal"].tolist() == ["Ada Ample", "Makers"]
    assert group["people"].tolist()[1] == 2
    assert permissions(tenant, moment(1), TWIN)["principal"].tolist() == ["Robot"]
    assert permissions(tenant, moment(2), TWIN)["principal"].tolist() == ["Ada Ample"]


@pytest.mark.parametrize(("run", "state"), [(1, "deleted"), (2, "unknown"), (3, "deleted")])
def test_absence_proves_a_deletion_only_where_the_directory_was_read(
    tenant: Connection, run: int, state: str
) -> None:
    """At run 2 the deleted users could not be read, so nothing is claimed of Zed."""
    frame = permissions(tenant, moment(run), PAYROLL)

    assert frame[frame["principal"] == "Zed Zero"]["state"].tolist() == [state]


def test_a_group_that_is_empty_is_not_one_that_could_not_be_read(store: Engine) -> None:
    """The empty one reaches nobody, the other an unknown number."""
    fill(store)
    with writing(store) as connection:
        connection.execute(update(GroupMember).values(to_run=2))
    with reading(store) as connection:
        empty = permissions(connection, moment(3), INVOICES)["people"]
    with writing(store) as connection:
        makers = select(Principal.id).where(Principal.key == MAKERS).scalar_subquery()
        connection.execute(
            update(PrincipalVersion)
            .where(PrincipalVersion.principal_id == makers)
            .values(presence="missing")
        )
    with reading(store) as connection:
        unread = permissions(connection, moment(3), INVOICES)["people"]

    assert empty.dropna().tolist() == [0]
    assert unread.dropna().tolist() == []


def test_the_text_of_a_definition_is_returned_as_stored(tenant: Connection) -> None:
    """Also of one that cannot be read; there is none of a definition that never was."""
    assert document(tenant, WEATHER_TEXT) == "{"
    assert document(tenant, 99) is None


def test_a_manifest_has_parameters_and_responses(tenant: Connection) -> None:
    """The stored text is read on demand, and its operations stand as they were numbered."""
    told = manifest(tenant, INVOICES_OLD)

    assert isinstance(told, Document)
    get = told.operations[1]
    assert get.operation_id == "GetInvoice"
    assert [(item.name, item.required) for item in get.parameters] == [("id", True)]
    assert [item.status for item in get.responses] == ["200"]
    assert told.title == OLD_DOCUMENT["info"]["title"]  # type: ignore[index]


def test_a_manifest_that_cannot_be_read_says_why(tenant: Connection) -> None:
    """A broken text is described; an id without definition is None."""
    told = manifest(tenant, WEATHER_TEXT)

    assert isinstance(told, Unreadable)
    assert told.reason == "not_json"
    assert manifest(tenant, 99) is None


def test_a_definition_too_large_to_keep_says_so(store: Engine) -> None:
    """Its text is not there, its reason is."""
    fill(store)
    with writing(store) as connection:
        connection.execute(
            insert(Definition).values(
                id=50,
                sha256="5" * 64,
                size_bytes=6_000_000,
                state="unreadable",
                detail="6,000,000 bytes, more than the limit",
                redactions=0,
                first_run=1,
            )
        )
    with reading(store) as connection:
        assert document(connection, 50) is None
        assert manifest(connection, 50) == Unreadable(
            "too_large", "6,000,000 bytes, more than the limit"
        )


def test_the_history_of_a_connector_reaches_to_its_first_sight(tenant: Connection) -> None:
    """Its changes are told up to the moment, the newest first."""
    assert history(tenant, moment(3), VANISHING)["kind"].tolist() == ["returned", "missing", "new"]
    assert history(tenant, moment(2), VANISHING)["kind"].tolist() == ["missing", "new"]
