"""Every real connector is read and compared, whole, as it is and damaged in any way."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from readings import BROKEN, api

from connectory.domain.drift.api import Api
from connectory.domain.drift.changes import SEVERITIES, counts, payload
from connectory.domain.drift.comparing import available, diff
from connectory.domain.drift.profiles import ENVIRONMENTS, UPSTREAM
from connectory.domain.drift.properties import ConnectorProperties, properties_of
from connectory.domain.drift.reading import read_api
from connectory.domain.drift.rules import RULES
from connectory.domain.json_document import Unreadable

Node = dict[str, Any]

_WRECKS = (None, True, 0, "", "x", [], {}, [None], {"$ref": "#/definitions/none"}, {"type": []})
_DAMAGES = 12
_LARGE = 150_000


def folders(corpus: Path) -> list[Path]:
    """Return the folders of all connectors."""
    return sorted((corpus / "connectors").iterdir())


def properties(folder: Path) -> ConnectorProperties | None:
    """Return what apiProperties tell, where they can be parsed."""
    try:
        return properties_of(json.loads((folder / "apiProperties.json").read_text("utf-8-sig")))
    except ValueError:
        return None


def readable(corpus: Path) -> Iterator[tuple[Path, bytes, Api]]:
    """Yield each connector that can be read."""
    for folder in folders(corpus):
        content = (folder / "apiDefinition.swagger.json").read_bytes()
        found = read_api(content, properties(folder))
        if not isinstance(found, Unreadable):
            yield folder, content, found


def test_only_the_broken_ones_cannot_be_read(corpus: Path) -> None:
    """Trailing commas, stray characters and old encodings are read; the rest says where it breaks."""
    broken = {}
    for folder in folders(corpus):
        found = read_api((folder / "apiDefinition.swagger.json").read_bytes())
        if isinstance(found, Unreadable):
            broken[folder.name] = found.detail

    assert set(broken) == BROKEN
    assert all("line" in detail and "\n" not in detail for detail in broken.values())
    assert len(folders(corpus)) == 300


def test_each_is_the_same_as_itself(corpus: Path) -> None:
    """Read twice, and written anew, it differs from itself in nothing, for whatever purpose."""
    for folder, content, before in readable(corpus):
        after = read_api(content, before.properties)
        anew = api(json.loads(json.dumps(before.root)))
        assert isinstance(after, Api)

        assert (folder.name, diff(before, after)) == (folder.name, ())
        assert (folder.name, diff(before, after, ENVIRONMENTS)) == (folder.name, ())
        assert (folder.name, diff(before, anew, UPSTREAM)) == (folder.name, ())
        assert available(before, after) == ()


def damaged(document: Node, chance: random.Random) -> Node:
    """Return a copy in which some values are gone, of another type or somewhere else."""
    found = copy.deepcopy(document)
    for _ in range(_DAMAGES):
        node: Any = found
        while True:
            keys = list(node) if isinstance(node, dict) else list(range(len(node)))
            if not keys:
                break
            key = chance.choice(keys)
            below = node[key]
            if isinstance(below, dict | list) and below and chance.random() < 0.9:
                node = below
                continue
            if isinstance(node, dict) and chance.random() < 0.4:
                del node[key]
            else:
                node[key] = copy.deepcopy(chance.choice(_WRECKS))
            break
    return found


def proven(before: Api, after: Api) -> None:
    """Compare two ways and for all purposes, and hold what is told to its form."""
    for one, other in ((before, after), (after, before)):
        changes = diff(one, other)
        told = json.loads(json.dumps(payload(changes)))
        ranks = [SEVERITIES.index(change["class"]) for change in told["changes"]]

        assert ranks == sorted(ranks)
        assert sum(told["counts"].values()) == len(changes) == sum(counts(changes).values())
        assert {change["rule"] for change in told["changes"]} <= set(RULES)
        assert all(change["message"] for change in told["changes"])
    diff(before, after, UPSTREAM)
    diff(before, after, ENVIRONMENTS)
    available(before, after)


def _damage_all(corpus: Path, *, seeds: int, largest: int) -> None:
    chance = random.Random(5)
    tried = 0
    for _, content, before in readable(corpus):
        if len(content) > largest:
            continue
        for _ in range(seeds):
            wreck = damaged(dict(before.root), chance)
            found = read_api(json.dumps(wreck).encode(), before.properties)
            if not isinstance(found, Unreadable):
                proven(before, found)
                tried += 1

    assert tried > 100


def test_each_is_compared_with_a_damaged_copy(corpus: Path) -> None:
    """Whatever is missing or of another type, something is told, and nothing raised."""
    _damage_all(corpus, seeds=1, largest=_LARGE)


@pytest.mark.soak
def test_each_is_compared_with_many_damaged_copies(corpus: Path) -> None:
    """The same, often, of the largest as well."""
    _damage_all(corpus, seeds=20, largest=10_000_000)
