"""Reading and comparing for tests: parsed or written definitions, real connectors by name."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from connectory.domain.drift.api import Api
from connectory.domain.drift.changes import Change
from connectory.domain.drift.comparing import diff
from connectory.domain.drift.profiles import HISTORY, Profile
from connectory.domain.drift.properties import ConnectorProperties, properties_of
from connectory.domain.drift.reading import api_of, read_api
from connectory.domain.json_document import Unreadable

Node = dict[str, Any]

BROKEN = frozenset({
    "c-in-d-invoice-data-capture",
    "c-zohosign",
    "i-accuweather",
    "i-giphy",
    "i-icon-horse",
    "i-stabilityai",
    "i-xsoar",
})  # fmt: skip
"""Connectors of the corpus whose definition nobody could read."""


def api(document: Node, properties: Node | None = None) -> Api:
    """Return what a parsed definition describes."""
    found = api_of(document, properties_of(properties) if properties is not None else None)
    assert not isinstance(found, Unreadable), found
    return found


def read(content: bytes, properties: ConnectorProperties | None = None) -> Api:
    """Return what a written definition describes."""
    found = read_api(content, properties)
    assert not isinstance(found, Unreadable), found
    return found


def compared(
    before: Node,
    after: Node,
    properties_before: Node | None = None,
    properties_after: Node | None = None,
    profile: Profile = HISTORY,
) -> tuple[Change, ...]:
    """Return the changes from one parsed definition to another."""
    return diff(api(before, properties_before), api(after, properties_after), profile)


def real_connectors(corpus: Path) -> Iterator[tuple[str, Node, int]]:
    """Yield the connectors that any program can parse: name, definition, size."""
    for folder in _folders(corpus):
        content = (folder / "apiDefinition.swagger.json").read_bytes()
        try:
            yield folder.name, json.loads(content.decode("utf-8-sig")), len(content)
        except ValueError:
            continue


@cache
def _folders(corpus: Path) -> tuple[Path, ...]:
    return tuple(sorted((corpus / "connectors").iterdir()))
