from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta

import orjson
import pytest
from test_wire_hosts import listed, readable
from wired import BAP, FLOW, PLATFORM, POWERAPPS, Wired

from connectory.simulator.state import Connector, Environment

ADMIN = f"{POWERAPPS}/scopes/admin/environments"


def custom(cloud: Wired, home: Environment) -> list[dict[str, object]]:
    """Return the custom connectors of an environment as the admin list shows them."""
    rows = cloud.rows(f"{ADMIN}/{home.name}/apis?api-version=2017-05-01")
    return [row for row in rows if row["properties"]["isCustomApi"]]


# --- environments


def test_the_list_shows_every_environment_but_the_deleted(shared_cloud: Wired) -> None:
    """What is deleted stands in its own list only, with the time it went."""
    url = f"{BAP}/scopes/admin/environments?api-version=2020-10-01"
    names = {row["name"] for row in shared_cloud.rows(url)}
    gone = shared_cloud.rows(f"{BAP}/scopes/admin/deletedEnvironments?api-version=2019-05-01")

    tenant = shared_cloud.tenant.environments.values()
    assert names == {e.name for e in tenant if e.deleted is None}
    assert {row["name"] for row in gone} == {e.name for e in tenant if e.deleted}
    assert f"Default-{shared_cloud.tenant.id}" in names


def test_the_list_of_environments_pages(cloud: Wired) -> None:
    """The list is cut where a page is full, and the last page has no link."""
    cloud.lever("settings", page_limit=1)
    pages = cloud.pages(f"{BAP}/scopes/admin/environments?api-version=2020-10-01")
    living = [e for e in cloud.tenant.environments.values() if e.deleted is None]

    assert [len(page["value"]) for page in pages] == [1] * len(living)
    assert ["nextLink" in page for page in pages] == [True] * (len(living) - 1) + [False]
    assert len({page["value"][0]["name"] for page in pages}) == len(living)


def test_an_unknown_environment_is_forbidden_and_an_empty_id_is_the_list(
    shared_cloud: Wired,
) -> None:
    """What does not exist is answered 403, and no id at all degrades into every environment."""
    unknown = shared_cloud.ask(
        f"{BAP}/scopes/admin/environments/00000000-0000-4000-8000-000000000000?api-version=1"
    )
    empty = shared_cloud.get(f"{BAP}/scopes/admin/environments/?api-version=1")

    assert unknown.status_code == 403
    assert unknown.json()["error"]["code"] == "EnvironmentAccessDenied"
    assert len(empty["value"]) > 1


def test_a_dataverse_has_two_addresses_that_differ_in_shape(shared_cloud: Wired) -> None:
    """The web address ends in a slash, the API address does not; without a database is neither."""
    rows = shared_cloud.rows(f"{BAP}/scopes/admin/environments?api-version=2020-10-01")
    linked = [r["properties"].get("linkedEnvironmentMetadata") for r in rows]
    tenant = shared_cloud.tenant.environments

    for row, metadata in zip(rows, linked, strict=True):
        database = tenant[row["name"]].dataverse
        assert (metadata is None) is (database is None)
        if metadata and database:
            assert metadata["instanceUrl"] == f"https://{database.web_host}/"
            assert metadata["instanceApiUrl"] == f"https://{database.api_host}"
            assert metadata["resourceId"] == database.organization_id != row["name"]


def test_managed_environments_have_the_level_called_standard(shared_cloud: Wired) -> None:
    """The level's name is the inverse of intuition: Standard is managed, Basic is not."""
    rows = shared_cloud.rows(f"{BAP}/scopes/admin/environments?api-version=2020-10-01")
    levels = {
        row["name"]: row["properties"]["governanceConfiguration"]["protectionLevel"] for row in rows
    }

    tenant = shared_cloud.tenant.environments
    assert levels == {name: "Standard" if tenant[name].managed else "Basic" for name in levels}


def test_the_collector_is_a_registered_application(shared_cloud: Wired) -> None:
    """The list of management applications names the collector's client id."""
    rows = shared_cloud.rows(f"{BAP}/adminApplications?api-version=2020-10-01")

    assert {"applicationId": shared_cloud.tenant.collector_app_id} in rows


