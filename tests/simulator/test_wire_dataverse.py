from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import unquote

import pytest
from wired import Wired

from connectory.simulator.state import Dataverse, Environment

SMALL = {"Prefer": "odata.maxpagesize=2"}


def homes(cloud: Wired) -> list[tuple[Environment, Dataverse]]:
    """Return the environments whose Dataverse lets the collector in."""
    return [
        (e, e.dataverse)
        for e in cloud.tenant.environments.values()
        if e.dataverse and e.dataverse.application_user and e.deleted is None
    ]


def table(cloud: Wired, database: Dataverse, query: str, **how: Any) -> list[dict[str, Any]]:
    """Return all rows of a table."""
    return cloud.rows(f"https://{database.api_host}/api/data/v9.2/{query}", **how)


def test_only_connectors_in_solutions_have_a_row(shared_cloud: Wired) -> None:
    """The table holds solution-aware connectors, also those without a runtime name yet."""
    unnamed, bare = 0, 0
    for home, database in homes(shared_cloud):
        rows = table(shared_cloud, database, "connectors?$filter=connectortype eq 1")
        wanted = {
            c.dataverse.connector_id: c.dataverse.internal_id
            for c in shared_cloud.tenant.connectors
            if c.environment == home.name and c.dataverse and not c.deleted
        }
        assert {r["connectorid"]: r["connectorinternalid"] for r in rows} == wanted
        unnamed += sum(name is None for name in wanted.values())
        bare += sum(bool(name) and not str(name).startswith("shared_") for name in wanted.values())

    assert unnamed > 0
    assert bare > 0


def test_documents_stand_in_columns_as_text(shared_cloud: Wired) -> None:
    """Definitions, parameters, policies and flows are JSON inside strings."""
    for _, database in homes(shared_cloud):
        for row in table(shared_cloud, database, "connectors"):
            for column in ("connectionparameters", "policytemplateinstances", "scriptoperations"):
                json.loads(row[column])
            if row["openapidefinition"] is not None:
                assert json.loads(row["openapidefinition"].removeprefix("\ufeff"))["swagger"]
        for row in table(shared_cloud, database, "workflows?$filter=category eq 5"):
            assert json.loads(row["clientdata"])["properties"]["definition"]["triggers"]


def test_a_column_that_does_not_exist_is_refused(shared_cloud: Wired) -> None:
    """A misspelt name in $select is a 400 that names it, as for any OData service."""
    _, database = homes(shared_cloud)[0]
    url = f"https://{database.api_host}/api/data/v9.2/connectors?$select=connectorid,invented"
    reply = shared_cloud.ask(url)

    assert reply.status_code == 400
    assert "invented" in reply.json()["error"]["message"]


def test_only_the_columns_chosen_are_told(shared_cloud: Wired) -> None:
    """$select leaves the columns named and the row's tag."""
    _, database = homes(shared_cloud)[0]
    row = table(shared_cloud, database, "connectors?$select=connectorid,_ownerid_value")[0]

    assert row.keys() == {"@odata.etag", "connectorid", "_ownerid_value"}


@pytest.mark.parametrize("name", ["connectors", "connectionreferences", "workflows", "systemusers"])
def test_a_table_pages_by_a_cookie(shared_cloud: Wired, name: str) -> None:
    """The page size is a wish in a header; the place in the next link is a cookie in XML."""
    _, database = max(
        homes(shared_cloud),
        key=lambda pair: sum(
            c.environment == pair[0].name and c.dataverse is not None
            for c in shared_cloud.tenant.connectors
        ),
    )
    url = f"https://{database.api_host}/api/data/v9.2/{name}?$select={name[:-1]}id"
    whole = [row[f"{name[:-1]}id"] for row in shared_cloud.rows(url)]
    pages = shared_cloud.pages(url, headers=SMALL)
    link = unquote(pages[0]["@odata.nextLink"])

    assert len(pages) == (len(whole) + 1) // 2 > 1
    assert [row[f"{name[:-1]}id"] for page in pages for row in page["value"]] == whole
    assert re.search(r'\$skiptoken=<cookie pagenumber="2" .*/>', link)
    assert f"$select={name[:-1]}id" in link


def test_classic_workflows_stand_beside_flows(shared_cloud: Wired) -> None:
    """Without the filter for the category the table holds more than cloud flows."""
    for home, database in homes(shared_cloud):
        flows = table(shared_cloud, database, "workflows?$filter=category eq 5")
        every = table(shared_cloud, database, "workflows")
        assert {row["workflowid"] for row in flows} == {
            f.workflow_id
            for f in shared_cloud.tenant.flows
            if f.environment == home.name and f.workflow_id and not f.deleted
        }
        assert len(every) > len(flows)
        assert {row["category"] for row in flows} <= {5}


def test_flows_are_told_with_their_references(shared_cloud: Wired) -> None:
    """A flow's document names the reference, or the connection, and whose identity runs it."""
    home, database = homes(shared_cloud)[0]
    flows = {f.workflow_id: f for f in shared_cloud.tenant.flows if f.environment == home.name}
    for row in table(shared_cloud, database, "workflows?$filter=category eq 5"):
        told = json.loads(row["clientdata"])["properties"]["connectionReferences"]
        for reference in flows[row["workflowid"]].references:
            one = told[reference.key]
            assert one["api"]["name"] == reference.connector
            assert one["runtimeSource"] == ("invoker" if reference.invoker else "embedded")
            logical = one["connection"].get("connectionReferenceLogicalName")
            assert logical == reference.reference_logical_name


