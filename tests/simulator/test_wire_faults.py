from __future__ import annotations

import re
import time
from collections.abc import Callable
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from test_wire_hosts import readable
from wired import GRAPH, POWERAPPS, Wired

from connectory.simulator.wire.kinds import ELSEWHERE, FAULTS, HOW

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


def test_an_error_can_be_all_that_a_good_status_brings(cloud: Wired) -> None:
    """A page answers 200 and holds an error in place of rows."""
    fault(cloud, "error_page", message="Not today.", code="Busy")
    reply = cloud.ask(GROUPS)

    assert reply.status_code == 200
    assert reply.json() == {"error": {"code": "Busy", "message": "Not today."}}


def test_an_error_can_stand_beside_half_of_the_rows(cloud: Wired) -> None:
    """A page answers 200 with its first rows and an error."""
    whole = cloud.get(f"{GRAPH}/users")
    fault(cloud, "partial_error", path="/users")
    half = cloud.get(f"{GRAPH}/users")

    assert half["value"] == whole["value"][: len(whole["value"]) // 2]
    assert half["error"]["code"]


def test_half_of_a_batch_can_fail(cloud: Wired) -> None:
    """A batch answers 200, and half of the replies inside it are failures."""
    fault(cloud, "partial_error", path="batch", times=1)
    asked = [{"id": str(n), "method": "GET", "url": "/groups"} for n in range(4)]
    replies = cloud.ask(f"{GRAPH}/$batch", method="POST", json={"requests": asked}).json()

    assert [one["status"] for one in replies["responses"]] == [200, 200, 500, 500]


@pytest.mark.parametrize(
    ("how", "what"),
    [
        ("nameless", lambda row: "id" not in row and "name" not in row),
        ("hollow", lambda row: row["properties"] is None),
        ("wrong_type", lambda row: isinstance(row["properties"], str)),
        ("null_record", lambda row: row is None),
    ],
)
def test_one_record_of_a_page_can_be_malformed(
    cloud: Wired, how: str, what: Callable[[Any], bool]
) -> None:
    """One record is wrong in the way named; the others are as they were."""
    url = f"{ADMIN}/{readable(cloud).name}/connections?api-version=2016-11-01"
    whole = cloud.get(url)["value"]
    cloud.lever("faults", host="api.powerapps.com", kind="malformed_record", how=how)
    spoiled = cloud.get(url)["value"]

    assert what(spoiled[0])
    assert spoiled[1:] == whole[1:]


def test_a_caller_can_be_sent_elsewhere(cloud: Wired) -> None:
    """A redirection and a link to a next page name a signed address on another host."""
    fault(cloud, "redirect", times=1)
    sent = cloud.ask(GROUPS)
    fault(cloud, "foreign_link", times=1, location="https://elsewhere.example/?sig=x")
    page = cloud.get(GROUPS)

    assert (sent.status_code, sent.headers["Location"]) == (302, ELSEWHERE)
    assert page["@odata.nextLink"] == "https://elsewhere.example/?sig=x"
    assert page["value"]


def test_the_audit_log_can_list_blobs_twice_and_late(cloud: Wired) -> None:
    """Doubled blobs are there twice; half of them are late, and listed once the fault has ended."""
    tenant = cloud.tenant.id
    url = (
        f"https://manage.office.com/api/v1.0/{tenant}/activity/feed/subscriptions/content"
        f"?contentType=Audit.General&PublisherIdentifier={tenant}"
    )
    whole = cloud.get(url)
    cloud.lever("faults", kind="duplicate_blobs", times=1)
    doubled = cloud.get(url)
    cloud.lever("faults", kind="late_blobs", times=1)
    late = cloud.get(url)

    assert doubled == whole + whole
    assert late == whole[::2]
    assert cloud.get(url) == whole


def test_every_fault_is_documented_and_tested() -> None:
    """The page names each kind with what it does, and this module switches each one on."""
    root = Path(__file__).resolve().parents[2]
    page = (root / "docs" / "simulator.md").read_text(encoding="utf-8")
    table = dict(re.findall(r"^\| `(\w+)` \| ([^|]+) \|", page, re.MULTILINE))
    here = Path(__file__).read_text(encoding="utf-8")

    assert table == FAULTS
    assert all(f'"{kind}"' in here for kind in FAULTS)
    assert all(f"`{how}`" in page and f'"{how}"' in here for how in HOW)


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
        ("faults", {"kind": "malformed_record", "how": "badly"}, "badly"),
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
