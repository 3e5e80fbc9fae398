"""Rewriting a Swagger 2.0 definition so that it says the same: what must not be told as a change."""

from __future__ import annotations

import copy
import random
from typing import Any

from raw_definition import SHARED, RawDefinition

Node = dict[str, Any]

_ORDERED = frozenset({"paths"})
_NOTED = "x-"
# What looks like a reference in these is data of theirs, which is told as written.
_DATA = frozenset({"x-ms-examples", "x-components"})


def shuffled(node: Any, chance: random.Random) -> Any:
    """Return the same with the keys of every object in another order."""
    if isinstance(node, list):
        return [shuffled(one, chance) for one in node]
    if not isinstance(node, dict):
        return node
    keys = list(node)
    chance.shuffle(keys)
    return {key: shuffled(node[key], chance) for key in keys}


def inlined(document: Node, *, rounds: int = 1, most: int = 3_000_000) -> Node:
    """Return the same with references written out, each round one level deeper.

    A reference beside which more is said, or that leads nowhere, is left; so is all of a document
    that would become larger than `most` nodes.
    """
    raw = RawDefinition(document)
    for _ in range(rounds):
        count = [0]

        def spread(node: Any, *, counted: list[int] = count) -> Any:
            counted[0] += 1
            if counted[0] > most:
                raise OverflowError
            if isinstance(node, list):
                return [spread(one) for one in node]
            if not isinstance(node, dict):
                return node
            reference = node.get("$ref")
            if isinstance(reference, str) and len(node) == 1:
                target = raw.pointed(reference)
                return copy.deepcopy(target) if isinstance(target, dict) else node
            return {key: one if key in _DATA else spread(one) for key, one in node.items()}

        try:
            document = {
                key: one if key.startswith(_NOTED) else spread(one) for key, one in document.items()
            }
        except OverflowError:
            return document
    return document


def renamed(document: Node, suffix: str = " anew") -> Node:
    """Return the same with every shared part called otherwise, and referred to so."""

    def rename(node: Any) -> Any:
        if isinstance(node, list):
            return [rename(one) for one in node]
        if not isinstance(node, dict):
            return node
        return {key: moved(key, one) for key, one in node.items()}

    def moved(key: str, one: Any) -> Any:
        if key == "$ref" and isinstance(one, str):
            steps = one.split("/")
            if len(steps) > 2 and steps[0] == "#" and steps[1] in SHARED:
                known = document.get(steps[1]) or {}
                if steps[2].replace("~1", "/").replace("~0", "~") in known:
                    steps[2] += suffix
                    return "/".join(steps)
            return one
        return one if key in _DATA else rename(one)

    found: Node = rename(document)
    for section in SHARED:
        if isinstance(found.get(section), dict):
            found[section] = {f"{name}{suffix}": one for name, one in found[section].items()}
    return found


def with_unused(document: Node) -> Node:
    """Return the same with shared parts that nothing refers to."""
    found = copy.deepcopy(document)
    unused = {"type": "object", "properties": {"spare": {"$ref": "#/definitions/Unused by all"}}}
    found["definitions"] = {**(found.get("definitions") or {}), "Unused by all": unused}
    return found


_TEXTS = ("summary", "description", "x-ms-summary", "title")
_NAMING = frozenset({"properties", "definitions", "patternProperties"})


def reworded(node: Any, *, names: bool = False) -> Any:
    """Return the same with all that only people read written anew."""
    if isinstance(node, list):
        return [reworded(one) for one in node]
    if not isinstance(node, dict):
        return node
    return {
        key: f"{one} — anew"
        if not names and key in _TEXTS and isinstance(one, str)
        else one
        if not names and (key.startswith("x-") or key in ("example", "default", "enum"))
        else reworded(one, names=not names and key in _NAMING)
        for key, one in node.items()
    }
