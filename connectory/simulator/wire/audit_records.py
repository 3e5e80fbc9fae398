"""Records of the audit log as they are written, in the words of two generations.

Connectors and connections are told by the newer one, as pairs of name and value; flows and apps by
the older, with a document inside a string.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

import orjson

from connectory.simulator.audit import AuditRecord
from connectory.simulator.wire.exchange import Json
from connectory.simulator.wire.world import World, derived

_NEWER: Final = {
    ("connector", "created"): "PutApi",
    ("connector", "edited"): "PatchApi",
    ("connector", "deleted"): "DeleteApi",
    ("connector", "shared"): "PutApiRoleAssignment",
    ("connector", "unshared"): "DeleteApiRoleAssignment",
    ("connection", "created"): "PutConnection",
    ("connection", "edited"): "PatchConnection",
    ("connection", "deleted"): "DeleteConnection",
}
_OLDER: Final = {
    ("flow", "created"): "CreateFlow",
    ("flow", "edited"): "EditFlow",
    ("flow", "deleted"): "DeleteFlow",
    ("app", "created"): "CreatePowerApp",
    ("app", "edited"): "PublishPowerApp",
    ("app", "deleted"): "DeletePowerApp",
    ("app", "launched"): "LaunchPowerApp",
}
_ENVIRONMENT: Final = "/providers/Microsoft.BusinessAppPlatform/environments/"
_PREFIX: Final = "powerplatform.analytics"


def told(world: World, record: AuditRecord) -> Json:
    """Return a record as the log hands it out; its time has no zone and means UTC."""
    what = (record.noun, record.action)
    row: Json = {
        "CreationTime": record.at.strftime("%Y-%m-%dT%H:%M:%S"),
        "Id": record.id,
        "Operation": _NEWER.get(what) or _OLDER[what],
        "OrganizationId": world.tenant.id,
        "ResultStatus": "Succeeded",
        "UserKey": derived("user key", record.actor)[:16],
        "UserType": 0,
        "UserId": _actor(world, record.actor),
        "ClientIP": "::ffff:203.0.113.9",
        "Version": 1,
    }
    if what in _NEWER:
        return row | _newer(record, str(row["Operation"]), str(row["UserId"]))
    return row | _older(record)


def _newer(record: AuditRecord, operation: str, actor: str) -> Json:
    named = {
        f"{_PREFIX}.activity.name": operation,
        f"{_PREFIX}.resource.environment.id": record.environment,
        f"{_PREFIX}.resource.{record.noun}.id": record.target,
        "enduser.principal_name": actor,
        f"{_PREFIX}.operation.is_successful": "true",
    }
    # Of a connection that is deleted, the log no longer tells what it led to.
    if record.connector and record.action != "deleted":
        named[f"{_PREFIX}.resource.connector.id"] = record.connector
    return {
        "RecordType": 256,
        "Workload": "PowerPlatform",
        "EnvironmentId": f"{_ENVIRONMENT}{record.environment}",
        "PropertyCollection": [{"Name": name, "Value": value} for name, value in named.items()],
    }


def _older(record: AuditRecord) -> Json:
    flow = record.noun == "flow"
    more = {"EnvironmentName": record.environment, "ActionName": record.action}
    return {
        "RecordType": 30 if flow else 45,
        "Workload": "MicrosoftFlow" if flow else "PowerApps",
        "ObjectId": record.target,
        "AdditionalInfo": orjson.dumps(more).decode(),
    }


def _actor(world: World, identity: str) -> str:
    """Return how the log names who acted: people by sign-in name, applications by client id."""
    person = world.tenant.people.get(identity)
    if person is not None:
        return person.user_principal_name
    robot = world.tenant.service_principals.get(identity)
    return f"ServicePrincipal_{robot.app_id}" if robot else identity


def noise(world: World, made: datetime) -> list[Json]:
    """Return what else is in a blob: mail, and an activity of the platform that nobody has named."""
    frame: Json = {
        "CreationTime": made.strftime("%Y-%m-%dT%H:%M:%S"),
        "OrganizationId": world.tenant.id,
        "ResultStatus": "Succeeded",
        "UserKey": "10032001A2B3C4D5",
        "UserType": 0,
        "UserId": f"somebody@{world.tenant.domain}",
    }
    stamped = made.isoformat()
    return [
        frame
        | {
            "Id": derived("mail", stamped),
            "RecordType": 2,
            "Operation": "MailItemsAccessed",
            "Workload": "Exchange",
        },
        frame
        | {
            "Id": derived("capacity", stamped),
            "RecordType": 256,
            "Operation": "CurrencyEnvironmentAllocate",
            "Workload": "PowerPlatform",
            "PropertyCollection": [],
        },
    ]
