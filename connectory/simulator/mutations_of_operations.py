"""Changes of whole operations: added, removed, renamed, moved, hidden, reworded, triggered otherwise."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from connectory.simulator.drafts import Draft, Spot, fresh
from connectory.simulator.openapi import METHODS, entries_of

HTTP_OK: Final = "200"
MOVED: Final = "/moved"


def add_operation(draft: Draft) -> None:
    """Offer one operation more."""
    paths = draft.document.get("paths")
    if not isinstance(paths, dict):
        return
    name = fresh("ExportBatch", draft.names())
    number = name.removeprefix("ExportBatch")
    paths[f"/export/batch{number}"] = {
        "get": {
            "operationId": name,
            "summary": f"Export batch {number}",
            "parameters": [{"name": "since", "in": "query", "type": "string", "required": False}],
            "responses": {HTTP_OK: {"description": "OK", "schema": {"type": "object"}}},
        }
    }
    draft.plant("operation added", operation_id=name)


def remove_operation(draft: Draft) -> None:
    """Take an operation away, never the last one."""
    spot = draft.pick(draft.spots())
    if spot is None or len(list(entries_of(draft.document))) == 1:
        return
    _take(draft, spot)
    draft.plant("operation removed", operation_id=spot.id)


def _take(draft: Draft, spot: Spot) -> None:
    item = draft.document["paths"][spot.path]
    del item[spot.method]
    if not any(key in METHODS for key in item):
        del draft.document["paths"][spot.path]


def rename_operation(draft: Draft) -> None:
    """Give an operation another operationId."""
    spot = draft.pick(draft.spots())
    if spot is not None:
        before, after = spot.id, fresh(f"{spot.id}V", draft.names() | {f"{spot.id}V1"})
        spot.operation["operationId"] = after
        draft.plant("operation renamed", operation_id=before, operation_after=after)


def move_operation(draft: Draft) -> None:
    """Let an operation call another path."""
    paths = draft.document.get("paths", {})
    spot = draft.pick(
        spot
        for spot in draft.spots()
        # What stands beside the methods of a path is meant for all of them.
        if all(key in METHODS for key in paths[spot.path]) and f"{MOVED}{spot.path}" not in paths
    )
    if spot is not None:
        _take(draft, spot)
        paths[f"{MOVED}{spot.path}"] = {spot.method: spot.operation}
        draft.plant("operation moved", operation_id=spot.id)


def deprecate(draft: Draft) -> None:
    """Give notice of an operation's end."""
    spot = draft.pick(spot for spot in draft.spots() if not spot.operation.get("deprecated"))
    if spot is not None:
        spot.operation["deprecated"] = True
        draft.plant("operation deprecated", operation_id=spot.id)


def hide_operation(draft: Draft) -> None:
    """Hide an operation from makers."""
    spot = draft.pick(draft.spots())
    if spot is not None:
        spot.operation["x-ms-visibility"] = "internal"
        draft.plant("operation hidden", operation_id=spot.id)


def describe(draft: Draft) -> None:
    """Word an operation otherwise."""
    spot = draft.pick(draft.spots())
    if spot is not None:
        edition = draft.rng.randrange(2, 90_000)
        spot.operation["description"] = f"Reviewed edition {edition} of this operation."
        draft.plant("operation reworded", operation_id=spot.id)


def batch_trigger(draft: Draft) -> None:
    """Let a trigger that started one run for each event start one for many."""
    spot = draft.pick(s for s in draft.spots() if s.operation.get("x-ms-trigger") == "single")
    if spot is not None:
        spot.operation["x-ms-trigger"] = "batch"
        draft.plant("trigger batched", operation_id=spot.id)


OF_OPERATIONS: Final[dict[str, Callable[[Draft], None]]] = {
    "add-operation": add_operation,
    "remove-operation": remove_operation,
    "rename-operation": rename_operation,
    "move-operation": move_operation,
    "deprecate": deprecate,
    "hide-operation": hide_operation,
    "describe": describe,
    "batch-trigger": batch_trigger,
}
