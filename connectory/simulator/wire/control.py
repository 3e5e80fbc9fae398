"""The simulator's own levers under ``/_sim/``: its truth, its clock, its faults."""

from __future__ import annotations

from dataclasses import fields

from connectory.simulator.advance import advance
from connectory.simulator.stories import STORIES, StoryError
from connectory.simulator.truth import truth
from connectory.simulator.wire.exchange import Reply, Request, error
from connectory.simulator.wire.faults import Faults
from connectory.simulator.wire.world import SECRET, Settings, World


def answer(world: World, faults: Faults, request: Request) -> Reply:
    """Answer a request to the simulator itself; the caller holds the world's lock."""
    name = request.path.removeprefix("/_sim/")
    match request.method, name:
        case "GET", "healthz":
            return Reply(200, {"ok": True})
        case "GET", "truth":
            return Reply(200, truth(world.tenant))
        case "GET", "clock":
            return Reply(200, {"now": world.tenant.now.isoformat()})
        case "GET", "tenant":
            tenant = world.tenant
            return Reply(
                200,
                {
                    "id": tenant.id,
                    "domain": tenant.domain,
                    "client_id": tenant.collector_app_id,
                    "secret": SECRET,
                    "size": tenant.size,
                    "seed": tenant.seed,
                },
            )
        case "GET", "requests":
            return Reply(
                200, {"requests": dict(world.requests), "trespasses": dict(world.trespasses)}
            )
        case _:
            return _change(world, faults, request, name)


def _change(world: World, faults: Faults, request: Request, name: str) -> Reply:
    given = request.json()
    try:
        match request.method, name:
            case "POST", "advance":
                advance(world.tenant, int(given["days"]))
            case "POST", "story":
                STORIES[given["name"]](world.tenant, given.get("arguments", {}))
            case "POST", "faults":
                faults.add(given)
            case "DELETE", "faults":
                faults.clear()
            case "POST", "settings":
                known = {field.name for field in fields(Settings)}
                for key, value in given.items():
                    if key not in known:
                        raise ValueError(f"no setting named {key}")
                    setattr(world.settings, key, value)
            case _:
                return error(404, "NotFound", f"no lever {request.method} {name}")
    except (KeyError, ValueError, StoryError) as failure:
        return error(400, "BadRequest", str(failure))
    world.changed()
    return Reply(200, {"now": world.tenant.now.isoformat()})