def test_a_denied_environment_is_listed_and_otherwise_closed(cloud: Wired) -> None:
    """Admin, connectivity and flow calls are refused; Dataverse and the list stay open."""
    home = readable(cloud)
    cloud.story("deny_environment", environment=home.name)
    where = f"{ADMIN}/{home.name}"
    closed = [
        f"{BAP}/scopes/admin/environments/{home.name}?api-version=1",
        f"{where}/apis?api-version=1",
        f"{where}/connections?api-version=1",
        f"{where}/apps?api-version=1",
        f"{FLOW}/scopes/admin/environments/{home.name}/v2/flows?api-version=1",
        (
            f"{PLATFORM}/connectivity/environments/{home.name}/connectors"
            f"?$filter=environment eq '{home.name}'&api-version=2024-10-01"
        ),
    ]
    replies = [cloud.ask(url) for url in closed]
    names = {r["name"] for r in cloud.rows(f"{BAP}/scopes/admin/environments?api-version=1")}

    assert [reply.status_code for reply in replies] == [403] * len(closed)
    assert {reply.json()["error"]["code"] for reply in replies} == {"EnvironmentAccessDenied"}
    assert home.name in names
    assert home.dataverse is not None
    assert cloud.ask(f"https://{home.dataverse.api_host}/api/data/v9.2/connectors").is_success


# --- connectors


def test_the_admin_list_shows_custom_connectors_among_others(shared_cloud: Wired) -> None:
    """First-party connectors stand beside the custom ones, which a caller must tell apart."""
    home = readable(shared_cloud)
    rows = shared_cloud.rows(f"{ADMIN}/{home.name}/apis?api-version=2017-05-01")
    names = {row["name"] for row in rows if row["properties"]["isCustomApi"]}

    assert names == {
        c.name
        for c in shared_cloud.tenant.connectors
        if c.environment == home.name and c.name and c.in_admin_list and not c.deleted
    }
    assert len(names) < len(rows)


def test_the_next_page_lies_on_another_host_and_keeps_its_token(cloud: Wired) -> None:
    """The link points at Resource Manager, where it is good, as it is on the host first asked."""
    cloud.lever("settings", page_limit=2)
    home = readable(cloud)
    first = cloud.get(f"{ADMIN}/{home.name}/apis?api-version=2017-05-01")
    link = first["nextLink"]
    there = cloud.get(link, token=cloud.token("https://management.azure.com"))
    here = cloud.get(link.replace("management.azure.com", "api.powerapps.com"))
    refused = cloud.ask(link, token=cloud.token("https://service.powerapps.com/"))

    assert link.startswith("https://management.azure.com/providers/Microsoft.PowerApps/")
    assert "%24skiptoken=" in link
    assert [r["name"] for r in there["value"]] == [r["name"] for r in here["value"]]
    assert there["value"][0]["name"] not in {r["name"] for r in first["value"]}
    assert refused.status_code == 401


@pytest.mark.parametrize("listing", ["apis", "connections", "apps"])
def test_no_row_is_lost_or_doubled_between_pages(cloud: Wired, listing: str) -> None:
    """Whatever the size of a page, all pages together hold each row once."""
    home = max(
        cloud.tenant.environments,
        key=lambda name: sum(app.environment == name for app in cloud.tenant.apps),
    )
    url = f"{ADMIN}/{home}/{listing}?api-version=2016-11-01"
    whole = [row["name"] for row in cloud.rows(url)]
    cloud.lever("settings", page_limit=1)
    pages = cloud.pages(url)

    assert len(pages) > 1
    assert [row["name"] for page in pages for row in page["value"]] == whole
    assert len(set(whole)) == len(whole)


def test_a_page_token_of_nobody_is_refused(shared_cloud: Wired) -> None:
    """A place that the service did not hand out is a 400, as is a size that is no number."""
    home = readable(shared_cloud).name
    url = f"{ADMIN}/{home}/connections?api-version=1"

    assert shared_cloud.ask(f"{url}&%24skiptoken=invented").status_code == 400
    assert shared_cloud.ask(f"{url}&$top=many").status_code == 400


