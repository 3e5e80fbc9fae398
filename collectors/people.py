"""People of the directory: users and guests with their managers, deleted users, applications.

Groups are read after the permissions that name them (collectors/group_members.py).
Source: Microsoft Graph v1.0; its default properties omit what matters here, hence ``$select``.
"""

from __future__ import annotations

from typing import Any

from collectors.api.errors import ApiError, NotFound
from collectors.api.paging import ODataNextLink
from collectors.contract import Collector, SourceReading, StepContext
from collectors.nouns import PRINCIPALS
from collectors.people_changes import Changes, begin, bookmark, changed_since, listed
from collectors.records import Shape, sound
from collectors.store import Kept
from connectory.domain.identity import parse_time

_USER = (
    "id,userPrincipalName,displayName,mail,accountEnabled,userType,department,jobTitle,"
    "companyName,createdDateTime,preferredLanguage"
)
_PAGE = 999
_USERS = {"$select": _USER, "$expand": "manager($select=id)", "$top": str(_PAGE)}
_PERSON = Shape(texts=("id",), may_be_objects=("manager",))
_WORTH_IT = 2
"""Requests that a listing takes beside its pages."""
_DELETED = "id,displayName,userPrincipalName,mail,userType,deletedDateTime"
_APPLICATION = "id,appId,displayName,accountEnabled"


def collect(step: StepContext) -> None:
    """Read users and guests, then deleted users, then service principals."""
    _users(step)
    deleted = {"$select": _DELETED, "$top": "999"}
    _read(
        step,
        "deleted_users",
        "/v1.0/directory/deletedItems/microsoft.graph.user",
        deleted,
        deleted_user,
        presence="gone",
    )
    applications = {"$select": _APPLICATION, "$top": "999"}
    _read(step, "service_principals", "/v1.0/servicePrincipals", applications, service_principal)


def _users(step: StepContext) -> None:
    """Read who changed since everybody was listed, or list everybody where that costs less."""
    with step.reading("users") as source:
        known = bookmark(step)
        told = changed_since(step, known) if known else None
        before = listed(step, "users")
        if told is not None and len(told.changed) <= before / _PAGE + _WORTH_IT:
            following = told.following
            if not _read_changed(step, source, told):
                return
            source.spared += max(0, before - len(told.changed | told.went))
        else:
            following = begin(step)
            pages = step.api.pages("graph", "/v1.0/users", _USERS, pager=ODataNextLink())
            for page in sound(source, pages, _PERSON):
                step.store.keep(PRINCIPALS, [user(record) for record in page], source="users")
                source.rows += len(page)
        if following and source.outcome == "complete":
            step.watermark = str(following)


def _read_changed(step: StepContext, source: SourceReading, told: Changes) -> bool:
    """Read those who changed; all others were seen, those who went were not."""
    kept: list[Kept] = []
    went = set(told.went)
    read = step.read_each(lambda key: _one(step, key), sorted(told.changed))
    for key, result in (pair for batch in read for pair in batch):
        if isinstance(result, NotFound):
            went.add(key)
        elif isinstance(result, ApiError):
            source.falls_short(f"{key}: {result}")
        else:
            kept.append(user(result))
    with step.store.together() as connection:
        step.store.keep(PRINCIPALS, kept, source="users")
        if source.outcome == "complete":
            step.store.ledger(connection).resight(PRINCIPALS, "users", but=sorted(went))
    source.rows += len(kept)
    return source.outcome == "complete"


def _one(step: StepContext, key: str) -> dict[str, Any]:
    parameters = {name: value for name, value in _USERS.items() if name != "$top"}
    found: dict[str, Any] = step.api.get_json("graph", f"/v1.0/users/{key}", parameters)
    return found


def _read(
    step: StepContext,
    name: str,
    path: str,
    parameters: dict[str, str],
    parse: Any,
    presence: str = "present",
) -> None:
    reason = "deleted" if presence == "gone" else None
    with step.reading(name) as source:
        pages = step.api.pages("graph", path, parameters, pager=ODataNextLink())
        for page in sound(source, pages, _PERSON):
            kept = [parse(record) for record in page]
            step.store.keep(PRINCIPALS, kept, source=name, presence=presence, reason=reason)
            source.rows += len(kept)


def user(record: dict[str, Any]) -> Kept:
    """Return a user or guest."""
    manager = record.get("manager") or {}
    return Kept(
        record["id"].casefold(),
        {
            "kind": "guest" if record.get("userType") == "Guest" else "user",
            "display_name": record.get("displayName"),
            "user_principal_name": record.get("userPrincipalName"),
            "mail": record.get("mail"),
            "enabled": record.get("accountEnabled"),
            "department": record.get("department"),
            "job_title": record.get("jobTitle"),
            "company": record.get("companyName"),
            "manager_key": manager["id"].casefold() if manager.get("id") else None,
            "preferred_language": record.get("preferredLanguage"),
            "created_at": parse_time(record.get("createdDateTime")),
            "deleted_at": None,
        },
    )


def deleted_user(record: dict[str, Any]) -> Kept:
    """Return a deleted user.

    The directory puts the object id, without dashes, before the sign-in name of a deleted user;
    the name people knew is what is kept.
    """
    name = record.get("userPrincipalName")
    if name:
        name = name.removeprefix(record["id"].replace("-", ""))
    return Kept(
        record["id"].casefold(),
        {
            "kind": "guest" if record.get("userType") == "Guest" else "user",
            "display_name": record.get("displayName"),
            "user_principal_name": name,
            "mail": record.get("mail"),
            "enabled": False,
            "deleted_at": parse_time(record.get("deletedDateTime")),
        },
    )


def service_principal(record: dict[str, Any]) -> Kept:
    """Return a service principal; its object id is its identity, its client id a fact."""
    return Kept(
        record["id"].casefold(),
        {
            "kind": "service_principal",
            "display_name": record.get("displayName"),
            "enabled": record.get("accountEnabled"),
            "application_id": record.get("appId"),
        },
    )


COLLECTOR = Collector(
    "people",
    "tenant",
    collect,
    retires=(PRINCIPALS,),
    presence_sources=("users", "deleted_users", "service_principals"),
)
