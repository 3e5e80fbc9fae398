"""A request and a reply, as plain values, and what every host does with them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import orjson

Json = dict[str, Any]


@dataclass(slots=True)
class Request:
    """A request as it came; header names and the host are in lower case.

    Attributes:
        origin: What absolute links start with: always https and the host asked for, never the
            port on loopback where the simulator really listens.
        page_limit: Most rows of a page; 0 leaves each service its own size.
        forward: Answers a request inside this one, faults included.
    """

    method: str
    host: str
    path: str
    raw_path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes = b""
    claims: Json = field(default_factory=dict)
    origin: str = ""
    page_limit: int = 0
    forward: Callable[[Request], Reply] | None = None

    @property
    def app_only(self) -> bool:
        """Whether an application signed in rather than a person."""
        return self.claims.get("idtyp") == "app"

    def json(self) -> Json:
        """Return the body as a JSON object, an empty one if there is none.

        Raises:
            Refused: It is no JSON object.
        """
        if not self.body:
            return {}
        try:
            found = orjson.loads(self.body)
        except orjson.JSONDecodeError as failure:
            raise Refused(error(400, "BadRequest", "The body is no JSON.")) from failure
        if not isinstance(found, dict):
            raise Refused(error(400, "BadRequest", "The body is no JSON object."))
        return found

    def number(self, name: str, otherwise: int) -> int:
        """Return a query value as a positive number.

        Raises:
            Refused: It is none.
        """
        given = self.query.get(name)
        if given is None:
            return otherwise
        if not given.isdecimal() or int(given) < 1:
            raise Refused(error(400, "BadRequest", f"The value '{given}' of {name} is invalid."))
        return int(given)


@dataclass(slots=True)
class Reply:
    """A reply: JSON, or bytes as they are."""

    status: int = 200
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    late: float = 0.0
    """Seconds for which it is held back."""

    def encoded(self) -> bytes:
        """Return the body as bytes."""
        if self.body is None:
            return b""
        return self.body if isinstance(self.body, bytes) else orjson.dumps(self.body)


class Refused(Exception):
    """A request cannot be answered; carries what is answered instead."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(str(reply.body))
        self.reply = reply


def error(status: int, code: str, message: str) -> Reply:
    """Return an error in the shape nearly every service uses."""
    return Reply(status, {"error": {"code": code, "message": message}})


def require_api_version(request: Request) -> None:
    """Let a request pass that says which version of the service it means.

    Raises:
        Refused: It does not; the admin services have no version of their own choice.
    """
    if not request.query.get("api-version"):
        text = "The api-version query parameter (?api-version=) is required for all requests."
        raise Refused(error(400, "MissingApiVersionParameter", text))


def stamp(value: datetime | None, digits: int = 7) -> str | None:
    """Return a time as .NET writes it: seven digits of fraction and a Z."""
    if value is None:
        return None
    text = value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f") + "1"
    return f"{text[: 20 + digits]}Z"


def seconds(value: datetime | None) -> str | None:
    """Return a time to the second, as Dataverse and Graph write it."""
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if value else None


def selected(row: Json, query: Mapping[str, str]) -> Json:
    """Return only the members that ``$select`` asks for; all without it."""
    wanted = query.get("$select")
    if not wanted:
        return row
    names = {name.strip() for name in wanted.split(",")}
    return {name: value for name, value in row.items() if name in names or name.startswith("@")}
