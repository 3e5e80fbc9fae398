"""Schemas as a caller sees them: references followed, `allOf` merged, spellings made one.

Nothing is expanded before it is asked for, so a schema that contains itself costs nothing. All
that stands beside a reference is taken as said of the place that refers, which OpenAPI 3.1 allows
and connectors do anyway.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

_REFERENCES: Final = 50
_LONGEST_REFERENCE: Final = 1_000
_MOST_MERGED: Final = 2_000
_EMPTY: Final[Mapping[str, Any]] = {}
_TEXTS: Final = ("title", "description", "x-ms-summary")
_BOUNDS: Final = frozenset(
    {"maximum", "minimum", "exclusiveMaximum", "exclusiveMinimum", "maxLength", "minLength",
     "pattern", "maxItems", "minItems", "uniqueItems", "multipleOf", "maxProperties",
     "minProperties", "additionalProperties", "readOnly", "writeOnly", "contentEncoding",
     "contentMediaType"}
)  # fmt: skip
_KNOWN: Final = frozenset({"x-ms-visibility", "x-ms-summary", "x-nullable", "x-ms-url-encoding"})
_VISIBLE: Final = ("", "none")


@dataclass(slots=True)
class View:
    """A schema, or a parameter that is its own schema, as a caller sees it.

    Attributes:
        types: Types as declared or evident, without null, in order; empty if none is.
        nullable: It may be empty, however that is spelled.
        null_typed: It says so by the type null.
        properties: Schemas of its properties as written, by name.
        required: Properties that must be given.
        items: Schema of its items as written; None if it tells none.
        bounds: Lengths, ranges and the like, by keyword.
        texts: What people read of it, by keyword.
        dynamic: Its x-ms-dynamic-… extensions.
        extensions: Every other extension.
        alternatives: Schemas of which one or any holds, as written.
    """

    types: tuple[str, ...] = ()
    nullable: bool = False
    null_typed: bool = False
    format: str | None = None
    enum: list[Any] | None = None
    default: Any = None
    has_default: bool = False
    visibility: str | None = None
    properties: dict[str, Any] = field(default_factory=dict)
    required: set[str] = field(default_factory=set)
    items: Any = None
    bounds: dict[str, Any] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    dynamic: dict[str, Any] = field(default_factory=dict)
    extensions: dict[str, Any] = field(default_factory=dict)
    alternatives: list[Any] = field(default_factory=list)

    @property
    def internal(self) -> bool:
        """Makers do not see it."""
        return self.visibility == "internal"


class Schemas:
    """The schemas of one document."""

    def __init__(self, root: Mapping[str, Any], *, portable: bool = False) -> None:
        """Look into a parsed document, which must not change from now on.

        Args:
            root: The document.
            portable: What formats spell each in its own way is seen as the same.
        """
        self._root = root
        self._portable = portable
        self._views: dict[int, View] = {}
        self._pointed: dict[str, Any] = {}

    def target(self, raw: Any) -> Mapping[str, Any]:
        """Return what a node refers to, however often it refers on; itself if it does not.

        What cannot be found, or is elsewhere, is empty: a definition never makes us fetch.
        """
        node = raw if isinstance(raw, Mapping) else _EMPTY
        for _ in range(_REFERENCES):
            reference = node.get("$ref")
            if not isinstance(reference, str):
                return node
            node = self.at(reference)
        return _EMPTY

    def at(self, reference: str) -> Mapping[str, Any]:
        """Return what stands at a reference within the document; empty if nothing does."""
        if reference not in self._pointed:
            self._pointed[reference] = self._follow(reference)
        found: Mapping[str, Any] = self._pointed[reference]
        return found

    def one(self, raw: Any) -> Any:
        """Return the one node that stands for a schema: what a bare reference refers to."""
        for _ in range(_REFERENCES):
            if (
                not isinstance(raw, Mapping)
                or len(raw) != 1
                or not isinstance(raw.get("$ref"), str)
            ):
                return raw
            raw = self.at(raw["$ref"])
        return _EMPTY

    def view(self, raw: Any) -> View:
        """Return a schema as a caller sees it; each is looked at once."""
        raw = self.one(raw)
        known = self._views.get(id(raw))
        if known is None:
            known = View()
            self._fill(known, raw)
            _finish(known)
            if self._portable:
                _as_in_any_format(known)
            self._views[id(raw)] = known
        return known

    def type_of(self, raw: Any) -> str | None:
        """Return the type of a schema in one word, `array<…>` with that of its items.

        Returns:
            Types joined by `|`, null among them; None if none is declared or evident.
        """
        view = self.view(raw)
        types = sorted([*view.types, "null"]) if view.null_typed else list(view.types)
        if types == ["array"]:
            return f"array<{self._item_type(view.items)}>"
        return "|".join(types) or None

    def _item_type(self, items: Any) -> str | None:
        view = self.view(items)
        types = sorted([*view.types, "null"]) if view.null_typed else view.types
        return "|".join(types) or None

    def _follow(self, reference: str) -> Mapping[str, Any]:
        if not reference.startswith("#/") or len(reference) > _LONGEST_REFERENCE:
            return _EMPTY
        node: Any = self._root
        for part in reference[2:].split("/"):
            if not isinstance(node, Mapping):
                return _EMPTY
            step = part.replace("~1", "/").replace("~0", "~")
            node = node.get(step, node.get(part.replace("%20", " ")))
        return node if isinstance(node, Mapping) else _EMPTY

    def _fill(self, view: View, raw: Any) -> None:
        """Merge a node into a view, once; what was said first, nearest to the place, stays."""
        merged: set[int] = set()
        ahead = [raw]
        while ahead and len(merged) < _MOST_MERGED:
            node = ahead.pop()
            if not isinstance(node, Mapping) or id(node) in merged:
                continue
            merged.add(id(node))
            _take(view, node)
            members = list(_list(node.get("allOf")))
            if "oneOf" in node or "anyOf" in node:
                members += _chosen(view, node)
            if isinstance(node.get("$ref"), str):
                members.append(self.at(node["$ref"]))
            ahead.extend(reversed(members))


def _chosen(view: View, node: Mapping[str, Any]) -> list[Any]:
    """Take alternatives; return the only one beside null, which is none but may be empty."""
    given = [*_list(node.get("oneOf")), *_list(node.get("anyOf"))]
    real = [one for one in given if not (isinstance(one, Mapping) and one.get("type") == "null")]
    view.nullable = view.nullable or len(real) < len(given)
    if len(real) == 1:
        return real
    view.alternatives += real
    return []


def _take(view: View, node: Mapping[str, Any]) -> None:
    """Take what one node says, where nothing nearer has said it."""
    for key, value in node.items():
        taker = _TAKERS.get(key)
        if taker is not None:
            taker(view, value)
        elif key in _BOUNDS:
            view.bounds.setdefault(key, value)
        elif key in _TEXTS:
            if isinstance(value, str):
                view.texts.setdefault(key, value)
        elif key.startswith("x-"):
            _take_extension(view, key, value)


def _take_properties(view: View, value: Any) -> None:
    for name, schema in value.items() if isinstance(value, Mapping) else ():
        view.properties.setdefault(str(name), schema)


def _take_required(view: View, value: Any) -> None:
    # Of a parameter that is its own schema, required is a truth value.
    view.required.update(name for name in _list(value) if isinstance(name, str))


def _take_items(view: View, value: Any) -> None:
    view.items = value if view.items is None else view.items


def _take_format(view: View, value: Any) -> None:
    view.format = view.format or (value if isinstance(value, str) and value else None)


def _take_enum(view: View, value: Any) -> None:
    view.enum = value if view.enum is None and isinstance(value, list) else view.enum


def _take_const(view: View, value: Any) -> None:
    _take_enum(view, [value])


def _take_default(view: View, value: Any) -> None:
    if not view.has_default:
        view.default, view.has_default = value, True


def _take_nullable(view: View, value: Any) -> None:
    view.nullable = view.nullable or value is True


def _take_extension(view: View, key: str, value: Any) -> None:
    if key == "x-ms-visibility":
        told = value if isinstance(value, str) and value not in _VISIBLE else None
        view.visibility = view.visibility or told
    elif key.startswith("x-ms-dynamic"):
        view.dynamic.setdefault(key, value)
    elif key not in _KNOWN:
        view.extensions.setdefault(key, value)


def _take_type(view: View, value: Any) -> None:
    if view.types or view.null_typed:
        return
    named = [value] if isinstance(value, str) else _list(value)
    told = sorted({str(one) for one in named if one})
    if "null" in told:
        view.nullable = view.null_typed = True
    view.types = tuple(one for one in told if one != "null")


_TAKERS: Final[dict[str, Callable[[View, Any], None]]] = {
    "type": _take_type,
    "properties": _take_properties,
    "required": _take_required,
    "items": _take_items,
    "format": _take_format,
    "enum": _take_enum,
    "const": _take_const,
    "default": _take_default,
    "nullable": _take_nullable,
    "x-nullable": _take_nullable,
}


def _finish(view: View) -> None:
    """Take a type that is evident from what a schema has."""
    if not view.types:
        if view.properties:
            view.types = ("object",)
        elif view.items is not None:
            view.types = ("array",)
    if view.null_typed and view.enum is not None:
        view.enum = [value for value in view.enum if value is not None]


def _as_in_any_format(view: View) -> None:
    """Make one what Swagger 2.0, OpenAPI 3.0 and 3.1 spell otherwise: files, bytes, bounds."""
    bounds = view.bounds
    encoding, media = bounds.pop("contentEncoding", None), bounds.pop("contentMediaType", None)
    if view.types == ("file",):
        view.types, view.format = ("string",), "binary"
    elif view.types == ("string",) and view.format is None and (encoding or media):
        view.format = {"base64": "byte", None: "binary"}.get(encoding)
    if bounds.get("additionalProperties") in (True, {}):
        del bounds["additionalProperties"]
    for excluded, limit in (("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")):
        told = bounds.get(excluded)
        if told is False:
            del bounds[excluded]
        elif isinstance(told, (int, float)) and told is not True:
            bounds.setdefault(limit, told)
            bounds[excluded] = True
    if view.nullable and view.enum is not None:
        view.enum = [value for value in view.enum if value is not None]


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
