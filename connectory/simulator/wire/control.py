"""The simulator's own levers under ``/_sim/``: its truth, its clock, its faults."""

from __future__ import annotations

from dataclasses import fields
from datetime import date, timedelta
from pathlib import Path

from connectory.simulator import access_logs
from connectory.simulator.advance import advance
from connectory.simulator.stories import STORIES, StoryError
from connectory.simulator.truth import truth
from connectory.simulator.wire import backends, logs, mail, webhooks
from connectory.simulator.wire.exchange import Json, Reply, Request, error
from connectory.simulator.wire.faults import Faults
from connectory.simulator.wire.world import SECRET, Settings, World

_SETTINGS = {field.name: field.type for field in fields(Settings)}


def answer(world: World, faults: Faults, request: Request) -> Reply:
    """Answer a request to the simulator itself; the caller holds the world's lock."""
    name = request.path.removeprefix("/_sim/")
    match request.method, name:
        case "GET", "healthz":
            return Reply(200, {"ok": True})
        case "GET", "truth":
            return Reply(200, truth(world.tenant, world.calls))
        case "GET", "calls/places":
            return Reply(200, logs.places(world))
        case "GET", "upstream":
            return Reply(200, backends.places(world))
        case "GET", "calls":
            return Reply(200, _calls(world))
        case "GET", "clock":
            return Reply(200, {"now": world.tenant.now.isoformat()})
        case "GET", "tenant":
            return Reply(200, _tenant(world))
        case "GET", "requests":
            return Reply(200, _account(world, faults))
        case "GET", "mail":
            return Reply(200, _mail(world))
        case _:
            return _change(world, faults, request, name)


def _tenant(world: World) -> Json:
    tenant = world.tenant
    return {
        "id": tenant.id,
        "domain": tenant.domain,
        "client_id": tenant.collector_app_id,
        "secret": SECRET,
        "size": tenant.size,
        "seed": tenant.seed,
    }


def _calls(world: World) -> Json:
    """Return where calls can be asked for, those that are held there, and what was lost unread."""
    kept = timedelta(days=world.settings.log_days)
    return {"places": logs.places(world), **world.calls.truth(world.tenant.now, kept)}


def _account(world: World, faults: Faults) -> Json:
    """Return what was asked so far, and what should not have been.

    A trespass is a token at a service it is not for, a token sent to storage, or a method that
    could have written.
    """
    return {
        "requests": dict(world.requests),
        "routes": dict(world.routes),
        "trespasses": dict(world.trespasses),
        "faults": dict(faults.hits),
    }


def _mail(world: World) -> Json:
    """Return what was accepted to be sent or shown, and where that can be asked for."""
    places = {"mailbox": mail.mailbox(world), **webhooks.places(world)}
    return {"places": places, "mails": world.mails, "cards": world.cards}


def _change(world: World, faults: Faults, request: Request, name: str) -> Reply:
    given = request.json()
    try:
        match request.method, name:
            case "POST", "advance":
                _advance(world, int(given["days"]))
            case "POST", "call_logs":
                world.calls.begin(world.tenant, int(given["days"]), float(given.get("rate", 1)))
            case "POST", "access_logs":
                _write_logs(world, given)
            case "POST", "story":
                _tell(world, given)
            case "POST", "faults":
                faults.add(given)
            case "DELETE", "faults":
                faults.clear()
            case "POST", "settings":
                _set(world, given)
            case "DELETE", "mail" | "requests":
                _forget(world, faults, name)
            case _:
                return error(404, "NotFound", f"no lever {request.method} {name}")
    except KeyError as missing:
        return error(400, "BadRequest", f"{missing} is missing")
    except (ValueError, TypeError, StoryError) as failure:
        return error(400, "BadRequest", str(failure))
    world.changed()
    return Reply(200, {"now": world.tenant.now.isoformat()})


def _forget(world: World, faults: Faults, name: str) -> None:
    """Begin to count requests anew, or forget what was sent."""
    if name == "mail":
        world.mails.clear()
        world.cards.clear()
        return
    for counter in (world.requests, world.routes, world.trespasses, faults.hits):
        counter.clear()


def _tell(world: World, given: Json) -> None:
    """Let one thing happen."""
    if given["name"] not in STORIES:
        known = ", ".join(sorted(STORIES))
        raise ValueError(f"no story named {given['name']}; one of {known}")
    STORIES[given["name"]](world.tenant, given.get("arguments", {}))


def _advance(world: World, days: int) -> None:
    """Let days pass; services log each as it passes."""
    if world.calls.since is None or days < 0:
        advance(world.tenant, days)
        return
    for _ in range(days):
        world.calls.fill(world.tenant, world.tenant.now + timedelta(days=1))
        advance(world.tenant, 1)


def _write_logs(world: World, given: Json) -> None:
    """Write the logs of backends, of all or of those that nobody else keeps one of.

    The latter still have their log of the last day on which they were called.
    """
    tenant, days = world.tenant, int(given["days"])
    known_since = min(tenant.now - timedelta(days=days - 1), world.calls.since or tenant.now).date()

    def calls(day: date) -> list[access_logs.LoggedCall]:
        if day >= known_since:
            made = list(world.calls.calls_on(tenant, day))
        else:
            made = list(access_logs.last_calls(tenant, day))
        if given.get("own"):
            made = [c for c in made if access_logs.keeper_of(tenant, c.connector) == "own_log"]
        world.calls.note_written(made, tenant.now)
        return made

    ends = [one.called_until for one in tenant.owning.planted.values() if one.called_until]
    older = ends if given.get("own") else []
    access_logs.write(tenant, Path(given["folder"]), days, calls, older)


def _set(world: World, given: Json) -> None:
    for name, value in given.items():
        if name not in _SETTINGS:
            raise ValueError(f"no setting named {name}; one of {', '.join(_SETTINGS)}")
        kind = type(getattr(world.settings, name))
        if kind is float and isinstance(value, int):
            value = float(value)  # noqa: PLW2901 - JSON writes a whole number without a point
        if type(value) is not kind:
            raise ValueError(f"{name} is of type {kind.__name__}")
    for name, value in given.items():
        setattr(world.settings, name, value)
