"""What a record of the audit log says, as far as it can bear on connectors.

Two generations of records are written. The newer (record type 256) tells its facts as pairs of name
and value and names activities like code (``PutConnection``); the older tells them at the top, or as
a document inside a string, and names activities in words. No list of all names is published, so
they are read by the words they consist of, and what no rule knows is kept as ``other``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from connectory.domain.identity import connector_key, environment_key, parse_time
from connectory.domain.json_document import Unreadable, parse

Noun = Literal["connector", "connection", "flow", "app"]
Action = Literal["created", "edited", "saved", "deleted", "shared", "unshared", "launched", "other"]
"""saved: created or edited, the log does not say which. shared: a permission was given or changed."""

OF_POWER_PLATFORM = frozenset({30, 45, 46, 187, 256})
"""Record types that tell of flows, apps, connectors and connections."""

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
_NOUNS: tuple[tuple[Noun, frozenset[str]], ...] = (
    ("connection", frozenset({"connection", "connections"})),
    ("connector", frozenset({"connector", "connectors", "api", "apis"})),
    ("flow", frozenset({"flow", "flows"})),
    ("app", frozenset({"app", "apps"})),
)
_OF_TYPE: Mapping[int, Noun] = {30: "flow", 45: "app", 46: "app"}
_SHARING = frozenset({"permission", "permissions", "role", "share", "shared", "owner"})
_ACTIONS: tuple[tuple[Action, frozenset[str]], ...] = (
    ("deleted", frozenset({"delete", "deleted", "remove", "removed"})),
    ("launched", frozenset({"launch", "launched"})),
    ("saved", frozenset({"put", "upsert"})),
    ("created", frozenset({"create", "created", "add", "added", "new", "post", "import"})),
    (
        "edited",
        frozenset({"edit", "edited", "update", "updated", "patch", "modify", "publish", "set"}),
    ),
)
_MOST_BYTES = 100_000
_TYPES: Mapping[str, int] = {
    "microsoftflow": 30,
    "powerappsapp": 45,
    "powerappsplan": 46,
    "powerappsresource": 187,
    "powerplatformadministratoractivity": 256,
}
_OUTSIDE: Mapping[str, str] = {
    "CreationTime": "createdDateTime",
    "Id": "id",
    "Operation": "operation",
    "RecordType": "auditLogRecordType",
}
_MEMBERS = {
    name.casefold(): name
    for name in (*_OUTSIDE, "AdditionalInfo", "JsonPropertiesCollection", "PropertyCollection")
}
_ROBOT = "serviceprincipal_"


@dataclass(frozen=True, slots=True)
class AuditEvent:
    """One thing somebody did.

    Attributes:
        id: Of the record, case-folded; repeated where the record is handed out twice.
        noun: What it was done to; None where no rule knows.
        environment_key: Where, case-folded; None where the record does not say.
        target_key: Its name, case-folded.
        connector_key: The connector it is about, where the record says.
        actor: Sign-in name of a person or client id of an application, case-folded.
        succeeded: None where the record does not say.
    """

    id: str
    at: datetime
    record_type: int
    operation: str
    noun: Noun | None
    action: Action
    environment_key: str | None
    target_key: str | None
    connector_key: str | None
    actor: str | None
    succeeded: bool | None


def read_record(record: Mapping[str, Any]) -> AuditEvent | None:
    """Return what a record says; None if it is of another service than the Power Platform.

    Raises:
        KeyError: It lacks what every record has.
        TypeError: It is no object, or its id no text.
        ValueError: Its time is none.
    """
    kind = int(record["RecordType"])
    if kind not in OF_POWER_PLATFORM:
        return None
    at = parse_time(record["CreationTime"])
    if at is None:
        raise ValueError("a record of the audit log has no time")
    operation, identity = str(record["Operation"]), record["Id"]
    if not isinstance(identity, str) or not identity:
        raise TypeError("a record of the audit log has no id")
    told = dict(_pairs(record))
    noun, action = _meaning(operation, kind)
    connector = _first(told, "connector.id", "connector.name", "api.id", "api.name", "connectorid")
    target = _target(told, noun, connector)
    return AuditEvent(
        id=identity.casefold(),
        at=at,
        record_type=kind,
        operation=operation,
        noun=noun,
        action=action,
        environment_key=_key(
            _first(told, "environment.id", "environmentid", "environment.name", "environmentname")
        ),
        target_key=target,
        connector_key=connector_key(connector) if connector else None,
        actor=_actor(told),
        succeeded=_succeeded(told),
    )


def read_queried(row: Mapping[str, Any]) -> AuditEvent | None:
    """Return what a record says that a query of the log was answered with.

    The record is inside the row, whose own members repeat what every record has. Types of records
    have names there, and whoever reads rows by a schema spells members in another case.

    Raises:
        KeyError: It lacks what every record has.
        TypeError: It is no object, or its id no text.
        ValueError: Its time is none, or its type no number.
    """
    inside = row["auditData"]
    if not isinstance(inside, Mapping):
        raise TypeError("a record of the audit log is no object")
    record: dict[str, Any] = {}
    for member, value in inside.items():
        record[_MEMBERS.get(str(member).casefold()) or str(member)] = value
    for name, outside in _OUTSIDE.items():
        if record.get(name) is None:
            record[name] = row[outside]
    kind = record["RecordType"]
    if isinstance(kind, str) and not kind.isdecimal():
        known = _TYPES.get(kind.casefold())
        if known is None:
            return None
        record["RecordType"] = known
    return read_record(record)


def _meaning(operation: str, kind: int) -> tuple[Noun | None, Action]:
    """Return noun and action by the words of an activity's name."""
    words = {word.casefold() for word in _WORD.findall(operation)}
    noun = next((noun for noun, named in _NOUNS if words & named), _OF_TYPE.get(kind))
    action: Action = next((action for action, named in _ACTIONS if words & named), "other")
    if words & _SHARING:
        action = "unshared" if action == "deleted" else "shared"
    return noun, action


