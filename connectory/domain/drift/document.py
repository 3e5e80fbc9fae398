"""Reading an OpenAPI document that anybody may have written, JSON or YAML, to one value.

What a person could read is read, and what is wrong with it is told with its place; what cannot be
read is answered with one line: what, where, and the cure. Nothing is ever fetched.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, Literal

import orjson

from connectory.domain.drift.faults import Fault, Lines, escaped, first, told
from connectory.domain.drift.json_places import scan
from connectory.domain.drift.json_reading import read_json, repaired, too_deep
from connectory.domain.json_document import DEEPEST, MOST_BYTES, Unreadable, decode

__all__ = ["DEEPEST", "MOST_BYTES", "Fault", "Loaded", "Places", "Unreadable", "load", "places"]

_BOM: Final = b"\xef\xbb\xbf"
_REMOTE: Final = re.compile(rb'\$ref"\s*+:\s*+"(?!#)|\\u0024|\\u0023')
_EXAMPLES: Final = frozenset({"example", "examples", "default", "enum", "x-ms-examples"})
_NOTHING: Final = object()


@dataclass(frozen=True, slots=True)
class Loaded:
    """A document as parsed.

    Attributes:
        value: The object it holds; YAML may hold one part several times as the same object.
        faults: What is wrong with the file, in the order of kinds.
        size_bytes: Its size as received.
        syntax: What it was read as.
    """

    value: dict[str, Any]
    faults: tuple[Fault, ...]
    size_bytes: int
    syntax: Literal["json", "yaml"] = "json"


class Places:
    """Lines of the parts of a document, by JSON pointer."""

    def __init__(self, lines: Mapping[str, int]) -> None:
        self._lines = lines

    def line(self, pointer: str) -> int | None:
        """Return the line of what a pointer means, or of the nearest thing around it."""
        while pointer:
            if pointer in self._lines:
                return self._lines[pointer]
            pointer = pointer.rpartition("/")[0]
        return None


def load(
    content: bytes, *, max_bytes: int = MOST_BYTES, max_depth: int = DEEPEST
) -> Loaded | Unreadable:
    """Return the document a file holds, or why there is none; never raises on its content.

    Args:
        content: The file exactly as it is.
        max_bytes: Largest file read.
        max_depth: Deepest nesting read.
    """
    loaded = load_object(content, max_bytes=max_bytes, max_depth=max_depth)
    if isinstance(loaded, Unreadable):
        return loaded
    value = loaded.value
    versioned = "swagger" in value or "openapi" in value
    if not versioned and not isinstance(value.get("paths"), dict):
        lacks = "it has neither swagger or openapi nor paths"
        cure = "give the definition of an API, not its properties"
        return Unreadable(
            "not_openapi", f"{loaded.syntax.upper()}, but no OpenAPI: {lacks}; {cure}"
        )
    if loaded.faults or loaded.syntax == "yaml" or _REMOTE.search(content):
        return replace(loaded, faults=(*loaded.faults, *_remote(value, content)))
    return loaded


def load_object(
    content: bytes, *, max_bytes: int = MOST_BYTES, max_depth: int = DEEPEST
) -> Loaded | Unreadable:
    """Return the object a file holds, whatever it describes, or why there is none.

    Args:
        content: The file exactly as it is.
        max_bytes: Largest file read.
        max_depth: Deepest nesting read.
    """
    if len(content) > max_bytes:
        cure = "split the connector, or take out examples"
        return Unreadable("too_large", f"larger than the limit of {max_bytes:,} bytes; {cure}")
    read = _read(content, max_depth)
    if isinstance(read, Unreadable):
        return read
    value, faults, syntax = read
    if not isinstance(value, dict):
        kind = "a list" if isinstance(value, list) else "a single value"
        cure = "give an object in curly brackets"
        return Unreadable("not_an_object", f"{syntax.upper()}, but {kind}, not an object; {cure}")
    return Loaded(value, tuple(faults), len(content), syntax)


def places(content: bytes) -> Places:
    """Return where the parts of a document that was loaded stand in its file."""
    text, _ = decode(content)
    if _is_yaml(text):
        from connectory.domain.drift.yaml_reading import read_yaml  # noqa: PLC0415 - as below

        read = read_yaml(text, max_depth=DEEPEST, places=True)
        return Places({} if isinstance(read, Unreadable) else read.lines)
    text = repaired(text, [])
    lines = Lines(text)
    found = scan(text).offsets
    return Places({pointer: lines.place(offset)[0] for pointer, offset in found.items()})


_Read = tuple[Any, list[Fault], Literal["json", "yaml"]]


def _read(content: bytes, max_depth: int) -> _Read | Unreadable:
    """Read strict JSON fast, and anything else with patience."""
    faults: list[Fault] = []
    plain = content.removeprefix(_BOM)
    if len(plain) != len(content):
        faults.append(Fault("FileByteOrderMark", "the file begins with a byte-order mark", 1, 1))
    value = _strictly(plain)
    text = ""
    if value is _NOTHING:
        text, note = decode(content)
        if note:
            faults.append(Fault("FileNotUtf8", f"the file is {note}"))
            plain = text.encode()
            value = _strictly(plain)
    if value is not _NOTHING:
        if _deeper(value, max_depth):
            return Unreadable("too_deep", too_deep(max_depth))
        if _may_repeat_keys(plain, value):
            text = text or plain.decode()
            faults += scan(text).faults(Lines(text))
        return value, faults, "json"
    return _patiently(text, faults, max_depth)


def _patiently(text: str, faults: list[Fault], max_depth: int) -> _Read | Unreadable:
    if _is_yaml(text):
        # PyYAML is asked for only where it is needed: importing it takes as long as many documents.
        from connectory.domain.drift.yaml_reading import read_yaml  # noqa: PLC0415

        yaml = read_yaml(text, max_depth=max_depth)
        if isinstance(yaml, Unreadable):
            return yaml
        return yaml.value, [*faults, *yaml.faults], "yaml"
    read = read_json(text, max_depth=max_depth)
    if isinstance(read, Unreadable):
        return read
    return read[0], [*faults, *read[1]], "json"


def _strictly(content: bytes) -> Any:
    try:
        return orjson.loads(content)
    except orjson.JSONDecodeError:
        return _NOTHING


def _is_yaml(text: str) -> bool:
    """Tell whether a text that is no strict JSON was meant to be YAML.

    A brace followed by anything but a double quote opens a mapping of YAML's flow style.
    """
    start = text.lstrip("\ufeff \t\r\n")[:1]
    if start in {"", "[", "/"}:
        return False
    if start != "{":
        return True
    after = text[text.index("{") + 1 :].lstrip()[:1]
    return after not in {"", '"', "}", "{", ",", "/"}


def _deeper(value: Any, limit: int) -> bool:
    """Tell whether containers nest deeper than a limit; a level at a time, without recursion."""
    level = [value] if isinstance(value, (dict, list)) else []
    for _ in range(limit):
        if not level:
            return False
        level = [
            item
            for held in level
            for item in (held.values() if held.__class__ is dict else held)
            if item.__class__ is dict or item.__class__ is list
        ]
    return bool(level)


def _may_repeat_keys(content: bytes, value: Any) -> bool:
    """Tell whether a strict document may have lost a key because it came twice.

    Every string of the file is in the value as well unless its key was repeated, so the quotes
    are as many in both, except where a quote is spelled as a number.
    """
    return content.count(b'"') != orjson.dumps(value).count(b'"') or b"\\u0022" in content


def _remote(value: dict[str, Any], content: bytes) -> list[Fault]:
    """Find references that lead out of the document; they are told and never followed."""
    found = list(first(_leading_out(value)))
    if not found:
        return []
    where = places(content)
    return [
        Fault(fault.rule, fault.message, where.line(fault.location), None, fault.location)
        for fault in found
    ]


def _leading_out(value: dict[str, Any]) -> Iterator[Fault]:
    pending: list[tuple[str, Any]] = [("", value)]
    while pending:
        pointer, node = pending.pop()
        if isinstance(node, list):
            pending.extend((f"{pointer}/{at}", item) for at, item in enumerate(node))
        elif isinstance(node, dict):
            reference = node.get("$ref")
            if isinstance(reference, str) and not reference.startswith("#"):
                message = (
                    f"a reference leads out of the document and is not followed: {told(reference)}"
                )
                yield Fault("ReferenceNotLocal", message, location=f"{pointer}/$ref")
            pending.extend(
                (f"{pointer}/{escaped(key)}", item)
                for key, item in node.items()
                if item.__class__ in (dict, list) and key not in _EXAMPLES
            )
