"""What a call is: which operation of which connector, and how it ended.

A log tells a method and a path; a definition tells methods and templates. A call is matched to an
operation only where exactly one fits; otherwise it stays unmatched, with the reason.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal
from urllib.parse import unquote

Match = Literal["operation_id", "path", "no_connector", "no_operation", "several", "no_action"]
HELD: Final = "{}"
"""Stands for a part of a path that is an id, in a path that no template fits."""

LONGEST_PATH: Final = 400
_DEEPEST = 24
_ID = re.compile(
    r"\d+|[0-9a-f]{8}(-?[0-9a-f]{4}){3}-?[0-9a-f]{12}|[0-9a-f]{16,}|[^/]*\d[^/]*\d[^/]*\d[^/]*|.{41,}",
    re.IGNORECASE,
)
_PARAMETER = re.compile(r"\{[^{}/]*\}")


@dataclass(frozen=True, slots=True)
class Offered:
    """An operation that a connector offers at an address.

    Attributes:
        connector_id: Which connector.
        environment: Key of its environment.
        base_path: What its paths begin with; empty or ``/…`` without a slash at the end.
        method: Upper case.
        path: Template.
        operation_id: Its operationId, if it has one.
    """

    connector_id: int
    environment: str
    base_path: str
    method: str
    path: str
    operation_id: str | None


@dataclass(frozen=True, slots=True)
class Matched:
    """What an endpoint is.

    Attributes:
        by: What it was matched by, or why it was not.
        connector_id: The connector, where one fits.
        operation_id: The operation, where one fits and has a name.
    """

    by: Match
    connector_id: int | None = None
    operation_id: str | None = None


def parts(path: str) -> tuple[str, ...]:
    """Return the parts of a path, without query and empty ones."""
    bare = path.split("?", 1)[0].split("#", 1)[0]
    return tuple(part for part in bare.split("/") if part)


def without_ids(path: str) -> str:
    """Return a path with ids held open, so that calls of one operation share it.

    Whatever holds three digits, or is long, is taken for an id; the path is cut where it is deeper
    or longer than any that people wrote.
    """
    shown = [HELD if _ID.fullmatch(unquote(part)) else part for part in parts(path)[:_DEEPEST]]
    return ("/" + "/".join(shown))[:LONGEST_PATH]


@dataclass(slots=True)
class Operations:
    """The operations known at one address, by what may be called of them."""

    _by_shape: dict[tuple[str, int], list[tuple[tuple[str | None, ...], Offered]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    _by_id: dict[str, list[Offered]] = field(default_factory=lambda: defaultdict(list))
    _connectors: set[tuple[str, int]] = field(default_factory=set)

    @classmethod
    def of(cls, offered: Iterable[Offered]) -> Operations:
        """Return what is offered, ready to be looked up."""
        found = cls()
        for one in offered:
            template = _template(one.base_path + "/" + one.path)
            found._by_shape[one.method, len(template)].append((template, one))
            found._connectors.add((one.environment, one.connector_id))
            if name := _folded(one.operation_id or ""):
                found._by_id[name].append(one)
        return found

    def template(self, method: str, path: str) -> str | None:
        """Return the template that a path fits best, base path included; None if none fits."""
        fitting = self._fitting("", method, path)
        if not fitting:
            return None
        one = fitting[0]
        return "/" + "/".join(parts(one.base_path + "/" + one.path))

    def match(self, environment: str, method: str, path: str, operation: str) -> Matched:
        """Return what an endpoint is.

        Args:
            environment: Environment its log names, case-folded; empty if none.
            method: Upper case.
            path: Path, template or path without ids.
            operation: Operation its log names; empty if none.
        """
        if not any(environment in ("", place) for place, _ in self._connectors):
            return Matched("no_connector")
        fitting = self._fitting(environment, method, path)
        named = _in(environment, self._by_id.get(_folded(operation), ())) if operation else []
        # The name of an operation is one within its API only: it must not go against the path.
        agreeing = [one for one in named if one in fitting]
        if not fitting:
            agreeing = [one for one in named if not parts(path) or _agrees(one, method, path)]
        found = agreeing or fitting
        by: Match = "operation_id" if agreeing else "path"
        if len({(one.connector_id, one.operation_id, _template(one.path)) for one in found}) > 1:
            return Matched("several")
        if found:
            return Matched(by, found[0].connector_id, found[0].operation_id)
        here = {one for place, one in self._connectors if environment in ("", place)}
        return Matched("no_operation", here.pop() if len(here) == 1 else None)

    def _fitting(self, environment: str, method: str, path: str) -> list[Offered]:
        """Return operations whose template fits a path best: with the fewest parts left open."""
        called = parts(path)
        found: dict[int, list[Offered]] = defaultdict(list)
        for template, one in self._by_shape.get((method, len(called)), ()):
            here = environment in ("", one.environment)
            if here and all(_fits(want, part) for want, part in zip(template, called, strict=True)):
                found[_open_parts(template, called)].append(one)
        return found[min(found)] if found else []


@dataclass(frozen=True, slots=True)
class Actions:
    """What actions of flows can call in an environment: connectors by their key.

    An action names connector and operation, ``connector/operation``, where the definition of its
    flow did; nothing is matched by its name alone.
    """

    connectors: Mapping[str, int]

    def template(self, method: str, path: str) -> str | None:
        """Return None: the name of an action is no path, and fits no template."""
        del method, path
        return None

    def match(self, environment: str, method: str, path: str, operation: str) -> Matched:
        """Return what an action called."""
        del environment, method, path
        connector, _, name = operation.partition("/")
        if not connector:
            return Matched("no_action")
        number = self.connectors.get(connector)
        return Matched("operation_id", number, name or None) if number else Matched("no_connector")


def _in(environment: str, offered: Sequence[Offered]) -> list[Offered]:
    return [one for one in offered if environment in ("", one.environment)]


def _template(path: str) -> tuple[str | None, ...]:
    return tuple(None if _PARAMETER.search(part) else part.casefold() for part in parts(path))


def _fits(want: str | None, part: str) -> bool:
    # A template that a path was brought to before fits itself. What was taken for an id in a path
    # may have been any word that looks like one.
    if want is None or want == unquote(part).casefold():
        return True
    return part == HELD and _ID.fullmatch(want) is not None


def _open_parts(template: tuple[str | None, ...], called: Sequence[str]) -> int:
    """Return how many parts a template or a path leaves open."""
    return sum(want is None or part == HELD for want, part in zip(template, called, strict=True))


def _agrees(one: Offered, method: str, path: str) -> bool:
    """Tell whether a call that no template fits may be one of an operation: below its base path."""
    called, base = parts(path), _template(one.base_path)
    return (
        one.method == method
        and len(called) >= len(base)
        and all(_fits(want, part) for want, part in zip(base, called, strict=False))
    )


def _folded(operation: str) -> str:
    """Return an operation's name as gateways keep it: case and punctuation get lost on import."""
    return re.sub(r"[\W_]", "", operation.casefold())


ErrorClass = Literal["unauthorized", "throttled", "refused", "failed", "timed_out"]
_TIMEOUTS = {0, 408, 504}
_NAMED: Mapping[int, ErrorClass] = {401: "unauthorized", 429: "throttled"}
_CLIENT, _SERVER = range(400, 500), range(500, 600)


def error_class(status: int) -> ErrorClass | None:
    """Return how a call failed; None if it did not.

    Args:
        status: HTTP status; 0 if no response came.
    """
    if status in _TIMEOUTS:
        return "timed_out"
    if status in _NAMED:
        return _NAMED[status]
    if status in _CLIENT:
        return "refused"
    return "failed" if status in _SERVER else None
