"""Reading YAML as the JSON it stands for, within bounds, and nothing of what YAML can do beyond.

Scalars are what JSON knows (null, true, false, numbers) or else text: `yes`, `0755` and
`2024-01-31` stay as they are written. Keys are text. A tag builds nothing. Names (anchors) may be
referred to (aliases), but a document is measured with everything they repeat.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, Final

import yaml

from connectory.domain.drift.faults import Fault, escaped, told
from connectory.domain.drift.json_reading import too_deep
from connectory.domain.json_document import Unreadable

MOST_PARTS: Final = 500_000
"""Values of a document with all that its aliases repeat."""
_LOADER: Final[Any] = getattr(yaml, "CLoader", yaml.Loader)  # only its parser is used
_INTEGER: Final = re.compile(r"-?(?:0|[1-9][0-9]*)\Z")
_FLOAT: Final = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?\Z")
_WORDS: Final = {
    "": None, "~": None, "null": None, "Null": None, "NULL": None,
    "true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False,
}  # fmt: skip
_LONGEST_NUMBER: Final = 300
_PLAIN_TAGS: Final = ("tag:yaml.org,2002:map", "tag:yaml.org,2002:seq", "tag:yaml.org,2002:str")
_TEXT_TAGS: Final = ("tag:yaml.org,2002:str", "!")
_MOST_FAULTS: Final = 100


@dataclass(slots=True)
class _Node:
    """A finished value: how deep it reaches and how many values it is with all it repeats."""

    value: Any
    height: int
    parts: int


@dataclass(slots=True)
class _Open:
    """A mapping or list that is being read."""

    value: dict[str, Any] | list[Any]
    anchor: str | None
    before: int
    pointer: str
    height: int = 1
    key: str | None = None
    merges: bool = False
    merged: list[Any] = field(default_factory=list)


class _Refused(Exception):
    """The document cannot be read."""

    def __init__(self, why: Unreadable) -> None:
        super().__init__(why.detail)
        self.why = why


@dataclass(frozen=True, slots=True)
class Yaml:
    """A YAML document as JSON.

    Attributes:
        value: The value it stands for; parts that it repeats by name are the same objects.
        faults: What was overlooked.
        lines: Line of each member and item that is written down, by JSON pointer.
    """

    value: Any
    faults: tuple[Fault, ...]
    lines: dict[str, int]


def read_yaml(
    text: str, *, max_depth: int, max_parts: int = MOST_PARTS, places: bool = False
) -> Yaml | Unreadable:
    """Return what a YAML text stands for, or why it stands for nothing; it never raises.

    Args:
        text: The document.
        max_depth: Deepest nesting read, with what aliases repeat.
        max_parts: Most values read, with what aliases repeat.
        places: Remember the lines, which takes time and memory.
    """
    reader = _Reader(max_depth, max_parts, places=places)
    try:
        for event in yaml.parse(text, Loader=_LOADER):
            if not reader.take(event):
                break
    except _Refused as refused:
        return refused.why
    except yaml.YAMLError as error:
        if not reader.done:
            return Unreadable("not_yaml", _broken(error))
        reader.fault(
            "FileTextAfterDocument", "the document ends before this; the rest is broken", error
        )
    except (ValueError, RecursionError) as error:
        return Unreadable("not_yaml", f"not YAML that can be read: {told(error)}; save it as UTF-8")
    if not reader.done:
        return Unreadable("not_yaml", "the file is empty; export the definition again")
    return Yaml(reader.value, tuple(reader.faults), reader.lines)


class _Reader:
    """Builds a value from what the parser meets, without recursion."""

    def __init__(self, max_depth: int, max_parts: int, *, places: bool) -> None:
        self.value: Any = None
        self.done = False
        self.faults: list[Fault] = []
        self.lines: dict[str, int] = {}
        self._max_depth, self._max_parts, self._places = max_depth, max_parts, places
        self._anchors: dict[str, _Node] = {}
        self._stack: list[_Open] = []
        self._parts = 0

    def take(self, event: Any) -> bool:
        """Take what comes next; False when nothing further needs to be read."""
        if isinstance(event, yaml.ScalarEvent):
            self._scalar(event)
        elif isinstance(event, (yaml.MappingStartEvent, yaml.SequenceStartEvent)):
            self._open(event)
        elif isinstance(event, (yaml.MappingEndEvent, yaml.SequenceEndEvent)):
            self._close(event)
        elif isinstance(event, yaml.AliasEvent):
            self._alias(event)
        elif isinstance(event, yaml.DocumentStartEvent) and self.done:
            message = "another document begins; it is not read"
            self.fault("FileTextAfterDocument", message, event)
            return False
        return True

    def fault(self, rule: str, message: str, where: Any) -> None:
        """Remember a fault with the place of an event or error."""
        if len(self.faults) < _MOST_FAULTS:
            location = self._stack[-1].pointer if self._stack else ""
            self.faults.append(Fault(rule, message, *_place(where), location=location))

    def _scalar(self, event: Any) -> None:
        top = self._stack[-1] if self._stack else None
        if top is not None and isinstance(top.value, dict) and top.key is None:
            self._key(top, event)
            return
        self._count(1)
        node = _Node(self._worth(event), 0, 1)
        if event.anchor:
            self._anchors[event.anchor] = node
        self._put(node, event)

    def _key(self, top: _Open, event: Any) -> None:
        """Take the name of a member; `<<` merges what follows."""
        self._count(1)
        if event.anchor:
            self._anchors[event.anchor] = _Node(event.value, 0, 1)
        top.key = event.value
        assert isinstance(top.value, dict)  # noqa: S101 - keys come in mappings only
        top.merges = event.value == "<<" and bool(event.implicit[0])
        if top.merges:
            return
        if event.value in top.value:
            message = f"the key {told(event.value)} is here again; only the last one counts"
            self.fault("FileRepeatedKey", message, event)
        if self._places:
            self.lines[f"{top.pointer}/{escaped(event.value)}"] = event.start_mark.line + 1

    def _open(self, event: Any) -> None:
        if len(self._stack) >= self._max_depth:
            raise _Refused(Unreadable("too_deep", too_deep(self._max_depth)))
        mapping = isinstance(event, yaml.MappingStartEvent)
        pointer = ""
        if self._stack:
            top = self._stack[-1]
            if isinstance(top.value, dict) and top.key is None:
                raise _Refused(_complex_key(event))
            pointer = self._pointer(top)
        if event.tag and event.tag not in _PLAIN_TAGS:
            self.fault("FileYamlTag", f"the tag {told(event.tag)} is passed over", event)
        self._count(1)
        if event.anchor:
            self._anchors.pop(event.anchor, None)
        self._stack.append(_Open({} if mapping else [], event.anchor, self._parts - 1, pointer))
        if self._places and not mapping:
            self.lines.setdefault(pointer, event.start_mark.line + 1)

    def _close(self, event: Any) -> None:
        closed = self._stack.pop()
        if closed.merged:
            self._merge(closed, event)
        node = _Node(closed.value, closed.height, self._parts - closed.before)
        if closed.anchor:
            self._anchors[closed.anchor] = node
        self._put(node, event)

    def _alias(self, event: Any) -> None:
        node = self._anchors.get(event.anchor)
        line, column = _place(event)
        if node is None:
            raise _Refused(
                Unreadable(
                    "not_yaml",
                    f"not YAML that can be read: *{told(event.anchor)} at line {line}, column "
                    f"{column} refers to nothing before it, or to what holds it; write it out",
                )
            )
        if len(self._stack) + node.height > self._max_depth:
            raise _Refused(Unreadable("too_deep", too_deep(self._max_depth)))
        top = self._stack[-1] if self._stack else None
        if top is not None and isinstance(top.value, dict) and top.key is None:
            if not isinstance(node.value, str):
                raise _Refused(_complex_key(event))
            top.key, top.merges = node.value, False
            self._count(1)
            return
        self._count(node.parts, event)
        self._put(node, event)

    def _put(self, node: _Node, event: Any) -> None:
        """Put a finished value where it belongs."""
        if not self._stack:
            self.value, self.done = node.value, True
            return
        top = self._stack[-1]
        top.height = max(top.height, node.height + 1)
        if isinstance(top.value, list):
            if self._places:
                self.lines.setdefault(self._pointer(top), event.start_mark.line + 1)
            top.value.append(node.value)
            return
        key, top.key = top.key or "", None
        if top.merges and isinstance(node.value, (dict, list)):
            top.merged.append(node.value)
        else:
            top.value[key] = node.value

    def _merge(self, closed: _Open, event: Any) -> None:
        """Add members of other mappings that this one does not have, the first named wins."""
        assert isinstance(closed.value, dict)  # noqa: S101 - only mappings merge
        for source in closed.merged:
            for one in source if isinstance(source, list) else [source]:
                if not isinstance(one, dict):
                    continue
                self._count(len(one), event)
                for key, value in one.items():
                    closed.value.setdefault(key, value)

    def _worth(self, event: Any) -> Any:
        """Return what a scalar stands for."""
        if event.tag and event.tag not in _TEXT_TAGS:
            self.fault("FileYamlTag", f"the tag {told(event.tag)} is passed over", event)
        text: str = event.value
        if not event.implicit[0]:
            return text
        if text in _WORDS:
            return _WORDS[text]
        if not text[-1].isdigit() or len(text) > _LONGEST_NUMBER:
            return text
        if _INTEGER.match(text):
            return int(text)
        if _FLOAT.match(text):
            number = float(text)
            return text if number in (float("inf"), -float("inf")) else number
        return text

    def _pointer(self, top: _Open) -> str:
        if not self._places:
            return ""
        if isinstance(top.value, list):
            return f"{top.pointer}/{len(top.value)}"
        return f"{top.pointer}/{escaped(top.key)}"

    def _count(self, more: int, event: Any = None) -> None:
        self._parts += more
        if self._parts > self._max_parts:
            place = f" at line {_place(event)[0]}" if event is not None else ""
            raise _Refused(
                Unreadable(
                    "too_many",
                    f"more than the limit of {self._max_parts:,} values with all that its aliases "
                    f"repeat{place}; write out what is meant, or split the document",
                )
            )


def _complex_key(event: Any) -> Unreadable:
    line, column = _place(event)
    return Unreadable(
        "not_yaml",
        f"not JSON in YAML: a mapping or list stands for a key at line {line}, column {column}; "
        "write a name there",
    )


def _place(where: Any) -> tuple[int, int]:
    """Return line and column of an event or an error, from 1."""
    mark = getattr(where, "start_mark", None) or getattr(where, "problem_mark", None)
    return (mark.line + 1, mark.column + 1) if mark is not None else (1, 1)


def _broken(error: yaml.YAMLError) -> str:
    line, column = _place(error)
    problem = told(getattr(error, "problem", None) or getattr(error, "reason", None) or "broken")
    return f"neither JSON nor YAML: {problem} at line {line}, column {column}; correct it there"
