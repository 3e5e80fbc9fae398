from __future__ import annotations

import re

import httpx
import pytest
from wired import BAP, FLOW, GRAPH, PLATFORM, POWERAPPS, Wired, audience_of

from connectory.simulator.state import Connector, Environment


def readable(cloud: Wired) -> Environment:
    """Return the readable environment with most connectors."""
    found = [e for e in cloud.tenant.environments.values() if not e.deleted and e.admin_readable]
    return max(found, key=lambda e: sum(c.environment == e.name for c in cloud.tenant.connectors))


def listed(cloud: Wired, environment: Environment) -> Connector:
    """Return a connector the admin list shows in an environment."""
    return next(
        c
        for c in cloud.tenant.connectors
        if c.environment == environment.name and c.name and c.in_admin_list and not c.deleted
    )


def test_a_host_that_is_not_there_is_named(shared_cloud: Wired) -> None:
    """A request for any other host is a 404 that says which host was asked for."""
    reply = shared_cloud.http.get("https://tenant.halyard.example/v1.0/users")

    assert reply.status_code == 404
    assert "tenant.halyard.example" in reply.json()["error"]["message"]


def test_hosts_and_paths_are_told_apart_without_regard_to_case(shared_cloud: Wired) -> None:
    """Port and case of the Host header do not matter, nor does the case of a path."""
    token = {"Authorization": f"Bearer {shared_cloud.token('https://graph.microsoft.com')}"}
    address = shared_cloud.served.url
    for host in ("graph.microsoft.com", "Graph.Microsoft.COM", "graph.microsoft.com:443"):
        reply = httpx.get(f"{address}/V1.0/GROUPS", headers=token | {"Host": host}, trust_env=False)
        assert reply.status_code == 200
    listing = f"{BAP}/SCOPES/ADMIN/environments?api-version=2020-10-01".replace(
        "/providers/Microsoft.B", "/PROVIDERS/microsoft.b"
    )
    assert shared_cloud.get(listing)["value"]


def test_regional_hosts_answer_like_the_global_ones(shared_cloud: Wired) -> None:
    """The hosts an environment's record names serve the same paths."""
    record = shared_cloud.get(f"{BAP}/scopes/admin/environments?api-version=2020-10-01")["value"][0]
    hosts = record["properties"]["runtimeEndpoints"]
    home = readable(shared_cloud).name
    bap = f"{hosts['microsoft.BusinessAppPlatform']}{httpx.URL(BAP).path}"
    apps = f"{hosts['microsoft.PowerApps']}{httpx.URL(POWERAPPS).path}"
    flow = f"{hosts['microsoft.Flow']}{httpx.URL(FLOW).path}"

    assert shared_cloud.get(f"{bap}/scopes/admin/environments/{home}?api-version=1")["name"] == home
    assert shared_cloud.get(f"{apps}/scopes/admin/environments/{home}/apis?api-version=1")["value"]
    assert "value" in shared_cloud.get(
        f"{flow}/scopes/admin/environments/{home}/v2/flows?api-version=1"
    )


def test_every_link_is_https_on_a_cloud_host(shared_cloud: Wired) -> None:
    """No link leads to the address where the simulator really listens, however it is asked."""
    home = readable(shared_cloud)
    name = f"{POWERAPPS}/scopes/admin/environments/{home.name}"
    dataverse = home.dataverse
    assert dataverse is not None
    urls = [
        f"{name}/connections?api-version=1&$top=1",
        f"{name}/apps?api-version=1&$top=1",
        f"{GRAPH}/users?$top=1",
        f"https://{dataverse.api_host}/api/data/v9.2/workflows",
    ]
    small = {"Prefer": "odata.maxpagesize=1"}
    for url in urls:
        body = shared_cloud.get(url, headers=small)
        link = body.get("nextLink") or body["@odata.nextLink"]
        assert re.match(r"https://[a-z0-9.-]+\.(azure|microsoft|dynamics)\.com/", link)
        assert "127.0.0.1" not in str(body)