def _pairs(record: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield every fact of a record by its name, case-folded: the more specific ones later."""
    yield from _scalars(record)
    for name in ("AdditionalInfo", "JsonPropertiesCollection"):
        inside = record.get(name)
        if isinstance(inside, str) and inside:
            more = parse(inside.encode("utf-8", "replace"), max_bytes=_MOST_BYTES)
            yield from () if isinstance(more, Unreadable) else _scalars(more[0])
    listed = record.get("PropertyCollection")
    for pair in listed if isinstance(listed, list) else ():
        if isinstance(pair, Mapping) and pair.get("Value") is not None:
            yield str(pair.get("Name")).casefold(), str(pair["Value"])


def _scalars(document: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, value in document.items():
        if isinstance(value, str | int | bool):
            yield name.casefold(), str(value)


def _first(told: Mapping[str, str], *ends: str) -> str | None:
    """Return the first value whose name is, or ends in, one of these, in their order."""
    for end in ends:
        for name, value in told.items():
            if value and (name == end or name.endswith(f".{end}")):
                return value
    return None


def _target(told: Mapping[str, str], noun: Noun | None, connector: str | None) -> str | None:
    if noun is None:
        return None
    if noun == "connector":
        name = connector or _first(told, "objectid", "resourceid", "resource.id")
        return connector_key(name) if name else None
    own = _first(told, f"{noun}.id", f"{noun}id", f"{noun}.name")
    return _key(own or _first(told, "objectid", "resourceid", "resource.id"))


def _key(raw: str | None) -> str | None:
    return environment_key(raw) or None if raw else None


def _actor(told: Mapping[str, str]) -> str | None:
    name = (told.get("userid") or told.get("enduser.principal_name") or "").strip().casefold()
    return name.removeprefix(_ROBOT) or None


def _succeeded(told: Mapping[str, str]) -> bool | None:
    said = _first(told, "operation.is_successful", "resultstatus")
    if said is None:
        return None
    return said.casefold() in {"true", "succeeded", "success", "partiallysucceeded"}
