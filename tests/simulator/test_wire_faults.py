from __future__ import annotations

import time
from email.utils import parsedate_to_datetime
from typing import Any

import httpx
import pytest
from test_wire_hosts import readable
from wired import GRAPH, POWERAPPS, Wired

GROUPS = f"{GRAPH}/groups"
ADMIN = f"{POWERAPPS}/scopes/admin/environments"


def fault(cloud: Wired, kind: str, **more: Any) -> None:
    """Let something go wrong at Graph."""
    cloud.lever("faults", host="graph.microsoft.com", kind=kind, **more)


# --- faults


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        ("429", 429),
        ("500", 500),
        ("502", 502),
        ("503", 503),
        ("504", 504),
        ("forbidden", 403),
        ("unauthorized", 401),
    ],
)
def test_a_service_answers_with_an_error_as_often_as_told(
    cloud: Wired, kind: str, status: int
) -> None:
    """The first matching request passes, the next two fail, then all is well again."""
    fault(cloud, kind, times=2, after=1, path="/groups")
    statuses = [cloud.ask(GROUPS).status_code for _ in range(4)]
    error = cloud.ask(f"{GRAPH}/users").status_code

    assert statuses == [200, status, status, 200]
    assert error == 200


@pytest.mark.parametrize("kind", ["429", "503"])
def test_throttling_tells_the_wait_in_each_way_or_not_at_all(cloud: Wired, kind: str) -> None:
    """Retry-After is absent, in seconds, or a date of HTTP a little ahead."""
    fault(cloud, kind, times=1)
    absent = cloud.ask(GROUPS)
    fault(cloud, kind, times=1, retry_after=17)
    seconds = cloud.ask(GROUPS)
    fault(cloud, kind, times=1, retry_after="http-date")
    dated = cloud.ask(GROUPS)

    assert "Retry-After" not in absent.headers
    assert seconds.headers["Retry-After"] == "17"
    ahead = parsedate_to_datetime(dated.headers["Retry-After"]).timestamp() - time.time()
    # A date of HTTP has whole seconds, and the reply took its time.
    assert -1 <= ahead < 5


def test_a_refusal_can_carry_a_code(cloud: Wired) -> None:
    """Services refuse for reasons of their own, which a rule can name."""
    fault(cloud, "forbidden", code="EnvironmentAccessDenied", message="Not you.")

    assert cloud.ask(GROUPS).json() == {
        "error": {"code": "EnvironmentAccessDenied", "message": "Not you."}
    }


def test_a_connection_breaks_in_the_middle_of_a_body(cloud: Wired) -> None:
    """Fewer bytes come than were announced; the next request finds the service whole."""
    fault(cloud, "drop", times=1)
    with pytest.raises(httpx.RemoteProtocolError):
        cloud.ask(GROUPS)

    assert cloud.get(GROUPS)["value"]


