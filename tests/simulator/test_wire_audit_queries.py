"""Queries of the audit log: asked once, answered later, and about when things happened."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from wired import GRAPH, Wired, wired

QUERIES = f"{GRAPH}/security/auditLog/queries"
TYPES = ["powerPlatformAdministratorActivity", "powerAppsApp", "microsoftFlow"]


@pytest.fixture
def cloud() -> Iterator[Wired]:
    """A tiny tenant that a test may change."""
    with wired() as found:
        yield found


def question(cloud: Wired, *days: float, **other: Any) -> Any:
    """Ask about a time, its ends in days before the tenant's clock, and return the reply."""
    start, end = (cloud.tenant.now - timedelta(days=back) for back in days)
    body = {
        "displayName": "pp",
        "filterStartDateTime": f"{start:%Y-%m-%dT%H:%M:%SZ}",
        "filterEndDateTime": f"{end:%Y-%m-%dT%H:%M:%SZ}",
        "recordTypeFilters": TYPES,
    }
    return cloud.ask(QUERIES, method="POST", json=body | other)


def records(cloud: Wired, identity: str) -> list[Any]:
    """Wait for a query and return its records."""
    while cloud.get(f"{QUERIES}/{identity}")["status"] != "succeeded":
        pass
    return cloud.rows(f"{QUERIES}/{identity}/records")


def test_a_query_is_answered_some_questions_later(cloud: Wired) -> None:
    """It has not started, runs, and succeeds; before that it has no records."""
    made = question(cloud, 20, 0)
    address = f"{QUERIES}/{made.json()['id']}"
    early = cloud.ask(f"{address}/records")
    states = [cloud.get(address)["status"] for _ in range(4)]

    assert (made.status_code, made.json()["status"]) == (201, "notStarted")
    assert early.status_code == 400
    assert states == ["running", "running", "succeeded", "succeeded"]
    assert [row["id"] for row in cloud.rows(QUERIES)] == [made.json()["id"]]
    assert cloud.look("requests")["trespasses"] == {}


@pytest.mark.parametrize("end", ["failed", "cancelled", "running"])
def test_a_query_can_come_to_nothing(cloud: Wired, end: str) -> None:
    """It ends otherwise, or never, as the setting says."""
    cloud.lever("settings", audit_query_ends=end)
    address = f"{QUERIES}/{question(cloud, 20, 0).json()['id']}"
    states = [cloud.get(address)["status"] for _ in range(9)]

    assert states[-1] == end
    assert cloud.ask(f"{address}/records").status_code == 400


def test_it_tells_what_happened_long_after_the_feed_forgot(cloud: Wired) -> None:
    """Every record of the time asked for is told, some twice, and none of another time."""
    cloud.lever("advance", days=20)
    found = records(cloud, question(cloud, 20, 10).json()["id"])
    start, end = (cloud.tenant.now - timedelta(days=back) for back in (20, 10))
    wanted = {
        row["id"]
        for row in cloud.look("truth")["audit_events"]
        if start <= datetime.fromisoformat(row["at"]) < end
    }
    times = Counter(row["id"] for row in found)
    strange = {row["id"] for row in found if "LaunchPowerApp" in row["operation"]}

    assert wanted <= times.keys()
    assert {row["operation"] for row in found if row["id"] not in wanted} == {
        "CurrencyEnvironmentAllocate"
    }
    assert set(times.values()) == {1, 2}
    assert strange <= wanted
    assert all(row["auditData"]["Id"] == row["id"] for row in found)


def test_what_is_told_late_is_in_no_query_asked_before(cloud: Wired) -> None:
    """A record that was not written when the query was asked is missing from its answer."""
    soon = question(cloud, 2, 0).json()["id"]
    cloud.lever("advance", days=3)
    later = question(cloud, 5, 3).json()["id"]
    first, second = ({row["id"] for row in records(cloud, one)} for one in (soon, later))

    assert first < second


def test_it_goes_on_page_by_page(cloud: Wired) -> None:
    """Pages link on, and together they are the whole."""
    identity = question(cloud, 20, 0).json()["id"]
    whole = records(cloud, identity)
    cloud.lever("settings", page_limit=7)
    pages = cloud.pages(f"{QUERIES}/{identity}/records")

    assert len(pages) > 3
    assert [row["id"] for page in pages for row in page["value"]] == [row["id"] for row in whole]


@pytest.mark.parametrize(
    "other",
    [
        {"recordTypeFilters": ["powerApp"]},
        {"filterStartDateTime": "soon"},
        {"filterEndDateTime": "2020-01-01T00:00:00Z"},
    ],
)
def test_a_query_that_makes_no_sense_is_refused(cloud: Wired, other: dict[str, Any]) -> None:
    """A type nobody knows, a time that is none, an end before the start."""
    assert question(cloud, 20, 0, **other).status_code == 400


def test_nothing_else_is_written_there(cloud: Wired) -> None:
    """A query is neither changed nor deleted; one that is not there is not found."""
    made = question(cloud, 20, 0).json()["id"]

    assert cloud.ask(f"{QUERIES}/{made}", method="DELETE").status_code == 405
    assert cloud.ask(f"{QUERIES}/{made}", method="POST", json={}).status_code == 405
    assert cloud.ask(f"{QUERIES}/absent").status_code == 404