def test_the_list_never_carries_a_definition(shared_cloud: Wired) -> None:
    """A list has signed addresses of definitions; the documents are fetched one by one."""
    rows = custom(shared_cloud, readable(shared_cloud))

    assert all("swagger" not in row["properties"] for row in rows)  # type: ignore[operator]
    assert any("apiDefinitions" in row["properties"] for row in rows)  # type: ignore[operator]


def everywhere(cloud: Wired) -> list[tuple[Connector, dict[str, object]]]:
    """Return every custom connector of the tenant with its properties in the admin list."""
    homes = [e for e in cloud.tenant.environments.values() if not e.deleted and e.admin_readable]
    state = {(c.environment, c.name): c for c in cloud.tenant.connectors if not c.deleted}
    return [
        (state[home.name, row["name"]], row["properties"])  # type: ignore[index, misc]
        for home in homes
        for row in custom(cloud, home)
    ]


def test_records_of_connectors_have_the_known_quirks(shared_cloud: Wired) -> None:
    """What real records leave out or spell oddly is left out and spelled so here, by default."""
    rows = everywhere(shared_cloud)
    told = [properties for _, properties in rows]

    assert {properties["tier"] for properties in told} == {"Standard"}
    assert all("lastModifiedTime" not in p and "changedTime" in p for p in told)
    assert len({"environment" in p for p in told}) == 2
    assert len({"createdBy" in p for p in told}) == 2
    assert any(not p.get("backendService") for p in told)
    for connector, properties in rows:
        metadata = properties["metadata"]
        row = connector.dataverse
        assert metadata["xrmConnectorId"] == (row.connector_id if row else None)  # type: ignore[index]
        if connector.created_by is not None:
            inside = metadata["createdBy"]  # type: ignore[index]
            assert isinstance(inside, str)
            assert json.loads(inside)["id"] == connector.created_by


def test_a_definition_is_fetched_byte_for_byte(shared_cloud: Wired) -> None:
    """The signed address gives exactly what the author uploaded, without a token."""
    for connector, properties in everywhere(shared_cloud):
        addresses = properties["apiDefinitions"]
        reply = shared_cloud.http.get(addresses["originalSwaggerUrl"])  # type: ignore[index]
        assert connector.definition is not None
        assert reply.content == connector.definition.content


def test_the_modified_definition_names_the_platform_as_host(shared_cloud: Wired) -> None:
    """The rewritten document hides the real backend, in storage as in the single read."""
    home = readable(shared_cloud)
    one = next(
        c
        for c in shared_cloud.tenant.connectors
        if c.environment == home.name
        and c.name
        and c.in_admin_list
        and c.definition
        and c.definition.operations
        and not c.deleted
    )
    row = next(r for r in custom(shared_cloud, home) if r["name"] == one.name)
    addresses = row["properties"]["apiDefinitions"]  # type: ignore[index]
    stored = shared_cloud.http.get(addresses["modifiedSwaggerUrl"]).json()
    token = shared_cloud.person_token("https://service.powerapps.com/")
    url = f"{POWERAPPS}/apis/{one.name}?api-version=1&$filter=environment eq '{home.name}'"
    single = shared_cloud.get(url, token=token)["properties"]["swagger"]
    assert one.definition is not None
    uploaded = orjson.loads(one.definition.content.removeprefix(b"\xef\xbb\xbf"))

    for document in (stored, single):
        assert document["host"].endswith(".azure-apim.net")
        assert document["host"] != uploaded["host"]
        assert document["basePath"].startswith("/apim/")
        assert document["paths"] == uploaded["paths"]


def test_storage_wants_a_signature_and_no_token(cloud: Wired) -> None:
    """A token is a 400 and a trespass; a signature that is wrong or too old is a 403."""
    home = readable(cloud)
    row = custom(cloud, home)[0]
    address = row["properties"]["apiDefinitions"]["originalSwaggerUrl"]  # type: ignore[index]
    graph = cloud.token("https://graph.microsoft.com")
    with_token = cloud.http.get(address, headers={"Authorization": f"Bearer {graph}"})
    altered = cloud.http.get(re.sub(r"sig=.{4}", "sig=AAAA", address))
    later = cloud.http.get(re.sub(r"se=20\d\d", "se=2099", address))
    unsigned = cloud.http.get(address.partition("?")[0])
    cloud.lever("settings", sas_lifetime=-1)
    late = custom(cloud, home)[0]
    expired = cloud.http.get(late["properties"]["apiDefinitions"]["originalSwaggerUrl"])  # type: ignore[index]

    assert with_token.status_code == 400
    refused = (altered, later, unsigned, expired)
    assert [reply.status_code for reply in refused] == [403] * 4
    assert sum(cloud.look("requests")["trespasses"].values()) == 1


