"""Records of the audit log, as both of their generations write them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from connectory.domain.audit import read_queried, read_record

NEWER: dict[str, Any] = {
    "CreationTime": "2026-11-01T09:10:11",
    "Id": "5C0E2D0A-1F0B-4C55-8A4E-2E6B9A7D1C11",
    "Operation": "PutConnection",
    "OrganizationId": "t1",
    "RecordType": 256,
    "ResultStatus": "Succeeded",
    "UserKey": "10030000A1B2C3D4",
    "UserType": 2,
    "UserId": "Ann@Example.org",
    "Workload": "PowerPlatform",
    "ClientIP": "::ffff:203.0.113.9",
    "EnvironmentId": "/providers/Microsoft.BusinessAppPlatform/environments/Default-T1",
    "PropertyCollection": [
        {"Name": "powerplatform.analytics.activity.name", "Value": "PutConnection"},
        {"Name": "powerplatform.analytics.resource.environment.id", "Value": "Default-T1"},
        {"Name": "powerplatform.analytics.resource.connection.id", "Value": "shared-my-1"},
        {"Name": "enduser.principal_name", "Value": "ann@example.org"},
        {"Name": "powerplatform.analytics.operation.is_successful", "Value": "true"},
    ],
}
OLDER: dict[str, Any] = {
    "CreationTime": "2026-11-01T09:10:11",
    "Id": "1",
    "Operation": "LaunchPowerApp",
    "RecordType": 45,
    "UserId": "ServicePrincipal_0B1C",
    "ObjectId": "A1",
    "AdditionalInfo": json.dumps({"EnvironmentName": "E1", "ActionName": "launched"}),
}


def test_a_record_of_pairs_is_read() -> None:
    """The newer generation tells everything as pairs of name and value."""
    event = read_record(NEWER)

    assert event is not None
    assert event.id == "5c0e2d0a-1f0b-4c55-8a4e-2e6b9a7d1c11"
    assert event.at.isoformat() == "2026-11-01T09:10:11+00:00"
    assert (event.noun, event.action, event.target_key) == ("connection", "saved", "shared-my-1")
    assert event.environment_key == "default-t1"
    assert event.connector_key is None
    assert event.actor == "ann@example.org"
    assert event.succeeded is True


def test_pairs_may_be_a_document_inside_a_string() -> None:
    """Where the pairs are written as JSON text, they mean the same."""
    pairs = {pair["Name"]: pair["Value"] for pair in NEWER["PropertyCollection"]}
    written = {**NEWER, "JsonPropertiesCollection": json.dumps(pairs)}
    del written["PropertyCollection"]

    assert read_record(written) == read_record(NEWER)


def test_a_record_of_the_older_generation_is_read() -> None:
    """The older one tells its object at the top and its environment inside a string."""
    event = read_record(OLDER)

    assert event is not None
    assert (event.noun, event.action, event.target_key) == ("app", "launched", "a1")
    assert event.environment_key == "e1"
    assert event.actor == "0b1c"
    assert event.succeeded is None


@pytest.mark.parametrize(
    ("operation", "noun", "action"),
    [
        ("PutApi", "connector", "saved"),
        ("PatchApi", "connector", "edited"),
        ("DeleteApi", "connector", "deleted"),
        ("Deleted API", "connector", "deleted"),
        ("Removed API permission", "connector", "unshared"),
        ("PutApiRoleAssignment", "connector", "shared"),
        ("MakeApiSolutionAware", "connector", "other"),
        ("CreateConnector", "connector", "created"),
        ("Deleted connection", "connection", "deleted"),
        ("Added connection permission", "connection", "shared"),
        ("DeleteFlow", "flow", "deleted"),
        ("PublishPowerApp", "app", "edited"),
        ("GovernanceApiPolicyOperation", "connector", "other"),
        ("CurrencyEnvironmentAllocate", None, "other"),
    ],
)
def test_activities_are_known_by_the_words_of_their_names(
    operation: str, noun: str | None, action: str
) -> None:
    """No list of names is published; what no rule knows stays other."""
    event = read_record({**NEWER, "Operation": operation})

    assert event is not None
    assert (event.noun, event.action) == (noun, action)


def test_a_failed_activity_is_told_from_one_that_was_done() -> None:
    """An attempt that failed changed nothing."""
    event = read_record({**OLDER, "ResultStatus": "Failed"})

    assert event is not None
    assert event.succeeded is False


def test_records_of_other_services_say_nothing() -> None:
    """Mail and files are none of our business."""
    assert read_record({**OLDER, "RecordType": 2, "Operation": "MailItemsAccessed"}) is None


@pytest.mark.parametrize(
    "odd",
    [
        {"AdditionalInfo": "{", "PropertyCollection": [None, 3, {"Value": "x"}]},
        {"AdditionalInfo": "[" * 100_000, "PropertyCollection": "text"},
        {"PropertyCollection": [{"Name": None, "Value": {"deep": []}}]},
    ],
)
def test_odd_details_are_passed_over(odd: dict[str, Any]) -> None:
    """What cannot be read inside a record leaves the rest of it readable."""
    event = read_record({**OLDER, **odd})

    assert event is not None
    assert event.target_key == "a1"


def test_a_record_without_a_time_is_refused() -> None:
    """A record lacks nothing that every record has."""
    with pytest.raises(ValueError, match="no time"):
        read_record({**OLDER, "CreationTime": "yesterday"})
    with pytest.raises(KeyError):
        read_record({"RecordType": 256})


INSIDE = {
    "CreationTime": "2026-11-01T09:12:40",
    "Id": "C2E8",
    "Operation": "LaunchPowerApp",
    "RecordType": 45,
    "UserId": "ann@halyard.example",
    "ObjectId": "App-1",
    "AdditionalInfo": '{"EnvironmentName":"Default-1"}',
}
OUTSIDE = {
    "id": "c2e8",
    "createdDateTime": "2026-11-01T09:12:40Z",
    "operation": "LaunchPowerApp",
    "auditLogRecordType": "powerAppsApp",
}


@pytest.mark.parametrize(
    "row",
    [
        OUTSIDE | {"auditData": INSIDE},
        OUTSIDE | {"auditData": {name[0].lower() + name[1:]: v for name, v in INSIDE.items()}},
        OUTSIDE | {"auditData": {n: v for n, v in INSIDE.items() if n not in {"Id", "RecordType"}}},
        OUTSIDE | {"auditData": INSIDE | {"RecordType": "PowerAppsApp"}},
        OUTSIDE | {"auditData": INSIDE | {"RecordType": "45"}},
    ],
)
def test_a_record_that_was_asked_for_says_the_same(row: dict[str, Any]) -> None:
    """However members are spelled, and what the record lacks is taken from around it."""
    assert read_queried(row) == read_record(INSIDE)


def test_a_record_of_another_service_is_none_of_ours() -> None:
    """Its type is a name that no rule knows."""
    row = OUTSIDE | {"auditData": INSIDE | {"RecordType": "exchangeItem"}}

    assert read_queried(row) is None


@pytest.mark.parametrize("row", [{}, {"auditData": None}, {"auditData": "text"}, {"auditData": {}}])
def test_a_record_that_lacks_what_all_have_is_odd(row: dict[str, Any]) -> None:
    """It is refused, and never passes for one that says nothing."""
    with pytest.raises((KeyError, TypeError, ValueError)):
        read_queried(row)
