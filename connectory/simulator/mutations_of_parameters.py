"""Changes of single parameters, other than bodies."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

from connectory.simulator.drafts import Draft, Spot, dynamic, fresh
from connectory.simulator.state import Json

_SENT: Final = ("query", "header")
"""Where parameters stand that may be left out; those of a path may not."""
_PLAIN: Final = ("enum", "format", "default")

Place = tuple[Spot, int, Json]
"""An operation, and one of its parameters by place and as a copy."""


def _places(draft: Draft) -> Iterator[Place]:
    """Yield every parameter that may be changed alone: nothing else refers to it."""
    for spot in draft.spots():
        if any(key.startswith("x-ms-dynamic") for key in _keys(spot.operation)):
            continue
        own = draft.parameters(spot)
        names = [one["name"] for _, one in own]
        # What an operation has from its path comes back when its own is taken away.
        names += [one.get("name") for one in draft.of_path(spot)]
        for place, one in own:
            usual = one.get("in") in _SENT and one.get("x-ms-visibility") != "internal"
            if usual and names.count(one["name"]) == 1 and not dynamic(one):
                yield spot, place, one


def _keys(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield str(key)
            yield from _keys(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _keys(inner)


def _required(one: Json) -> bool:
    return one.get("required") is True


def _plain_text(one: Json) -> bool:
    return one.get("type") == "string" and not any(key in one for key in _PLAIN)


def _put(draft: Draft, place: Place, change: str, **values: Any) -> None:
    """Write a parameter with these values anew, and note the change."""
    spot, number, one = place
    spot.operation["parameters"][number] = one | values
    draft.plant(change, operation_id=spot.id, kind=one["in"], name=one["name"])


def _add(draft: Draft, *, required: bool) -> None:
    spot = draft.pick(s for s in draft.spots() if isinstance(s.operation.get("parameters", []), list))  # fmt: skip
    if spot is None:
        return
    name = fresh("option", {one["name"] for _, one in draft.parameters(spot)})
    added = {"name": name, "in": "query", "type": "string", "required": required}
    spot.operation.setdefault("parameters", []).append(added)
    change = "required parameter added" if required else "optional parameter added"
    draft.plant(change, operation_id=spot.id, kind="query", name=name)


def add_optional_parameter(draft: Draft) -> None:
    """Let an operation take one parameter more."""
    _add(draft, required=False)


def require_parameter(draft: Draft) -> None:
    """Let an operation want one parameter more."""
    _add(draft, required=True)


def remove_parameter(draft: Draft) -> None:
    """Take a parameter away."""
    place = draft.pick(_places(draft))
    if place is not None:
        spot, number, one = place
        del spot.operation["parameters"][number]
        _gone(draft, spot, one)


def _gone(draft: Draft, spot: Spot, one: Json) -> None:
    change = "required parameter removed" if _required(one) else "optional parameter removed"
    draft.plant(change, operation_id=spot.id, kind=one["in"], name=one["name"])


def rename_parameter(draft: Draft) -> None:
    """Give a parameter another name: the old one is gone, and the new one is nobody's yet."""
    place = draft.pick(_places(draft))
    if place is not None:
        spot, number, one = place
        after = f"{one['name']}_next"
        spot.operation["parameters"][number] = one | {"name": after}
        _gone(draft, spot, one)
        change = "required parameter added" if _required(one) else "optional parameter added"
        draft.plant(change, operation_id=spot.id, kind=one["in"], name=after)


def demand_parameter(draft: Draft) -> None:
    """Let an operation want what it only took before."""
    place = draft.pick(p for p in _places(draft) if not _required(p[2]) and "default" not in p[2])
    if place is not None:
        _put(draft, place, "parameter demanded", required=True)


def free_parameter(draft: Draft) -> None:
    """Let an operation do without what it wanted before."""
    place = draft.pick(p for p in _places(draft) if _required(p[2]) and "default" not in p[2])
    if place is not None:
        _put(draft, place, "parameter freed", required=False)


def retype_parameter(draft: Draft) -> None:
    """Take whole numbers instead of texts."""
    place = draft.pick(p for p in _places(draft) if _plain_text(p[2]))
    if place is not None:
        _put(draft, place, "parameter retyped", type="integer")


def date_parameter(draft: Draft) -> None:
    """Take moments instead of texts."""
    place = draft.pick(p for p in _places(draft) if _plain_text(p[2]))
    if place is not None:
        _put(draft, place, "parameter dated", format="date-time")


def narrow_values(draft: Draft) -> None:
    """Allow one value less, or three where any was allowed."""
    place = draft.pick(
        p for p in _places(draft) if _plain_text(p[2]) or len(_listed(p[2])) > 1
    )  # fmt: skip
    if place is not None:
        left = _listed(place[2])[:-1] or ["open", "closed", "all"]
        _put(draft, place, "values narrowed", enum=left)


def widen_values(draft: Draft) -> None:
    """Allow one value more."""
    place = draft.pick(p for p in _places(draft) if _listed(p[2]))
    if place is not None:
        listed = _listed(place[2])
        _put(draft, place, "values widened", enum=[*listed, fresh("kind", set(listed))])


def _listed(one: Json) -> list[Any]:
    """Return the texts a parameter allows, if it lists texts alone."""
    listed = one.get("enum")
    texts = isinstance(listed, list) and all(isinstance(value, str) for value in listed)
    return listed if texts and "default" not in one and isinstance(listed, list) else []


def change_default(draft: Draft) -> None:
    """Let an operation take another value where none is given."""
    place = draft.pick(
        p
        for p in _places(draft)
        if p[2].get("type") in ("string", "integer") and "enum" not in p[2] and not _required(p[2])
    )
    if place is not None:
        number = draft.rng.randrange(30, 90_000)
        text = place[2]["type"] == "string" and "format" not in place[2]
        if text or place[2]["type"] == "integer":
            _put(draft, place, "default changed", default=f"standard{number}" if text else number)


def set_parameter_aside(draft: Draft) -> None:
    """Show a parameter among the advanced ones."""
    place = draft.pick(
        p for p in _places(draft) if p[2].get("x-ms-visibility") in (None, "", "none", "important")
    )
    if place is not None:
        _put(draft, place, "parameter set aside", **{"x-ms-visibility": "advanced"})


def bury_parameter(draft: Draft) -> None:
    """Hide a required parameter without default: nobody can give it any more."""
    place = draft.pick(p for p in _places(draft) if _required(p[2]) and "default" not in p[2])
    if place is not None:
        _put(draft, place, "parameter buried", **{"x-ms-visibility": "internal"})


OF_PARAMETERS: Final[dict[str, Callable[[Draft], None]]] = {
    "add-optional-parameter": add_optional_parameter,
    "require-parameter": require_parameter,
    "remove-parameter": remove_parameter,
    "rename-parameter": rename_parameter,
    "demand-parameter": demand_parameter,
    "free-parameter": free_parameter,
    "retype-parameter": retype_parameter,
    "date-parameter": date_parameter,
    "narrow-values": narrow_values,
    "widen-values": widen_values,
    "change-default": change_default,
    "set-parameter-aside": set_parameter_aside,
    "bury-parameter": bury_parameter,
}
