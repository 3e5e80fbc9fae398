"""Addresses at which Teams takes cards: a workflow's, and one of the old kind that was retired.

Neither wants a token; the address is the secret. A workflow accepts with 202. The old kind answers
200 with a 1, and 200 with words where it failed. What is taken is kept and shown to nobody.
"""

from __future__ import annotations

import re
from typing import Any, Final

from connectory.simulator.wire.exchange import Json, Reply, Request, error
from connectory.simulator.wire.world import World, derived

HOSTS: Final = r"[a-z0-9.-]+\.logic\.azure\.com|[a-z0-9-]+\.webhook\.office\.com"
_WORKFLOW_HOST: Final = "prod-42.westeurope.logic.azure.com"
_OLD_HOST: Final = "larkspur.webhook.office.com"
_WORKFLOW = re.compile(r"/workflows/([0-9a-f]{32})/triggers/manual/paths/invoke")
_CARD: Final = "application/vnd.microsoft.card.adaptive"
_LARGEST: Final = 28 * 1024


def places(world: World) -> dict[str, str]:
    """Return the two addresses, the secret among what they say."""
    trace = derived(world.tenant.id, "old webhook").replace("-", "")
    old = (
        f"/webhookb2/{world.tenant.id}@{world.tenant.id}/IncomingWebhook/{trace}/{world.tenant.id}"
    )
    query = f"api-version=2016-06-01&sp=%2Ftriggers%2Fmanual%2Frun&sv=1.0&sig={_signature(world)}"
    return {
        "workflow": f"https://{_WORKFLOW_HOST}{_path(world)}?{query}",
        "old_webhook": f"https://{_OLD_HOST}{old}",
    }


def answer(world: World, request: Request) -> Reply:
    """Take a card."""
    if "authorization" in request.headers:
        world.trespasses["token sent to a webhook"] += 1
    if request.method != "POST":
        return error(405, "MethodNotAllowed", "Only a POST starts it.")
    if request.host.endswith("webhook.office.com"):
        return _old(world, request)
    match = _WORKFLOW.fullmatch(request.path)
    if match is None or request.path != _path(world):
        return error(404, "WorkflowNotFound", "The workflow could not be found.")
    if request.query.get("sig") != _signature(world):
        text = "The authentication credentials are not valid."
        return error(401, "DirectApiInvalidAuthorization", text)
    given = request.json()
    if len(request.body) > _LARGEST:
        return error(413, "RequestEntityTooLarge", "The request is too large.")
    if (wrong := _wrong(given)) is not None:
        return error(400, "TriggerInputSchemaMismatch", wrong)
    _keep(world, "workflow", given)
    return Reply(202)


def _old(world: World, request: Request) -> Reply:
    """Answer as webhooks of the old kind did: always 200, and what went wrong in words."""
    text = {"Content-Type": "text/plain; charset=utf-8"}
    if request.path != places(world)["old_webhook"].partition(_OLD_HOST)[2]:
        return Reply(404, b"Invalid webhook URL", text)
    given = request.json()
    wrong = "413 with ContextId" if len(request.body) > _LARGEST else _wrong(given)
    if world.settings.webhook_fails or wrong is not None:
        told = wrong or world.settings.webhook_fails
        said = (
            f"Webhook message delivery failed with error: Microsoft Teams endpoint returned {told}"
        )
        return Reply(200, said.encode(), text)
    _keep(world, "old_webhook", given)
    return Reply(200, b"1", text)


def _wrong(given: Json) -> str | None:
    """Return what keeps a message from being a card, if anything does."""
    attached = given.get("attachments")
    if given.get("type") != "message" or not isinstance(attached, list) or not attached:
        return "The message has no attachments."
    for one in attached:
        content: Any = one.get("content") if isinstance(one, dict) else None
        if not isinstance(content, dict) or one.get("contentType") != _CARD:
            return "An attachment is no adaptive card."
        if content.get("type") != "AdaptiveCard" or not isinstance(content.get("body"), list):
            return "The card has no body."
    return None


def _keep(world: World, taken_at: str, given: Json) -> None:
    number, at = len(world.cards) + 1, world.tenant.now.isoformat()
    world.cards.append({"number": number, "at": at, "taken_at": taken_at, "message": given})


def _path(world: World) -> str:
    name = derived(world.tenant.id, "workflow").replace("-", "")
    return f"/workflows/{name}/triggers/manual/paths/invoke"


def _signature(world: World) -> str:
    return derived(world.tenant.id, "signature of the workflow").replace("-", "")
