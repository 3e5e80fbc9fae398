"""Whether two values differ, and whether only in what people read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal

_TEXTS: Final = frozenset({"description", "summary", "title", "x-ms-summary"})
Difference = Literal["facts", "texts"]


def difference(before: Any, after: Any) -> Difference | None:
    """Return how two values differ: in facts, only in texts, or not at all.

    Whether a number is whole and whether a value is true are facts: 1 is neither 1.0 nor true.
    """
    if _same(before, after):
        return None
    return "texts" if _same(_without_texts(before), _without_texts(after)) else "facts"


def changed(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """Return the names under which two mappings differ, in order."""
    names = before.keys() | after.keys()
    return sorted(name for name in names if not _same(before.get(name), after.get(name)))


def named(name: str, values: Sequence[Any]) -> tuple[Any, Any]:
    """Return what stood and stands under a name, with the name; None where nothing does.

    Two extensions of the same value are told apart by it.
    """
    before, after = ({name: value} if value is not None else None for value in values)
    return before, after


def _same(before: Any, after: Any) -> bool:
    if isinstance(before, dict) and isinstance(after, dict):
        return before.keys() == after.keys() and all(
            _same(value, after[key]) for key, value in before.items()
        )
    if isinstance(before, list) and isinstance(after, list):
        return len(before) == len(after) and all(map(_same, before, after))
    return type(before) is type(after) and bool(before == after)


def _without_texts(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            key: _without_texts(item)
            for key, item in value.items()
            if not (key in _TEXTS and isinstance(item, str))
        }
    if isinstance(value, list):
        return [_without_texts(item) for item in value]
    return value
