"""Faults of services, switched on by rules: which host, which path, what goes wrong, how often."""

from __future__ import annotations

import re
import threading
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

from connectory.simulator.wire.exchange import Json, Reply, Request, error

KINDS = {
    "429",
    "500",
    "502",
    "503",
    "504",
    "forbidden",
    "unauthorized",
    "drop",
    "truncate",
    "slow",
    "not_json",
    "expired_page_token",
    "empty_page",
}


@dataclass(slots=True)
class Rule:
    """A fault.

    Attributes:
        host: End of the host name; empty for every host.
        path: Pattern found in path and query; empty for every path.
        kind: What goes wrong.
        times: How many requests it hits; -1 for all.
        after: How many matching requests pass before it.
        parameters: retry_after (seconds, ``date`` or nothing), code, message, seconds.
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

    def add(self, raw: Json) -> None:
        """Add a rule.

        Raises:
            ValueError: Its kind is unknown.
        """
        kind = str(raw["kind"])
        if kind not in KINDS:
            raise ValueError(f"no fault of kind {kind}; one of {', '.join(sorted(KINDS))}")
        rest = {k: v for k, v in raw.items() if k not in {"host", "path", "kind", "times", "after"}}
        pattern = re.compile(str(raw.get("path", "")), re.IGNORECASE)
        rule = Rule(str(raw.get("host", "")), pattern, kind, int(raw.get("times", -1)))
        rule.after, rule.parameters = int(raw.get("after", 0)), rest
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
        query = "&".join(f"{k}={v}" for k, v in request.query.items())
        text = f"{request.path}?{query}"
        with self._lock:
            for rule in self._rules:
                if not request.host.endswith(rule.host) or not rule.path.search(text):
                    continue
                if rule.kind == "expired_page_token" and "skiptoken" not in text:
                    continue
                if rule.after > 0:
                    rule.after -= 1
                    continue
                if rule.times == 0:
                    continue
                rule.times -= 1
                return rule
        return None


def instead(rule: Rule) -> Reply | None:
    """Return what a fault answers instead of the service; None if the service answers first."""
    given = rule.parameters
    if rule.kind == "429":
        reply = error(429, "TooManyRequests", "Rate limit is exceeded. Try again later.")
        return _with_retry_after(reply, given)
    if rule.kind in {"500", "502", "503", "504"}:
        return _with_retry_after(error(int(rule.kind), "ServerError", "Something broke."), given)
    if rule.kind == "forbidden":
        code = str(given.get("code", "Forbidden"))
        return error(403, code, str(given.get("message", "The caller may not do that.")))
    if rule.kind == "unauthorized":
        return error(401, "InvalidAuthenticationToken", "The token was revoked.")
    if rule.kind == "not_json":
        return Reply(200, b"<html><body>Sign in to the proxy</body></html>")
    if rule.kind == "expired_page_token":
        return error(400, "InvalidPageToken", "The page token has expired.")
    if rule.kind == "empty_page":
        return Reply(200, {"value": []})
    if rule.kind == "slow":
        time.sleep(float(given.get("seconds", 1.0)))
    return None


def _with_retry_after(reply: Reply, given: dict[str, Any]) -> Reply:
    wanted = given.get("retry_after")
    if wanted == "date":
        moment = datetime.now(UTC) + timedelta(seconds=1)
        reply.headers["Retry-After"] = format_datetime(moment, usegmt=True)
    elif wanted is not None:
        reply.headers["Retry-After"] = str(wanted)
    return reply
