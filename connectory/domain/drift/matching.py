"""Which operation of one definition is which of the other."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Final, Literal

from connectory.domain.drift.api import Api, ApiOperation

_PLACEHOLDER: Final = re.compile(r"\{[^{}]*\}")
Match = Literal["same", "moved", "renamed"]


@dataclass(frozen=True, slots=True)
class Matched:
    """The operations of two definitions, paired.

    Attributes:
        pairs: Before, after, and how they were found: the same, moved to another method or path
            under the same operationId, or renamed at the same place.
        removed: Only before.
        added: Only after.
    """

    pairs: tuple[tuple[ApiOperation, ApiOperation, Match], ...]
    removed: tuple[ApiOperation, ...]
    added: tuple[ApiOperation, ...]


class _Pairing:
    """Pairs what is left by one key after another."""

    def __init__(self, before: Api, after: Api) -> None:
        self.old, self.new = list(before.operations), list(after.operations)
        self.pairs: list[tuple[ApiOperation, ApiOperation, Match]] = []

    def by(
        self,
        key: Callable[[ApiOperation], Hashable | None],
        match: Match,
        key_after: Callable[[ApiOperation], Hashable | None] | None = None,
    ) -> None:
        """Pair by a key where it names one operation on either side; None names none."""
        ahead: dict[Hashable, list[ApiOperation]] = defaultdict(list)
        for one in self.new:
            if (told := (key_after or key)(one)) is not None:
                ahead[told].append(one)
        sought: dict[Hashable, list[ApiOperation]] = defaultdict(list)
        for one in self.old:
            if (told := key(one)) is not None:
                sought[told].append(one)
        found: set[int] = set()
        for told, olds in sought.items():
            news = ahead.get(told, [])
            if len(olds) == 1 and len(news) == 1:
                self.pairs.append((olds[0], news[0], match))
                found |= {id(olds[0]), id(news[0])}
        self.old = [one for one in self.old if id(one) not in found]
        self.new = [one for one in self.new if id(one) not in found]

    def done(self) -> Matched:
        return Matched(tuple(self.pairs), tuple(self.old), tuple(self.new))


def match(before: Api, after: Api) -> Matched:
    """Pair the operations of a connector with those of another state of it.

    The operationId decides, as it does for callers; then the place, then the place whatever its
    placeholders are called. Where that names several on a side, none is guessed.
    """
    pairing = _Pairing(before, after)
    pairing.by(lambda one: (one.operation_id, one.method, one.path), "same")
    pairing.by(lambda one: one.operation_id, "moved")
    pairing.by(lambda one: (one.method, one.path), "renamed")
    pairing.by(lambda one: (one.method, erased(one.path)), "renamed")
    return pairing.done()


def match_upstream(connector: Api, upstream: Api) -> Matched:
    """Pair the operations of a connector with those of its API, which may call them otherwise.

    The whole address decides; then what of it the connector's base path may hide behind a gateway;
    then the operationId, which says that the API moved it.
    """
    pairing = _Pairing(connector, upstream)
    pairing.by(lambda one: (one.operation_id, one.method, address(one)), "same")
    pairing.by(lambda one: (one.method, _address(one)), "same")
    pairing.by(lambda one: (one.method, erased(one.path).rstrip("/")), "same")
    pairing.by(lambda one: one.operation_id, "moved")
    return pairing.done()


def erased(path: str) -> str:
    """Return a path whatever its placeholders are called."""
    return _PLACEHOLDER.sub("{}", path)


def address(operation: ApiOperation) -> str:
    """Return base path and path of an operation in one, without a doubled slash."""
    base = (operation.api.location.base_path or "").rstrip("/")
    return f"{base}/{operation.path.lstrip('/')}"


def _address(operation: ApiOperation) -> str:
    return erased(address(operation)).rstrip("/").casefold()
