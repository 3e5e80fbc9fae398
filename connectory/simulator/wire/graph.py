"""The directory, as Microsoft Graph answers."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import timedelta
from urllib.parse import parse_qsl, urlsplit

from connectory.simulator.state import Group, Person, ServicePrincipal
from connectory.simulator.wire.exchange import Json, Reply, Request, error, page, seconds, selected
from connectory.simulator.wire.world import World

_RECYCLED = timedelta(days=30)
_DEFAULTS = {
    "id",
    "displayName",
    "givenName",
    "surname",
    "mail",
    "userPrincipalName",
    "jobTitle",
    "preferredLanguage",
    "mobilePhone",
    "officeLocation",
    "businessPhones",
}
Handler = Callable[[World, Request, "re.Match[str]"], Reply]


def answer(world: World, request: Request) -> Reply:
    """Answer a request to Graph."""
    for pattern, handler in _ROUTES:
        if match := pattern.fullmatch(request.path):
            return handler(world, request, match)
    return error(400, "BadRequest", f"Resource not found for the segment '{request.path}'.")


def _users(world: World, request: Request, match: re.Match[str]) -> Reply:
    del match
    people = [p for p in world.tenant.people.values() if p.deleted is None]
    top = int(request.query.get("$top", 100))
    some, following = page(request, people, min(top, 999), link="@odata.nextLink")
    return Reply(
        200,
        {
            "@odata.context": _context("users"),
            "value": [_shown(world, request, p) for p in some],
            **following,
        },
    )


def _user(world: World, request: Request, match: re.Match[str]) -> Reply:
    person = _person(world, match[1])
    return Reply(200, _shown(world, request, person)) if person else _missing(match[1])


def _manager(world: World, request: Request, match: re.Match[str]) -> Reply:
    person = _person(world, match[1])
    manager = _person(world, person.manager_id or "") if person else None
    return Reply(200, _shown(world, request, manager)) if manager else _missing("manager")


def _shown(world: World, request: Request, person: Person) -> Json:
    """Return a user; without ``$select`` only the default members, which omit what matters."""
    row = _row(person)
    if "$select" in request.query:
        shown = {"id": person.id, **selected(row, request.query)}
    else:
        shown = {name: value for name, value in row.items() if name in _DEFAULTS}
    if "manager" in request.query.get("$expand", ""):
        manager = _person(world, person.manager_id or "")
        if manager is not None:
            shown["manager"] = {"@odata.type": "#microsoft.graph.user", "id": manager.id}
    return shown


def _row(person: Person) -> Json:
    first, _, last = person.display_name.partition(" ")
    return {
        "id": person.id,
        "userPrincipalName": person.user_principal_name,
        "displayName": person.display_name,
        "givenName": first,
        "surname": last or None,
        "mail": person.mail,
        "accountEnabled": person.enabled,
        "userType": person.user_type,
        "department": person.department,
        "jobTitle": person.job_title,
        "companyName": person.company,
        "createdDateTime": seconds(person.created),
        "preferredLanguage": person.preferred_language,
        "mobilePhone": None,
        "officeLocation": None,
        "businessPhones": [],
        "assignedLicenses": [],
        "assignedPlans": [],
        "externalUserState": "Accepted" if person.user_type == "Guest" else None,
    }


def _person(world: World, identity: str) -> Person | None:
    found = world.tenant.people.get(identity)
    if found is None:
        wanted = identity.casefold()
        found = next(
            (p for p in world.tenant.people.values() if p.user_principal_name.casefold() == wanted),
            None,
        )
    return found if found and found.deleted is None else None


def _deleted(world: World, request: Request, match: re.Match[str]) -> Reply:
    del match
    now = world.tenant.now
    rows = [
        {
            "id": p.id,
            "displayName": p.display_name,
            "userPrincipalName": f"{p.id.replace('-', '')}{p.user_principal_name}",
            "mail": p.mail,
            "userType": p.user_type,
            "deletedDateTime": seconds(p.deleted),
        }
        for p in world.tenant.people.values()
        if p.deleted is not None and now - p.deleted < _RECYCLED
    ]
    return _plain(request, rows, "directoryObjects")


def _groups(world: World, request: Request, match: re.Match[str]) -> Reply:
    del match
    rows = [_group_row(g) for g in world.tenant.groups.values() if g.deleted is None]
    return _plain(request, rows, "groups")


def _group(world: World, request: Request, match: re.Match[str]) -> Reply:
    group = _living(world, match[1])
    return Reply(200, selected(_group_row(group), request.query)) if group else _missing(match[1])


def _members(world: World, request: Request, match: re.Match[str]) -> Reply:
    group = _living(world, match[1])
    if group is None:
        return _missing(match[1])
    kind = match[2].casefold()
    if kind == "owners":
        found = [p for p in (_person(world, i) for i in group.owner_ids) if p]
    elif kind == "members":
        found = [p for p in (_person(world, i) for i in group.member_ids) if p]
    else:
        found = _below(world, group)
    return _plain(request, [_row(p) for p in found], "users")


def _below(world: World, group: Group) -> list[Person]:
    entered: set[str] = set()
    people: dict[str, Person] = {}
    waiting = [group.id]
    while waiting:
        identity = waiting.pop()
        inner = _living(world, identity)
        person = world.tenant.people.get(identity)
        if inner is not None and identity not in entered:
            entered.add(identity)
            waiting += inner.member_ids
        elif person is not None and person.deleted is None:
            people[identity] = person
    return [people[identity] for identity in sorted(people)]


def _living(world: World, identity: str) -> Group | None:
    group = world.tenant.groups.get(identity)
    return group if group and group.deleted is None else None


def _group_row(group: Group) -> Json:
    return {
        "id": group.id,
        "displayName": group.display_name,
        "securityEnabled": True,
        "mailEnabled": False,
        "groupTypes": [],
    }


def _applications(world: World, request: Request, match: re.Match[str]) -> Reply:
    del match
    rows = [_application_row(s) for s in world.tenant.service_principals.values()]
    return _plain(request, rows, "servicePrincipals")


def _application(world: World, request: Request, match: re.Match[str]) -> Reply:
    wanted = match[1].casefold()
    for one in world.tenant.service_principals.values():
        if wanted in {one.id.casefold(), f"(appid='{one.app_id.casefold()}')"}:
            return Reply(200, selected(_application_row(one), request.query))
    return _missing(match[1])


def _application_row(one: ServicePrincipal) -> Json:
    return {
        "id": one.id,
        "appId": one.app_id,
        "displayName": one.display_name,
        "accountEnabled": one.enabled,
        "servicePrincipalType": "Application",
    }


def _by_ids(world: World, request: Request, match: re.Match[str]) -> Reply:
    """Answer for the ids that exist; the others are left out without a word."""
    del match
    rows: list[Json] = []
    for identity in request.json().get("ids", []):
        if (person := _person(world, identity)) is not None:
            rows.append({"@odata.type": "#microsoft.graph.user", **_row(person)})
        elif (group := _living(world, identity)) is not None:
            rows.append({"@odata.type": "#microsoft.graph.group", **_group_row(group)})
        elif (one := world.tenant.service_principals.get(identity)) is not None:
            rows.append(
                {"@odata.type": "#microsoft.graph.servicePrincipal", **_application_row(one)}
            )
    return Reply(200, {"value": rows})


def _batch(world: World, request: Request, match: re.Match[str]) -> Reply:
    """Answer up to twenty requests, in another order than they were asked."""
    del match
    asked = request.json().get("requests", [])
    if len(asked) > 20:  # noqa: PLR2004 - Graph's own bound
        return error(400, "BadRequest", "A batch has at most 20 requests.")
    replies = []
    for one in reversed(asked):
        parts = urlsplit(str(one["url"]))
        inner = Request(
            one.get("method", "GET"),
            request.host,
            f"/v1.0{parts.path}",
            f"/v1.0{parts.path}",
            dict(parse_qsl(parts.query)),
            request.headers,
            claims=request.claims,
        )
        reply = answer(world, inner)
        replies.append({"id": one["id"], "status": reply.status, "headers": {}, "body": reply.body})
    return Reply(200, {"responses": replies})


def _empty(world: World, request: Request, match: re.Match[str]) -> Reply:
    del world, request, match
    return Reply(200, {"value": []})


def _plain(request: Request, rows: Sequence[Json], kind: str) -> Reply:
    top = int(request.query.get("$top", 100))
    some, following = page(request, rows, min(top, 999), link="@odata.nextLink")
    shown = [selected(row, request.query) for row in some]
    return Reply(200, {"@odata.context": _context(kind), "value": shown, **following})


def _context(kind: str) -> str:
    return f"https://graph.microsoft.com/v1.0/$metadata#{kind}"


def _missing(name: str) -> Reply:
    return error(404, "Request_ResourceNotFound", f"Resource '{name}' does not exist.")


def _route(pattern: str, handler: Handler) -> tuple[re.Pattern[str], Handler]:
    return re.compile(rf"/v1\.0{pattern}", re.IGNORECASE), handler


_ROUTES = (
    _route(r"/users", _users),
    _route(r"/users/([^/]+)", _user),
    _route(r"/users/([^/]+)/manager", _manager),
    _route(r"/users/[^/]+/licenseDetails", _empty),
    _route(r"/directory/deletedItems/microsoft\.graph\.user", _deleted),
    _route(r"/groups", _groups),
    _route(r"/groups/([^/]+)", _group),
    _route(
        r"/groups/([^/]+)/(transitiveMembers|members|owners)(?:/microsoft\.graph\.user)?", _members
    ),
    _route(r"/servicePrincipals", _applications),
    _route(r"/servicePrincipals/?([^/]+)", _application),
    _route(r"/directoryObjects/getByIds", _by_ids),
    _route(r"/\$batch", _batch),
    _route(r"/(?:subscribedSkus|applications)", _empty),
)
