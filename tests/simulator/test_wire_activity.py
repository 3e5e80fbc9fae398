"""The management activity feed: windows, blobs and records as the real one hands them out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from wired import Wired, wired


@pytest.fixture
def cloud() -> Iterator[Wired]:
    """A tiny tenant that a test may change."""
    with wired() as found:
        yield found


def feed(cloud: Wired, what: str) -> str:
    """Return an address of the feed."""
    return f"https://manage.office.com/api/v1.0/{cloud.tenant.id}/activity/feed/{what}"


def content(cloud: Wired, **window: float) -> Any:
    """Ask for the blobs of a window, its ends in days before the tenant's clock."""
    ends = {name: cloud.tenant.now - timedelta(days=days) for name, days in window.items()}
    more = "".join(f"&{name}={end:%Y-%m-%dT%H:%M:%S}" for name, end in ends.items())
    url = feed(cloud, f"subscriptions/content?contentType=Audit.General{more}")
    return cloud.ask(url)


@pytest.mark.parametrize(
    "window",
    [
        {"startTime": 2.0},
        {"endTime": 1.0},
        {"startTime": 3.0, "endTime": 1.5},
        {"startTime": 7.1, "endTime": 6.5},
        {"startTime": 1.0, "endTime": 2.0},
    ],
)
def test_a_window_is_a_day_at_most_and_a_week_back_at_most(
    cloud: Wired, window: dict[str, float]
) -> None:
    """Both ends or none, in order, within a day, within seven days."""
    reply = content(cloud, **window)

    assert reply.status_code == 400
    assert reply.json()["error"]["code"] == "AF20030"


def test_more_blobs_are_told_of_in_a_header(cloud: Wired) -> None:
    """The list is bare, and the link to the rest of it a header."""
    whole = content(cloud, startTime=1.0, endTime=0.0).json()
    cloud.lever("settings", page_limit=3)
    first = content(cloud, startTime=1.0, endTime=0.0)
    second = cloud.ask(first.headers["NextPageUri"])

    assert len(whole) > 3
    assert first.json() + second.json() == whole[:6]


def test_records_repeat_and_most_blobs_hold_those_of_others(cloud: Wired) -> None:
    """Some records are in two blobs, and mail is between them."""
    blobs = content(cloud, startTime=1.0, endTime=0.0).json()
    records = [row for blob in blobs for row in cloud.get(blob["contentUri"])]
    times = Counter(row["Id"] for row in records)

    assert set(times.values()) == {1, 2}
    assert {row["RecordType"] for row in records} >= {2, 45, 256}


def test_a_blob_vanishes_after_a_week(cloud: Wired) -> None:
    """What was listed once cannot be fetched a week later."""
    blob = content(cloud, startTime=1.0, endTime=0.0).json()[0]
    cloud.lever("advance", days=7)
    reply = cloud.ask(blob["contentUri"])

    assert reply.status_code == 400
    assert reply.json()["error"]["code"] == "AF20051"


def test_without_a_subscription_nothing_is_handed_out(cloud: Wired) -> None:
    """It is started once; from then on only what was made since is listed."""
    cloud.lever("settings", audit_subscribed=False)
    start = feed(cloud, "subscriptions/start?contentType=Audit.General")

    assert cloud.get(feed(cloud, "subscriptions/list")) == []
    assert content(cloud).json()["error"]["code"] == "AF20022"
    assert cloud.ask(start, method="POST").json()["status"] == "enabled"
    assert cloud.ask(start, method="POST").json()["error"]["code"] == "AF20024"
    assert content(cloud).json() == []
    assert cloud.get(feed(cloud, "subscriptions/list"))[0]["contentType"] == "Audit.General"


def test_a_late_blob_is_listed_where_it_belongs(cloud: Wired) -> None:
    """It shows hours later, among those made when it was."""
    everything = content(cloud, startTime=1.0, endTime=0.0).json()
    cloud.lever("settings", audit_late_hours=48)
    soon = content(cloud, startTime=1.0, endTime=0.0).json()
    cloud.lever("advance", days=3)
    later = content(cloud, startTime=4.0, endTime=3.0).json()

    assert len(soon) < len(everything)
    assert {blob["contentId"] for blob in later} >= {blob["contentId"] for blob in everything}
