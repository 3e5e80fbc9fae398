"""The management activity feed: it can be subscribed to, and holds no content."""

from __future__ import annotations

import re

from connectory.simulator.wire.exchange import Reply, Request, error
from connectory.simulator.wire.world import World

_FEED = re.compile(
    r"/api/v1\.0/([^/]+)/activity/feed/subscriptions/(list|start|content)", re.IGNORECASE
)


def answer(world: World, request: Request) -> Reply:
    """Answer a request to the feed; its replies are bare lists, without an envelope."""
    match = _FEED.fullmatch(request.path)
    if match is None:
        return error(404, "AF10003", f"No resource at {request.path}.")
    if match[1].casefold() != world.tenant.id.casefold():
        text = f"The tenant ID passed in the URL ({match[1]}) does not match the access token's."
        return error(403, "AF20010", text)
    subscription = {"contentType": "Audit.General", "status": "enabled", "webhook": None}
    match match[2].casefold():
        case "start":
            world.audit_started = True
            return Reply(200, subscription)
        case "list":
            return Reply(200, [subscription] if world.audit_started else [])
        case _ if not world.audit_started:
            return error(400, "AF20022", "No subscription found for the specified content type.")
        case _:
            return Reply(200, [])
