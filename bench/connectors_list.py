"""How long the list of connectors takes, beside reading the bare rows it is made of.

Prints the median of five lists of 10,000 connectors, and its ratio to the median of five plain
``select * from connector_versions`` over the same rows in the same process and store.
"""

from __future__ import annotations

import json
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, insert, select

import models
from connectory.database import open_store, reading, upgrade, writing
from connectory.queries.connectors import connectors
from connectory.queries.moments import latest

CONNECTORS = 10_000
ENVIRONMENTS = 60
PEOPLE = 3_000
FLOWS = 27_000
CONNECTIONS = 40_000
DEFINITION_BYTES = 30_000
ROUNDS = 5
STANDARD = [f"shared_standard{number}" for number in range(40)]


def main() -> None:
    """Fill a store, time both, print one line."""
    with tempfile.TemporaryDirectory() as folder:
        engine = open_store(f"sqlite:///{Path(folder) / 'bench.sqlite'}")
        upgrade(engine)
        with writing(engine) as connection:
            _fill(connection, random.Random(7))
        with reading(engine) as connection:
            moment = latest(connection)
            assert moment is not None
            listed = _median(lambda: connectors(connection, moment))
            bare = _median(
                lambda: connection.execute(select(models.ConnectorVersion.__table__)).all()
            )
            assert len(connectors(connection, moment)) == CONNECTORS
        engine.dispose()
    print(
        f"connectors_list: {CONNECTORS:,} connectors in {listed:.2f} s, "
        f"{listed / bare:.1f} times a plain read of their rows ({bare:.2f} s)"
    )


def _median(work: Callable[[], Any]) -> float:
    times = []
    for _ in range(ROUNDS):
        begun = time.perf_counter()
        work()
        times.append(time.perf_counter() - begun)
    return statistics.median(times)


def _fill(connection: Connection, chance: random.Random) -> None:
    now = datetime(2026, 11, 2, tzinfo=UTC)
    for model, rows in (
        (models.Run, [_run(now)]),
        (models.Environment, _rows(ENVIRONMENTS, lambda n: {"id": n, "key": f"env-{n}"})),
        (models.EnvironmentVersion, _rows(ENVIRONMENTS, _environment)),
        (models.Principal, _rows(PEOPLE, lambda n: {"id": n, "key": f"person-{n}"})),
        (models.PrincipalVersion, _rows(PEOPLE, _person)),
        (models.Definition, _rows(CONNECTORS, _definition)),
        (models.DefinitionOperation, _operations()),
        (models.Connector, _rows(CONNECTORS, _connector)),
        (models.ConnectorVersion, _rows(CONNECTORS, lambda n: _version(n, now))),
        (models.ConnectorPermission, _rows(3 * CONNECTORS, lambda n: _permission(n, chance))),
        (models.OwnershipAnswer, _rows(CONNECTORS, _answer)),
        (models.Sighting, _rows(2 * CONNECTORS, _sighting)),
        (models.Connection, _rows(CONNECTIONS, lambda n: _scoped(n, "conn"))),
        (models.ConnectionVersion, _rows(CONNECTIONS, lambda n: _connection(n, chance))),
        (models.Flow, _rows(FLOWS, lambda n: _scoped(n, "flow"))),
        (models.FlowVersion, _rows(FLOWS, _flow)),
        (models.FlowOperation, _rows(3 * FLOWS, lambda n: _call(n, chance))),
        (models.FlowReference, _rows(2 * FLOWS, lambda n: _link(n, chance))),
    ):
        batch: list[dict[str, Any]] = []
        for row in rows:
            batch.append(row)
            if len(batch) == 1000:
                connection.execute(insert(model), batch)
                batch = []
        if batch:
            connection.execute(insert(model), batch)


def _rows(number: int, make: Callable[[int], dict[str, Any]]) -> Iterator[dict[str, Any]]:
    return (make(index) for index in range(1, number + 1))


def _run(now: datetime) -> dict[str, Any]:
    return {
        "id": 1,
        "state": "complete",
        "started_at": now,
        "finished_at": now,
        "product_version": "0",
        "arguments": {},
    }


def _home(number: int) -> int:
    return number % ENVIRONMENTS + 1


def _scoped(number: int, word: str) -> dict[str, Any]:
    return {"id": number, "environment_id": _home(number), "key": f"{word}-{number}"}


def _environment(number: int) -> dict[str, Any]:
    return {
        "environment_id": number,
        "from_run": 1,
        "presence": "present",
        "name": f"env-{number}",
        "display_name": f"Environment {number}",
        "sku": "Production",
        "is_default": False,
        "managed": False,
        "has_dataverse": True,
    }


