"""Single things that happen to a tenant, by name: what tests ask for, one at a time.

Each story changes the state at the tenant's present clock and fails loudly when what it names is
not there.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

from connectory.simulator.audit import doer, note
from connectory.simulator.drift_edits import digest
from connectory.simulator.drift_facts import Edit
from connectory.simulator.openapi import define
from connectory.simulator.state import (
    Connector,
    Dataverse,
    Environment,
    Permission,
    Person,
    Tenant,
)


class StoryError(ValueError):
    """A story names something the tenant does not have, or lacks an argument."""


def delete_connector(tenant: Tenant, environment: str, name: str) -> None:
    """Delete a connector from every list of its environment.

    Raises:
        StoryError: no such connector exists there.
    """
    connector = _connector(tenant, environment, name, deleted=False)
    connector.deleted = tenant.now
    note(tenant, tenant.now, "deleted", connector)


def restore_connector(tenant: Tenant, environment: str, name: str) -> None:
    """Bring back a connector that `delete_connector` deleted, unchanged.

    Raises:
        StoryError: no such connector was deleted there.
    """
    _connector(tenant, environment, name, deleted=True).deleted = None


def delete_runtime(tenant: Tenant, environment: str, name: str) -> None:
    """Delete what runs of a connector, while its row stays in Dataverse.

    Raises:
        StoryError: no such connector exists there, or it has no row.
    """
    connector = _connector(tenant, environment, name, deleted=False)
    if connector.dataverse is None:
        raise StoryError(f"connector {name!r} has no row in Dataverse")
    connector.runtime_deleted = tenant.now
    connector.in_admin_list = connector.in_connectivity = False


def hide_connector(tenant: Tenant, environment: str, name: str, source: str) -> None:
    """Leave a connector out of one list, admin or connectivity, that showed it.

    Raises:
        StoryError: no such connector exists there, or no such list.
    """
    connector = _connector(tenant, environment, name, deleted=False)
    match source:
        case "admin":
            connector.in_admin_list = False
        case "connectivity":
            connector.in_connectivity = False
        case _:
            raise StoryError(f"no list {source!r} to hide from; admin or connectivity")


def add_twin(tenant: Tenant, environment: str, name: str) -> None:
    """Add a connector whose name differs from another's by a dot in place of a dash only.

    Raises:
        StoryError: no such connector exists there.
    """
    one = _connector(tenant, environment, name, deleted=False)
    spelled = (one.name or "").replace("-5f", ".5f")
    tenant.connectors.append(replace(one, name=spelled, dataverse=None, permissions=[]))


def rename_connector(tenant: Tenant, environment: str, name: str, display_name: str) -> None:
    """Give a connector another display name; its runtime name stays.

    Raises:
        StoryError: no such connector exists there.
    """
    connector = _connector(tenant, environment, name, deleted=False)
    connector.display_name, connector.changed = display_name, tenant.now


def replace_definition(tenant: Tenant, environment: str, name: str, content: bytes) -> None:
    """Upload another definition for a connector, byte for byte, readable or not.

    Raises:
        StoryError: no such connector exists there.
    """
    connector = _connector(tenant, environment, name, deleted=False)
    before, actor = digest(connector.definition), doer(tenant, connector)
    connector.definition, connector.changed = define(content), tenant.now
    # Nobody planted what differs now.
    connector.planted = None
    after = digest(connector.definition)
    connector.edits.append(Edit(tenant.now, None, actor, before, after))
    note(tenant, tenant.now, "edited", connector)


def change_owner(tenant: Tenant, environment: str, name: str, person: str) -> None:
    """Make a person the only owner of a connector.

    Raises:
        StoryError: no such connector exists there, or nobody has that id.
    """
    connector = _connector(tenant, environment, name, deleted=False)
    owner = _person(tenant, person).id
    others = [p for p in connector.permissions if p.role != "Owner" and p.principal_id != owner]
    connector.permissions = [Permission(owner, "Owner", "User", owner), *others]


def deny_environment(tenant: Tenant, environment: str) -> None:
    """Make every admin call for an environment answer that access is denied.

    Raises:
        StoryError: the tenant has no such environment.
    """
    _environment(tenant, environment).admin_readable = False


def allow_environment(tenant: Tenant, environment: str) -> None:
    """Let admin calls for an environment through again.

    Raises:
        StoryError: the tenant has no such environment.
    """
    _environment(tenant, environment).admin_readable = True


def delete_environment(tenant: Tenant, environment: str) -> None:
    """Delete an environment softly, with everything in it.

    Raises:
        StoryError: the tenant has no such environment.
    """
    _environment(tenant, environment).deleted = tenant.now


def restore_environment(tenant: Tenant, environment: str) -> None:
    """Recover a deleted environment with everything that was in it.

    Raises:
        StoryError: the tenant has no such environment.
    """
    _environment(tenant, environment).deleted = None


def revoke_application_user(tenant: Tenant, environment: str) -> None:
    """Remove the collector's application user from an environment's Dataverse.

    Raises:
        StoryError: the tenant has no such environment, or it has no Dataverse.
    """
    _dataverse(tenant, environment).application_user = False


def grant_application_user(tenant: Tenant, environment: str) -> None:
    """Add the collector as application user to an environment's Dataverse.

    Raises:
        StoryError: the tenant has no such environment, or it has no Dataverse.
    """
    _dataverse(tenant, environment).application_user = True


def remove_person(tenant: Tenant, person: str) -> None:
    """Delete a person from the directory; what they own stays theirs.

    Raises:
        StoryError: nobody has that id.
    """
    leaver = _person(tenant, person)
    leaver.deleted, leaver.enabled = tenant.now, False


def disable_person(tenant: Tenant, person: str) -> None:
    """Block a person's sign-in.

    Raises:
        StoryError: nobody has that id.
    """
    _person(tenant, person).enabled = False


def rename_action(tenant: Tenant, flow: str, action: str, to: str) -> None:
    """Rename an action of a flow, or give its name to another of its actions: they swap then.

    Raises:
        StoryError: no such flow exists, or it has no such action.
    """
    found = [one for one in tenant.flows if one.name == flow and one.deleted is None]
    calls = [call for one in found for call in one.calls if call.action == action]
    if not calls:
        raise StoryError(f"no flow {flow!r} with an action {action!r}")
    for other in found[0].calls:
        if other.action == to:
            other.action = action
    calls[0].action, found[0].modified = to, tenant.now


def _environment(tenant: Tenant, name: str) -> Environment:
    if name not in tenant.environments:
        raise StoryError(f"the tenant has no environment {name!r}")
    return tenant.environments[name]


def _dataverse(tenant: Tenant, name: str) -> Dataverse:
    database = _environment(tenant, name).dataverse
    if database is None:
        raise StoryError(f"environment {name!r} has no Dataverse")
    return database


def _person(tenant: Tenant, person: str) -> Person:
    if person not in tenant.people:
        raise StoryError(f"nobody in the directory has the id {person!r}")
    return tenant.people[person]


def _connector(tenant: Tenant, environment: str, name: str, *, deleted: bool) -> Connector:
    for connector in tenant.connectors:
        row = connector.dataverse
        known_as = {connector.name, row.connector_id if row else None}
        if (
            connector.environment == environment
            and name in known_as
            and (connector.deleted is not None) is deleted
        ):
            return connector
    state = "deleted connector" if deleted else "connector"
    raise StoryError(f"environment {environment!r} has no {state} {name!r}")


def _spoken(act: Callable[..., None], *parameters: str) -> Story:
    """Wrap a function so that it takes its arguments by name, as text."""

    def story(tenant: Tenant, arguments: Mapping[str, str]) -> None:
        unknown = sorted(set(arguments) ^ set(parameters))
        if unknown:
            raise StoryError(f"arguments are {', '.join(parameters)}; check {', '.join(unknown)}")
        act(tenant, *(_decoded(name, arguments[name]) for name in parameters))

    return story


def _decoded(name: str, value: str) -> str | bytes:
    """Return an argument as its function takes it; `content` travels as base64."""
    if name != "content":
        return value
    try:
        return base64.b64decode(value, validate=True)
    except binascii.Error as error:
        raise StoryError("content is not base64") from error


Story = Callable[[Tenant, Mapping[str, str]], None]

STORIES: Final[dict[str, Story]] = {
    "delete_connector": _spoken(delete_connector, "environment", "name"),
    "restore_connector": _spoken(restore_connector, "environment", "name"),
    "delete_runtime": _spoken(delete_runtime, "environment", "name"),
    "hide_connector": _spoken(hide_connector, "environment", "name", "source"),
    "add_twin": _spoken(add_twin, "environment", "name"),
    "rename_connector": _spoken(rename_connector, "environment", "name", "display_name"),
    "replace_definition": _spoken(replace_definition, "environment", "name", "content"),
    "change_owner": _spoken(change_owner, "environment", "name", "person"),
    "deny_environment": _spoken(deny_environment, "environment"),
    "allow_environment": _spoken(allow_environment, "environment"),
    "delete_environment": _spoken(delete_environment, "environment"),
    "restore_environment": _spoken(restore_environment, "environment"),
    "revoke_application_user": _spoken(revoke_application_user, "environment"),
    "grant_application_user": _spoken(grant_application_user, "environment"),
    "remove_person": _spoken(remove_person, "person"),
    "disable_person": _spoken(disable_person, "person"),
    "rename_action": _spoken(rename_action, "flow", "action", "to"),
}
"""Every story by name; `name` of a connector is its runtime name or its Dataverse id."""
