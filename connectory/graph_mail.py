"""Mail by Microsoft Graph: one try through the client of all services, and what its end means."""

from __future__ import annotations

from typing import Any, Final

import httpx

from collectors.api.client import Api
from collectors.api.errors import ApiError, SignInError
from connectory.reports.senders.graph import Post
from connectory.reports.sending import NotDelivered, NotTaken, Refused, Uncertain, Unusable

_TOO_MANY: Final = 429
_NOT_ALLOWED: Final = {401, 403, 404}
_SERVER: Final = 500
_NEVER_SENT: Final = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.UnsupportedProtocol,
)


def post_by(api: Api) -> Post:
    """Return how a mail is handed to Graph, once each time."""

    def post(path: str, body: dict[str, Any]) -> None:
        try:
            api.command("graph", path, body=body)
        except PermissionError as error:
            raise Refused(str(error)) from error
        except ApiError as error:
            raise judged(error) from error

    return post


def judged(error: ApiError) -> NotDelivered:
    """Return what a failure means for the message: was it surely not taken?"""
    if isinstance(error, SignInError):
        return Unusable(str(error))
    told = f"{error.what}; {error.where}"
    if error.status is None:
        if isinstance(error.__cause__, _NEVER_SENT):
            return NotTaken(told, alone=False)
        return Uncertain(told)
    if error.status == _TOO_MANY:
        return NotTaken(told, alone=False)
    if error.status in _NOT_ALLOWED:
        return Unusable(f"{told}; grant Mail.Send for the mailbox in reports.graph_sender")
    return Uncertain(told) if error.status >= _SERVER else Refused(told)
