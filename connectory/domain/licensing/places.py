"""Where in a file a value is wrong, in words that lead there."""

from __future__ import annotations

from collections.abc import Iterable

from pydantic import ValidationError

_MOST = 10


def place(parts: Iterable[str | int]) -> str:
    """Return a place in nested lists and tables, e.g. ``flows[0].owner``."""
    told = ""
    for part in parts:
        told += f"[{part}]" if isinstance(part, int) else f".{part}" if told else part
    return told


def wrong(error: ValidationError, name: str) -> str:
    """Return what is wrong in a file: a line for each value, at most ten of them."""
    found = []
    for one in error.errors(include_url=False, include_context=False, include_input=False):
        # What a validator of ours says comes behind the words "Value error, ".
        words = one["msg"].removeprefix("Value error, ")
        found.append(f"{name}: {place(one['loc'])}: {words[:1].lower()}{words[1:]}")
    more = [f"{name}: {len(found) - _MOST} more values are wrong"] if len(found) > _MOST else []
    return "\n".join(found[:_MOST] + more)
