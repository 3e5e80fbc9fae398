"""Reading JSON that anyone may have written: bounded, described where broken, never raising.

Editors save definitions in odd encodings, repeat keys and leave control characters in strings.
What can be read is read, with a note; what cannot is answered with the place of the fault.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any, Literal

MOST_BYTES = 5 * 1024 * 1024
DEEPEST = 100

# An unclosed string runs to the end: each character is looked at once, whatever the text.
_STRINGS = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+(?:"|\\?\Z)', re.DOTALL)
_NO_BRACKETS = re.compile(r"[^\[\]{}]+")
_HALF_PAIR = re.compile(r"\\u[dD][89a-fA-F]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_NAMED = 5
_LONGEST_NAME = 60


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Why a document cannot be read.

    Attributes:
        reason: too_large, too_deep, too_many (parts), not_json, not_yaml, not_an_object, no_paths
            or not_openapi.
        detail: The same for a person, in one line, with the place.
    """

    reason: Literal[
        "too_large",
        "too_deep",
        "too_many",
        "not_json",
        "not_yaml",
        "not_an_object",
        "no_paths",
        "not_openapi",
    ]
    detail: str


def decode(content: bytes) -> tuple[str, str | None]:
    """Return the text of a document and a note if it was not plain UTF-8.

    A byte-order mark is dropped; what is no UTF-8 is read as Windows-1252, as editors wrote it.
    """
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", errors="replace"), "encoded as UTF-16"
    try:
        return content.decode("utf-8-sig"), None
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace"), "not UTF-8, read as Windows-1252"


def parse(
    content: bytes, *, max_bytes: int = MOST_BYTES, max_depth: int = DEEPEST
) -> tuple[dict[str, Any], tuple[str, ...]] | Unreadable:
    """Return the object a document holds and what is odd about it, or why there is none.

    Every string of the object can be encoded: half a surrogate pair, which JSON can spell and no
    store can hold, is replaced.

    Args:
        content: The document exactly as received.
        max_bytes: Largest document read.
        max_depth: Deepest nesting read.
    """
    if len(content) > max_bytes:
        return Unreadable(
            "too_large", f"{len(content):,} bytes, more than the limit of {max_bytes:,}"
        )
    text, note = decode(content)
    if depth(text, max_depth) > max_depth:
        return Unreadable("too_deep", f"nested deeper than the limit of {max_depth} levels")
    doubles: set[str] = set()
    try:
        value, control = _patiently_loaded(text, doubles)
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        return Unreadable("not_json", f"not JSON: {error.msg} at {place}")
    except (ValueError, RecursionError):
        # Python refuses integers of more than some thousand digits.
        return Unreadable("not_json", "not JSON that can be read: a number is too long")
    if not isinstance(value, dict):
        return Unreadable("not_an_object", "JSON, but not an object")
    notes = [note] if note else []
    if doubles:
        notes.append(f"repeated keys, the last one counts: {_listed(doubles)}")
    if control:
        notes.append("control characters inside strings")
    if _HALF_PAIR.search(text):
        value, broken = whole(value)
        notes.extend(["broken characters, replaced"] if broken else [])
    return value, tuple(notes)


def whole(value: Any) -> tuple[Any, bool]:
    """Return a JSON value that can be encoded, and whether anything had to be replaced.

    Args:
        value: As parsed, no deeper than `DEEPEST` or so.
    """
    if isinstance(value, str):
        cleaned = _SURROGATE.sub("\ufffd", value)
        return cleaned, cleaned != value
    if isinstance(value, list):
        items = [whole(item) for item in value]
        return [item for item, _ in items], any(broken for _, broken in items)
    if isinstance(value, dict):
        pairs = [(whole(key), whole(item)) for key, item in value.items()]
        found = {key: item for (key, _), (item, _) in pairs}
        return found, any(first or second for (_, first), (_, second) in pairs)
    return value, False


def _patiently_loaded(text: str, doubles: set[str]) -> tuple[Any, bool]:
    """Parse a text, and tell whether control characters stood inside its strings."""
    try:
        return _loaded(text, doubles, strict=True), False
    except json.JSONDecodeError as error:
        if not error.msg.startswith("Invalid control character"):
            raise
    return _loaded(text, doubles, strict=False), True


def _loaded(text: str, doubles: set[str], *, strict: bool) -> Any:
    """Parse a text; without `strict`, line breaks and the like may stand inside strings."""
    return json.loads(text, strict=strict, object_pairs_hook=lambda pairs: _object(pairs, doubles))


def _object(pairs: list[tuple[str, Any]], doubles: set[str]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                doubles.add(key)
            seen.add(key)
    return found


def _listed(names: set[str]) -> str:
    """Return the first few names on one line, whatever they contain."""
    shown = [" ".join(name.split())[:_LONGEST_NAME] for name in sorted(names)[:_NAMED]]
    listed = ", ".join(shown) + (" …" if len(names) > _NAMED else "")
    return _SURROGATE.sub("\ufffd", listed)


def depth(text: str, limit: int) -> int:
    """Return how deep brackets nest outside strings, at most one more than the limit."""
    level = deepest = 0
    for char in _NO_BRACKETS.sub("", _STRINGS.sub("", text)):
        if char in "[{":
            level += 1
            deepest = max(deepest, level)
            if deepest > limit:
                break
        else:
            level -= 1
    return deepest