def test_a_signed_address_lives_an_hour(shared_cloud: Wired) -> None:
    """The address says until when it is good: some 62 minutes of real time."""
    row = custom(shared_cloud, readable(shared_cloud))[0]
    address = row["properties"]["apiDefinitions"]["originalSwaggerUrl"]  # type: ignore[index]
    found = re.search(r"[?&]se=([^&]+)", address)
    assert found
    until = datetime.fromisoformat(found[1].replace("%3A", ":"))

    assert timedelta(minutes=61) < until - datetime.now(UTC) < timedelta(minutes=63)
    assert {"sv", "sr", "sp", "sig"} <= set(re.findall(r"[?&](\w+)=", address))


# --- makers


def test_an_application_sees_next_to_nothing_as_a_maker(shared_cloud: Wired) -> None:
    """The maker list shows only what the caller may see; a person sees more than an application."""
    home = readable(shared_cloud)
    url = f"{POWERAPPS}/apis?api-version=1&$filter=environment eq '{home.name}'"
    person = shared_cloud.person_token("https://service.powerapps.com/")

    robots = shared_cloud.tenant.service_principals.values()
    own = {p.id for p in robots if p.app_id == shared_cloud.tenant.collector_app_id}
    shared = {
        c.name
        for c in shared_cloud.tenant.connectors
        if c.environment == home.name and own & {p.principal_id for p in c.permissions}
    }

    mine = {row["name"] for row in shared_cloud.rows(url)}
    assert mine == shared
    assert mine < {row["name"] for row in shared_cloud.rows(url, token=person)}


def test_the_maker_reads_need_the_environment_as_filter(shared_cloud: Wired) -> None:
    """Without it a custom connector is not found, though it exists."""
    home = readable(shared_cloud)
    person = shared_cloud.person_token("https://service.powerapps.com/")
    url = f"{POWERAPPS}/apis/{listed(shared_cloud, home).name}?api-version=1"
    filtered = shared_cloud.ask(f"{url}&$filter=environment eq '{home.name}'", token=person)

    assert shared_cloud.ask(url, token=person).status_code == 404
    assert "/scopes/admin/" not in filtered.json()["id"]


# --- permissions, connections, apps


def test_permissions_tell_each_kind_of_principal_its_way(shared_cloud: Wired) -> None:
    """Everyone is a principal without id, a deleted group one without name, the owner a row."""
    tenant = shared_cloud.tenant
    seen: dict[str, list[dict[str, object]]] = {}
    for connector, _ in everywhere(shared_cloud):
        url = f"{ADMIN}/{connector.environment}/apis/{connector.name}/permissions?api-version=1"
        rows = shared_cloud.rows(url)
        assert [r["properties"]["roleName"] for r in rows] == [
            p.role for p in connector.permissions
        ]
        for row in rows:
            principal = row["properties"]["principal"]
            seen.setdefault(principal["type"], []).append(principal)

    assert {"User", "Group", "ServicePrincipal", "Tenant"} == seen.keys()
    assert all(p["id"] is None and p["tenantId"] == tenant.id for p in seen["Tenant"])
    for principal in seen["Group"]:
        group = tenant.groups[str(principal["id"])]
        assert principal["displayName"] == ("" if group.deleted else group.display_name)


