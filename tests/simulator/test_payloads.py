from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from shapes import Shape, differences, shape
from test_wire_hosts import readable
from wired import GRAPH, Wired

PLACE = Path(__file__).resolve().parent.parent / "payloads"
PAYLOADS = {path.stem: json.loads(path.read_text("utf-8")) for path in sorted(PLACE.glob("*.json"))}
FORMS: dict[str, dict[str, str]] = {
    "token": {
        "grant_type": "client_credentials",
        "client_id": "{client}",
        "client_secret": "simulated-secret",
        "scope": "https://graph.microsoft.com/.default",
    },
    "device_code": {"client_id": "{client}", "scope": "https://graph.microsoft.com/.default"},
    "sign_in_error": {
        "grant_type": "client_credentials",
        "client_id": "{client}",
        "client_secret": "wrong",
        "scope": "https://graph.microsoft.com/.default",
    },
}

QUERIES = {noun: payload["query"] for noun, payload in PAYLOADS.items() if "query" in payload}


def places(cloud: Wired, url: str) -> Iterator[str]:
    """Yield the addresses that a template stands for in a tenant."""
    tenant = cloud.tenant
    homes = [e for e in tenant.environments.values() if not e.deleted and e.admin_readable]
    names: dict[str, list[tuple[str, str | None]]] = {
        "{connector}": [(c.environment, c.name) for c in tenant.connectors if c.in_admin_list],
        "{connection}": [
            (c.environment, f"{c.connector}/connections/{c.name}") for c in tenant.connections
        ],
        "{app}": [(a.environment, a.name) for a in tenant.apps],
        "{flow}": [(f.environment, f.name) for f in tenant.flows if f.in_flow_api],
    }
    for part, owned in names.items():
        if part in url:
            here = {home.name for home in homes}
            for where, name in owned:
                if where in here and name:
                    yield url.replace("{environment}", where).replace(part, name)
            return
    if "{dataverse}" in url:
        for home in homes:
            if home.dataverse and home.dataverse.application_user:
                yield url.replace("{dataverse}", home.dataverse.api_host)
        return
    if "{blob}" in url:
        yield from blobs(cloud, url)
        return
    if "/auditLog/queries" in url:
        yield url.replace("{query}", answered(cloud))
        return
    handed = {one.environment for one in tenant.allocations}
    single: dict[str, list[str]] = {
        "{group}": [group.id for group in tenant.groups.values() if not group.deleted],
        "{policy}": [policy.id for policy in tenant.billing_policies],
        "{allocated}": [home.name for home in homes if home.name in handed],
        "{environment}": [home.name for home in homes],
        "{tenant}": [tenant.id],
    }
    part = next((part for part in single if part in url), "{tenant}")
    yield from (url.replace(part, identity) for identity in single[part])


def answered(cloud: Wired) -> str:
    """Ask the audit log about the last month and return the id of the query, once it is answered."""
    start, end = (cloud.tenant.now - timedelta(days=back) for back in (30, 0))
    asked = {
        "displayName": "A month",
        "filterStartDateTime": f"{start:%Y-%m-%dT%H:%M:%SZ}",
        "filterEndDateTime": f"{end:%Y-%m-%dT%H:%M:%SZ}",
        "recordTypeFilters": ["powerPlatformAdministratorActivity", "powerAppsApp"],
    }
    root = f"{GRAPH}/security/auditLog/queries"
    made = cloud.ask(root, method="POST", json=asked).json()
    while made["status"] != "succeeded":
        made = cloud.get(f"{root}/{made['id']}")
    return str(made["id"])


def blobs(cloud: Wired, url: str) -> Iterator[str]:
    """Yield the address of each part of the audit log that is handed out."""
    tenant = cloud.tenant
    feed = f"https://manage.office.com/api/v1.0/{tenant.id}/activity/feed"
    for day in range(7):
        start, end = (tenant.now - timedelta(days=back) for back in (day + 1, day))
        window = f"startTime={start:%Y-%m-%dT%H:%M:%S}&endTime={end:%Y-%m-%dT%H:%M:%S}"
        for blob in cloud.get(f"{feed}/subscriptions/content?contentType=Audit.General&{window}"):
            yield url.replace("{tenant}", tenant.id).replace("{blob}", blob["contentId"])