def test_references_name_connectors_by_path_and_by_row(shared_cloud: Wired) -> None:
    """A reference has the connector's path, the id of its row, and a connection or none."""
    unbound = 0
    for home, database in homes(shared_cloud):
        rows = table(shared_cloud, database, "connectionreferences")
        state = {
            r.id: r
            for r in shared_cloud.tenant.connection_references
            if r.environment == home.name and not r.deleted
        }
        assert {row["connectionreferenceid"] for row in rows} == state.keys()
        for row in rows:
            reference = state[row["connectionreferenceid"]]
            path = f"/providers/Microsoft.PowerApps/apis/{reference.connector}"
            assert row["connectorid"] == path
            assert row["connectionid"] == reference.connection
            assert row["_customconnectorid_value"] == reference.connector_row_id
            unbound += reference.connection is None

    assert unbound > 0


def test_owners_are_system_users_who_lead_back_to_people(shared_cloud: Wired) -> None:
    """No owner id is a person's id; the users table maps each, those who left included."""
    tenant, gone = shared_cloud.tenant, 0
    for home, database in homes(shared_cloud):
        users = {
            row["systemuserid"]: row["azureactivedirectoryobjectid"]
            for row in table(shared_cloud, database, "systemusers")
        }
        owned = {
            r.id: r.owner_id for r in tenant.connection_references if r.environment == home.name
        }
        owned |= {
            f.workflow_id or "": f.owner_id for f in tenant.flows if f.environment == home.name
        }
        for name in ("connectionreference", "workflow"):
            for row in table(shared_cloud, database, f"{name}s"):
                owner = row["_ownerid_value"]
                assert owner not in tenant.people
                if row[f"{name}id"] in owned:
                    assert users[owner] == owned[row[f"{name}id"]]
        gone += sum(bool(i and (p := tenant.people.get(i)) and p.deleted) for i in users.values())

    assert gone > 0


def test_one_person_is_another_user_in_each_database(shared_cloud: Wired) -> None:
    """The id of a system user belongs to its database."""
    seen: dict[str, set[str]] = {}
    for _, database in homes(shared_cloud):
        for row in table(shared_cloud, database, "systemusers"):
            person = row["azureactivedirectoryobjectid"]
            if person:
                seen.setdefault(person, set()).add(row["systemuserid"])

    assert max(len(ids) for ids in seen.values()) > 1


def test_users_can_be_filtered(shared_cloud: Wired) -> None:
    """Users without a person behind them, and single users, can be told apart by a filter."""
    _, database = homes(shared_cloud)[0]
    every = table(shared_cloud, database, "systemusers")
    people = table(
        shared_cloud, database, "systemusers?$filter=azureactivedirectoryobjectid ne null"
    )
    some = [row["systemuserid"] for row in every[:3]]
    wanted = " or ".join(f"systemuserid eq {one}" for one in some)
    chosen = table(shared_cloud, database, f"systemusers?$filter={wanted}")
    collector = [r for r in every if r["applicationid"] == shared_cloud.tenant.collector_app_id]

    assert len(people) < len(every)
    assert all(row["azureactivedirectoryobjectid"] for row in people)
    assert sorted(row["systemuserid"] for row in chosen) == sorted(some)
    assert len(collector) == 1


def test_a_filter_that_nobody_understands_is_refused(shared_cloud: Wired) -> None:
    """A filter is applied or answered 400, never passed over."""
    _, database = homes(shared_cloud)[0]
    url = f"https://{database.api_host}/api/data/v9.2/systemusers?$filter=fullname likes 'x'"

    assert shared_cloud.ask(url).status_code == 400


def test_who_am_i_is_the_collectors_own_user(shared_cloud: Wired) -> None:
    """The database knows the caller as one of its users."""
    _, database = homes(shared_cloud)[0]
    told = shared_cloud.get(f"https://{database.api_host}/api/data/v9.2/WhoAmI")
    users = {
        row["systemuserid"]: row["applicationid"]
        for row in table(shared_cloud, database, "systemusers")
    }

    assert told["OrganizationId"] == database.organization_id
    assert users[told["UserId"]] == shared_cloud.tenant.collector_app_id


def test_without_an_application_user_everything_is_refused(cloud: Wired) -> None:
    """A database that does not know the collector answers 403, and lets it in once it does."""
    home, database = homes(cloud)[0]
    url = f"https://{database.api_host}/api/data/v9.2/connectors"
    cloud.story("revoke_application_user", environment=home.name)
    refused = cloud.ask(url)
    cloud.story("grant_application_user", environment=home.name)

    assert refused.status_code == 403
    assert refused.json()["error"]["code"].startswith("0x")
    assert cloud.ask(url).is_success


@pytest.mark.parametrize("version", ["v9.0", "v9.1", "v9.2"])
def test_every_version_of_the_api_answers(shared_cloud: Wired, version: str) -> None:
    """Clients of several ages ask for different versions of the same table."""
    _, database = homes(shared_cloud)[0]
    reply = shared_cloud.ask(f"https://{database.web_host}/api/data/{version}/workflows")

    assert reply.is_success
    assert reply.headers["OData-Version"] == "4.0"


def test_a_deleted_environment_has_no_database(cloud: Wired) -> None:
    """With the environment its database stops answering."""
    home, database = homes(cloud)[0]
    url = f"https://{database.api_host}/api/data/v9.2/connectors"
    token = cloud.token(f"https://{database.api_host}")
    cloud.story("delete_environment", environment=home.name)

    assert cloud.ask(url, token=token).status_code == 404
