"""Reading JSON that is not quite JSON: what a person would overlook is overlooked, and told.

Commas before a closing bracket, comments, text after the end and control characters in strings
are passed over; a missing comma or bracket is not, for nobody knows what was meant.
"""

from __future__ import annotations

import json
import re
from typing import Any, Final

from connectory.domain.drift.faults import Fault, Lines, first, told
from connectory.domain.drift.json_places import STRING, scan
from connectory.domain.json_document import Unreadable, depth, whole

_COMMENTS: Final = re.compile(STRING + r"|//[^\n]*+|/\*.*?(?:\*/|\Z)", re.DOTALL)
_COMMAS: Final = re.compile(STRING + r"|,(?=\s*+[}\]])", re.DOTALL)
_INK: Final = re.compile(r"\S")
_CONTROL: Final = re.compile(r"[\x00-\x1f]")
_NOT_A_LINE_BREAK: Final = re.compile(r"[^\r\n]")
_HALF_PAIR: Final = re.compile(r"\\u[dD][89a-fA-F]")
_INFINITE: Final = float("inf")

_CURES: Final = {
    "Expecting ',' delimiter": (
        "a comma or a closing bracket is missing",
        "put in what is missing before this place",
    ),
    "Expecting ':' delimiter": ("a colon is missing after a name", "put it in"),
    "Expecting property name enclosed in double quotes": (
        "a name in double quotes is missing",
        "close the bracket before it, or write the name",
    ),
    "Expecting value": ("a value is missing", "write one, or take out its name"),
    "Unterminated string starting at": ("a string does not end", "close it with a double quote"),
    "Invalid \\escape": ("a backslash stands alone", "write two of them"),
    "Invalid \\uXXXX escape": ("\\u needs four hexadecimal digits", "write them"),
}


def read_json(text: str, *, max_depth: int) -> tuple[Any, tuple[Fault, ...]] | Unreadable:
    """Return the value of a text and what was overlooked, or the place where reading ends."""
    faults: list[Fault] = []
    text = repaired(text, faults)
    if depth(text, max_depth) > max_depth:
        return Unreadable("too_deep", too_deep(max_depth))
    odd: set[str] = set()
    decoder = json.JSONDecoder(
        strict=False,
        parse_constant=lambda name: _odd(name, odd),
        parse_float=lambda digits: _number(digits, odd),
    )
    start = _INK.search(text)
    try:
        value, end = decoder.raw_decode(text, start.start() if start else 0)
    except json.JSONDecodeError as error:
        return Unreadable("not_json", _broken(error))
    except (ValueError, RecursionError):
        # Python refuses integers of more than some thousand digits.
        return Unreadable("not_json", "not JSON that can be read: a number is too long; shorten it")
    lines = Lines(text)
    rest = _INK.search(text, end)
    if rest:
        faults.append(
            Fault(
                "FileTextAfterDocument",
                f"the document ends before this; what follows is not read: {told(text[rest.start() : rest.start() + 40])}",
                *lines.place(rest.start()),
            )
        )
    faults += [
        Fault("FileNumberNotJson", f"{told(name)} is no JSON number") for name in sorted(odd)
    ]
    faults += scan(text[:end]).faults(lines)
    if _HALF_PAIR.search(text):
        value, broken = whole(value)
        if broken:
            faults.append(
                Fault("FileBrokenCharacter", "half a character is spelled out; it was replaced")
            )
    return value, tuple(faults)


def too_deep(limit: int) -> str:
    """Return why nesting ends reading, with the cure."""
    return (
        f"nested deeper than the limit of {limit} levels; "
        "name inner schemas under definitions and refer to them"
    )


def repaired(text: str, faults: list[Fault]) -> str:
    """Return a text without comments and superfluous commas, every other character in its place."""
    found: list[tuple[str, str, int]] = []

    def comment(match: re.Match[str]) -> str:
        if match[0][0] == '"':
            return match[0]
        found.append(("FileComment", "JSON knows no comments", match.start()))
        return _NOT_A_LINE_BREAK.sub(" ", match[0])

    def comma(match: re.Match[str]) -> str:
        if match[0][0] == '"':
            if _CONTROL.search(match[0]):
                message = "a control character, tabulator or line break stands inside a string"
                found.append(("FileControlCharacter", message, match.start()))
            return match[0]
        message = "a comma stands before a closing bracket"
        found.append(("FileTrailingComma", message, match.start()))
        return " "

    text = _COMMAS.sub(comma, _COMMENTS.sub(comment, text))
    lines = Lines(text)
    for rule in ("FileComment", "FileControlCharacter", "FileTrailingComma"):
        faults += first(
            Fault(rule, message, *lines.place(offset))
            for kind, message, offset in found
            if kind == rule
        )
    return text


def _odd(name: str, odd: set[str]) -> str:
    odd.add(name)
    return name


def _number(digits: str, odd: set[str]) -> float | str:
    number = float(digits)
    return _odd(digits, odd) if abs(number) == _INFINITE else number


def _broken(error: json.JSONDecodeError) -> str:
    place = f"at line {error.lineno}, column {error.colno}"
    if not error.doc.strip():
        return "the file is empty; export the definition again"
    for message, (what, cure) in _CURES.items():
        if error.msg.startswith(message):
            return f"not JSON: {what} {place}; {cure}"
    return f"not JSON: {error.msg} {place}; correct it there"
