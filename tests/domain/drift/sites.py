"""Where a definition can be edited so that the effect is known: operations, parameters, properties.

Each place is found in a copy of its own, and what it refers to is written out there first, so that
an edit touches one operation alone; writing out must itself change nothing.
"""

from __future__ import annotations

import copy
import json
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from raw_definition import RawDefinition, RawOperation

from connectory.domain.drift.changes import Change

Node = dict[str, Any]
Wanted = Callable[[Node], bool]


@dataclass
class Site:
    """A place in a definition that is there to be edited.

    Attributes:
        document: The definition, a copy.
        operation: The operation that the place is in.
        node: What is edited: the operation, a parameter, the schema of a property, a response.
        owner: What the node is a value of: properties by name, responses by status.
        schema: Of a property: the schema that has it.
        words: What expectations may name, in braces.
    """

    document: Node
    operation: Node
    node: Node
    owner: Any = None
    schema: Node = field(default_factory=dict)
    words: dict[str, str] = field(default_factory=dict)

    @property
    def parameters(self) -> list[Node]:
        """The parameters of the operation."""
        found: list[Node] = self.operation.setdefault("parameters", [])
        return found


Finder = Callable[[Node], Iterator[Site]]


def operations(wanted: Wanted = lambda _: True) -> Finder:
    """Find operations that nothing else in the definition names."""

    def find(document: Node) -> Iterator[Site]:
        names = _texts(document)
        for index, raw in enumerate(RawDefinition(document).operations):
            name = raw.value.get("operationId")
            if isinstance(name, str) and names[name] == 1 and wanted(raw.value):
                edited, operation = _copied(document, index)
                words = {"op": name, "method": raw.method, "path": raw.path}
                yield Site(edited, operation.value, operation.value, operation.item, words=words)

    return find


def parameters(wanted: Wanted) -> Finder:
    """Find parameters of operations that are neither bodies nor forms."""

    def fits(parameter: Node) -> bool:
        return parameter.get("in") in ("query", "header", "path") and wanted(parameter)

    def find(document: Node) -> Iterator[Site]:
        raw = RawDefinition(document)

        def has(operation: Node) -> bool:
            return any(fits(raw.followed(one)) for one in operation.get("parameters") or ())

        for site in operations(has)(document):
            for parameter in _written_out(document, site):
                if fits(parameter):
                    words = {"at": f"{parameter['in']}:{parameter['name']}", **site.words}
                    yield Site(
                        site.document, site.operation, parameter, site.parameters, words=words
                    )
                    break

    return find


def bodies(wanted: Wanted = lambda _: True) -> Finder:
    """Find parameters that are bodies."""

    def find(document: Node) -> Iterator[Site]:
        for site in operations(lambda one: bool(one.get("parameters")))(document):
            for parameter in _written_out(document, site):
                if parameter.get("in") == "body" and wanted(parameter):
                    words = {"name": parameter["name"], **site.words}
                    yield Site(
                        site.document, site.operation, parameter, site.parameters, words=words
                    )
                    break

    return find


def body_properties(wanted: Wanted, *, required: bool | None = None) -> Finder:
    """Find properties of bodies that are plain objects."""

    def find(document: Node) -> Iterator[Site]:
        for site in bodies()(document):
            schema = _spread(document, site.node.get("schema"))
            if schema is None:
                continue
            site.node["schema"] = schema
            yield from _properties(document, site, schema, "", wanted, required=required)

    return find


def response_properties(wanted: Wanted, *, required: bool | None = None) -> Finder:
    """Find properties of successful responses that are plain objects, or lists of them."""

    def find(document: Node) -> Iterator[Site]:
        for site in responses(lambda one: isinstance(one.get("schema"), dict))(document):
            schema, prefix = _spread(document, site.node["schema"]), ""
            if schema is not None:
                site.node["schema"] = schema
            if schema is not None and schema.get("type") == "array":
                items, prefix = _spread(document, schema.get("items")), "[]."
                schema["items"], schema = items, items
            if schema is not None:
                yield from _properties(document, site, schema, prefix, wanted, required=required)

    return find


def responses(wanted: Wanted, *, status: str = "2") -> Finder:
    """Find the first response whose status begins like this."""

    def find(document: Node) -> Iterator[Site]:
        for site in operations(lambda one: isinstance(one.get("responses"), dict))(document):
            answers = site.operation["responses"]
            first = next((one for one in answers if one.startswith(status)), None)
            response = _spread(document, answers[first]) if first is not None else None
            if first is not None and response is not None:
                answers[first] = response
                if wanted(response):
                    words = {"status": first, **site.words}
                    yield Site(site.document, site.operation, response, answers, words=words)

    return find


def _properties(
    document: Node, site: Site, schema: Node, prefix: str, wanted: Wanted, *, required: bool | None
) -> Iterator[Site]:
    named = schema.get("properties")
    needed = schema.get("required") or []
    if "allOf" in schema or not isinstance(named, dict) or not isinstance(needed, list):
        return
    for name in named:
        spread = _spread(document, named[name])
        asked = required is None or required == (name in needed)
        if spread is not None and wanted(spread) and asked and not _odd(name):
            named[name] = spread
            words = {"prop": prefix + name, "prefix": prefix, **site.words}
            yield Site(site.document, site.operation, spread, named, schema, words)
            return


def _odd(name: str) -> bool:
    return any(char in name for char in "{}.[]/ ")


def _copied(document: Node, index: int) -> tuple[Node, RawOperation]:
    edited = copy.deepcopy(document)
    return edited, RawDefinition(edited).operations[index]


def _written_out(document: Node, site: Site) -> list[Node]:
    """Write the parameters of an operation out where they are referred to."""
    spread = [_spread(document, one) for one in site.parameters]
    found = [one for one in spread if one is not None]
    if len(found) < len(spread) or any("name" not in one for one in found):
        return []
    site.operation["parameters"] = found
    return found


def _spread(document: Node, node: Any) -> Node | None:
    """Return a copy of what a node refers to; None where it says more itself, or leads nowhere."""
    if not isinstance(node, dict) or ("$ref" in node and len(node) > 1):
        return None
    found = RawDefinition(document).followed(node)
    return copy.deepcopy(found) if found or "$ref" not in node else None


def _texts(document: Node) -> Counter[str]:
    """Count the texts of a document, to know which operations something refers to."""
    found: Counter[str] = Counter()

    def look(node: Any) -> None:
        if isinstance(node, str):
            found[node] += 1
        for one in node.values() if isinstance(node, dict) else node if _is_list(node) else ():
            look(one)

    look(document)
    return found


def _is_list(node: Any) -> bool:
    return isinstance(node, list)


# --- what is told, in a line


def told(change: Change) -> str:
    """Return a change as a line: severity, rule, operation, and where in it."""
    place = change.place
    words = [change.severity, change.rule]
    if place.operation_id is not None:
        words.append(place.operation_id)
    if place.status is not None:
        words.append(place.status + (f":{place.property}" if place.property is not None else ""))
    elif place.property is not None and place.operation_id is not None:
        words.append(f"{change.rule.partition('-')[0]}:{place.property}")
    elif place.kind is not None:
        words.append(f"{place.kind}:{place.name}")
    return " ".join(words)


def expected(lines: str, site: Site) -> Counter[str]:
    """Return the lines that are expected of an edit at a place."""
    return Counter(
        line.strip().format_map(_Braces(site.words)) for line in lines.splitlines() if line.strip()
    )


class _Braces(dict[str, str]):
    def __missing__(self, key: str) -> str:
        raise AssertionError(f"an expectation names {key}, which {json.dumps(dict(self))} has not")
