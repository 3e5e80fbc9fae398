"""People of the directory: users and guests with their managers, deleted users, applications.

Groups are read after the permissions that name them (collectors/group_members.py).
Source: Microsoft Graph v1.0; its default properties omit what matters here, hence ``$select``.
"""

from __future__ import annotations

from typing import Any

from collectors.api.paging import ODataNextLink
from collectors.contract import Collector, StepContext
from collectors.nouns import PRINCIPALS
from collectors.store import Kept
from connectory.domain.identity import parse_time

_USER = (
    "id,userPrincipalName,displayName,mail,accountEnabled,userType,department,jobTitle,"
    "companyName,createdDateTime,preferredLanguage"
)
_DELETED = "id,displayName,userPrincipalName,mail,userType,deletedDateTime"
_APPLICATION = "id,appId,displayName,accountEnabled"


def collect(step: StepContext) -> None:
    """Read users and guests, then deleted users, then service principals."""
    users = {"$select": _USER, "$expand": "manager($select=id)", "$top": "999"}
    _read(step, "users", "/v1.0/users", users, user)
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
        for page in step.api.pages("graph", path, parameters, pager=ODataNextLink()):
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
