"""A card to the workflow behind a Teams webhook.

The workflow knows whom to show it to: beside the card stand the address it is for and our name of
the message. A webhook of the old kind answers 200 also to what it could not do, and says so in
words.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Any, Final

import httpx
import orjson

from connectory.domain.one_line import one_line
from connectory.reports.sending import NotTaken, Posting, Refused, Uncertain, Unusable
from connectory.reports_settings import ReportSettings
from connectory.transports import NotSent, post, webhook_address, why

_CARD: Final = "application/vnd.microsoft.card.adaptive"
_LARGEST: Final = 28_000
_NEVER_SENT: Final = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.UnsupportedProtocol,
    httpx.InvalidURL,
    ValueError,
)
_CLOSED: Final = {
    HTTPStatus.UNAUTHORIZED,
    HTTPStatus.FORBIDDEN,
    HTTPStatus.NOT_FOUND,
    HTTPStatus.METHOD_NOT_ALLOWED,
    HTTPStatus.GONE,
}
_DONE: Final = {"", "1"}
"""What a webhook says that did what it was asked for."""


class TeamsSender:
    """Sends each message as a card.

    Args:
        settings: Which variable holds the webhook's address.
    """

    def __init__(self, settings: ReportSettings) -> None:
        self._settings = settings

    def ready(self) -> None:
        """Make sure that there is an address; nothing can be asked of it without sending."""
        try:
            webhook_address(self._settings.teams_webhook_url_env)
        except NotSent as error:
            raise Unusable(str(error)) from error

    def send(self, posting: Posting) -> str:
        """Hand a card over, and return what was answered."""
        if posting.card is None:
            raise Refused("it has no card")
        try:
            url = webhook_address(self._settings.teams_webhook_url_env)
            response = post(url, body(posting), self._settings.timeout_seconds)
        except NotSent as error:
            raise Unusable(str(error)) from error
        except _NEVER_SENT as error:
            raise NotTaken(f"the webhook cannot be reached: {why(error)}", alone=False) from error
        except httpx.HTTPError as error:
            raise Uncertain(f"the webhook did not answer: {why(error)}") from error
        return understood(response)

    def close(self) -> None:
        """Hold nothing open."""


def body(posting: Posting) -> dict[str, Any]:
    """Return a message as the workflow takes it.

    Raises:
        Refused: It is larger than such a workflow takes.
    """
    message = {
        "type": "message",
        "attachments": [{"contentType": _CARD, "contentUrl": None, "content": posting.card}],
        "recipient": one_line(posting.address, 320),
        "message": posting.token,
    }
    if len(orjson.dumps(message)) > _LARGEST:
        raise Refused(f"the card is larger than {_LARGEST} bytes")
    return message


def understood(response: httpx.Response) -> str:
    """Return what an answer says of a message that was taken.

    Raises:
        NotDelivered: It was not, or nobody knows.
    """
    status = response.status_code
    said = one_line(response.text, 200)
    if status == HTTPStatus.OK and said not in _DONE and not said.startswith("{"):
        raise Refused(f"the webhook answered 200, and that it failed: {said}")
    if response.is_success:
        return f"the webhook answered {status}"
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        raise NotTaken("the webhook answered 429: too many at once", alone=False)
    if status in _CLOSED or response.is_redirect:
        raise Unusable(f"the webhook answered {status}; check its address")
    if status < HTTPStatus.INTERNAL_SERVER_ERROR:
        raise Refused(f"the webhook answered {status}: {said}")
    raise Uncertain(f"the webhook answered {status}")
