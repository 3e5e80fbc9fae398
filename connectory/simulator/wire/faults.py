"""Faults of services, switched on by rules: which host, which path, what goes wrong, how often."""

from __future__ import annotations

import re
import threading
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any, Final

from connectory.simulator.wire.exchange import Json, Reply, Request, error
from connectory.simulator.wire.kinds import ELSEWHERE, FAULTS, HOW
from connectory.simulator.wire.paging import Pages
from connectory.simulator.wire.tokens import refusal

ON_THE_WAY: Final = frozenset({"drop", "truncate", "slow"})
"""Faults that spoil a reply on its way; the service answers first."""

KINDS: Final = FAULTS.keys()
"""Every kind of fault."""
_FRAME = frozenset({"host", "path", "kind", "times", "after", "params"})
_STORAGE = re.compile(r".+\.blob\.core\.windows\.net")
_ODATA = re.compile(r"graph\.microsoft\.com|.*dynamics\.com|(.+\.)?api\.powerplatform\.com")


@dataclass(slots=True)
class Rule:
    """A fault.

    Attributes:
        host: End of the host name; empty for every host.
        path: Pattern found in path and query; empty for every path.
        kind: What goes wrong.
        times: How many requests it hits; -1 for all.
        after: How many matching requests pass before it.
        parameters: retry_after (seconds, ``http-date`` or nothing), code, message, seconds, how,
            location.
    """

    host: str
    path: re.Pattern[str]
    kind: str
    times: int = -1
    after: int = 0
    parameters: Json = field(default_factory=dict)


class Faults:
    """The rules in force."""

    def __init__(self) -> None:
        self._rules: list[Rule] = []
        self._lock = threading.Lock()
        self.hits: Counter[str] = Counter()
        """How many requests each kind has hit."""

    def add(self, raw: Json) -> None:
        """Add a rule; parameters stand beside the rest or under ``params``.

        Raises:
            ValueError: Its kind is unknown, or its path no pattern.
        """
        kind = str(raw["kind"])
        if kind not in KINDS:
            raise ValueError(f"no fault of kind {kind}; one of {', '.join(KINDS)}")
        try:
            pattern = re.compile(str(raw.get("path", "")), re.IGNORECASE)
        except re.error as failure:
            raise ValueError(f"the path is no pattern: {failure}") from failure
        beside: Json = {name: value for name, value in raw.items() if name not in _FRAME}
        rule = Rule(
            host=str(raw.get("host", "")).casefold(),
            path=pattern,
            kind=kind,
            times=int(raw.get("times", -1)),
            after=int(raw.get("after", 0)),
            parameters={**beside, **raw.get("params", {})},
        )
        if (how := rule.parameters.get("how", HOW[0])) not in HOW:
            raise ValueError(f"no record is malformed by {how}; one of {', '.join(HOW)}")
        with self._lock:
            self._rules.append(rule)

    def clear(self) -> None:
        """Remove every rule."""
        with self._lock:
            self._rules.clear()

    def hit(self, request: Request) -> Rule | None:
        """Return the fault that hits a request, if any, and count it."""
        if not self._rules:
            return None
        query = "&".join(f"{name}={value}" for name, value in request.query.items())
        text = f"{request.path}?{query}"
        with self._lock:
            for rule in self._rules:
                if not request.host.endswith(rule.host) or not rule.path.search(text):
                    continue
                if _out_of_place(rule.kind, request, text):
                    continue
                if rule.after > 0:
                    rule.after -= 1
                    continue
                if rule.times == 0:
                    continue
                rule.times -= 1
                self.hits[rule.kind] += 1
                return rule
        return None


def _out_of_place(kind: str, request: Request, text: str) -> bool:
    """Tell whether nothing can go wrong in this way where a request is sent."""
    match kind:
        case "expired_page_token":
            delta = "deltatoken" in text and "deltatoken=latest" not in text
            return "skiptoken" not in text and not delta
        case "empty_page" | "error_page":
            return _STORAGE.fullmatch(request.host) is not None  # of documents, not of lists
        case "foreign_link":
            return request.method != "GET"  # a query that is posted goes on by a token
        case _:
            return False


def instead(rule: Rule, request: Request) -> Reply:
    """Return what a fault answers instead of the service."""
    given = rule.parameters
    match rule.kind:
        case "429":
            text = _message(given, "Rate limit is exceeded. Try again later.")
            return _with_retry_after(error(429, "TooManyRequests", text), given)
        case "forbidden":
            code = str(given.get("code", "Forbidden"))
            return error(403, code, _message(given, "The caller may not do that."))
        case "unauthorized":
            return refusal(_message(given, "The token was revoked."))
        case "not_json":
            html = b"<html><body>Sign in to the proxy</body></html>"
            return Reply(200, html, {"Content-Type": "text/html"})
        case "expired_page_token":
            text = "The continuation token is invalid or has expired."
            return error(400, "InvalidContinuationToken", text)
        case "empty_page":
            # OData lets a page be empty and still name the next: only a missing link ends a list.
            return Reply(200, _pages(request).again(request))
        case "error_page":
            code = str(given.get("code", "ServerError"))
            return error(200, code, _message(given, "Something broke."))
        case "redirect":
            return Reply(302, None, {"Location": str(given.get("location", ELSEWHERE))})
        case _:
            reply = error(int(rule.kind), "ServerError", _message(given, "Something broke."))
            return _with_retry_after(reply, given)


def _message(given: Json, otherwise: str) -> str:
    return str(given.get("message", otherwise))


def _pages(request: Request) -> Pages:
    if not _ODATA.fullmatch(request.host):
        return Pages(1)
    return Pages(1, link="@odata.nextLink", cookie=request.host.endswith("dynamics.com"))


def _with_retry_after(reply: Reply, given: dict[str, Any]) -> Reply:
    wanted = given.get("retry_after")
    if wanted in {"date", "http-date"}:
        moment = datetime.now(UTC) + timedelta(seconds=1)
        reply.headers["Retry-After"] = format_datetime(moment, usegmt=True)
    elif wanted is not None:
        reply.headers["Retry-After"] = str(wanted)
    return reply
