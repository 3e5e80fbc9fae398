"""From a reply or a failed try to an error with cause and cure."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any

import httpx
import orjson

from collectors.api.errors import (
    ApiError,
    BadReply,
    NotFound,
    PageLinkRefused,
    PartialReply,
    Refused,
    ServerFault,
    Throttled,
    TooLarge,
    Unreachable,
    without_secrets,
)
from collectors.api.retry import BudgetSpent
from collectors.api.settings import HttpSettings
from collectors.api.transports import OverLimit

_BOM = b"\xef\xbb\xbf"
_RIGHTS = {
    "bap": "register the application as Power Platform admin application",
    "powerapps": "register the application as Power Platform admin application",
    "flow": "the Flow service may be closed to applications; flows in solutions are read from Dataverse",
    "powerplatform": "give the application the Power Platform Reader role",
    "graph": "grant the application User.Read.All, GroupMember.Read.All and Application.Read.All",
    "activity": "grant the application ActivityFeed.Read of the Office 365 Management APIs",
    "loganalytics": "give the application the Log Analytics Reader role on the workspace",
    "appinsights": "give the application the Monitoring Reader role on the Application Insights resource",
    "dataverse": "add the application as application user of that environment",
    "blob": "the signed address has expired or the storage service blocks this network",
}
_LONGEST = 300


@contextmanager
def translated(url: str, settings: HttpSettings) -> Iterator[None]:
    """Turn what the transport raises into errors of ours.

    Args:
        url: Address asked for.
        settings: Bounds that were in force.
    """
    try:
        yield
    except ApiError:
        raise
    except OverLimit as error:
        raise TooLarge(
            f"the reply is {error}", url, "raise the limit in the settings if it is wanted"
        ) from error
    except BudgetSpent as error:
        raise Throttled(
            f"waited {settings.retry_budget:.0f} s in this run, no more",
            url,
            "run again later, or raise http.retry_budget_seconds",
        ) from error
    except httpx.TimeoutException as error:
        raise Unreachable(
            f"no answer in time, {settings.retries + 1} tries",
            url,
            "check the network, or raise http.read_timeout_seconds",
        ) from error
    except httpx.ConnectError as error:
        raise Unreachable(
            f"no connection: {_plain(error)}", url, "check the network, a proxy, and http.hosts"
        ) from error
    except httpx.InvalidURL as error:
        raise PageLinkRefused(
            "an address that cannot be read", url, "nothing was sent there"
        ) from error
    except httpx.RequestError as error:
        raise ServerFault(
            f"the connection broke, {settings.retries + 1} tries: {_plain(error)}",
            url,
            "it is read again in the next run",
        ) from error


def raise_for(response: httpx.Response, family: str, url: str) -> None:
    """Raise the error that a reply's status means; a good one passes.

    Args:
        response: The reply, read.
        family: Service that was asked.
        url: Address asked for.

    Raises:
        ApiError: The kind that fits.
    """
    status = response.status_code
    if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
        return
    error = _meant(status, response.content, family, url)
    error.status = status
    raise error


def _meant(status: int, content: bytes, family: str, url: str) -> ApiError:
    """Return the error that a status means."""
    code, message = _told(content)
    said = f"{status} {code or HTTPStatus(status).phrase if status in _KNOWN else status}"
    what = f"{said}: {message}" if message else said
    if status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
        return Refused(f"refused, {what}", url, _RIGHTS.get(family, "grant the right"), code)
    if status in {HTTPStatus.NOT_FOUND, HTTPStatus.GONE}:
        return NotFound(f"not found, {what}", url, "it was deleted, or the address is wrong")
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return Throttled(
            f"throttled, {what}", url, "run at another hour, or lower http.concurrency_per_host"
        )
    return ServerFault(f"the service answered {what}", url, "it is read again in the next run")


_KNOWN = {status.value for status in HTTPStatus}


def decoded(content: bytes, url: str) -> Any:
    """Return what a good reply says.

    Args:
        content: Its body.
        url: Address asked for.

    Raises:
        BadReply: It is no JSON, or tells an error although its status is good: what stands beside
            an error is not everything.
    """
    try:
        body = orjson.loads(content.removeprefix(_BOM))
    except orjson.JSONDecodeError as error:
        raise BadReply(
            f"the reply is not whole JSON ({len(content)} bytes)",
            url,
            "it is read again in the next run; a proxy in between may answer instead",
        ) from error
    if isinstance(body, dict) and body.get("error"):
        code, message = _told(content.removeprefix(_BOM))
        raise (PartialReply if len(body) > 1 else BadReply)(
            f"the reply tells an error beside its result: {message or code}",
            url,
            "it counts as not read; it is read again in the next run",
        )
    return body


def refuse_altered(response: httpx.Response, address: str) -> None:
    """Refuse a document that is not what storage holds.

    Storage tells the digest of most documents; what comes as a page of HTML instead was written by
    somebody in between.

    Raises:
        BadReply: It is cut short, or another document.
    """
    told = response.headers.get("Content-MD5")
    digest = hashlib.md5(response.content, usedforsecurity=False).digest()
    if told is None:
        whole = "html" not in response.headers.get("Content-Type", "").casefold()
    else:
        whole = base64.b64encode(digest).decode() == told
    if not whole:
        raise BadReply(
            f"the document is cut short or another one ({len(response.content)} bytes)",
            address,
            "it is read again in the next run; a proxy in between may answer instead",
        )


def _told(content: bytes) -> tuple[str | None, str | None]:
    """Return code and message of an error body, in any of the shapes services use."""
    try:
        body = orjson.loads(content)
    except orjson.JSONDecodeError:
        return None, None
    if not isinstance(body, dict):
        return None, None
    error = body.get("error", body)
    if isinstance(error, dict):
        error = error.get("odata.error", error)
    if not isinstance(error, dict):
        return without_secrets(str(error))[:_LONGEST], None
    message = error.get("message")
    if isinstance(message, dict):
        message = message.get("value")
    return (
        without_secrets(str(error["code"]))[:_LONGEST] if error.get("code") else None,
        without_secrets(str(message))[:_LONGEST].rstrip(". ") if message else None,
    )


def _plain(error: Exception) -> str:
    return str(error).splitlines()[0] if str(error) else type(error).__name__
