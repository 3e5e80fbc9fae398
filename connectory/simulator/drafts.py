"""A definition that is being changed, and what is known of each change that was made to it.

One change is made at one operation: what several operations share is copied to the one that
changes, which means nothing, so that nothing else changes with it.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterable, Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

from connectory.simulator.drift_facts import PlantedFact
from connectory.simulator.openapi import entries_of
from connectory.simulator.state import Json

Found = TypeVar("Found")
_LINKS: Final = 20
_OPERATION_NAMES: Final = "x-ms-apimTemplate-operationName"


@dataclass(slots=True)
class Extras:
    """What of a connector stands beside its document."""

    connection_parameters: Json = field(default_factory=dict)
    policies: list[Json] = field(default_factory=list)
    script_operations: list[str] = field(default_factory=list)
    brand_color: str = ""


@dataclass(frozen=True, slots=True)
class Spot:
    """An operation that may be changed."""

    path: str
    method: str
    operation: Json

    @property
    def id(self) -> str:
        """Its operationId."""
        return str(self.operation["operationId"])


@dataclass(slots=True)
class Draft:
    """A document and what stands beside it, while they are changed.

    Attributes:
        document: The definition; no other one shares a part of it.
        rng: Decides what is changed.
        extras: What stands beside the document.
        taken: Grounds on which something was changed already: nothing is changed there again.
        facts: What was changed, in order.
        only: Operations of which one is to be changed; any where it is None.
        content: The document before any change, as its author saved it.
    """

    document: Json
    rng: random.Random
    extras: Extras = field(default_factory=Extras)
    taken: set[str] = field(default_factory=set)
    facts: list[PlantedFact] = field(default_factory=list)
    only: frozenset[str] | None = None
    content: bytes = b""

    def plant(self, change: str, **where: Any) -> None:
        """Note a change that was made."""
        fact = PlantedFact(change, **where)
        self.facts.append(fact)
        self.taken |= fact.ground

    def pick(self, found: Iterable[Found]) -> Found | None:
        """Return one of these, None if there is none."""
        listed = list(found)
        return listed[self.rng.randrange(len(listed))] if listed else None

    def free(self, rule: str) -> bool:
        """Tell whether nothing was changed yet that this rule tells of the whole connector."""
        return rule not in self.taken

    def names(self) -> set[str]:
        """Return every operationId, those that were taken away or given up included."""
        listed = {str(entry[2].get("operationId")) for entry in entries_of(self.document)}
        return listed | self.taken

    def spots(self) -> list[Spot]:
        """Return the operations that may be changed.

        Those are left alone that pickers, policies or scripts name, that are internal, and that
        share their operationId: a change of theirs would be a change of something else as well.
        """
        entries = [Spot(*entry) for entry in entries_of(self.document)]
        entries = [spot for spot in entries if isinstance(spot.operation.get("operationId"), str)]
        ids = [spot.id for spot in entries]
        named = {str(name) for name in _named(self.document)} | self.taken
        named |= set(self.extras.script_operations)
        for policy in self.extras.policies:
            parameters = policy.get("parameters")
            listed = parameters.get(_OPERATION_NAMES) if isinstance(parameters, dict) else None
            named |= set(listed) if isinstance(listed, list) else set()
        return [
            spot
            for spot in entries
            if spot.id not in named
            and ids.count(spot.id) == 1
            and spot.operation.get("x-ms-visibility") != "internal"
            and (self.only is None or spot.id in self.only)
        ]

    def opened(self, value: Any) -> Json | None:
        """Return a copy of an object with the references at its root followed, None if it is none."""
        for _ in range(_LINKS):
            if not isinstance(value, dict):
                return None
            link = value.get("$ref")
            if not isinstance(link, str):
                return deepcopy(value)
            value = self._at(link)
        return None

    def _at(self, link: str) -> Any:
        if not link.startswith("#/"):
            return None
        value: Any = self.document
        for step in link[2:].split("/"):
            value = value.get(step.replace("~1", "/").replace("~0", "~")) if isinstance(value, dict) else None  # fmt: skip
        return value

    def of_path(self, spot: Spot) -> list[Json]:
        """Return copies of the parameters that an operation has from its path."""
        listed = self.document["paths"][spot.path].get("parameters")
        opened = [self.opened(one) for one in listed] if isinstance(listed, list) else []
        return [one for one in opened if one is not None]

    def parameters(self, spot: Spot) -> list[tuple[int, Json]]:
        """Return copies of an operation's own parameters, each with its place in the list."""
        listed = spot.operation.get("parameters")
        opened = [self.opened(one) for one in listed] if isinstance(listed, list) else []
        return [
            (place, one)
            for place, one in enumerate(opened)
            if one is not None and isinstance(one.get("name"), str)
        ]


def _named(value: Any) -> Iterator[Any]:
    """Yield every operation that some part of a document refers to by its id."""
    ahead: list[tuple[Any, bool]] = [(value, False)]
    while ahead:
        part, dynamic = ahead.pop()
        if isinstance(part, dict):
            if dynamic and "operationId" in part:
                yield part["operationId"]
            for key, inner in part.items():
                ahead.append((inner, dynamic or str(key).startswith("x-ms-")))
        elif isinstance(part, list):
            ahead.extend((inner, dynamic) for inner in part)


def dynamic(value: Any) -> bool:
    """Tell whether pickers or fields that are found at run time are part of something."""
    return "x-ms-dynamic" in json.dumps(value)


def written(document: Json) -> bytes:
    """Return a document as its author would save it."""
    return json.dumps(document, indent=2, ensure_ascii=False).encode("utf-8", "surrogatepass")


def fresh(prefix: str, taken: Sequence[str] | set[str]) -> str:
    """Return the first name of a prefix and a number that is not taken."""
    return next(name for n in range(1, len(taken) + 2) if (name := f"{prefix}{n}") not in taken)
