"""Mail through the client of all services: tried once, whatever comes of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest
from test_api_client import World, answering, reply

from collectors.api.errors import ApiError
from connectory.graph_mail import post_by
from connectory.reports.sending import NotDelivered, NotTaken, Refused, Uncertain, Unusable

PATH = "/v1.0/users/coe@example.com/sendMail"
BODY: dict[str, Any] = {
    "message": {
        "subject": "2 things to do",
        "body": {"contentType": "HTML", "content": "<p>Do this.</p>"},
        "toRecipients": [{"emailAddress": {"address": "ada@example.com"}}],
    },
    "saveToSentItems": False,
}


def _failing(error: Exception) -> World:
    def handler(_: httpx.Request) -> httpx.Response:
        raise error

    return World(handler)


def test_a_mail_is_posted_as_it_is_and_its_empty_answer_is_fine() -> None:
    """202 without a body is what the service says to a mail that it took."""
    world = answering(httpx.Response(202))
    with world.client() as api:
        post_by(api)(PATH, BODY)

    (request,) = world.requests
    assert str(request.url) == f"https://graph.microsoft.com{PATH}"
    assert request.headers["Authorization"] == "Bearer token-1"
    assert b'"saveToSentItems":false' in request.content


@pytest.mark.parametrize(
    ("world", "kind"),
    [
        (lambda: answering(reply({}, 429, **{"Retry-After": "1"})), NotTaken),
        (lambda: answering(reply({}, 400)), Refused),
        (lambda: answering(reply({}, 403)), Unusable),
        (lambda: answering(reply({}, 404)), Unusable),
        (lambda: answering(reply({}, 500)), Uncertain),
        (lambda: answering(reply({}, 503, **{"Retry-After": "1"})), Uncertain),
        (lambda: _failing(httpx.ConnectError("refused")), NotTaken),
        (lambda: _failing(httpx.ReadTimeout("late")), Uncertain),
        (lambda: _failing(httpx.RemoteProtocolError("cut")), Uncertain),
    ],
)
def test_it_is_tried_once(world: Callable[[], World], kind: type[NotDelivered]) -> None:
    """No failure makes the client send a mail again, which it does with everything that reads."""
    wire = world()
    with wire.client(retries=6) as api, pytest.raises(NotDelivered) as error:
        post_by(api)(PATH, BODY)

    assert type(error.value) is kind
    assert len(wire.requests) == 1
    assert wire.slept == []


def test_a_token_that_is_refused_is_minted_once_more() -> None:
    """A 401 says that nothing was taken, so one more try with another token writes to nobody twice."""
    world = answering(reply({}, 401), httpx.Response(202))
    with world.client() as api:
        post_by(api)(PATH, BODY)

    assert len(world.requests) == len(world.minted) == 2


def test_a_secret_that_ended_closes_the_way() -> None:
    """Where nobody can be signed in, no message is begun."""
    world = answering(httpx.Response(202))
    with world.client(secret="expired") as api, pytest.raises(Unusable, match="expired"):
        post_by(api)(PATH, BODY)

    assert world.requests == []


def test_what_reads_is_still_patient() -> None:
    """The one try is the mail's alone."""
    world = answering(reply({}, 503), reply({"value": []}))
    with world.client() as api:
        api.get_json("graph", "/v1.0/users")
        with pytest.raises((PermissionError, ApiError)):
            api.command("graph", "/v1.0/users", body=BODY)

    assert len(world.requests) == 2
