"""How a connector definition differs from its sibling or from its own past: small, typed changes.

Only documents that survive being parsed and written again are mutated (`openapi.roundtrips`).
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Sequence
from typing import Final

from connectory.simulator.openapi import entries_of, operations_of
from connectory.simulator.randomness import chance
from connectory.simulator.state import Json

HTTP_OK: Final = "200"


def mutate(content: bytes, rng: random.Random, kinds: Sequence[str]) -> bytes:
    """Return the definition in `content` with the named changes applied in order.

    Kinds: `host-dev`, `host-test`, `describe`, `add-operation`, `remove-operation`,
    `rename-operation`, `add-optional-parameter`, `require-parameter`, `deprecate`, `version`.
    A change that finds nothing to change leaves the document as it is.

    Raises:
        ValueError: `content` is no JSON object, or a kind is unknown.
    """
    document = json.loads(content.decode("utf-8-sig"))
    if not isinstance(document, dict):
        raise ValueError("only a JSON object can be mutated")  # noqa: TRY004 - input, not a bug
    for kind in kinds:
        if kind not in MUTATIONS:
            raise ValueError(f"unknown mutation {kind!r}; known: {', '.join(sorted(MUTATIONS))}")
        MUTATIONS[kind](document, rng)
    return json.dumps(document, indent=2, ensure_ascii=False).encode("utf-8", "surrogatepass")


def _host(stage: str) -> Callable[[Json, random.Random], None]:
    def change(document: Json, rng: random.Random) -> None:
        del rng
        host = document.get("host")
        if isinstance(host, str) and host:
            document["host"] = f"{stage}.{host}"

    return change


def _describe(document: Json, rng: random.Random) -> None:
    entry = _pick(document, rng)
    if entry is not None:
        entry[2]["description"] = f"Reviewed edition {rng.randrange(2, 90)} of this operation."


def _version(document: Json, rng: random.Random) -> None:
    info = document.get("info")
    if isinstance(info, dict):
        info["version"] = f"{rng.randrange(2, 9)}.{rng.randrange(10)}"


def _add_operation(document: Json, rng: random.Random) -> None:
    paths = document.get("paths")
    if not isinstance(paths, dict):
        return
    taken = {str(entry["operationId"]) for entry in operations_of(document) or []}
    number = next(n for n in range(1, len(taken) + 2) if f"ExportBatch{n}" not in taken)
    del rng
    paths[f"/export/batch{number}"] = {
        "get": {
            "operationId": f"ExportBatch{number}",
            "summary": f"Export batch {number}",
            "parameters": [{"name": "since", "in": "query", "type": "string", "required": False}],
            "responses": {HTTP_OK: {"description": "OK", "schema": {"type": "object"}}},
        }
    }


def _remove_operation(document: Json, rng: random.Random) -> None:
    entries = list(entries_of(document))
    if len(entries) > 1:
        path, method, _ = entries[rng.randrange(len(entries))]
        item = document["paths"][path]
        del item[method]
        if not any(key for key in item if key != "parameters"):
            del document["paths"][path]


def _rename_operation(document: Json, rng: random.Random) -> None:
    entry = _pick(document, rng)
    if entry is not None:
        entry[2]["operationId"] = f"{entry[2]['operationId']}V2"


def _add_optional_parameter(document: Json, rng: random.Random) -> None:
    _add_parameter(document, rng, required=False)


def _require_parameter(document: Json, rng: random.Random) -> None:
    _add_parameter(document, rng, required=True)


def _add_parameter(document: Json, rng: random.Random, *, required: bool) -> None:
    entry = _pick(document, rng)
    if entry is None:
        return
    parameters = entry[2].setdefault("parameters", [])
    names = {p.get("name") for p in parameters if isinstance(p, dict)}
    name = next(n for n in (f"option{i}" for i in range(1, len(names) + 2)) if n not in names)
    parameters.append({"name": name, "in": "query", "type": "string", "required": required})


def _deprecate(document: Json, rng: random.Random) -> None:
    entry = _pick(document, rng)
    if entry is not None:
        entry[2]["deprecated"] = True


def _pick(document: Json, rng: random.Random) -> tuple[str, str, Json] | None:
    entries = [e for e in entries_of(document) if isinstance(e[2].get("operationId"), str)]
    return entries[rng.randrange(len(entries))] if entries else None


MUTATIONS: Final[dict[str, Callable[[Json, random.Random], None]]] = {
    "host-dev": _host("dev"),
    "host-test": _host("test"),
    "describe": _describe,
    "version": _version,
    "add-operation": _add_operation,
    "remove-operation": _remove_operation,
    "rename-operation": _rename_operation,
    "add-optional-parameter": _add_optional_parameter,
    "require-parameter": _require_parameter,
    "deprecate": _deprecate,
}


def sibling(content: bytes, rng: random.Random, stage: str) -> bytes:
    """Return how the connector in `content` looks at `stage` (`dev` or `test`) of its chain.

    The host always differs; in some connectors an operation or a parameter does as well.
    """
    kinds = [f"host-{stage}"]
    if chance(rng, 0.4 if stage == "dev" else 0.15):
        ahead = ("add-operation", "add-optional-parameter", "describe", "rename-operation",
                 "remove-operation")  # fmt: skip
        kinds.append(rng.choices(ahead, (5, 4, 3, 1, 1))[0])
    return mutate(content, rng, kinds)


def drifted(content: bytes, rng: random.Random) -> bytes:
    """Return the next version of a definition: mostly compatible, now and then breaking."""
    kinds = ("add-operation", "add-optional-parameter", "describe", "deprecate",
             "remove-operation", "require-parameter", "rename-operation")  # fmt: skip
    chosen = rng.choices(kinds, (6, 5, 3, 2, 2, 1, 1))[0]
    return mutate(content, rng, [chosen, "version"])