def test_connections_are_listed_whole_and_by_connector(shared_cloud: Wired) -> None:
    """Both lists agree; many accounts are not told, and a status is a list."""
    home = readable(shared_cloud)
    where = f"{ADMIN}/{home.name}"
    whole = shared_cloud.rows(f"{where}/connections?api-version=2016-11-01&$top=5")
    one = whole[0]["properties"]["apiId"].rpartition("/")[2]
    some = shared_cloud.rows(f"{where}/apis/{one}/connections?api-version=2016-11-01")

    assert {r["name"] for r in some} == {
        r["name"] for r in whole if r["properties"]["apiId"].endswith(f"/{one}")
    }
    assert len({"accountName" in r["properties"] for r in whole}) == 2
    assert all(isinstance(r["properties"]["statuses"], list) for r in whole)
    assert all("/scopes/admin/environments/" in r["properties"]["apiId"] for r in whole)


def test_a_wish_for_a_smaller_page_is_granted_on_every_page(shared_cloud: Wired) -> None:
    """``$top`` is a page's size here, not the size of the whole answer."""
    home = readable(shared_cloud)
    pages = shared_cloud.pages(f"{ADMIN}/{home.name}/connections?api-version=1&$top=5")

    assert len(pages) > 2
    assert {len(page["value"]) for page in pages[:-1]} == {5}


def test_apps_refer_to_connectors_in_lower_case(shared_cloud: Wired) -> None:
    """The ids in an app's references are lower case; old apps lack the flags for custom ones."""
    apps = {a.name: a for a in shared_cloud.tenant.apps if not a.deleted}
    homes = [e for e in shared_cloud.tenant.environments.values() if not e.deleted]
    flags: dict[bool, set[bool]] = {True: set(), False: set()}
    shared = 0
    for home in (e for e in homes if e.admin_readable):
        for row in shared_cloud.rows(f"{ADMIN}/{home.name}/apps?api-version=2016-11-01&$top=250"):
            app = apps[row["name"]]
            references = row["properties"]["connectionReferences"]
            assert references.keys() == {r.key for r in app.references}
            assert all(r["id"] == r["id"].lower() for r in references.values())
            flags[app.old].add("usesCustomApi" in row["properties"])
            for reference in references.values():
                flags[app.old].add("isCustomApiConnection" in reference)
                shared += "sharedConnectionId" in reference

    assert flags == {True: {False}, False: {True}}
    assert shared > 0


def test_an_app_and_its_permissions_can_be_read_singly(shared_cloud: Wired) -> None:
    """The single read equals the list's row, and its permissions are its own."""
    home = readable(shared_cloud)
    row = shared_cloud.rows(f"{ADMIN}/{home.name}/apps?api-version=1")[0]
    url = f"{ADMIN}/{home.name}/apps/{row['name']}"
    app = next(a for a in shared_cloud.tenant.apps if a.name == row["name"])
    held = shared_cloud.rows(f"{url}/permissions?api-version=2022-11-01")

    assert shared_cloud.get(f"{url}?api-version=2016-11-01") == row
    assert [h["properties"]["roleName"] for h in held] == [p.role for p in app.permissions]


# --- the newer API


def test_the_connectivity_api_insists_on_a_filter(shared_cloud: Wired) -> None:
    """The filter repeats the path, and without it the service refuses."""
    home = readable(shared_cloud)
    where = f"{PLATFORM}/connectivity/environments/{home.name}/connectors"
    reply = shared_cloud.ask(f"{where}?api-version=2024-10-01")

    assert reply.status_code == 400
    assert reply.json()["error"]["code"] == "MissingEnvironmentFilter"


def test_the_connectivity_api_spells_names_with_dots(shared_cloud: Wired) -> None:
    """Names are the admin list's with a dot for each dash that begins an escape; some are absent."""
    home = readable(shared_cloud)
    where = f"{PLATFORM}/connectivity/environments/{home.name}/connectors"
    wanted = f"$filter=environment eq '{home.name}'&api-version=2024-10-01"
    rows = shared_cloud.rows(f"{where}?{wanted}")
    names = {row["name"] for row in rows if row["properties"]["isCustomApi"]}
    one = next(iter(names))

    assert {name.replace(".", "-") for name in names} == {
        c.name
        for c in shared_cloud.tenant.connectors
        if c.environment == home.name and c.name and c.in_connectivity and not c.deleted
    }
    assert all("." in name for name in names)
    assert shared_cloud.get(f"{where}/{one}?{wanted}")["name"] == one
