"""JSON text as values, refused where it could be read in two ways."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any, Final

import orjson

from connectory.domain.licensing.places import place

_MARK: Final = b"\xef\xbb\xbf"
_TOO_DEEP: Final = "lists and objects are nested too deeply"


class NoJson(Exception):
    """A text is no JSON; the words say where."""


class Twice(Exception):
    """An object has a field twice, of which either could be meant; the words are its place."""


def read(content: bytes) -> Any:
    """Return the values of a JSON text, which may begin with a byte order mark.

    Raises:
        NoJson: It is none.
        Twice: It has a field twice.
    """
    content = content.removeprefix(_MARK)
    try:
        told = orjson.loads(content)
        doubled = _Doubled()
        # Numbers are of no matter here, and may have more digits than can be converted.
        doubled.told = json.loads(
            content, object_pairs_hook=doubled.take, parse_int=str, parse_float=str
        )
    except orjson.JSONDecodeError as error:
        words = str(error)
        raise NoJson(_TOO_DEEP if words.startswith("depth limit") else words) from error
    except RecursionError as error:
        raise NoJson(_TOO_DEEP) from error
    if doubled.found:
        raise Twice(next(doubled.places()))
    return told


class _Doubled:
    """Objects that have a field twice."""

    def __init__(self) -> None:
        self.told: Any = None
        self.found: list[tuple[dict[str, Any], str]] = []

    def take(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        """Return an object, and note it if it has a field twice."""
        told = dict(pairs)
        if len(told) < len(pairs):
            names = Counter(name for name, _ in pairs)
            self.found.append((told, next(name for name, times in names.items() if times > 1)))
        return told

    def places(self) -> Iterator[str]:
        """Yield where in the text a field is there twice."""
        names = {id(one): name for one, name in self.found}
        left: list[tuple[Any, tuple[str | int, ...]]] = [(self.told, ())]
        while left:
            value, path = left.pop()
            if isinstance(value, dict):
                if (name := names.get(id(value))) is not None:
                    yield place((*path, name))
                left += [(one, (*path, name)) for name, one in value.items()]
            elif isinstance(value, list):
                left += [(one, (*path, number)) for number, one in enumerate(value)]
