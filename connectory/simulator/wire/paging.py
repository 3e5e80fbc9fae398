"""How listings are cut into pages, and the links from one page to the next."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import quote

from connectory.simulator.wire.exchange import Json, Refused, Request, error

Row = TypeVar("Row")
_COOKIE = re.compile(r'<cookie pagenumber="\d+" pagingcookie="(\d+)" istracking="False" />')
_DIGITS = re.compile(r"[0-9]{1,18}")
_TOKENS = ("$skiptoken", "skiptoken")


@dataclass(frozen=True, slots=True)
class Pages:
    """How a service pages.

    Attributes:
        size: Rows a page where the caller asks for no fewer.
        link: Member that holds the link to the next page.
        origin: What links start with where the service names another host than it was asked on.
        cookie: Whether the place in a link is written as Dataverse's cookie.
    """

    size: int
    link: str = "nextLink"
    origin: str | None = None
    cookie: bool = False

    def cut(
        self, request: Request, rows: Sequence[Row], show: Callable[[Row], Any], top: int = 0
    ) -> Json:
        """Return one page: its rows, shown, and the link to the next unless it is the last.

        Args:
            request: Its query carries the place where the page begins.
            rows: All rows; only those of the page are shown.
            show: Turns a row into JSON.
            top: Rows the caller asks for a page; 0 for no wish.

        Raises:
            Refused: The place was not handed out by this service.
        """
        size = min(top or self.size, self.size)
        if request.page_limit:
            size = min(size, request.page_limit)
        start = int(self._place(request))
        end = start + size
        page: Json = {"value": [show(row) for row in rows[start:end]]}
        if end < len(rows):
            page[self.link] = self._address(request, f"{end:06}", 1 + end // size)
        return page

    def again(self, request: Request) -> Json:
        """Return an empty page that links to the page asked for, under another address."""
        place = self._place(request)
        return {"value": [], self.link: self._address(request, f"0{place}", 1)}

    def _place(self, request: Request) -> str:
        """Return the digits that say where a page begins."""
        token = next((request.query[name] for name in _TOKENS if name in request.query), None)
        if token is None:
            return "0"
        if self.cookie:
            found = _COOKIE.fullmatch(token)
            place = found[1] if found else ""
        else:
            try:
                place = base64.b64decode(token, altchars=b"-_", validate=True).decode("ascii")
            except ValueError:
                place = ""
        if not _DIGITS.fullmatch(place):
            text = "The continuation token is invalid or has expired."
            raise Refused(error(400, "InvalidContinuationToken", text))
        return place

    def _address(self, request: Request, place: str, number: int) -> str:
        token = f'<cookie pagenumber="{number}" pagingcookie="{place}" istracking="False" />'
        if not self.cookie:
            token = base64.urlsafe_b64encode(place.encode()).decode()
        kept = [
            f"{quote(name, safe='$')}={quote(value, safe='')}"
            for name, value in request.query.items()
            if name.casefold() not in _TOKENS
        ]
        query = "&".join([*kept, f"%24skiptoken={quote(token, safe='')}"])
        return f"{self.origin or request.origin}{request.raw_path}?{query}"
