"""People, groups and applications as rows of the directory."""

from __future__ import annotations

from typing import Final

from connectory.simulator.state import Group, Person, ServicePrincipal
from connectory.simulator.wire import registrations
from connectory.simulator.wire.exchange import Json, seconds
from connectory.simulator.wire.world import World

DEFAULTS: Final = frozenset(
    {
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
)
"""What the directory tells of a user to whom it is not asked by name: not whether it is enabled."""


def user(person: Person) -> Json:
    """Return every member of a user."""
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
        "externalUserState": "Accepted" if person.user_type == "Guest" else None,
    }


def deleted_user(person: Person) -> Json:
    """Return a user in the recycle bin, whose principal name is prefixed with the object id."""
    return {
        "id": person.id,
        "displayName": person.display_name,
        "userPrincipalName": f"{person.id.replace('-', '')}{person.user_principal_name}",
        "mail": person.mail,
        "userType": person.user_type,
        "accountEnabled": False,
        "deletedDateTime": seconds(person.deleted),
    }


def group(one: Group) -> Json:
    """Return a security group, or a Microsoft 365 group that takes mail."""
    return {
        "id": one.id,
        "displayName": one.display_name,
        "description": None,
        "securityEnabled": True,
        "mail": one.mail,
        "mailEnabled": one.mail is not None,
        "mailNickname": (one.mail or one.id[:8]).partition("@")[0],
        "groupTypes": ["Unified"] if one.mail else [],
    }


def application(one: ServicePrincipal) -> Json:
    """Return an enterprise application."""
    return {
        "id": one.id,
        "appId": one.app_id,
        "displayName": one.display_name,
        "accountEnabled": one.enabled,
        "servicePrincipalType": "Application",
        "appOwnerOrganizationId": None,
        **registrations.credentials(one.credentials),
    }


def typed(kind: str, row: Json) -> Json:
    """Return a row that says what it is, as rows of mixed lists do."""
    return {"@odata.type": f"#microsoft.graph.{kind}", **row}


def living(world: World, identity: str) -> Group | None:
    """Return a group that exists now."""
    found = world.tenant.groups.get(identity)
    return found if found and found.deleted is None else None


def directly(world: World, one: Group) -> list[Person | Group]:
    """Return the members of a group, groups among them."""
    found = [living(world, i) or world.person_named.get(i.casefold()) for i in one.member_ids]
    return [member for member in found if member is not None]


def transitively(world: World, one: Group) -> list[Person | Group]:
    """Return who is in a group directly or through other groups, each once; loops end."""
    entered = {one.id}
    found: dict[str, Person | Group] = {}
    waiting = [one]
    while waiting:
        for member in directly(world, waiting.pop()):
            found[member.id] = member
            if isinstance(member, Group) and member.id not in entered:
                entered.add(member.id)
                waiting.append(member)
    found.pop(one.id, None)
    return [found[identity] for identity in sorted(found)]
