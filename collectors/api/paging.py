"""How each kind of service says that there is more: one small object each, named by the caller."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import urlsplit, urlunsplit

from collectors.api.errors import BadReply


class Pager(Protocol):
    """Finds the rows of a page and the address of the next one."""

    def rows(self, body: Any, url: str) -> list[dict[str, Any]]:
        """Return the rows; raise BadReply where a whole page has none of its frame.

        What a row is, and that it is an object at all, its reader judges (collectors/records.py).
        """

    def link(self, body: Any, headers: Mapping[str, str]) -> str | None:
        """Return the link to the next page as given, None on the last page."""


@dataclass(frozen=True, slots=True)
class BodyLink:
    """Rows and the next link stand in the body, under names of the service's own."""

    name: str
    items: str = "value"

    def rows(self, body: Any, url: str) -> list[dict[str, Any]]:
        """Return the rows; a body without them is a reply cut short, never an empty list."""
        found = body.get(self.items) if isinstance(body, dict) else None
        if not isinstance(found, list):
            raise BadReply(
                f"a page has no list '{self.items}'",
                url,
                "the listing counts as incomplete; it is read again in the next run",
            )
        if not isinstance(body.get(self.name), str | None):
            raise BadReply(
                f"a page's '{self.name}' is no address",
                url,
                "the listing counts as incomplete; it is read again in the next run",
            )
        return found

    def link(self, body: Any, headers: Mapping[str, str]) -> str | None:
        """Return the link in the body."""
        del headers
        value = body.get(self.name)
        return value if isinstance(value, str) and value else None


def NextLink() -> BodyLink:  # noqa: N802 - reads as the pager it names
    """Return the pager of the Power Platform admin, apps and flow services."""
    return BodyLink("nextLink")


def ODataNextLink() -> BodyLink:  # noqa: N802 - reads as the pager it names
    """Return the pager of Graph, Dataverse and the Power Platform API."""
    return BodyLink("@odata.nextLink")


@dataclass(frozen=True, slots=True)
class NextPageUri:
    """The body is a bare list and the next link a header, as the audit service does it."""

    def rows(self, body: Any, url: str) -> list[dict[str, Any]]:
        """Return the rows; a body that is no list is a reply cut short."""
        if not isinstance(body, list):
            raise BadReply("a page is not a list", url, "it is read again in the next run")
        return body

    def link(self, body: Any, headers: Mapping[str, str]) -> str | None:
        """Return the link in the header."""
        del body
        return headers.get("NextPageUri") or None


def on_host_of(called: str, link: str) -> str:
    """Return a link with the host that was called; path and query stay byte for byte.

    The admin services hand out links on another host (Azure Resource Manager's) for pages that
    only the host first called can serve with the token at hand.

    Args:
        called: Address of the page that carried the link.
        link: The link as given.
    """
    origin, target = urlsplit(called), urlsplit(link)
    return urlunsplit((origin.scheme, origin.netloc, target.path, target.query, ""))
