"""A request and a reply, as plain values, and what every host does with them."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import orjson

Json = dict[str, Any]


@dataclass(slots=True)
class Request:
    """A request as it came; header names and the host are in lower case."""

    method: str
    host: str
    path: str
    raw_path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes = b""
    claims: Json = field(default_factory=dict)

    @property
    def app_only(self) -> bool:
        """Whether an application signed in rather than a person."""
        return self.claims.get("idtyp") == "app"

    def json(self) -> Any:
        """Return the body as JSON, an empty object if there is none."""
        return orjson.loads(self.body) if self.body else {}


@dataclass(slots=True)
class Reply:
    """A reply: JSON, or bytes as they are."""

    status: int = 200
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)

    def encoded(self) -> bytes:
        """Return the body as bytes."""
        if self.body is None:
            return b""
        return self.body if isinstance(self.body, bytes) else orjson.dumps(self.body)


def error(status: int, code: str, message: str) -> Reply:
    """Return an error in the shape nearly every service uses."""
    return Reply(status, {"error": {"code": code, "message": message}})


def stamp(value: datetime | None, digits: int = 7) -> str | None:
    """Return a time as .NET writes it: seven digits of fraction and a Z."""
    if value is None:
        return None
    text = value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f") + "1"
    return f"{text[: 20 + digits]}Z"


def seconds(value: datetime | None) -> str | None:
    """Return a time to the second, as Dataverse and Graph write it."""
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if value else None


def page(
    request: Request,
    rows: Sequence[Any],
    size: int,
    *,
    link: str = "nextLink",
    host: str | None = None,
) -> tuple[Sequence[Any], Json]:
    """Return one page of rows and the member that links to the next one.

    Args:
        request: Its query carries the place where the page begins.
        rows: All rows.
        size: Rows a page.
        link: Name of the member.
        host: Host of the link, where the service hands out another one.
    """
    token = request.query.get("$skiptoken") or request.query.get("skiptoken")
    start = int(base64.urlsafe_b64decode(token)) if token else 0
    end = start + size
    if end >= len(rows):
        return rows[start:end], {}
    following = base64.urlsafe_b64encode(str(end).encode()).decode()
    kept = "&".join(
        f"{quote(name, safe='$')}={quote(value, safe='')}"
        for name, value in request.query.items()
        if name.casefold() not in {"$skiptoken", "skiptoken"}
    )
    query = (
        f"{kept}&%24skiptoken={quote(following)}" if kept else f"%24skiptoken={quote(following)}"
    )
    return rows[start:end], {link: f"https://{host or request.host}{request.raw_path}?{query}"}


def selected(row: Json, query: Mapping[str, str]) -> Json:
    """Return only the members that ``$select`` asks for; all without it."""
    wanted = query.get("$select")
    if not wanted:
        return row
    names = {name.strip() for name in wanted.split(",")}
    return {name: value for name, value in row.items() if name in names or name.startswith("@")}
