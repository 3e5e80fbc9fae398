"""What is true of who owns each connector: read off the state, by no rule but the words themselves."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from connectory.simulator.state import Connector, Json, Permission, Tenant

_BEST_FIRST: Final = (
    ("group", "group_owned"),
    ("guest", "guest_owner"),
    ("application", "service_principal_owner"),
    ("everyone", "owned"),
    ("empty group", "empty_group"),
    ("disabled", "disabled_owner"),
    ("left", "departed_owner"),
)
"""What a connector without a member of the tenant as owner is called after."""
_CANNOT: Final = frozenset({"left", "disabled", "empty group"})
_GROUPS: Final = frozenset({"group", "empty group"})


def owner_verdicts(tenant: Tenant, connectors: Sequence[Connector]) -> list[Json]:
    """Return who owns each connector, in one word and by name.

    `state` is what is true. `readable` tells whether an honest reader can know it from the
    administrators' list and the directory; of what is not readable, they know nothing. `rests_on`
    are the owners after whom the state is named; `owners` and `editors` count who can act, a group
    once, `members` the people in working order in the groups that own it.
    """
    rows = (verdict(tenant, connector) for connector in connectors)
    return sorted(rows, key=lambda row: (row["environment_id"], str(row["connector"])))


def planted(tenant: Tenant) -> list[Json]:
    """Return the connectors made to show one thing, as they were planted."""
    return sorted(
        (
            {
                "case": one.case,
                "environment_id": one.environment,
                "connector": one.name,
                "state": one.state,
                "owners": one.owners,
                "editors": one.editors,
                "members": one.members,
                "use": one.use,
            }
            for one in tenant.owning.planted.values()
        ),
        key=lambda row: str(row["case"]),
    )


def verdict(tenant: Tenant, connector: Connector) -> Json:
    """Return who owns one connector."""
    home = tenant.environments[connector.environment]
    listed = connector.in_admin_list and connector.runtime_deleted is None
    owners = [held for held in connector.permissions if held.role == "Owner"]
    kinds = {held.name: condition(tenant, held) for held in owners}
    acting = [held for held in owners if acts(tenant, held)]
    holders = {held.principal_id for held in owners}
    editors = {
        held.principal_id
        for held in connector.permissions
        if held.role == "CanEdit" and held.principal_id not in holders and acts(tenant, held)
    }
    state, after = "nobody", ""
    if "member" in kinds.values():
        state = "owned" if len(acting) + len(editors) > 1 else "sole_owner"
        after = "member"
    elif owners:
        after, state = next(pair for pair in _BEST_FIRST if pair[0] in kinds.values())
    groups = [str(held.principal_id) for held in owners if kinds[held.name] in _GROUPS]
    return {
        "environment_id": connector.environment,
        "connector": connector.name,
        "dataverse_id": connector.dataverse.connector_id if connector.dataverse else None,
        "readable": connector.name is not None and listed and home.admin_readable,
        "state": state,
        "rests_on": [held.principal_id for held in owners if kinds[held.name] == after],
        "owners": len(acting),
        "editors": len(editors),
        "members": len(working_members(tenant, groups)) if groups else None,
    }


def condition(tenant: Tenant, held: Permission) -> str:
    """Return what the holder of a role is now: member, guest, group, application, everyone.

    Or why it can do nothing: left, disabled, or an empty group, in which nobody works.
    """
    identity = held.principal_id or ""
    match held.principal_type:
        case "Tenant":
            return "everyone"
        case "Group":
            group = tenant.groups.get(identity)
            if group is None or group.deleted is not None:
                return "left"
            return "group" if working_members(tenant, [identity]) else "empty group"
        case "ServicePrincipal":
            found = tenant.service_principals.get(identity)
            return "left" if found is None else "application" if found.enabled else "disabled"
        case _:
            return _person(tenant, identity)


def acts(tenant: Tenant, held: Permission) -> bool:
    """Tell whether the holder of a role can do anything with it."""
    return condition(tenant, held) not in _CANNOT


def _person(tenant: Tenant, identity: str) -> str:
    person = tenant.people.get(identity)
    if person is None or person.deleted is not None:
        return "left"
    if not person.enabled:
        return "disabled"
    return "guest" if person.user_type == "Guest" else "member"


def working_members(tenant: Tenant, groups: Iterable[str]) -> set[str]:
    """Return the people in working order below groups, however deep; circles end."""
    found: set[str] = set()
    ahead, seen = list(groups), set[str]()
    while ahead:
        identity = ahead.pop()
        if identity in seen:
            continue
        seen.add(identity)
        group, person = tenant.groups.get(identity), tenant.people.get(identity)
        if group is not None and group.deleted is None:
            ahead += group.member_ids
        elif person is not None and person.deleted is None and person.enabled:
            found.add(identity)
    return found