def promised(noun: str) -> Shape:
    """Return the shape that a payload gives for its reply."""
    payload = PAYLOADS[noun]
    found = shape(payload["reply"], payload.get("maps", ()), payload.get("opaque", ()))
    for path in payload.get("nullable", ()):
        found[path].add("null")
    return found


def served(cloud: Wired, noun: str) -> Shape:
    """Return the shape of everything the simulated tenant answers for a payload's request."""
    payload = PAYLOADS[noun]
    method, url = payload["request"].split(" ", 1)
    found: Shape = {}
    for place in places(cloud, url):
        for page in replies(cloud, noun, method, place):
            for path, types in shape(
                page, payload.get("maps", ()), payload.get("opaque", ())
            ).items():
                found.setdefault(path, set()).update(types)
    return found


def replies(cloud: Wired, noun: str, method: str, url: str) -> list[Any]:
    """Return the pages of a reply, or the one reply to a form."""
    if noun in FORMS:
        client = cloud.tenant.collector_app_id
        form = {name: value.replace("{client}", client) for name, value in FORMS[noun].items()}
        return [cloud.http.request(method, url, data=form).json()]
    if noun == "error":
        return [cloud.ask(url).json()]
    if noun in {"connector", "maker_connectors"}:
        token = cloud.person_token("https://service.powerapps.com/")
        return [cloud.get(url, token=token)]
    if noun in QUERIES:
        token = cloud.person_token("https://api.powerplatform.com")
        return [cloud.ask(url, method=method, token=token, json=QUERIES[noun]).json()]
    body = cloud.get(url)
    return cloud.pages(url) if "value" in body else [body]


@pytest.mark.parametrize("noun", PAYLOADS)
def test_replies_have_the_members_and_types_of_the_payloads(shared_cloud: Wired, noun: str) -> None:
    """Every member of a payload is served, nothing else is, and all are of the same types."""
    wanted = promised(noun)
    seen = served(shared_cloud, noun)
    for link in ("nextLink", "@odata.nextLink"):
        wanted.pop(link, None)
        seen.pop(link, None)

    assert differences(wanted, seen) == []


@pytest.mark.parametrize("noun", PAYLOADS)
def test_a_payload_says_where_its_shape_is_from(noun: str) -> None:
    """Each payload names a public source, and holds invented values only."""
    payload = PAYLOADS[noun]
    text = json.dumps(payload["reply"])

    assert payload["source"]
    assert payload["request"].split()[0] in {"GET", "POST"}
    assert "contoso" not in text
    assert "onmicrosoft" not in text


RECORDED = {
    noun: payload["recorded"] for noun, payload in PAYLOADS.items() if "recorded" in payload
}


@pytest.mark.parametrize("noun", RECORDED)
def test_payloads_agree_with_recorded_replies(corpus: Path, noun: str) -> None:
    """What a recorded reply of the real service has, the payload has with the same type."""
    payload = PAYLOADS[noun]
    maps, opaque = payload.get("maps", ()), payload.get("opaque", ())
    document = json.loads((corpus / "payloads" / RECORDED[noun]).read_text("utf-8"))
    recorded = shape(document, maps, opaque)
    ours = promised(noun)
    shared = recorded.keys() & ours.keys()
    apart = [
        f"{path}: {sorted(ours[path])}, recorded {sorted(recorded[path])}"
        for path in sorted(shared)
        if not (ours[path] & recorded[path] or "null" in ours[path] | recorded[path])
    ]

    assert apart == []
    assert {path for path in ours if path.count(".") < 1} <= recorded.keys() | {"nextLink"}
    assert len(shared) > len(ours) // 3


def test_a_payload_is_not_met_by_a_reply_that_departs_from_it(shared_cloud: Wired) -> None:
    """The comparison itself sees a missing member, one too many and another type."""
    wanted = shape(PAYLOADS["environment"]["reply"])
    home = readable(shared_cloud).name
    url = PAYLOADS["environment"]["request"].split(" ", 1)[1].replace("{environment}", home)
    changed = shared_cloud.get(url)
    changed["extra"] = changed.pop("location")
    changed["name"] = 7
    found = differences(wanted, shape(changed))

    assert "location is never there" in found
    assert "extra is not in the payload" in found
    assert "name is number, not string" in found
