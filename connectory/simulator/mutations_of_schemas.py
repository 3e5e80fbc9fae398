"""Changes of what is sent in a body, comes back in a response, or is delivered by a webhook."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from connectory.simulator.drafts import Draft, Spot, dynamic, fresh
from connectory.simulator.openapi import METHODS
from connectory.simulator.state import Json

_NOTIFICATION: Final = "x-ms-notification-content"
_CREATED: Final = "201"


@dataclass(slots=True)
class _Shape:
    """A place that holds a schema, and a copy of that schema which is no reference.

    Attributes:
        spot: The operation.
        holder: What holds the schema under `schema`, a copy.
        schema: The schema, a copy.
        put: Writes the changed holder into the document.
        kind: body, where it is one.
        name: Of the body.
        status: Of the response.
    """

    spot: Spot
    holder: Json
    schema: Json
    put: Callable[[Json], None]
    kind: str | None = None
    name: str | None = None
    status: str | None = None

    @property
    def properties(self) -> Json:
        """The properties that makers see, by name."""
        listed = self.schema.get("properties")
        shown = listed.items() if isinstance(listed, dict) else ()
        return {
            name: one
            for name, one in shown
            if isinstance(one, dict)
            and one.get("x-ms-visibility") != "internal"
            and "." not in name
        }

    @property
    def required(self) -> list[Any]:
        """The names of those that must be there."""
        listed = self.schema.get("required")
        return listed if isinstance(listed, list) else []

    @property
    def plain_texts(self) -> list[str]:
        """The names of those that are texts and nothing more."""
        bare = {"enum", "format", "default", "$ref"}
        return [
            name
            for name, one in self.properties.items()
            if one.get("type") == "string" and not bare & one.keys()
        ]

    def change(self, draft: Draft, change: str, name: str | None = None) -> None:
        """Write the schema as it is now, and note the change."""
        self.put(self.holder | {"schema": self.schema})
        draft.plant(
            change,
            operation_id=self.spot.id,
            kind=self.kind,
            name=self.name,
            status=self.status,
            part=name,
        )

    def remove(self, name: str) -> bool:
        """Take a property away; tell whether it had to be there."""
        had_to = name in self.required
        del self.schema["properties"][name]
        rest = [one for one in self.required if one != name]
        self.schema.pop("required", None)
        if rest:
            self.schema["required"] = rest
        return had_to


def _put_into(container: Any, place: Any) -> Callable[[Json], None]:
    def put(holder: Json) -> None:
        container[place] = holder

    return put


def _object(draft: Draft, holder: Json) -> Json | None:
    """Return a copy of what a holder's schema is, if that is an object with its properties told."""
    schema = draft.opened(holder.get("schema"))
    if schema is None or dynamic(schema) or "allOf" in schema:
        return None
    told = isinstance(schema.get("properties"), dict) and schema.get("type", "object") == "object"
    return schema if told else None


def _bodies(draft: Draft) -> Iterator[_Shape]:
    for spot in draft.spots():
        for number, one in draft.parameters(spot):
            if one.get("in") != "body":
                continue
            schema = _object(draft, one)
            if schema is not None:
                put = _put_into(spot.operation["parameters"], number)
                yield _Shape(spot, one, schema, put, kind="body", name=one["name"])


def _responses(draft: Draft) -> Iterator[_Shape]:
    """Yield the one success of each operation that has one, where its values are told."""
    for spot in draft.spots():
        listed = spot.operation.get("responses")
        good = [key for key in listed if str(key)[:1] == "2"] if isinstance(listed, dict) else []
        if not isinstance(listed, dict) or len(good) != 1 or "default" in listed:
            continue
        holder = draft.opened(listed[good[0]])
        schema = _object(draft, holder) if holder else None
        if holder is not None and schema is not None:
            put = _put_into(listed, good[0])
            yield _Shape(spot, holder, schema, put, status=good[0])


def _notifications(draft: Draft) -> Iterator[_Shape]:
    for spot in draft.spots():
        item = draft.document["paths"][spot.path]
        # Of several operations on one path nobody could say which of them it belongs to.
        alone = sum(method in item for method in METHODS) == 1
        holder = draft.opened(item.get(_NOTIFICATION)) if alone else None
        schema = _object(draft, holder) if holder and "x-ms-trigger" in spot.operation else None
        if holder is not None and schema is not None:
            yield _Shape(spot, holder, schema, _put_into(item, _NOTIFICATION))


# --- bodies


def rename_body(draft: Draft) -> None:
    """Give a body another name."""
    shape = draft.pick(_bodies(draft))
    if shape is not None:
        after = "payload" if shape.name != "payload" else "content"
        shape.put(shape.holder | {"name": after})
        draft.plant("body renamed", operation_id=shape.spot.id, kind="body", name=shape.name,
                    name_after=after)  # fmt: skip


