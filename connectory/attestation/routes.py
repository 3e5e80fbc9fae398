"""What the dashboard process serves at ``/attest``: GET shows, only POST acts."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final
from urllib.parse import parse_qsl, urlencode, urlsplit

from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from connectory.attestation import page
from connectory.attestation.desk import Desk, Listing, Question, Receipt, Refused, Why
from connectory.attestation.links import PATH
from connectory.attestation.words import languages
from connectory.domain.attesting import Unfit

LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})
"""Names of this machine to itself."""

_LOG: Final = logging.getLogger("connectory.attestation")
_LARGEST_FORM: Final = 32_768
_MOST_FIELDS: Final = 12
_SECONDS: Final = 20
_FORM: Final = "application/x-www-form-urlencoded"
_STATUS: Final[Mapping[Why, int]] = {
    "not_signed": 404,
    "unknown": 404,
    "expired": 410,
    "gone_on": 410,
    "answered": 410,
    "closed": 410,
    "origin": 403,
    "form": 400,
    "busy": 503,
}
_HEADERS: Final = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        f"default-src 'none'; style-src {page.STYLE_SOURCE}; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    # Not no-referrer: with that, browsers say of a form that it comes from "null", and nothing
    # would tell our own page from another. Other sites learn no more by this one.
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "X-Robots-Tag": "noindex, nofollow, noarchive",
}


class _BadForm(Exception):
    """What was sent is no form that a page of ours sends."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


def attestation_routes(desk: Desk) -> list[Route]:
    """Return the routes by which links are shown and answered.

    Args:
        desk: Where links are shown and answers taken.
    """

    async def attest(request: Request) -> Response:
        token = request.path_params["token"]
        asked = request.query_params
        chosen = asked.get("language")
        wanted = chosen if chosen in languages() else None
        frame = page.Frame(desk, wanted, asked.get("list"), asked.get("answer"))
        if request.method == "POST":
            return await _taken(request, frame, token)
        return await run_in_threadpool(_shown, frame, token)

    return [Route(f"{PATH}{{token}}", attest, methods=["GET", "POST"])]


async def _taken(request: Request, frame: page.Frame, token: str) -> Response:
    if not _from_here(request, frame.desk.settings.reports.public_url):
        return _refused(frame, Refused("origin"))
    try:
        async with asyncio.timeout(_SECONDS):
            form = await _form(request)
    except TimeoutError:
        return _refused(frame, Refused("form"), 408)
    except (_BadForm, ClientDisconnect) as error:
        reply = _refused(frame, Refused("form"), getattr(error, "status", 400))
        reply.headers["Connection"] = "close"  # nobody waits for the rest of a body
        return reply
    filled = replace(frame, answer=form.get("answer"), form=form)
    return await run_in_threadpool(_answered, filled, token)


def _guarded(show: Callable[[page.Frame, str], Response]) -> Callable[[page.Frame, str], Response]:
    """Return the same, with a page of its own for a store that does not answer."""

    def guarded(frame: page.Frame, token: str) -> Response:
        try:
            return show(frame, token)
        except SQLAlchemyError as error:
            # The text of the error holds what was to be written, so only its kind is told.
            _LOG.warning("the store failed under a link: %s", type(error).__name__)
            return _refused(frame, Refused("busy"))

    return guarded


@_guarded
def _shown(frame: page.Frame, token: str) -> Response:
    try:
        told = frame.desk.look(token)
    except Refused as refused:
        return _refused(frame, refused)
    if isinstance(told, Question):
        return _html(page.question(_with_list(frame, told.known.person), told), 200)
    if isinstance(told, Listing):
        return _html(page.listing(frame, told), 200)
    return _html(page.receipt(_with_list(frame, told.person), told), 200)


@_guarded
def _answered(frame: page.Frame, token: str) -> Response:
    desk = frame.desk
    try:
        told = desk.take(token, frame.form or {})
    except Unfit as unfit:
        return _again(frame, token, unfit)
    except Refused as refused:
        return _too_late(frame, token, refused)
    _LOG.info("request %s was answered by its link", told.request_id)
    kept = {"language": frame.wanted, "list": frame.back}
    query = urlencode({name: value for name, value in kept.items() if value})
    return RedirectResponse(f"./{token}{'?' if query else ''}{query}", 303, headers=_HEADERS)


def _again(frame: page.Frame, token: str, unfit: Unfit) -> Response:
    """Show the question once more, with what was filled in and what is wrong with it."""
    try:
        told = frame.desk.look(token)
    except Refused as refused:
        return _refused(frame, refused)
    if not isinstance(told, Question):
        return _refused(frame, Refused("answered"), 409)
    marked = replace(frame, problem=unfit.problem)
    return _html(page.question(_with_list(marked, told.known.person), told), 422)


def _too_late(frame: page.Frame, token: str, refused: Refused) -> Response:
    """Show what was answered by this very link before, else why nothing can be."""
    if refused.why in {"answered", "gone_on", "closed"}:
        try:
            told = frame.desk.look(token)
        except Refused as other:
            return _refused(frame, other)
        if isinstance(told, Receipt):
            return _html(page.receipt(_with_list(frame, told.person), told, again=True), 409)
    return _refused(frame, refused, 409 if refused.why == "answered" else None)


def _with_list(frame: page.Frame, person: str) -> page.Frame:
    """Return the frame without a way back to what is no list of that person."""
    if frame.back is None or frame.desk.lists(frame.back, person):
        return frame
    return replace(frame, back=None)


def _refused(frame: page.Frame, refused: Refused, status: int | None = None) -> Response:
    _LOG.info("a link was refused: %s", refused.why)
    return _html(page.refusal(frame, refused.why, refused.language), status or _STATUS[refused.why])


def _html(text: str, status: int) -> Response:
    return HTMLResponse(text, status, headers=_HEADERS)


def _from_here(request: Request, public_url: str) -> bool:
    """Tell whether a form was sent by a page of ours.

    Browsers say so in Origin. One that does not at all must at least say in Sec-Fetch-Site that
    the page was ours, or know neither.
    """
    origin = request.headers.get("origin")
    if origin is None:
        return request.headers.get("sec-fetch-site", "same-origin") == "same-origin"
    told = place(origin)
    here = place(f"http://{request.headers.get('host', '')}")
    ours = {place(public_url), here if here and here[1] in LOOPBACK else None}
    return told is not None and told in ours


def place(origin: str) -> tuple[str, str, int | None] | None:
    """Return scheme, host and port of an origin; None if it is none."""
    try:
        parts = urlsplit(origin)
        port = parts.port or {"http": 80, "https": 443}.get(parts.scheme)
    except ValueError:
        return None
    if parts.path or parts.query or parts.fragment or not parts.hostname:
        return None
    return parts.scheme, parts.hostname, port


async def _form(request: Request) -> dict[str, str]:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().casefold()
    if kind != _FORM or "content-encoding" in request.headers:
        raise _BadForm(415)
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > _LARGEST_FORM:
            raise _BadForm(413)
    try:
        pairs = parse_qsl(
            body.decode("ascii"),
            keep_blank_values=True,
            strict_parsing=bool(body),
            errors="strict",
            max_num_fields=_MOST_FIELDS,
        )
    except ValueError:
        raise _BadForm(400) from None
    form = dict(pairs)
    if len(form) != len(pairs):
        raise _BadForm(400)
    return form
