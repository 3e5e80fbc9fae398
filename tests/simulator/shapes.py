"""The shape of a JSON document: every member in it, and of which types it is."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from typing import Any

Shape = dict[str, set[str]]
_NAMES = {
    bool: "boolean",
    int: "number",
    float: "number",
    str: "string",
    dict: "object",
    list: "list",
    type(None): "null",
}


def shape(document: Any, maps: Collection[str] = (), opaque: Collection[str] = ()) -> Shape:
    """Return the types of every member, by its path.

    Args:
        document: Any JSON value.
        maps: Paths of objects whose members are named by data; they count as one.
        opaque: Paths of documents of their own, which are not looked into.
    """
    found: Shape = defaultdict(set)
    _walk(document, "", found, maps, opaque)
    found.pop("", None)
    return dict(found)


def _walk(
    value: Any, path: str, found: Shape, maps: Collection[str], opaque: Collection[str]
) -> None:
    found[path].add(_NAMES[type(value)])
    if path in opaque:
        return
    if isinstance(value, list):
        for item in value:
            _walk(item, f"{path}[]", found, maps, opaque)
    elif isinstance(value, dict):
        for name, item in value.items():
            member = "{}" if path in maps else name
            _walk(item, f"{path}.{member}" if path else member, found, maps, opaque)


def differences(wanted: Shape, seen: Shape) -> list[str]:
    """Return in words where a reply departs from a payload."""
    missing = [f"{path} is never there" for path in sorted(wanted.keys() - seen.keys())]
    more = [f"{path} is not in the payload" for path in sorted(seen.keys() - wanted.keys())]
    other = [
        f"{path} is {', '.join(sorted(seen[path]))}, not {', '.join(sorted(wanted[path]))}"
        for path in sorted(wanted.keys() & seen.keys())
        if not seen[path] <= wanted[path]
    ]
    return missing + more + other