@pytest.mark.parametrize("url", [f"{BAP}/environments", f"{POWERAPPS}/environments"])
def test_admin_services_want_a_version(shared_cloud: Wired, url: str) -> None:
    """Without api-version the services answer 400 and say so."""
    reply = shared_cloud.ask(url)

    assert reply.status_code == 400
    assert reply.json()["error"]["code"] == "MissingApiVersionParameter"


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_nothing_can_be_written(cloud: Wired, method: str) -> None:
    """A method that would write at Microsoft changes nothing and is counted as a trespass."""
    home = readable(cloud)
    one = listed(cloud, home)
    url = f"{POWERAPPS}/scopes/admin/environments/{home.name}/apis/{one.name}?api-version=1"
    reply = cloud.ask(url, method=method)

    assert reply.status_code == 405
    assert one.deleted is None
    assert sum(cloud.look("requests")["trespasses"].values()) == 1


@pytest.mark.parametrize(
    "path",
    [
        "{bap}/scopes/admin/nothing?api-version=1",
        "{powerapps}/scopes/admin/environments/{home}/nothing?api-version=1",
        "{powerapps}/scopes/admin/environments/{home}/apis/shared_nothing/permissions?api-version=1",
        "{powerapps}/scopes/admin/environments/{home}/apps/nothing?api-version=1",
        "{flow}/scopes/admin/environments/{home}/flows/nothing?api-version=1",
        "{graph}/users/nothing",
        "{graph}/groups/nothing",
        "{graph}/servicePrincipals/nothing",
        "{platform}/nothing",
        (
            "{platform}/connectivity/environments/{home}/connectors/nothing"
            "?api-version=1&$filter=environment eq '{home}'"
        ),
        "https://nothing.crm4.dynamics.com/api/data/v9.2/connectors",
    ],
)
def test_what_is_not_there_is_a_404_with_an_error(shared_cloud: Wired, path: str) -> None:
    """Whatever is asked for, an absent thing has the error frame clients parse."""
    url = path.format(
        bap=BAP,
        powerapps=POWERAPPS,
        flow=FLOW,
        graph=GRAPH,
        platform=PLATFORM,
        home=readable(shared_cloud).name,
    )
    token = ""
    if "dynamics" in url:
        home = readable(shared_cloud).dataverse
        assert home is not None
        token = shared_cloud.token(f"https://{home.web_host}")
    reply = shared_cloud.ask(url, token=token)

    if audience_of(url).endswith("dynamics.com"):
        assert reply.status_code in {401, 404}
    else:
        assert reply.status_code == 404
    assert reply.json()["error"]["code"]
    assert reply.json()["error"]["message"]


def test_times_have_seven_digits_where_the_service_is_dotnet(shared_cloud: Wired) -> None:
    """Admin, apps and flow services write times with seven digits of fraction and a Z."""
    home = readable(shared_cloud).name
    records = [
        shared_cloud.get(f"{BAP}/scopes/admin/environments/{home}?api-version=1"),
        shared_cloud.rows(f"{POWERAPPS}/scopes/admin/environments/{home}/apis?api-version=1")[-1],
        shared_cloud.rows(f"{FLOW}/scopes/admin/environments/{home}/v2/flows?api-version=1")[0],
    ]

    for record in records:
        created = record["properties"]["createdTime"]
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{7}Z", created)


def test_every_id_is_of_the_fourth_version(shared_cloud: Wired) -> None:
    """Clients check ids for being version 4 UUIDs before they use them."""
    people = shared_cloud.rows(f"{GRAPH}/users?$select=id&$top=999")
    home = readable(shared_cloud).name
    flows = shared_cloud.rows(f"{FLOW}/scopes/admin/environments/{home}/v2/flows?api-version=1")

    wanted = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
    assert people
    assert flows
    assert [r for r in (*people, *flows) if not wanted.fullmatch(r.get("name") or r["id"])] == []