def _person(number: int) -> dict[str, Any]:
    return {
        "principal_id": number,
        "from_run": 1,
        "presence": "present",
        "kind": "user",
        "display_name": f"Person {number}",
        "enabled": True,
    }


def _definition(number: int) -> dict[str, Any]:
    return {
        "id": number,
        "sha256": f"{number:064x}",
        "size_bytes": DEFINITION_BYTES,
        "state": "readable",
        "content": "x" * DEFINITION_BYTES,
        "redactions": 0,
        "host": "api.example",
        "operations": 20,
        "first_run": 1,
    }


def _operations() -> Iterator[dict[str, Any]]:
    for definition in range(1, CONNECTORS + 1):
        for ordinal in range(20):
            yield {
                "definition_id": definition,
                "ordinal": ordinal,
                "operation_id": f"Operation{ordinal}",
                "method": "GET",
                "path": f"/things/{ordinal}",
                "kind": "action",
                "deprecated": False,
                "parameters": 2,
                "responses": 1,
            }


def _connector(number: int) -> dict[str, Any]:
    return {"id": number, "environment_id": _home(number), "key": f"shared_custom-{number}"}


def _version(number: int, now: datetime) -> dict[str, Any]:
    parameter = {
        "type": "securestring",
        "uiDefinition": {"displayName": "Key", "tooltip": "x" * 99},
    }
    return {
        "connector_id": number,
        "from_run": 1,
        "presence": "present",
        "name": f"shared_custom-{number}",
        "display_name": f"Custom connector {number * 7919 % CONNECTORS}",
        "description": "What it does, at some length. " * 6,
        "created_at": now,
        "changed_at": now,
        "backend_url": f"https://service{number}.example/api" if number % 10 else None,
        "authentication": "API key",
        "authentication_kinds": ["api_key"],
        "connection_parameters": {
            "parameters": {f"parameter{index}": parameter for index in range(3)},
            "sets": {},
        },
        "policies": [json.loads('{"templateId": "setheader", "parameters": {}}')] * 2,
        "definition_id": number,
        "definition_state": "readable",
    }


def _permission(number: int, chance: random.Random) -> dict[str, Any]:
    return {
        "connector_id": (number - 1) % CONNECTORS + 1,
        "principal_type": "user",
        "principal_key": f"person-{chance.randint(1, PEOPLE)}",
        "role": ("Owner", "CanEdit", "CanView")[(number - 1) // CONNECTORS],
        "from_run": 1,
    }


def _answer(number: int) -> dict[str, Any]:
    return {
        "connector_id": number,
        "from_run": 1,
        "state": "owned",
        "owner_key": f"person-{number % PEOPLE + 1}",
        "reason": "one owner and 1 more who may edit it",
    }


def _sighting(number: int) -> dict[str, Any]:
    return {
        "noun": "connectors",
        "entity_id": (number - 1) % CONNECTORS + 1,
        "source": "admin" if number <= CONNECTORS else "connectivity",
        "from_run": 1,
        "last_run": 1,
    }


def _called(number: int, chance: random.Random) -> str:
    """Half of all links lead to a standard connector, as in a real tenant, or more."""
    if chance.random() < 0.5:
        return chance.choice(STANDARD)
    local = chance.randrange(CONNECTORS // ENVIRONMENTS) * ENVIRONMENTS + number % ENVIRONMENTS
    return f"shared_custom-{local or ENVIRONMENTS}"


def _connection(number: int, chance: random.Random) -> dict[str, Any]:
    return {
        "connection_id": number,
        "from_run": 1,
        "presence": "present",
        "name": f"conn-{number}",
        "connector_key": _called(number, chance),
        "status": "Error" if number % 20 == 0 else "Connected",
    }


def _flow(number: int) -> dict[str, Any]:
    return {
        "flow_id": number,
        "from_run": 1,
        "presence": "present",
        "display_name": f"Flow {number}",
        "definition_state": "readable",
    }


def _call(number: int, chance: random.Random) -> dict[str, Any]:
    flow = (number - 1) % FLOWS + 1
    return {
        "flow_id": flow,
        "action": f"Action_{number}",
        "is_trigger": False,
        "connector_key": _called(flow, chance),
        "operation_id": f"Operation{number % 20}",
        "from_run": 1,
    }


def _link(number: int, chance: random.Random) -> dict[str, Any]:
    flow = (number - 1) % FLOWS + 1
    return {
        "flow_id": flow,
        "reference_key": f"reference-{number}",
        "connector_key": _called(flow, chance),
        "invoker": False,
        "from_run": 1,
    }


if __name__ == "__main__":
    main()
