"""The management activity feed: subscriptions, the blobs of a window, and the records of a blob.

Blobs are listed by when they were made, hours after what they tell of, and vanish after a week.
Some records are in two of them, and most are of other services.
"""

from __future__ import annotations

import re
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from typing import Final
from urllib.parse import unquote

from connectory.simulator.audit import AuditRecord
from connectory.simulator.wire import audit_records
from connectory.simulator.wire.exchange import Json, Refused, Reply, Request, error, stamp
from connectory.simulator.wire.paging import Pages
from connectory.simulator.wire.world import World

_ROOT = r"/api/v1\.0/([^/]+)/activity/feed"
_FEED = re.compile(rf"{_ROOT}/subscriptions/(list|start|content)", re.IGNORECASE)
_BLOB = re.compile(rf"{_ROOT}/audit/([^/]+)", re.IGNORECASE)
_TYPE: Final = "Audit.General"
_KEPT: Final = timedelta(days=7)
_LONGEST: Final = timedelta(hours=24)
_PAGES: Final = Pages(50, link="NextPageUri")
_NAME: Final = "%Y%m%d%H0000000"


def answer(world: World, request: Request) -> Reply:
    """Answer a request to the feed; its replies are bare lists, without an envelope."""
    match = _FEED.fullmatch(request.path) or _BLOB.fullmatch(request.path)
    if match is None:
        return error(404, "AF10003", f"No resource at {request.path}.")
    if match[1].casefold() != world.tenant.id.casefold():
        text = f"The tenant ID passed in the URL ({match[1]}) does not match the access token's."
        return error(403, "AF20010", text)
    subscribed = world.settings.audit_subscribed
    subscription = {"contentType": _TYPE, "status": "enabled", "webhook": None}
    match match[2].casefold():
        case "start" if subscribed:
            return error(400, "AF20024", "The subscription is already enabled.")
        case "start":
            world.settings.audit_subscribed = True
            world.audit_since = world.tenant.now
            return Reply(200, subscription)
        case "list":
            return Reply(200, [subscription] if subscribed else [])
        case _ if not subscribed:
            return error(400, "AF20022", "No subscription found for the specified content type.")
        case "content":
            return _listed(world, request)
        case _:
            return _blob(world, unquote(match[2]))


def _listed(world: World, request: Request) -> Reply:
    start, end = _window(world, request)
    rows = [
        _entry(world, made)
        for made in sorted(_blobs(world))
        if start <= made < end and made + _delay(world, made) <= world.tenant.now
    ]
    page = _PAGES.cut(request, rows, lambda row: row)
    link = page.get("NextPageUri")
    return Reply(200, page["value"], {"NextPageUri": link} if link else {})


def _window(world: World, request: Request) -> tuple[datetime, datetime]:
    """Return the window asked for: both ends or none, a day at most, a week back at most.

    Raises:
        Refused: It is another.
    """
    given = [request.query.get(name) for name in ("startTime", "endTime")]
    now = world.tenant.now
    if given == [None, None]:
        return now - _LONGEST, now
    try:
        start, end = (datetime.fromisoformat(str(text)) for text in given)
    except ValueError:
        text = "startTime and endTime must both be specified (or both omitted)."
        raise Refused(error(400, "AF20030", text)) from None
    start, end = (m if m.tzinfo else m.replace(tzinfo=UTC) for m in (start, end))
    if not timedelta(0) <= end - start <= _LONGEST or start < now - _KEPT:
        text = (
            "Start time and end time must be less than or equal to 24 hours apart, with the start "
            "time no more than 7 days in the past."
        )
        raise Refused(error(400, "AF20030", text))
    return start, end


def _delay(world: World, made: datetime) -> timedelta:
    """Return how long a blob is missing from the list although it was made."""
    late = timedelta(hours=world.settings.audit_late_hours)
    return late if made.hour % 2 else timedelta(0)


def _blobs(world: World) -> dict[datetime, list[AuditRecord]]:
    """Return the records of each blob that was made, by when; one in seven is in two of them."""
    found: dict[datetime, list[AuditRecord]] = defaultdict(list)
    for record in world.tenant.audit:
        hour = record.delivered.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
        twice = int(record.id[:2], 16) % 7 == 0
        for made in (hour, hour + timedelta(hours=3)) if twice else (hour,):
            if world.audit_since <= made <= world.tenant.now:
                found[made].append(record)
    return found


def _entry(world: World, made: datetime) -> Json:
    identity = f"{made:{_NAME}}$audit_general"
    root = f"https://manage.office.com/api/v1.0/{world.tenant.id}/activity/feed"
    return {
        "contentUri": f"{root}/audit/{identity}",
        "contentId": identity,
        "contentType": _TYPE,
        "contentCreated": stamp(made, 3),
        "contentExpiration": stamp(made + _KEPT, 3),
    }


def _blob(world: World, identity: str) -> Reply:
    try:
        made = datetime.strptime(identity.partition("$")[0], _NAME).replace(tzinfo=UTC)
    except ValueError:
        return error(404, "AF20055", f"The specified content ({identity}) does not exist.")
    found = _blobs(world).get(made)
    if found is None:
        return error(404, "AF20055", f"The specified content ({identity}) does not exist.")
    if made + _KEPT < world.tenant.now:
        return error(400, "AF20051", f"Content requested ({identity}) has already expired.")
    rows = [audit_records.told(world, record) for record in found]
    rows += audit_records.noise(world, made)
    return Reply(200, sorted(rows, key=lambda row: str(row["Id"])))