def test_a_body_can_be_cut_short_unnoticed(cloud: Wired) -> None:
    """Half of the JSON comes with status 200 and a length that fits the half."""
    whole = cloud.ask(GROUPS)
    fault(cloud, "truncate")
    half = cloud.ask(GROUPS)

    assert half.status_code == 200
    assert half.content == whole.content[: len(whole.content) // 2]


def test_a_proxy_can_answer_instead(cloud: Wired) -> None:
    """A page of HTML comes with status 200."""
    fault(cloud, "not_json")
    reply = cloud.ask(GROUPS)

    assert reply.status_code == 200
    assert reply.text.startswith("<html")
    assert reply.headers["Content-Type"].startswith("text/html")


def test_a_slow_service_keeps_nobody_else_waiting(cloud: Wired) -> None:
    """One reply is late by as long as told, and other requests pass it meanwhile."""
    fault(cloud, "slow", seconds=0.5, path="/groups")
    started = time.monotonic()
    with pytest.raises(httpx.ReadTimeout):
        cloud.ask(GROUPS, timeout=0.1)
    other = cloud.ask(f"{GRAPH}/users")
    passed = time.monotonic() - started
    late = cloud.ask(GROUPS)

    assert other.is_success
    assert passed < 0.5
    assert late.is_success


def test_a_page_token_expires_but_the_first_page_is_read(cloud: Wired) -> None:
    """Only continuations are refused, on any paging service."""
    fault(cloud, "expired_page_token")
    first = cloud.get(f"{GRAPH}/users?$top=2")
    reply = cloud.ask(first["@odata.nextLink"])

    assert first["value"]
    assert reply.status_code == 400
    assert reply.json()["error"]["code"]


@pytest.mark.parametrize("listing", ["graph", "powerapps", "dataverse"])
def test_an_empty_page_is_not_the_end(cloud: Wired, listing: str) -> None:
    """A page without rows links on, and all rows come all the same."""
    home = readable(cloud)
    assert home.dataverse is not None
    url = {
        "graph": f"{GRAPH}/users?$top=3&$select=id",
        "powerapps": f"{ADMIN}/{home.name}/connections?api-version=1&$top=3",
        "dataverse": f"https://{home.dataverse.api_host}/api/data/v9.2/workflows",
    }[listing]
    small = {"Prefer": "odata.maxpagesize=1"}
    rows = cloud.rows(url, headers=small)
    for after in (0, 1):
        cloud.lever("faults", kind="empty_page", times=1, after=after)
        pages = cloud.pages(url, headers=small)

        assert pages[after]["value"] == []
        assert [row for page in pages for row in page["value"]] == rows


def test_a_fault_stays_with_its_host_and_path(cloud: Wired) -> None:
    """A rule hits hosts by the end of their name and addresses by a pattern, without case."""
    cloud.lever("faults", host="POWERAPPS.com", path="/APIS[?]", kind="500")
    home = readable(cloud).name
    hit = cloud.ask(f"{ADMIN}/{home}/apis?api-version=1")
    spared = cloud.ask(f"{ADMIN}/{home}/apps?api-version=1")
    graph = cloud.ask(GROUPS)
    cloud.http.delete("http://127.0.0.1/_sim/faults")
    after = cloud.ask(f"{ADMIN}/{home}/apis?api-version=1")

    replies = (hit, spared, graph, after)
    assert [reply.status_code for reply in replies] == [500, 200, 200, 200]


# --- levers


@pytest.mark.parametrize(
    ("lever", "body", "word"),
    [
        ("faults", {"kind": "flood"}, "flood"),
        ("faults", {"kind": "500", "path": "("}, "pattern"),
        ("faults", {}, "kind"),
        ("story", {"name": "flood"}, "flood"),
        ("story", {"name": "remove_person", "arguments": {"person": "nobody"}}, "nobody"),
        ("advance", {"days": -1}, "negative"),
        ("advance", {}, "days"),
        ("settings", {"weather": "fair"}, "weather"),
        ("settings", {"token_lifetime": "long"}, "token_lifetime"),
    ],
)
def test_a_lever_pulled_wrongly_says_what_is_wrong(
    cloud: Wired, lever: str, body: dict[str, Any], word: str
) -> None:
    """A mistake in a test is a 400 that names it, never silence."""
    reply = cloud.http.post(f"http://127.0.0.1/_sim/{lever}", json=body)

    assert reply.status_code == 400
    assert word in reply.json()["error"]["message"]


def test_levers_answer_on_any_host(shared_cloud: Wired) -> None:
    """The simulator's own addresses are there whatever host is asked, without a token."""
    for host in ("graph.microsoft.com", "tenant.halyard.example", "127.0.0.1"):
        assert shared_cloud.http.get(f"https://{host}/_sim/healthz").is_success


def test_the_tenant_says_how_to_sign_in(shared_cloud: Wired) -> None:
    """What a settings file needs is told: tenant, client, secret, domain."""
    told = shared_cloud.look("tenant")

    assert told["id"] == shared_cloud.tenant.id
    assert told["client_id"] == shared_cloud.tenant.collector_app_id
    assert told["domain"] == shared_cloud.tenant.domain
    assert told["secret"] == "simulated-secret"


def test_time_passes_by_whole_days(cloud: Wired) -> None:
    """Advancing moves the clock, and the services show what happened meanwhile."""
    before = cloud.look("clock")["now"]
    people = {row["id"] for row in cloud.rows(f"{GRAPH}/users?$select=id")}
    told = cloud.lever("advance", days=21)
    after = {row["id"] for row in cloud.rows(f"{GRAPH}/users?$select=id")}

    assert told["now"] == cloud.look("clock")["now"] == cloud.tenant.now.isoformat()
    assert before[:10] == "2026-11-02"
    assert told["now"][:10] == "2026-11-23"
    assert after - people


def test_a_story_is_seen_by_the_services_and_by_the_account(cloud: Wired) -> None:
    """After a story both the listing and the truth have changed alike."""
    home = readable(cloud).name
    url = f"{ADMIN}/{home}/apis?api-version=2017-05-01"
    name = cloud.rows(url)[-1]["name"]
    cloud.story("delete_connector", environment=home, name=name)

    assert name not in {row["name"] for row in cloud.rows(url)}
    assert name not in {row["name"] for row in cloud.look("truth")["connectors"]}


def test_requests_are_counted_by_host_and_route(cloud: Wired) -> None:
    """Ids do not make routes of their own, and the count can be begun anew."""
    for person in list(cloud.tenant.people.values())[:3]:
        cloud.ask(f"{GRAPH}/users/{person.id}")
    told = cloud.look("requests")
    cloud.http.delete("http://127.0.0.1/_sim/requests")

    assert told["requests"]["graph.microsoft.com"] == 3
    (route,) = [name for name in told["routes"] if "graph" in name]
    assert told["routes"][route] == 3
    assert told["trespasses"] == {}
    assert cloud.look("requests")["requests"] == {}