def _add_to_body(draft: Draft, *, required: bool) -> None:
    shape = draft.pick(_bodies(draft))
    if shape is not None:
        name = fresh("field", set(shape.schema["properties"]))
        shape.schema["properties"][name] = {"type": "string"}
        if required:
            shape.schema["required"] = [*shape.required, name]
        how = "required" if required else "optional"
        shape.change(draft, f"{how} body property added", name)


def add_body_property(draft: Draft) -> None:
    """Let a body hold one property more."""
    _add_to_body(draft, required=False)


def require_body_property(draft: Draft) -> None:
    """Let a body need one property more."""
    _add_to_body(draft, required=True)


def remove_body_property(draft: Draft) -> None:
    """Take a property out of a body, never its last one."""
    shape = draft.pick(one for one in _bodies(draft) if len(one.properties) > 1)
    if shape is not None:
        name = draft.rng.choice(list(shape.properties))
        how = "required" if shape.remove(name) else "optional"
        shape.change(draft, f"{how} body property removed", name)


def demand_body_property(draft: Draft) -> None:
    """Let a body need what it only held before."""
    found = draft.pick(
        (shape, name)
        for shape in _bodies(draft)
        for name, one in shape.properties.items()
        if name not in shape.required and "default" not in one and "$ref" not in one
    )
    if found is not None:
        shape, name = found
        shape.schema["required"] = [*shape.required, name]
        shape.change(draft, "body property demanded", name)


def retype_body_property(draft: Draft) -> None:
    """Take a whole number instead of a text."""
    _retype(draft, _bodies(draft), "body property retyped")


def _retype(draft: Draft, shapes: Iterator[_Shape], change: str) -> None:
    found = draft.pick((shape, name) for shape in shapes for name in shape.plain_texts)
    if found is not None:
        shape, name = found
        shape.schema["properties"][name]["type"] = "integer"
        shape.change(draft, change, name)


# --- responses


def add_response_property(draft: Draft) -> None:
    """Let one property more come back."""
    shape = draft.pick(_responses(draft))
    if shape is not None:
        name = fresh("extra", set(shape.schema["properties"]))
        shape.schema["properties"][name] = {"type": "string"}
        shape.change(draft, "response property added", name)


def remove_response_property(draft: Draft) -> None:
    """Let a property come back no more, never the last one."""
    shape = draft.pick(one for one in _responses(draft) if len(one.properties) > 1)
    if shape is not None:
        name = draft.rng.choice(list(shape.properties))
        shape.remove(name)
        shape.change(draft, "response property removed", name)


def retype_response_property(draft: Draft) -> None:
    """Let a whole number come back instead of a text."""
    _retype(draft, _responses(draft), "response property retyped")


def list_response(draft: Draft) -> None:
    """Let a list come back instead of one."""
    shape = draft.pick(_responses(draft))
    if shape is not None:
        shape.schema = {"type": "array", "items": shape.schema}
        shape.change(draft, "response became a list")


def change_status(draft: Draft) -> None:
    """Let the same come back under another status of success."""
    shape = draft.pick(one for one in _responses(draft) if one.status != _CREATED)
    if shape is not None:
        listed = shape.spot.operation["responses"]
        listed[_CREATED] = listed.pop(shape.status)
        draft.plant("status left", operation_id=shape.spot.id, status=shape.status)
        draft.plant("status taken", operation_id=shape.spot.id, status=_CREATED)


def remove_schema(draft: Draft) -> None:
    """Tell no more what comes back."""
    shape = draft.pick(_responses(draft))
    if shape is not None:
        shape.put({key: value for key, value in shape.holder.items() if key != "schema"})
        draft.plant("schema removed", operation_id=shape.spot.id, status=shape.status)


def remove_notification_property(draft: Draft) -> None:
    """Let a webhook deliver one property less, never the last one."""
    shape = draft.pick(one for one in _notifications(draft) if len(one.properties) > 1)
    if shape is not None:
        name = draft.rng.choice(list(shape.properties))
        shape.remove(name)
        shape.change(draft, "notification property removed", name)


OF_SCHEMAS: Final[dict[str, Callable[[Draft], None]]] = {
    "rename-body": rename_body,
    "add-body-property": add_body_property,
    "require-body-property": require_body_property,
    "remove-body-property": remove_body_property,
    "demand-body-property": demand_body_property,
    "retype-body-property": retype_body_property,
    "add-response-property": add_response_property,
    "remove-response-property": remove_response_property,
    "retype-response-property": retype_response_property,
    "list-response": list_response,
    "change-status": change_status,
    "remove-schema": remove_schema,
    "remove-notification-property": remove_notification_property,
}
