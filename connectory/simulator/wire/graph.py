"""The directory, as Microsoft Graph answers."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any, Final
from urllib.parse import parse_qsl, quote, unquote, urlsplit

from connectory.simulator.state import Group, Person
from connectory.simulator.wire import audit_queries, directory, licences, mail, registrations
from connectory.simulator.wire.exchange import Json, Reply, Request, error, selected
from connectory.simulator.wire.paging import Pages, Row
from connectory.simulator.wire.world import World

_RECYCLED = timedelta(days=30)
_IDS_AT_ONCE = 1000
_REQUESTS_AT_ONCE = 20
_PAGES: Final = Pages(999, link="@odata.nextLink")
_USUAL = 100
_FROM_NOW_ON = "latest"
_MANAGER_SELECT = re.compile(r"manager\(\$select=([^)]*)\)")
Handler = Callable[[World, Request, "re.Match[str]"], Reply]


def answer(world: World, request: Request) -> Reply:
    """Answer a request to Graph."""
    taken = audit_queries.answer(world, request) or mail.answer(world, request)
    if taken is not None:
        return taken
    for pattern, handler in _ROUTES:
        if match := pattern.fullmatch(request.path):
            return handler(world, request, match)
    return error(400, "BadRequest", f"Resource not found for the segment '{request.path}'.")


def _users(world: World, request: Request, match: re.Match[str]) -> Reply:
    del match
    return _listed(request, world.people, lambda p: _shown(world, request, p), "users")


def _user(world: World, request: Request, match: re.Match[str]) -> Reply:
    person = world.person_named.get(match[1].casefold())
    if person is None:
        return _missing(match[1])
    return Reply(
        200, {"@odata.context": _context("users/$entity"), **_shown(world, request, person)}
    )


def _delta(world: World, request: Request, match: re.Match[str]) -> Reply:
    """Tell everybody, then to each link that ends such a round who came and who went since."""
    del match
    here = {p.id: _fingerprint(p) for p in world.people}
    token = request.query.get("$deltatoken")
    if token == _FROM_NOW_ON:
        token = str(len(world.rounds))
        world.rounds.append(here)
    if token is not None and not (token.isdecimal() and int(token) < len(world.rounds)):
        # Told to a client whose token is too old: begin anew.
        return error(410, "syncStateNotFound", "The sync state generation is not found.")
    before = world.rounds[int(token)] if token is not None else {}
    other = {identity for identity, told in here.items() if before.get(identity) != told}
    rows = [*sorted(other), *sorted(before.keys() - here.keys())]

    def show(identity: str) -> Json:
        if identity not in here:
            return {"id": identity, "@removed": {"reason": "changed"}}
        return _shown(world, request, world.tenant.people[identity])

    page = _PAGES.cut(request, rows, show, request.number("$top", _USUAL))
    if _PAGES.link not in page:
        world.rounds.append(here)
        names = quote(request.query.get("$select", "id"), safe=",")
        link = f"$select={names}&$deltatoken={len(world.rounds) - 1}"
        page["@odata.deltaLink"] = f"{request.origin}{request.raw_path}?{link}"
    return Reply(200, {"@odata.context": _context("users"), **page})


def _fingerprint(person: Person) -> int:
    """Return a number that changes with anything the directory tells of a user."""
    return hash((repr(directory.user(person)), person.manager_id))


def _manager(world: World, request: Request, match: re.Match[str]) -> Reply:
    person = world.person_named.get(match[1].casefold())
    manager = _manager_of(world, person) if person else None
    if manager is None:
        return error(404, "Request_ResourceNotFound", "Resource 'manager' does not exist.")
    return Reply(200, directory.typed("user", _shown(world, request, manager)))


def _manager_of(world: World, person: Person) -> Person | None:
    return world.person_named.get((person.manager_id or "").casefold())


def _shown(world: World, request: Request, person: Person) -> Json:
    """Return a user; without ``$select`` only the default members, which omit what matters."""
    row = directory.user(person) | licences.held(world, person)
    if "$select" in request.query:
        shown = selected(row, request.query)
    else:
        shown = {name: value for name, value in row.items() if name in directory.DEFAULTS}
    expanded = request.query.get("$expand", "")
    if expanded.startswith("manager"):
        manager = _manager_of(world, person)
        if manager is not None:  # who has none has no such member at all
            told = directory.user(manager)
            wanted = _MANAGER_SELECT.match(expanded)
            names = wanted[1].split(",") if wanted else list(directory.DEFAULTS)
            shown["manager"] = directory.typed("user", {n: told[n] for n in names if n in told})
    return shown


def _deleted(world: World, request: Request, match: re.Match[str]) -> Reply:
    del match
    rows = [directory.deleted_user(p) for p in _recycled(world)]
    return _plain(request, rows, "directoryObjects/$/Microsoft.DirectoryServices.User")


def _recycled(world: World) -> list[Person]:
    now = world.tenant.now
    people = world.tenant.people.values()
    return [p for p in people if p.deleted is not None and now - p.deleted < _RECYCLED]


def _groups(world: World, request: Request, match: re.Match[str]) -> Reply:
    del match
    rows = [g for g in world.tenant.groups.values() if g.deleted is None]
    return _listed(request, rows, lambda g: selected(directory.group(g), request.query), "groups")


def _group(world: World, request: Request, match: re.Match[str]) -> Reply:
    group = directory.living(world, match[1])
    if group is None:
        return _missing(match[1])
    row = selected(directory.group(group), request.query)
    return Reply(200, {"@odata.context": _context("groups/$entity"), **row})


def _members(world: World, request: Request, match: re.Match[str]) -> Reply:
    group = directory.living(world, match[1])
    if group is None:
        return _missing(match[1])
    kind = match[2].casefold()
    if kind == "owners":
        owners = [world.person_named.get(i.casefold()) for i in group.owner_ids]
        found: list[Person | Group] = [p for p in owners if p is not None]
    elif kind == "members":
        found = directory.directly(world, group)
    else:
        found = directory.transitively(world, group)
    if match[3]:
        # With the cast to users, groups inside are left out and rows do not say what they are.
        people = [one for one in found if isinstance(one, Person)]
        return _listed(request, people, lambda p: _shown(world, request, p), "users")
    return _listed(request, found, lambda one: _mixed(request, one), "directoryObjects")


def _mixed(request: Request, one: Person | Group) -> Json:
    if isinstance(one, Person):
        return selected(directory.typed("user", directory.user(one)), request.query)
    return selected(directory.typed("group", directory.group(one)), request.query)


def _applications(world: World, request: Request, match: re.Match[str]) -> Reply:
    del match
    rows = [directory.application(s) for s in world.tenant.service_principals.values()]
    return _plain(request, rows, "servicePrincipals")


def _application(world: World, request: Request, match: re.Match[str]) -> Reply:
    wanted = match[1].casefold()
    for one in world.tenant.service_principals.values():
        if wanted in {one.id.casefold(), f"(appid='{one.app_id.casefold()}')"}:
            return Reply(200, selected(directory.application(one), request.query))
    return _missing(match[1])


def _by_ids(world: World, request: Request, match: re.Match[str]) -> Reply:
    """Answer for the ids that exist; the others are left out without a word."""
    del match
    asked = request.json()
    ids = asked.get("ids", [])
    if len(ids) > _IDS_AT_ONCE:
        return error(400, "Request_BadRequest", "Too many ids; at most 1000 are allowed.")
    kinds = {str(kind).casefold() for kind in asked.get("types", [])}
    rows = [row for row in (_by_id(world, str(identity)) for identity in ids) if row is not None]
    kept = [r for r in rows if not kinds or r["@odata.type"].rpartition(".")[2].casefold() in kinds]
    return Reply(200, {"@odata.context": _context("directoryObjects"), "value": kept})


def _by_id(world: World, identity: str) -> Json | None:
    if (person := world.person_named.get(identity.casefold())) is not None:
        return directory.typed("user", directory.user(person))
    if (group := directory.living(world, identity)) is not None:
        return directory.typed("group", directory.group(group))
    if (one := world.tenant.service_principals.get(identity)) is not None:
        return directory.typed("servicePrincipal", directory.application(one))
    return None


def _batch(world: World, request: Request, match: re.Match[str]) -> Reply:
    """Answer up to twenty requests, in another order than they were asked."""
    del match
    asked: list[Any] = request.json().get("requests", [])
    if len(asked) > _REQUESTS_AT_ONCE:
        return error(400, "BadRequest", "A batch has at most 20 requests.")
    told = []
    for one in reversed(asked):
        reply = _inside(world, request, one)
        headers = {"Content-Type": "application/json", **reply.headers}
        told.append(
            {"id": one["id"], "status": reply.status, "headers": headers, "body": reply.body}
        )
    return Reply(200, {"responses": told})


def _inside(world: World, request: Request, one: Json) -> Reply:
    method, parts = str(one.get("method", "GET")), urlsplit(str(one.get("url", "")))
    if method != "GET":
        world.trespasses[f"{method} inside a batch"] += 1
        return error(405, "MethodNotAllowed", "The simulated tenant cannot be written to.")
    path = f"/v1.0/{unquote(parts.path).removeprefix('/')}"
    query = dict(parse_qsl(parts.query, keep_blank_values=True))
    inner = Request(
        method, request.host, path, path, query, request.headers, b"", request.claims,
        request.origin, request.page_limit,
    )  # fmt: skip
    return request.forward(inner) if request.forward else answer(world, inner)


def _licence_details(world: World, request: Request, match: re.Match[str]) -> Reply:
    person = world.person_named.get(match[1].casefold())
    if person is None:
        return _missing(match[1])
    return _plain(request, licences.details(world, person), f"users('{person.id}')/licenseDetails")


def _subscriptions(world: World, request: Request, match: re.Match[str]) -> Reply:
    """List the products subscribed to, all on one page."""
    del match
    rows = [selected(row, request.query) for row in licences.subscriptions(world)]
    return Reply(200, {"@odata.context": _context("subscribedSkus"), "value": rows})


def _registrations(world: World, request: Request, match: re.Match[str]) -> Reply:
    del match
    return _plain(request, registrations.registrations(world), "applications")


def _listed(request: Request, rows: Sequence[Row], show: Callable[[Row], Json], kind: str) -> Reply:
    page = _PAGES.cut(request, rows, show, request.number("$top", _USUAL))
    return Reply(200, {"@odata.context": _context(kind), **page})


def _plain(request: Request, rows: Sequence[Json], kind: str) -> Reply:
    return _listed(request, rows, lambda row: selected(row, request.query), kind)


def _context(kind: str) -> str:
    return f"https://graph.microsoft.com/v1.0/$metadata#{kind}"


def _missing(name: str) -> Reply:
    text = f"Resource '{name}' does not exist or one of its queried reference-property objects are not present."
    return error(404, "Request_ResourceNotFound", text)


def _route(pattern: str, handler: Handler) -> tuple[re.Pattern[str], Handler]:
    return re.compile(rf"/v1\.0{pattern}", re.IGNORECASE), handler


_ROUTES = (
    _route(r"/users", _users),
    _route(r"/users/delta(?:\(\))?", _delta),
    _route(r"/users/([^/]+)", _user),
    _route(r"/users/([^/]+)/manager", _manager),
    _route(r"/users/([^/]+)/licenseDetails", _licence_details),
    _route(r"/directory/deletedItems/microsoft\.graph\.user", _deleted),
    _route(r"/groups", _groups),
    _route(r"/groups/([^/]+)", _group),
    _route(
        r"/groups/([^/]+)/(transitiveMembers|members|owners)(/microsoft\.graph\.user)?", _members
    ),
    _route(r"/servicePrincipals", _applications),
    _route(r"/servicePrincipals/?([^/]+)", _application),
    _route(r"/directoryObjects/getByIds", _by_ids),
    _route(r"/\$batch", _batch),
    _route(r"/subscribedSkus", _subscriptions),
    _route(r"/applications", _registrations),
)
